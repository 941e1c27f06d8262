/*
 * authority_ceremony_work.h - how authorities are made and retired by several people, for shomeictl
 * (P3-54, P3-64, P3-104, P3-108; DESIGN section 5).
 *
 *   plan       a system administrator asks for it
 *   approve    the system manager agrees
 *   make_key   two other system administrators make the key; an authority of ours then certifies it
 *   request, install   the same when its issuer is somebody else's
 *   retire     two other system administrators end its issuing; lists and OCSP go on
 *
 * The caller has checked the roles and the one-time codes of the seats. That nobody fills two of
 * them is checked here and by the schema: E_DENIED "seat-taken". Every step writes its audit row.
 */
#pragma once

#include "features/authority/authority_work.h"
#include "sign/keys.h"

struct audit_by;

/* What is to be made. */
struct authority_ceremony_order {
    struct str name;        /* [a-z0-9-], 2 to 40: in its URLs */
    struct str parent;      /* an authority of ours; "": self-signed; "external": somebody else's */
    struct str common_name; /* O and C are the provider's */
    enum key_kind key;
    uint32_t crl_days;  /* 1 to 10 (BR 7.2); an authority above others: to 365 */
    uint32_t crl_parts; /* partitions of its lists, 0 to 256 */
};

struct authority_ceremony_seats {
    struct account_id first, second;
};

/* What works on keys gets these. Borrowed. */
struct authority_ceremony_means {
    struct db *db;
    struct hsm *ca, *status; /* writable where keys are made */
    struct arena *arena;
    struct authority_plan plan;
    const struct audit_by *by;
};

/* E_INPUT with a reason; E_CONFLICT "authority-exists", "ceremony-open"; E_STATE
 * "authority-absent" for a parent that is not active or may not have authorities below it. */
enum err authority_ceremony_plan(struct tx *tx, const struct audit_by *by,
                                 struct account_id requester,
                                 const struct authority_ceremony_order *order) MUST_CHECK;
/* Plan the retirement. E_STATE "authority-absent" when it is not active. */
enum err authority_ceremony_plan_retire(struct tx *tx, const struct audit_by *by,
                                        struct account_id requester, struct str name) MUST_CHECK;
/* E_STATE "ceremony-state" when none waits for that, here and below. */
enum err authority_ceremony_approve(struct tx *tx, const struct audit_by *by,
                                    struct account_id approver, struct str name) MUST_CHECK;
enum err authority_ceremony_cancel(struct tx *tx, const struct audit_by *by,
                                   struct str name) MUST_CHECK;
/* Make the key and, unless external, certificate, OCSP responder and first lists. A broken run is
 * continued by the next. */
enum err authority_ceremony_make_key(const struct authority_ceremony_means *m, struct str name,
                                     struct authority_ceremony_seats seats) MUST_CHECK;
/* The certificate request (PKCS#10) for the issuer of an external authority. */
enum err authority_ceremony_request(const struct authority_ceremony_means *m, struct str name,
                                    struct authority_ceremony_seats seats,
                                    struct bytes *csr) MUST_CHECK;
/*
 * Install what that issuer has made: certificates from the authority's own to the self-signed one.
 * E_INPUT "install-…": another key or name, not an authority, a chain that does not hold.
 */
enum err authority_ceremony_install(const struct authority_ceremony_means *m, struct str name,
                                    struct authority_ceremony_seats seats,
                                    const struct bytes *chain, size_t n) MUST_CHECK;
enum err authority_ceremony_retire(struct tx *tx, const struct audit_by *by, struct str name,
                                   struct authority_ceremony_seats seats) MUST_CHECK;
/* More partitions for its lists. E_INPUT "crl-parts" unless it grows, to 256 at most. */
enum err authority_ceremony_parts(struct tx *tx, const struct audit_by *by, struct str name,
                                  uint32_t parts) MUST_CHECK;

/* Authorities, one a line of text; with a name that one, its certificate and its ceremonies. */
struct authority_ceremony_row {
    struct str text;
};
enum err authority_ceremony_list(struct tx *tx, struct str name,
                                 struct authority_ceremony_row **out, size_t *n) MUST_CHECK;

/* Does the certificate chain hold, from an authority's own up to a self-signed one? E_INPUT. For
 * tests; install checks it itself. */
enum err authority_ceremony_chain(struct arena *a, const struct bytes *chain, size_t n,
                                  struct timestamp now) MUST_CHECK;
