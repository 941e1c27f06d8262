/*
 * test_registration_collect.c - collecting by one-time link (P1-51, P3-20): who may open it, a key
 * made by the person, two at once, a key made by the service and fetched once, codes for people
 * without an account, and what is erased. openssl(1) judges the PKCS#12.
 */
#include "apply_kit.h"

#include "base/encoding.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fake_reply reply;

static bool has(const char *text)
{
    return fake_reply_has(&reply, text);
}

static int get(struct fake *who, struct str token)
{
    reply = fake_get(who, str_fmt(kit.a, "/collect/%s", token.p).p);
    return reply.status;
}

static int post(struct fake *who, struct str token, const char *what, const char *form)
{
    reply = fake_post(who, str_fmt(kit.a, "/collect/%s%s", token.p, what).p, form);
    return reply.status;
}

static const char *csr_form(const char *cn)
{
    struct bytes csr = apply_kit_request(cn, true);
    struct str pem = str_of(kit.a, (const char *)csr.p, csr.n);

    return str_fmt(kit.a, "csr=%s", percent_encode(kit.a, pem).p).p;
}

/* Approved, its mail written: the receipt number and the token. */
static struct str approved(const char *source, const char *name, struct str *token)
{
    struct str receipt =
        apply_kit_apply(apply_kit.hanako, "user-auth",
                        str_fmt(kit.a, "v0=%s&key=%s", name, source).p, BYTES_ABSENT);

    apply_kit_approve(receipt);
    apply_kit_work();
    *token = apply_kit_token();
    ok(token->n > 40, "a mail with the link");
    return receipt;
}

/* --- who --- */

static struct str token, receipt;

static void who(void)
{
    struct fake *nobody = portal_kit_browser();

    receipt = approved("browser", "Browser", &token);
    is_int(apply_kit_count(str_fmt(kit.a,
                                   "SELECT COUNT(*) FROM shomei.collect_link WHERE token_hash = "
                                   "UNHEX(SHA2('%s', 256))",
                                   token.p)
                               .p),
           1, "the hash of the token is kept, the token is not");
    is_int(get(nobody, token), 303, "a stranger");
    ok(strstr(portal_kit_location(nobody, &reply).p, "/login?next="), "is sent to sign in");
    is_int(get(apply_kit.taro, token), 403, "it is not for a colleague");
    is_int(get(apply_kit.alice, token), 403, "nor for another customer");
    is_int(post(apply_kit.taro, token, "/request", csr_form(NULL)), 403, "who also makes no key");
    is_int(get(apply_kit.hanako, STR("0123456789012345678901234567890123456789012")), 404,
           "another token is none");
    is_int(get(apply_kit.hanako, token), 200, "but for the subscriber");
    ok(has("data-collect") && has("/make") && has("/csr"), "with all ways of the profile");
    fake_free(nobody);
}

/* --- a key of one's own --- */

static void by_script(void)
{
    is_int(post(apply_kit.hanako, token, "/state", ""), 200, "how far is it?");
    ok(has("pending"), "not yet");
    is_int(post(apply_kit.hanako, token, "/request", "csr=hello"), 422, "no request");
    is_int(post(apply_kit.hanako, token, "/request", csr_form("ignored")), 202, "a request");
    is_int(post(apply_kit.hanako, token, "/request", csr_form(NULL)), 409, "works once");
    apply_kit_work();
    is_int(post(apply_kit.hanako, token, "/state", ""), 200, "and then");
    ok(has("\"issued\"") && has("certificates"), "it is issued");
    is_int(apply_kit_look(receipt).state, REGISTRATION_ISSUED, "in the application too");
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.certificate WHERE application_id IS NOT "
                           "NULL"),
           1, "one certificate");
    is_int(get(apply_kit.hanako, token), 200, "the page again");
    ok(!has("data-collect") && has("The certificate is issued."), "tells so");
}

/* --- two at once --- */

static int one_of_two(struct str race, struct bytes csr)
{
    const struct audit_by by = { .tenant = kit.p.sakura, .account = kit.hanako.account };
    struct arena *a = arena_new(8 << 20);
    struct db *db = harness_db(kit.p.h, DB_PORTAL);
    struct registration_link link;
    struct tx *tx;
    enum err e = tx_begin(db, a, &tx);

    if (e == E_OK)
        e = registration_link_open(tx, race, kit.hanako.account, STR_ABSENT, clock_now(), &link);
    if (e == E_OK)
        e = registration_collect_request(tx, &by, &link, csr, clock_now());
    if (e == E_OK)
        e = tx_commit(tx);
    return e == E_OK ? 0 : e == E_STATE ? 1 : 2;
}

