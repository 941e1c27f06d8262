/* csv_read.c - see csv_read.h. */
#include "base/csv_read.h"

#include "base/csv.h"
#include "base/sjis.h"

enum err csv_read_decode(struct arena *a, struct bytes file, struct str *out)
{
    const struct bytes mark = bytes_of_str(STR(CSV_MARK));

    if (file.n >= mark.n && memcmp(file.p, mark.p, mark.n) == 0) {
        file.p += mark.n;
        file.n -= mark.n;
    }
    if (file.n == 0) {
        *out = STR("");
        return E_OK;
    }
    if (utf8_valid((const char *)file.p, file.n)) {
        *out = str_of(a, (const char *)file.p, file.n);
        return E_OK;
    }
    enum err err = sjis_decode(a, file, out);
    if (err == E_INPUT)
        return FAIL(E_INPUT, "csv-encoding", "neither UTF-8 nor Windows-31J");
    return err;
}

struct reader {
    struct arena *a;
    struct str text;
    size_t at, line;
    char separator;
    struct str cells[CSV_CELLS_MAX];
    size_t n;
    bool ended; /* the row, by a line end or the end of the text */
};

/* Step over a line end when there is one here. */
static bool line_end(struct reader *r)
{
    if (r->at >= r->text.n)
        return true;
    if (r->text.p[r->at] != '\r' && r->text.p[r->at] != '\n')
        return false;
    if (r->text.p[r->at] == '\r' && r->text.p[r->at + 1] == '\n')
        r->at++;
    r->at++;
    r->line++;
    return true;
}

/* Where the closing quotation mark of the cell at `from` stands; the text's end when nowhere. */
static size_t closing(struct str s, size_t from)
{
    size_t at = from + 1;

    while (at < s.n && (s.p[at] != '"' || s.p[at + 1] == '"'))
        at += s.p[at] == '"' ? 2 : 1;
    return at < s.n ? at : s.n;
}

/* Between quotation marks; a doubled one stands for itself (RFC 4180 2.7). */
static enum err quoted(struct reader *r, struct str *out)
{
    size_t end = closing(r->text, r->at), n = 0;
    char *to = arena_alloc(r->a, end - r->at + 1);

    if (end == r->text.n)
        return FAIL(E_INPUT, "csv-quote", "line %zu: a quotation mark is not closed", r->line);
    for (r->at++; r->at < end; r->at++) {
        char c = r->text.p[r->at];
        r->at += c == '"';
        r->line += c == '\n' || (c == '\r' && r->text.p[r->at + 1] != '\n');
        to[n++] = c;
    }
    r->at = end + 1;
    *out = str_of(r->a, to, n);
    return E_OK;
}

static struct str plain(struct reader *r)
{
    size_t from = r->at;

    while (r->at < r->text.n && r->text.p[r->at] != r->separator && r->text.p[r->at] != '\r' &&
           r->text.p[r->at] != '\n')
        r->at++;
    return str_sub(r->a, r->text, from, r->at);
}

/* The apostrophe that csv_cell() puts before what would be a formula goes again. */
static struct str bare(struct arena *a, struct str s)
{
    static const char *const wide[] = { "\uff1d", "\uff0b", "\uff0d", "\uff20" };
    bool formula = s.n > 1 && s.p[0] == '\'' && strchr("=+-@", s.p[1]) != NULL;

    for (size_t i = 0; s.n > 1 && s.p[0] == '\'' && i < sizeof wide / sizeof *wide; i++)
        formula = formula || strncmp(s.p + 1, wide[i], strlen(wide[i])) == 0;
    return formula ? str_sub(a, s, 1, s.n) : s;
}

static enum err cell(struct reader *r)
{
    struct str s = STR("");

    if (r->n == CSV_CELLS_MAX)
        return FAIL(E_LIMIT, "csv-cells", "line %zu: more than %d cells", r->line, CSV_CELLS_MAX);
    if (r->at < r->text.n && r->text.p[r->at] == '"') {
        enum err err = quoted(r, &s);
        if (err != E_OK)
            return err;
    } else {
        s = plain(r);
    }
    r->cells[r->n++] = bare(r->a, str_trim(r->a, s));
    if (r->at < r->text.n && r->text.p[r->at] == r->separator)
        r->at++;
    else if (line_end(r))
        r->ended = true;
    else
        return FAIL(E_INPUT, "csv-quote", "line %zu: text behind a quotation mark", r->line);
    return E_OK;
}

static bool nothing(const struct reader *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->cells[i].n > 0)
            return false;
    return true;
}

/* Is there a tab in the first line? */
static bool has_tabs(struct str text)
{
    return text.n > 0 && text.p[strcspn(text.p, "\t\r\n")] == '\t';
}

static enum err add_row(struct reader *r, size_t line, size_t max, struct csv_read_table *out)
{
    struct csv_read_row *row;

    if (nothing(r))
        return E_OK;
    if (out->n == max)
        return FAIL(E_LIMIT, "csv-rows", "more than %zu rows", max);
    row = &out->rows[out->n++];
    row->line = line;
    row->n = r->n;
    row->cells = ARENA_ARRAY(r->a, r->n, struct str);
    for (size_t i = 0; i < r->n; i++)
        row->cells[i] = r->cells[i];
    return E_OK;
}

/* Rows that the text can have at most, so that little text takes little memory. */
static size_t rows_of(struct str text, size_t max)
{
    size_t n = 1;

    for (size_t i = 0; i < text.n && n < max; i++)
        n += text.p[i] == '\n' || text.p[i] == '\r';
    return n;
}

enum err csv_read_parse(struct arena *a, struct str text, size_t rows_max,
                        struct csv_read_table *out, size_t *line)
{
    struct reader r = { .a = a, .text = text, .line = 1 };
    enum err err = E_OK;

    *out = (struct csv_read_table){ .tabs = has_tabs(text) };
    r.separator = out->tabs ? '\t' : ',';
    out->rows = ARENA_ARRAY(a, rows_of(text, rows_max), struct csv_read_row);
    while (err == E_OK && r.at < text.n) {
        size_t begun = r.line;
        r.n = 0;
        r.ended = false;
        while (err == E_OK && !r.ended)
            err = cell(&r);
        if (err == E_OK)
            err = add_row(&r, begun, rows_max, out);
    }
    *line = r.line;
    return err;
}
