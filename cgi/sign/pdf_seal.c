/*
 * pdf_seal.c - see pdf_seal.h. ISO 32000-2 12.5.5 (appearance streams), 7.7.3.3 (page boxes,
 * /Rotate, /UserUnit).
 */
#include "sign/pdf_seal.h"

#include "sign/pdf_image.h"
#include "sign/pdf_seal_caption.h"
#include "sign/pdf_seal_image.h"
#include "sign/pdf_seal_mark.h"

#include <math.h>
#include <stdlib.h>

#define PREVIEW_MIN 16
#define PREVIEW_MAX 1024
#define SLACK 0.5 /* points: what rounding may put beyond the page's edge */

enum err pdf_seal_check(const struct pdf_look *look)
{
    struct pdf_image m = { .width = 0 };
    size_t captions;
    enum err e = pdf_seal_caption_check(look, &captions);

    if (e != E_OK)
        return e;
    switch (look->kind) {
    case PDF_SEAL_IMAGE:
        e = pdf_image_decode(look->image, &m);
        pdf_image_free(&m);
        return e;
    case PDF_SEAL_ROUND:
    case PDF_SEAL_SQUARE:
        return pdf_seal_mark_check(look);
    case PDF_SEAL_TEXT:
        return captions ? E_OK : FAIL(E_INPUT, "seal-caption", "nothing to show");
    }
    return FAIL(E_INPUT, "seal-kind", "kind %d", (int)look->kind);
}

enum err pdf_seal_preview(const struct pdf_look *look, unsigned side, struct buf *png)
{
    struct pdf_image m = { .width = 0 }, small = { .width = 0 };
    enum err e = pdf_seal_check(look);

    side = side < PREVIEW_MIN ? PREVIEW_MIN : side > PREVIEW_MAX ? PREVIEW_MAX : side;
    if (e == E_OK && look->kind == PDF_SEAL_TEXT)
        e = FAIL(E_INPUT, "seal-kind", "captions have no picture");
    unsigned fine = side <= 256 ? 4 : side <= 512 ? 2 : 1; /* painted larger, and averaged */
    if (e == E_OK)
        e = look->kind == PDF_SEAL_IMAGE ? pdf_image_decode(look->image, &m)
                                         : pdf_seal_mark_paint(look, side * fine, &m);
    if (e == E_OK)
        e = pdf_image_shrink(&m, side, &small);
    if (e == E_OK)
        e = pdf_image_png(&small, png);
    pdf_image_free(&m);
    pdf_image_free(&small);
    return e;
}

/* --- the page --- */

/* How the page is displayed: crop box in user space, units, turn. */
struct sheet {
    double x, y, width, height; /* user space */
    double unit;
    int turn; /* 0 to 3 quarters, clockwise */
};

/* An inheritable entry (7.7.3.4). */
static struct pdf_read_ref inherited(struct pdf_read *d, struct pdf_read_ref page, const char *key)
{
    struct pdf_read_ref v = pdf_read_get(d, page, key);
    for (int i = 0; i < PDF_READ_DEPTH_MAX && pdf_read_is_null(d, v); i++) {
        page = pdf_read_get(d, page, "/Parent");
        v = pdf_read_get(d, page, key);
    }
    return v;
}

static double number(struct pdf_read *d, struct pdf_read_ref r, double otherwise)
{
    struct bytes text = pdf_read_unparse(d, r);
    char copy[40] = "", *end = copy;
    double v;

    if (text.p == NULL || text.n == 0 || text.n >= sizeof copy)
        return otherwise;
    memcpy(copy, text.p, text.n);
    v = strtod(copy, &end);
    return end == copy || *end || !isfinite(v) || fabs(v) > 1e6 ? otherwise : v;
}

/* A rectangle in any order of corners; false when it is none, or empty. */
static bool read_box(struct pdf_read *d, struct pdf_read_ref r, double b[4])
{
    if (pdf_read_length(d, r) != 4)
        return false;
    for (int i = 0; i < 4; i++)
        b[i] = number(d, pdf_read_item(d, r, i), NAN);
    if (isnan(b[0] + b[1] + b[2] + b[3]))
        return false;
    for (int i = 0; i < 2; i++) {
        double low = fmin(b[i], b[i + 2]);
        b[i + 2] = fmax(b[i], b[i + 2]);
        b[i] = low;
    }
    return b[2] - b[0] > 0 && b[3] - b[1] > 0;
}

