/*
 * accounts_password.c - what a password must be, changing it, and one-time links. The policy
 * follows NIST SP 800-63B 3.1.1.2: length, no common and no context-specific words, no composition
 * rules.
 */
#include "features/accounts/accounts_core.h"
#include "features/accounts/accounts_tasks.h"

#include "base/random.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"

#include <ctype.h>

#define LENGTH_MIN 12
#define WORD_MAX 256

/* Stems of common passwords; what people add in front and behind does not save them. */
static const char *const common[] = {
    "password",    "passw0rd", "qwerty",
    "qwertyuiop",  "asdfgh",   "asdfghjkl",
    "zxcvbn",      "zxcvbnm",  "1qaz2wsx",
    "1q2w3e4r",    "letmein",  "welcome",
    "iloveyou",    "admin",    "administrator",
    "root",        "login",    "monkey",
    "dragon",      "sunshine", "princess",
    "football",    "baseball", "superman",
    "batman",      "trustno",  "starwars",
    "whatever",    "master",   "secret",
    "default",     "changeme", "test",
    "guest",       "user",     "abcdef",
    "abc123",      "shomei",   "signature",
    "certificate", "company",  "office",
    "tokyo",       "osaka",    "japan",
    "sakura",      "nippon",   "arigatou",
    "aishiteru",   "himitsu",  "pasuwaado",
    "doraemon",    "pikachu",  "pokemon",
    "naruto",      "yokohama", "correcthorsebatterystaple",
};

/* Lower case, with the usual replacements undone; returns the length, at most WORD_MAX. */
static size_t plain(struct bytes in, char out[WORD_MAX])
{
    static const char from[] = "0134578@$!|", to[] = "oieastbasii";
    size_t n = in.n < WORD_MAX ? in.n : WORD_MAX;
    for (size_t i = 0; i < n; i++) {
        char c = (char)in.p[i];
        const char *hit = c ? strchr(from, c) : NULL;
        out[i] = hit ? to[hit - from] : (char)tolower((unsigned char)c);
    }
    return n;
}

static bool holds(const char *p, size_t n, const char *word, size_t m)
{
    for (size_t i = 0; m > 0 && i + m <= n; i++)
        if (memcmp(p + i, word, m) == 0)
            return true;
    return false;
}

/* A common word with less than eight characters of anything else around it. */
static bool is_common(const char *p, size_t n, const char *raw)
{
    for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
        char word[WORD_MAX];
        size_t m = plain((struct bytes){ (const uint8_t *)common[i], strlen(common[i]) }, word);
        if (n < m + 8 && (holds(p, n, word, m) || holds(raw, n, common[i], m)))
            return true;
    }
    return false;
}

/* Few different characters, a short repeated piece, or a run such as 123456789012. */
static bool is_pattern(struct bytes s)
{
    bool seen[256] = { false };
    size_t different = 0, run = 0;

    for (size_t i = 0; i < s.n; i++) {
        different += !seen[s.p[i]];
        seen[s.p[i]] = true;
        if (i > 0 && (s.p[i] == s.p[i - 1] + 1 || s.p[i] + 1 == s.p[i - 1] ||
                      (s.p[i] == '0' && s.p[i - 1] == '9')))
            run++;
    }
    if (different < 5 || run * 4 >= s.n * 3)
        return true;
    for (size_t period = 1; period <= 6 && period < s.n; period++) {
        size_t i = period;
        while (i < s.n && s.p[i] == s.p[i - period])
            i++;
        if (i == s.n)
            return true;
    }
    return false;
}

/* Whether the password holds this word (or its parts, split at punctuation) of four or more. */
static bool is_similar(const char *p, size_t n, struct str context)
{
    size_t from = 0;
    for (size_t i = 0; context.p && i <= context.n; i++) {
        bool end = i == context.n || strchr("@._+- ", context.p[i]) != NULL;
        if (end && i - from >= 4) {
            char word[WORD_MAX];
            size_t m = plain((struct bytes){ (const uint8_t *)context.p + from, i - from }, word);
            if (holds(p, n, word, m))
                return true;
        }
        if (end)
            from = i + 1;
    }
    return false;
}

enum accounts_password accounts_password_judge(const struct secret *password, struct str login,
                                               struct str email, struct str name)
{
    struct bytes s = secret_bytes(password);
    size_t local = email.p ? str_find(email, '@', 0) : SIZE_MAX, characters = 0, n;
    char word[WORD_MAX], raw[WORD_MAX];
    enum accounts_password verdict = ACCOUNTS_PASSWORD_GOOD;

    for (size_t i = 0; i < s.n; i++)
        characters += (s.p[i] & 0xc0) != 0x80;
    n = plain(s, word);
    for (size_t i = 0; i < n; i++)
        raw[i] = (char)tolower(s.p[i]);
    if (email.p && local != SIZE_MAX)
        email.n = local;
    if (characters < LENGTH_MIN)
        verdict = ACCOUNTS_PASSWORD_SHORT;
    else if (is_pattern(s) || is_common(word, n, raw))
        verdict = ACCOUNTS_PASSWORD_COMMON;
    else if (is_similar(word, n, login) || is_similar(word, n, email) || is_similar(word, n, name))
        verdict = ACCOUNTS_PASSWORD_SIMILAR;
    secret_wipe(word, sizeof(word));
    secret_wipe(raw, sizeof(raw));
    return verdict;
}

