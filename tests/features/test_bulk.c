/*
 * test_bulk.c - many certificates from one file, through the pages and the worker (issue item 8,
 * P1-09, P3-31, P3-32, P3-44): what is refused as a whole, what is found in rows, what is done, by
 * whom, once; result files; keys that only the shown password opens; walls between customers.
 */
#include "bulk_kit.h"

#include "archive/zip_read.h"
#include "base/log.h"
#include "base/sjis.h"
#include "features/registration/registration.h"

#include <stdlib.h>

#define HEADER "Operation,ID,Account,Key,CSR,Serial,Reason\n"

static struct fake *admin, *second, *operator, * user, *alice;
static struct arena *a;

static struct fake_reply page(struct fake *who, struct str run, const char *query)
{
    return fake_get(who, str_fmt(a, "/bulk/%s%s", run.p, query).p);
}

static struct fake_reply act(struct fake *who, struct str run, const char *what)
{
    return fake_post(who, str_fmt(a, "/bulk/%s/%s", run.p, what).p, "");
}

static struct str finding(struct str run, unsigned seq)
{
    return bulk_kit_text(
        str_fmt(a,
                "SELECT JSON_VALUE(w.findings, '$[0].code') FROM shomei.bulk_row w "
                "JOIN shomei.bulk_run r ON r.id = w.run_id WHERE r.public_id = "
                "'%s' AND w.seq = %u",
                run.p, seq)
            .p);
}

static struct str result(struct fake *who, struct str run, const char *query)
{
    struct fake_reply r = fake_get(who, str_fmt(a, "/bulk/%s/result%s", run.p, query).p);

    is_int(r.status, 200, "the result file is there");
    return str_dup(a, r.body);
}

/* --- the file as a whole --- */

/* --- who may --- */

static void walls(struct str run)
{
    static const char *const acts[] = { "start", "pause",   "stop",    "resume",
                                        "retry", "recheck", "discard", "rows/1/retry" };

    is_int(page(alice, run, "").status, 404, "another customer: 404");
    is_int(page(user, run, "").status, 403, "a user without the role: 403");
    is_int(page(second, run, "").status, 200, "another administrator of the customer sees it");
    is_int(page(operator, run, "").status, 200, "an LRA operator, too");
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        is_int(act(alice, run, acts[i]).status, 404, acts[i]);
        is_int(act(user, run, acts[i]).status, 403, "not without the role");
        is_int(fake_post_bare(admin, str_fmt(a, "/bulk/%s/%s", run.p, acts[i]).p, "").status, 403,
               "not without the token");
    }
    is_int(fake_get(alice, str_fmt(a, "/bulk/%s/result", run.p).p).status, 404,
           "nor does another customer get the result");
    is_int(act(second, run, "start").status, 403, "only who uploaded it starts it");
    is_int(fake_get(user, "/bulk").status, 403, "the list is not for users");
    is_int(page(admin, STR("nothing"), "").status, 404, "no such run");
}

/* --- preview --- */

static struct str mixed;

static struct str mixed_file(void)
{
    return str_fmt(a,
                   "\xef\xbb\xbf" HEADER "ISSUE,A-1,user001,CSR,%s,,\n"
                   "ISSUE,A-2,user002,PKCS12,,,\n"
                   "issue,A-3,nobody,PKCS12,,,\n"
                   "ISSUE,A-4,admin,PKCS12,,,\n"
                   "ISSUE,A-2,user003,PKCS12,,,\n"
                   "FLY,A-5,user003,,,,\n"
                   ",A-6,user003,,,,\n"
                   "REVOKE,A-7,,,,12345678,\n"
                   "REVOKE,A-8,,,,xyz,\n"
                   "ISSUE,A-9,user003,CSR,nonsense,,\n"
                   "ISSUE,A-10,user003,CSR,,,,,\n"
                   "ISSUE,A-11,alice,PKCS12,,,\n"
                   "ISSUE,A-12,user003,HSM,,,\n"
                   "ISSUE,\"=A-13\",user003,pkcs#12,,,\n",
                   bulk_kit_csr().p);
}

