/*
 * signing.h - remote signing: credentials, documents that are held for at most 8 hours, signatures
 * and the record of them, API clients. Pages and API of this slice, and other slices, see only
 * this.
 *
 * Rules (signing.c, signing_store.c) need a database; functions of the second part need keys or the
 * outside world too and live in signing_*work.c: they work after signing_setup().
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "base/secret.h"
#include "features/audit/audit.h"

struct tx;
struct json;

enum signing_level { SIGNING_ES, SIGNING_ES_T, SIGNING_ES_LT, SIGNING_ES_A, SIGNING_LEVEL__MAX };
/* "ES", "ES-T", "ES-LT", "ES-A"; parse gives E_INPUT "level-unknown". */
const char *signing_level_name(enum signing_level level);
enum err signing_level_parse(struct str name, enum signing_level *out) MUST_CHECK;

/* Whose documents and records: exactly one of account and client is set. */
struct signing_owner {
    struct tenant_id tenant;
    struct account_id account;
    struct client_id client;
};

/* --- documents --- */

enum signing_document_state { SIGNING_UPLOADED, SIGNING_SIGNED, SIGNING_DELETED };

struct signing_document {
    struct document_id id;
    struct str public_id;
    struct str filename; /* absent once erased */
    uint64_t size;
    struct bytes32 digest;
    uint32_t version; /* 0: as uploaded, then the number of signatures made here */
    enum signing_document_state state;
    struct timestamp created, delete_at, deleted_at;
    struct bytes wrapped_key;
};

enum signing_order { SIGNING_BY_TIME, SIGNING_BY_NAME, SIGNING_BY_DEADLINE };

struct signing_filter {
    struct str name; /* part of the file name; empty: any */
    int state;       /* a signing_document_state, or -1 for what is still held */
    enum signing_order order;
    uint32_t offset, limit; /* limit <= 50 */
};

enum err signing_document_list(struct tx *tx, struct signing_owner owner,
                               const struct signing_filter *f, struct signing_document **rows,
                               size_t *n, uint64_t *total) MUST_CHECK;
/* E_ABSENT when it is not the owner's, or unknown. */
enum err signing_document_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                               struct signing_document *out) MUST_CHECK;
/* Erase now: key, name and bytes. E_STATE "document-deleted" when that is done already. */
enum err signing_document_erase(struct tx *tx, struct signing_owner owner, struct str public_id,
                                const struct audit_by *by, struct timestamp now) MUST_CHECK;

/* --- credentials --- */

enum signing_credential_state {
    SIGNING_CREDENTIAL_PENDING, /* no certificate yet */
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
    struct certificate_id certificate; /* 0 while pending */
    struct bytes key_blob, spki;
    struct bytes32 key_id;
};

/* A person's credentials, or the seals of a client; newest first. */
enum err signing_credential_list(struct tx *tx, struct signing_owner owner,
                                 struct signing_credential **rows, size_t *n) MUST_CHECK;
/*
 * The credential, if `owner` may use it: an account its own; a client its seals, and where its
 * contract says so the credentials of its tenant's people (P3-24). E_ABSENT otherwise.
 */
enum err signing_credential_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                                 struct signing_credential *out) MUST_CHECK;
/* Put a credential on hold or release it, with a reason code (P3-147). E_STATE when not possible.
 */
enum err signing_credential_hold(struct tx *tx, struct tenant_id tenant, struct str public_id,
                                 bool hold, struct str reason,
                                 const struct audit_by *by) MUST_CHECK;

/* What a page or the API tells about the certificate of a credential. */
struct signing_certificate {
    struct str subject, issuer, serial;
    struct timestamp not_before, not_after;
    struct str state; /* "good", "hold", "revoked", "expired", "pending" */
};
enum err signing_credential_certificate(struct tx *tx, const struct signing_credential *c,
                                        struct timestamp now,
                                        struct signing_certificate *out) MUST_CHECK;

/* --- signature records, kept 7 years --- */

