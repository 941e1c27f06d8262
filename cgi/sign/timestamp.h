/*
 * timestamp.h - the client's side of RFC 3161: make a request, judge the reply, judge a token that
 * is found in a document. The transport is the caller's. (struct timestamp itself is base/clock.h's
 * type for a moment; a token is a TSA's signed statement about one.)
 */
#pragma once

#include "base/crypto.h"
#include "sign/pdf_trust.h"

/* POST application/timestamp-query, give the application/timestamp-reply body in the arena. */
typedef enum err timestamp_send_fn(void *arg, struct bytes request, struct arena *a,
                                   struct bytes *reply);

/* One TSA as configured. */
struct timestamp_authority {
    timestamp_send_fn *send;
    void *arg;
    struct str policy;    /* dotted OID that is asked for and required; absent: any */
    int64_t skew_max_us;  /* greatest distance of genTime from our clock; 0: five minutes */
    struct timestamp now; /* our clock; 0 or TIMESTAMP_NONE: clock_now() */
    size_t token_room;    /* greatest token expected, as learned from earlier ones; 0: a guess */
};

/* What a verified token says. */
struct timestamp_token {
    struct bytes der;        /* the TimeStampToken (a CMS ContentInfo) */
    struct timestamp time;   /* genTime */
    struct str serial;       /* hexadecimal, lower case */
    struct str policy;       /* dotted OID */
    struct str authority;    /* subject of the TSA certificate, RFC 4514 */
    struct timestamp until;  /* end of that certificate */
    enum digest_kind digest; /* of the imprint */
    struct bytes *chain;     /* DER, TSA certificate first, up to and with the anchor if found */
    size_t chain_n;
    bool trusted;            /* the chain ends at a TSA anchor (valid at genTime) */
    struct str chain_reason; /* why it is not trusted: a reason of pdf_trust_chain() */
};

/* A request for this digest: version 1, certReq, 64-bit random nonce. DER in the arena. */
struct bytes timestamp_request(enum digest_kind kind, struct bytes digest, struct str policy,
                               struct arena *a, uint64_t *nonce);

/*
 * Judge a TimeStampResp: status granted or grantedWithMods, nonce, imprint, policy, then the token
 * as timestamp_verify() does; it must be trusted. E_BACKEND with "tsa-refused" (it said no),
 * "tsa-reply-malformed", "tsa-reply-mismatch" (nonce, imprint, policy), "tsa-untrusted",
 * "tsa-clock".
 */
enum err timestamp_reply(const struct timestamp_authority *tsa, const struct pdf_trust *trust,
                         enum digest_kind kind, struct bytes digest, uint64_t nonce,
                         struct bytes reply, struct arena *a,
                         struct timestamp_token *out) MUST_CHECK;

/* Request, send, judge. A failing transport is E_BACKEND "tsa-unavailable". */
enum err timestamp_obtain(const struct timestamp_authority *tsa, const struct pdf_trust *trust,
                          enum digest_kind kind, struct bytes digest, struct arena *a,
                          struct timestamp_token *out) MUST_CHECK;

/*
 * Judge a token against the bytes it should be over: CMS signature, critical sole timeStamping EKU,
 * ESSCertID of the signer, imprint, chain to a TSA anchor at genTime (told by out->trusted; a chain
 * that cannot be built is no error here). E_INPUT "timestamp-malformed", "timestamp-signature",
 * "timestamp-imprint", "timestamp-certificate".
 */
enum err timestamp_verify(struct bytes token, struct bytes data, const struct pdf_trust *trust,
                          struct arena *a, struct timestamp_token *out) MUST_CHECK;
/* The same when the digest of the data is at hand instead of the data. */
enum err timestamp_verify_digest(struct bytes token, struct bytes digest,
                                 const struct pdf_trust *trust, struct arena *a,
                                 struct timestamp_token *out) MUST_CHECK;
