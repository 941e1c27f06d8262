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
 * The best evidence in the pool about `cert` (issued by `issuer`), signatures checked: issued at or
 * after `after` if any such exists (the freshest wins; a proof of revocation always wins), and
 * usable at `at`. E_ABSENT when there is none. OCSP is preferred over a CRL of equal age.
 */
enum err revocation_judge(const struct revocation_pool *pool, struct bytes cert,
                          struct bytes issuer, struct timestamp at, struct arena *a,
                          struct revocation_evidence *out) MUST_CHECK;

/*
 * Fetch evidence for `cert` by the URLs in it: OCSP first (with a nonce; an answer without it is
 * accepted when fresh), then CRL. Judged like above. E_BACKEND "revocation-unavailable" when
 * nothing usable came. Certificates with id-pkix-ocsp-nocheck, and self-signed ones, need none:
 * E_ABSENT.
 */
enum err revocation_fetch(const struct pdf_trust *trust, struct bytes cert, struct bytes issuer,
                          struct timestamp at, struct arena *a,
                          struct revocation_evidence *out) MUST_CHECK;

/* The same for every certificate of a chain (leaf first, anchor last) and the responders' own. */
enum err revocation_collect(const struct pdf_trust *trust, const struct bytes *chain,
                            size_t chain_n, struct timestamp at, struct arena *a,
                            struct revocation_evidence **out, size_t *out_n) MUST_CHECK;
