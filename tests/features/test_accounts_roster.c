/*
 * test_accounts_roster.c - people removed and invited again, and files of people: encodings,
 * headings, faults shown before anything happens, outcomes of each row, the same file once, walls
 * between customers (P2-12), roles of the provider that no file gives (P3-63, P3-66).
 */
#include "portal_kit.h"

#include "base/buf.h"
#include "base/log.h"
#include "features/accounts/accounts_admin.h"
#include "features/accounts/accounts_pages.h"
#include "features/accounts/accounts_roster.h"
#include "features/accounts/accounts_tasks.h"

#include <stdlib.h>

static struct people p;
static struct fake *boss;
static struct account_id boss_id;

static int64_t count(const char *where)
{
    return harness_count(p.h, str_fmt(p.a, "SELECT COUNT(*) FROM shomei.%s", where).p);
}

static const char *user_path(struct account_id id, const char *rest)
{
    return str_fmt(p.a, "/users/%llu%s", (unsigned long long)id.v, rest).p;
}

/* ------------------------------------------------------------------ one at a time */

static void test_remove(void)
{
    struct account_id mine = people_add(&p, p.sakura, "leaver", ROLE_END_USER, true);
    struct account_id other = people_add(&p, p.midori, "stranger", ROLE_END_USER, false);
    struct fake *g = portal_kit_browser();
    struct fake_reply r;

    (void)portal_kit_sign_in(&p, g, "leaver", true);
    is_int(fake_get(boss, user_path(other, "/remove")).status, 404,
           "not another customer's person");
    is_int(fake_post(boss, user_path(other, "/remove"), "").status, 404, "nor by posting");
    is_int(fake_post(boss, user_path(boss_id, "/remove"), "").status, 403, "not the own account");
    is_int(fake_get(g, user_path(mine, "/remove")).status, 403, "an end user removes nobody");
    r = fake_get(boss, user_path(mine, "/remove"));
    ok(r.status == 200 && fake_reply_has(&r, "class=\"consequence\"") &&
           fake_reply_has(&r, "no valid certificate"),
       "the page says what it means, with the person's certificates");
    is_int(fake_post_bare(boss, user_path(mine, "/remove"), "").status, 403,
           "not without CSRF token");
    is_int(fake_post(boss, user_path(mine, "/remove"), "").status, 303, "removed");
    is_str(people_state(&p, mine), "closed", "the account is closed");
    is_int(fake_get(g, "/security").status, 303, "the session is over at once");
    is_int(people_mails(&p, "removed", mine), 1, "a mail tells the person");
    is_int(fake_post(boss, user_path(mine, "/remove"), "").status, 409, "once");
    is_int(fake_post(boss, user_path(mine, "/resume"), "").status, 409, "closed is not suspended");
    is_int(fake_post(g, "/login", "login=leaver&password=" PEOPLE_PASSWORD).status, 422,
           "nobody signs in with it");
    is_int(fake_post(boss, user_path(mine, "/reopen"), "").status, 303, "invited again");
    is_str(people_state(&p, mine), "invited", "from the beginning");
    is_int(count(str_fmt(p.a, "account_totp WHERE account_id = %llu AND secret IS NOT NULL",
                         (unsigned long long)mine.v)
                     .p),
           0, "without the second factor of before");
    is_int(fake_post(g, "/login", "login=leaver&password=" PEOPLE_PASSWORD).status, 422,
           "nor the password");
    is_int(fake_post(boss, user_path(other, "/reopen"), "").status, 404,
           "another customer's: absent");
    is_int(fake_post(boss, user_path(mine, "/suspend"), "reason=administrator").status, 303,
           "who never came can be suspended, too");
    fake_free(g);
}

/* ------------------------------------------------------------------ files */

static struct roster_id upload(const char *bytes, size_t n, bool *same, const char **fault)
{
    struct audit_by by = { .tenant = p.sakura, .account = boss_id, .name = STR("boss") };
    struct tx *tx = people_tx(&p, p.portal);
    struct roster_id id = { 0 };
    struct str word;
    enum err err = accounts_roster_upload(tx, &by, STR("people.csv"),
                                          (struct bytes){ (const uint8_t *)bytes, n }, p.now, &id,
                                          same, &word);
    *fault = err == E_OK ? "" : str_fmt(p.a, "%s %s", fault_current()->reason, word.p).p;
    if (err == E_OK && !*same)
        people_end(tx);
    else
        people_undo(tx);
    return id;
}