static void preview(void)
{
    static const char *const codes[] = { "",
                                         "",
                                         "bulk-account-unknown",
                                         "bulk-self",
                                         "bulk-id-twice",
                                         "bulk-operation-unknown",
                                         "bulk-operation-missing",
                                         "bulk-serial-unknown",
                                         "bulk-serial",
                                         "csr-malformed",
                                         "bulk-cells",
                                         "bulk-account-unknown",
                                         "bulk-key-unknown",
                                         "" };
    struct fake_reply r;

    mixed = bulk_kit_checked(admin, "mixed.csv", mixed_file());
    is_int(bulk_kit_rows(mixed, "ready"), 3, "three rows are ready");
    is_int(bulk_kit_rows(mixed, "bad"), 11, "eleven have errors");
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i][0])
            is_str(finding(mixed, i + 1), codes[i], "what is wrong");
    r = page(admin, mixed, "");
    ok(r.status == 200 && fake_reply_has(&r, "No user of yours has the login name") &&
           fake_reply_has(&r, "Somebody else must do it") &&
           fake_reply_has(&r, "Keys made here: 2") &&
           fake_reply_has(&r, "Rows with errors are left out: 11"),
       "the page tells what was found and what will happen");
    ok(strstr(r.body.p, "no operation") < strstr(r.body.p, "A-1<"), "errors come first");
    r = page(admin, mixed, "?show=ready");
    ok(fake_reply_has(&r, "user001") && !fake_reply_has(&r, "is no operation"),
       "and can be filtered");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.application"), 0, "nothing was applied for");
    r = bulk_kit_upload(admin, "other-name.csv", mixed_file());
    walls(mixed);
}

/* --- running --- */

static struct str password_on(const struct fake_reply *r)
{
    const char *at = strstr(r->body.p, "data-copy=\"");

    return at ? str_of(a, at + 11, strcspn(at + 11, "\"")) : STR("");
}

static void keys(struct str run, struct str password)
{
    struct str path = str_fmt(a, "/bulk/%s/keys", run.p), name = STR("");
    struct buf file = buf_init(1 << 20);
    struct zip_read *z = NULL;
    struct fake_reply r = fake_post(admin, path.p, "password=wrong");
    unsigned n = 0;

    ok(r.status == 422 && fake_reply_has(&r, "This is not the password"), "a wrong password");
    is_int(fake_post(second, path.p, str_fmt(a, "password=%s", password.p).p).status, 403,
           "keys are for who uploaded");
    is_int(fake_post(alice, path.p, "password=x").status, 404, "not for another customer");
    r = fake_post(admin, path.p, str_fmt(a, "password=%s", password.p).p);
    is_int(r.status, 200, "with the right password");
    is_err(zip_read_start(), E_OK, "ZIP");
    if (zip_read_open(bytes_of_str(r.body), &z) != E_OK) {
        ok(false, "a ZIP comes");
        return;
    }
    while (zip_read_next(z, a, &name, &file) == E_OK) {
        struct str at = str_fmt(a, "%s/k.p12", harness_dir(bulk_kit.p.h));
        FILE *f = fopen(at.p, "wb");
        if (f == NULL || fwrite(file.p, 1, file.n, f) != file.n)
            abort();
        (void)fclose(f);
        is_int(system(str_fmt(a,
                              "openssl pkcs12 -in %s -passin pass:%s -nodes 2>/dev/null | openssl "
                              "x509 -noout -subject >/dev/null",
                              at.p, password.p)
                          .p),
               0, "openssl opens it with the password");
        ok(str_ends(name, STR(".p12")), "%s", name.p);
        n++;
    }
    zip_read_close(z);
    buf_free(&file);
    is_int(n, 2, "two keys");
    is_int(bulk_kit_count(
               "SELECT COUNT(*) FROM shomei.bulk_key WHERE HEX(sealed) LIKE '%%2A8648CE3D%%'"),
           0, "no key is readable at rest");
}

