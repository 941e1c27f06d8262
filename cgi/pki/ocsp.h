/*
 * ocsp.h - the responder's side of OCSP (RFC 6960, the RFC 5019 profile, RFC 9654 nonces).
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
enum { OCSP_MAX_REQUEST = 4096, OCSP_MAX_CERTIDS = 8, OCSP_MAX_NONCE = 132 };

struct ocsp_certid {
    struct bytes whole; /* the CertID element, copied into the answer as it is */
    enum oid hash;      /* OID_SHA1, OID_SHA256 ...; OID__MAX when unknown */
    struct bytes name_hash, key_hash;
    struct bytes serial; /* unsigned */
};

struct ocsp_request {
    struct ocsp_certid certid[OCSP_MAX_CERTIDS];
    size_t n;
    struct bytes nonce; /* value of the extension, echoed as it is; absent when none */
};

/* Parse a request; a signature on it is ignored, as RFC 6960 4.1.2 allows. Borrowed slices. E_INPUT
 * "ocsp-malformed". */
enum err ocsp_request_parse(struct bytes der, struct ocsp_request *out) MUST_CHECK;

/* An issuer as CertIDs name it (RFC 6960 4.1.1), for the hashes that we answer. */
struct ocsp_issuer {
    uint8_t name_sha1[20], key_sha1[20];
    uint8_t name_sha256[32], key_sha256[32];
};
void ocsp_issuer_of(const struct x509 *issuer, struct ocsp_issuer *out);
/* Does the CertID name this issuer? */
bool ocsp_issuer_is(const struct ocsp_issuer *issuer, const struct ocsp_certid *id);

struct ocsp_single {
    struct bytes certid; /* whole CertID element */
    enum ocsp_status status;
    struct timestamp revoked_at;
    uint32_t reason;
};

struct ocsp_response {
    const struct signer *signer;
    struct bytes responder_key_id; /* SHA-1 of the responder's key (byKey) */
    struct bytes cert;             /* the delegated responder's certificate, to include */
    const struct ocsp_single *single;
    size_t n;
    struct timestamp produced_at, this_update, next_update;
    struct bytes nonce; /* from the request, absent for none */
};

/* Build and sign an answer. */
enum err ocsp_response_build(const struct ocsp_response *r, struct arena *a,
                             struct bytes *der) MUST_CHECK;
/* The five octets that carry an error and nothing else. */
struct bytes ocsp_response_error(enum ocsp_outcome outcome, struct arena *a);