static struct str problems(struct roster_id id)
{
    struct str out = STR("");
    const char *sql = str_fmt(p.a,
                              "SELECT GROUP_CONCAT(CONCAT(line, ':', problem) ORDER BY number "
                              "SEPARATOR ' ') FROM shomei.roster_row WHERE roster_id = %llu",
                              (unsigned long long)id.v)
                          .p;
    return harness_sql(p.h, sql, &out) == E_OK ? str_trim(p.a, out) : STR("?");
}

#define UPLOAD(text) upload((text), strlen(text), &same, &fault)

static void test_reading(void)
{
    const char *fault;
    bool same;

    (void)people_add(&p, p.sakura, "taken.one", ROLE_END_USER, false);
    (void)UPLOAD("");
    is_str(str_z(fault), "roster-empty ", "an empty file");
    (void)UPLOAD("operation,login\n");
    is_str(str_z(fault), "roster-empty ", "headings alone");
    (void)UPLOAD("operation,login,shoe size\nREMOVE,a.b.c,42\n");
    is_str(str_z(fault), "roster-heading shoe size",
           "an unknown column: what it says is not guessed");
    (void)UPLOAD("login,login\na.b.c,d.e.f\n");
    is_str(str_z(fault), "roster-heading login", "a column twice");
    (void)UPLOAD("login,name\na.b.c,d\n");
    is_str(str_z(fault), "roster-columns ", "no operation");
    (void)upload("\xff\xfe\x41\x00", 4, &same, &fault);
    is_str(str_z(fault), "csv-encoding ", "UTF-16");
    struct roster_id id =
        UPLOAD("\xef\xbb\xbf操作,ログイン名,氏名,メールアドレス,役割,言語\r\n"
               "招待,new.a,山田 太郎,A@sakura.example,利用者、オペレータ,日本語\r\n"
               "招待,new.b,B,b@sakura.example,運用員,ja\r\n"
               "招待,new.c,C,c@sakura.example,system_admin,ja\r\n"
               "招待,new.d,D,not an address,利用者,ja\r\n"
               "招待,new.e,E,e@sakura.example,利用者,fr\r\n"
               "踊る,new.f,,,,\r\n"
               "停止,nobody.there,,,,\r\n"
               "停止,stranger,,,,\r\n"
               "削除,boss,,,,\r\n"
               "招待,taken.one,X,other@sakura.example,利用者,ja\r\n"
               "招待,new.a,Y,y@sakura.example,利用者,ja\r\n"
               "招待,new.g,G,taken.one@example.test,利用者,ja\r\n"
               "停止,taken.one,,,,\r\n");
    is_str(
        problems(id),
        "2: 3:roles 4:roles 5:email 6:lang 7:operation 8:absent 9:absent 10:own 11:taken 12:twice "
        "13:taken 14:twice",
        "each fault at its line; 運用員 is the provider's, a stranger is absent");
    is_int(count("roster_row WHERE login = 'new.a' AND roles = 5 AND lang = 'ja' AND name = '山田 "
                 "太郎'"),
           1, "a row as it was meant: end user and LRA operator");
    struct roster_id sjis =
        upload("\x91\x80\x8d\xec\tlogin\n\x8d\xed\x8f\x9c\ttaken.one\n", 26, &same, &fault);
    is_str(problems(sjis), "2:", "TSV in Windows-31J");
    struct tx *tx = people_tx(&p, p.portal);
    struct audit_by by = { .tenant = p.sakura, .account = boss_id, .name = STR("boss") };
    is_err(accounts_roster_start(tx, &by, id, p.now), E_STATE, "a file with faults does not start");
    people_undo(tx);
    tx = people_tx(&p, p.portal);
    by.tenant = p.midori;
    is_err(accounts_roster_start(tx, &by, sjis, p.now), E_ABSENT, "nor another customer's");
    people_undo(tx);
    is_int(count("account WHERE login LIKE 'new.%'"), 0, "nothing has happened yet");
}

/* A multipart body with this file. */
static struct fake_reply post_file(struct fake *f, const char *text)
{
    return fake_upload(f, "/users/files", "", "file", "people.csv", bytes_of_str(str_z(text)));
}