struct signing_record {
    struct signature_id id;
    struct str public_id, level, outcome, reason_code;
    struct timestamp requested, finished, keep_until;
    uint64_t size_in, size_out;
    struct bytes32 digest_in, digest_out, key_id;
    struct str certificate_serial; /* hexadecimal */
    struct str credential;         /* public id; absent when none was found */
    struct str tsa, tsa_serial, archive_serial;
    struct timestamp tsa_time, archive_time;
    struct str auth_method, request_id;
    uint32_t auth_level;
    struct timestamp auth_at;
    struct document_id document;
    struct str document_public; /* absent when none */
    bool document_held;         /* its bytes are still there */
    struct timestamp delete_at;
};

enum err signing_record_list(struct tx *tx, struct signing_owner owner, uint32_t offset,
                             uint32_t limit, struct signing_record **rows, size_t *n,
                             uint64_t *total) MUST_CHECK;
enum err signing_record_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                             struct signing_record *out) MUST_CHECK;

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
 * Whose connection certificate this is, asked anew for each request: E_AUTH "client-unknown",
 * "client-revoked", "client-expired", "client-suspended". `der` is the certificate nginx verified.
 */
enum err signing_client_by_certificate(struct tx *tx, struct bytes der, struct timestamp now,
                                       struct signing_client *out) MUST_CHECK;

/* --- what needs keys or the outside: signing_*work.c --- */

struct db;
struct hsm;
struct pdf_trust;
struct settings;

/*
 * Once per process after the fork. `side` is a second connection, for what must be committed even
 * when the request fails (wrong PINs, failed records); `hsm` may be absent (NULL) while it is down:
 * then all that needs it is E_BACKEND "hsm-unavailable". Reads gateway.*, tsa.*, signing.*,
 * retention.* and the trust anchors. Everything passed lives as long as the process.
 */
enum err signing_setup(const struct settings *settings, struct db *side,
                       struct hsm *hsm) MUST_CHECK;
void signing_teardown(void);

/* Encrypt and keep a file. E_INPUT with a pdf-* reason when it is not a PDF; E_LIMIT. */
enum err signing_document_store(struct tx *tx, struct signing_owner owner, struct str filename,
                                struct bytes pdf, const struct audit_by *by, struct timestamp now,
                                struct signing_document *out) MUST_CHECK;
/* Decrypt the current version into `out`. E_STATE "document-deleted"; E_BACKEND when bytes do not
 * fit. */
enum err signing_document_bytes(struct tx *tx, const struct signing_document *d,
                                struct buf *out) MUST_CHECK;

/* How the person was identified (P3-23, P3-45). */
struct signing_assertion {
    struct str method; /* "portal-totp", or what the client's system says */
    uint32_t level;    /* 1 one factor, 2 two factors or equivalent, 3 hardware-bound */
    struct timestamp at;
};

struct signing_request {
    struct signing_owner owner;
    struct audit_by by;
    struct str credential;    /* public id */
    const struct secret *pin; /* NULL where the credential has none */
    enum signing_level level;
    struct str reason, location, contact;
    struct signing_assertion assertion;
    struct timestamp now;
};

struct signing_receipt {
    struct str
        record; /* public id of the signature record: receipt number, and job id of the API */
    struct str document; /* public id */
    bool replayed;       /* the result of an earlier request with the same idempotency key */
};

/*
 * Sign a stored document: its current version is replaced by the signed one, whole or not at all.
 * Refusals: E_AUTH "pin-wrong"; E_STATE "credential-locked", "credential-hold",
 * "credential-pending", "credential-revoked", "certificate-revoked", "certificate-expired",
 * "certificate-hold", "certificate-issuer"; E_DENIED "assertion-level"; E_ABSENT
 * "credential-unknown"; those of pdf_sign(); E_BACKEND "tsa-unavailable", "hsm-unavailable": may be
 * tried again. A failure leaves a record of its own (in a separate transaction) and the document as
 * it was.
 */
enum err signing_sign_document(struct tx *tx, const struct signing_request *rq,
                               struct str document_public_id,
                               struct signing_receipt *out) MUST_CHECK;

