/*
 * pdf_compose_table.c - see pdf_compose.h: tables. A row stays on one page when it fits on any;
 * a longer one is cut between lines.
 */
#include "sign/pdf_compose_inside.h"

#define PAD 3.5
#define GAP 9.0
#define LEADING 1.5
#define PAGE_ROOM (COMPOSE_HEIGHT - COMPOSE_TOP - COMPOSE_BOTTOM)

/* One row on its way to the page. */
struct row {
    size_t n;
    double size;
    bool head;
    struct cell {
        struct str text;
        double x, width;
        bool label;
        const struct pdf_font_line *line;
        size_t lines;
        uint32_t element;
    } cell[PDF_COMPOSE_COLUMNS_MAX];
};

static size_t wrap_row(struct pdf_compose *c, struct row *r)
{
    size_t most = 1;
    for (size_t i = 0; i < r->n; i++) {
        struct cell *k = &r->cell[i];
        k->line = pdf_compose_wrap(c, k->text, r->size, k->width, &k->lines);
        most = k->lines > most ? k->lines : most;
    }
    return most;
}

static void ground(struct pdf_compose *c, double height)
{
    pdf_compose_artifact(c);
    pdf_compose_put(c, "0.949 0.937 0.910 rg %.2f %.2f %.2f %.2f re f\n", COMPOSE_LEFT,
                    c->y - height, COMPOSE_LINE, height);
    pdf_compose_unmark(c);
}

static void line_below(struct pdf_compose *c)
{
    pdf_compose_artifact(c);
    pdf_compose_put(c, "0.800 0.780 0.745 RG 0.4 w %.2f %.2f m %.2f %.2f l S\n", COMPOSE_LEFT, c->y,
                    COMPOSE_LEFT + COMPOSE_LINE, c->y);
    pdf_compose_unmark(c);
}

/* Lines from..to of all cells; `artifact`: a head that is repeated. */
static void show_lines(struct pdf_compose *c, const struct row *r, size_t from, size_t to,
                       bool artifact)
{
    double leading = r->size * LEADING;
    for (size_t i = 0; i < r->n; i++) {
        const struct cell *k = &r->cell[i];
        struct pdf_compose_style style = { r->size, k->label ? COMPOSE_MUTED : COMPOSE_INK,
                                           r->head };
        if (artifact)
            pdf_compose_artifact(c);
        else
            pdf_compose_mark(c, k->element);
        for (size_t l = from; l < to && l < k->lines; l++)
            pdf_compose_show(c, k->x, c->y - (double)(l - from) * leading - (leading - r->size) / 2,
                             &style, k->text, k->line[l].from, k->line[l].to);
    }
    pdf_compose_unmark(c);
    c->y -= (double)(to - from) * leading;
}

static void put_row(struct pdf_compose *c, struct row *r, struct row *head)
{
    size_t n = wrap_row(c, r), from = 0;
    double leading = r->size * LEADING, height = (double)n * leading + 2 * PAD;

    while (from < n && c->err == E_OK) {
        double left = c->pages_n ? c->y - COMPOSE_BOTTOM - 2 * PAD : 0;
        size_t to = n;
        if ((double)(n - from) * leading > left) {
            to = from + (left > leading ? (size_t)(left / leading) : 0);
            if (height <= PAGE_ROOM - 60 || to < from + 3) {
                pdf_compose_room(c, PAGE_ROOM + 1); /* a page of its own */
                if (head) {
                    size_t lines = wrap_row(c, head);
                    ground(c, (double)lines * head->size * LEADING + 2 * PAD);
                    c->y -= PAD;
                    show_lines(c, head, 0, lines, true);
                    c->y -= PAD;
                }
                height = PAGE_ROOM; /* from here on it is cut where the page ends */
                continue;
            }
        }
        if (r->head)
            ground(c, height);
        c->y -= PAD;
        show_lines(c, r, from, to, false);
        c->y -= PAD;
        line_below(c);
        from = to;
    }
}

void pdf_compose_table(struct pdf_compose *c, const struct pdf_compose_row *rows, size_t n)
{
    uint32_t table = pdf_compose_element(c, 0, "Table", "");
    double first = COMPOSE_LINE * 0.29;

    c->list = 0;
    for (size_t i = 0; i < n; i++) {
        if (str_absent(rows[i].value))
            continue;
        uint32_t tr = pdf_compose_element(c, table, "TR", "");
        struct row r = { .n = 2, .size = 9.5 };
        r.cell[0] = (struct cell){ .text = str_dup(c->arena, rows[i].label),
                                   .x = COMPOSE_LEFT,
                                   .width = first - GAP,
                                   .label = true,
                                   .element = pdf_compose_element(c, tr, "TH",
                                                                  "/A<</O/Table/Scope/Row>>") };
        r.cell[1] = (struct cell){ .text = str_dup(c->arena, rows[i].value),
                                   .x = COMPOSE_LEFT + first,
                                   .width = COMPOSE_LINE - first,
                                   .element = pdf_compose_element(c, tr, "TD", "") };
        put_row(c, &r, NULL);
    }
    c->y -= 7;
}

static void columns(struct row *r, size_t n, const unsigned *widths)
{
    double x = COMPOSE_LEFT + 4, line = COMPOSE_LINE - 8;
    unsigned total = 0;
    for (size_t i = 0; i < n; i++)
        total += widths ? widths[i] : 1;
    for (size_t i = 0; i < n; i++) {
        double w = line * (widths ? widths[i] : 1) / (total ? total : 1);
        r->cell[i].x = x;
        r->cell[i].width = w - (i + 1 < n ? GAP * 0.7 : 0);
        x += w;
    }
    r->n = n;
}

void pdf_compose_grid(struct pdf_compose *c, const struct str *cells, size_t rows, size_t columns_n,
                      const unsigned *widths)
{
    uint32_t table = pdf_compose_element(c, 0, "Table", "");
    struct row head = { .size = 8.5, .head = true };

    c->list = 0;
    if (columns_n == 0 || columns_n > PDF_COMPOSE_COLUMNS_MAX) {
        c->err = FAIL(E_INTERNAL, "", "a table of %zu columns", columns_n);
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        struct row r = { .size = 8.5, .head = i == 0 };
        uint32_t tr = pdf_compose_element(c, table, "TR", "");
        columns(&r, columns_n, widths);
        for (size_t k = 0; k < columns_n; k++) {
            struct str text = cells[i * columns_n + k];
            r.cell[k].text = str_absent(text) ? STR("") : str_dup(c->arena, text);
            r.cell[k].element =
                i == 0 ? pdf_compose_element(c, tr, "TH", "/A<</O/Table/Scope/Column>>")
                       : pdf_compose_element(c, tr, "TD", "");
        }
        if (i == 0)
            head = r;
        put_row(c, &r, i ? &head : NULL);
    }
    c->y -= 7;
}
