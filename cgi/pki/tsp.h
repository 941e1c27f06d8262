/* tsp.h - RFC 3161 timestamps with ESSCertIDv2 (RFC 5816): the server's side and the client's. */
#pragma once

#include "pki/cms.h"

/* PKIFailureInfo bit numbers (RFC 3161 2.4.2). */
enum tsp_failure {
    TSP_BAD_ALG = 0,
    TSP_BAD_REQUEST = 2,
    TSP_BAD_DATA_FORMAT = 5,
    TSP_TIME_NOT_AVAILABLE = 14,
    TSP_UNACCEPTED_POLICY = 15,
    TSP_UNACCEPTED_EXTENSION = 16,
    TSP_ADD_INFO_NOT_AVAILABLE = 17,
    TSP_SYSTEM_FAILURE = 25,
};

enum { TSP_MAX_REQUEST = 2048, TSP_MAX_NONCE = 32 };

struct tsp_request {
    enum oid hash;                  /* OID_SHA256, OID_SHA384, OID_SHA512 */
    struct bytes imprint_algorithm; /* whole AlgorithmIdentifier, echoed */
    struct bytes imprint;
    struct bytes policy; /* OID contents, absent when none was asked for */
    struct bytes nonce;  /* INTEGER contents as sent, absent when none */
    bool want_certs;
};

/* Parse. On E_INPUT, *failure says what to answer. Borrowed slices. */
enum err tsp_request_parse(struct bytes der, struct tsp_request *out,
                           enum tsp_failure *failure) MUST_CHECK;
/* Client side: a request with certReq true. */
struct bytes tsp_request_build(enum oid hash, struct bytes imprint, struct bytes nonce,
                               struct arena *a);

/* The authority: prepared once, used for each token. Opaque; encodes all constant parts. */
struct tsp_authority;
struct tsp_authority_params {
    struct signer signer;
    struct bytes cert;         /* DER of the TSA certificate */
    const struct bytes *chain; /* further certificates, added when certReq is set */
    size_t chain_n;
    struct str policy;    /* dotted OID of the TSA policy */
    uint32_t accuracy_ms; /* 0: not stated */
};
enum err tsp_authority_new(const struct tsp_authority_params *p,
                           struct tsp_authority **out) MUST_CHECK;
void tsp_authority_free(struct tsp_authority *t);

/* A granted answer. E_INPUT with *failure when the policy asked for is not ours. */
enum err tsp_grant(const struct tsp_authority *t, const struct tsp_request *rq, struct bytes serial,
                   struct timestamp when, struct arena *a, struct bytes *response,
                   enum tsp_failure *failure) MUST_CHECK;
/* A rejection with status text. */
struct bytes tsp_reject(enum tsp_failure failure, const char *text, struct arena *a);

/* A token as its client sees it. */
struct tsp_token {
    struct bytes der; /* the TimeStampToken (ContentInfo) */
    struct cms cms;
    enum oid hash;
    struct bytes imprint;
    struct bytes serial; /* unsigned */
    struct bytes policy; /* OID contents */
    struct timestamp time;
    struct bytes nonce; /* INTEGER contents, absent when none */
};

/* The token out of a TimeStampResp. E_BACKEND "tsa-refused" when it is a rejection. */
enum err tsp_response_token(struct bytes response, struct bytes *token) MUST_CHECK;
/* Read a token; nothing is verified yet. E_INPUT "timestamp-malformed". */
enum err tsp_token_parse(struct bytes der, struct tsp_token *out) MUST_CHECK;
/*
 * Verify it against the imprint of the data: hash and digest equal, signature, critical and sole
 * EKU timeStamping, ESSCertID. `signer` receives the TSA certificate, taken from the token or from
 * `extra`. Its path is the caller's to check at t->time (path.h). E_INPUT "timestamp-invalid",
 * "timestamp-imprint", "timestamp-signer".
 */
enum err tsp_token_verify(const struct tsp_token *t, enum oid hash, struct bytes imprint,
                          const struct bytes *extra, size_t extra_n, struct arena *a,
                          struct x509 *signer) MUST_CHECK;
