/*
 * pdf_trust_xml.h - trusted lists of the European supervisors (ETSI TS 119 612), read by the
 * converter shomei-trustlist alone: no program that serves people parses XML. What it gives is the
 * plain form of pdf_trust_lists.h.
 */
#pragma once

#include "base/buf.h"

enum { PDF_TRUST_XML_MAX = 64 << 20 };

/* Once per process, before anything else; E_INTERNAL when the libraries do not start. */
enum err pdf_trust_xml_init(void) MUST_CHECK;
void pdf_trust_xml_close(void);

/* Add every certificate of a PEM text to the list; E_INPUT when there is none, E_LIMIT. */
enum err pdf_trust_xml_scheme(struct bytes pem, struct arena *a, struct bytes *list, size_t max,
                              size_t *n) MUST_CHECK;

/*
 * Check the enveloped signature of the list against the scheme operator's certificates (DER; the
 * key of one of them must have signed the whole of it), then write the qualified services: CA/QC
 * with the EU's statements in the certificates, TSA/QTST; each period of the history by itself.
 * E_INPUT "trust-list" (no such XML), "trust-list-signature". The number of services to *count.
 */
enum err pdf_trust_xml_convert(struct bytes xml, const struct bytes *scheme, size_t scheme_n,
                               struct buf *out, size_t *count) MUST_CHECK;
