/* pdf_seal_caption.c - see pdf_seal_caption.h. */
#include "sign/pdf_seal_caption.h"

#include <math.h>

#define LEADING 1.3
#define SIZE_MOST 12.0
#define SIZE_LEAST 2.5     /* points: below that nobody reads it in print */
#define RISE 0.88          /* of the letters over the base line */
#define UNBROKEN_LEAST 4.5 /* lines are left whole when the letters stay that large, */
#define UNBROKEN_SHARE 0.6 /* and at least this share of what breaking them would allow */

static size_t collect(const struct pdf_look *look, struct str out[3])
{
    const struct str all[] = { look->name, look->reason, look->date };
    size_t n = 0;
    for (size_t i = 0; i < 3; i++)
        if (!str_empty(all[i]))
            out[n++] = all[i];
    return n;
}

enum err pdf_seal_caption_check(const struct pdf_look *look, size_t *n)
{
    struct str text[3];
    enum err e;

    *n = collect(look, text);
    if (*n > 0 && (e = pdf_font_ready(PDF_FONT_GOTHIC)) != E_OK)
        return e;
    for (size_t i = 0; i < *n; i++) {
        if (!utf8_valid(text[i].p, text[i].n) || utf8_length(text[i]) > PDF_SEAL_CAPTION_MAX)
            return FAIL(E_INPUT, "seal-caption", "%zu bytes", text[i].n);
        for (size_t k = 0; k < text[i].n; k++)
            if ((uint8_t)text[i].p[k] < ' ')
                return FAIL(E_INPUT, "seal-caption", "a control character");
    }
    return E_OK;
}

static bool fits(const struct str *text, size_t n, const struct pdf_seal_box *box, double size,
                 bool whole, struct arena *a, struct pdf_seal_captions *out)
{
    double width = box->width / size * 1000;

    out->n = 0;
    for (size_t i = 0; i < n; i++) {
        size_t lines;
        const struct pdf_font_line *l = pdf_font_wrap(PDF_FONT_GOTHIC, text[i], width, a, &lines);
        for (size_t k = 0; k < lines; k++) {
            if (out->n == PDF_SEAL_LINES_MAX || l[k].width > width + 0.01 || (whole && k > 0))
                return false;
            out->line[out->n++] = (struct pdf_seal_caption_line){ text[i], l[k].from, l[k].to };
        }
    }
    return ((double)(out->n - 1) * LEADING + 1) * size <= box->height + 0.01;
}

enum err pdf_seal_caption_layout(const struct pdf_look *look, const struct pdf_seal_box *box,
                                 struct arena *a, struct pdf_seal_captions *out)
{
    struct str text[3];
    size_t n = collect(look, text);
    double size = box->height < SIZE_MOST ? box->height : SIZE_MOST;

    *out = (struct pdf_seal_captions){ .n = 0 };
    if (n == 0)
        return E_OK;
    while (size >= SIZE_LEAST && !fits(text, n, box, size, false, a, out))
        size *= 0.96;
    double least = fmax(size * UNBROKEN_SHARE, UNBROKEN_LEAST);
    double unbroken = size;
    while (unbroken >= least && !fits(text, n, box, unbroken, true, a, out))
        unbroken *= 0.96;
    if (unbroken >= least)
        size = unbroken;
    (void)fits(text, n, box, size, false, a, out);
    if (size < SIZE_LEAST)
        return FAIL(E_INPUT, "seal-caption-room", "%zu captions in %.0f x %.0f", n, box->width,
                    box->height);
    double total = ((double)(out->n - 1) * LEADING + 1) * size;
    out->size = size;
    out->leading = LEADING * size;
    out->x = box->x;
    out->y = box->y + (box->height + total) / 2 - RISE * size;
    return E_OK;
}
