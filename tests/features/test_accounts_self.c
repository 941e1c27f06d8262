/*
 * test_accounts_self.c - own password, one-time links, second factor (P3-45, P3-65, P3-143) and the
 * published test vectors of RFC 6238.
 */
#include "people.h"

#include "base/encoding.h"
#include "base/random.h"
#include "features/accounts/accounts_tasks.h"

static struct people p;

static void test_vectors(void)
{
    struct bytes key = bytes_of_str(STR("12345678901234567890"));
    const struct {
        uint64_t time;
        uint32_t code;
    } v[] = { { 59, 94287082 },         { 1111111109, 7081804 },  { 1111111111, 14050471 },
              { 1234567890, 89005924 }, { 2000000000, 69279037 }, { 20000000000, 65353130 } };
    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
        is_int(accounts_totp_value(key, v[i].time / 30, 8), v[i].code,
               "RFC 6238 appendix B, SHA-1");
    is_str(accounts_totp_clean(p.a, STR(" 123 456 ")), "123456", "spaces are forgiven");
    is_str(accounts_totp_clean(p.a, STR("１２３４５６")), "123456", "full-width digits are read");
    ok(!accounts_totp_clean(p.a, STR("12345")).p, "five digits are no code");
    ok(!accounts_totp_clean(p.a, STR("1234567")).p, "nor are seven");
}

static void judge(const char *password, enum accounts_password want, const char *why)
{
    struct secret *s = people_secret(password);
    ok(accounts_password_judge(s, STR("hanako.yamada"), STR("yamada@example.test"),
                               STR("Hanako Yamada")) == want,
       "%s", why);
    secret_free(s);
}

static void test_policy(void)
{
    judge("short-pw-11", ACCOUNTS_PASSWORD_SHORT, "eleven characters are too few");
    judge("ふじのはな", ACCOUNTS_PASSWORD_SHORT, "characters count, not bytes");
    judge("ふじのはながさくころにあう", ACCOUNTS_PASSWORD_GOOD, "thirteen kana are fine");
    judge("password12345", ACCOUNTS_PASSWORD_COMMON, "a common word with digits behind");
    judge("P@ssw0rd!2026", ACCOUNTS_PASSWORD_COMMON, "letters replaced do not help");
    judge("123456789012", ACCOUNTS_PASSWORD_COMMON, "a run of digits");
    judge("abcabcabcabcabc", ACCOUNTS_PASSWORD_COMMON, "a repeated piece");
    judge("aaaaaaaaaaaaaaaa", ACCOUNTS_PASSWORD_COMMON, "one character");
    judge("my-yamada-secret-1", ACCOUNTS_PASSWORD_SIMILAR, "the own name inside");
    judge("correct ladder umbrella", ACCOUNTS_PASSWORD_GOOD, "three unrelated words");
    judge("vK9#tq2Lw!x8", ACCOUNTS_PASSWORD_GOOD, "twelve random characters");
}

static struct bytes32 session_of(struct account_id id)
{
    struct accounts_from from = people_from(&p);
    struct accounts_login l = { .step = ACCOUNTS_IN, .account = id, .tenant = p.sakura };
    struct bytes32 hash;
    struct session_id sid;
    struct tx *tx = people_tx(&p, p.portal);
    random_bytes(hash.b, 32);
    if (accounts_session_open(tx, &from, &l, &hash, (struct session_id){ 0 }, &sid) != E_OK)
        is_err(fault_current()->err, E_OK, "session");
    people_end(tx);
    return hash;
}

static bool alive(const struct bytes32 *hash)
{
    struct accounts_session s;
    bool touch;
    struct tx *tx = people_tx(&p, p.portal);
    enum err err = accounts_session_find(tx, hash, p.now, &s, &touch);
    people_undo(tx);
    return err == E_OK;
}

static enum accounts_password change(struct account_id id, const char *current, const char *wanted)
{
    struct accounts_from from = people_from(&p);
    struct secret *c = people_secret(current), *w = people_secret(wanted);
    enum accounts_password verdict = ACCOUNTS_PASSWORD_WRONG;
    struct tx *tx = people_tx(&p, p.portal);
    is_err(accounts_password_change(tx, &from, id, c, w, &verdict), E_OK, "a change is judged");
    people_end(tx);
    secret_free(c);
    secret_free(w);
    return verdict;
}