static void race(void)
{
    struct str two, number = approved("browser", "Race", &two);
    int won = 0, lost = 0, status;
    pid_t children[2];

    for (size_t i = 0; i < 2; i++) {
        struct bytes csr = apply_kit_request(NULL, false);
        children[i] = fork();
        if (children[i] == 0)
            _exit(one_of_two(two, csr));
    }
    for (size_t i = 0; i < 2; i++) {
        (void)waitpid(children[i], &status, 0);
        won += WIFEXITED(status) && WEXITSTATUS(status) == 0;
        lost += WIFEXITED(status) && WEXITSTATUS(status) == 1;
    }
    ok(won == 1 && lost == 1, "of two at once one makes the key (%d, %d)", won, lost);
    apply_kit_work();
    is_int(apply_kit_look(number).state, REGISTRATION_ISSUED, "and gets the certificate");
}

/* --- a key of the service's --- */

static struct str between(const char *from, const char *to)
{
    const char *at = strstr(reply.body.p, from), *end;

    if (!at)
        return STR("");
    at += strlen(from);
    end = strstr(at, to);
    return str_of(kit.a, at, end ? (size_t)(end - at) : 0);
}

static bool openssl_opens(struct bytes p12, struct str password)
{
    struct str file = str_fmt(kit.a, "%s/k.p12", harness_dir(kit.p.h));
    FILE *f = fopen(file.p, "wb");

    if (!f || fwrite(p12.p, 1, p12.n, f) != p12.n || fclose(f) != 0)
        return false;
    return system(str_fmt(kit.a,
                          "openssl pkcs12 -in %s -passin pass:%s -nodes 2>/dev/null | tee %s.pem | "
                          "openssl x509 -noout -subject >/dev/null && grep -q 'PRIVATE KEY' %s.pem "
                          "&& test $(grep -c 'BEGIN CERT' %s.pem) -ge 3",
                          file.p, password.p, file.p, file.p, file.p)
                      .p) == 0;
}

static void by_service(void)
{
    struct str link, number = approved("pkcs12", "Service", &link), password;

    is_int(post(apply_kit.hanako, link, "/make", ""), 200, "made");
    password = between("name=\"password\" value=\"", "\"");
    is_int((int64_t)password.n, 23, "the password is shown");
    const char *form = str_fmt(kit.a, "password=%s", password.p).p;
    is_int(post(apply_kit.hanako, link, "/make", ""), 409, "once");
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.collect_link WHERE sealed_key IS NOT NULL "
                           "AND LENGTH(sealed_key) > 100"),
           1, "the key waits, sealed");
    is_int(post(apply_kit.hanako, link, "/file", form), 422, "too early");
    apply_kit_work();
    is_int(post(apply_kit.hanako, link, "/file", "password=wrong-wrong-wrong"), 422,
           "another password");
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.collect_link WHERE failures = 1"), 1,
           "is counted");
    is_int(post(apply_kit.taro, link, "/file", form), 403, "not to a colleague, even with it");
    is_int(post(apply_kit.hanako, link, "/file", form), 200, "handed over");
    ok(openssl_opens((struct bytes){ (const uint8_t *)reply.body.p, reply.body.n }, password),
       "openssl opens it: key, certificate, chain");
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.collect_link WHERE sealed_key IS NOT "
                           "NULL"),
           0, "the key is erased");
    is_int(post(apply_kit.hanako, link, "/file", form), 409, "there is no second time");
    is_int(apply_kit_look(number).state, REGISTRATION_ISSUED, "the application is at its end");
}

static void erased(void)
{
    struct str link;

    (void)approved("pkcs12", "Late", &link);
    (void)post(apply_kit.hanako, link, "/make", "");
    struct str password = between("name=\"password\" value=\"", "\"");
    apply_kit_sql("UPDATE shomei.collect_link SET sealed_until = NOW(6) - INTERVAL 1 MINUTE WHERE "
                  "sealed_key IS NOT NULL");
    is_int(post(apply_kit.hanako, link, "/file", str_fmt(kit.a, "password=%s", password.p).p), 409,
           "after half an hour it is too late");
    apply_kit_work();
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.collect_link WHERE sealed_key IS NOT "
                           "NULL"),
           0, "and the key is erased");
    (void)approved("pkcs12", "Guess", &link);
    (void)post(apply_kit.hanako, link, "/make", "");
    apply_kit_work();
    for (int i = 0; i < REGISTRATION_COLLECT_TRIES; i++)
        (void)post(apply_kit.hanako, link, "/file", "password=guess-guess-guess");
    is_int(apply_kit_count("SELECT COUNT(*) FROM shomei.collect_link WHERE sealed_key IS NOT "
                           "NULL"),
           0, "nor does it outlive five guesses");
}

/* --- without an account --- */