static void read_sheet(struct pdf_read *d, struct pdf_read_ref page, struct sheet *s)
{
    double media[4] = { 0, 0, 595.276, 841.89 }, crop[4];
    double unit = number(d, pdf_read_get(d, page, "/UserUnit"), 1);
    int64_t rotate = pdf_read_int(d, inherited(d, page, "/Rotate"), 0);
    double b[4];

    if (read_box(d, inherited(d, page, "/MediaBox"), b))
        memcpy(media, b, sizeof media);
    memcpy(crop, media, sizeof crop);
    if (read_box(d, inherited(d, page, "/CropBox"), b)) {
        b[0] = fmax(b[0], media[0]);
        b[1] = fmax(b[1], media[1]);
        b[2] = fmin(b[2], media[2]);
        b[3] = fmin(b[3], media[3]);
        if (b[2] > b[0] && b[3] > b[1])
            memcpy(crop, b, sizeof crop);
    }
    *s = (struct sheet){ crop[0],
                         crop[1],
                         crop[2] - crop[0],
                         crop[3] - crop[1],
                         unit > 0.001 && unit <= 75000 ? unit : 1,
                         rotate % 90 ? 0 : (int)(((rotate / 90) % 4 + 4) % 4) };
}

/*
 * The place in user space: /Rect, and the size of the appearance before it is turned. A page turned
 * clockwise by R is displayed so that (u, v) of the crop box is at (v, w - u) for 90 degrees, at
 * (w - u, h - v) for 180, at (h - v, u) for 270.
 */
static enum err locate(const struct sheet *s, const struct pdf_seal_place *p, double rect[4],
                       double *width, double *height)
{
    double x = p->x / s->unit, y = p->y / s->unit, w = p->width / s->unit, h = p->height / s->unit;
    double sw = s->turn % 2 ? s->height : s->width, sh = s->turn % 2 ? s->width : s->height;
    double slack = SLACK / s->unit;

    if (!isfinite(x + y + w + h) || p->width < 3 || p->height < 3 || x < -slack || y < -slack ||
        x + w > sw + slack || y + h > sh + slack)
        return FAIL(E_INPUT, "seal-place", "%.1f %.1f %.1f %.1f on %.0f x %.0f", p->x, p->y,
                    p->width, p->height, sw * s->unit, sh * s->unit);
    if (w * h > sw * sh / 4)
        return FAIL(E_INPUT, "seal-place-large", "%.0f x %.0f", p->width, p->height);
    const double at[4][2] = {
        { x, y }, { sh - y - h, x }, { sw - x - w, sh - y - h }, { y, sw - x - w }
    };
    rect[0] = s->x + at[s->turn][0];
    rect[1] = s->y + at[s->turn][1];
    rect[2] = rect[0] + (s->turn % 2 ? h : w);
    rect[3] = rect[1] + (s->turn % 2 ? w : h);
    *width = w;
    *height = h;
    return E_OK;
}

/* --- the appearance --- */

/* Everything once: at another place another space may end a line and not be shown. */
static void use_all(struct pdf_seal_shared *s, struct str text)
{
    uint32_t code;
    for (size_t at = 0; at < text.n;) {
        uint32_t glyph = pdf_font_next(PDF_FONT_GOTHIC, text, &at, &code);
        (void)pdf_font_use_add(&s->use, glyph, code);
    }
}

/* What is the same at every place. */
static enum err prepare(struct pdf_append *w, const struct pdf_look *look,
                        struct pdf_seal_shared *s)
{
    struct buf mark;
    enum err e;

    if (s->look == look)
        return E_OK;
    if ((e = pdf_seal_check(look)) != E_OK)
        return e;
    *s = (struct pdf_seal_shared){ .look = look, .aspect = 1 };
    s->use = pdf_font_use_init(PDF_FONT_GOTHIC, w->arena);
    use_all(s, look->name);
    use_all(s, look->reason);
    use_all(s, look->date);
    if (look->kind == PDF_SEAL_IMAGE)
        return pdf_seal_image_write(w, look, s);
    if (look->kind == PDF_SEAL_TEXT)
        return E_OK;
    mark = buf_init(1u << 20);
    pdf_seal_mark_content(look, &mark);
    e = buf_to_str(&mark, w->arena, &s->mark);
    buf_free(&mark);
    return e;
}

/* The mark beside the captions in a wide box, above them in another; either may be alone. */
static void divide(const struct pdf_look *look, bool captions, double w, double h,
                   struct pdf_seal_box *mark, struct pdf_seal_box *text)
{
    *mark = *text = (struct pdf_seal_box){ 0, 0, w, h };
    if (!captions || look->kind == PDF_SEAL_TEXT)
        return;
    if (w >= 1.4 * h) {
        mark->width = fmin(h, 0.45 * w);
        text->x = mark->width + 0.04 * w;
        text->width = w - text->x;
    } else {
        text->height = 0.38 * h;
        mark->y = 0.41 * h;
        mark->height = 0.59 * h;
    }
}

static void draw_mark(const struct pdf_seal_shared *s, const struct pdf_seal_box *b,
                      struct buf *out)
{
    double w = fmin(b->width, b->height * s->aspect), h = w / s->aspect;
    double x = b->x + (b->width - w) / 2, y = b->y + (b->height - h) / 2;

