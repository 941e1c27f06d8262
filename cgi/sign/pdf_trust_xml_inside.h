/* pdf_trust_xml_inside.h - the signature of a list, for pdf_trust_xml.c alone. */
#pragma once

#include "base/str.h"

#include <libxml/tree.h>

/*
 * Is there one enveloped signature, over the whole document, by the key of one of these
 * certificates? E_INPUT "trust-list-signature".
 */
enum err pdf_trust_xml_signature(xmlDoc *doc, const struct bytes *scheme,
                                 size_t scheme_n) MUST_CHECK;
