/*
 * ocsp.h - RFC 6960 (and the RFC 5019 profile, RFC 9654 nonces): requests and answers, both sides.
 */
#pragma once

#include "pki/crl.h"

enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };
/* OCSPResponseStatus (RFC 6960 4.2.1). */
enum ocsp_outcome {
    OCSP_SUCCESSFUL = 0,
    OCSP_MALFORMED = 1,
    OCSP_INTERNAL_ERROR = 2,
    OCSP_TRY_LATER = 3,
    OCSP_SIG_REQUIRED = 5,
    OCSP_UNAUTHORIZED = 6,
};

/* Upper bounds: more is a malformed request. */
enum { OCSP_MAX_REQUEST = 4096, OCSP_MAX_CERTIDS = 8, OCSP_MAX_NONCE = 128 };

struct ocsp_certid {
    struct bytes whole; /* the CertID element, copied into the answer as it is */
    enum oid hash;      /* OID_SHA1, OID_SHA256 ...; OID__MAX when unknown */
    struct bytes name_hash, key_hash;
    struct bytes serial; /* unsigned */
};

struct ocsp_request {
    struct ocsp_certid certid[OCSP_MAX_CERTIDS];
    size_t n;
    struct bytes nonce; /* value of the nonce OCTET STRING (1..128 octets), absent when none */
};

/* Parse a request; a signature on it is ignored, as RFC 6960 4.1.2 allows. Borrowed slices. */
enum err ocsp_request_parse(struct bytes der, struct ocsp_request *out) MUST_CHECK;
/* Client side: a request for one certificate with SHA-1 CertID (what every responder knows). */
struct bytes ocsp_request_build(const struct x509 *cert, const struct x509 *issuer,
                                struct bytes nonce, struct arena *a);

struct ocsp_single {
    struct bytes certid; /* whole CertID element */
    enum ocsp_status status;
    struct timestamp revoked_at;
    uint32_t reason;
};

struct ocsp_response_request {
    const struct signer *signer;
    struct bytes responder_key_id; /* SHA-1 of the responder's key (byKey) */
    const struct bytes *certs;     /* DER certificates to include: the delegated responder's */
    size_t certs_n;
    const struct ocsp_single *single;
    size_t n;
    struct timestamp produced_at, this_update, next_update;
    struct bytes nonce;
};

enum err ocsp_response_build(const struct ocsp_response_request *r, struct arena *a,
                             struct bytes *der) MUST_CHECK;
/* The five-octet answer that carries an error and nothing else. */
struct bytes ocsp_response_error(enum ocsp_outcome outcome, struct arena *a);

/* What one answer says about one certificate. */
struct ocsp_answer {
    enum ocsp_status status;
    struct timestamp revoked_at, produced_at, this_update, next_update;
    uint32_t reason;
    struct bytes responder; /* DER of the certificate that signed: the issuer's or a delegate's */
    bool nonce_matches;     /* true also when no nonce was asked for */
};

/*
 * Client side: parse and verify an answer about `cert`, issued by `issuer`. The signature must be
 * by the issuer or by a delegate that the issuer signed and that holds id-kp-OCSPSigning (RFC 6960
 * 4.2.2.2), valid when the answer was produced. E_INPUT "ocsp-malformed", "ocsp-signature",
 * "ocsp-other-certificate"; E_BACKEND "ocsp-refused" when it carries an error status.
 * Whether it is fresh enough is the caller's to judge.
 */
enum err ocsp_response_read(struct bytes der, const struct x509 *cert, const struct x509 *issuer,
                            struct bytes nonce, struct arena *a,
                            struct ocsp_answer *out) MUST_CHECK;
