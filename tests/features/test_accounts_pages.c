/*
 * test_accounts_pages.c - the page flows through dispatch: sign-in, forced enrolment, security
 * page, administrators (P3-45, P3-65, P3-140, P3-141, P3-143, P2-12), and every way in which they
 * refuse.
 */
#include "portal_kit.h"

#include "base/encoding.h"
#include "base/log.h"
#include "features/accounts/accounts_tasks.h"

static struct people p;

static void test_sign_in(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r;

    (void)people_add(&p, p.sakura, "hanako", ROLE_END_USER, false);
    r = fake_get(f, "/security");
    is_int(r.status, 303, "nobody is sent to sign in");
    is_str(portal_kit_location(f, &r), "/login?next=%2Fsecurity", "and will come back");
    r = fake_get(f, "/login?next=%2Fsecurity");
    ok(r.status == 200 && fake_reply_has(&r, "name=\"next\" value=\"/security\""),
       "the sign-in page remembers where to");
    r = fake_get(f, "/login?next=https%3A%2F%2Fevil.example%2F");
    ok(!fake_reply_has(&r, "evil"), "but not to a foreign place");

    r = fake_post_bare(f, "/login", "login=hanako&password=" PEOPLE_PASSWORD);
    is_int(r.status, 403, "no sign-in without CSRF token");
    r = fake_post(f, "/login", "login=hanako&password=not-the-right-one&next=%2Fsecurity");
    is_int(r.status, 422, "a wrong password is refused");
    ok(fake_reply_has(&r, "value=\"hanako\"") && !fake_reply_has(&r, "not-the-right-one"),
       "the login name is kept, the password is not");
    struct str refused = str_dup(p.a, r.body);
    r = fake_post(f, "/login", "login=nobody&password=not-the-right-one&next=%2Fsecurity");
    is_int(r.status, 422, "an unknown name too");
    ok(strstr(refused.p, "Login name and password do not fit") &&
           fake_reply_has(&r, "Login name and password do not fit"),
       "with the same words");
    r = fake_post(f, "/login", "login=&password=");
    ok(r.status == 422 && fake_reply_has(&r, "#f-login"), "empty fields are named in the summary");
    r = fake_post(f, "/login", "login=hanako&password=" PEOPLE_PASSWORD "&next=%2Fsecurity");
    is_int(r.status, 303, "the right one is in");
    is_str(portal_kit_location(f, &r), "/security", "where they wanted to go");
    r = fake_get(f, "/security");
    ok(r.status == 200 && fake_reply_has(&r, "Firefox, Linux") &&
           fake_reply_has(&r, "This session") && fake_reply_has(&r, "Signed in"),
       "the security page shows session and history");
    r = fake_get(f, "/login");
    is_int(r.status, 303, "who is signed in is not asked again");
    r = fake_post(f, "/logout", "");
    is_int(r.status, 303, "signing out");
    r = fake_get(f, "/security");
    is_int(r.status, 303, "ends the session");
    fake_free(f);
}

static void test_code(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r;

    (void)people_add(&p, p.sakura, "taro", ROLE_END_USER, true);
    r = fake_post(f, "/login", "login=taro&password=" PEOPLE_PASSWORD);
    is_str(portal_kit_location(f, &r), "/login/code", "an enrolled person is asked for a code");
    r = fake_get(f, "/security");
    is_int(r.status, 303, "half signed in opens nothing");
    r = fake_get(f, "/login/code");
    is_int(r.status, 200, "but the code page");
    r = fake_post(f, "/login/code", "code=000000");
    is_int(r.status, 422, "a wrong code");
    p.now = clock_now();
    struct str code = people_code(&p, "taro");
    r = fake_post(f, "/login/code", str_fmt(p.a, "code=%s", code.p).p);
    is_int(r.status, 303, "the right one");
    is_int(fake_get(f, "/security").status, 200, "is in");
    struct fake *g = portal_kit_browser();
    (void)fake_post(g, "/login", "login=taro&password=" PEOPLE_PASSWORD);
    r = fake_post(g, "/login/code", str_fmt(p.a, "code=%s", code.p).p);
    is_int(r.status, 422, "the same code again, in another browser, is refused");
    fake_free(g);
    fake_free(f);
}

