/*
 * test_signing_pages.c - the pages of the slice through dispatch, with everything behind them real:
 * the four screens to a signed file, what they say when something is wrong, delete now, own
 * certificates, verification by a visitor (P3-09, P3-11, P3-24, P3-27, P3-45, P3-46, P3-147).
 */
#include "portal_kit.h"
#include "signing_kit.h"

#include "base/encoding.h"
#include "base/log.h"
#include "features/signing/signing_pages.h"

static struct fake *browser;
static struct str doc; /* path of the document's page */

static struct fake_reply post(const char *path, const char *format, ...) PRINTF_LIKE(2, 3);
static struct fake_reply post(const char *path, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    struct str body = str_vfmt(kit.a, format, ap);
    va_end(ap);
    return fake_post(browser, path, body.p);
}

static const char *below(const char *part)
{
    return str_fmt(kit.a, "%s%s", doc.p, part).p;
}

static void upload(void)
{
    struct fake_reply r = fake_get(browser, "/documents");
    ok(r.status == 200 && fake_reply_has(&r, "There are none now"),
       "an empty list says what to do");
    r = fake_get(browser, "/documents/new");
    ok(r.status == 200 && fake_reply_has(&r, "public order and morals") &&
           fake_reply_has(&r, "at most 8 hours") &&
           fake_reply_has(&r, "the content of a document is yours to answer for"),
       "the notes come before the form (P3-146, P3-11, P3-48)");
    r = fake_upload(browser, "/documents", "", "file", "x.pdf", bytes_of_str(STR("hello")));
    ok(r.status == 422 && fake_reply_has(&r, "This file is not a PDF"), "no PDF: told beside it");
    r = fake_upload(browser, "/documents", "", NULL, NULL, BYTES_ABSENT);
    is_int(r.status, 422, "no file at all");
    r = fake_upload(browser, "/documents", "", "file", "契約書 <1>.pdf", kit.pdf);
    is_int(r.status, 303, "a PDF is taken");
    doc = str_dup(kit.a, portal_kit_location(browser, &r));
    r = fake_get(browser, doc.p);
    ok(r.status == 200 && fake_reply_has(&r, "契約書 &lt;1&gt;.pdf"), "and shown, escaped");
    ok(fake_reply_has(&r, kit.hanako_key.p) && !fake_reply_has(&r, kit.taro_key.p),
       "with one's own certificates only");
    r = fake_get(browser, "/documents?sort=name&state=uploaded&name=%E5%A5%91%E7%B4%84");
    ok(r.status == 200 && fake_reply_has(&r, doc.p), "the list finds it by a part of its name");
    r = fake_get(browser, "/documents?state=signed");
    ok(r.status == 200 && fake_reply_has(&r, "No document fits"), "and filters by state");
}

static void refusals(const char *options)
{
    struct fake_reply r = post(below("/confirm"), "level=ES&reason=x");
    is_int(r.status, 422, "without a certificate the options are shown again");
    r = post(below("/confirm"), "%s", options);
    ok(r.status == 200 && fake_reply_has(&r, "What you sign") && fake_reply_has(&r, "東京"),
       "PIN and code are asked for, with what is signed");
    r = post(below("/sign"), "%s&pin=&totp=", options);
    is_int(r.status, 422, "both are needed");
    r = post(below("/sign"), "%s&pin=Wrong-1&totp=123456", options);
    ok(r.status == 422 && fake_reply_has(&r, "The PIN is wrong") && !fake_reply_has(&r, "Wrong-1"),
       "a wrong PIN is told, and not shown");
    r = post(below("/sign"), "%s&pin=" KIT_PIN "&totp=000000", options);
    ok(r.status == 422 && fake_reply_has(&r, "one-time code is wrong"), "a wrong code is told");
    r = fake_post_bare(browser, below("/sign"), str_fmt(kit.a, "%s&pin=x&totp=1", options).p);
    is_int(r.status, 403, "nothing without the CSRF token");
    r = fake_get(browser, doc.p);
    ok(fake_reply_has(&r, "not signed yet"), "nothing was signed");
}

