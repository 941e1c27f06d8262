/*
 * test_verification.c - bulk verification through the pages: a set of judged files from PDFs and
 * ZIPs, period and filter, exports, a report that verifies, and what others must not see. The files
 * are never stored; the findings end after eight hours (P3-11).
 */
#include "portal_kit.h"
#include "signing_kit.h"

#include "base/log.h"
#include "features/accounts/accounts.h"
#include "features/authority/authority.h"
#include "features/authority/authority_work.h"
#include "features/signing/signing_pages.h"
#include "features/signing/signing_verify.h"
#include "features/signing/signing_verify_report_pages.h"
#include "features/signing/signing_provider.h"
#include "features/verification/verification.h"
#include "features/verification/verification_pages.h"

#include <archive.h>
#include <archive_entry.h>

static struct fake *browser;
static struct str set; /* path of the set's page */
static struct bytes signed_pdf;

struct part {
    const char *name;
    struct bytes data;
};

/* A ZIP of these files, names as the bytes they are. */
static struct bytes zip_of(const struct part *parts, size_t n, const char *password)
{
    static uint8_t room[8 << 20];
    size_t used = 0;
    struct archive *a = archive_write_new();

    archive_write_set_format_zip(a);
    if (password) {
        archive_write_set_options(a, "zip:encryption=zipcrypt");
        archive_write_set_passphrase(a, password);
    }
    archive_write_open_memory(a, room, sizeof room, &used);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *e = archive_entry_new();
        archive_entry_set_pathname(e, parts[i].name);
        archive_entry_set_size(e, (la_int64_t)parts[i].data.n);
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0644);
        archive_write_header(a, e);
        archive_write_data(a, parts[i].data.p, parts[i].data.n);
        archive_entry_free(e);
    }
    archive_write_close(a);
    archive_write_free(a);
    return bytes_dup(kit.a, (struct bytes){ room, used });
}

static struct fake_reply add(const char *name, struct bytes data)
{
    return fake_upload(browser, str_fmt(kit.a, "%s/files", set.p).p, "", "files", name, data);
}

static struct fake_reply page(const char *query)
{
    return fake_get(browser, str_fmt(kit.a, "%s%s", set.p, query).p);
}

static void sign_one(void)
{
    struct signing_request rq = signing_kit_request(kit.hanako, kit.hanako_key, SIGNING_ES_T);
    struct str doc = signing_kit_upload(kit.hanako, kit.pdf);
    struct signing_receipt receipt;

    is_err(signing_kit_sign(&rq, doc, &receipt), E_OK, "a document is signed at ES-T");
    signed_pdf = bytes_dup(kit.a, signing_kit_bytes(kit.hanako, doc));
}

/* The provider's seal for reports, issued. */
static void make_report_seal(void)
{
    const struct audit_by by = { .name = STR("test") };
    struct certificate_id made[SIGNING_PROVIDER__MAX];
    struct tenant_id provider;
    struct db *db = harness_db(kit.p.h, DB_CTL);
    struct tx *tx;
    size_t n = 0;

    is_err(tx_begin(db, kit.a, &tx), E_OK, "begin");
    is_err(accounts_tenant_find(tx, STR("provider"), &provider), E_OK, "the provider");
    is_err(signing_provider_make(tx, provider, STR("Shomei"), &by, kit.p.now, made, &n), E_OK,
           "its seals");
    is_err(tx_commit(tx), E_OK, "committed");
    for (size_t i = 0; i < n; i++)
        is_err(authority_work_issue(db, kit.ca, made[i]), E_OK, "issued");
    db_close(db);
}