static void run_mixed(void)
{
    struct fake_reply r = act(admin, mixed, "start");
    struct str password = password_on(&r), text;

    ok(r.status == 200 && password.n == 23, "the start shows the password once");
    is_int(act(admin, mixed, "start").status, 303, "a second start");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.job WHERE kind = 'bulk.run'"), 1,
           "does nothing");
    r = page(admin, mixed, "");
    ok(!fake_reply_has(&r, password.p), "the password is shown nowhere else");
    bulk_kit_work(mixed.p, "done");
    is_int(bulk_kit_rows(mixed, "done"), 3, "three are issued");
    is_int(bulk_kit_rows(mixed, "bad"), 11, "the others as before");
    is_int(
        bulk_kit_count("SELECT COUNT(*) FROM shomei.application WHERE state = 'issued' AND via = "
                       "'bulk' AND first_approver = applicant_id AND first_approver = %llu AND "
                       "subscriber_id <> applicant_id",
                       (unsigned long long)bulk_kit.admin.v),
        3, "applied for and approved in the uploader's name, about others");
    text = result(admin, mixed, "");
    ok(str_starts(text, STR("\xef\xbb\xbf\"Operation\",\"ID\"")) &&
           strstr(text.p, "\"Issued serial\"") && strstr(text.p, "\"'=A-13\""),
       "the result has the mark, the columns and ours; formulas are made harmless");
    text = result(admin, mixed, "?failed=1");
    ok(strstr(text.p, "A-3") && !strstr(text.p, "A-1\""), "or the rows that failed alone");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.mail WHERE template = 'bulk/done'"), 1,
           "a mail tells");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.mail WHERE template = 'bulk/done' AND "
                          "text_part LIKE '%%user001%%'"),
           0, "without names");
    keys(mixed, password);
}

/* --- nothing twice --- */

static void twice(void)
{
    struct str text = STR(HEADER "ISSUE,B-1,user004,PKCS12,,,\n"), run, again;
    struct fake_reply r;

    run = bulk_kit_checked(admin, "once.csv", text);
    r = bulk_kit_upload(second, "renamed.csv", text);
    is_str(bulk_kit_run_of(second, &r), run.p,
           "the same file leads to the same run, whoever uploads it");
    (void)act(admin, run, "start");
    bulk_kit_work(run.p, "done");
    r = bulk_kit_upload(admin, "once.csv", text);
    is_str(bulk_kit_run_of(admin, &r), run.p, "afterwards, too");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.application"), 4, "and does nothing");
    again = bulk_kit_checked(admin, "again.csv",
                             STR(HEADER "ISSUE,B-1,user004,PKCS12,,,\nISSUE,B-2,user005,"
                                        "PKCS12,,,\n"));
    is_str(finding(again, 1), "bulk-done-before", "a row with an ID that was done is told");
    (void)act(admin, again, "start");
    bulk_kit_work(again.p, "done");
    is_int(bulk_kit_rows(again, "same"), 1, "and not done again");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.application"), 5, "the other one is");
}

/* --- changes of certificates, in the other encoding and language --- */

static struct str serial_of(const char *ref)
{
    return bulk_kit_text(
        str_fmt(a,
                "SELECT LOWER(HEX(c.serial)) FROM shomei.bulk_row w JOIN "
                "shomei.certificate c ON c.id = w.certificate_id WHERE w.ref = '%s' "
                "AND w.operation = 'issue' LIMIT 1",
                ref)
            .p);
}

