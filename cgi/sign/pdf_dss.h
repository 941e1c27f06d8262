/*
 * pdf_dss.h - the document security store (ISO 32000-2 12.8.4.3, EN 319 142-1 5.4.2): certificates,
 * OCSP answers and CRLs, merged with what a document has already. No VRI: the baseline profile
 * advises against it.
 */
#pragma once

#include "sign/pdf_append.h"
#include "sign/revocation.h"

enum { PDF_DSS_MAX = 256, PDF_DSS_READ_MAX = 1024 };

/* A set under construction: each piece once. Borrowed. */
struct pdf_dss {
    struct bytes certs[PDF_DSS_MAX], ocsps[PDF_DSS_MAX], crls[PDF_DSS_MAX];
    size_t certs_n, ocsps_n, crls_n;
    bool overflow;
};

void pdf_dss_cert(struct pdf_dss *s, struct bytes der);
bool pdf_dss_has_cert(const struct pdf_dss *s, struct bytes der);
/* The evidence and, where it has one, the responder's certificate. */
void pdf_dss_evidence(struct pdf_dss *s, const struct revocation_evidence *e);

/* Is something of the set missing in the document? */
bool pdf_dss_lacks(struct pdf_read *d, struct arena *a, const struct pdf_dss *s);

/*
 * In the update being written: what the document's DSS lacks of the set. Existing entries stay.
 * E_LIMIT "pdf-too-complex" when the set overflowed.
 */
enum err pdf_dss_write(struct pdf_append *w, const struct pdf_dss *s) MUST_CHECK;

/* What a document's DSS holds; broken entries are left out, at most PDF_DSS_READ_MAX of a kind. */
void pdf_dss_read(struct pdf_read *d, struct arena *a, struct revocation_pool *pool,
                  struct bytes **certs, size_t *certs_n);
