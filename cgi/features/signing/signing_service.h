/*
 * signing_service.h - what needs keys or the outside world: setting up, encrypted documents,
 * signing, PINs, new credentials. Part of signing.h; implemented in the work files, works after
 * signing_setup().
 */
#pragma once

#include "features/signing/signing_credential.h"

struct db;
struct hsm;
struct name;
struct pdf_seal_place;
struct pdf_source;
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

/* By what the timestamps made here are accredited, in the operator's words; empty: nothing is said.
 */
struct str signing_tsa_label(void);

/* Encrypt and keep a file. E_INPUT with a pdf-* reason when it is not a PDF; E_LIMIT. */
enum err signing_document_store(struct tx *tx, struct signing_owner owner, struct str filename,
                                struct bytes pdf, const struct audit_by *by, struct timestamp now,
                                struct signing_document *out) MUST_CHECK;
/* Decrypt the current version into `out`. E_STATE "document-deleted"; E_BACKEND when bytes do not
 * fit. */
enum err signing_document_bytes(struct tx *tx, const struct signing_document *d,
                                struct buf *out) MUST_CHECK;

/* How the portal itself identifies a person who signs: in struct signing_assertion and the record.
 */
#define SIGNING_PORTAL_METHOD "portal-password-totp"

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
    bool ask_totp; /* portal: `totp` must be a good one-time code of the account */
    struct str totp;
    struct timestamp now;
    int certify;      /* 0: approval; else the DocMDP permission of a certification: 1, 2 or 3 */
    bool lock;        /* the last one: no field may be filled in, no signature added after it */
    struct str field; /* an empty signature field to fill; absent: the only one there is, or new */
    const struct pdf_seal_place *seals; /* visible (sign/pdf_seal.h); the first is the field's */
    size_t seals_n;
    const struct secret *password; /* of an encrypted file; NULL: none */
    /* whose document it is when it is not the signer's own: contract envelopes; NULL: owner */
    const struct signing_owner *holder;
    /* the client's word that a damaged, unsigned file may be rewritten: signing_intake_sign() alone
     */
    bool repair;
};

struct signing_receipt {
    struct str
        record; /* public id of the signature record: receipt number, and job id of the API */
    struct str document; /* public id */
    bool replayed;       /* the result of an earlier request with the same idempotency key */
};

/*
 * Sign a stored document: its current version is replaced by the signed one, whole or not at all.
 * Refusals: E_AUTH "pin-wrong", "totp-wrong"; E_STATE "credential-locked", "credential-hold",
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

#include "features/signing/signing_kinds.h"

/*
 * Count one request of a client and hold it to the limits of its contract: E_LIMIT "rate-limit"
 * (with the seconds to wait in *retry_s) or "document-too-large".
 */
enum err signing_client_admit(struct tx *tx, struct client_id id, uint64_t size,
                              struct timestamp now, uint32_t *retry_s) MUST_CHECK;

/* Change the PIN: the old one is proven first, wrong ones count. E_AUTH, E_STATE, E_INPUT
 * "pin-weak". */
enum err signing_pin_change(struct tx *tx, struct signing_owner owner, struct str credential,
                            const struct secret *old_pin, const struct secret *new_pin,
                            const struct audit_by *by, struct timestamp now) MUST_CHECK;

/* E_OK when the HSM can be used; logs why not. */
enum err signing_hsm_ready(void) MUST_CHECK;

/*
 * Generate a key in the HSM and request a certificate for it through the authority slice, in this
 * transaction; the worker issues it. A person's (account set) needs a PIN; a seal (account and
 * client 0) has none. `key_kind` as in the table: "rsa2048", "rsa3072", "p256", "p384".
 */
enum err signing_credential_make(struct tx *tx, struct signing_owner owner, struct str label,
                                 struct str key_kind, const struct secret *pin,
                                 struct str common_name, struct str organisation,
                                 const struct audit_by *by, struct timestamp now,
                                 struct str *public_id) MUST_CHECK;

/*
 * Only the key, with a request that it signed: for an application that somebody reviews. Nothing is
 * stored; see signing_credential_adopt(). E_INPUT "pin-required", "pin-weak" for a person.
 */
enum err signing_key_make(struct tx *tx, struct signing_owner owner, struct str key_kind,
                          const struct secret *pin, const struct name *subject,
                          struct signing_made_key *out) MUST_CHECK;

/* The mail to a person whose key signed; its words come from the pages. */
struct signing_notice {
    struct tenant_id tenant;
    struct account_id account;
    struct str to, lang, portal; /* filled by signing_notice_reader(); portal: URL, ends in "/" */
    struct str subject, text;
};
enum err signing_notice_reader(struct tx *tx, struct signing_notice *n) MUST_CHECK;
enum err signing_notice_queue(struct tx *tx, const struct signing_notice *n) MUST_CHECK;
