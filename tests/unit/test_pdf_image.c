/*
 * test_pdf_image.c - pictures of seals: every kind of PNG and JPEG that people have, and every kind
 * that somebody may have made to hurt (issue 3.3, decision 0101).
 */
#include "sign/pdf_image.h"

#include "tap.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

/* --- making files --- */

static void on_write(png_structp png, png_bytep p, size_t n)
{
    buf_add(png_get_io_ptr(png), p, n);
}

static void on_flush(png_structp png)
{
    (void)png;
}

/* A PNG of that kind: left half red (or dark), right half transparent where it can be. */
static struct buf make_png(int bits, int kind, int interlace, unsigned w, unsigned h)
{
    static png_color palette[4] = { { 200, 0, 0 }, { 0, 0, 0 }, { 9, 9, 9 }, { 7, 7, 7 } };
    static png_byte alpha[2] = { 255, 0 };
    struct buf b = buf_init(16u << 20);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);

    if (setjmp(png_jmpbuf(png)))
        abort();
    png_set_write_fn(png, &b, on_write, on_flush);
    png_set_IHDR(png, info, w, h, bits, kind, interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind == PNG_COLOR_TYPE_PALETTE) {
        png_set_PLTE(png, info, palette, 1 << (bits < 2 ? bits : 2));
        png_set_tRNS(png, info, alpha, 2, NULL);
    }
    png_write_info(png, info);
    size_t channels = png_get_channels(png, info), row = (w * channels * (size_t)bits + 7) / 8;
    uint8_t *line = calloc(1, row);
    png_bytepp rows = calloc(h, sizeof *rows);
    for (size_t x = 0; x < w && bits >= 8 && kind != PNG_COLOR_TYPE_PALETTE; x++)
        for (size_t c = 0; c < channels; c++)
            for (int k = 0; k < bits / 8; k++)
                line[(x * channels + c) * (size_t)bits / 8 + (size_t)k] =
                    x < w / 2 ? (c == 0 || c == channels - 1 ? 255 : 0) : 0;
    if (kind == PNG_COLOR_TYPE_PALETTE && bits == 1)
        memset(line + row / 2, 0xff, row - row / 2);
    for (unsigned y = 0; y < h; y++)
        rows[y] = line;
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(line);
    free(rows);
    return b;
}

static struct buf make_jpeg(unsigned w, unsigned h, J_COLOR_SPACE space, bool progressive, int turn)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr err;
    struct buf b = buf_init(16u << 20);
    unsigned char *p = NULL;
    unsigned long n = 0;
    int parts = space == JCS_GRAYSCALE ? 1 : space == JCS_CMYK ? 4 : 3;

    c.err = jpeg_std_error(&err);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &p, &n);
    c.image_width = w;
    c.image_height = h;
    c.input_components = parts;
    c.in_color_space = space;
    jpeg_set_defaults(&c);
    if (progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    if (turn) {
        uint8_t exif[] = "Exif\0\0II*\0\10\0\0\0\1\0\x12\1\3\0\1\0\0\0\0\0\0\0\0\0\0\0 GPS 35.6";
        exif[24] = (uint8_t)turn;
        jpeg_write_marker(&c, JPEG_APP0 + 1, exif, sizeof exif);
    }
    uint8_t *line = calloc(w, (size_t)parts);
    for (size_t x = 0; x < w * (size_t)parts; x += (size_t)parts)
        line[x] = x < w * (size_t)parts / 2 ? 220 : 20;
    for (unsigned y = 0; y < h; y++)
        jpeg_write_scanlines(&c, &line, 1);
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    buf_add(&b, p, n);
    free(p);
    free(line);
    return b;
}

