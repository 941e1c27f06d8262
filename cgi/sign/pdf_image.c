/* pdf_image.c - see pdf_image.h: PNG, and what is common. */
#include "sign/pdf_image_inside.h"

#include <png.h>
#include <stdlib.h>

enum err pdf_image_size(unsigned width, unsigned height)
{
    if (width == 0 || height == 0)
        return FAIL(E_INPUT, "seal-image-damaged", "%u x %u pixels", width, height);
    if (width > PDF_IMAGE_SIDE_MAX || height > PDF_IMAGE_SIDE_MAX ||
        width * height > PDF_IMAGE_PIXELS_MAX)
        return FAIL(E_LIMIT, "seal-image-pixels", "%u x %u pixels", width, height);
    return E_OK;
}

enum err pdf_image_room(struct pdf_image *m, unsigned width, unsigned height)
{
    enum err e = pdf_image_size(width, height);
    if (e != E_OK)
        return e;
    m->rgba = calloc((size_t)width * height, 4);
    if (m->rgba == NULL)
        return FAIL(E_BUSY, "", "no memory for %u x %u pixels", width, height);
    m->width = width;
    m->height = height;
    return E_OK;
}

void pdf_image_free(struct pdf_image *m)
{
    free(m->rgba);
    m->rgba = NULL;
}

/* --- PNG --- */

struct source {
    struct bytes file;
    size_t at;
};

static void on_read(png_structp png, png_bytep p, size_t n)
{
    struct source *s = png_get_io_ptr(png);
    if (n > s->file.n - s->at)
        png_error(png, "cut off");
    memcpy(p, s->file.p + s->at, n);
    s->at += n;
}

static void on_error(png_structp png, png_const_charp text)
{
    char *reason = png_get_error_ptr(png);
    (void)snprintf(reason, 80, "%s", text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png, (void)text; /* nothing to tell: errors end the reading */
}

/* Nothing but the picture is read: no profile, text or animation is unpacked. */
static void limits(png_structp png)
{
    static const png_byte skip[] = "acTL\0bKGD\0cHRM\0eXIf\0fcTL\0fdAT\0gAMA\0hIST\0iCCP\0iTXt\0"
                                   "oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sTER\0sRGB\0tEXt\0tIME\0"
                                   "zTXt";
    png_set_user_limits(png, PDF_IMAGE_SIDE_MAX, PDF_IMAGE_SIDE_MAX);
    png_set_chunk_cache_max(png, 64);
    png_set_chunk_malloc_max(png, 1024 * 1024);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skip, sizeof skip / 5);
}

/* Any PNG becomes 8 bits of red, green, blue and alpha. */
static void to_rgba(png_structp png, png_infop info)
{
    png_byte kind = png_get_color_type(png, info);

    png_set_scale_16(png);
    png_set_expand(png); /* palettes, 1 to 4 bits, tRNS */
    if (kind == PNG_COLOR_TYPE_GRAY || kind == PNG_COLOR_TYPE_GRAY_ALPHA)
        png_set_gray_to_rgb(png);
    png_set_add_alpha(png, 0xff, PNG_FILLER_AFTER);
    (void)png_set_interlace_handling(png);
    png_read_update_info(png, info);
}

/* Between setjmp and the end nothing but these objects: no local variable changes. */
struct png_job {
    png_structp png;
    png_infop info;
    png_bytep *rows;
    struct source source;
    struct pdf_image *out;
    enum err err;
    char text[80];
};

static void png_work(struct png_job *j)
{
    if (setjmp(png_jmpbuf(j->png))) {
        j->err = FAIL(E_INPUT, "seal-image-damaged", "libpng: %s", j->text);
        return;
    }
    png_set_read_fn(j->png, &j->source, on_read);
    png_read_info(j->png, j->info);
    to_rgba(j->png, j->info);
    j->err = pdf_image_room(j->out, png_get_image_width(j->png, j->info),
                            png_get_image_height(j->png, j->info));
    if (j->err != E_OK)
        return;
    if (png_get_rowbytes(j->png, j->info) != (size_t)j->out->width * 4)
        png_error(j->png, "row of an unexpected size");
    j->rows = calloc(j->out->height, sizeof *j->rows);
    if (j->rows == NULL)
        png_error(j->png, "no memory");
    for (unsigned y = 0; y < j->out->height; y++)
        j->rows[y] = j->out->rgba + (size_t)y * j->out->width * 4;
    png_read_image(j->png, j->rows);
    png_read_end(j->png, NULL);
}

static unsigned big_endian(const uint8_t *p)
{
    return (unsigned)p[0] << 24 | (unsigned)p[1] << 16 | (unsigned)p[2] << 8 | p[3];
}

static enum err read_png(struct bytes file, struct pdf_image *out)
{
    struct png_job j = { .source = { file, 0 }, .out = out, .err = E_OK };

    if (file.n < 24) /* width and height of IHDR, which is the first chunk */
        return FAIL(E_INPUT, "seal-image-damaged", "%zu bytes", file.n);
    enum err e = pdf_image_size(big_endian(file.p + 16), big_endian(file.p + 20));
    if (e != E_OK)
        return e;
    j.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, j.text, on_error, on_warning);
    j.info = j.png ? png_create_info_struct(j.png) : NULL;
    if (j.info) {
        limits(j.png);
        png_work(&j);
    } else {
        j.err = FAIL(E_BUSY, "", "no memory for libpng");
    }
    png_destroy_read_struct(&j.png, &j.info, NULL);
    free(j.rows);
    return j.err;
}