static void test_change(void)
{
    struct account_id id = people_add(&p, p.sakura, "changer", ROLE_END_USER, false);
    struct bytes32 s = session_of(id);

    ok(change(id, "not-the-password", "another lantern 77") == ACCOUNTS_PASSWORD_WRONG,
       "the current password must be right");
    is_int(harness_count(p.h, "SELECT failed FROM shomei.account WHERE login = 'changer'"), 1,
           "a wrong one counts");
    ok(change(id, PEOPLE_PASSWORD, PEOPLE_PASSWORD) == ACCOUNTS_PASSWORD_SAME, "it must be new");
    ok(change(id, PEOPLE_PASSWORD, "short") == ACCOUNTS_PASSWORD_SHORT, "and long");
    ok(alive(&s), "nothing has happened to the session");
    ok(change(id, PEOPLE_PASSWORD, "another lantern 77") == ACCOUNTS_PASSWORD_GOOD, "a good one");
    ok(!alive(&s), "sessions are over");
    is_int(people_mails(&p, "password", id), 1, "a notice mail is ordered");
    ok(change(id, PEOPLE_PASSWORD, "yet another one 78") == ACCOUNTS_PASSWORD_WRONG,
       "the old password is worth nothing");
}

/* --- one-time links: the worker's part with a writer that keeps what it was given --- */

static struct accounts_mail last_mail;
static int mails_written;

static enum err write_mail(void *arg, struct arena *a, const struct accounts_mail *m,
                           struct str *subject, struct str *text, struct str *html)
{
    (void)arg;
    last_mail = *m;
    last_mail.link = str_dup(p.a, m->link);
    last_mail.lang = str_dup(p.a, m->lang);
    mails_written++;
    *subject = STR("[Shomei] test");
    *text = str_fmt(a, "%.*s\n", STR_ARG(m->link));
    *html = STR_ABSENT;
    return E_OK;
}

static const struct accounts_mail_writer writer = { write_mail, NULL };

static struct str token_of_mail(void)
{
    size_t eq = str_find(last_mail.link, '=', 0);
    return str_sub(p.a, last_mail.link, eq + 1, last_mail.link.n);
}

static void forgot(const char *login)
{
    struct tx *tx = people_tx(&p, p.worker);
    is_err(accounts_mail_reset(tx, &writer, str_z(login), 7, p.now), E_OK, "the reset job runs");
    people_end(tx);
}

static enum err use(struct str token, const char *wanted, enum accounts_password *verdict)
{
    struct accounts_from from = people_from(&p);
    struct secret *w = people_secret(wanted);
    struct tx *tx = people_tx(&p, p.portal);
    enum err err = accounts_link_use(tx, &from, token, w, verdict);
    if (err == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    secret_free(w);
    return err;
}

static void test_reset(void)
{
    struct account_id id = people_add(&p, p.sakura, "forgetful", ROLE_END_USER, false);
    struct accounts_from from = people_from(&p);
    struct bytes32 s = session_of(id);
    enum accounts_password verdict;
    struct str first, second;
    struct tx *tx;

    for (int i = 0; i < 2; i++) {
        tx = people_tx(&p, p.portal);
        is_err(accounts_link_request(tx, &from, i ? STR("nobody-at-all") : STR("forgetful")), E_OK,
               i ? "an unknown name gets the same answer" : "a link is requested");
        people_end(tx);
    }
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.job WHERE kind = 'accounts.reset'"), 2,
           "and the same job");
    forgot("nobody-at-all");
    is_int(mails_written, 0, "but nobody gets a mail");
    forgot("forgetful");
    is_int(mails_written, 1, "the person does");
    first = token_of_mail();
    ok(first.n >= 43, "with a token of 32 random bytes");
    is_int(harness_count(p.h, str_fmt(p.a,
                                      "SELECT COUNT(*) FROM shomei.password_link WHERE "
                                      "token_hash = UNHEX(SHA2('%.*s', 256))",
                                      STR_ARG(first))
                                  .p),
           1, "of which only the hash is stored");
    forgot("forgetful");
    second = token_of_mail();
    is_err(use(first, "a new lantern 2026", &verdict), E_ABSENT, "a newer link voids the older");
    is_err(use(second, "short", &verdict), E_OK, "a bad password is refused");
    ok(verdict == ACCOUNTS_PASSWORD_SHORT && alive(&s), "and the link is not used up");
    is_err(use(second, "a new lantern 2026", &verdict), E_OK, "a good one is set");
    ok(verdict == ACCOUNTS_PASSWORD_GOOD && !alive(&s), "and other sessions are over");
    is_err(use(second, "a newer lantern 2027", &verdict), E_ABSENT, "the link works once");
    forgot("forgetful");
    p.now = timestamp_add(p.now, 31 * MINUTE_US);
    is_err(use(token_of_mail(), "a newer lantern 2027", &verdict), E_ABSENT,
           "and for half an hour");
    is_err(use(STR("no-such-token"), "a newer lantern 2027", &verdict), E_ABSENT, "no such link");
}

