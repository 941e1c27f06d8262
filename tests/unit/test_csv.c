/* test_csv.c - csv_read.h: what spreadsheets in Japan write, and what nobody should. */
#include "tap.h"

#include "base/buf.h"
#include "base/csv.h"
#include "base/csv_read.h"

static struct arena *a;

#define BYTES(literal) bytes_of_str(STR(literal))

static struct str decoded(struct bytes file)
{
    struct str s;
    return csv_read_decode(a, file, &s) == E_OK ? s : STR("(refused)");
}

static void test_encodings(void)
{
    struct str s;

    is_str(decoded(BYTES("操作,氏名")), "操作,氏名", "UTF-8");
    is_str(decoded(BYTES("\xef\xbb\xbf操作,氏名")), "操作,氏名", "with its mark, which goes");
    is_str(decoded(BYTES("\x91\x80\x8d\xec,\x8e\x81\x96\xbc")), "操作,氏名", "Windows-31J");
    is_str(decoded(BYTES("\xfb\xfc\x8d\xe2")), "髙坂", "with a character of NEC and IBM");
    is_str(decoded(BYTES("")), "", "nothing");
    is_err(csv_read_decode(a, BYTES("\xff\xfe\x41\x00"), &s), E_INPUT, "UTF-16 is neither");
    is_str(str_z(fault_current()->reason), "csv-encoding", "and says so");
    is_err(csv_read_decode(a, BYTES("a\0b"), &s), E_INPUT, "a NUL is no text");
}

/* Rows as "cell|cell/cell|cell". */
static struct str rows(const char *text)
{
    struct csv_read_table t;
    struct str out = STR("");
    size_t line;

    if (csv_read_parse(a, str_z(text), 100, &t, &line) != E_OK)
        return str_fmt(a, "%s at %zu", fault_current()->reason, line);
    for (size_t i = 0; i < t.n; i++)
        for (size_t k = 0; k < t.rows[i].n; k++)
            out = str_fmt(a, "%s%s%s", out.p, k ? "|" : (i ? "/" : ""), t.rows[i].cells[k].p);
    return out;
}

static void test_rows(void)
{
    is_str(rows("a,b\r\nc,d\r\n"), "a|b/c|d", "two rows");
    is_str(rows("a,b\nc,d"), "a|b/c|d", "line feeds, and none at the end");
    is_str(rows("a,b\rc,d\r"), "a|b/c|d", "carriage returns");
    is_str(rows("a\tb,c\nd\te\n"), "a|b,c/d|e", "a tab in the first line separates");
    is_str(rows("a,\"b,\"\"c\"\"\r\nd\"\ne,f"), "a|b,\"c\"\r\nd/e|f", "quotation marks");
    is_str(rows("a,,\n,,\n\n \n,b,\n"), "a||/|b|", "empty cells stay, empty rows go");
    is_str(rows(" a ,\u3000b\u3000\n"), "a|b", "spaces around go, the wide ones too");
    is_str(rows(""), "", "no row");
    is_str(rows("a,\"b"), "csv-quote at 1", "a quotation mark that is not closed");
    is_str(rows("x\na,\"b\" c\n"), "csv-quote at 2", "text behind one");
    is_str(rows("a\"b\",c\n"), "a\"b\"|c", "one inside a cell is itself");
}

static void test_limits(void)
{
    struct csv_read_table t;
    struct buf b = buf_init(1 << 20);
    size_t line;

    is_err(csv_read_parse(a, STR("a\nb\nc\n"), 2, &t, &line), E_LIMIT, "too many rows");
    is_str(str_z(fault_current()->reason), "csv-rows", "say so");
    for (int i = 0; i < CSV_CELLS_MAX; i++)
        buf_add_z(&b, "x,");
    is_err(csv_read_parse(a, buf_str(&b), 2, &t, &line), E_LIMIT, "too many cells");
    buf_reset(&b);
    for (int i = 0; i < 100000; i++)
        buf_add_z(&b, i % 40 == 39 ? "\"x\"\n" : "\"x\",");
    is_err(csv_read_parse(a, buf_str(&b), 5000, &t, &line), E_OK,
           "many quoted cells take little memory");
    is_int(t.rows[2499].line, 2500, "lines are counted");
    buf_free(&b);
}

/* What csv_cell() wrote comes back. */
static void test_round(void)
{
    static const char *const cells[] = { "=1+1", "+81", "\uff1dA1", "it's", "'quoted'", "a\"b\nc" };
    struct buf b = buf_init(1 << 16);
    struct csv_read_table t;
    size_t line;

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        csv_cell(&b, str_z(cells[i]), i + 1 == sizeof cells / sizeof *cells);
    is_err(csv_read_parse(a, buf_str(&b), 5, &t, &line), E_OK, "read");
    for (size_t i = 0; t.n == 1 && i < t.rows[0].n; i++)
        is_str(t.rows[0].cells[i], cells[i], "the same");
    buf_free(&b);
}

int main(void)
{
    a = arena_new((size_t)64 << 20);
    test_encodings();
    test_rows();
    test_limits();
    test_round();
    arena_free(a);
    return tap_done();
}
