/*
 * pdf_seal_paint.c - drawn seals as pixels: outlines are filled by adding up, for each pixel, the
 * signed area that lies to the right of every edge; a running sum over the line is the coverage.
 */
#include "sign/pdf_seal_mark.h"

#include "sign/pdf_image_inside.h"

#include <math.h>
#include <stdlib.h>

#define STEPS 12 /* pieces of a curve */

struct canvas {
    unsigned side;
    size_t stride; /* two columns more than pixels */
    double k;      /* pixels of a thousandth */
    float *area;
    uint8_t *mask;
    double x, y, start_x, start_y;
};

/* Part of an edge within one line of pixels, from (x0) to (x1), of height d (signed). */
static void add_piece(float *a, double x0, double x1, double d)
{
    double l = x0 < x1 ? x0 : x1, r = x0 < x1 ? x1 : x0, span = r - l;
    int from = (int)floor(l), to = (int)ceil(r);

    if (to <= from + 1) {
        double right = 0.5 * (l + r) - from;
        a[from] += (float)(d * (1 - right));
        a[from + 1] += (float)(d * right);
        return;
    }
    double before = 0; /* of the share of d whose area is accounted for */
    for (int i = from; i < to; i++) {
        double b = i > l ? i : l, e = i + 1 < r ? i + 1 : r;
        double share = d * (e - b) / span, right = 0.5 * (b + e) - i;
        a[i] += (float)(share * (1 - right) + before);
        before = share * right;
    }
    a[to] += (float)before;
}

static double clamp(double v, double most)
{
    return v < 0 ? 0 : v > most ? most : v;
}

static void edge(struct canvas *c, double x0, double y0, double x1, double y1)
{
    double sign = y0 < y1 ? 1 : -1, limit = c->side;

    x0 = clamp(x0, limit);
    x1 = clamp(x1, limit);
    y0 = clamp(y0, limit);
    y1 = clamp(y1, limit);
    if (y0 == y1)
        return;
    if (sign < 0) {
        double t = x0;
        x0 = x1;
        x1 = t;
        t = y0;
        y0 = y1;
        y1 = t;
    }
    double slope = (x1 - x0) / (y1 - y0);
    for (unsigned y = (unsigned)y0; y < c->side && y < y1; y++) {
        double top = y > y0 ? y : y0, end = y + 1 < y1 ? y + 1 : y1;
        add_piece(c->area + y * c->stride, x0 + (top - y0) * slope, x0 + (end - y0) * slope,
                  (end - top) * sign);
    }
}

static void p_line(void *arg, double x, double y)
{
    struct canvas *c = arg;
    x *= c->k;
    y = c->side - y * c->k;
    edge(c, c->x, c->y, x, y);
    c->x = x;
    c->y = y;
}

static void p_move(void *arg, double x, double y)
{
    struct canvas *c = arg;
    c->x = c->start_x = x * c->k;
    c->y = c->start_y = c->side - y * c->k;
}

static void p_curve(void *arg, const double v[6])
{
    struct canvas *c = arg;
    double x = c->x / c->k, y = (c->side - c->y) / c->k;
    for (int i = 1; i <= STEPS; i++) {
        double t = (double)i / STEPS, u = 1 - t;
        double a = u * u * u, b = 3 * u * u * t, d = 3 * u * t * t, e = t * t * t;
        p_line(c, a * x + b * v[0] + d * v[2] + e * v[4], a * y + b * v[1] + d * v[3] + e * v[5]);
    }
}

static void p_close(void *arg)
{
    struct canvas *c = arg;
    edge(c, c->x, c->y, c->start_x, c->start_y);
    c->x = c->start_x;
    c->y = c->start_y;
}

static void p_fill(void *arg)
{
    struct canvas *c = arg;
    for (unsigned y = 0; y < c->side; y++) {
        const float *a = c->area + y * c->stride;
        uint8_t *m = c->mask + (size_t)y * c->side;
        double sum = 0;
        for (unsigned x = 0; x < c->side; x++) {
            sum += (double)a[x];
            double cover = fabs(sum) > 1 ? 1 : fabs(sum);
            uint8_t v = (uint8_t)(cover * 255 + 0.5);
            m[x] = v > m[x] ? v : m[x];
        }
    }
    memset(c->area, 0, c->stride * c->side * sizeof *c->area);
}

/* One line of pixels, `step` apart: each becomes the greatest of those up to `reach` away. */
static void spread_line(const uint8_t *in, uint8_t *out, size_t n, size_t step, size_t reach)
{
    for (size_t i = 0; i < n; i++) {
        size_t from = i > reach ? i - reach : 0, to = i + reach < n ? i + reach : n - 1;
        uint8_t most = 0;
        for (size_t k = from; k <= to; k++)
            most = in[k * step] > most ? in[k * step] : most;
        out[i * step] = most;
    }
}

/* The ink spreads by half the width of the line that the PDF draws over the outlines. */
static enum err spread(struct canvas *c)
{
    size_t side = c->side, reach = (size_t)(PDF_SEAL_INK / 2 * c->k + 0.5);
    uint8_t *wide = malloc(side * side);

    if (wide == NULL)
        return FAIL(E_BUSY, "", "no memory");
    for (size_t i = 0; i < side; i++)
        spread_line(c->mask + i * side, wide + i * side, side, 1, reach);
    for (size_t i = 0; i < side; i++)
        spread_line(wide + i, c->mask + i, side, side, reach);
    free(wide);
    return E_OK;
}

enum err pdf_seal_mark_paint(const struct pdf_look *look, unsigned side, struct pdf_image *out)
{
    struct canvas c = { .side = side, .stride = side + 2, .k = side / 1000.0 };
    struct pdf_font_pen pen = { p_move, p_line, p_curve, p_close, &c };

    *out = (struct pdf_image){ .opaque = false };
    enum err e = pdf_image_room(out, side, side);
    if (e != E_OK)
        return e;
    c.area = calloc(c.stride * side, sizeof *c.area);
    c.mask = calloc(side, side);
    if (c.area && c.mask) {
        pdf_seal_mark_draw(look, &pen, p_fill);
        e = spread(&c);
        for (size_t i = 0; i < (size_t)side * side; i++) {
            uint8_t *p = out->rgba + 4 * i;
            p[0] = (uint8_t)(PDF_SEAL_RED * 255);
            p[1] = (uint8_t)(PDF_SEAL_GREEN * 255);
            p[2] = (uint8_t)(PDF_SEAL_BLUE * 255);
            p[3] = c.mask[i];
        }
    } else {
        e = FAIL(E_BUSY, "", "no memory");
    }
    free(c.area);
    free(c.mask);
    return e;
}
