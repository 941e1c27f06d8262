/*
 * pdf_crypt.h - encrypts what is added to an encrypted PDF: strings and streams, with the file's
 * key (standard security handler, revisions 2 to 6; ISO 32000-2 7.6). What is read, qpdf decrypts.
 */
#pragma once

#include "sign/pdf_objects.h"

/* Of one object: the number and generation it is written under. */
struct pdf_crypt {
    const struct pdf_objects_encryption *file; /* NULL: nothing is encrypted */
    uint32_t id, gen;
    enum err rc; /* E_OK, or what went wrong; sticky */
};

/* A pdf_objects_string_fn; arg is a struct pdf_crypt. Writes "<hex>", encrypted where it must be.
 */
void pdf_crypt_string(void *arg, struct bytes value, struct buf *out);

/* The bytes of a stream as they are to be written, added to `out`. */
void pdf_crypt_stream(struct pdf_crypt *c, struct bytes data, struct buf *out);
