/* csv_stream.c - see csv_stream.h. */
#include "base/csv_stream.h"

#include "base/csv.h"

/* A record being read: cells lie one after the other in `text`. */
struct reading {
    const uint8_t *p;
    size_t n, at;
    char separator;
    uint64_t lines; /* line ends passed */
    uint8_t *text;
    size_t used;
    size_t from[CSV_STREAM_CELLS + 1];
    size_t cells;
    bool open; /* the end came inside of quotes */
};

static enum err put(struct reading *g, uint8_t c)
{
    if (c == 0)
        return FAIL(E_INPUT, "csv-nul", "line end %llu", (unsigned long long)g->lines);
    if (g->used - g->from[g->cells] == CSV_STREAM_CELL)
        return FAIL(E_LIMIT, "csv-cell", "more than %d bytes", CSV_STREAM_CELL);
    if (c == '\n')
        g->lines++;
    g->text[g->used++] = c;
    return E_OK;
}

/* Behind the opening quote; ends behind the closing one. */
static enum err quoted(struct reading *g)
{
    while (g->at < g->n) {
        uint8_t c = g->p[g->at++];
        if (c == '"' && (g->at == g->n || g->p[g->at] != '"'))
            return E_OK;
        if (c == '"')
            g->at++;
        enum err e = put(g, c);
        if (e != E_OK)
            return e;
    }
    g->open = true;
    return E_OK;
}

static bool ends_cell(const struct reading *g)
{
    return g->at == g->n || g->p[g->at] == (uint8_t)g->separator || g->p[g->at] == '\n' ||
           g->p[g->at] == '\r';
}

static enum err cell(struct reading *g)
{
    enum err e = E_OK;

    if (g->cells == CSV_STREAM_CELLS)
        return FAIL(E_LIMIT, "csv-cells", "more than %d cells", CSV_STREAM_CELLS);
    if (g->at < g->n && g->p[g->at] == '"') {
        g->at++;
        e = quoted(g);
        if (e == E_OK && !ends_cell(g))
            e = FAIL(E_INPUT, "csv-quote", "something behind a closing quote");
    } else {
        while (e == E_OK && !ends_cell(g))
            e = put(g, g->p[g->at++]);
    }
    g->from[++g->cells] = g->used;
    return e;
}

/* All cells up to the line end, which is passed. *ended: there was one. */
static enum err record(struct reading *g, bool *ended)
{
    for (*ended = false;;) {
        enum err e = cell(g);
        if (e != E_OK)
            return e;
        if (g->at == g->n)
            return E_OK;
        if (g->p[g->at] == (uint8_t)g->separator) {
            g->at++;
            continue;
        }
        if (g->p[g->at] == '\r' && g->at + 1 == g->n)
            return E_OK; /* its line feed may follow in the next piece */
        g->at += g->p[g->at] == '\r' && g->p[g->at + 1] == '\n' ? 2 : 1;
        g->lines++;
        *ended = true;
        return E_OK;
    }
}

static void take(const struct reading *g, struct arena *a, uint64_t line, struct csv_record *out)
{
    out->cells = ARENA_ARRAY(a, g->cells, struct bytes);
    out->n = g->cells;
    out->line = line;
    for (size_t i = 0; i < g->cells; i++)
        out->cells[i] =
            bytes_dup(a, (struct bytes){ g->text + g->from[i], g->from[i + 1] - g->from[i] });
}

static bool blank(const struct reading *g)
{
    return g->cells == 1 && g->used == 0;
}

enum err csv_stream_next(struct csv_stream *r, struct arena *a, struct csv_record *out)
{
    static uint8_t text[CSV_STREAM_RECORD];
    bool ended;

    for (;;) {
        size_t left = r->data.n - r->at;
        size_t n = left < CSV_STREAM_RECORD ? left : CSV_STREAM_RECORD;
        struct reading g = { .p = r->data.p + r->at, .n = n, .text = text };
        g.separator = r->separator;
        if (left == 0)
            return FAIL(E_ABSENT, "", "the end");
        enum err e = record(&g, &ended);
        if (e != E_OK)
            return e;
        if (!ended && n == CSV_STREAM_RECORD)
            return FAIL(E_LIMIT, "csv-record", "more than %d bytes", CSV_STREAM_RECORD);
        if (!ended && !r->last)
            return FAIL(E_ABSENT, "", "the piece's end");
        if (g.open)
            return FAIL(E_INPUT, "csv-open", "a quote is not closed");
        uint64_t line = r->line;
        r->line += g.lines;
        r->at += ended ? g.at : n;
        if (blank(&g))
            continue;
        take(&g, a, line, out);
        return E_OK;
    }
}

char csv_stream_separator(struct bytes data)
{
    for (size_t i = 0; i < data.n && data.p[i] != '\n' && data.p[i] != '\r'; i++)
        if (data.p[i] == '\t')
            return '\t';
    return ',';
}

struct str csv_stream_plain(struct arena *a, struct str cell)
{
    struct str rest = cell.n > 1 && cell.p[0] == '\'' ? str_sub(a, cell, 1, cell.n) : STR_ABSENT;

    return csv_formula(rest) ? rest : cell;
}
