/*
 * test_mail_admin.c - what became of mails: the page for staff and for a customer's administrators
 * (P2-12), sending again, mails that come back through `shomeictl mail bounce`, addresses that take
 * none, forgetting; and that no mail template can hold personal data (P1-51).
 */
#include "portal_kit.h"

#include "base/buf.h"
#include "base/log.h"
#include "features/accounts/accounts_pages.h"
#include "features/mail/mail.h"
#include "features/mail/mail_pages.h"
#include "features/mail/mail_work.h"
#include "net/mail_bounce.h"
#include "store/mail_queue.h"
#include "store/worker.h"

#include <dirent.h>
#include <sys/stat.h>

static struct people p;
static struct fake *staff, *sakura, *midori;
static const struct worker_job *const job_tables[] = { mail_work_jobs, NULL };

static int64_t count(const char *where)
{
    return harness_count(p.h, str_fmt(p.a, "SELECT COUNT(*) FROM shomei.%s", where).p);
}

static void sql(const char *text)
{
    struct str out;
    is_err(harness_sql(p.h, text, &out), E_OK, "behind the scenes");
}

static struct mail_id queue(struct tenant_id tenant, const char *to, const char *template_name)
{
    struct tx *tx = people_tx(&p, p.portal);
    const struct mail_queue_entry m = { .tenant = tenant,
                                        .to = str_z(to),
                                        .template_name = template_name,
                                        .lang = "en",
                                        .subject = STR("[Shomei] S-1"),
                                        .text = STR("the very secret body\n") };
    struct audit_by by = { .name = STR("test") };
    struct mail_id id = { 0 };

    if (mail_queue(tx, &m, &id) != E_OK ||
        audit_note(tx, &by, "test.mail.queue", NULL, 0, NULL) != E_OK)
        ok(false, "queue: %s", fault_current()->detail);
    people_end(tx);
    return id;
}

static struct str text_of(const char *what, struct mail_id id)
{
    struct str out = STR("?");
    return harness_sql(p.h,
                       str_fmt(p.a, "SELECT %s FROM shomei.mail WHERE id = %llu", what,
                               (unsigned long long)id.v)
                           .p,
                       &out) == E_OK
               ? str_trim(p.a, out)
               : STR("?");
}

static void work(void)
{
    size_t ran;
    const struct worker_params params = { .db = harness_db(p.h, DB_WORKER),
                                          .control = harness_db(p.h, DB_WORKER),
                                          .jobs = job_tables,
                                          .wake_fd = -1,
                                          .instance = "test" };
    struct worker *w = worker_new(&params);
    is_err(worker_once(w, &ran), E_OK, "the worker has its turn");
    worker_free(w);
    db_close(params.db);
    db_close(params.control);
}

static void configure(void)
{
    const char *file = str_fmt(p.a, "%s/conf", harness_dir(p.h)).p;
    struct settings *c = NULL;
    FILE *f = fopen(file, "we");

    if (mkdir(str_fmt(p.a, "%s/mail", harness_dir(p.h)).p, 0700) != 0 || !f ||
        fprintf(f, "mail.dir = %s/mail\n", harness_dir(p.h)) < 0 || fclose(f) != 0 ||
        settings_load(file, &c) != E_OK || mail_work_init(c) != E_OK)
        ok(false, "settings: %s", fault_current()->detail);
    settings_free(c);
}

/* ------------------------------------------------------------------ page */

static const char *act(struct mail_id id, const char *verb)
{
    return str_fmt(p.a, "/mails/%llu/%s", (unsigned long long)id.v, verb).p;
}