static void sign(void)
{
    struct str options = str_fmt(kit.a, "credential=%s&level=ES-T&reason=OK&location=%s",
                                 kit.hanako_key.p, percent_encode(kit.a, STR("東京")).p);
    struct fake_reply r;

    refusals(options.p);
    signing_kit_down("tsa", true);
    r = post(below("/sign"), "%s&pin=" KIT_PIN "&totp=%s", options.p,
             people_code(&kit.p, "hanako").p);
    ok(r.status == 422 && fake_reply_has(&r, "timestamp service does not answer"),
       "a TSA that is down is told, with what to do");
    signing_kit_down("tsa", false);
    struct str none; /* as if half a minute had gone by */
    is_err(harness_sql(kit.p.h, "UPDATE shomei.account_totp SET last_step = 0", &none), E_OK,
           "the code may be used once more");
    r = post(below("/sign"), "%s&pin=" KIT_PIN "&totp=%s", options.p,
             people_code(&kit.p, "hanako").p);
    is_int(r.status, 303, "PIN and code sign");
    struct str record = str_dup(kit.a, portal_kit_location(browser, &r));
    r = fake_get(browser, record.p);
    ok(r.status == 200 && fake_reply_has(&r, "Receipt number") && fake_reply_has(&r, "ES-T") &&
           fake_reply_has(&r, "Download"),
       "the receipt shows number, level and download");
    ok(fake_reply_has(&r, " JST"), "and its times in Japan Standard Time (P3-16)");
    r = fake_get(browser, below("/file"));
    ok(r.status == 200 && fake_reply_has(&r, "%PDF-"), "the signed file is downloaded");
    is_str(signing_kit_verdict(bytes_dup(kit.a, bytes_of_str(r.body)), NULL, NULL), "total-passed",
           "and good");
    r = fake_get(browser, "/signatures");
    ok(fake_reply_has(&r, record.p), "the record is listed");
    r = fake_get(browser, "/signatures?outcome=signed&level=ES-T&from=2001-01-01&to=2999-12-31");
    ok(r.status == 200 && fake_reply_has(&r, record.p), "and found by state, level and days");
    r = fake_get(browser, "/signatures?level=ES-A");
    ok(r.status == 200 && fake_reply_has(&r, "Nothing fits this filter"), "or not");
    is_int(fake_get(browser, "/signatures?from=yesterday").status, 422,
           "a day that is none is told");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.mail WHERE template = "
                                  "'signing/notice'"),
           1, "and a mail is on its way");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.mail WHERE lang = 'en' AND subject "
                                  "LIKE '[Shomei]%A document was signed' AND text_part LIKE "
                                  "'%Receipt number: %signatures/%'"),
           1, "in the language of the account, with the receipt number and one link");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.mail WHERE template = "
                                  "'signing/notice' AND html_part LIKE '<!doctype html>%<html "
                                  "lang=\"en\">%Receipt number: %<br>%<a href=\"https://"
                                  "portal.test/signatures/%</html>%'"),
           1, "as text and as HTML");
    struct fake *other = portal_kit_browser();
    (void)portal_kit_sign_in(&kit.p, other, "taro", true);
    is_int(fake_get(other, doc.p).status, 404, "a colleague does not see the document");
    is_int(fake_get(other, below("/file")).status, 404, "nor its bytes");
    is_int(fake_get(other, record.p).status, 404, "nor the record");
    fake_free(other);
}

/* A person whose language is Japanese gets the mail in Japanese. */
static void japanese_mail(void)
{
    struct str none, first = doc;
    struct fake_reply r;

    is_err(
        harness_sql(kit.p.h, "UPDATE shomei.account SET lang = 'ja' WHERE login = 'hanako'", &none),
        E_OK, "the account's language");
    is_err(harness_sql(kit.p.h, "UPDATE shomei.account_totp SET last_step = 0", &none), E_OK,
           "a code that may be used");
    r = fake_upload(browser, "/documents", "", "file", "b.pdf", kit.pdf);
    doc = str_dup(kit.a, portal_kit_location(browser, &r));
    r = post(below("/sign"), "credential=%s&level=ES&pin=" KIT_PIN "&totp=%s", kit.hanako_key.p,
             people_code(&kit.p, "hanako").p);
    is_int(r.status, 303, "signs");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.mail WHERE lang = 'ja' AND subject "
                                  "LIKE '[Shomei]%文書に署名されました' AND text_part LIKE "
                                  "'%受付番号: %signatures/%'"),
           1, "and the mail is in Japanese");
    is_err(
        harness_sql(kit.p.h, "UPDATE shomei.account SET lang = 'en' WHERE login = 'hanako'", &none),
        E_OK, "back");
    doc = first;
}

