/* tsp.h - the authority's side of RFC 3161 timestamps, with ESSCertIDv2 (RFC 5816). */
#pragma once

#include "pki/x509.h"

/* PKIFailureInfo bit numbers (RFC 3161 2.4.2). */
enum tsp_failure {
    TSP_BAD_ALG = 0,
    TSP_BAD_REQUEST = 2,
    TSP_BAD_DATA_FORMAT = 5,
    TSP_TIME_NOT_AVAILABLE = 14,
    TSP_UNACCEPTED_POLICY = 15,
    TSP_UNACCEPTED_EXTENSION = 16,
    TSP_SYSTEM_FAILURE = 25,
};

enum { TSP_MAX_REQUEST = 2048, TSP_MAX_NONCE = 32 };

struct tsp_request {
    enum oid hash;                /* OID_SHA256, OID_SHA384, OID_SHA512 */
    struct bytes message_imprint; /* whole MessageImprint, echoed */
    struct bytes imprint;         /* the digest in it */
    struct bytes policy;          /* OID contents, absent when none was asked for */
    struct bytes nonce;           /* INTEGER contents as sent, absent when none */
    bool want_certs;
};

/* Parse. E_INPUT "tsp-refused", *failure says what to answer. Borrowed slices. */
enum err tsp_request_parse(struct bytes der, struct tsp_request *out,
                           enum tsp_failure *failure) MUST_CHECK;

/* The authority: prepared once, used for each token. Opaque; holds all constant parts encoded. */
struct tsp_authority;
struct tsp_params {
    struct signer signer;
    struct bytes cert;         /* DER of the TSA certificate; copied like everything here */
    const struct bytes *chain; /* further certificates, sent along when certReq is set */
    size_t chain_n;
    struct str policy;    /* dotted OID of the TSA policy */
    uint32_t accuracy_ms; /* 0: not stated */
};
enum err tsp_authority_new(const struct tsp_params *p, struct tsp_authority **out) MUST_CHECK;
void tsp_authority_free(struct tsp_authority *t);

/* A granted answer in the arena. E_INPUT with *failure when the policy asked for is not ours;
 * errors of the signer otherwise. */
enum err tsp_grant(const struct tsp_authority *t, const struct tsp_request *rq, struct bytes serial,
                   struct timestamp when, struct arena *a, struct bytes *response,
                   enum tsp_failure *failure) MUST_CHECK;
/* A rejection, with a few words for people. */
struct bytes tsp_reject(enum tsp_failure failure, struct arena *a);
