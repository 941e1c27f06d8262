/* test_archive.c - text of Windows in Japan, cells of a CSV file, and names for people. */
#include "tap.h"

#include "archive/zip_read.h"
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

static void sjis_back(void)
{
    struct bytes b = sjis_encode(a, STR("①髙 ｶﾅ契約～"));
    struct str out;

    is_err(sjis_decode(a, b, &out), E_OK, "what was encoded is read");
    is_str(out, "①髙 ｶﾅ契約～", "and the same: NEC's and IBM's characters, too");
    is_err(sjis_decode(a, sjis_encode(a, STR("a𠮷b😀")), &out), E_OK, "what it does not have");
    is_str(out, "a〓b〓", "becomes a mark");
    is_int((int64_t)sjis_encode(a, STR("")).n, 0, "nothing is nothing");
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

/* Made by Python: its name has the flag that says UTF-8. */
static void names(void)
{
    static const uint8_t zip[] = {
        'P',  'K',  3,   4,    20,   0,    0,    8,   0,  0, 0,    0, 0x21, 0,    0x8b, 0x9e, 0xd9,
        0xd3, 1,    0,   0,    0,    1,    0,    0,   0,  7, 0,    0, 0,    0xe5, 0xa5, 0x91, '.',
        'p',  'd',  'f', 'A',  'P',  'K',  1,    2,   20, 3, 20,   0, 0,    8,    0,    0,    0,
        0,    0x21, 0,   0x8b, 0x9e, 0xd9, 0xd3, 1,   0,  0, 0,    1, 0,    0,    0,    7,    0,
        0,    0,    0,   0,    0,    0,    0,    0,   0,  0, 0x80, 1, 0,    0,    0,    0,    0xe5,
        0xa5, 0x91, '.', 'p',  'd',  'f',  'P',  'K', 5,  6, 0,    0, 0,    0,    1,    0,    1,
        0,    53,   0,   0,    0,    38,   0,    0,   0,  0, 0
    };
    struct buf out = buf_init(10);
    struct zip_read *z = NULL;
    struct str name = STR_ABSENT;

    is_err(zip_read_open((struct bytes){ zip, sizeof zip }, &z), E_OK, "a ZIP");
    is_err(zip_read_next(z, a, &name, &out), E_OK, "with one file");
    is_str(name, "契.pdf", "whose name is UTF-8, whatever the locale");
    is_int((int64_t)out.n, 1, "and whose bytes are there");
    is_err(zip_read_next(z, a, &name, &out), E_ABSENT, "and no other");
    zip_read_close(z);
    buf_free(&out);
}

int main(void)
{
    a = arena_new(1 << 20);
    names();
    sjis();
    sjis_back();
    csv();
    printable();
    arena_free(a);
    return tap_done();
}
