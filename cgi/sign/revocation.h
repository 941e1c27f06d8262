/*
 * revocation.h - the client's side of OCSP (RFC 6960) and CRLs (RFC 5280 5, 6.3): collect evidence
 * for a chain, judge evidence, whether fetched or found in a document.
 */
#pragma once

#include "sign/pdf_trust.h"

enum revocation_status {
    REVOCATION_UNKNOWN, /* no usable evidence */
    REVOCATION_GOOD,
    REVOCATION_REVOKED,
};

/* One judged piece of evidence about one certificate. */
struct revocation_evidence {
    enum pdf_fetch kind; /* PDF_FETCH_OCSP or PDF_FETCH_CRL */
    struct bytes der;    /* OCSPResponse, or CertificateList */
    enum revocation_status status;
    struct timestamp produced; /* producedAt, or thisUpdate of the CRL */
    struct timestamp this_update;
    struct timestamp next_update; /* TIMESTAMP_NONE when absent */
    struct timestamp revoked_at;  /* TIMESTAMP_NONE unless revoked */
    int reason;                   /* CRLReason, -1 when not told */
    struct bytes responder;       /* DER of a delegated OCSP responder's certificate, or absent */
};

/* Pieces found or fetched, not judged yet: OCSPResponse and CertificateList DER. */
struct revocation_pool {
    struct bytes *ocsp, *crl;
    size_t ocsp_n, crl_n;
};

/*
 * The best evidence in the pool about `cert`, issued by `issuer`, signatures checked; nothing that
 * was made after `now`. A proof of revocation wins, then the freshest; an OCSP answer beats a CRL
 * of the same age. Whether it is fresh enough is the caller's to judge. E_ABSENT when there is
 * none.
 */
enum err revocation_judge(const struct revocation_pool *pool, struct bytes cert,
                          struct bytes issuer, struct timestamp now, struct arena *a,
                          struct revocation_evidence *out) MUST_CHECK;

/* True for what needs no evidence: self-signed, or an OCSP responder with id-pkix-ocsp-nocheck. */
bool revocation_exempt(struct bytes cert);

/*
 * Fetch evidence for `cert` by the URLs in it: OCSP first (with a nonce; an answer without one is
 * accepted when fresh), then CRL. It must be current at `now`. E_BACKEND "revocation-unavailable"
 * when nothing usable came.
 */
enum err revocation_fetch(const struct pdf_trust *trust, struct bytes cert, struct bytes issuer,
                          struct timestamp now, struct arena *a,
                          struct revocation_evidence *out) MUST_CHECK;

/*
 * The same for every certificate of a chain (leaf first, anchor last) that is not exempt, and for
 * the delegated responders that answered.
 */
enum err revocation_collect(const struct pdf_trust *trust, const struct bytes *chain,
                            size_t chain_n, struct timestamp now, struct arena *a,
                            struct revocation_evidence **out, size_t *out_n) MUST_CHECK;
