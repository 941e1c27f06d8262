/* pdf_seal_mark.c - see pdf_seal_mark.h. */
#include "sign/pdf_seal_mark.h"

#define LINE 14.0     /* of the frame, before PDF_SEAL_INK is added */
#define CIRCLE 0.5523 /* control points of a quarter */

/* Characters without variation selectors. */
static size_t characters(struct str text)
{
    size_t n = 0;
    uint32_t code;
    for (size_t at = 0; at < text.n; n++)
        (void)pdf_font_next(PDF_FONT_MINCHO, text, &at, &code);
    return n;
}

enum err pdf_seal_mark_check(const struct pdf_look *look)
{
    size_t most = look->kind == PDF_SEAL_ROUND ? PDF_SEAL_ROUND_MAX : PDF_SEAL_SQUARE_MAX;
    enum err e = pdf_font_ready(PDF_FONT_MINCHO);
    uint32_t code;

    if (e != E_OK)
        return e;
    if (str_empty(look->text) || characters(look->text) > most)
        return FAIL(E_INPUT, "seal-text-length", "%zu bytes, at most %zu characters", look->text.n,
                    most);
    for (size_t at = 0; at < look->text.n;) {
        uint32_t glyph = pdf_font_next(PDF_FONT_MINCHO, look->text, &at, &code);
        if (glyph == 0 || code <= ' ' || code == 0x3000)
            return FAIL(E_INPUT, "seal-text-glyph", "no glyph for U+%04X", code);
    }
    return E_OK;
}

/* --- frame --- */

static void curve(const struct pdf_font_pen *p, double x1, double y1, double x2, double y2,
                  double x, double y)
{
    p->curve(p->arg, (double[]){ x1, y1, x2, y2, x, y });
}

/* Around 500,500: a square of half side `r` with corners of radius `c`; a circle when they are the
 * same. `turn` -1 goes the other way round: a hole. */
static void ring(const struct pdf_font_pen *p, double r, double c, double turn)
{
    double m = 500, s = r - c, k = c * CIRCLE;
    p->move(p->arg, m + r * turn, m - s);
    p->line(p->arg, m + r * turn, m + s);
    curve(p, m + r * turn, m + s + k, m + (s + k) * turn, m + r, m + s * turn, m + r);
    p->line(p->arg, m - s * turn, m + r);
    curve(p, m - (s + k) * turn, m + r, m - r * turn, m + s + k, m - r * turn, m + s);
    p->line(p->arg, m - r * turn, m - s);
    curve(p, m - r * turn, m - s - k, m - (s + k) * turn, m - r, m - s * turn, m - r);
    p->line(p->arg, m + s * turn, m - r);
    curve(p, m + (s + k) * turn, m - r, m + r * turn, m - s - k, m + r * turn, m - s);
    p->close(p->arg);
}

/* --- characters --- */

/* A pen that moves and stretches what it is given. */
struct stretched {
    const struct pdf_font_pen *to;
    double x, y, kx, ky;
};

static void s_move(void *arg, double x, double y)
{
    const struct stretched *s = arg;
    s->to->move(s->to->arg, s->x + x * s->kx, s->y + y * s->ky);
}

static void s_line(void *arg, double x, double y)
{
    const struct stretched *s = arg;
    s->to->line(s->to->arg, s->x + x * s->kx, s->y + y * s->ky);
}

static void s_curve(void *arg, const double v[6])
{
    const struct stretched *s = arg;
    curve(s->to, s->x + v[0] * s->kx, s->y + v[1] * s->ky, s->x + v[2] * s->kx, s->y + v[3] * s->ky,
          s->x + v[4] * s->kx, s->y + v[5] * s->ky);
}

static void s_close(void *arg)
{
    const struct stretched *s = arg;
    s->to->close(s->to->arg);
}

/* Extent of the ink of a glyph. */
struct extent {
    double x0, y0, x1, y1;
};

static void e_point(void *arg, double x, double y)
{
    struct extent *e = arg;
    e->x0 = x < e->x0 ? x : e->x0;
    e->x1 = x > e->x1 ? x : e->x1;
    e->y0 = y < e->y0 ? y : e->y0;
    e->y1 = y > e->y1 ? y : e->y1;
}

static void e_curve(void *arg, const double v[6])
{
    e_point(arg, v[0], v[1]);
    e_point(arg, v[2], v[3]);
    e_point(arg, v[4], v[5]);
}

static void e_close(void *arg)
{
    (void)arg;
}