static void begin(void)
{
    struct fake_reply r = fake_get(browser, "/verify/sets");

    ok(r.status == 200 && fake_reply_has(&r, "No check is kept now"), "the empty list says how");
    r = fake_post(browser, "/verify/sets", "title=");
    is_int(r.status, 422, "a check needs a name");
    r = fake_post(browser, "/verify/sets", "title=October%20invoices");
    is_int(r.status, 303, "a check is begun");
    set = str_dup(kit.a, portal_kit_location(browser, &r));
    r = page("");
    ok(r.status == 200 && fake_reply_has(&r, "October invoices") &&
           fake_reply_has(&r, "Nothing is judged yet"),
       "and shown, empty");
}

static void judge_files(void)
{
    struct bytes changed = bytes_dup(kit.a, signed_pdf);
    struct fake_reply r = add("good.pdf", signed_pdf);

    is_int(r.status, 303, "a signed PDF is judged");
    r = page("");
    ok(fake_reply_has(&r, "good.pdf") && fake_reply_has(&r, ">valid<"), "valid");
    is_int(add("good.pdf", signed_pdf).status, 303, "the same file again");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.verification_item"), 1,
           "counts once");
    ((uint8_t *)(uintptr_t)changed.p)[40] ^= 1;
    (void)add("changed.pdf", changed);
    (void)add("plain.pdf", kit.pdf);
    (void)add("<b>\xe2\x80\xae.txt", bytes_of_str(STR("hello")));
    r = page("");
    ok(fake_reply_has(&r, "changed.pdf") && fake_reply_has(&r, ">no signature<") &&
           fake_reply_has(&r, "It is not a PDF.") && !fake_reply_has(&r, "<b>"),
       "a changed one, one without signature, and what is no PDF, each said; names escaped");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.verification_item WHERE outcome = "
                                  "'total-passed'"),
           1, "only the untouched one passed");
    is_int(fake_post(browser, str_fmt(kit.a, "%s/files", set.p).p, "").status, 422,
           "nothing chosen is told");
}

/* Names of what is passed over took the memory of one file together, and the worker with it. */
static void zip_of_shadows(void)
{
    static struct part parts[12001];
    static char name[200];
    size_t n = sizeof parts / sizeof *parts - 1;

    memset(name, 'n', sizeof name - 1);
    memcpy(name, "__MACOSX/", 9);
    for (size_t i = 0; i < n; i++)
        parts[i] = (struct part){ name, BYTES_ABSENT };
    parts[n] = (struct part){ "behind.pdf", signed_pdf };
    is_int(add("shadows.zip", zip_of(parts + n - 9000, 9001, NULL)).status, 303,
           "a file behind thousands of shadow files is judged");
    struct fake_reply r = page("");
    ok(fake_reply_has(&r, "behind.pdf"), "and shown");
    is_int(add("shadows.zip", zip_of(parts, n + 1, NULL)).status, 422, "more are too many");
}

static void judge_zips(void)
{
    /* 契約.pdf as Windows in Japan writes it, and a folder's file as macOS does */
    const struct part parts[] = {
        { "\x8c\x5f\x96\xf1.pdf", signed_pdf },
        { "\xe8\xab\x8b\xe6\xb1\x82/../../etc/passwd.pdf", signed_pdf },
        { "__MACOSX/x.pdf", signed_pdf },
    };
    struct bytes broken = zip_of(parts, 3, NULL);
    struct fake_reply r = add("all.zip", broken);

    is_int(r.status, 303, "a ZIP is judged");
    r = page("");
    ok(fake_reply_has(&r, "契約.pdf"), "names of Windows in Japan are read");
    ok(fake_reply_has(&r, "請求/../../etc/passwd.pdf"), "a path is only a name");
    ok(!fake_reply_has(&r, "__MACOSX"), "shadow files are passed over");
    int64_t before = harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.verification_item");
    ((uint8_t *)(uintptr_t)broken.p)[60] ^= 0x55;
    r = add("broken.zip", (struct bytes){ broken.p, broken.n / 2 });
    ok(r.status == 422 && fake_reply_has(&r, "This ZIP file is damaged"), "a torn ZIP is refused");
    r = add("secret.zip", zip_of(parts, 1, "x"));
    ok(r.status == 422 && fake_reply_has(&r, "needs a password"), "a locked one, too");
    r = add("empty.zip", zip_of(parts, 0, NULL));
    ok(r.status == 422 && fake_reply_has(&r, "There is no file"), "and an empty one");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.verification_item"), before,
           "nothing of them is kept");
}