static void test_invite(void)
{
    struct accounts_new n = { .tenant = p.sakura,
                              .login = STR("newcomer"),
                              .email = STR("New@example.test"),
                              .name = STR("新入 社員"),
                              .lang = STR("en"),
                              .roles = ROLE_END_USER };
    struct audit_by by = { .name = STR("test") };
    enum accounts_password verdict;
    struct account_id id;
    struct tx *tx = people_tx(&p, p.portal);

    is_err(accounts_create(tx, &by, &n, p.now, &id), E_OK, "somebody is invited");
    people_end(tx);
    is_str(people_state(&p, id), "invited", "and waits");
    is_int(people_mails(&p, "invite", id), 1, "for a mail");
    tx = people_tx(&p, p.worker);
    is_err(accounts_mail_send(tx, &writer, ACCOUNTS_MAIL_INVITE, id, 8, p.now), E_OK,
           "with a link");
    people_end(tx);
    is_str(last_mail.lang, "en", "in their language");
    is_err(use(token_of_mail(), "a first lantern 2026", &verdict), E_OK, "they choose a password");
    is_str(people_state(&p, id), "active", "and are active");
    tx = people_tx(&p, p.portal);
    is_err(accounts_create(tx, &by, &n, p.now, &id), E_CONFLICT, "a login name is taken once");
    people_undo(tx);
    n.login = STR("newcomer2");
    tx = people_tx(&p, p.portal);
    is_err(accounts_create(tx, &by, &n, p.now, &id), E_CONFLICT,
           "one person, one account: the mail address is taken too (P3-142)");
    people_undo(tx);
}