static void chunk(struct buf *b, const char *type, const void *data, uint32_t n)
{
    uint8_t head[8] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
    memcpy(head + 4, type, 4);
    unsigned long crc = crc32(crc32(0, head + 4, 4), data, n);
    buf_add(b, head, 8);
    buf_add(b, data, n);
    buf_add(b,
            (uint8_t[]){ (uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
                         (uint8_t)crc },
            4);
}

/* A PNG of w x h grey pixels in one row of zeros; before IDAT `extra` goes in as a chunk. */
static struct buf raw_png(uint32_t w, uint32_t h, const char *type, struct bytes extra,
                          size_t inflated)
{
    struct buf b = buf_init(16u << 20);
    uint8_t head[13] = { (uint8_t)(w >> 24), (uint8_t)(w >> 16), (uint8_t)(w >> 8),
                         (uint8_t)w,         (uint8_t)(h >> 24), (uint8_t)(h >> 16),
                         (uint8_t)(h >> 8),  (uint8_t)h,         8 };
    uint8_t *zeros = calloc(1, inflated + 1);
    uLongf n = compressBound(inflated);
    uint8_t *packed = malloc(n);

    buf_add(&b, "\x89PNG\r\n\x1a\n", 8);
    chunk(&b, "IHDR", head, sizeof head);
    if (type)
        chunk(&b, type, extra.p, (uint32_t)extra.n);
    if (compress(packed, &n, zeros, inflated) == Z_OK)
        chunk(&b, "IDAT", packed, (uint32_t)n);
    chunk(&b, "IEND", "", 0);
    free(zeros);
    free(packed);
    return b;
}

/* --- judging --- */

static void refused(struct buf *b, enum err err, const char *reason, const char *words)
{
    struct pdf_image m;
    fault_clear();
    enum err e = pdf_image_decode(buf_bytes(b), &m);
    ok(e == err && strcmp(fault_current()->reason, reason) == 0, "%s: %s (%s)", words, reason,
       fault_current()->reason);
    pdf_image_free(&m);
    buf_free(b);
}

static bool taken(struct bytes file, struct pdf_image *m)
{
    return pdf_image_decode(file, m) == E_OK;
}

static const uint8_t *pixel(const struct pdf_image *m, unsigned x, unsigned y)
{
    return m->rgba + 4 * ((size_t)y * m->width + x);
}

static void kinds_of_png(void)
{
    static const struct {
        int bits, kind;
        const char *words;
        bool clear; /* transparent on the right */
    } all[] = { { 8, PNG_COLOR_TYPE_RGB_ALPHA, "8 bits with alpha", true },
                { 16, PNG_COLOR_TYPE_RGB_ALPHA, "16 bits with alpha", true },
                { 8, PNG_COLOR_TYPE_GRAY_ALPHA, "grey with alpha", true },
                { 16, PNG_COLOR_TYPE_GRAY, "grey of 16 bits", false },
                { 8, PNG_COLOR_TYPE_RGB, "without alpha", false },
                { 1, PNG_COLOR_TYPE_PALETTE, "palette of 2 colours, one transparent", true },
                { 8, PNG_COLOR_TYPE_PALETTE, "palette", false } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (int lace = 0; lace < 2; lace++) {
            struct buf b = make_png(all[i].bits, all[i].kind, lace, 32, 24);
            struct pdf_image m;
            bool good = taken(buf_bytes(&b), &m) && m.width == 32 && m.height == 24;
            good = good && pixel(&m, 2, 3)[3] == 255 && m.opaque == !all[i].clear &&
                   (pixel(&m, 30, 20)[3] == 0) == all[i].clear;
            ok(good, "PNG, %s%s", all[i].words, lace ? ", interlaced" : "");
            struct buf again = buf_init(1u << 20);
            struct pdf_image n = { .width = 0 };
            good = good && pdf_image_png(&m, &again) == E_OK && taken(buf_bytes(&again), &n) &&
                   memcmp(m.rgba, n.rgba, 32 * 24 * 4) == 0;
            ok(good, "and written again it is the same");
            pdf_image_free(&m);
            pdf_image_free(&n);
            buf_free(&again);
            buf_free(&b);
        }
    }
}

static void kinds_of_jpeg(void)
{
    for (int i = 0; i < 4; i++) {
        struct buf b = make_jpeg(64, 32, i < 2 ? JCS_RGB : JCS_GRAYSCALE, i % 2, 0);
        struct buf again = buf_init(1u << 20);
        struct pdf_image m, n = { .width = 0 };
        bool good = taken(buf_bytes(&b), &m);
        ok(good && m.width == 64 && m.opaque && m.photo == (i < 2 ? 3u : 1u) &&
               m.grey == (i >= 2) && pixel(&m, 4, 4)[0] > 190 && pixel(&m, 60, 4)[0] < 60,
           "JPEG, %s%s", i < 2 ? "colour" : "grey", i % 2 ? ", progressive" : "");
        good = good && pdf_image_jpeg(buf_bytes(&b), &again) == E_OK &&
               taken(buf_bytes(&again), &n) && memcmp(m.rgba, n.rgba, 64 * 32 * 4) == 0;
        ok(good, "and written again it is the same, without loss");
        pdf_image_free(&m);
        pdf_image_free(&n);
        buf_free(&again);
        buf_free(&b);
    }
}

static void turned(void)
{
    /* where the bright left half of the file is: x, y of a pixel, by Exif orientation */
    static const unsigned at[9][2] = { { 0 },    { 2, 8 }, { 60, 8 }, { 60, 8 }, { 2, 8 },
                                       { 8, 2 }, { 8, 2 }, { 8, 60 }, { 8, 60 } };
    for (int turn = 1; turn <= 8; turn++) {
        struct buf b = make_jpeg(64, 16, JCS_RGB, false, turn), again = buf_init(1u << 20);
        struct pdf_image m;
        bool good = taken(buf_bytes(&b), &m) && m.width == (turn > 4 ? 16u : 64u) &&
                    pixel(&m, at[turn][0], at[turn][1])[0] > 190 &&
                    pixel(&m, m.width - 1 - at[turn][0], m.height - 1 - at[turn][1])[0] < 60;
        ok(good && (m.photo != 0) == (turn == 1), "JPEG that the camera turned, kind %d", turn);
        good = pdf_image_jpeg(buf_bytes(&b), &again) == E_OK && memmem(b.p, b.n, "GPS", 3) &&
               !memmem(again.p, again.n, "GPS", 3);
        ok(good, "where it was made is not passed on");
        pdf_image_free(&m);
        buf_free(&b);
        buf_free(&again);
    }
}

static void hostile_png(void)
{
    struct buf b = buf_init(8u << 20);
    refused(&b, E_INPUT, "seal-image-absent", "no bytes");
    b = buf_init(8u << 20);
    buf_add_z(&b, "GIF89a...........");
    refused(&b, E_INPUT, "seal-image-kind", "a GIF");
    b = buf_init(8u << 20);
    buf_add_z(&b, "<svg xmlns='http://www.w3.org/2000/svg'/>");
    refused(&b, E_INPUT, "seal-image-kind", "an SVG");
    b = raw_png(100000, 100000, NULL, BYTES_ABSENT, 10);
    refused(&b, E_LIMIT, "seal-image-pixels", "10,000 million pixels in a few bytes");
    b = raw_png(4097, 1, NULL, BYTES_ABSENT, 4098);
    refused(&b, E_LIMIT, "seal-image-pixels", "a line too long");
    b = raw_png(4096, 4096, NULL, BYTES_ABSENT, 10);
    refused(&b, E_LIMIT, "seal-image-pixels", "16 million pixels");
    b = raw_png(0, 10, NULL, BYTES_ABSENT, 10);
    refused(&b, E_INPUT, "seal-image-damaged", "no pixel");
    b = raw_png(0xffffffff, 0xffffffff, NULL, BYTES_ABSENT, 10);
    refused(&b, E_LIMIT, "seal-image-pixels", "sizes that overflow");
    b = raw_png(100, 100, NULL, BYTES_ABSENT, 50);
    refused(&b, E_INPUT, "seal-image-damaged", "too few pixels");
    b = raw_png(10, 10, "PLTX", (struct bytes){ (const uint8_t *)"x", 1 }, 110);
    refused(&b, E_INPUT, "seal-image-damaged", "an unknown critical chunk");
    b = make_png(8, PNG_COLOR_TYPE_RGB_ALPHA, 0, 32, 24);
    b.p[b.n - 30] ^= 1;
    refused(&b, E_INPUT, "seal-image-damaged", "a bit turned");
    b = make_png(8, PNG_COLOR_TYPE_GRAY_ALPHA, 0, 1, 24);
    refused(&b, E_INPUT, "seal-image-blank", "nothing to be seen");
    b = buf_init(8u << 20);
    (void)buf_extend(&b, PDF_IMAGE_BYTES_MAX + 1);
    refused(&b, E_LIMIT, "seal-image-bytes", "too many bytes");
}

/* Text and profiles that unpack to 60 MB are not unpacked. */
static void bombs(void)
{
    static const char *const types[] = { "zTXt", "iCCP", "iTXt" };
    size_t big = 60u << 20;
    uint8_t *zeros = calloc(1, big);
    uLongf n = compressBound(big);
    uint8_t *packed = malloc(n + 8);

    memcpy(packed, "bomb\0\0", 6);
    ok(compress(packed + 6, &n, zeros, big) == Z_OK && n < 100000, "60 MB in %lu bytes", n);
    for (size_t i = 0; i < 3; i++) {
        struct buf b = raw_png(10, 10, types[i], (struct bytes){ packed, n + 6 }, 110);
        struct pdf_image m;
        ok(taken(buf_bytes(&b), &m), "a %s chunk that would unpack to 60 MB is passed over",
           types[i]);
        pdf_image_free(&m);
        buf_free(&b);
    }
    struct buf b = raw_png(10, 10, NULL, BYTES_ABSENT, big);
    struct pdf_image m;
    enum err e = pdf_image_decode(buf_bytes(&b), &m);
    ok(e == E_OK || e == E_INPUT,
       "pixels that unpack to 60 MB are read as far as the picture goes");
    pdf_image_free(&m);
    buf_free(&b);
    free(zeros);
    free(packed);
}

static void hostile_jpeg(void)
{
    struct buf b = make_jpeg(64, 32, JCS_CMYK, false, 0);
    refused(&b, E_INPUT, "seal-image-color", "CMYK");
    b = make_jpeg(5000, 8, JCS_RGB, false, 0);
    refused(&b, E_LIMIT, "seal-image-pixels", "5000 pixels wide");
    b = make_jpeg(4000, 4000, JCS_GRAYSCALE, false, 0);
    refused(&b, E_LIMIT, "seal-image-pixels", "16 million pixels");
    b = make_jpeg(64, 32, JCS_RGB, false, 0);
    buf_cut(&b, b.n / 2);
    refused(&b, E_INPUT, "seal-image-damaged", "cut off");
    b = make_jpeg(64, 32, JCS_RGB, false, 0);
    for (size_t i = 0; i + 3 < b.n; i++)
        if (b.p[i] == 0xff && b.p[i + 1] == 0xc0)
            b.p[i + 4] = 12;
    refused(&b, E_INPUT, "seal-image-color", "12 bits");
    b = make_jpeg(64, 32, JCS_RGB, false, 0);
    for (size_t i = 0; i + 1 < b.n; i++)
        if (b.p[i] == 0xff && b.p[i + 1] == 0xc0)
            b.p[i + 1] = 0xc9;
    refused(&b, E_INPUT, "seal-image-color", "arithmetic coding");
    /* the same scan of a progressive picture a thousand times */
    struct buf p = make_jpeg(64, 32, JCS_GRAYSCALE, true, 0);
    const uint8_t *sos = memmem(p.p, p.n, "\xff\xda", 2);
    b = buf_init(4u << 20);
    buf_add(&b, p.p, (size_t)(sos - p.p));
    for (int i = 0; i < 1000; i++)
        buf_add(&b, "\xff\xda\x00\x08\x01\x01\x00\x01\x05\x02\x00", 11);
    buf_add(&b, "\xff\xd9", 2);
    struct pdf_image m;
    ok(pdf_image_decode(buf_bytes(&b), &m) != E_OK, "a thousand scans: %s",
       fault_current()->reason);
    pdf_image_free(&m);
    buf_free(&b);
    buf_free(&p);
}

/* Every file cut at every place, and with every byte changed once: never a crash. */
static void worn(void)
{
    struct buf files[] = { make_png(8, PNG_COLOR_TYPE_RGB_ALPHA, 1, 16, 12),
                           make_png(1, PNG_COLOR_TYPE_PALETTE, 0, 16, 12),
                           make_jpeg(16, 12, JCS_RGB, false, 6),
                           make_jpeg(16, 12, JCS_GRAYSCALE, true, 0) };
    size_t tries = 0, survived = 0;
    for (size_t f = 0; f < 4; f++) {
        for (size_t i = 0; i < files[f].n; i++) {
            struct bytes cut = { files[f].p, i };
            struct pdf_image m;
            tries += pdf_image_decode(cut, &m) == E_OK ? 0 : 1;
            pdf_image_free(&m);
            files[f].p[i] ^= 0xff;
            survived += pdf_image_decode(buf_bytes(&files[f]), &m) == E_OK;
            pdf_image_free(&m);
            files[f].p[i] ^= 0xff;
        }
        buf_free(&files[f]);
    }
    ok(tries > 500, "%zu files that were cut off are refused, %zu with a changed byte were read",
       tries, survived);
}

static void changed(void)
{
    struct buf b = make_png(8, PNG_COLOR_TYPE_RGB, 0, 32, 24);
    struct pdf_image m, small = { .width = 0 };
    bool good = taken(buf_bytes(&b), &m);
    for (size_t i = 0; good && i < 32 * 24; i++)
        memcpy(m.rgba + 4 * i, i % 2 ? "\xff\xff\xff\xff" : "\xff\x80\x80\xff", 4);
    pdf_image_clear_paper(&m);
    ok(good && !m.opaque && pixel(&m, 1, 0)[3] == 0, "white paper becomes transparent");
    ok(good && pixel(&m, 0, 0)[3] == 127 && pixel(&m, 0, 0)[0] == 255 && pixel(&m, 0, 0)[1] == 0,
       "half of a red is red ink that lets half through");
    ok(pdf_image_shrink(&m, 16, &small) == E_OK && small.width == 16 && small.height == 12 &&
           small.rgba[0] == 255 && small.rgba[1] == 0 && small.rgba[3] == 63,
       "shrinking does not mix in the colour of what is transparent");
    pdf_image_free(&m);
    pdf_image_free(&small);
    buf_free(&b);
}

int main(void)
{
    kinds_of_png();
    kinds_of_jpeg();
    turned();
    hostile_png();
    bombs();
    hostile_jpeg();
    worn();
    changed();
    return tap_done();
}