static void too_many(void)
{
    struct part parts[VERIFICATION_ZIP_MAX + 1];
    int64_t before = harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.verification_item");

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        parts[i] = (struct part){ str_fmt(kit.a, "%zu.txt", i).p, bytes_of_str(STR("x")) };
    struct fake_reply r = add("many.zip", zip_of(parts, VERIFICATION_ZIP_MAX + 1, NULL));
    ok(r.status == 422 && fake_reply_has(&r, "at most 300 files"), "301 files are too many");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.verification_item"), before,
           "and leave nothing behind");
}

/* 電子帳簿保存法 施行規則 2条6項2号ロ: for a chosen period, in one go. */
static void period(void)
{
    struct fake_reply r = page("?from=2001-01-01&to=2001-12-31");
    ok(r.status == 200 && fake_reply_has(&r, "Nothing fits this filter"), "another year: none");
    r = page("?from=2001-01-01&to=2999-12-31&sort=-time");
    ok(fake_reply_has(&r, "good.pdf") && !fake_reply_has(&r, "plain.pdf"),
       "a period holds what was proven to exist in it");
    r = page("?outcome=unreadable");
    ok(!fake_reply_has(&r, "good.pdf") && fake_reply_has(&r, "It is not a PDF."), "by result");
    r = page("?from=31.12.2001");
    is_int(r.status, 422, "a date that is none is told");
}

static void exports(void)
{
    struct fake_reply r = page("/report.csv?outcome=total-passed&name=good");

    ok(r.status == 200 && fake_reply_has(&r, "\"good.pdf\",\"total-passed\"") &&
           !fake_reply_has(&r, "plain.pdf"),
       "CSV of what the filter shows");
    r = page("/report.json");
    ok(r.status == 200 && fake_reply_has(&r, "\"file\":\"good.pdf\""), "JSON");
    r = fake_post(browser, str_fmt(kit.a, "%s/report.pdf", set.p).p, "");
    ok(r.status == 200 && fake_reply_has(&r, "%PDF-"), "a PDF report");
    is_str(signing_kit_verdict(bytes_dup(kit.a, bytes_of_str(r.body)), NULL, NULL), "total-passed",
           "whose own signature is good");
    is_int(fake_post_bare(browser, str_fmt(kit.a, "%s/report.pdf", set.p).p, "").status, 403,
           "not without the CSRF token");
}

/* What the report on a file of this signer and this change says, before our seal is on it. */
static struct bytes reported(const char *words)
{
    const struct audit_by by = { .name = STR("test") };
    struct signing_verify_certificate chain = { .subject = str_z(words), .issuer = str_z(words) };
    struct signing_verify_signature s = { .kind = STR("signature"),
                                          .signer = str_z(words),
                                          .reason = str_z(words),
                                          .field = str_z(words),
                                          .verdict = STR("total-failed"),
                                          .chain = &chain,
                                          .chain_n = 1 };
    struct signing_verify_change change = { .text = "Changed: {object}",
                                            .rule_text = "",
                                            .object = str_z(words) };
    struct signing_verify_revision revision = { .changes = &change, .changes_n = 1 };
    struct signing_verification v = { .verdict = STR("total-failed"),
                                      .at = kit.p.now,
                                      .signatures = &s,
                                      .signatures_n = 1,
                                      .revisions = &revision,
                                      .revisions_n = 1 };
    struct buf out = buf_init(4u << 20);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct bytes all = BYTES_ABSENT;
    size_t end;

