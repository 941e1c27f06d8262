/*
 * pdf_trust.h - whom a signer and a verifier believe: anchors for signing certificates, anchors for
 * time-stamping authorities, helper certificates, and how evidence is fetched. Prepared once per
 * process and used for many documents; never changed by them.
 */
#pragma once

#include "base/clock.h"

struct pdf_trust;
struct pdf_trust_lists;

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

/*
 * Lists of qualified and accredited services, NULL (the default): no marks. Taken over and freed
 * with the trust. Services that are anchors become some. E_INPUT "certificate-malformed".
 */
enum err pdf_trust_set_lists(struct pdf_trust *t, struct pdf_trust_lists *lists) MUST_CHECK;
const struct pdf_trust_lists *pdf_trust_get_lists(const struct pdf_trust *t);

enum pdf_trust_kind { PDF_TRUST_SIGNER, PDF_TRUST_TSA };

/*
 * The chain of given[0] to an anchor of that kind, valid at `at`, from the other given
 * certificates, the helpers and, when fetching is set, the issuers that certificates point to. DER,
 * leaf first, anchor last, in the arena. Revocation is not looked at. E_INPUT with
 * "certificate-malformed", "chain-incomplete", "chain-untrusted", "chain-expired",
 * "chain-not-yet-valid", "chain-invalid"; then *chain is as far as it could be built.
 */
enum err pdf_trust_chain(const struct pdf_trust *t, enum pdf_trust_kind kind,
                         const struct bytes *given, size_t given_n, struct timestamp at,
                         struct arena *a, struct bytes **chain, size_t *chain_n) MUST_CHECK;

/* Ask the outside; E_BACKEND when nothing is set or nothing came (at most 16 MiB are taken). */
enum err pdf_trust_fetch(const struct pdf_trust *t, enum pdf_fetch kind, struct str url,
                         struct bytes request, struct arena *a, struct bytes *reply) MUST_CHECK;
