/*
 * test_csv_stream.c - reading of comma- and tab-separated values: what RFC 4180 says, what
 * spreadsheets do instead, limits, pieces. What is written is in test_archive.c.
 */
#include "tap.h"

#include "base/csv.h"
#include "base/csv_stream.h"

static struct arena *a;

static struct csv_stream reader(const char *p, size_t n, char separator)
{
    return (struct csv_stream){
        .data = { (const uint8_t *)p, n }, .last = true, .separator = separator, .line = 1
    };
}

/* Cells joined by |, records by /; the reason in brackets at an error. */
static struct str all_of(struct csv_stream r)
{
    struct buf b = buf_init(1 << 16);
    struct csv_record rec;
    struct str out = STR_ABSENT;
    enum err e;

    while ((e = csv_stream_next(&r, a, &rec)) == E_OK) {
        for (size_t i = 0; i < rec.n; i++) {
            if (i)
                buf_add_char(&b, '|');
            buf_add_bytes(&b, rec.cells[i]);
        }
        buf_add_char(&b, '/');
    }
    if (e != E_ABSENT)
        buf_fmt(&b, "[%s %llu]", fault_current()->reason, (unsigned long long)r.line);
    if (buf_to_str(&b, a, &out) != E_OK)
        out = STR_ABSENT;
    buf_free(&b);
    return out;
}

static struct str read_all(const char *text)
{
    return all_of(reader(text, strlen(text), csv_stream_separator(bytes_of_str(str_z(text)))));
}

static void forms(void)
{
    is_str(read_all("a,b\r\nc,d\r\n"), "a|b/c|d/", "CR LF");
    is_str(read_all("a,b\nc,d"), "a|b/c|d/", "LF, none at the end");
    is_str(read_all("a,b\rc,d\r"), "a|b/c|d/", "CR alone");
    is_str(read_all("a\tb\nc\t\"d\te\"\n"), "a|b/c|d\te/", "tabs");
    is_str(read_all("a,b\nc\td,e\n"), "a|b/c\td|e/", "the first line tells the separator");
    is_str(read_all("\"a,\"\"b\"\"\",\"x\r\ny\"\n"), "a,\"b\"|x\r\ny/",
           "quotes, and lines in a cell");
    is_str(read_all("a\"b,c\n"), "a\"b|c/", "a quote within a cell");
    is_str(read_all(",\n\"\",\n"), "|/|/", "empty cells");
    is_str(read_all("\n\r\na\n\n"), "a/", "empty lines are passed over");
    is_str(read_all(""), "", "nothing");
}

static void refusals(void)
{
    struct buf b = buf_init(1 << 20);

    is_str(read_all("a\nb,\"c\nd\n"), "a/[csv-open 2]", "a quote that is not closed, and where");
    is_str(read_all("\"a\"b\n"), "[csv-quote 1]", "something behind the closing quote");
    is_str(all_of(reader("a\nb\0c\n", 6, ',')), "a/[csv-nul 2]", "NUL");
    for (int i = 0; i < 100; i++)
        buf_add_char(&b, ',');
    is_str(read_all((const char *)b.p), "[csv-cells 1]", "101 cells");
    buf_cut(&b, 99);
    ok(read_all((const char *)b.p).n == 100, "100 cells");
    buf_reset(&b);
    for (int i = 0; i < CSV_STREAM_CELL; i++)
        buf_add_char(&b, 'x');
    ok(read_all((const char *)b.p).n == CSV_STREAM_CELL + 1, "the longest cell");
    buf_add_char(&b, 'x');
    is_str(read_all((const char *)b.p), "[csv-cell 1]", "one longer");
    for (int i = 0; i < CSV_STREAM_RECORD; i++)
        buf_add_z(&b, i % 1000 == 0 ? "," : "x");
    buf_cut(&b, CSV_STREAM_RECORD + 4000);
    b.p[1000] = ',';
    b.p[CSV_STREAM_CELL] = ',';
    ok(str_ends(read_all((const char *)b.p), STR(" 1]")), "a record without end");
    buf_free(&b);
}

static void pieces(void)
{
    static const char file[] = "a,\"b\r\nc\"\r\nd,e\r\n";
    struct csv_record rec;

    for (size_t cut = 0; cut < sizeof file - 1; cut++) {
        struct csv_stream r = reader(file, cut, ',');
        size_t n = 0;
        r.last = false;
        while (csv_stream_next(&r, a, &rec) == E_OK)
            n++;
        r.data.n = sizeof file - 1;
        r.last = true;
        while (csv_stream_next(&r, a, &rec) == E_OK)
            n++;
        if (n != 2 || rec.n != 2 || r.line != 4)
            ok(false, "cut at %zu", cut);
    }
    ok(true, "cut anywhere, the same records come out");
}

static void formulas(void)
{
    is_str(csv_stream_plain(a, STR("'=1")), "=1", "the apostrophe of what we wrote is taken off");
    is_str(csv_stream_plain(a, STR("'x")), "'x", "others stay");
    is_str(csv_stream_plain(a, STR("'")), "'", "one alone");
    struct buf b = buf_init(100);
    csv_cell_with(&b, STR("=1\t"), '\t', false);
    csv_cell_with(&b, STR("x"), '\t', true);
    is_str(buf_str(&b), "\"'=1\t\"\t\"x\"\r\n", "tabs between cells");
    buf_free(&b);
}

int main(void)
{
    a = arena_new(64 << 20);
    forms();
    refusals();
    pieces();
    formulas();
    arena_free(a);
    return tap_done();
}
