/*
 * pdf_trust.h - whom a signer and a verifier believe: anchors for signing certificates, anchors for
 * time-stamping authorities, helper certificates, and how evidence is fetched. Prepared once per
 * process and used for many documents; never changed by them.
 */
#pragma once

#include "base/clock.h"

struct pdf_trust;

/* What is fetched from a URL found in a certificate (RFC 5280 4.2.2.1, 4.2.1.13). */
enum pdf_fetch {
    PDF_FETCH_OCSP, /* POST `request`, application/ocsp-request (RFC 6960 appendix A) */
    PDF_FETCH_CRL,  /* GET; `request` is absent */
    PDF_FETCH_CERT, /* GET a CA certificate (caIssuers); `request` is absent */
};

/*
 * The caller's way to the outside (the gateway, or a file in a test). The URL comes from a
 * certificate and is untrusted. The body of the reply goes to the arena. Any error counts as "not
 * to be had".
 */
typedef enum err pdf_fetch_fn(void *arg, enum pdf_fetch kind, struct str url, struct bytes request,
                              struct arena *a, struct bytes *reply);

/* An empty trust: nothing is believed, nothing is fetched. Aborts when out of memory. */
struct pdf_trust *pdf_trust_new(void);
void pdf_trust_free(struct pdf_trust *t); /* NULL is fine */

/* Add one DER certificate; E_INPUT "certificate-malformed" when it is not exactly one certificate.
 */
enum err pdf_trust_add_anchor(struct pdf_trust *t, struct bytes der) MUST_CHECK;     /* signers */
enum err pdf_trust_add_tsa_anchor(struct pdf_trust *t, struct bytes der) MUST_CHECK; /* TSAs */
enum err pdf_trust_add_helper(struct pdf_trust *t, struct bytes der) MUST_CHECK; /* not trusted */
/* Every certificate of a PEM text as anchor for both purposes. */
enum err pdf_trust_add_pem(struct pdf_trust *t, struct str pem) MUST_CHECK;

/* Where OCSP answers, CRLs and missing issuers come from; NULL (the default) stays offline. */
void pdf_trust_set_fetch(struct pdf_trust *t, pdf_fetch_fn *fetch, void *arg);