/* Ink in a cell of w x h around its centre: stretched to fill it, but thin characters (一) no more
 * than the em box would be, and none to more than 1.8 times its proportions. */
static void glyph_in(const struct pdf_font_pen *pen, uint32_t glyph, double cx, double cy, double w,
                     double h)
{
    struct extent e = { 1e6, 1e6, -1e6, -1e6 };
    pdf_font_outline(PDF_FONT_MINCHO, glyph,
                     &(struct pdf_font_pen){ e_point, e_point, e_curve, e_close, &e });
    if (e.x1 <= e.x0 || e.y1 <= e.y0)
        return;
    double iw = e.x1 - e.x0, ih = e.y1 - e.y0;
    double kx = w / (iw > 780 ? iw : 780), ky = h / (ih > 780 ? ih : 780);
    kx = kx > 1.8 * ky ? 1.8 * ky : kx;
    ky = ky > 1.8 * kx ? 1.8 * kx : ky;
    struct stretched s = { pen, cx - (e.x0 + e.x1) / 2 * kx, cy - (e.y0 + e.y1) / 2 * ky, kx, ky };
    pdf_font_outline(PDF_FONT_MINCHO, glyph,
                     &(struct pdf_font_pen){ s_move, s_line, s_curve, s_close, &s });
}

/* The room for all characters, by their number. */
struct room {
    double w, h;
};

static struct room room_of(enum pdf_seal_kind kind, size_t n)
{
    static const struct room round[] = { { 600, 600 }, { 500, 780 }, { 390, 830 }, { 650, 650 } };
    if (kind == PDF_SEAL_ROUND)
        return round[n - 1];
    return n == 2 ? (struct room){ 560, 830 } : (struct room){ 830, 830 };
}

void pdf_seal_mark_draw(const struct pdf_look *look, const struct pdf_font_pen *pen,
                        void (*fill)(void *arg))
{
    size_t n = characters(look->text), at = 0;
    bool round = look->kind == PDF_SEAL_ROUND;
    size_t columns = n <= (round ? 3u : 2u) ? 1 : n <= 6 ? 2 : 3;
    struct room r = room_of(look->kind, n);
    double gap = 34, w = (r.w - gap * (double)(columns - 1)) / (double)columns;
    uint32_t code;

    ring(pen, 490, round ? 490 : 46, 1);
    ring(pen, 490 - LINE, round ? 490 - LINE : 46 - LINE, -1);
    fill(pen->arg);
    for (size_t c = 0; c < columns; c++) { /* the first is on the right and has most */
        size_t rows = n / columns + (c < n % columns ? 1 : 0);
        double h = (r.h - gap * (double)(rows - 1)) / (double)rows;
        double cx = 500 + r.w / 2 - w / 2 - (double)c * (w + gap);
        for (size_t i = 0; i < rows; i++) {
            uint32_t glyph = pdf_font_next(PDF_FONT_MINCHO, look->text, &at, &code);
            glyph = pdf_font_vertical(PDF_FONT_MINCHO, code, glyph);
            glyph_in(pen, glyph, cx, 500 + r.h / 2 - h / 2 - (double)i * (h + gap), w, h);
            fill(pen->arg);
        }
    }
}

/* --- as a content stream --- */

static void c_move(void *arg, double x, double y)
{
    buf_fmt(arg, "%.1f %.1f m\n", x, y);
}

static void c_line(void *arg, double x, double y)
{
    buf_fmt(arg, "%.1f %.1f l\n", x, y);
}

static void c_curve(void *arg, const double v[6])
{
    buf_fmt(arg, "%.1f %.1f %.1f %.1f %.1f %.1f c\n", v[0], v[1], v[2], v[3], v[4], v[5]);
}

static void c_close(void *arg)
{
    buf_add_z(arg, "h\n");
}

static void c_fill(void *arg)
{
    buf_add_z(arg, "B\n");
}

void pdf_seal_mark_content(const struct pdf_look *look, struct buf *out)
{
    struct pdf_font_pen pen = { c_move, c_line, c_curve, c_close, out };
    buf_fmt(out, "%.3f %.3f %.3f rg %.3f %.3f %.3f RG %.0f w 1 j\n", PDF_SEAL_RED, PDF_SEAL_GREEN,
            PDF_SEAL_BLUE, PDF_SEAL_RED, PDF_SEAL_GREEN, PDF_SEAL_BLUE, PDF_SEAL_INK);
    pdf_seal_mark_draw(look, &pen, c_fill);
}