/*
 * Store and sign in one step, for the API. `key` is the Idempotency-Key or absent; the same key
 * with the same request gives the first result, with another request E_CONFLICT
 * "idempotency-key-reused". The signed file is added to `signed_pdf`.
 */
enum err signing_sign_bytes(struct tx *tx, const struct signing_request *rq, struct str filename,
                            struct bytes pdf, struct str key, struct buf *signed_pdf,
                            struct signing_receipt *out) MUST_CHECK;

/* Change the PIN: the old one is proven first, wrong ones count. E_AUTH, E_STATE, E_INPUT
 * "pin-weak". */
enum err signing_pin_change(struct tx *tx, struct signing_owner owner, struct str credential,
                            const struct secret *old_pin, const struct secret *new_pin,
                            const struct audit_by *by, struct timestamp now) MUST_CHECK;

/* --- verification --- */

struct signing_verify_certificate {
    struct str subject, issuer, serial;
    struct timestamp not_before, not_after;
    struct str revocation; /* "good", "revoked", "unknown", "anchor" */
    struct timestamp revoked_at;
};

struct signing_verify_signature {
    struct str kind; /* "signature" or "document-timestamp" */
    struct str field, signer, reason, location, level, verdict, sub_indication, algorithm;
    struct timestamp claimed, timestamp, best_time;
    struct str tsa;
    bool intact, whole_file;
    uint32_t later;
    int certification;
    struct signing_verify_certificate *chain;
    size_t chain_n;
    const char **reasons; /* English sentences for the catalogue */
    const char **reason_codes;
    size_t reasons_n;
};

struct signing_verification {
    struct str verdict; /* "total-passed", "indeterminate", "total-failed", "no-signature" */
    struct bytes32 digest;
    uint64_t size;
    struct timestamp at;
    struct signing_verify_signature *signatures;
    size_t signatures_n;
};

/* Judge a PDF. E_INPUT / E_UNSUPPORTED with a pdf-* reason when it cannot be read. */
enum err signing_verify(struct bytes pdf, struct arena *a, struct timestamp now,
                        struct signing_verification *out) MUST_CHECK;
/* The same as a JSON report (caller frees). */
struct json *signing_verify_json(const struct signing_verification *v);

/* --- readiness, metrics --- */

struct signing_gauge {
    uint64_t held, overdue, erased, erased_late;
};
enum err signing_gauges(struct tx *tx, struct timestamp now, struct signing_gauge *out) MUST_CHECK;
/* E_OK when the HSM can be used; logs why not. */
enum err signing_hsm_ready(void) MUST_CHECK;

/* --- making credentials and clients (demo data, and the registration slice later) --- */

/*
 * Generate a key in the HSM and request a certificate for it through the authority slice in the
 * same transaction; the worker issues it and the credential becomes active when it is first seen
 * issued. A person's (account set) needs a PIN; a seal (account 0) has none. `key_kind` as in the
 * table: "rsa2048", "rsa3072", "p256", "p384".
 */
enum err signing_credential_make(struct tx *tx, struct signing_owner owner, struct str label,
                                 struct str key_kind, const struct secret *pin,
                                 struct str common_name, const struct audit_by *by,
                                 struct timestamp now, struct str *public_id) MUST_CHECK;
/* Register a client with its connection certificate (DER). */
enum err signing_client_make(struct tx *tx, struct tenant_id tenant, struct str name,
                             struct bytes certificate, bool personal, uint32_t assertion_level,
                             const struct audit_by *by, struct timestamp now,
                             struct client_id *out) MUST_CHECK;
/* Let the client use a seal of its tenant. */
enum err signing_client_allow(struct tx *tx, struct client_id client, struct str credential,
                              const struct audit_by *by) MUST_CHECK;

/* --- route tables (libpages, libapi) --- */

struct route;
extern const struct route signing_routes[]; /* portal: documents, records, credentials, verify */
extern const struct route signing_api_routes[]; /* signapi: /rs/v1 */
