/*
 * profiles.h - certificate profiles as data: what may be applied for, by whom, with which names and
 * keys (P3-20, P3-31, P3-43, P3-44).
 *
 * A profile is one JSON document (docs/operations.md, "Certificate profiles"). Every version that
 * was ever loaded stays in the table `profile`; a certificate points at the one it was issued
 * under. A struct profile is immutable but for `active` and lives as long as the process: a version
 * is read once and kept. Some of tx's arena is used meanwhile.
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "features/profiles/profiles_data.h"

struct tx;
struct audit_by;

/* A version, or with 0 the current one. E_ABSENT "profile-unknown". */
enum err profiles_get(struct tx *tx, struct str name, uint32_t version,
                      const struct profile **out) MUST_CHECK;
/*
 * What a person with these roles may apply for: the profile's service is in the tenant's contract,
 * a role is admitted, the current version is active. Ordered by name.
 */
enum err profiles_for(struct tx *tx, struct tenant_id tenant, uint32_t roles,
                      const struct profile ***out, size_t *n) MUST_CHECK;
/* The current version of every profile, retired ones as well. Ordered by name. */
enum err profiles_all(struct tx *tx, const struct profile ***out, size_t *n) MUST_CHECK;

/* Is the profile's service in the tenant's contract? */
enum err profiles_contract(struct tx *tx, struct tenant_id tenant, const struct profile *p,
                           bool *yes) MUST_CHECK;
/* The versions of a profile, newest first, at most 100. */
struct profiles_version {
    uint32_t version;
    struct timestamp loaded_at;
    struct str loaded_by;
};
enum err profiles_versions(struct tx *tx, struct str name, struct profiles_version **out,
                           size_t *n) MUST_CHECK;

/* The field of that name, or NULL. */
const struct profiles_field *profiles_field(const struct profile *p, struct str name);
/* Lets its subscriber in here as an LRA operator: nobody may get such a key for somebody else. */
#define PROFILES_OPERATOR "lra-operator"

/*
 * Names of a certificate from the values of an application. E_INPUT with a reason of
 * profiles_reasons.h and the field at fault in *field (the first one): missing, unknown, repeated,
 * too long, of a wrong form, deceptive characters, scripts mixed in a word (UTS #39 5.1).
 */
enum err profiles_compose(const struct profile *p, const struct profiles_value *values, size_t n,
                          struct arena *a, struct name *subject, struct x509_san **san,
                          size_t *san_n, struct str *field) MUST_CHECK;

/* Something that was found about an application. */
struct profiles_finding {
    struct str code;   /* a reason of profiles_reasons.h */
    struct str field;  /* "" when it is not about one */
    struct str detail; /* the value at fault or what it collides with, for people; may be "" */
    bool refuses;      /* false: a note for the reviewer */
};

/* Everything that profiles_compose() would refuse, at once, with its field. */
enum err profiles_judge(struct tx *tx, const struct profile *p, const struct profiles_value *values,
                        size_t n, struct profiles_finding **out, size_t *found) MUST_CHECK;
/*
 * Names outside of what the tenant may have certified (tenant_namespace): mail addresses, DNS names
 * (also in URIs), addresses, O (the customer's name where none is registered). Each with its field;
 * all refuse (BR 1.3.2: enforced, not agreed).
 */
enum err profiles_namespace(struct tx *tx, struct tenant_id tenant, const struct profile *p,
                            const struct profiles_value *values, size_t n,
                            struct profiles_finding **out, size_t *found) MUST_CHECK;
/*
 * The key: x509_key_check(), kind taken by the profile, blocked_key (compromised, weak), used
 * already: by somebody else refuses, by the same person is a note, and refuses where the profile
 * renews with new keys only.
 */
enum err profiles_key(struct tx *tx, const struct profile *p, struct bytes spki,
                      struct tenant_id tenant, struct account_id account,
                      struct profiles_finding **out, size_t *found) MUST_CHECK;

/*
 * Values for the fields with a `from`, as the form is filled at first: of the subscriber (0: none)
 * and of the tenant. Fields that are `fixed` must equal them; profiles_own() says which do not.
 */
enum err profiles_prefill(struct tx *tx, const struct profile *p, struct tenant_id tenant,
                          struct account_id subscriber, struct profiles_value **out,
                          size_t *n) MUST_CHECK;
enum err profiles_own(struct tx *tx, const struct profile *p, struct tenant_id tenant,
                      struct account_id subscriber, const struct profiles_value *values, size_t n,
                      struct profiles_finding **out, size_t *found) MUST_CHECK;

/*
 * Check a document as of `now` and make the profile, in `a`. E_INPUT: the reason names the rule
 * ("profile-…"), the fault's detail the JSON path and the clause.
 */
enum err profiles_check(struct arena *a, struct bytes json, struct timestamp now,
                        struct profile *out) MUST_CHECK;
/*
 * The longest validity of a class on that day, in days (BR 6.3.2, SBR 6.3.2). A profile that was
 * loaded under an older limit is no longer active.
 */
int64_t profiles_days_max(enum profiles_class class, struct timestamp now);
/*
 * Check and store as the next version, with its audit row. The same document again changes nothing
 * and gives its version; of a retired profile it makes it active again.
 */
enum err profiles_load(struct tx *tx, const struct audit_by *by, struct bytes json,
                       uint32_t *version) MUST_CHECK;
/* No more applications. E_ABSENT "profile-unknown", E_STATE "profile-retired". */
enum err profiles_retire(struct tx *tx, const struct audit_by *by, struct str name) MUST_CHECK;

/*
 * Nobody gets a certificate for this key again. Reason "compromised" or "weak". Done already is
 * E_OK. The caller writes the audit row.
 */
enum err profiles_block_key(struct tx *tx, struct bytes spki, const char *reason) MUST_CHECK;
/*
 * One line of a list of keys: 20 hex digits (a modulus as in Debian's openssl-blacklist: weak), 64
 * (SHA-256 of a SubjectPublicKeyInfo: blocked for that reason), "#…" and empty ones are passed
 * over. E_INPUT "key-list" for anything else. The caller writes the audit row.
 */
enum err profiles_block_line(struct tx *tx, struct str line, const char *reason,
                             bool *taken) MUST_CHECK;