static enum err confirm(struct account_id id, struct str code, struct str **codes, size_t *n)
{
    struct accounts_from from = people_from(&p);
    struct tx *tx = people_tx(&p, p.portal);
    enum err err = accounts_totp_confirm(tx, &from, id, (struct session_id){ 0 }, code, codes, n);
    if (err == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return err;
}

static struct str code_at(struct str secret, int64_t offset)
{
    struct bytes key;
    uint64_t step = (uint64_t)timestamp_to_unix(timestamp_add(p.now, offset)) / 30;
    if (base32_decode(p.a, secret, &key) != E_OK)
        return STR("");
    return str_fmt(p.a, "%06u", accounts_totp_value(key, step, 6));
}

static bool verify(struct account_id id, struct str code)
{
    struct audit_by by = { .tenant = p.sakura, .account = id, .name = STR("x") };
    bool right = false;
    struct tx *tx = people_tx(&p, p.portal);
    is_err(accounts_verify_totp(tx, &by, id, code, p.now, &right), E_OK, "a code is judged");
    people_end(tx);
    return right;
}

static void test_enrol(void)
{
    struct account_id id = people_add(&p, p.sakura, "enroller", ROLE_END_USER, false);
    struct accounts_from from = people_from(&p);
    struct audit_by by = { .account = id, .name = STR("x") };
    struct bytes32 s = session_of(id);
    struct accounts_totp_offer offer;
    struct str *codes;
    bool right;
    size_t n;
    struct tx *tx = people_tx(&p, p.portal);

    is_err(accounts_verify_totp(tx, &by, id, STR("123456"), p.now, &right), E_STATE,
           "without a second factor nothing can be verified");
    is_err(accounts_totp_begin(tx, &from, id), E_OK, "enrolment begins");
    is_err(accounts_totp_offer(tx, id, p.now, STR("QR <code>"), &offer), E_OK, "with an offer");
    people_end(tx);
    is_int((int64_t)offer.secret.n, 32, "of 160 bits");
    ok(str_starts(offer.uri, STR("otpauth://totp/Shomei:enroller?secret=")), "as a URI");
    ok(str_starts(offer.svg, STR("<svg ")) && strstr(offer.svg.p, "QR &lt;code&gt;") &&
           !strstr(offer.svg.p, "style="),
       "and as an SVG that the CSP allows");
    is_int(harness_count(p.h, str_fmt(p.a,
                                      "SELECT COUNT(*) FROM shomei.account_totp WHERE account_id = "
                                      "%llu AND pending LIKE CONCAT('%%', UNHEX('%.*s'), '%%')",
                                      (unsigned long long)id.v,
                                      STR_ARG(hex_encode(p.a, bytes_of_str(offer.secret))))
                                  .p),
           0, "the secret is not readable in the database");
    is_err(confirm(id, STR("000000"), &codes, &n), E_OK, "a wrong first code");
    ok(!codes && alive(&s), "changes nothing");
    is_err(confirm(id, code_at(offer.secret, 0), &codes, &n), E_OK, "the right first code");
    ok(codes && n == ACCOUNTS_RECOVERY_CODES && codes[0].n == 11, "yields ten recovery codes");
    ok(!alive(&s), "other sessions are over");
    is_int(people_mails(&p, "second", id), 1, "a notice mail is ordered");
    ok(!verify(id, code_at(offer.secret, 0)), "the code of the enrolment is used up");
    ok(verify(id, code_at(offer.secret, 30 * SECOND_US)),
       "a clock that is half a minute fast is fine");
    ok(!verify(id, code_at(offer.secret, 90 * SECOND_US)), "one and a half is not");
}

static bool recovery(struct account_id id, struct str code)
{
    struct accounts_from from = people_from(&p);
    struct accounts_login l = { 0 };
    struct tx *tx = people_tx(&p, p.portal);
    is_err(accounts_login_code(tx, &from, id, code, &l), E_OK, "a recovery code is judged");
    people_end(tx);
    return l.step == ACCOUNTS_IN;
}

static void test_recovery(void)
{
    struct account_id id = people_add(&p, p.sakura, "loser", ROLE_END_USER, true);
    struct account_id other = people_add(&p, p.sakura, "other", ROLE_END_USER, true);
    struct accounts_from from = people_from(&p);
    struct str *codes, *again;
    size_t n;
    struct tx *tx = people_tx(&p, p.portal);
    is_err(accounts_totp_recodes(tx, &from, id, people_code(&p, "loser"), &codes, &n), E_OK,
           "recovery codes against a one-time code");
    people_end(tx);
    ok(codes && n == ACCOUNTS_RECOVERY_CODES, "ten of them");
    ok(!recovery(other, codes[0]), "not for another account");
    ok(recovery(id, str_lower(p.a, codes[0])), "one opens, in whatever case");
    ok(!recovery(id, codes[0]), "once");
    ok(recovery(id, codes[1]), "the next one");
    p.now = timestamp_add(p.now, 60 * SECOND_US);
    from = people_from(&p);
    tx = people_tx(&p, p.portal);
    is_err(accounts_totp_recodes(tx, &from, id, people_code(&p, "loser"), &again, &n), E_OK,
           "new ones");
    people_end(tx);
    ok(!recovery(id, codes[2]), "void the old ones");
}

static void remove_second(struct account_id id, const char *password, struct str code,
                          enum err want, bool want_right, const char *why)
{
    struct accounts_from from = people_from(&p);
    struct secret *s = people_secret(password);
    bool right = false;
    struct tx *tx = people_tx(&p, p.portal);
    enum err err = accounts_totp_remove(tx, &from, id, (struct session_id){ 0 }, s, code, &right);
    if (err == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    ok(err == want && right == want_right, "%s", why);
    secret_free(s);
}

static void test_remove(void)
{
    struct account_id id = people_add(&p, p.sakura, "remover", ROLE_END_USER, true);
    struct account_id staff = people_add(&p, p.provider, "keeper", ROLE_AUDITOR, true);

    remove_second(id, "wrong-wrong-wrong", people_code(&p, "remover"), E_OK, false,
                  "removal needs the password");
    remove_second(id, PEOPLE_PASSWORD, STR("000000"), E_OK, false, "and a code");
    remove_second(id, PEOPLE_PASSWORD, people_code(&p, "remover"), E_OK, true, "with both it goes");
    remove_second(staff, PEOPLE_PASSWORD, people_code(&p, "keeper"), E_DENIED, false,
                  "staff keep theirs (P3-65)");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.account_totp WHERE account_id = "
                              "(SELECT id FROM shomei.account WHERE login = 'remover') AND "
                              "secret IS NOT NULL"),
           0, "the secret is gone");
}

int main(void)
{
    people_start(&p);
    test_vectors();
    test_policy();
    test_change();
    test_reset();
    test_invite();
    test_enrol();
    test_recovery();
    test_remove();
    people_stop(&p);
    return tap_done();
}
