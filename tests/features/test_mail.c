/*
 * test_mail.c - the outbox end to end: queued in a transaction, delivered by the worker to a real
 * SMTP server (aiosmtpd, taken apart by Python's own parser) or into a directory (P3-152, P1-51).
 */
#include "harness.h"
#include "tap.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "features/mail/mail_work.h"
#include "store/mail_queue.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3" /* Debian's: it has python3-aiosmtpd */

static struct harness *h;
static struct arena *a;
static struct db *portal;
static const struct worker_job *const job_tables[] = { mail_work_jobs, NULL };

static const char *path(const char *name)
{
    return str_fmt(a, "%s/%s", harness_dir(h), name).p;
}

static struct str read_text(const char *file)
{
    struct str s = STR_ABSENT;
    char chunk[4096];
    size_t n;
    struct buf b = buf_init(4u * 1024 * 1024);
    FILE *f = fopen(file, "re");
    if (!f)
        return s;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(&b, chunk, n);
    (void)fclose(f);
    if (buf_to_str(&b, a, &s) != E_OK)
        s = STR_ABSENT;
    buf_free(&b);
    return s;
}

static void write_text(const char *file, const char *text)
{
    FILE *f = fopen(file, "we");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        ok(false, "write %s", file);
}

/* Configure delivery with these lines. */
static void configure(const char *lines)
{
    struct settings *c = NULL;
    write_text(path("conf"), lines);
    if (settings_load(path("conf"), &c) != E_OK || mail_work_init(c) != E_OK)
        ok(false, "settings: %s", fault_current()->detail);
    settings_free(c);
}

static struct mail_id queue(const char *to, const char *subject, const char *html)
{
    struct mail_id id = { 0 };
    struct tx *tx = NULL;
    const struct mail_queue_entry m = {
        .to = str_z(to),
        .template_name = "test/plain",
        .lang = "ja",
        .subject = str_z(subject),
        .text = STR("山田様\n.\n..署名が完了しました。\nhttps://localhost:8443/documents/1\n"),
        .html = str_z(html),
    };
    if (tx_begin(portal, a, &tx) != E_OK || mail_queue(tx, &m, &id) != E_OK ||
        tx_commit(tx) != E_OK)
        ok(false, "queue for %s: %s", to, fault_current()->detail);
    return id;
}

static void work(void)
{
    size_t ran;
    const struct worker_params p = {
        .db = harness_db(h, DB_WORKER),
        .control = harness_db(h, DB_WORKER),
        .jobs = job_tables,
        .wake_fd = -1,
        .instance = "test",
    };
    struct worker *w = worker_new(&p);
    is_err(worker_once(w, &ran), E_OK, "the worker has its turn");
    worker_free(w);
    db_close(p.db);
    db_close(p.control);
}

static void hurry(void)
{
    struct str out;
    if (harness_sql(h, "UPDATE job SET due = UTC_TIMESTAMP(6) WHERE state = 'ready'", &out) != E_OK)
        ok(false, "hurry");
}

/* "state attempts error" of a mail. */
static struct str state_of(struct mail_id id)
{
    struct str out = STR_ABSENT;
    if (harness_sql(
            h,
            str_fmt(a,
                    "SELECT CONCAT(state, ' ', attempts, ' ', COALESCE(LEFT(last_error, 22),"
                    " '-')) FROM mail WHERE id = %llu",
                    (unsigned long long)id.v)
                .p,
            &out) != E_OK)
        return STR_ABSENT;
    return out;
}

static void test_queue(void)
{
    struct tx *tx = NULL;
    struct mail_queue_entry m = { .to = STR("a@b"),
                                  .template_name = "t",
                                  .lang = "en",
                                  .subject = STR("x\r\nBcc: y@z"),
                                  .text = STR("x") };
    is_err(tx_begin(portal, a, &tx), E_OK, "begin");
    is_err(mail_queue(tx, &m, NULL), E_INPUT, "a subject with a line end is refused");
    m.subject = STR("x");
    m.to = STR("a@b, c@d");
    is_err(mail_queue(tx, &m, NULL), E_INPUT, "so are two recipients");
    m.to = STR("a@b");
    is_err(mail_queue(tx, &m, NULL), E_OK, "one is queued");
    tx_rollback(tx);
    is_int(harness_count(h, "SELECT COUNT(*) FROM mail") +
               harness_count(h, "SELECT COUNT(*) FROM job"),
           0, "rolled back: neither mail nor job");
}

