/* bulk_result.c - the file that goes back: what was uploaded, and beside it what came of it. */
#include "features/bulk/bulk_inside.h"

#include "base/csv.h"
#include "base/sjis.h"
#include "store/db.h"

enum { RESULT_MAX = 48 << 20 };

/* A result being written. */
struct sheet {
    const struct bulk_run *run;
    const struct bulk_result_words *words;
    struct buf out;
    size_t columns;                  /* of the upload */
    bool skip[BULK_COLUMNS_MAX + 1]; /* results of an earlier time */
    bool ja, windows31j;
    char separator;
};

static const enum bulk_column added[] = { BULK_COLUMN_OUTCOME, BULK_COLUMN_RECEIPT,
                                          BULK_COLUMN_ISSUED, BULK_COLUMN_ERROR };
enum { ADDED = sizeof added / sizeof *added };

static bool is_added(struct str title)
{
    for (int i = 0; i < ADDED; i++)
        if (str_eq_ci(title, bulk_columns_title(added[i], true)) ||
            str_eq_ci(title, bulk_columns_title(added[i], false)))
            return true;
    return false;
}

/* One line's text in the file's encoding. */
static void put_line(struct arena *a, struct sheet *s, struct buf *line)
{
    struct str text = buf_str(line);

    if (s->windows31j)
        buf_add_bytes(&s->out, sjis_encode(a, text));
    else
        buf_add_str(&s->out, text);
    if (!buf_ok(line))
        s->out.failed = true;
    buf_reset(line);
}

static enum err put_header(struct tx *tx, struct sheet *s, struct buf *line)
{
    struct str *titles;

    TRY(bulk_order_texts(tx_arena(tx), s->run->header, &titles, &s->columns));
    for (size_t i = 0; i < s->columns && i < BULK_COLUMNS_MAX; i++) {
        s->skip[i] = is_added(titles[i]);
        if (!s->skip[i])
            csv_cell_with(line, titles[i], s->separator, false);
    }
    for (int i = 0; i < ADDED; i++)
        csv_cell_with(line, bulk_columns_title(added[i], s->ja), s->separator, i == ADDED - 1);
    put_line(tx_arena(tx), s, line);
    return E_OK;
}

static enum err put_row(struct arena *a, struct sheet *s, const struct bulk_row *row,
                        struct buf *line)
{
    struct str *cells;
    size_t n;

    TRY(bulk_order_texts(a, row->cells, &cells, &n));
    for (size_t i = 0; i < s->columns && i < BULK_COLUMNS_MAX; i++)
        if (!s->skip[i])
            csv_cell_with(line, i < n ? cells[i] : STR(""), s->separator, false);
    csv_cell_with(line, s->words->outcome(a, s->ja, row), s->separator, false);
    csv_cell_with(line, row->receipt, s->separator, false);
    csv_cell_with(line, row->serial, s->separator, false);
    csv_cell_with(line, s->words->findings(a, s->ja, row->findings), s->separator, true);
    put_line(a, s, line);
    return E_OK;
}

/* 200 rows, in memory that is given back behind them. */
static enum err put_some(struct tx *tx, struct sheet *s, uint32_t states, uint32_t *after,
                         bool *more)
{
    struct arena *a = arena_new(64 << 20), *before = tx_swap_arena(tx, a);
    struct buf line = buf_init(1 << 20);
    struct bulk_row *rows;
    size_t n = 0;
    enum err e = bulk_rows_after(tx, s->run, states, *after, &rows, &n);

    for (size_t i = 0; i < n && e == E_OK; i++) {
        e = put_row(a, s, &rows[i], &line);
        *after = rows[i].seq;
    }
    *more = n > 0;
    buf_free(&line);
    (void)tx_swap_arena(tx, before);
    arena_free(a);
    return e;
}

enum err bulk_result(struct tx *tx, const struct bulk_run *run, bool failed,
                     const struct bulk_result_words *words, struct bytes *out)
{
    const uint32_t states = failed ? 1u << BULK_ROW_BAD | 1u << BULK_ROW_FAILED : 0;
    struct sheet s = { .run = run, .words = words, .out = buf_init(RESULT_MAX) };
    struct buf line = buf_init(64 * 1024);
    uint32_t after = 0;
    bool more = true;
    enum err e;

    if (run->erased)
        return FAIL(E_STATE, "bulk-erased", "run %llu", (unsigned long long)run->id.v);
    s.ja = str_eq_z(run->lang, "ja");
    s.windows31j = str_eq_z(run->encoding, "windows-31j");
    s.separator = str_eq_z(run->format, "tsv") ? '\t' : ',';
    if (str_eq_z(run->encoding, "utf-8-bom"))
        buf_add_z(&s.out, CSV_MARK);
    e = put_header(tx, &s, &line);
    while (e == E_OK && more)
        e = put_some(tx, &s, states, &after, &more);
    if (e == E_OK)
        e = buf_to_bytes(&s.out, tx_arena(tx), out);
    buf_free(&line);
    buf_free(&s.out);
    return e;
}