static void test_page(void)
{
    struct mail_id failed = queue(p.sakura, "gone@sakura.example", "invite");
    struct mail_id other = queue(p.midori, "m@midori.example", "envelopes/code");
    struct fake *g = portal_kit_browser();
    struct fake_reply r;

    sql(str_fmt(p.a,
                "UPDATE shomei.mail SET state = 'failed', attempts = 1, last_error = 'mail-refused "
                "SMTP 550' WHERE id IN (%llu, %llu); UPDATE shomei.job SET state = 'done', ended = "
                "UTC_TIMESTAMP(6)",
                (unsigned long long)failed.v, (unsigned long long)other.v)
            .p);
    r = fake_get(sakura, "/mails");
    ok(r.status == 200 && fake_reply_has(&r, "gone@sakura.example") &&
           fake_reply_has(&r, "Invitation") && fake_reply_has(&r, "refused the address"),
       "an administrator sees recipient, kind, state and error in words");
    ok(!fake_reply_has(&r, "m@midori.example") && !fake_reply_has(&r, "secret body"),
       "no other customer's, and no body");
    r = fake_get(staff, "/mails?state=failed");
    ok(r.status == 200 && fake_reply_has(&r, "gone@sakura.example") &&
           fake_reply_has(&r, "m@midori.example") && !fake_reply_has(&r, "secret body"),
       "staff see all, and no body either");
    r = fake_get(staff, str_fmt(p.a, "/mails?tenant=%llu", (unsigned long long)p.midori.v).p);
    ok(!fake_reply_has(&r, "gone@sakura.example"), "or one customer's");
    r = fake_get(staff, "/mails?q=gone%25");
    ok(!fake_reply_has(&r, "gone@sakura.example"), "a percent sign is itself");
    is_int(fake_get(sakura, str_fmt(p.a, "/mails?tenant=%llu", (unsigned long long)p.midori.v).p)
               .status,
           404, "another customer's list is not there");
    is_int(fake_get(sakura, "/mails?state=sent&page=2").status, 200, "filter and page");
    (void)people_add(&p, p.sakura, "plain", ROLE_END_USER, false);
    (void)portal_kit_sign_in(&p, g, "plain", false);
    is_int(fake_get(g, "/mails").status, 403, "an end user sees none");
    is_int(fake_post(g, act(failed, "resend"), "").status, 403, "and sends none");
    is_int(fake_post(midori, act(failed, "resend"), "").status, 404, "nor another customer's");
    is_int(fake_post_bare(sakura, act(failed, "resend"), "").status, 403, "not without CSRF token");
    is_int(fake_post(sakura, act(failed, "resend"), "").status, 303, "sent again");
    is_str(text_of("CONCAT(state, attempts)", failed), "queued0", "it waits for delivery");
    is_int(fake_post(sakura, act(failed, "resend"), "").status, 409, "once");
    work();
    is_str(text_of("state", failed), "sent", "and goes out");
    is_int(count("mail WHERE text_part IS NOT NULL AND state = 'sent'"), 0, "its body is erased");
    fake_free(g);
}

/* ------------------------------------------------------------------ what comes back */

static struct mail_bounce bounce_of(struct str token, const char *who, const char *status)
{
    struct mail_bounce b = { .tokens_n = 0 };
    struct str m = str_fmt(
        p.a,
        "To: x@shomei.example\r\nContent-Type: multipart/report; report-type=delivery-status; "
        "boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: "
        "dns;x\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: failed\r\nStatus: %s\r\n\r\n--b\r\n"
        "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <%s@localhost>\r\n\r\n--b--\r\n",
        who, status, token.p);

    is_err(mail_bounce_parse(p.a, bytes_of_str(m), &b), E_OK, "a report");
    return b;
}