/* --- both kinds --- */

static enum err look_through(struct pdf_image *m)
{
    size_t n = (size_t)m->width * m->height;
    bool seen = false;

    m->opaque = m->grey = true;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *p = m->rgba + 4 * i;
        seen |= p[3] > 0;
        m->opaque &= p[3] == 255;
        m->grey &= p[0] == p[1] && p[1] == p[2];
    }
    return seen ? E_OK : FAIL(E_INPUT, "seal-image-blank", "every pixel is transparent");
}

enum err pdf_image_decode(struct bytes file, struct pdf_image *out)
{
    enum err e;

    *out = (struct pdf_image){ .width = 0 };
    if (file.n == 0)
        return FAIL(E_INPUT, "seal-image-absent", "no bytes");
    if (file.n > PDF_IMAGE_BYTES_MAX)
        return FAIL(E_LIMIT, "seal-image-bytes", "%zu bytes", file.n);
    if (file.n > 8 && memcmp(file.p, "\x89PNG\r\n\x1a\n", 8) == 0)
        e = read_png(file, out);
    else if (file.n > 3 && memcmp(file.p, "\xff\xd8\xff", 3) == 0)
        e = pdf_image_read_jpeg(file, out);
    else
        e = FAIL(E_INPUT, "seal-image-kind", "neither PNG nor JPEG");
    return e == E_OK ? look_through(out) : e;
}

/* --- changing and writing --- */

void pdf_image_clear_paper(struct pdf_image *m)
{
    for (size_t i = 0; i < (size_t)m->width * m->height; i++) {
        uint8_t *p = m->rgba + 4 * i;
        unsigned least = p[0] < p[1] ? p[0] : p[1];
        least = p[2] < least ? p[2] : least;
        unsigned a = 255 - least; /* colour = ink * a + white * (1 - a), with the least a */
        if (a < 12)
            a = 0; /* paper is never quite white */
        for (int k = 0; k < 3; k++)
            p[k] = a ? (uint8_t)((p[k] - least) * 255 / (255 - least)) : 255;
        p[3] = (uint8_t)(a * p[3] / 255);
    }
    m->opaque = false;
    m->photo = 0;
}

/* Mean of the pixels that fall into one, weighted by their alpha. */
static void mean(const struct pdf_image *m, unsigned x0, unsigned x1, unsigned y0, unsigned y1,
                 uint8_t out[4])
{
    uint64_t sum[4] = { 0 }, n = 0;
    for (unsigned y = y0; y < y1; y++) {
        for (unsigned x = x0; x < x1; x++, n++) {
            const uint8_t *p = m->rgba + ((size_t)y * m->width + x) * 4;
            for (int k = 0; k < 3; k++)
                sum[k] += (uint64_t)p[k] * p[3];
            sum[3] += p[3];
        }
    }
    for (int k = 0; k < 3; k++)
        out[k] = sum[3] ? (uint8_t)(sum[k] / sum[3]) : 255;
    out[3] = n ? (uint8_t)(sum[3] / n) : 0;
}

enum err pdf_image_shrink(const struct pdf_image *m, unsigned side, struct pdf_image *out)
{
    unsigned longest = m->width > m->height ? m->width : m->height;
    unsigned to = longest < side ? longest : side;
    unsigned w = m->width * to / longest, h = m->height * to / longest;

    *out = (struct pdf_image){ .opaque = m->opaque, .grey = m->grey };
    enum err e = pdf_image_room(out, w ? w : 1, h ? h : 1);
    if (e != E_OK)
        return e;
    w = out->width;
    h = out->height;
    for (unsigned y = 0; y < h; y++)
        for (unsigned x = 0; x < w; x++)
            mean(m, x * m->width / w, (x + 1) * m->width / w, y * m->height / h,
                 (y + 1) * m->height / h, out->rgba + ((size_t)y * w + x) * 4);
    return E_OK;
}

static void on_write(png_structp png, png_bytep p, size_t n)
{
    buf_add(png_get_io_ptr(png), p, n);
}

static void on_flush(png_structp png)
{
    (void)png;
}

static enum err write_rows(png_structp png, png_infop info, const struct pdf_image *m,
                           struct buf *out, const char *text)
{
    if (setjmp(png_jmpbuf(png)))
        return FAIL(E_INTERNAL, "", "libpng: %s", text);
    png_set_write_fn(png, out, on_write, on_flush);
    png_set_IHDR(png, info, m->width, m->height, 8, PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (unsigned y = 0; y < m->height; y++)
        png_write_row(png, m->rgba + (size_t)y * m->width * 4);
    png_write_end(png, NULL);
    return buf_ok(out) ? E_OK : FAIL(E_LIMIT, "seal-image-bytes", "as PNG");
}

enum err pdf_image_png(const struct pdf_image *m, struct buf *out)
{
    char text[80] = "";
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, text, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    enum err e = info ? write_rows(png, info, m, out, text) : FAIL(E_BUSY, "", "no memory");
    png_destroy_write_struct(&png, &info);
    return e;
}