/* Hash and store; all sessions end; history, audit and a notice. */
static enum err store(struct tx *tx, const struct accounts_from *from,
                      const struct accounts_info *who, const struct secret *wanted,
                      const char *action)
{
    struct audit_by by = accounts_by(from, who->id, who->tenant, who->name);
    struct str hash;
    uint64_t ended;

    TRY(password_hash(tx_arena(tx), secret_bytes(wanted), &hash));
    TRY(q_account_set_password(tx, who->id, hash, from->now));
    TRY(q_session_end_all(tx, who->id, 0, from->now, STR("password"), &ended));
    TRY(q_password_link_drop(tx, who->id, from->now));
    TRY(accounts_event_add(tx, from, who->id, "password-changed"));
    TRY(accounts_mail_order(tx, ACCOUNTS_MAIL_PASSWORD, who->id));
    return audit_note(tx, &by, action, "account", who->id.v, NULL);
}

enum err accounts_password_check(struct tx *tx, const struct accounts_from *from,
                                 struct account_id account, const struct secret *password,
                                 bool *right)
{
    struct q_account_auth_by_id q;
    enum err err;

    *right = false;
    TRY(q_account_auth_by_id(tx, account, &q));
    err = password_verify(q.password, secret_bytes(password));
    if (err == E_AUTH) {
        fault_clear();
        return accounts_failure(tx, from,
                                &(struct accounts_failing){ account, q.tenant, q.name,
                                                            str_eq_z(q.state, "active"), q.failed },
                                "password-failure");
    }
    *right = err == E_OK;
    return err;
}

enum err accounts_password_change(struct tx *tx, const struct accounts_from *from,
                                  struct account_id account, const struct secret *current,
                                  const struct secret *wanted, enum accounts_password *verdict)
{
    struct accounts_info who;
    bool right;

    *verdict = ACCOUNTS_PASSWORD_WRONG;
    TRY(accounts_get(tx, (struct tenant_id){ 0 }, account, &who));
    TRY(accounts_password_check(tx, from, account, current, &right));
    if (!right)
        return E_OK;
    *verdict = bytes_eq_secret(secret_bytes(current), secret_bytes(wanted))
                   ? ACCOUNTS_PASSWORD_SAME
                   : accounts_password_judge(wanted, who.login, who.email, who.name);
    if (*verdict != ACCOUNTS_PASSWORD_GOOD)
        return E_OK;
    return store(tx, from, &who, wanted, "accounts.password.change");
}

struct bytes32 accounts_token_hash(struct str token)
{
    return sha256(bytes_of_str(token));
}

enum err accounts_link_request(struct tx *tx, const struct accounts_from *from, struct str login)
{
    struct arena *a = tx_arena(tx);
    struct audit_by by =
        accounts_by(from, (struct account_id){ 0 }, (struct tenant_id){ 0 }, STR_ABSENT);
    /* The worker looks the name up: the answer here cannot tell, and takes the same time. */
    TRY(accounts_mail_order_reset(tx, str_lower(a, str_trim(a, accounts_cut(a, login, 254)))));
    return audit_note(tx, &by, "accounts.password.forgot", NULL, 0, NULL);
}

enum err accounts_link_find(struct tx *tx, struct str token, struct timestamp now,
                            struct accounts_link *out)
{
    struct q_password_link_find q;
    TRY(q_password_link_find(tx, accounts_token_hash(token), now, &q));
    *out = (struct accounts_link){ .account = q.account,
                                   .tenant = q.tenant,
                                   .invitation = str_eq_z(q.purpose, "invite"),
                                   .login = q.login,
                                   .name = q.name };
    return E_OK;
}

enum err accounts_link_use(struct tx *tx, const struct accounts_from *from, struct str token,
                           const struct secret *wanted, enum accounts_password *verdict)
{
    struct accounts_link link;
    struct accounts_info who;
    uint64_t changed;

    TRY(accounts_link_find(tx, token, from->now, &link));
    TRY(accounts_get(tx, (struct tenant_id){ 0 }, link.account, &who));
    *verdict = accounts_password_judge(wanted, who.login, who.email, who.name);
    if (*verdict != ACCOUNTS_PASSWORD_GOOD)
        return E_OK;
    TRY(q_password_link_use(tx, accounts_token_hash(token), from->now, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "", "the link was used meanwhile");
    TRY(store(tx, from, &who, wanted,
              link.invitation ? "accounts.password.first" : "accounts.password.reset"));
    if (link.invitation)
        TRY(q_account_set_state(tx, who.id, STR("invited"), STR("active"), STR(""), from->now,
                                &changed));
    return E_OK;
}