static enum mail_verdict report(struct str token, const char *who, const char *status,
                                const char *action, enum err want)
{
    struct mail_bounce b = bounce_of(token, who, status);
    struct audit_by by = { .name = STR("test") };
    struct tx *tx = people_tx(&p, p.ctl);
    const struct mail_report r = { b.tokens[0], b.recipients[0].final, b.recipients[0].original,
                                   str_z(action), b.recipients[0].status };
    enum mail_verdict v = MAIL_UNKNOWN;

    is_err(mail_admin_report(tx, &by, &r, p.now, &v), want, "is taken in");
    if (want == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return v;
}

static void test_bounce(void)
{
    struct account_id who = people_add(&p, p.sakura, "hanako", ROLE_END_USER, false);
    struct mail_id id = queue(p.sakura, "hanako@example.test", "locked"), next;
    struct str token = text_of("token", id);
    struct fake *g = portal_kit_browser();
    struct fake_reply r;

    (void)report(token, "hanako@example.test", "5.1.1", "failed", E_BUSY);
    work();
    is_str(text_of("state", id), "sent", "handed over");
    is_int(report(STR("AbCdEfGhIjKlMnOpQrStUv"), "hanako@example.test", "5.1.1", "failed", E_OK),
           MAIL_UNKNOWN, "a forged one finds nothing");
    is_int(report(token, "hanako@example.test", "4.4.1", "delayed", E_OK), MAIL_NOTED,
           "a delay is no end");
    is_str(text_of("state", id), "sent", "nothing has changed");
    is_int(report(token, "Hanako@example.test", "5.1.1", "failed", E_OK), MAIL_STOPPED,
           "no such address: nothing more is sent there");
    is_str(text_of("CONCAT(state, ' ', last_error)", id), "bounced mail-bounced 5.1.1",
           "it came back");
    is_int(report(token, "hanako@example.test", "5.1.1", "failed", E_OK), MAIL_NOTED, "once");
    r = fake_get(sakura, str_fmt(p.a, "/users/%llu", (unsigned long long)who.v).p);
    ok(r.status == 200 && fake_reply_has(&r, "Mails to this address do not arrive"),
       "the person's page says so");
    r = fake_get(sakura, "/mails?q=hanako");
    ok(fake_reply_has(&r, "there is no such address") && fake_reply_has(&r, act(id, "allow")),
       "the list, too, with what can be done");
    next = queue(p.sakura, "hanako@example.test", "locked");
    work();
    is_str(text_of("CONCAT(state, ' ', LEFT(last_error, 18))", next), "failed mail-undeliverable",
           "the next mail is not even tried");
    is_int(fake_post(midori, act(id, "allow"), "").status, 404, "not another customer's to allow");
    is_int(fake_post(sakura, act(id, "allow"), "").status, 303, "allowed");
    is_int(fake_post(sakura, act(id, "allow"), "").status, 409, "once");
    is_int(fake_post(sakura, act(next, "resend"), "").status, 303, "what failed is sent again");
    work();
    is_str(text_of("state", next), "sent", "and goes out");
    r = fake_get(sakura, str_fmt(p.a, "/users/%llu", (unsigned long long)who.v).p);
    ok(!fake_reply_has(&r, "do not arrive"), "the person's page is content again");

    id = queue(p.sakura, "full@example.test", "locked");
    work();
    is_int(report(text_of("token", id), "full@example.test", "5.2.2", "failed", E_OK),
           MAIL_CAME_BACK, "a full mailbox comes back, but is not stopped");
    id = queue(p.sakura, "list@example.test", "locked");
    work();
    is_int(report(text_of("token", id), "member@elsewhere.test", "5.1.1", "failed", E_OK),
           MAIL_CAME_BACK, "nor is an address that forwards to one that is gone");
    fake_free(g);
}

static void test_troubles(void)
{
    struct tx *tx = people_tx(&p, p.portal);
    uint64_t mine = 0, others = 0, all = 0;

    is_err(mail_admin_troubles(tx, p.sakura, clock_now(), &mine), E_OK, "counted");
    is_err(mail_admin_troubles(tx, p.midori, clock_now(), &others), E_OK, "for each customer");
    is_err(mail_admin_troubles(tx, (struct tenant_id){ 0 }, clock_now(), &all), E_OK, "and all");
    people_undo(tx);
    is_int((int64_t)mine, 2, "addresses whose last mail did not arrive");
    is_int((int64_t)others, 1, "the other customer's are its own");
    is_int((int64_t)all, 3, "staff see both");
}

static void test_purge(void)
{
    struct tx *tx = people_tx(&p, p.worker);
    struct mail_id old = queue(p.sakura, "old@sakura.example", "reset");
    uint64_t gone;

    people_undo(tx);
    sql("UPDATE shomei.mail SET state = 'failed' WHERE recipient = 'old@sakura.example'");
    tx = people_tx(&p, p.worker);
    is_err(mail_admin_purge(tx, 14, 400, timestamp_add(clock_now(), 15 * DAY_US), &gone), E_OK,
           "after 15 days");
    people_end(tx);
    is_str(text_of("text_part IS NULL", old), "1", "bodies of failed mails are erased");
    is_int(fake_post(sakura, act(old, "resend"), "").status, 409, "and cannot be sent any more");
    tx = people_tx(&p, p.worker);
    is_err(mail_admin_purge(tx, 14, 400, timestamp_add(clock_now(), 401 * DAY_US), &gone), E_OK,
           "after 401 days");
    people_end(tx);
    is_int(count("mail WHERE state <> 'queued'") + count("mail_undeliverable"), 0,
           "nothing is kept");
}

/* ------------------------------------------------------------------ no personal data (P1-51) */

/* What a mail's template may name: links, numbers, times, sentences of the catalogue. A new name is
 * added here when somebody has thought about it. */
static const char *const harmless[] = {
    "what", "todo", "link", "number",   "at",           "until",         "dated",         "lang",
    "ja",   "en",   "iso",  "date",     "site",         "contact",       "count",         "receipt",
    "due",  "left", "days", "provider", "contact_mail", "contact_phone", "contact_hours", "_"
};

static bool name_harmless(struct str name)
{
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (str_eq_z(name, harmless[i]))
            return true;
    return false;
}

/* Each {{name}} and {{name.part}} of a template. */
static int names_bad(const char *file, struct str text)
{
    int bad = 0;

    for (const char *at = text.p; (at = strstr(at, "{{")) != NULL; at += 2) {
        const char *from = at + 2 + strspn(at + 2, "#^/ ");
        size_t n = strcspn(from, "}. ");
        struct str name = str_of(p.a, from, n);
        if (*from == '!' || *from == '>' || name_harmless(name))
            continue;
        bad++;
        printf("# %s names %s\n", file, name.p);
    }
    return bad;
}

static struct str read_file(const char *path)
{
    struct buf b = buf_init(1 << 20);
    struct str out = STR("");
    char chunk[4096];
    size_t n;
    FILE *f = fopen(path, "re");

    while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    if (f)
        (void)fclose(f);
    if (buf_to_str(&b, p.a, &out) != E_OK)
        out = STR("");
    buf_free(&b);
    return out;
}

static void test_templates(void)
{
    const char *folder = harness_source(p.h, "templates/mail");
    DIR *d = opendir(folder);
    int seen = 0, bad = 0;

    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        seen++;
        bad += names_bad(e->d_name, read_file(str_fmt(p.a, "%s/%s", folder, e->d_name).p));
    }
    if (d)
        (void)closedir(d);
    ok(seen >= 2, "%d mail templates", seen);
    is_int(bad, 0, "none of them can hold a name, an address or a title (P1-51)");
    is_int(names_bad("planted", STR("{{#who}}{{email}}{{/who}}")), 3,
           "the walk finds what it should");
}