static void test_directory(void)
{
    configure(
        str_fmt(a, "mail.dir = %s/mail\nmail.from = Shomei <noreply@localhost>\n", harness_dir(h))
            .p);
    struct mail_id id = queue("hanako@example.jp", "署名完了のお知らせ", NULL);
    work();
    is_str(state_of(id), "queued 1 mail-disk /tmp/shomei-", "no directory: it waits, and says why");
    if (mkdir(path("mail"), 0700) != 0)
        ok(false, "mkdir");
    hurry();
    work();
    is_str(state_of(id), "sent 2 -", "then it is sent");
    is_int(harness_count(h, "SELECT COUNT(*) FROM mail WHERE text_part IS NOT NULL"), 0,
           "and its body erased");
    struct str eml =
        read_text(str_fmt(a, "%s/mail/%06llu.eml", harness_dir(h), (unsigned long long)id.v).p);
    ok(eml.p && strstr(eml.p, "To: <hanako@example.jp>\r\n"), "the file is there");
}

static pid_t start_smtp(const char *dir, bool tls)
{
    const char *script = harness_source(h, "tests/features/smtp_server.py");
    fflush(stdout);
    if (mkdir(dir, 0700) != 0)
        ok(false, "mkdir %s", dir);
    pid_t pid = fork();
    if (pid == 0) {
        if (tls)
            execl(PYTHON, "python3", "-B", script, dir, path("cert.pem"), path("key.pem"),
                  (char *)0);
        else
            execl(PYTHON, "python3", "-B", script, dir, (char *)0);
        _exit(127);
    }
    for (int i = 0; i < 500 && access(str_fmt(a, "%s/port", dir).p, R_OK) != 0; i++)
        usleep(20000);
    return pid;
}

static void stop_smtp(pid_t pid)
{
    (void)kill(pid, SIGTERM);
    (void)waitpid(pid, NULL, 0);
}

static struct json *last_mail(const char *dir)
{
    struct json *j = NULL;
    struct str all = read_text(str_fmt(a, "%s/mails", dir).p);
    size_t from = 0;
    for (size_t i = 0; i + 1 < all.n; i++)
        if (all.p[i] == '\n')
            from = i + 1;
    if (all.n == 0 || json_parse(bytes_of_str(str_sub(a, all, from, all.n)), &j) != E_OK)
        return json_new_object();
    return j;
}

/* Variable envelope return paths: what comes back names its mail. */
static void test_return_path(const char *dir, struct str port)
{
    configure(str_fmt(a,
                      "mail.smtp_url = smtp://127.0.0.1:%s\nmail.from = no@shomei.example\n"
                      "mail.return_path = bounces@shomei.example\n",
                      port.p)
                  .p);
    struct mail_id id = queue("hanako@example.jp", "Comes back", NULL);
    work();
    is_str(state_of(id), "sent 1 -", "with a return path");
    struct json *m = last_mail(dir);
    ok(str_starts(json_get_str(m, "mail_from"), STR("bounces+")) &&
           str_ends(json_get_str(m, "mail_from"), STR("@shomei.example")) &&
           json_get_str(m, "mail_from").n == strlen("bounces+@shomei.example") + 22,
       "the envelope's sender names the mail");
    ok(strncmp(json_get_str(m, "mail_from").p + 8, json_get_str(m, "id").p + 1, 22) == 0,
       "as its Message-ID does");
    json_free(m);
}

static void test_smtp(void)
{
    const char *dir = path("smtp");
    int64_t number = -1;
    bool flag = true;
    pid_t pid = start_smtp(dir, false);
    struct str port = read_text(path("smtp/port"));
    configure(
        str_fmt(a,
                "mail.smtp_url = smtp://127.0.0.1:%s\nmail.from = 電子証明 <no@shomei.example>\n",
                port.p)
            .p);
    struct mail_id id =
        queue("hanako@example.jp",
              "【重要】電子証明書の有効期限が近づいています。更新のお手続きをお願いします",
              "<p>山田様<br>署名が完了しました。</p>");
    work();
    is_str(state_of(id), "sent 1 -", "sent over SMTP");
    struct json *m = last_mail(dir);
    is_str(json_get_str(m, "subject"),
           "【重要】電子証明書の有効期限が近づいています。更新のお手続きをお願いします",
           "a long Japanese subject, as another parser reads it");
    is_str(json_get_str(m, "from"), "電子証明 <no@shomei.example>", "the sender");
    is_str(json_get_str(m, "mail_from"), "no@shomei.example", "the envelope's sender");
    is_str(json_get_str(m, "to"), "hanako@example.jp", "the recipient");
    is_str(json_get_str(m, "type"), "multipart/alternative", "two alternatives");
    is_str(json_get_str(m, "text"),
           "山田様\n.\n..署名が完了しました。\nhttps://localhost:8443/documents/1\n",
           "the text, dots at line beginnings included");
    is_str(json_get_str(m, "html"), "<p>山田様<br>署名が完了しました。</p>", "the HTML");
    is_str(json_get_str(m, "lang"), "ja", "the language");
    ok(json_get_i64(m, "defects", &number) && number == 0, "the parser finds no defect");
    ok(json_get_i64(m, "longest", &number) && number <= 76, "no long line");
    ok(json_get_i64(m, "bare", &number) && number == 0, "no bare line feed");
    json_free(m);

    test_return_path(dir, port);
    id = queue("busy@example.jp", "Later", NULL);
    work();
    is_str(state_of(id), "queued 1 mail-deferred SMTP 451", "451: it waits");
    hurry();
    work();
    is_str(state_of(id), "sent 2 -", "and is sent at the next attempt");
    id = queue("gone@example.jp", "Never", NULL);
    work();
    is_str(state_of(id), "failed 1 mail-refused SMTP 550", "550: failed at once");
    is_int(harness_count(h, "SELECT COUNT(*) FROM job WHERE state = 'dead'"), 1,
           "and on the dead-letter list");
    id = queue("spam@example.jp", "Never", NULL);
    work();
    is_str(state_of(id), "failed 1 mail-refused SMTP 554", "554 after DATA, too");
    configure(str_fmt(a,
                      "mail.smtp_url = smtp://127.0.0.1:%s\nmail.tls_required = yes\n"
                      "mail.from = no@shomei.example\n",
                      port.p)
                  .p);
    id = queue("hanako@example.jp", "Secret", NULL);
    work();
    ok(str_starts(state_of(id), STR("queued 1 mail-deferred")),
       "TLS required, none offered: it waits");
    stop_smtp(pid);
    hurry();
    work();
    ok(str_starts(state_of(id), STR("queued 2 mail-deferred")), "no server: it waits");
    m = last_mail(dir);
    ok(json_get_bool(m, "tls", &flag) && !flag && !str_eq_z(json_get_str(m, "subject"), "Secret"),
       "and nothing went out in the clear");
    json_free(m);
}