static void with_code(void)
{
    struct str link, code, number = approved("browser", "Device", &link);
    struct fake *nobody = portal_kit_browser();

    apply_kit_sql("UPDATE shomei.application SET subscriber_id = NULL ORDER BY id DESC LIMIT 1");
    code = apply_kit_text("SELECT code FROM shomei.collect_link ORDER BY id DESC LIMIT 1");
    is_int(get(nobody, link), 200, "the link alone");
    ok(has("eight digits") || has("name=\"code\""), "asks for the code");
    is_int(post(nobody, link, "", "code=00000000"), 422, "a wrong one");
    is_int(post(nobody, link, "", str_fmt(kit.a, "code=%s", code.p).p), 200, "the right one");
    ok(has("data-collect"), "opens");
    reply = fake_get(apply_kit.hanako, str_fmt(kit.a, "/applications/%s", number.p).p);
    ok(has(str_fmt(kit.a, "%.4s %.4s", code.p, code.p + 4).p) || has(code.p),
       "the applicant sees it");
    for (int i = 0; i < REGISTRATION_COLLECT_TRIES; i++)
        (void)post(nobody, link, "", "code=00000000");
    is_int(post(nobody, link, "", str_fmt(kit.a, "code=%s", code.p).p), 409,
           "after five wrong ones it is over");
    fake_free(nobody);
}

static void again(void)
{
    struct str old, new, number = approved("browser", "Again", &old);

    reply = fake_post(apply_kit.taro, str_fmt(kit.a, "/applications/%s/link", number.p).p, "");
    is_int(reply.status, 404, "nobody else orders a link");
    reply = fake_post(apply_kit.hanako, str_fmt(kit.a, "/applications/%s/link", number.p).p, "");
    is_int(reply.status, 303, "a new link");
    apply_kit_work();
    new = apply_kit_token();
    ok(new.n > 40 && !str_eq(new, old), "comes by mail");
    is_int(get(apply_kit.hanako, old), 409, "the old one is void");
    is_int(get(apply_kit.hanako, new), 200, "the new one works");
    apply_kit_sql("UPDATE shomei.collect_link SET expires_at = NOW(6) - INTERVAL 1 DAY ORDER BY id "
                  "DESC LIMIT 1");
    is_int(get(apply_kit.hanako, new), 409, "until its time is over");
}

/* Between approval and key the world goes on (P3-44). */
static void ended_meanwhile(void)
{
    static const char *const ends[][3] = {
        { "UPDATE shomei.profile SET state = 'retired' WHERE name = 'user-auth'",
          "UPDATE shomei.profile SET state = 'active' WHERE name = 'user-auth'", "the profile" },
        { "DELETE FROM shomei.tenant_service WHERE service = 'mpki'",
          "INSERT INTO shomei.tenant_service SELECT id, 'mpki', NOW(6) FROM shomei.tenant WHERE "
          "code <> 'provider'",
          "the service" },
        { "UPDATE shomei.tenant_namespace SET value = CONCAT('was-', value)",
          "UPDATE shomei.tenant_namespace SET value = SUBSTR(value, 5)", "the right to its names" },
    };
    struct str link, number = approved("browser", "Meanwhile", &link);

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        apply_kit_sql(ends[i][0]);
        is_int(post(apply_kit.hanako, link, "/request", csr_form("x")), 409,
               str_fmt(kit.a, "%s has ended: no key", ends[i][2]).p);
        is_int((int64_t)apply_kit_look(number).certificate.v, 0, "and no certificate");
        apply_kit_sql(ends[i][1]);
    }
    is_int(post(apply_kit.hanako, link, "/request", csr_form("x")), 202, "back again: it goes on");
    apply_kit_work();
    is_int(apply_kit_look(number).state, REGISTRATION_ISSUED, "issued");
}

/* The worker looks for itself: what ended between the approval and its turn is not certified. */
static void ended_before_asked(void)
{
    static const char *const ends[][2] = {
        { "UPDATE shomei.tenant SET ended_at = UTC_TIMESTAMP(6) WHERE id = (SELECT tenant_id FROM "
          "shomei.account WHERE login = 'taro')",
          "UPDATE shomei.tenant SET ended_at = NULL" },
        { "UPDATE shomei.account SET state = 'suspended', state_reason = 'administrator' WHERE "
          "login = 'taro'",
          "UPDATE shomei.account SET state = 'active', state_reason = '' WHERE login = 'taro'" },
        { "UPDATE shomei.profile SET state = 'retired' WHERE name = 'user-auth'",
          "UPDATE shomei.profile SET state = 'active' WHERE name = 'user-auth'" },
    };
    static const char *const codes[] = { "profile-not-offered", "applicant-stopped",
                                         "profile-retired" };

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct str number = apply_kit_apply(apply_kit.taro, "user-auth", "v0=Taro&key=csr",
                                            apply_kit_request(NULL, true));
        apply_kit_approve(number);
        apply_kit_sql(ends[i][0]);
        apply_kit_work();
        struct registration r = apply_kit_look(number);
        is_int(r.state, REGISTRATION_REFUSED, ends[i][0]);
        is_str(r.refused, codes[i], "and it says why");
        ok(r.certificate.v == 0, "no certificate was asked for (P3-32, P3-44)");
        apply_kit_sql(ends[i][1]);
    }
}

int main(int argc, char **argv)
{
    log_open("test_registration_collect", LOG_LEVEL_ERROR);
    if (!apply_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    who();
    by_script();
    race();
    by_service();
    erased();
    with_code();
    again();
    ended_meanwhile();
    ended_before_asked();
    apply_kit_stop();
    return tap_done();
}
