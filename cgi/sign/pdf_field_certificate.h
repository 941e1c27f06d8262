/* pdf_field_certificate.h - a part of pdf_field.c: the certificate seed value dictionary. */
#pragma once

#include "sign/cms_sign.h"
#include "sign/pdf_read.h"

/* Is the signer's certificate one that the field's author accepts? Reasons as in pdf_field.h. */
enum err pdf_field_certificate(struct pdf_read *d, struct pdf_read_ref cert,
                               const struct cms_signer *signer, struct arena *a) MUST_CHECK;
