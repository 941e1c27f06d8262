/*
 * signing_credential.h - signing keys and the API clients that may use them (P3-24). Part of
 * signing.h.
 */
#pragma once

#include "features/signing/signing.h"

/* --- credentials --- */

enum signing_credential_state {
    SIGNING_CREDENTIAL_ACTIVE,
    SIGNING_CREDENTIAL_HOLD,   /* not to be used while its data is in doubt (P3-147) */
    SIGNING_CREDENTIAL_LOCKED, /* too many wrong PINs */
    SIGNING_CREDENTIAL_REVOKED,
    SIGNING_CREDENTIAL_STATE__MAX
};
const char *signing_credential_state_name(enum signing_credential_state s);

struct signing_credential {
    struct credential_id id;
    struct str public_id, label, key_kind;
    struct account_id account; /* 0: an organisation's seal */
    struct tenant_id tenant;
    bool pin_bound;
    enum signing_credential_state state;
    uint32_t pin_failures, pin_left;
    struct timestamp created, pin_changed;
    struct certificate_id certificate;
    struct bytes key_blob, spki;
    struct bytes32 key_id;
};

/* A person's credentials, the seals of a client, or (neither set) of the tenant; newest first. */
enum err signing_credential_list(struct tx *tx, struct signing_owner owner,
                                 struct signing_credential **rows, size_t *n) MUST_CHECK;
/*
 * The credential, if `owner` may use it: an account its own; a client its seals, and where its
 * contract says so the credentials of its tenant's people (P3-24). E_ABSENT otherwise.
 */
enum err signing_credential_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                                 struct signing_credential *out) MUST_CHECK;
/* Whose it is, for the worker's mail to that person; a seal has no account. E_ABSENT. */
enum err signing_credential_holder(struct tx *tx, struct str public_id,
                                   struct signing_owner *out) MUST_CHECK;
/* Put a credential on hold or release it, with a reason code (P3-147). E_STATE when not possible.
 */
enum err signing_credential_hold(struct tx *tx, struct tenant_id tenant, struct str public_id,
                                 bool hold, struct str reason,
                                 const struct audit_by *by) MUST_CHECK;

/* What a page or the API tells about the certificate of a credential. */
struct signing_certificate {
    struct str subject, serial;
    struct timestamp not_before, not_after;
    struct str state; /* "good", "hold", "revoked", "expired", "pending", "refused" */
};
struct authority_certificate;
/* The word for its state at `now`. */
struct str signing_certificate_state(const struct authority_certificate *c, struct timestamp now);
enum err signing_credential_certificate(struct tx *tx, const struct signing_credential *c,
                                        struct timestamp now,
                                        struct signing_certificate *out) MUST_CHECK;

/* A new key of the signing token, wrapped and, for a person, sealed with the PIN. */
struct signing_made_key {
    struct str public_id; /* of the credential it will be */
    struct str key_kind;
    struct bytes blob, spki;
    struct bytes csr; /* signed by the key: proof of possession */
};
/* Make the key into a credential of `owner`, with the certificate that is asked for or issued. */
enum err signing_credential_adopt(struct tx *tx, struct signing_owner owner, struct str label,
                                  const struct signing_made_key *key,
                                  struct certificate_id certificate, const struct audit_by *by,
                                  struct timestamp now) MUST_CHECK;

/* A certificate was renewed with the same key: its credential, if there is one, goes on with the
 * new one. The caller writes the audit row. */
enum err signing_credential_renewed(struct tx *tx, struct tenant_id tenant,
                                    struct certificate_id old,
                                    struct certificate_id renewed) MUST_CHECK;

/* --- API clients --- */

struct signing_client {
    struct client_id id;
    struct tenant_id tenant;
    struct str name;
    bool personal;
    uint32_t assertion_level, per_minute;
    uint64_t max_bytes;
};

/*
 * Whose connection certificate this is, asked anew for each request: E_AUTH with a reason of
 * authority_client_certificate(), or "client-unknown", "client-suspended", "client-revoked". `pem`
 * is the certificate that nginx verified.
 */
enum err signing_client_by_certificate(struct tx *tx, struct str pem, struct timestamp now,
                                       struct signing_client *out) MUST_CHECK;
/* The client itself; E_ABSENT. */
enum err signing_client_get(struct tx *tx, struct client_id id,
                            struct signing_client *out) MUST_CHECK;
/* Register a client with its connection certificate (of the authority's profile "client"). */
enum err signing_client_make(struct tx *tx, struct tenant_id tenant, struct str name,
                             struct certificate_id certificate, bool personal,
                             uint32_t assertion_level, const struct audit_by *by,
                             struct timestamp now, struct client_id *out) MUST_CHECK;
/* Let the client use a seal of its tenant. */
enum err signing_client_allow(struct tx *tx, struct client_id client, struct str credential,
                              const struct audit_by *by) MUST_CHECK;