static struct str states(void)
{
    struct str out = STR("");
    return harness_sql(
               p.h,
               "SELECT GROUP_CONCAT(CONCAT(login, '=', state) ORDER BY login SEPARATOR ' ') "
               "FROM shomei.account WHERE login LIKE 'run.%'",
               &out) == E_OK
               ? str_trim(p.a, out)
               : STR("?");
}

static void test_run(void)
{
    static const char text[] =
        "operation,login,name,email,roles,language\n"
        "INVITE,run.new,\"New, One\",run.new@sakura.example,lra_operator,en\n"
        "SUSPEND,run.a\nRESUME,run.b\nREMOVE,run.c\nSUSPEND,run.d\n";
    struct account_id b, d;
    struct fake_reply r;

    (void)people_add(&p, p.sakura, "run.a", ROLE_END_USER, false);
    b = people_add(&p, p.sakura, "run.b", ROLE_END_USER, false);
    (void)people_add(&p, p.sakura, "run.c", ROLE_END_USER, false);
    d = people_add(&p, p.sakura, "run.d", ROLE_END_USER, false);
    (void)fake_post(boss, user_path(b, "/suspend"), "reason=administrator");
    (void)fake_post(boss, user_path(d, "/suspend"), "reason=administrator");
    r = fake_get(boss, "/users/files");
    ok(r.status == 200 && fake_reply_has(&r, "template.csv"), "the page for files");
    r = fake_get(boss, "/users/files/template.csv");
    ok(r.status == 200 && fake_reply_has(&r, "\"INVITE\""), "a template");
    r = post_file(boss, "login\nx.y.z\n");
    ok(r.status == 422 && fake_reply_has(&r, "must name the columns"), "a bad file is told");
    r = post_file(boss, text);
    is_int(r.status, 303, "a good one is kept");
    const char *path = portal_kit_location(boss, &r).p;
    r = fake_get(boss, path);
    ok(r.status == 200 && fake_reply_has(&r, "/start\"") && fake_reply_has(&r, "New, One"),
       "and shown first");
    is_str(states(), "run.a=active run.b=suspended run.c=active run.d=suspended",
           "nothing has happened yet");
    r = post_file(boss, text);
    const char *second = portal_kit_location(boss, &r).p;
    is_int(fake_post(boss, str_fmt(p.a, "%s/start", path).p, "").status, 303, "started");
    is_str(states(), "run.a=suspended run.b=active run.c=closed run.d=suspended run.new=invited",
           "each row is done");
    r = fake_get(boss, path);
    ok(r.status == 200 && fake_reply_has(&r, "Was so already") && fake_reply_has(&r, "Done"),
       "each with its outcome");
    r = fake_get(boss, str_fmt(p.a, "%s/result.csv", path).p);
    ok(r.status == 200 && fake_reply_has(&r, "\"run.d\",\"\",\"\",\"Was so already\""),
       "also as a file");
    is_int(fake_post(boss, str_fmt(p.a, "%s/start", path).p, "").status, 409, "it starts once");
    is_int(fake_post(boss, str_fmt(p.a, "%s/start", second).p, "").status, 409,
           "and a second upload of it not at all");
    r = post_file(boss, text);
    is_str(portal_kit_location(boss, &r), path, "a third leads to the first");
    is_int(fake_post(boss, str_fmt(p.a, "%s/forget", second).p, "").status, 303,
           "what never ran goes");
    is_int(fake_post(boss, str_fmt(p.a, "%s/forget", path).p, "").status, 404, "what ran stays");
    is_int(fake_post(boss, str_fmt(p.a, "%s/again", path).p, "").status, 409, "nothing failed");
}

