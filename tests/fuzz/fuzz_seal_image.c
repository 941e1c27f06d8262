/*
 * fuzz_seal_image.c - any picture is refused with a reason, or becomes pixels of the size that it
 * says, and what we write of it (PNG, JPEG, a smaller one, without paper) can be read again and is
 * as large.
 */
#include "sign/pdf_image.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void again(const struct buf *file, const struct pdf_image *m)
{
    struct pdf_image n;
    must(pdf_image_decode(buf_bytes(file), &n) == E_OK);
    must(n.width == m->width && n.height == m->height);
    pdf_image_free(&n);
}

/* Up to the first scan: no application data but JFIF's and Adobe's colour mark, no comment. */
static void plain(const struct buf *jpeg)
{
    for (size_t at = 2; at + 4 <= jpeg->n && jpeg->p[at + 1] != 0xda;) {
        uint8_t marker = jpeg->p[at + 1];
        must(jpeg->p[at] == 0xff && marker != 0xfe);
        must((marker & 0xf0) != 0xe0 || marker == 0xe0 || marker == 0xee);
        at += 2 + ((size_t)jpeg->p[at + 2] << 8 | jpeg->p[at + 3]);
    }
}

static void written(struct bytes file, struct pdf_image *m)
{
    struct buf png = buf_init((size_t)64 << 20), jpeg = buf_init((size_t)64 << 20);
    struct pdf_image small;

    must(pdf_image_shrink(m, 64, &small) == E_OK && small.width <= 64 && small.height <= 64);
    must(pdf_image_png(&small, &png) == E_OK);
    again(&png, &small);
    pdf_image_free(&small);
    if (m->photo) {
        enum err e = pdf_image_jpeg(file, &jpeg);
        must(e == E_OK || e == E_INPUT); /* coefficients that cannot be written */
        if (e == E_OK) {
            again(&jpeg, m);
            plain(&jpeg);
        }
    }
    pdf_image_clear_paper(m);
    buf_free(&png);
    buf_free(&jpeg);
}

/* Checksums of a PNG's chunks made right: what is behind them is to be reached. */
static void mend(uint8_t *p, size_t n)
{
    for (size_t at = 8; n >= 12 && at <= n - 12;) {
        size_t length =
            (size_t)p[at] << 24 | (size_t)p[at + 1] << 16 | (size_t)p[at + 2] << 8 | p[at + 3];
        if (length > n - at - 12)
            return;
        unsigned long crc = crc32(0, p + at + 4, (unsigned)length + 4);
        for (size_t i = 0; i < 4; i++)
            p[at + 8 + length + i] = (uint8_t)(crc >> (24 - 8 * i));
        at += length + 12;
    }
}

static void judge(const uint8_t *data, size_t size)
{
    struct bytes file = { data, size };
    struct pdf_image m;
    enum err e;

    fault_clear();
    e = pdf_image_decode(file, &m);
    if (e == E_OK) {
        must(m.rgba != NULL && m.width <= PDF_IMAGE_SIDE_MAX && m.height <= PDF_IMAGE_SIDE_MAX);
        written(file, &m);
    } else {
        must(strncmp(fault_current()->reason, "seal-image-", 11) == 0);
    }
    pdf_image_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    must(copy != NULL);
    memcpy(copy, data, size);
    if (size > 8 && memcmp(copy, "\x89PNG", 4) == 0)
        mend(copy, size);
    judge(copy, size);
    free(copy);
    return 0;
}