static void changes(void)
{
    struct str text =
        str_fmt(a,
                "操作\t管理番号\tシリアル番号\t失効理由\tCSR\n"
                "失効\t①髙\t%s\t鍵の危殆化\t\n一時停止\t二\t%s\t\t\n更新\t三\t%s\t\t%s\n",
                serial_of("A-1").p, serial_of("A-2").p, serial_of("B-1").p, bulk_kit_csr().p);
    struct bytes raw = sjis_encode(a, text);
    struct str run =
                   bulk_kit_checked(admin, "変更.txt", (struct str){ (const char *)raw.p, raw.n }),
               out;
    struct fake_reply r = page(admin, run, "");

    ok(fake_reply_has(&r, "Shift_JIS") && fake_reply_has(&r, "TSV"), "what it was read as is told");
    is_int(bulk_kit_rows(run, "bad"), 1, "a certificate that is too young is not renewed");
    is_str(finding(run, 3), "too-early", "and it says so");
    (void)act(admin, run, "start");
    bulk_kit_work(run.p, "done");
    is_int(bulk_kit_rows(run, "done"), 2, "both changes are made");
    is_int(bulk_kit_count(
               "SELECT COUNT(*) FROM shomei.certificate WHERE LOWER(HEX(serial)) = '%s' AND "
               "state = 'revoked' AND reason = 1",
               serial_of("A-1").p),
           1, "revoked with its reason");
    is_int(bulk_kit_count(
               "SELECT COUNT(*) FROM shomei.certificate WHERE LOWER(HEX(serial)) = '%s' AND "
               "state = 'suspended'",
               serial_of("A-2").p),
           1, "suspended");
    out = result(admin, run, "");
    is_err(sjis_decode(a, bytes_of_str(out), &text), E_OK, "the result is in the same encoding");
    ok(strstr(text.p, "\"①髙\"\t") != NULL, "with the same characters and separator");
    out = bulk_kit_checked(admin, "release.csv",
                           str_fmt(a, "Operation,Serial\nRELEASE,%s\nREVOKE,%s\n",
                                   serial_of("A-2").p, serial_of("A-1").p));
    is_str(finding(out, 2), "bulk-not-revocable", "what is revoked is not revoked again");
    (void)act(admin, out, "start");
    bulk_kit_work(out.p, "done");
    is_int(bulk_kit_rows(out, "done"), 1, "a suspension ends");
}

/* --- steering --- */

static void steering(void)
{
    struct str run = bulk_kit_checked(admin, "steer.csv",
                                      STR(HEADER "ISSUE,,user006,PKCS12,,,\n"
                                                 "ISSUE,,user007,PKCS12,,,\n"));
    struct fake_reply r;

    bulk_kit_sql("DELETE FROM shomei.tenant_namespace WHERE kind = 'mail'");
    (void)act(admin, run, "start");
    is_int(act(second, run, "pause").status, 303, "anybody of the customer may pause it");
    size_t ran = 1;
    while (ran > 0)
        (void)!worker_once(bulk_kit.worker, &ran);
    is_int(bulk_kit_rows(run, "ready"), 2, "nothing is done while it is paused");
    is_int(act(second, run, "resume").status, 403, "only who uploaded it goes on");
    (void)act(admin, run, "resume");
    bulk_kit_work(run.p, "done");
    is_int(bulk_kit_rows(run, "failed"), 2,
           "rows are judged again when they are done: the namespace is gone");
    bulk_kit_sql("INSERT INTO shomei.tenant_namespace (tenant_id, kind, value, added_at) VALUES "
                 "(%llu, 'mail', 'example.test', NOW(6))",
                 (unsigned long long)bulk_kit.p.sakura.v);
    is_int(fake_post(admin, str_fmt(a, "/bulk/%s/rows/1/retry", run.p).p, "").status, 303,
           "one row is tried again");
    bulk_kit_work(run.p, "done");
    ok(bulk_kit_rows(run, "done") == 1 && bulk_kit_rows(run, "failed") == 1, "and done");
    (void)act(admin, run, "retry");
    bulk_kit_work(run.p, "done");
    is_int(bulk_kit_rows(run, "done"), 2, "then all that failed");
    run = bulk_kit_checked(admin, "stop.csv", STR(HEADER "ISSUE,,user008,PKCS12,,,\n"));
    (void)act(admin, run, "start");
    (void)act(admin, run, "stop");
    bulk_kit_work(run.p, "stopped");
    is_int(bulk_kit_rows(run, "ready"), 1, "what is stopped stays undone");
    run = bulk_kit_checked(admin, "drop.csv", STR(HEADER "ISSUE,,user009,PKCS12,,,\n"));
    is_int(act(admin, run, "discard").status, 303, "an upload is thrown away");
    is_int(page(admin, run, "").status, 404, "and gone");
    run = bulk_kit_checked(admin, "person.csv", STR(HEADER "ISSUE,,user009,PKCS12,,,\n"));
    (void)act(admin, run, "start");
    bulk_kit_sql("UPDATE shomei.account SET state = 'suspended' WHERE login = 'admin'");
    bulk_kit_work(run.p, "paused");
    is_int(bulk_kit_rows(run, "ready"), 1,
           "nothing is done in the name of somebody who was suspended");
    bulk_kit_sql("UPDATE shomei.account SET state = 'active' WHERE login = 'admin'");
    r = page(second, run, "");
    ok(fake_reply_has(&r, "may not do this any more"), "and the page says why");
}

