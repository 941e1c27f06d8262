/*
 * test_accounts_login.c - signing in: password, second factor, lock, sessions (P3-45, P3-65,
 * P3-141, P3-142, P2-26), against a real MariaDB.
 */
#include "people.h"

#include "base/random.h"

static struct people p;

static struct accounts_login sign_in(const char *login, const char *password)
{
    struct accounts_from from = people_from(&p);
    struct secret *s = people_secret(password);
    struct accounts_login l = { 0 };
    struct tx *tx = people_tx(&p, p.portal);
    is_err(accounts_login_password(tx, &from, str_z(login), s, &l), E_OK, "the first step answers");
    people_end(tx);
    secret_free(s);
    return l;
}

static struct accounts_login give_code(struct account_id id, struct str code)
{
    struct accounts_from from = people_from(&p);
    struct accounts_login l = { 0 };
    struct tx *tx = people_tx(&p, p.portal);
    is_err(accounts_login_code(tx, &from, id, code, &l), E_OK, "the second step answers");
    people_end(tx);
    return l;
}

static struct session_id open_session(const struct accounts_login *l, struct bytes32 *hash,
                                      struct session_id replaces)
{
    struct accounts_from from = people_from(&p);
    struct session_id id = { 0 };
    struct tx *tx = people_tx(&p, p.portal);
    random_bytes(hash->b, 32);
    is_err(accounts_session_open(tx, &from, l, hash, replaces, &id), E_OK, "a session begins");
    people_end(tx);
    return id;
}

static enum err find_session(const struct bytes32 *hash, struct accounts_session *s)
{
    bool touch;
    struct tx *tx = people_tx(&p, p.portal);
    enum err err = accounts_session_find(tx, hash, p.now, s, &touch);
    people_undo(tx);
    return err;
}

static void test_password(void)
{
    struct account_id id = people_add(&p, p.sakura, "hanako", ROLE_END_USER, false);
    struct accounts_login l = sign_in("hanako", PEOPLE_PASSWORD);
    struct accounts_session s;
    struct bytes32 hash;

    ok(l.step == ACCOUNTS_IN && l.account.v == id.v, "a person without second factor is in");
    (void)open_session(&l, &hash, (struct session_id){ 0 });
    is_err(find_session(&hash, &s), E_OK, "the session is found by its token's hash");
    ok(s.account.v == id.v && s.tenant.v == p.sakura.v && s.roles == ROLE_END_USER,
       "with person, tenant and roles");
    ok(!s.second_factor && !s.pending, "without second factor, not pending");
    ok(sign_in("HANAKO ", PEOPLE_PASSWORD).step == ACCOUNTS_IN,
       "login names ignore case and space");
    ok(sign_in("hanako", "wisteria-42-lanterm").step == ACCOUNTS_REFUSED, "a wrong password");
    ok(sign_in("nobody", PEOPLE_PASSWORD).step == ACCOUNTS_REFUSED, "an unknown name");
    is_int(harness_count(p.h, "SELECT failed FROM shomei.account WHERE login = 'hanako'"), 1,
           "the failure is counted");
    ok(sign_in("hanako", PEOPLE_PASSWORD).step == ACCOUNTS_IN, "the right one again");
    is_int(harness_count(p.h, "SELECT failed FROM shomei.account WHERE login = 'hanako'"), 0,
           "a complete sign-in forgets failures");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.audit_event WHERE action = "
                              "'accounts.login.password' AND outcome = 1 AND account_id IS NULL"),
           1, "the refused unknown name is in the audit log, without the name that was typed");
}

