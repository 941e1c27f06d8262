/*
 * certificates_open.h - what may be done without an account: revoking with the certificate's own
 * key (docs/api.md, "Signed revocation"), and one-time links that a mail brings.
 */
#pragma once

#include "features/certificates/certificates.h"

#define CERTIFICATES_CHALLENGE_US (30 * MINUTE_US)
#define CERTIFICATES_REVOKE_LINK_US (60 * MINUTE_US)
#define CERTIFICATES_DOWNLOAD_LINK_US (7 * DAY_US)

/* A challenge: 24 random octets and an end, under a key of the programs. Nothing is stored. */
struct str certificates_challenge(struct arena *a, struct timestamp now);

/* A request as it was sent; all parts come from outside. */
struct certificates_request {
    struct str issuer;    /* RFC 4514 text, as `openssl x509 -issuer -nameopt RFC2253` prints it */
    struct str serial;    /* hexadecimal */
    struct str reason;    /* "unspecified", "keyCompromise" ... */
    struct str challenge; /* of certificates_challenge() */
    struct str signature; /* base64, of the text */
};
/*
 * The text that is signed (RSA PKCS#1 v1.5 or ECDSA, with SHA-256): five lines, each ended by a
 * line feed. Its first line is in no certificate, request or document, so no other signature of the
 * key can be taken for one of these.
 */
struct str certificates_request_text(struct arena *a, const struct certificates_request *r);

/*
 * Revoke what the request names. E_AUTH "signature-refused": unknown certificate, another key, a
 * changed word (never says which); E_STATE "challenge-over" (too old, or not ours),
 * "challenge-used"; then as certificates_revoke(). privilegeWithdrawn is not for subscribers.
 */
enum err certificates_request_revoke(struct tx *tx, const struct audit_by *by,
                                     const struct certificates_request *r, struct timestamp now,
                                     struct str *receipt) MUST_CHECK;

/*
 * Somebody asks to revoke what belongs to a mail address. A mail with a link goes there when it is
 * the registered address of a certificate in force, three an hour at most; the caller learns
 * nothing.
 */
enum err certificates_lost(struct tx *tx, const struct audit_by *by, struct str email,
                           struct timestamp now) MUST_CHECK;

struct certificates_owned {
    struct certificate_id id;
    struct tenant_id tenant;
    struct str common_name, profile, serial;
    uint32_t profile_version;
    struct timestamp not_after;
    bool suspended;
};
/* What the link's address may revoke. E_ABSENT "link-over": unknown, used, or its time is over. */
enum err certificates_lost_find(struct tx *tx, struct str token, struct timestamp now,
                                struct certificates_owned **out, size_t *n) MUST_CHECK;
/* Use the link up and revoke one of them. E_INPUT "choose" when it is none of them. */
enum err certificates_lost_revoke(struct tx *tx, const struct audit_by *by, struct str token,
                                  struct certificate_id id, uint32_t reason, struct timestamp now,
                                  struct str *receipt) MUST_CHECK;

/* Mail a one-time link for downloading to the subscriber. E_STATE "not-issued", "no-address". */
enum err certificates_send(struct tx *tx, const struct audit_by *by,
                           const struct certificates_who *who, struct certificate_id id,
                           struct timestamp now) MUST_CHECK;
/* Behind such a link. E_ABSENT "link-over". Looking uses nothing up; the download does. */
enum err certificates_send_find(struct tx *tx, struct str token, struct timestamp now,
                                struct certificates_certificate *out) MUST_CHECK;
enum err certificates_send_use(struct tx *tx, const struct audit_by *by, struct str token,
                               struct timestamp now,
                               struct certificates_certificate *out) MUST_CHECK;