static void test_walls(void)
{
    struct fake *f = portal_kit_browser(), *g = portal_kit_browser();
    struct fake_reply r = post_file(boss, "operation,login\nREMOVE,taken.one\n");
    const char *path = portal_kit_location(boss, &r).p;

    (void)people_add(&p, p.midori, "midori.boss", ROLE_CUSTOMER_ADMIN, false);
    (void)people_add(&p, p.sakura, "mere.user", ROLE_END_USER, false);
    (void)people_add(&p, p.sakura, "mere.operator", ROLE_LRA_OPERATOR, false);
    (void)portal_kit_sign_in(&p, f, "midori.boss", false);
    (void)portal_kit_sign_in(&p, g, "mere.operator", false);
    is_int(fake_get(f, path).status, 404, "another customer's file");
    is_int(fake_get(f, str_fmt(p.a, "%s/result.csv", path).p).status, 404, "its result");
    is_int(fake_post(f, str_fmt(p.a, "%s/start", path).p, "").status, 404, "its start");
    is_int(fake_post(f, str_fmt(p.a, "%s/forget", path).p, "").status, 404, "its end");
    is_int(fake_get(g, path).status, 403, "an LRA operator has no files of people");
    is_int(post_file(g, "operation,login\nREMOVE,taken.one\n").status, 403, "and uploads none");
    is_int(fake_post_bare(boss, str_fmt(p.a, "%s/start", path).p, "").status, 403,
           "not without CSRF token");
    fake_free(f);
    fake_free(g);
}

/* Many rows: the worker, in pieces; and it stops when the uploader may not any more. */
static void test_many(void)
{
    struct buf b = buf_init(1 << 20);
    struct str text = STR("");
    struct fake_reply r;
    struct tx *tx;

    buf_add_z(&b, "operation,login,name,email,roles\n");
    for (int i = 0; i < 120; i++)
        buf_fmt(&b, "INVITE,many.%d,Person %d,many.%d@sakura.example,end_user\n", i, i, i);
    if (buf_to_str(&b, p.a, &text) != E_OK)
        text = STR("");
    buf_free(&b);
    r = post_file(boss, text.p);
    const char *path = portal_kit_location(boss, &r).p;
    struct roster_id id = { strtoull(strrchr(path, '/') + 1, NULL, 10) };
    is_int(fake_post(boss, str_fmt(p.a, "%s/start", path).p, "").status, 303, "started");
    is_int(count("job WHERE kind = 'accounts.roster'"), 1, "120 rows are the worker's");
    r = fake_get(boss, path);
    ok(r.status == 200 && fake_reply_has(&r, "<progress max=\"120\""), "a progress page");
    tx = people_tx(&p, p.worker);
    is_err(accounts_roster_work(tx, p.sakura, id, p.now), E_OK, "a piece of it");
    people_end(tx);
    is_int(count("account WHERE login LIKE 'many.%'"), 50, "50 people");
    is_int(count("job WHERE kind = 'accounts.roster'"), 2, "and the next piece is ordered");
    tx = people_tx(&p, p.worker);
    is_err(accounts_roster_work(tx, p.midori, id, p.now), E_OK, "of another customer");
    people_end(tx);
    is_int(count("account WHERE login LIKE 'many.%'"), 50, "nothing is done");
    struct str out;
    is_err(harness_sql(p.h,
                       str_fmt(p.a, "UPDATE shomei.account SET state = 'suspended' WHERE id = %llu",
                               (unsigned long long)boss_id.v)
                           .p,
                       &out),
           E_OK, "the uploader stopped");
    tx = people_tx(&p, p.worker);
    is_err(accounts_roster_work(tx, p.sakura, id, p.now), E_OK, "then");
    people_end(tx);
    is_int(count("account WHERE login LIKE 'many.%'"), 50, "nobody more is invited (P3-140)");
    is_int(count("roster_row WHERE reason = 'stopped'"), 70, "the rows say why");
    is_int(count("roster WHERE state = 'done' AND row_count = 120"), 1, "the file is done");
    tx = people_tx(&p, p.worker);
    uint64_t gone;
    is_err(accounts_roster_purge(tx, timestamp_add(p.now, 31 * DAY_US), &gone), E_OK,
           "a month later");
    people_end(tx);
    is_int(count("roster") + count("roster_row"), 0, "nothing is kept");
}

int main(void)
{
    log_open("test_accounts_roster", LOG_LEVEL_WARNING);
    people_start(&p);
    portal_kit_add(accounts_remove_routes, NULL);
    portal_kit_add(accounts_roster_routes, NULL);
    portal_kit_start(&p);
    boss_id = people_add(&p, p.sakura, "boss", ROLE_CUSTOMER_ADMIN, false);
    boss = portal_kit_browser();
    is_int(portal_kit_sign_in(&p, boss, "boss", false), 303, "a customer administrator");
    test_remove();
    test_reading();
    test_run();
    test_walls();
    test_many();
    fake_free(boss);
    portal_kit_stop();
    people_stop(&p);
    return tap_done();
}