    is_err(signing_report_sign(tx, signing_verify_report_make(kit.a, LANG_EN, STR("a.pdf"), &v),
                               STR("Report"), &by, kit.p.now, &out),
           E_OK, "a report");
    people_end(tx);
    is_err(buf_to_bytes(&out, kit.a, &all), E_OK, "its bytes");
    buf_free(&out);
    end = 0;
    while (end + 3 < all.n && memcmp(all.p + end, "EOF", 3) != 0)
        end++;
    return (struct bytes){ all.p, end };
}

/* Under our seal nobody's own words stand on a line of their own, or the other way round. */
static void words_of_strangers(void)
{
    ok(bytes_eq(reported("A\nResult: valid"), reported("A\xef\xbf\xbdResult: valid")),
       "a line break in a name or reason is no new line of the report");
    ok(bytes_eq(reported("A\xe2\x80\xae"
                         "dilav"),
                reported("A\xef\xbf\xbd"
                         "dilav")),
       "and nothing is turned round");
    ok(!bytes_eq(reported("A"), reported("B")), "(the words do stand in it)");
}

static void others(void)
{
    struct fake *mallory = portal_kit_browser();
    const char *paths[] = { "", "/report.csv", "/report.json", "/delete" };

    (void)portal_kit_sign_in(&kit.p, mallory, "alice", true);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        is_int(fake_get(mallory, str_fmt(kit.a, "%s%s", set.p, paths[i]).p).status, 404,
               str_fmt(kit.a, "another person sees nothing at %s", paths[i]).p);
    is_int(
        fake_upload(mallory, str_fmt(kit.a, "%s/files", set.p).p, "", "files", "x.pdf", signed_pdf)
            .status,
        404, "and adds no file to it");
    is_int(fake_post(mallory, str_fmt(kit.a, "%s/delete", set.p).p, "").status, 404,
           "and deletes nothing");
    fake_free(mallory);
}

static void the_end(void)
{
    struct fake_reply r = page("/delete");
    struct str none;

    ok(r.status == 200 && fake_reply_has(&r, "cannot be brought back"), "deleting asks first");
    r = fake_post(browser, str_fmt(kit.a, "%s/delete", set.p).p, "");
    is_int(r.status, 303, "and deletes");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.verification_item"), 0,
           "with all findings");
    r = fake_post(browser, "/verify/sets", "title=Second");
    set = str_dup(kit.a, portal_kit_location(browser, &r));
    is_err(harness_sql(kit.p.h,
                       "UPDATE shomei.verification_set SET created_at = created_at - INTERVAL 9 "
                       "HOUR, delete_at = delete_at - INTERVAL 9 HOUR",
                       &none),
           E_OK, "eight hours later");
    is_int(page("").status, 404, "a set is gone");
    is_err(harness_sql(kit.p.h,
                       "UPDATE shomei.verification_set SET delete_at = created_at + INTERVAL 9 "
                       "HOUR",
                       &none),
           E_BACKEND, "and no set may be kept longer");
}

/* One person's files do not take all workers: whoever signs in or signs still finds one. */
static void costly(void)
{
    const struct route *r = verification_routes;

    while (strcmp(r->path, "/verify/sets/{id}/files") != 0)
        r++;
    ok(r->flags & ROUTE_COSTLY, "half of the workers at most judge files");
}

int main(int argc, char **argv)
{
    log_open("test_verification", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    portal_kit_add(signing_verify_routes, signing_views);
    portal_kit_add(verification_routes, verification_views);
    portal_kit_add(verification_export_routes, NULL);
    portal_kit_start(&kit.p);
    browser = portal_kit_browser();
    is_int(portal_kit_sign_in(&kit.p, browser, "hanako", true), 303, "somebody signs in");
    make_report_seal();
    costly();
    sign_one();
    begin();
    judge_files();
    judge_zips();
    zip_of_shadows();
    too_many();
    period();
    exports();
    words_of_strangers();
    others();
    the_end();
    fake_free(browser);
    portal_kit_stop();
    signing_kit_stop();
    return tap_done();
}
