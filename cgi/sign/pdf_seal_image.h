/* pdf_seal_image.h - the picture of a seal as image objects. For pdf_seal.c. */
#pragma once

#include "sign/pdf_seal.h"

/* The image XObject, its soft mask where it is transparent; its number and aspect go to *s. */
enum err pdf_seal_image_write(struct pdf_append *w, const struct pdf_look *look,
                              struct pdf_seal_shared *s) MUST_CHECK;
/* A compressed stream with these entries. */
enum err pdf_seal_image_stream(struct pdf_append *w, uint32_t id, const char *entries,
                               struct bytes data) MUST_CHECK;