static void delete_now(void)
{
    struct fake_reply r = fake_get(browser, below("/delete"));
    ok(r.status == 200 && fake_reply_has(&r, "cannot be brought back"), "deleting is confirmed");
    r = post(below("/delete"), "%s", "");
    is_int(r.status, 303, "and done");
    is_int(fake_get(browser, below("/file")).status, 409, "the bytes are gone");
    r = fake_get(browser, doc.p);
    ok(r.status == 200 && !fake_reply_has(&r, "契約書"), "and so is the name");
}

static void certificates(void)
{
    struct str page = str_fmt(kit.a, "/credentials/%s", kit.hanako_key.p);
    struct str pin = str_fmt(kit.a, "%s/pin", page.p), hold = str_fmt(kit.a, "%s/hold", page.p);
    struct str release = str_fmt(kit.a, "%s/release", page.p);
    struct fake_reply r = fake_get(browser, "/credentials");

    ok(r.status == 200 && fake_reply_has(&r, page.p), "own certificates are listed");
    r = fake_get(browser, page.p);
    ok(r.status == 200 && fake_reply_has(&r, "山田 花子") && fake_reply_has(&r, "ECDSA P-256"),
       "and explained");
    is_int(fake_get(browser, str_fmt(kit.a, "/credentials/%s", kit.taro_key.p).p).status, 404,
           "others' are not");
    r = post(pin.p, "old_pin=" KIT_PIN "&new_pin=Maple-7331&new_pin_again=Maple-7332");
    ok(r.status == 422 && fake_reply_has(&r, "differ"), "two different new PINs");
    r = post(pin.p, "old_pin=Nope-1&new_pin=Maple-7331&new_pin_again=Maple-7331");
    ok(r.status == 422 && fake_reply_has(&r, "not your PIN"), "a wrong old PIN");
    r = post(pin.p, "old_pin=" KIT_PIN "&new_pin=1234567&new_pin_again=1234567");
    ok(r.status == 422 && fake_reply_has(&r, "sequence"), "a weak new PIN");
    r = post(pin.p, "old_pin=" KIT_PIN "&new_pin=Maple-7331&new_pin_again=Maple-7331");
    is_int(r.status, 303, "the PIN is changed");
    is_int(post(hold.p, "%s", "").status, 303, "the holder puts it on hold");
    r = fake_get(browser, page.p);
    ok(fake_reply_has(&r, "on hold") && !fake_reply_has(&r, "new_pin"), "which shows");
    is_int(post(release.p, "%s", "").status, 303, "and releases it");
}

/* Open to visitors, and nothing is kept. */
static void verify(void)
{
    struct fake *visitor = portal_kit_browser();
    int64_t before = harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.document");
    struct fake_reply r = fake_get(visitor, "/verify");

    is_int(r.status, 200, "a visitor may verify");
    r = fake_upload(visitor, "/verify", "", "file", "a.pdf", kit.pdf);
    ok(r.status == 200 && fake_reply_has(&r, "holds no signature"), "an unsigned one");
    struct signing_request rq = signing_kit_request(kit.taro, kit.taro_key, SIGNING_ES_A);
    struct signing_receipt receipt;
    struct str id = signing_kit_upload(kit.taro, kit.pdf);
    is_err(signing_kit_sign(&rq, id, &receipt), E_OK, "a signed one");
    struct bytes pdf = signing_kit_bytes(kit.taro, id);
    r = fake_upload(visitor, "/verify", "", "file", "b.pdf", pdf);
    ok(r.status == 200 && fake_reply_has(&r, "verdict-valid") && fake_reply_has(&r, "山田 太郎"),
       "is valid, with the name of the signer");
    struct bytes bad = bytes_dup(kit.a, pdf);
    struct buf changed = buf_init(bad.n);
    buf_add_bytes(&changed, bad);
    changed.p[changed.n / 50] ^= 1;
    r = fake_upload(visitor, "/verify", "", "file", "c.pdf", buf_bytes(&changed));
    ok(!fake_reply_has(&r, "verdict-valid"), "a changed one is not");
    buf_free(&changed);
    r = fake_upload(visitor, "/verify", "", "file", "d.pdf", bytes_of_str(STR("hello")));
    ok(r.status == 422 && fake_reply_has(&r, "not a PDF"), "no PDF");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM shomei.document"), before + 1,
           "nothing is stored");
    fake_free(visitor);
}

