/*
 * pdf_image.h - pictures that people upload as seals: PNG and JPEG, read by libpng and libjpeg
 * within tight limits. Whatever is kept or put into a document was written by us from the pixels
 * (PNG) or coefficients (JPEG), never the uploaded bytes: no metadata, no place, nothing hidden.
 *
 * Reasons: those of pdf_seal.h that begin with seal-image.
 */
#pragma once

#include "base/buf.h"

enum {
    PDF_IMAGE_BYTES_MAX = 4 * 1024 * 1024,
    PDF_IMAGE_SIDE_MAX = 4096,               /* pixels */
    PDF_IMAGE_PIXELS_MAX = 12 * 1024 * 1024, /* 48 MiB decoded: what a telephone's camera makes */
    PDF_IMAGE_SCANS_MAX = 50,                /* of a progressive JPEG */
};

struct pdf_image {
    unsigned width, height;
    bool opaque, grey; /* no pixel is transparent; no pixel has a colour */
    unsigned photo;    /* components of a JPEG that stands upright: pdf_image_jpeg() serves; or 0 */
    uint8_t *rgba;     /* 4 bytes a pixel, owned */
};

/* Decode in full; upright, whatever the camera noted. Free with pdf_image_free() in any case. */
enum err pdf_image_decode(struct bytes file, struct pdf_image *out) MUST_CHECK;
void pdf_image_free(struct pdf_image *m);

/* A JPEG again without loss, baseline, without anything but the picture. E_INPUT
 * "seal-image-damaged" also for a few that can be decoded, with coefficients out of range. */
enum err pdf_image_jpeg(struct bytes file, struct buf *out) MUST_CHECK;
/* As PNG. */
enum err pdf_image_png(const struct pdf_image *m, struct buf *out) MUST_CHECK;

/* White becomes transparent, and colours on white what they are on their own: scanned seals. */
void pdf_image_clear_paper(struct pdf_image *m);
/* At most `side` pixels wide and high; a copy even when it is that small already. */
enum err pdf_image_shrink(const struct pdf_image *m, unsigned side,
                          struct pdf_image *out) MUST_CHECK;
