/* pdf_compose.c - see pdf_compose.h: the blocks of a report. */
#include "sign/pdf_compose_inside.h"

#define BODY 10.0
#define LEADING 1.62

static const struct pdf_compose_style body_style = { BODY, COMPOSE_INK, false };

/* Copied, valid, without what cannot be shown; line ends stay. */
static struct str clean(struct pdf_compose *c, struct str s)
{
    if (str_absent(s))
        return s;
    if (!utf8_valid(s.p, s.n)) {
        if (c->err == E_OK)
            c->err = FAIL(E_INTERNAL, "", "text that is not UTF-8");
        return STR("");
    }
    return str_dup(c->arena, s);
}

/* Lines of one element at x, breaking over pages. */
static void lines(struct pdf_compose *c, uint32_t element, double x, double width,
                  const struct pdf_compose_style *style, struct str text)
{
    size_t n;
    const struct pdf_font_line *l = pdf_compose_wrap(c, text, style->size, width, &n);
    double leading = style->size * LEADING;

    for (size_t i = 0; i < n; i++) {
        pdf_compose_room(c, leading);
        pdf_compose_mark(c, element);
        pdf_compose_show(c, x, c->y - (leading - style->size) / 2, style, text, l[i].from, l[i].to);
        c->y -= leading;
    }
    pdf_compose_unmark(c);
}

static void block_begin(struct pdf_compose *c)
{
    if (c->list)
        c->y -= 5;
    c->list = 0;
}

struct pdf_compose *pdf_compose_new(struct arena *a, const struct pdf_compose_info *info)
{
    static const struct pdf_compose_style style = { 19, COMPOSE_INK, true };
    struct pdf_compose *c = ARENA_NEW(a, struct pdf_compose);

    c->arena = a;
    c->err = pdf_font_ready(PDF_FONT_GOTHIC);
    c->use = pdf_font_use_init(PDF_FONT_GOTHIC, a);
    c->info = *info;
    c->info.title = clean(c, str_absent(info->title) ? STR("") : info->title);
    c->info.lang = str_eq_z(info->lang, "ja") ? STR("ja") : STR("en");
    c->info.author = clean(c, info->author);
    c->info.header = clean(c, info->header);
    c->info.footer = clean(c, info->footer);
    (void)pdf_compose_element(c, 0, "Document", "");
    pdf_compose_room(c, 0);
    lines(c, pdf_compose_element(c, 0, "H1", ""), COMPOSE_LEFT, COMPOSE_LINE, &style,
          c->info.title);
    c->y -= 4;
    pdf_compose_rule(c);
    return c;
}

void pdf_compose_heading(struct pdf_compose *c, int level, struct str text)
{
    static const struct pdf_compose_style styles[] = { { 14, COMPOSE_INK, true },
                                                       { 11.5, COMPOSE_INK, true },
                                                       { 10, COMPOSE_MUTED, true } };
    static const char *const types[] = { "H2", "H3", "H4" };
    int i = level < 1 ? 0 : level > 3 ? 2 : level - 1;

    block_begin(c);
    c->y -= styles[i].size * (c->y > COMPOSE_HEIGHT - COMPOSE_TOP - 1 ? 0 : 0.9);
    pdf_compose_room(c, styles[i].size * LEADING + 3 * BODY * LEADING); /* not alone at the foot */
    lines(c, pdf_compose_element(c, 0, types[i], ""), COMPOSE_LEFT, COMPOSE_LINE, &styles[i],
          clean(c, text));
    c->y -= 2;
}

void pdf_compose_paragraph(struct pdf_compose *c, struct str text)
{
    block_begin(c);
    lines(c, pdf_compose_element(c, 0, "P", ""), COMPOSE_LEFT, COMPOSE_LINE, &body_style,
          clean(c, text));
    c->y -= 5;
}

void pdf_compose_item(struct pdf_compose *c, struct str text)
{
    uint32_t list =
        c->list ? c->list : pdf_compose_element(c, 0, "L", "/A<</O/List/ListNumbering/Disc>>");
    uint32_t item = pdf_compose_element(c, list, "LI", "");
    struct str dot = STR("・");

    pdf_compose_room(c, BODY * LEADING);
    pdf_compose_mark(c, pdf_compose_element(c, item, "Lbl", ""));
    pdf_compose_show(c, COMPOSE_LEFT, c->y - BODY * (LEADING - 1) / 2, &body_style, dot, 0, dot.n);
    lines(c, pdf_compose_element(c, item, "LBody", ""), COMPOSE_LEFT + BODY, COMPOSE_LINE - BODY,
          &body_style, clean(c, text));
    c->y -= 1.5;
    c->list = list;
}

void pdf_compose_notice(struct pdf_compose *c, enum pdf_compose_tone tone, struct str text)
{
    static const char *const colours[] = { COMPOSE_MUTED, "0.122 0.420 0.271", "0.478 0.322 0.000",
                                           "0.639 0.094 0.169" };
    struct pdf_compose_style style = { 11, COMPOSE_INK, true };
    struct str copy = clean(c, text);
    size_t n;
    const struct pdf_font_line *l = pdf_compose_wrap(c, copy, style.size, COMPOSE_LINE - 28, &n);
    double leading = style.size * LEADING, height = (double)n * leading + 14;

    block_begin(c);
    if (height > 300) { /* words, not a verdict */
        pdf_compose_paragraph(c, text);
        return;
    }
    c->y -= 4;
    pdf_compose_room(c, height);
    pdf_compose_artifact(c);
    pdf_compose_put(c,
                    "0.957 0.945 0.918 rg %.2f %.2f %.2f %.2f re f %s rg %.2f %.2f 4 %.2f re f\n",
                    COMPOSE_LEFT, c->y - height, COMPOSE_LINE, height, colours[(unsigned)tone % 4],
                    COMPOSE_LEFT, c->y - height, height);
    double after = c->y - height - 9;
    c->y -= 7;
    style.colour = tone == PDF_COMPOSE_PLAIN ? COMPOSE_INK : colours[(unsigned)tone % 4];
    pdf_compose_mark(c, pdf_compose_element(c, 0, "P", ""));
    for (size_t i = 0; i < n; i++) {
        pdf_compose_show(c, COMPOSE_LEFT + 16, c->y - (leading - style.size) / 2, &style, copy,
                         l[i].from, l[i].to);
        c->y -= leading;
    }
    pdf_compose_unmark(c);
    c->y = after;
}

void pdf_compose_rule(struct pdf_compose *c)
{
    block_begin(c);
    pdf_compose_room(c, 10);
    pdf_compose_artifact(c);
    pdf_compose_put(c, "0.549 0.525 0.486 RG 0.6 w %.2f %.2f m %.2f %.2f l S\n", COMPOSE_LEFT,
                    c->y - 4, COMPOSE_LEFT + COMPOSE_LINE, c->y - 4);
    pdf_compose_unmark(c);
    c->y -= 12;
}

void pdf_compose_space(struct pdf_compose *c, double points)
{
    block_begin(c);
    c->y -= points;
}

void pdf_compose_new_page(struct pdf_compose *c)
{
    block_begin(c);
    pdf_compose_room(c, COMPOSE_HEIGHT);
}

enum err pdf_compose_finish(struct pdf_compose *c, struct buf *out)
{
    pdf_compose_page_end(c);
    return c->err == E_OK ? pdf_compose_write(c, out) : c->err;
}