/* The customer's administrator looks after connection certificates (P3-13, P3-47). */
static void systems(void)
{
    struct fake *admin = portal_kit_browser();
    struct str page = str_fmt(kit.a, "/systems/%llu", (unsigned long long)kit.client.client.v);
    unsigned long long cert = (unsigned long long)kit.client_certificate.v;
    struct signing_client c;
    struct fake_reply r;

    (void)people_add(&kit.p, kit.p.sakura, "admin", ROLE_CUSTOMER_ADMIN, true);
    (void)people_add(&kit.p, kit.p.midori, "midori-admin", ROLE_CUSTOMER_ADMIN, true);
    is_int(fake_get(browser, "/systems").status, 403, "systems are not for end users");
    (void)portal_kit_sign_in(&kit.p, admin, "admin", true);
    r = fake_get(admin, "/systems");
    ok(r.status == 200 && fake_reply_has(&r, "Sakura document system"),
       "an administrator sees them");
    r = fake_get(admin, page.p);
    ok(r.status == 200 && fake_reply_has(&r, "社印") && fake_reply_has(&r, "at least level 2"),
       "with seals and the agreed level");
    is_int(fake_post(admin, str_fmt(kit.a, "%s/suspend", page.p).p, "").status, 303,
           "suspends one");
    struct tx *tx = people_tx(&kit.p, kit.api);
    is_err(signing_client_by_certificate(tx, kit.client_pem, clock_now(), &c), E_AUTH,
           "which is refused at once");
    people_undo(tx);
    is_int(fake_post(admin, str_fmt(kit.a, "%s/resume", page.p).p, "").status, 303, "resumes it");
    r = fake_get(admin, str_fmt(kit.a, "%s/lost?certificate=%llu", page.p, cert).p);
    ok(r.status == 200 && fake_reply_has(&r, "revoked now"), "a lost key is reported on a page");
    struct fake *other = portal_kit_browser();
    (void)portal_kit_sign_in(&kit.p, other, "midori-admin", true);
    is_int(fake_get(other, page.p).status, 404, "another tenant's administrator sees nothing");
    struct str lost = str_fmt(kit.a, "%s/lost", page.p);
    struct str body = str_fmt(kit.a, "certificate=%llu", cert);
    is_int(fake_post(other, lost.p, body.p).status, 404, "and revokes nothing");
    is_int(fake_post(admin, lost.p, body.p).status, 303, "its own may");
    tx = people_tx(&kit.p, kit.api);
    is_err(signing_client_by_certificate(tx, kit.client_pem, clock_now(), &c), E_AUTH,
           "and the certificate is refused at once");
    people_undo(tx);
    fake_free(other);
    fake_free(admin);
}

int main(int argc, char **argv)
{
    log_open("test_signing_pages", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    portal_kit_add(signing_document_routes, signing_views);
    portal_kit_add(signing_upload_routes, NULL);
    portal_kit_add(signing_look_routes, NULL);
    portal_kit_add(signing_picture_routes, NULL);
    portal_kit_add(signing_sign_routes, NULL);
    portal_kit_add(signing_extend_routes, NULL);
    portal_kit_add(signing_record_routes, NULL);
    portal_kit_add(signing_credential_routes, NULL);
    portal_kit_add(signing_system_routes, NULL);
    portal_kit_add(signing_verify_routes, NULL);
    portal_kit_start(&kit.p);
    browser = portal_kit_browser();
    is_int(portal_kit_sign_in(&kit.p, browser, "hanako", true), 303, "signed in with two factors");
    kit.p.now = timestamp_add(clock_now(), 30 * SECOND_US); /* that code is used */
    upload();
    sign();
    japanese_mail();
    delete_now();
    certificates();
    verify();
    systems();
    fake_free(browser);
    portal_kit_stop();
    signing_kit_stop();
    return tap_done();
}