/* Mails that are written in C: their {arguments} are numbers, links and times as well. */
static void test_written(void)
{
    static const char *const personal[] = { "{name}",  "{email}",     "{mail}",      "{login}",
                                            "{phone}", "{recipient}", "{applicant}", "{subject}",
                                            "{title}", "{address}" };
    const char *find =
        str_fmt(p.a,
                "grep -rlE 'template_name = |envelopes_words' --include='*.c' %s/main "
                "%s/features",
                harness_source(p.h, "cgi"), harness_source(p.h, "cgi"))
            .p;
    FILE *files = popen(find, "re");
    char path[1024];
    int seen = 0, bad = 0;

    while (files && fgets(path, sizeof path, files)) {
        path[strcspn(path, "\n")] = '\0';
        struct str text = read_file(path);
        seen++;
        for (size_t k = 0; k < sizeof personal / sizeof *personal; k++)
            if (strstr(text.p, personal[k]) != NULL) {
                bad++;
                printf("# %s names %s\n", path, personal[k]);
            }
    }
    if (files)
        (void)pclose(files);
    ok(seen >= 4, "%d files write mails", seen);
    is_int(bad, 0, "no person in a mail's words");
}

int main(void)
{
    log_open("test_mail_admin", LOG_LEVEL_ERROR);
    people_start(&p);
    portal_kit_add(mail_pages_routes, mail_pages_views);
    portal_kit_start(&p);
    configure();
    staff = portal_kit_browser();
    sakura = portal_kit_browser();
    midori = portal_kit_browser();
    (void)people_add(&p, p.provider, "admin1", ROLE_SYSTEM_ADMIN, true);
    (void)people_add(&p, p.sakura, "sakura.boss", ROLE_CUSTOMER_ADMIN, false);
    (void)people_add(&p, p.midori, "midori.boss", ROLE_CUSTOMER_ADMIN, false);
    is_int(portal_kit_sign_in(&p, staff, "admin1", true), 303, "staff");
    is_int(portal_kit_sign_in(&p, sakura, "sakura.boss", false), 303, "an administrator");
    is_int(portal_kit_sign_in(&p, midori, "midori.boss", false), 303, "another customer's");
    test_page();
    test_bounce();
    test_troubles();
    test_purge();
    test_templates();
    test_written();
    fake_free(staff);
    fake_free(sakura);
    fake_free(midori);
    mail_work_end();
    portal_kit_stop();
    people_stop(&p);
    return tap_done();
}
