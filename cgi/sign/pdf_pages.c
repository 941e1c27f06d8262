/* pdf_pages.c - see pdf_pages.h */
#include "sign/pdf_pages.h"

#include <math.h>

#define NODES_MAX 400000 /* of the page tree */
#define A4_WIDTH 595.276
#define A4_HEIGHT 841.89
#define SIDE_MAX 1e6 /* points; UserUnit counted */

struct walk {
    struct pdf_read *d;
    enum err (*visit)(void *arg, unsigned number, struct pdf_read_ref page);
    void *arg;
    unsigned pages;
    int budget;
};

static enum err visit(struct walk *k, struct pdf_read_ref node, int depth)
{
    struct pdf_read *d = k->d;

    if (depth > PDF_READ_DEPTH_MAX)
        return FAIL(E_INPUT, "pdf-damaged-pages", "ISO 32000-2 7.7.3: page tree deeper than %d",
                    PDF_READ_DEPTH_MAX);
    if (k->budget-- <= 0)
        return FAIL(E_LIMIT, "pdf-too-complex", "page tree of too many nodes");
    if (!pdf_read_is_dict(d, node))
        return E_OK;
    struct pdf_read_ref kids = pdf_read_get(d, node, "/Kids");
    if (pdf_read_is_null(d, kids))
        return pdf_read_name_is(d, pdf_read_get(d, node, "/Type"), "/Pages")
                   ? E_OK
                   : k->visit(k->arg, ++k->pages, node);
    int n = pdf_read_length(d, kids);
    for (int i = 0; i < n; i++) {
        enum err e = visit(k, pdf_read_item(d, kids, i), depth + 1);
        if (e != E_OK)
            return e;
    }
    return E_OK;
}

enum err pdf_pages_each(struct pdf_read *d,
                        enum err (*fn)(void *arg, unsigned number, struct pdf_read_ref page),
                        void *arg)
{
    struct walk k = { .d = d, .visit = fn, .arg = arg, .budget = NODES_MAX };
    enum err e = visit(&k, pdf_read_get(d, pdf_read_root(d), "/Pages"), 0);

    if (e == E_OK)
        e = pdf_read_check(d);
    if (e == E_OK && k.pages == 0)
        return FAIL(E_INPUT, "pdf-no-pages", "ISO 32000-2 7.7.3: no page found");
    return e;
}

struct pdf_read_ref pdf_pages_inherited(struct pdf_read *d, struct pdf_read_ref page,
                                        const char *key)
{
    struct pdf_read_ref value = pdf_read_get(d, page, key);

    for (int i = 0; i < PDF_READ_DEPTH_MAX && pdf_read_is_null(d, value); i++) {
        page = pdf_read_get(d, page, "/Parent");
        value = pdf_read_get(d, page, key);
    }
    return value;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

static bool number(struct pdf_read *d, struct pdf_read_ref r, double *out)
{
    *out = pdf_read_real(d, r, NAN);
    return isfinite(*out);
}

/* A rectangle, its corners in order (7.9.5). */
static bool rectangle(struct pdf_read *d, struct pdf_read_ref r, double out[4])
{
    double v[4];

    if (pdf_read_length(d, r) != 4)
        return false;
    for (int i = 0; i < 4; i++)
        if (!number(d, pdf_read_item(d, r, i), &v[i]))
            return false;
    out[0] = least(v[0], v[2]);
    out[1] = least(v[1], v[3]);
    out[2] = most(v[0], v[2]);
    out[3] = most(v[1], v[3]);
    return true;
}

bool pdf_pages_rectangle(struct pdf_read *d, struct pdf_read_ref r, double out[4])
{
    return rectangle(d, r, out);
}

/* The crop box within the media box (14.11.2). */
static void visible(struct pdf_read *d, struct pdf_read_ref page, double box[4])
{
    double crop[4];

    if (!rectangle(d, pdf_pages_inherited(d, page, "/MediaBox"), box)) {
        const double a4[4] = { 0, 0, A4_WIDTH, A4_HEIGHT };
        memcpy(box, a4, sizeof a4);
    }
    if (rectangle(d, pdf_pages_inherited(d, page, "/CropBox"), crop)) {
        double cut[4] = { most(box[0], crop[0]), most(box[1], crop[1]), least(box[2], crop[2]),
                          least(box[3], crop[3]) };
        if (cut[0] < cut[2] && cut[1] < cut[3])
            memcpy(box, cut, sizeof cut);
    }
}

struct pdf_pages_size pdf_pages_size(struct pdf_read *d, struct pdf_read_ref page)
{
    struct pdf_pages_size s = { .unit = 1 };
    double box[4];
    int64_t turn = pdf_read_int(d, pdf_pages_inherited(d, page, "/Rotate"), 0) % 360;

    s.rotate = turn % 90 == 0 ? (int)((turn + 360) % 360) : 0;
    if (!number(d, pdf_read_get(d, page, "/UserUnit"), &s.unit) || s.unit <= 0)
        s.unit = 1;
    visible(d, page, box);
    s.width = (s.rotate % 180 ? box[3] - box[1] : box[2] - box[0]) * s.unit;
    s.height = (s.rotate % 180 ? box[2] - box[0] : box[3] - box[1]) * s.unit;
    if (!(s.width >= 1 && s.width <= SIDE_MAX && s.height >= 1 && s.height <= SIDE_MAX)) {
        s.width = A4_WIDTH;
        s.height = A4_HEIGHT;
    }
    return s;
}

void pdf_pages_displayed(struct pdf_read *d, struct pdf_read_ref page, const double in[4],
                         double out[4])
{
    struct pdf_pages_size s = pdf_pages_size(d, page);
    double box[4], x0, y0, x1, y1;

    visible(d, page, box);
    x0 = (in[0] - box[0]) * s.unit;
    y0 = (in[1] - box[1]) * s.unit;
    x1 = (in[2] - box[0]) * s.unit;
    y1 = (in[3] - box[1]) * s.unit;
    const double turned[4][4] = { { x0, y0, x1, y1 },
                                  { y0, s.height - x1, y1, s.height - x0 },
                                  { s.width - x1, s.height - y1, s.width - x0, s.height - y0 },
                                  { s.width - y1, x0, s.width - y0, x1 } };
    memcpy(out, turned[s.rotate / 90], sizeof turned[0]);
}

struct sizes {
    struct pdf_read *d;
    struct pdf_pages_size *rows;
    size_t n, max;
    unsigned first, count;
};

static enum err add_size(void *arg, unsigned page_number, struct pdf_read_ref page)
{
    struct sizes *s = arg;

    s->count = page_number;
    if (page_number >= s->first && s->n < s->max)
        s->rows[s->n++] = pdf_pages_size(s->d, page);
    return E_OK;
}

enum err pdf_pages_sizes(struct pdf_read *d, unsigned first, unsigned max, struct arena *a,
                         struct pdf_pages_size **out, size_t *n, unsigned *count)
{
    struct sizes s = {
        .d = d, .rows = ARENA_ARRAY(a, max, struct pdf_pages_size), .max = max, .first = first
    };
    enum err e = pdf_pages_each(d, add_size, &s);

    *out = s.rows;
    *n = s.n;
    *count = s.count;
    return e;
}