static void test_second_factor(void)
{
    struct account_id id = people_add(&p, p.sakura, "taro", ROLE_END_USER, true);
    struct accounts_login l = sign_in("taro", PEOPLE_PASSWORD), in;
    struct accounts_session s;
    struct bytes32 first, second;
    struct session_id pending;

    ok(l.step == ACCOUNTS_CODE, "an enrolled person is asked for a code");
    pending = open_session(&l, &first, (struct session_id){ 0 });
    is_err(find_session(&first, &s), E_OK, "a waiting session exists");
    ok(s.pending && !s.must_enrol && s.roles == 0 && !s.second_factor, "and may do nothing");
    ok(give_code(id, STR("000000")).step == ACCOUNTS_REFUSED, "a wrong code");
    ok(give_code(id, STR("")).step == ACCOUNTS_REFUSED, "an empty code");
    in = give_code(id, people_code(&p, "taro"));
    ok(in.step == ACCOUNTS_IN && in.second_factor, "the right code");
    (void)open_session(&in, &second, pending);
    is_err(find_session(&first, &s), E_ABSENT, "the token of before is worth nothing (fixation)");
    is_err(find_session(&second, &s), E_OK, "the new one is");
    ok(s.second_factor && s.roles == ROLE_END_USER && !s.pending, "with the second factor proved");
    ok(give_code(id, people_code(&p, "taro")).step == ACCOUNTS_REFUSED,
       "the same code again is refused (RFC 6238 5.2)");
    p.now = timestamp_add(p.now, 30 * SECOND_US);
    ok(give_code(id, people_code(&p, "taro")).step == ACCOUNTS_IN, "the next one is good");
    p.now = timestamp_add(p.now, -30 * SECOND_US);
    ok(give_code(id, people_code(&p, "taro")).step == ACCOUNTS_REFUSED,
       "an earlier one is not, though within the window");
    p.now = timestamp_add(p.now, 60 * SECOND_US);
}

static void test_staff(void)
{
    struct account_id id = people_add(&p, p.provider, "support1", ROLE_SUPPORT, false);
    struct accounts_login l = sign_in("support1", PEOPLE_PASSWORD);
    struct accounts_session s;
    struct bytes32 hash;

    ok(l.step == ACCOUNTS_ENROL && l.account.v == id.v,
       "staff without second factor must enrol first (P3-65)");
    (void)open_session(&l, &hash, (struct session_id){ 0 });
    is_err(find_session(&hash, &s), E_OK, "their session waits");
    ok(s.pending && s.must_enrol && s.roles == 0, "without any role");
}

static void test_lock(void)
{
    struct account_id id = people_add(&p, p.sakura, "jiro", ROLE_END_USER, true);
    struct accounts_login l = sign_in("jiro", PEOPLE_PASSWORD);
    struct accounts_session s;
    struct bytes32 hash;

    (void)open_session(&l, &hash, (struct session_id){ 0 });
    (void)sign_in("jiro", "wrong-wrong-wrong");
    (void)sign_in("jiro", "wrong-wrong-wrong");
    (void)give_code(id, STR("123456"));
    (void)give_code(id, STR("ABCDE-FGHIJ"));
    is_str(people_state(&p, id), "active", "four failures do not lock");
    (void)give_code(id, STR("654321"));
    is_str(people_state(&p, id), "locked",
           "five in a row do, codes and passwords together (P3-141)");
    is_int(people_mails(&p, "locked", id), 1, "a notice mail is ordered");
    is_err(find_session(&hash, &s), E_ABSENT, "open sessions are over");
    ok(sign_in("jiro", PEOPLE_PASSWORD).step == ACCOUNTS_REFUSED,
       "the right password does not help, and is not told apart");
    p.now = timestamp_add(p.now, 60 * SECOND_US);
    ok(give_code(id, people_code(&p, "jiro")).step == ACCOUNTS_REFUSED, "nor does the right code");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.audit_event WHERE action = "
                              "'accounts.account.lock'"),
           1, "the lock is in the audit log");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.login_event e JOIN shomei.account a ON "
                              "a.id = e.account_id WHERE a.login = 'jiro' AND e.kind IN "
                              "('locked', 'code-failure', 'password-failure')"),
           8, "the person will see it in the history");
}

/* The same statements run for known and unknown names, so that time does not tell them apart. Work
 * of the processor is compared, which does not hang on what else the machine does. */
