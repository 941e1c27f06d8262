/* test_archive.c - text of Windows in Japan, cells of a CSV file, and names for people. */
#include "tap.h"

#include "base/csv.h"
#include "base/sjis.h"

static struct arena *a;

static struct bytes raw(const char *z)
{
    return (struct bytes){ (const uint8_t *)z, strlen(z) };
}

static void sjis(void)
{
    struct str out;

    is_err(sjis_decode(a, raw("\x8c\x5f\x96\xf1.pdf"), &out), E_OK, "Shift_JIS");
    is_str(out, "契約.pdf", "two-byte characters");
    is_err(sjis_decode(a, raw("\x87\x40\xfb\xfc \xb6\xc5"), &out), E_OK, "Windows-31J");
    is_str(out, "①髙 ｶﾅ", "NEC's and IBM's characters, and half-width kana");
    is_err(sjis_decode(a, raw("\x81"), &out), E_INPUT, "half a character");
    is_err(sjis_decode(a, raw("\xff\xff"), &out), E_INPUT, "no character");
    is_err(sjis_decode(a, BYTES_ABSENT, &out), E_OK, "nothing");
    is_str(out, "", "is nothing");
}

static struct str cell(const char *text)
{
    struct buf b = buf_init(1000);
    struct str out = STR_ABSENT;

    csv_cell(&b, str_z(text), false);
    if (buf_to_str(&b, a, &out) != E_OK)
        out = STR_ABSENT;
    buf_free(&b);
    return out;
}

static void csv(void)
{
    is_str(cell("a,b"), "\"a,b\",", "quoted");
    is_str(cell("a\"b"), "\"a\"\"b\",", "quotes doubled");
    is_str(cell("=1+1"), "\"'=1+1\",", "a formula becomes text");
    is_str(cell("＝1"), "\"'＝1\",", "in full width, too");
    is_str(cell("-5"), "\"'-5\",", "and what a spreadsheet might compute");
    is_str(cell("日本"), "\"日本\",", "Japanese as it is");
}

static void printable(void)
{
    is_str(str_printable(a,
                         STR("a\x01"
                             "b"),
                         10),
           "a\xef\xbf\xbd"
           "b",
           "controls are replaced");
    is_str(str_printable(a, STR("x\xe2\x80\xaegpj.exe"), 20), "x\xef\xbf\xbdgpj.exe",
           "and overrides");
    is_str(str_printable(a, STR("契約書"), 2), "契約", "cut by characters");
    is_str(str_printable(a, STR(""), 2), "", "nothing stays nothing");
}

int main(void)
{
    a = arena_new(1 << 20);
    sjis();
    csv();
    printable();
    arena_free(a);
    return tap_done();
}
