/* pdf_compose_page.c - pages of text: room, lines, and what stands at the edges. */
#include "sign/pdf_compose_inside.h"

#include "sign/pdf_flate.h"

void pdf_compose_put(struct pdf_compose *c, const char *format, ...)
{
    struct pdf_compose_text *t = &c->text;
    for (;;) {
        va_list ap;
        va_start(ap, format);
        int n = vsnprintf(t->p ? t->p + t->n : NULL, t->cap - t->n, format, ap);
        va_end(ap);
        if (n < 0)
            return;
        if ((size_t)n < t->cap - t->n) {
            t->n += (size_t)n;
            return;
        }
        size_t cap = (t->cap + (size_t)n) * 2 + 4096;
        char *p = arena_alloc(c->arena, cap);
        if (t->p)
            memcpy(p, t->p, t->n);
        t->p = p;
        t->cap = cap;
    }
}

static struct bytes packed(struct pdf_compose *c, struct bytes data)
{
    struct buf b = buf_init(2 * data.n + 4096);
    struct bytes out = BYTES_ABSENT;
    enum err e = pdf_flate(data, &b);
    if (e == E_OK)
        out = bytes_dup(c->arena, buf_bytes(&b));
    else if (c->err == E_OK)
        c->err = e;
    buf_free(&b);
    return out;
}

void pdf_compose_page_end(struct pdf_compose *c)
{
    if (c->pages_n == 0)
        return;
    pdf_compose_unmark(c);
    c->pages[c->pages_n - 1].body =
        packed(c, (struct bytes){ (const uint8_t *)c->text.p, c->text.n });
    c->text.n = 0;
}

static void page_begin(struct pdf_compose *c)
{
    if (c->pages_n == PDF_COMPOSE_PAGES_MAX && c->err == E_OK)
        c->err = FAIL(E_LIMIT, "compose-too-long", "%d pages", PDF_COMPOSE_PAGES_MAX);
    pdf_compose_page_end(c);
    if (c->pages_n == c->pages_cap) {
        size_t cap = c->pages_cap ? c->pages_cap * 2 : 4;
        struct pdf_compose_page *grown = ARENA_ARRAY(c->arena, cap, struct pdf_compose_page);
        if (c->pages_n)
            memcpy(grown, c->pages, c->pages_n * sizeof *grown);
        c->pages = grown;
        c->pages_cap = cap;
    }
    if (c->err != E_OK && c->pages_n) /* nothing will be written: stay on this page */
        c->pages_n--;
    c->pages[c->pages_n++] = (struct pdf_compose_page){ .body = BYTES_ABSENT };
    c->y = COMPOSE_HEIGHT - COMPOSE_TOP;
}

void pdf_compose_room(struct pdf_compose *c, double height)
{
    if (c->pages_n == 0 || c->y - height < COMPOSE_BOTTOM)
        page_begin(c);
}

static uint16_t cid_of(struct pdf_compose *c, uint32_t glyph, uint32_t code)
{
    if (glyph == 0) {
        struct str geta = STR("\xe3\x80\x93");
        size_t at = 0;
        glyph = pdf_font_next(PDF_FONT_GOTHIC, geta, &at, &code);
    }
    return pdf_font_use_add(&c->use, glyph, code);
}

/* Operators that show the line; tabs and other controls are spaces. */
void pdf_compose_show(struct pdf_compose *c, double x, double y,
                      const struct pdf_compose_style *style, struct str text, size_t from,
                      size_t to)
{
    uint32_t code;

    if (from >= to)
        return;
    pdf_compose_put(c, "BT /F %.2f Tf %s rg ", style->size, style->colour);
    if (style->bold) /* the face has no bold one: a fine line over the letters */
        pdf_compose_put(c, "%s RG 2 Tr %.3f w ", style->colour, style->size * 0.028);
    pdf_compose_put(c, "1 0 0 1 %.2f %.2f Tm <", x, y - style->size * 0.88);
    for (size_t at = from; at < to;) {
        uint32_t glyph = pdf_font_next(PDF_FONT_GOTHIC, text, &at, &code);
        if (code < ' ') {
            size_t space = 0;
            glyph = pdf_font_next(PDF_FONT_GOTHIC, STR(" "), &space, &code);
        }
        pdf_compose_put(c, "%04X", cid_of(c, glyph, code));
    }
    pdf_compose_put(c, "> Tj%s ET\n", style->bold ? " 0 Tr" : "");
}

struct pdf_font_line *pdf_compose_wrap(struct pdf_compose *c, struct str text, double size,
                                       double width, size_t *n)
{
    return pdf_font_wrap(PDF_FONT_GOTHIC, str_absent(text) ? STR("") : text, width / size * 1000,
                         c->arena, n);
}

static double width_of(struct str text, double size)
{
    uint32_t code;
    double w = 0;
    for (size_t at = 0; at < text.n;) {
        uint32_t glyph = pdf_font_next(PDF_FONT_GOTHIC, text, &at, &code);
        w += pdf_font_advance(PDF_FONT_GOTHIC, glyph);
    }
    return w * size / 1000;
}

/* As much of it as has room. */
static void edge_line(struct pdf_compose *c, double x, double y, double width, struct str text)
{
    static const struct pdf_compose_style small = { 8, COMPOSE_MUTED, false };
    size_t n;
    const struct pdf_font_line *l = pdf_compose_wrap(c, text, small.size, width, &n);
    pdf_compose_show(c, x, y, &small, text, l[0].from, l[0].to);
}

struct str pdf_compose_edges(struct pdf_compose *c, size_t page)
{
    bool ja = str_eq_z(c->info.lang, "ja");
    struct str number = ja ? str_fmt(c->arena, "%zu / %zu ページ", page + 1, c->pages_n)
                           : str_fmt(c->arena, "Page %zu of %zu", page + 1, c->pages_n);
    struct str header = c->info.header;

    if (str_absent(header) && page > 0)
        header = c->info.title;
    c->text.n = 0;
    pdf_compose_put(c, "/Artifact <</Type/Pagination>> BDC\n");
    if (!str_empty(header))
        edge_line(c, COMPOSE_LEFT, COMPOSE_HEIGHT - 40, COMPOSE_LINE, header);
    if (!str_empty(c->info.footer))
        edge_line(c, COMPOSE_LEFT, 44, COMPOSE_LINE - 90, c->info.footer);
    edge_line(c, COMPOSE_WIDTH - COMPOSE_RIGHT - width_of(number, 8), 44, 200, number);
    pdf_compose_put(c, "EMC\n");
    return str_of(c->arena, c->text.p, c->text.n);
}