static void test_equal(void)
{
    (void)people_add(&p, p.sakura, "equal", ROLE_END_USER, false);
    int64_t known = INT64_MAX, unknown = INT64_MAX;
    for (int i = 0; i < 4; i++) {
        int64_t t = clock();
        (void)sign_in("equal", "wrong-wrong-wrong");
        t = clock() - t;
        known = t < known ? t : known;
        t = clock();
        (void)sign_in("no-such-name", "wrong-wrong-wrong");
        t = clock() - t;
        unknown = t < unknown ? t : unknown;
    }
    tap_note("known %lld, unknown %lld ticks", (long long)known, (long long)unknown);
    ok(unknown * 10 > known * 6 && known * 10 > unknown * 6,
       "unknown names cost about the same work as wrong passwords");
}

static void test_session_ends(void)
{
    struct account_id id = people_add(&p, p.sakura, "saburo", ROLE_END_USER, false);
    struct accounts_login l = sign_in("saburo", PEOPLE_PASSWORD);
    struct audit_by by = { .tenant = p.sakura, .account = id, .name = STR("saburo") };
    struct accounts_session s;
    struct accounts_session_row *rows;
    struct bytes32 one, two, three;
    struct timestamp start = p.now;
    struct tx *tx;
    uint64_t ended;
    size_t n;
    bool touch;

    struct session_id a = open_session(&l, &one, (struct session_id){ 0 });
    struct session_id b = open_session(&l, &two, (struct session_id){ 0 });
    (void)open_session(&l, &three, (struct session_id){ 0 });
    tx = people_tx(&p, p.portal);
    is_err(accounts_session_list(tx, id, p.now, &rows, &n), E_OK, "the list of sessions");
    is_int((int64_t)n, 3, "has all three");
    is_err(accounts_session_end(tx, &by, id, a, p.now), E_OK, "one is ended");
    is_err(accounts_session_end(tx, &by, (struct account_id){ id.v + 1 }, b, p.now), E_ABSENT,
           "nobody ends the session of somebody else");
    people_end(tx);
    is_err(find_session(&one, &s), E_ABSENT, "the ended one is gone");
    tx = people_tx(&p, p.portal);
    is_err(accounts_session_end_all(tx, &by, id, b, p.now, &ended), E_OK, "all but one end");
    people_end(tx);
    is_int((int64_t)ended, 1, "which is one");
    is_err(find_session(&two, &s), E_OK, "the kept one lives");

    p.now = timestamp_add(start, 29 * MINUTE_US);
    tx = people_tx(&p, p.portal);
    is_err(accounts_session_find(tx, &two, p.now, &s, &touch), E_OK, "alive after 29 minutes");
    ok(touch, "and to be touched");
    is_err(accounts_session_touch(tx, s.id, p.now), E_OK, "touching needs no audit row");
    people_end(tx);
    p.now = timestamp_add(start, 58 * MINUTE_US);
    is_err(find_session(&two, &s), E_OK, "use moves the idle time-out");
    p.now = timestamp_add(start, 60 * MINUTE_US);
    is_err(find_session(&two, &s), E_ABSENT, "idle for half an hour ends it");
    p.now = start;
    l = sign_in("saburo", PEOPLE_PASSWORD);
    (void)open_session(&l, &one, (struct session_id){ 0 });
    for (int i = 1; i <= 26; i++) {
        p.now = timestamp_add(start, i * 28 * MINUTE_US);
        if (find_session(&one, &s) != E_OK)
            break;
        tx = people_tx(&p, p.portal);
        (void)!accounts_session_touch(tx, s.id, p.now);
        people_end(tx);
    }
    ok(timestamp_cmp(p.now, timestamp_add(start, 12 * HOUR_US)) >= 0,
       "twelve hours end it, however busy");
    is_err(find_session(&one, &s), E_ABSENT, "it is over");
    p.now = start;
}

int main(void)
{
    people_start(&p);
    test_password();
    test_second_factor();
    test_staff();
    test_lock();
    test_equal();
    test_session_ends();
    people_stop(&p);
    return tap_done();
}