/* --- two people --- */

static enum err approve_second(struct tx *tx, void *arg)
{
    const struct audit_by by = { .tenant = bulk_kit.p.sakura, .account = bulk_kit.second };
    const struct registration_vetting v[] = {
        { REGISTRATION_IDENTITY, REGISTRATION_REGISTER, STR("") },
        { REGISTRATION_AUTHORITY, REGISTRATION_REGISTER, STR("") },
        { REGISTRATION_CONTENT, REGISTRATION_REGISTER, STR("") }
    };
    const struct application_id *id = arg;
    struct registration r;

    TRY(registration_get(tx, bulk_kit.p.sakura, *id, &r));
    return registration_approve(tx, &by, r.tenant, r.id, r.generation, v, 3, clock_now());
}

static void two_people(void)
{
    struct application_id id;
    struct str run;

    bulk_kit_sql("INSERT INTO shomei.profile SELECT name, version + 1, class, service, state, cps, "
                 "REPLACE(body, '\"approvals\": 1', '\"approvals\": 2'), "
                 "UNHEX(SHA2(CONCAT(body, '2'), 256)), NOW(6), loaded_by FROM shomei.profile WHERE "
                 "name = 'user-auth'");
    run = bulk_kit_checked(operator, "two.csv", STR(HEADER "ISSUE,T-1,user010,PKCS12,,,\n"));
    (void)act(operator, run, "start");
    bulk_kit_work(run.p, "done");
    is_int(bulk_kit_rows(run, "review"), 1,
           "a profile that needs two people: the row waits for another one");
    id.v =
        (uint64_t)bulk_kit_count("SELECT MAX(id) FROM shomei.application WHERE state = 'waiting'");
    ok(id.v > 0, "its application waits in the queue, approved once");
    is_err(tx_run(bulk_kit.p.portal, a, approve_second, &id), E_OK, "another person approves");
    for (int i = 0; i < 600 && bulk_kit_rows(run, "done") == 0; i++) {
        size_t ran;
        bulk_kit_sql("UPDATE shomei.task SET due = NOW(6) WHERE name = 'bulk.late'");
        (void)!worker_once(bulk_kit.worker, &ran);
    }
    is_int(bulk_kit_rows(run, "done"), 1, "and the row is done");
}

/* --- templates, erasing --- */

static void erasing(void)
{
    struct fake_reply r;

    bulk_kit_sql(
        "UPDATE shomei.bulk_run SET erase_at = NOW(6) - INTERVAL 1 SECOND WHERE public_id = "
        "'%s'",
        mixed.p);
    for (int i = 0; i < 20; i++) {
        size_t ran;
        bulk_kit_sql("UPDATE shomei.task SET due = NOW(6) WHERE name = 'bulk.erase'");
        (void)!worker_once(bulk_kit.worker, &ran);
    }
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.bulk_row w JOIN shomei.bulk_run r ON r.id = "
                          "w.run_id WHERE r.public_id = '%s' AND w.cells IS NOT NULL",
                          mixed.p),
           0, "after their days the cells are gone");
    is_int(bulk_kit_rows(mixed, "done"), 3, "the outcomes stay");
    r = page(admin, mixed, "");
    ok(r.status == 200 && fake_reply_has(&r, "the outcomes stay"), "and are shown");
    is_int(fake_post(admin, str_fmt(a, "/bulk/%s/keys", mixed.p).p, "password=x").status, 409,
           "the keys are gone");
}

int main(void)
{
    if (!bulk_kit_start(12)) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    a = arena_new((size_t)1 << 30);
    log_open("test_bulk", LOG_LEVEL_ERROR);
    admin = bulk_kit_browser("admin");
    second = bulk_kit_browser("second");
    operator= bulk_kit_browser("operator");
    user = bulk_kit_browser("hanako");
    alice = bulk_kit_browser("alice");
    preview();
    run_mixed();
    twice();
    changes();
    steering();
    two_people();
    erasing();
    bulk_kit_stop();
    return tap_done();
}