    if (s->image)
        buf_fmt(out, "q %.4f 0 0 %.4f %.4f %.4f cm /Im Do Q\n", w, h, x, y);
    else
        buf_fmt(out, "q %.6f 0 0 %.6f %.4f %.4f cm\n%sQ\n", w / 1000, h / 1000, x, y, s->mark.p);
}

static void draw_captions(struct pdf_seal_shared *s, const struct pdf_seal_captions *c,
                          double scale, struct buf *out)
{
    uint32_t code;

    buf_fmt(out, "BT 0.110 0.153 0.200 rg /F %.4f Tf %.4f TL %.4f %.4f Td\n", c->size * scale,
            c->leading * scale, c->x * scale, c->y * scale);
    for (size_t i = 0; i < c->n; i++) {
        buf_add_char(out, '<');
        for (size_t at = c->line[i].from; at < c->line[i].to;) {
            uint32_t glyph = pdf_font_next(PDF_FONT_GOTHIC, c->line[i].text, &at, &code);
            buf_fmt(out, "%04X", pdf_font_use_add(&s->use, glyph, code));
        }
        buf_add_z(out, "> Tj T*\n");
    }
    buf_add_z(out, "ET\n");
}

static uint32_t sink_id(void *arg)
{
    return pdf_append_new_id(arg);
}

static void sink_object(void *arg, uint32_t id, struct str body)
{
    pdf_append_object(arg, id, body);
}

static void sink_stream(void *arg, uint32_t id, struct str entries, struct bytes data)
{
    pdf_append_stream_with(arg, id, entries, data);
}

static enum err put_font(struct pdf_append *w, struct pdf_seal_shared *s)
{
    const struct pdf_font_sink sink = { sink_id, sink_object, sink_stream, w };
    if (s->font || s->use.n == 0)
        return E_OK;
    s->font = pdf_append_new_id(w);
    return pdf_font_write(&s->use, &sink, s->font);
}

/* The form XObject; its matrix turns it upright on a turned page. */
static enum err put_form(struct pdf_append *w, uint32_t id, const struct pdf_seal_shared *s,
                         const struct sheet *sheet, double width, double height,
                         struct bytes content)
{
    static const int turns[4][4] = {
        { 1, 0, 0, 1 }, { 0, 1, -1, 0 }, { -1, 0, 0, -1 }, { 0, -1, 1, 0 }
    };
    const int *t = turns[sheet->turn];
    double e = sheet->turn == 1 ? height : sheet->turn == 2 ? width : 0;
    double f = sheet->turn == 2 ? height : sheet->turn == 3 ? width : 0;
    struct str resources = STR("");

    if (s->image)
        resources = str_fmt(w->arena, "/XObject<</Im %u 0 R>>", s->image);
    if (s->font)
        resources = str_fmt(w->arena, "%s/Font<</F %u 0 R>>", resources.p, s->font);
    return pdf_seal_image_stream(
        w, id,
        str_fmt(w->arena,
                "/Type/XObject/Subtype/Form/BBox[0 0 %.4f %.4f]/Matrix[%d %d %d %d "
                "%.4f %.4f]/Resources<<%s>>",
                width, height, t[0], t[1], t[2], t[3], e, f, resources.p)
            .p,
        content);
}

enum err pdf_seal_write(struct pdf_append *w, const struct pdf_seal_place *place,
                        struct pdf_read_ref page, struct pdf_seal_shared *shared,
                        uint32_t *appearance, double rect[4])
{
    struct pdf_seal_shared own = { .look = NULL }, *s = shared ? shared : &own;
    struct pdf_seal_box mark, text;
    struct pdf_seal_captions captions;
    struct buf content = buf_init(4u << 20);
    struct sheet sheet;
    double width = 0, height = 0;
    size_t n;
    enum err e;

    read_sheet(w->doc, page, &sheet);
    if ((e = locate(&sheet, place, rect, &width, &height)) != E_OK ||
        (e = prepare(w, place->look, s)) != E_OK ||
        (e = pdf_seal_caption_check(place->look, &n)) != E_OK)
        goto out;
    /* captions are laid out in points as displayed, whatever the unit */
    divide(place->look, n > 0, place->width, place->height, &mark, &text);
    if ((e = pdf_seal_caption_layout(place->look, &text, w->arena, &captions)) != E_OK)
        goto out;
    if (place->look->kind != PDF_SEAL_TEXT) {
        struct pdf_seal_box b = { mark.x / sheet.unit, mark.y / sheet.unit, mark.width / sheet.unit,
                                  mark.height / sheet.unit };
        draw_mark(s, &b, &content);
    }
    if (n > 0)
        draw_captions(s, &captions, 1 / sheet.unit, &content);
    *appearance = pdf_append_new_id(w);
    if ((e = put_font(w, s)) == E_OK)
        e = put_form(w, *appearance, s, &sheet, width, height, buf_bytes(&content));
out:
    buf_free(&content);
    return e;
}