static void test_tls(void)
{
    const char *dir = path("smtps");
    bool tls = false, login = false;
    const char *make =
        str_fmt(a,
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                " -keyout %s -out %s -days 2 -subj /CN=localhost"
                " -addext subjectAltName=DNS:localhost 2>/dev/null",
                path("key.pem"), path("cert.pem"))
            .p;
    if (system(make) != 0)
        ok(false, "a certificate");
    pid_t pid = start_smtp(dir, true);
    struct str port = read_text(path("smtps/port"));
    const char *common = str_fmt(a,
                                 "mail.smtp_url = smtp://localhost:%s\nmail.tls_required = yes\n"
                                 "mail.from = no@shomei.example\nmail.smtp_user = shomei\n"
                                 "mail.smtp_password_file = %s\n",
                                 port.p, path("password"))
                             .p;
    write_text(path("password"), "wrong\n");
    configure(common);
    struct mail_id id = queue("hanako@example.jp", "Hello", NULL);
    hurry();
    work();
    ok(str_starts(state_of(id), STR("queued 1 mail-deferred")),
       "a certificate nobody vouches for: waits");
    configure(str_fmt(a, "%smail.ca_file = %s\n", common, path("cert.pem")).p);
    hurry();
    work();
    ok(str_starts(state_of(id), STR("queued 2 mail-deferred")), "a wrong password: waits");
    write_text(path("password"), "correct horse\n");
    configure(str_fmt(a, "%smail.ca_file = %s\n", common, path("cert.pem")).p);
    hurry();
    work();
    is_str(state_of(id), "sent 3 -", "STARTTLS, log-in, sent");
    struct json *m = last_mail(dir);
    ok(json_get_bool(m, "tls", &tls) && tls && json_get_bool(m, "login", &login) && login,
       "the server agrees");
    json_free(m);
    stop_smtp(pid);
}

/* The HTML part that is made of a text says the same, and nothing in it is markup. */
static void test_html(void)
{
    struct str html =
        mail_queue_html(a, "ja", STR("一行目\n<b>\"&\"</b>\n\nhttps://a.test/?x=1&y\n"));
    ok(str_starts(html, STR("<!doctype html>\n<html lang=\"ja\">")), "a document in its language");
    ok(strstr(html.p, "<p>一行目<br>\n&lt;b&gt;&quot;&amp;&quot;&lt;/b&gt;</p>\n") != NULL,
       "lines and paragraphs, escaped");
    ok(strstr(html.p, "<p><a href=\"https://a.test/?x=1&amp;y\">https://a.test/?x=1&amp;y</a></p>"),
       "an address is a link");
    ok(str_ends(html, STR("</body>\n</html>\n")), "and its end");
    ok(str_ends(mail_queue_html(a, "en", STR("no end of line")),
                STR("<p>no end of line</p>\n</body>\n</html>\n")),
       "a last line without its end");
}

int main(void)
{
    log_open("test_mail", LOG_LEVEL_ERROR);
    h = harness_start();
    a = harness_arena(h);
    portal = harness_db(h, DB_PORTAL);
    test_queue();
    test_html();
    test_directory();
    if (system(PYTHON " -c 'import aiosmtpd' 2>/dev/null") == 0) {
        test_smtp();
        test_tls();
    } else {
        tap_skip("python3-aiosmtpd is not installed: no SMTP server to deliver to");
    }
    mail_work_end();
    db_close(portal);
    harness_stop(h);
    return tap_done();
}
