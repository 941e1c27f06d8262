/*
 * test_bulk_file.c - files as a whole: what is refused at once and why, and templates that are
 * taken (issue item 8: oversized, malformed, wrong encoding).
 */
#include "bulk_kit.h"

#include "base/log.h"
#include "base/sjis.h"

#define HEADER "Operation,ID,Account,Key,CSR,Serial,Reason\n"

static struct fake *admin, *user;
static struct arena *a;

static void refused_whole(void)
{
    static const struct {
        const char *name, *text, *words;
    } bad[] = {
        { "workbook", "PK\003\004xl/workbook.xml", "This is a workbook or a PDF" },
        { "utf-16", "\xff\xfeO", "This file is in UTF-16" },
        { "header alone", HEADER, "has a header and no rows" },
        { "unknown column", "Operation,Colour\nISSUE,red\n", "The column &quot;Colour&quot;" },
        { "column twice", "Operation,ID,id\nISSUE,1,1\n", "is there twice" },
        { "no operation", "ID,Account\n1,user001\n", "No column is called Operation" },
        { "open quote", HEADER "ISSUE,\"1,user001\nISSUE,2\n", "opens in line 2" },
        { "behind a quote", HEADER "ISSUE,\"1\"x,user001\n", "In line 2 something stands" },
        { "no text", HEADER "ISSUE,\xff\xff\xff,user001\n", "Line 2 is neither" },
    };
    struct buf b = buf_init(32 << 20);
    struct fake_reply r;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        r = bulk_kit_upload(admin, "bad.csv", str_z(bad[i].text));
        ok(r.status == 422 && fake_reply_has(&r, bad[i].words), "%s: refused, and told why (%d)",
           bad[i].name, r.status);
    }
    r = fake_upload(admin, "/bulk", "profile=user-auth", "file", "nul.csv",
                    (struct bytes){ (const uint8_t *)"Operation\nIS\0UE\n", 16 });
    ok(r.status == 422 && fake_reply_has(&r, "NUL"), "NUL: refused");
    buf_add_z(&b, "Operation,Account\n");
    for (int i = 0; i < BULK_ROWS_MAX + 1; i++)
        buf_add_z(&b, "ISSUE,x\n");
    r = bulk_kit_upload(admin, "many.csv", buf_str(&b));
    ok(r.status == 422 && fake_reply_has(&r, "more than 20,000 rows"), "20,001 rows: refused");
    while (b.n <= BULK_SIZE_MAX)
        buf_add_z(&b,
                  "ISSUE,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
    r = bulk_kit_upload(admin, "large.csv", buf_str(&b));
    ok(r.status == 422 || r.status == 413, "more than 10 MB: refused (%d)", r.status);
    buf_free(&b);
    r = fake_upload(admin, "/bulk", "profile=nothing", "file", "x.csv", bytes_of_str(STR("x")));
    is_int(r.status, 422, "a profile that is not offered");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.bulk_run"), 0, "nothing is kept of them");
}

static void templates(void)
{
    struct fake_reply r = fake_get(admin, "/bulk/templates/user-auth?language=ja");
    struct str text;

    ok(r.status == 200 && fake_reply_has(&r, "\xef\xbb\xbf\"操作\",\"管理番号\",\"ログインID\"") &&
           fake_reply_has(&r, "氏名"),
       "a template in Japanese");
    struct str run = bulk_kit_checked(admin, "template.csv", str_dup(a, r.body));
    is_int(bulk_kit_rows(run, "bad"), 1, "its example is nobody");
    r = fake_get(admin, "/bulk/templates/device?language=en&encoding=windows-31j&format=tsv");
    ok(r.status == 200 && str_starts(r.body, STR("\"Operation\"\t\"ID\"")),
       "one in English, with tabs");
    r = fake_get(admin, "/bulk/templates/device?language=ja&encoding=windows-31j");
    is_err(sjis_decode(a, bytes_of_str(r.body), &text), E_OK, "and in Windows-31J");
    ok(strstr(text.p, "機器名") != NULL, "readable");
    is_int(fake_get(admin, "/bulk/templates/nothing").status, 404, "no such profile");
    is_int(fake_get(user, "/bulk/templates/user-auth").status, 403, "not for users");
}

int main(void)
{
    if (!bulk_kit_start(1)) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    a = arena_new((size_t)1 << 30);
    log_open("test_bulk_file", LOG_LEVEL_ERROR);
    admin = bulk_kit_browser("admin");
    user = bulk_kit_browser("hanako");
    refused_whole();
    templates();
    bulk_kit_stop();
    return tap_done();
}