/* The secret as the enrolment page shows it. */
static struct str secret_of(const struct fake_reply *r)
{
    const char *at = strstr(r->body.p, "data-copy=\"");
    return at ? str_of(p.a, at + 11, 32) : STR("");
}

static struct str first_code(struct str secret)
{
    struct bytes key;
    if (base32_decode(p.a, secret, &key) != E_OK)
        return STR("000000");
    return str_fmt(p.a, "%06u",
                   accounts_totp_value(key, (uint64_t)timestamp_to_unix(clock_now()) / 30, 6));
}

static void test_forced_enrolment(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r;
    struct str secret;

    (void)people_add(&p, p.provider, "auditor", ROLE_AUDITOR, false);
    r = fake_post(f, "/login", "login=auditor&password=" PEOPLE_PASSWORD);
    is_str(portal_kit_location(f, &r), "/login/enrol", "staff must enrol first (P3-65)");
    r = fake_get(f, "/audit");
    is_int(r.status, 303, "nothing else is open");
    r = fake_get(f, "/login/enrol");
    secret = secret_of(&r);
    ok(r.status == 200 && fake_reply_has(&r, "<svg ") && secret.n == 32, "with QR code and key");
    r = fake_get(f, "/login/enrol");
    ok(str_eq(secret_of(&r), secret), "looking again shows the same");
    r = fake_post(f, "/login/enrol", "code=000000");
    is_int(r.status, 422, "a wrong code");
    r = fake_post(f, "/login/enrol", str_fmt(p.a, "code=%s", first_code(secret).p).p);
    ok(r.status == 200 && fake_reply_has(&r, "class=\"codes\""),
       "the right one shows recovery codes, once");
    ok(strstr(r.headers.p, "no-store"), "on a page that nothing keeps");
    r = fake_get(f, "/audit");
    ok(r.status == 200 && fake_reply_has(&r, "accounts.totp.enrol"), "then the auditor is in");
    r = fake_get(f, "/login/enrol");
    is_int(r.status, 303, "and cannot enrol that way again");
    r = fake_get(f, "/security/second-factor");
    ok(r.status == 200 && !fake_reply_has(&r, "/second-factor/remove"),
       "staff are not offered to remove it");
    r = fake_post(f, "/security/second-factor/remove", "password=" PEOPLE_PASSWORD "&code=123456");
    is_int(r.status, 403, "nor may they");
    fake_free(f);
}

static void test_enrol_and_remove(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r;
    struct str secret;

    (void)people_add(&p, p.sakura, "enroller", ROLE_END_USER, false);
    is_int(portal_kit_sign_in(&p, f, "enroller", false), 303, "signed in");
    r = fake_get(f, "/security/second-factor/codes");
    is_str(portal_kit_location(f, &r), "/login/code?next=%2Fsecurity%2Fsecond-factor%2Fcodes",
           "a page for two factors");
    r = fake_get(f, "/login/code?next=%2Fsecurity%2Fsecond-factor%2Fcodes");
    is_str(portal_kit_location(f, &r), "/security/second-factor", "leads to setting one up");
    r = fake_post(f, "/security/second-factor", "password=wrong-wrong-wrong");
    is_int(r.status, 422, "the password is asked once more");
    r = fake_post(f, "/security/second-factor", "password=" PEOPLE_PASSWORD);
    is_str(portal_kit_location(f, &r), "/security/second-factor/confirm", "with it, a secret");
    r = fake_get(f, "/security/second-factor/confirm");
    secret = secret_of(&r);
    r = fake_post(f, "/security/second-factor/confirm",
                  str_fmt(p.a, "code=%s", first_code(secret).p).p);
    is_int(r.status, 200, "is confirmed");
    is_int(fake_get(f, "/security/second-factor/codes").status, 200, "the session has two factors");
    r = fake_post(f, "/security/second-factor/remove",
                  str_fmt(p.a, "password=" PEOPLE_PASSWORD "&code=%s", first_code(secret).p).p);
    is_int(r.status, 422, "removal with the used code is refused");
    fake_free(f);
}

