/*
 * test_accounts_mail.c - the mails of the slice with their real templates in both languages,
 * through job and outbox; and the audit log's page for those who may read it (P3-72, P3-78).
 */
#include "portal_kit.h"

#include "base/log.h"
#include "features/accounts/accounts_pages.h"
#include "http/template_set.h"

static struct people p;
static struct template_set *set;

static struct str no_asset(void *arg, struct str name)
{
    (void)arg;
    (void)name;
    return STR_ABSENT;
}

static void send(enum accounts_mail_kind kind, struct account_id id)
{
    struct accounts_mail_writer w = { accounts_pages_mail, set };
    struct tx *tx = people_tx(&p, p.worker);
    is_err(accounts_mail_send(tx, &w, kind, id, 42, p.now), E_OK, accounts_mail_name(kind));
    people_end(tx);
}

static struct str column(const char *what, const char *kind)
{
    struct str out = STR("");
    const char *sql = str_fmt(p.a,
                              "SELECT %s FROM shomei.mail WHERE template = '%s' "
                              "ORDER BY id DESC LIMIT 1",
                              what, kind)
                          .p;
    if (harness_sql(p.h, sql, &out) != E_OK)
        return STR("?");
    return str_trim(p.a, out);
}

static bool has(struct str s, const char *text)
{
    return s.p && strstr(s.p, text) != NULL;
}

static void test_mails(void)
{
    struct template_set_params params = { .dir = harness_source(p.h, "templates"),
                                          .asset = no_asset };
    struct account_id id = people_add(&p, p.sakura, "reader", ROLE_END_USER, false);
    struct tx *tx;

    is_err(template_set_new(&params, &set), E_OK, "the worker's templates");
    is_err(template_set_add(set, accounts_pages_mail_views), E_OK, "compile without pictures");
    for (int k = 0; k < ACCOUNTS_MAIL__MAX; k++)
        if (k != ACCOUNTS_MAIL_INVITE)
            send((enum accounts_mail_kind)k, id);
    ok(has(column("subject", "locked"), "[Shomei] A-000042 Your account was locked"),
       "the subject begins with name and number");
    ok(has(column("text_part", "reset"), "https://portal.test/password/set?token="),
       "the reset mail holds a link");
    ok(has(column("html_part", "reset"), "href=\"https://portal.test/password/set?token="),
       "in both parts");
    ok(!has(column("text_part", "locked"), "reader") &&
           !has(column("html_part", "locked"), "reader"),
       "no personal data in a mail");
    ok(has(column("text_part", "dormant"), "Until: "), "a warning says until when");
    tx = people_tx(&p, p.portal);
    struct audit_by by = { .account = id, .name = STR("x") };
    is_err(accounts_set_lang(tx, &by, id, STR("ja")), E_OK, "in Japanese");
    people_end(tx);
    send(ACCOUNTS_MAIL_LOCKED, id);
    ok(has(column("subject", "locked"), "アカウントがロックされました"), "the subject");
    ok(has(column("text_part", "locked"), "所属組織の管理者にロックの解除をご依頼ください"),
       "and the words");
    ok(has(column("html_part", "locked"), "<html lang=\"ja\">"), "marked as such");
    template_set_free(set);
}

static void test_audit_page(void)
{
    struct fake *f = portal_kit_browser(), *g = portal_kit_browser(), *e = portal_kit_browser();
    struct fake_reply r;

    (void)people_add(&p, p.provider, "watcher", ROLE_AUDITOR, true);
    (void)people_add(&p, p.midori, "green", ROLE_CUSTOMER_ADMIN, true);
    (void)people_add(&p, p.sakura, "nosy", ROLE_END_USER, true);
    is_int(portal_kit_sign_in(&p, e, "nosy", true), 303, "an end user");
    is_int(fake_get(e, "/audit").status, 403, "does not read the log (P3-72)");
    is_int(fake_get(e, "/audit/export.csv").status, 403, "nor takes it away");
    (void)people_add(&p, p.sakura, "sheet", ROLE_END_USER, true);
    struct str none;
    is_err(
        harness_sql(p.h, "UPDATE shomei.account SET name = '＝1+1' WHERE login = 'sheet'", &none),
        E_OK, "a name that a spreadsheet would run");
    fake_forget(e);
    is_int(portal_kit_sign_in(&p, e, "sheet", true), 303, "leaves a row");
    is_int(portal_kit_sign_in(&p, f, "watcher", true), 303, "an auditor");
    r = fake_get(f, "/audit?action=accounts.tenant");
    ok(r.status == 200 && fake_reply_has(&r, "accounts.tenant.create") &&
           !fake_reply_has(&r, "accounts.session.begin"),
       "filters by action");
    r = fake_get(f, "/audit?outcome=refused");
    ok(r.status == 200 && !fake_reply_has(&r, "accounts.tenant.create"), "by outcome");
    r = fake_get(f, "/audit?actor=watch&from=2020-01-01&to=2099-12-31");
    ok(r.status == 200 && fake_reply_has(&r, "watcher"), "by person and day");
    r = fake_get(f, "/audit?from=2099-01-01");
    ok(r.status == 200 && fake_reply_has(&r, "Nothing fits"), "an empty answer says so");
    is_int(fake_get(f, "/audit?kind=%F0%9F%98%80").status, 422, "letters that no kind has");
    r = fake_get(f, "/audit?action=%E7%BD%B2&object=%E7%BD%B2");
    ok(r.status == 422 && fake_reply_has(&r, "holds characters that it cannot have") &&
           fake_reply_has(&r, "署"),
       "nor any action: told beside the field, which keeps what was typed");
    r = fake_get(f, "/audit?from=yesterday");
    is_int(r.status, 422, "a day has one form");
    ok(fake_reply_has(&r, "value=\"yesterday\""), "what was typed is kept");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.audit_event WHERE action = "
                              "'audit.log.view'"),
           4, "each look at the log is in the log (P3-78)");
    r = fake_get(f, "/audit/export.csv?action=accounts.account");
    ok(r.status == 200 && fake_reply_has(&r, "\"accounts.account.create\"") &&
           strstr(r.headers.p, "attachment"),
       "what is filtered may be taken away as CSV");
    r = fake_get(f, "/audit/export.csv");
    ok(fake_reply_has(&r, ",\"'＝1+1\",") && !fake_reply_has(&r, ",\"＝"),
       "no cell of it is a formula");
    is_int(portal_kit_sign_in(&p, g, "green", true), 303, "a customer's administrator");
    r = fake_get(g, "/audit");
    ok(r.status == 200 && fake_reply_has(&r, "green") && !fake_reply_has(&r, "watcher") &&
           !fake_reply_has(&r, "nosy"),
       "sees the own tenant's rows only (P2-12)");
    r = fake_get(g, "/audit/export.csv");
    ok(!fake_reply_has(&r, "watcher") && !fake_reply_has(&r, "nosy"), "also as CSV");
    fake_free(e);
    fake_free(f);
    fake_free(g);
}

int main(void)
{
    log_open("test_accounts_mail", LOG_LEVEL_WARNING);
    people_start(&p);
    portal_kit_start(&p);
    test_mails();
    test_audit_page();
    portal_kit_stop();
    people_stop(&p);
    return tap_done();
}