static void test_password(void)
{
    struct fake *f = portal_kit_browser(), *g = portal_kit_browser();
    struct fake_reply r;

    (void)people_add(&p, p.sakura, "changer", ROLE_END_USER, false);
    (void)portal_kit_sign_in(&p, f, "changer", false);
    (void)portal_kit_sign_in(&p, g, "changer", false);
    r = fake_post(f, "/security/password", "current=wrong-wrong-wrong&password=new%20lantern%2077");
    ok(r.status == 422 && fake_reply_has(&r, "not your present password"), "the old one is needed");
    r = fake_post(f, "/security/password", "current=" PEOPLE_PASSWORD "&password=short");
    ok(r.status == 422 && fake_reply_has(&r, "12 characters"), "a short one is refused");
    r = fake_post(f, "/security/password",
                  "current=" PEOPLE_PASSWORD "&password=another%20lantern%2077");
    is_int(r.status, 303, "a good one is set");
    is_int(fake_get(f, "/security").status, 200, "this browser stays signed in");
    is_int(fake_get(g, "/security").status, 303, "the other does not");
    fake_free(f);
    fake_free(g);
}

static void test_forgot(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r = fake_post(f, "/password/forgot", "login=hanako");
    is_str(portal_kit_location(f, &r), "/password/sent", "a known name");
    r = fake_post(f, "/password/forgot", "login=nobody-here");
    is_str(portal_kit_location(f, &r), "/password/sent", "an unknown name: the same answer");
    is_int(fake_get(f, "/password/sent").status, 200, "that says what happens next");
    r = fake_get(f, "/password/set?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    ok(r.status == 404 && fake_reply_has(&r, "This link is over"), "a link of nobody");
    r = fake_post(f, "/password/set",
                  "token=AAAAAAAAAAAAAAAAAAAAAAAAAAAA&password=another%20lantern%2077");
    is_int(r.status, 404, "opens nothing");
    fake_free(f);
}

static void test_language(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r = fake_post(f, "/language", "lang=ja&back=%2Flogin");
    is_str(portal_kit_location(f, &r), "/login", "the language changes in place");
    r = fake_get(f, "/login");
    ok(fake_reply_has(&r, "ログイン名") && fake_reply_has(&r, "<html lang=\"ja\">"), "to Japanese");
    r = fake_post(f, "/language", "lang=xx");
    is_int(r.status, 422, "only to languages that there are");
    fake_free(f);
}

static void test_admin(void)
{
    struct fake *f = portal_kit_browser(), *g = portal_kit_browser();
    struct account_id mine = people_add(&p, p.sakura, "victim", ROLE_END_USER, false);
    struct account_id other = people_add(&p, p.midori, "stranger", ROLE_END_USER, false);
    struct account_id self = people_add(&p, p.sakura, "boss", ROLE_CUSTOMER_ADMIN, false);
    struct fake_reply r;

    (void)portal_kit_sign_in(&p, g, "victim", false);
    is_int(fake_get(g, "/users").status, 403, "end users do not see the list");
    (void)portal_kit_sign_in(&p, f, "boss", false);
    r = fake_get(f, "/users?q=vic");
    ok(r.status == 200 && fake_reply_has(&r, "victim") && !fake_reply_has(&r, "taro"),
       "administrators filter their people");
    r = fake_get(f, "/users?q=str");
    ok(!fake_reply_has(&r, "stranger"), "another tenant's are not among them (P2-12)");
    is_int(fake_get(f, str_fmt(p.a, "/users/%llu", (unsigned long long)other.v).p).status, 404,
           "nor to be seen one by one");
    is_int(fake_get(f, str_fmt(p.a, "/users?tenant=%llu", (unsigned long long)p.midori.v).p).status,
           404, "nor as a list");
    r = fake_post(f, str_fmt(p.a, "/users/%llu/suspend", (unsigned long long)other.v).p,
                  "reason=leak");
    is_int(r.status, 404, "nor to be suspended");
    r = fake_post(f, str_fmt(p.a, "/users/%llu/edit", (unsigned long long)other.v).p,
                  "name=X&email=x%40example.test");
    is_int(r.status, 404, "nor to be corrected");
    r = fake_post(f, str_fmt(p.a, "/users/%llu/suspend", (unsigned long long)self.v).p,
                  "reason=leak");
    is_int(r.status, 403, "nobody suspends the own account");
    is_int(fake_get(f, str_fmt(p.a, "/users/%llu/suspend", (unsigned long long)mine.v).p).status,
           200, "the consequence is shown first");
    r = fake_post_bare(f, str_fmt(p.a, "/users/%llu/suspend", (unsigned long long)mine.v).p,
                       "reason=leak");
    is_int(r.status, 403, "not without CSRF token");
    r = fake_post(f, str_fmt(p.a, "/users/%llu/suspend", (unsigned long long)mine.v).p,
                  "reason=leak");
    is_int(r.status, 303, "then it is done (P3-140)");
    is_str(people_state(&p, mine), "suspended", "suspended");
    is_int(fake_get(g, "/security").status, 303, "the person's session is over at once");
    r = fake_get(f, str_fmt(p.a, "/users/%llu", (unsigned long long)mine.v).p);
    ok(fake_reply_has(&r, "Suspected leak") && fake_reply_has(&r, "Lift the suspension"),
       "the page says why, and how to lift it");
    r = fake_post(f, str_fmt(p.a, "/users/%llu/resume", (unsigned long long)mine.v).p, "");
    is_int(r.status, 303, "lifted");
    is_str(people_state(&p, mine), "active", "active again");
    r = fake_post(f, str_fmt(p.a, "/users/%llu/unlock", (unsigned long long)mine.v).p, "");
    is_int(r.status, 409, "what is not locked cannot be unlocked");
    fake_free(f);
    fake_free(g);
}

static void test_invite(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r;

    (void)portal_kit_sign_in(&p, f, "boss", false);
    r = fake_post(f, "/users", "login=new.one&email=new.one%40example.test&name=New+One");
    ok(r.status == 422 && fake_reply_has(&r, "at least one role") &&
           fake_reply_has(&r, "value=\"new.one@example.test\""),
       "without a role: what was written is kept");
    r = fake_post(f, "/users",
                  "login=new.one&email=new.one%40example.test&name=New+One&roles=system_admin");
    is_int(r.status, 422, "staff roles are not to be given here");
    r = fake_post(f, "/users",
                  "login=new.one&email=new.one%40example.test&name=New+One&roles=end_user"
                  "&roles=lra_operator");
    is_int(r.status, 303, "an invitation");
    r = fake_post(f, "/users",
                  "login=new.one&email=other%40example.test&name=New+One&roles=end_user");
    ok(r.status == 422 && fake_reply_has(&r, "in use already"),
       "one login name, one person (P3-142)");
    fake_free(f);
}

static void test_staff(void)
{
    struct fake *f = portal_kit_browser(), *g = portal_kit_browser();
    struct account_id locked = people_add(&p, p.midori, "locked.one", ROLE_END_USER, false);
    struct fake_reply r;

    (void)people_add(&p, p.provider, "admin1", ROLE_SYSTEM_ADMIN, true);
    for (int i = 0; i < 5; i++)
        (void)fake_post(g, "/login", "login=locked.one&password=wrong-wrong-wrong");
    is_str(people_state(&p, locked), "locked", "five failures lock (P3-141)");
    r = fake_post(g, "/login", "login=locked.one&password=" PEOPLE_PASSWORD);
    is_int(r.status, 422, "and stay locked");
    is_int(portal_kit_sign_in(&p, f, "admin1", true), 303, "a system administrator signs in");
    r = fake_get(f,
                 str_fmt(p.a, "/users?tenant=%llu&state=locked", (unsigned long long)p.midori.v).p);
    ok(r.status == 200 && fake_reply_has(&r, "locked.one"), "and who is locked");
    r = fake_post(f, str_fmt(p.a, "/users/%llu/suspend", (unsigned long long)locked.v).p,
                  "reason=leak");
    is_int(r.status, 404, "does not suspend customers' people");
    r = fake_post(f, str_fmt(p.a, "/users/%llu/unlock", (unsigned long long)locked.v).p, "");
    is_int(r.status, 303, "but unlocks them");
    is_str(people_state(&p, locked), "active", "active");
    is_int(portal_kit_sign_in(&p, g, "locked.one", false), 303, "who then signs in");
    fake_free(f);
    fake_free(g);
}

/* Two people at one browser: the first one's session does not live on behind the second's. */
static void test_one_browser(void)
{
    struct fake *f = portal_kit_browser(), *g = portal_kit_browser();
    struct account_id a = people_add(&p, p.sakura, "first.one", ROLE_END_USER, false);

    (void)people_add(&p, p.sakura, "second.one", ROLE_END_USER, false);
    (void)portal_kit_sign_in(&p, f, "first.one", false);
    (void)portal_kit_sign_in(&p, f, "second.one", false);
    is_int(harness_count(p.h, str_fmt(p.a,
                                      "SELECT COUNT(*) FROM shomei.account_session WHERE "
                                      "account_id = %llu AND ended_at IS NULL",
                                      (unsigned long long)a.v)
                                  .p),
           0, "who signs in after somebody else ends that session");
    fake_free(f);
    fake_free(g);
}

/* Device lost: the administrator, with two factors, removes the person's. */
static void test_second_reset(void)
{
    struct fake *f = portal_kit_browser(), *g = portal_kit_browser();
    struct account_id lost = people_add(&p, p.sakura, "loser", ROLE_END_USER, true);
    struct fake_reply r;
    const char *path = str_fmt(p.a, "/users/%llu/second-factor", (unsigned long long)lost.v).p;

    (void)people_add(&p, p.sakura, "chief", ROLE_CUSTOMER_ADMIN, true);
    (void)portal_kit_sign_in(&p, g, "boss", false);
    is_int(fake_post(g, path, "").status, 403, "an administrator with one factor may not");
    is_int(portal_kit_sign_in(&p, f, "chief", true), 303, "one with two");
    is_int(fake_get(f, path).status, 200, "is shown the consequence");
    is_int(fake_post(f, path, "").status, 303, "and removes it");
    is_int(people_mails(&p, "second", lost), 1, "the person gets a mail");
    r = fake_post(g, "/login", "login=loser&password=" PEOPLE_PASSWORD);
    is_str(portal_kit_location(g, &r), "/", "and signs in with the password");
    is_int(fake_post(f, path, "").status, 409, "what is gone cannot be removed");
    fake_free(f);
    fake_free(g);
}

static void test_rate(void)
{
    struct fake *f = portal_kit_browser();
    int status = 0, tries = 0;

    fake_address(f, "203.0.113.9");
    while (status != 429 && tries++ < 80)
        status = fake_post(f, "/login", "login=no-such&password=wrong-wrong-wrong").status;
    ok(status == 429 && tries <= 62, "an address that keeps guessing is slowed down (P2-26)");
    fake_free(f);
}

int main(void)
{
    log_open("test_accounts_pages", LOG_LEVEL_WARNING);
    people_start(&p);
    portal_kit_start(&p);
    test_sign_in();
    test_code();
    test_forced_enrolment();
    test_enrol_and_remove();
    test_password();
    test_forgot();
    test_language();
    test_admin();
    test_invite();
    test_staff();
    test_second_reset();
    test_one_browser();
    test_rate();
    portal_kit_stop();
    people_stop(&p);
    return tap_done();
}
