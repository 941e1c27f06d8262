/*
 * accounts_totp.c - time-based one-time codes (RFC 6238: SHA-1, 30 seconds, 6 digits, one step of
 * drift either way) and recovery codes. The stored secret is sealed under a key of the programs and
 * bound to its account, so that a row copied to another account opens nothing.
 */
#include "features/accounts/accounts_totp.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/random.h"
#include "features/accounts/accounts_core.h"
#include "features/accounts/accounts_tasks.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"

#define STEP_S 30
#define DRIFT 1
#define DIGITS 6
#define OFFER_US HOUR_US

uint32_t accounts_totp_value(struct bytes key, uint64_t step, unsigned digits)
{
    static const uint32_t powers[] = {
        1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000
    };
    uint8_t counter[8], mac[20];
    uint32_t value;
    unsigned at;

    for (size_t i = 0; i < 8; i++)
        counter[i] = (uint8_t)(step >> (56 - 8 * i));
    hmac_sha1(key, (struct bytes){ counter, 8 }, mac);
    at = mac[19] & 0x0f; /* RFC 4226 5.3, dynamic truncation */
    value = (uint32_t)(mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 |
            (uint32_t)mac[at + 2] << 8 | mac[at + 3];
    return value % powers[digits <= 8 ? digits : 8];
}

struct str accounts_totp_clean(struct arena *a, struct str code)
{
    char *p = arena_alloc(a, DIGITS + 1);
    size_t n = 0, at = 0;
    uint32_t c;

    if (!code.p || !utf8_valid(code.p, code.n))
        return STR_ABSENT;
    while ((c = utf8_next(code, &at)) != 0) {
        if (c >= 0xff10 && c <= 0xff19) /* full-width digits, as Japanese input methods give */
            c = c - 0xff10 + '0';
        if (c == ' ' || c == 0x3000)
            continue;
        if (c < '0' || c > '9' || n == DIGITS)
            return STR_ABSENT;
        p[n++] = (char)c;
    }
    return n == DIGITS ? (struct str){ p, n } : STR_ABSENT;
}

static struct bytes aad(struct arena *a, struct account_id account)
{
    return bytes_of_str(str_fmt(a, "totp:%llu", (unsigned long long)account.v));
}

static enum err seal(struct arena *a, struct account_id account, struct bytes key,
                     struct bytes *out)
{
    return aead_seal(a, accounts_totp_key(), aad(a, account), key, out);
}

static enum err open_key(struct arena *a, struct account_id account, struct bytes sealed,
                         struct secret **key)
{
    enum err err = aead_open(accounts_totp_key(), aad(a, account), sealed, key);
    if (err == E_INPUT)
        return FAIL(E_INTERNAL, "", "one-time-code secret of account %llu does not open",
                    (unsigned long long)account.v);
    return err;
}

/* The step within the window whose code this is, or 0. All steps are computed, whichever fits. */
static uint64_t step_of(const struct secret *key, struct str code, struct timestamp now)
{
    uint64_t mid = (uint64_t)timestamp_to_unix(now) / STEP_S, hit = 0;
    for (uint64_t step = mid - DRIFT; step <= mid + DRIFT; step++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "%06u",
                       accounts_totp_value(secret_bytes(key), step, DIGITS));
        if (bytes_eq_secret(bytes_of_str(code), (struct bytes){ (const uint8_t *)text, DIGITS }))
            hit = step;
        secret_wipe(text, sizeof(text));
    }
    return hit;
}

enum err accounts_totp_check(struct tx *tx, struct account_id account, struct str code,
                             struct timestamp now, bool *enrolled, bool *right)
{
    struct q_totp_get q;
    struct secret *key = NULL;
    uint64_t step, changed = 0;
    enum err err = q_totp_get(tx, account, &q);

    *right = false;
    if (enrolled)
        *enrolled = err == E_OK && q.secret.p;
    if (err == E_ABSENT || (err == E_OK && !q.secret.p))
        return E_OK;
    if (err != E_OK)
        return err;
    TRY(open_key(tx_arena(tx), account, q.secret, &key));
    step = step_of(key, code, now);
    secret_free(key);
    /* RFC 6238 5.2: a code is good once; so are those before it. */
    if (step > q.last_step)
        TRY(q_totp_use(tx, account, step, &changed));
    *right = changed == 1;
    return E_OK;
}

/* --- recovery codes: 50 random bits as XXXXX-XXXXX --- */

static struct bytes32 recovery_hash(struct arena *a, struct account_id account, struct str code)
{
    struct str text = str_fmt(a, "%llu:%.*s", (unsigned long long)account.v, STR_ARG(code));
    return hmac_sha256(secret_bytes(accounts_recovery_key()), bytes_of_str(text));
}

/* Capital letters and digits only, as printed without the hyphen. */
static struct str recovery_clean(struct arena *a, struct str code)
{
    char *p = arena_alloc(a, 11);
    size_t n = 0;
    for (size_t i = 0; i < code.n; i++) {
        char c = code.p[i];
        if (c == '-' || c == ' ')
            continue;
        if (n == 10)
            return STR_ABSENT;
        p[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return n == 10 ? (struct str){ p, n } : STR_ABSENT;
}

enum err accounts_recovery_check(struct tx *tx, struct account_id account, struct str code,
                                 struct timestamp now, bool *right)
{
    struct arena *a = tx_arena(tx);
    struct str clean = recovery_clean(a, code);
    uint64_t changed = 0;

    TRY(q_recovery_use(tx, account, recovery_hash(a, account, clean.p ? clean : STR("")), now,
                       &changed));
    *right = clean.p && changed == 1;
    return E_OK;
}

static enum err recovery_make(struct tx *tx, struct account_id account, struct timestamp now,
                              struct str **codes, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct str *list = ARENA_ARRAY(a, ACCOUNTS_RECOVERY_CODES, struct str);

    TRY(q_recovery_drop(tx, account));
    for (size_t i = 0; i < ACCOUNTS_RECOVERY_CODES; i++) {
        uint8_t raw[7];
        struct str text;
        random_bytes(raw, sizeof(raw));
        text = str_sub(a, base32_encode(a, (struct bytes){ raw, sizeof(raw) }), 0, 10);
        TRY(q_recovery_add(tx, account, recovery_hash(a, account, text), now));
        list[i] = str_fmt(a, "%.5s-%.5s", text.p, text.p + 5);
        secret_wipe(raw, sizeof(raw));
    }
    *codes = list;
    *n = ACCOUNTS_RECOVERY_CODES;
    return E_OK;
}

enum err accounts_totp_codes_left(struct tx *tx, struct account_id account, uint64_t *n)
{
    struct q_recovery_left q;
    TRY(q_recovery_left(tx, account, &q));
    *n = q.n;
    return E_OK;
}

/* --- enrolment --- */

enum err accounts_totp_begin(struct tx *tx, const struct accounts_from *from,
                             struct account_id account)
{
    struct arena *a = tx_arena(tx);
    struct accounts_info who;
    struct audit_by by;
    struct bytes sealed;
    uint8_t raw[20]; /* RFC 4226 4, R6: 160 bits */
    enum err err;

    TRY(accounts_get(tx, (struct tenant_id){ 0 }, account, &who));
    random_bytes(raw, sizeof(raw));
    err = seal(a, account, (struct bytes){ raw, sizeof(raw) }, &sealed);
    secret_wipe(raw, sizeof(raw));
    TRY(err);
    TRY(q_totp_set_pending(tx, account, sealed, from->now));
    by = accounts_by(from, account, who.tenant, who.name);
    return audit_note(tx, &by, "accounts.totp.begin", "account", account.v, NULL);
}

/* The pending secret; E_ABSENT when there is none or it is stale. */
static enum err pending_key(struct tx *tx, struct account_id account, struct timestamp now,
                            struct secret **key)
{
    struct q_totp_get q;
    TRY(q_totp_get(tx, account, &q));
    if (!q.pending.p || timestamp_cmp(timestamp_add(q.pending_at, OFFER_US), now) < 0)
        return FAIL(E_ABSENT, "", "no enrolment is under way");
    return open_key(tx_arena(tx), account, q.pending, key);
}

enum err accounts_totp_offer(struct tx *tx, struct account_id account, struct timestamp now,
                             struct str title, struct accounts_totp_offer *out)
{
    struct arena *a = tx_arena(tx);
    struct accounts_info who;
    struct secret *key = NULL;

    TRY(accounts_get(tx, (struct tenant_id){ 0 }, account, &who));
    TRY(pending_key(tx, account, now, &key));
    out->secret = base32_encode(a, secret_bytes(key));
    secret_free(key);
    out->uri = str_fmt(a,
                       "otpauth://totp/Shomei:%.*s?secret=%.*s&issuer=Shomei&algorithm=SHA1"
                       "&digits=6&period=30",
                       STR_ARG(percent_encode(a, who.login)), STR_ARG(out->secret));
    return accounts_qr_svg(a, out->uri, title, &out->svg);
}

/* History, audit, mail: the second factor is not what it was. */
static enum err changed_second(struct tx *tx, const struct accounts_from *from,
                               const struct accounts_info *who, struct session_id keep,
                               const char *kind, const char *action)
{
    struct audit_by by = accounts_by(from, who->id, who->tenant, who->name);
    uint64_t ended;

    TRY(q_session_end_all(tx, who->id, keep.v, from->now, STR("second-factor"), &ended));
    TRY(accounts_event_add(tx, from, who->id, kind));
    TRY(accounts_mail_order(tx, ACCOUNTS_MAIL_SECOND, who->id));
    return audit_note(tx, &by, action, "account", who->id.v, NULL);
}

enum err accounts_totp_confirm(struct tx *tx, const struct accounts_from *from,
                               struct account_id account, struct session_id keep, struct str code,
                               struct str **codes, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct str digits = accounts_totp_clean(a, code);
    struct accounts_info who;
    struct secret *key = NULL;
    struct bytes sealed;
    uint64_t step;
    enum err err;

    *codes = NULL;
    *n = 0;
    TRY(accounts_get(tx, (struct tenant_id){ 0 }, account, &who));
    TRY(pending_key(tx, account, from->now, &key));
    step = digits.p ? step_of(key, digits, from->now) : 0;
    err = step ? seal(a, account, secret_bytes(key), &sealed) : E_OK;
    secret_free(key);
    if (err != E_OK || step == 0)
        return err;
    TRY(q_totp_set(tx, account, sealed, from->now, step));
    TRY(recovery_make(tx, account, from->now, codes, n));
    return changed_second(tx, from, &who, keep, "second-factor-set", "accounts.totp.enrol");
}

enum err accounts_totp_recodes(struct tx *tx, const struct accounts_from *from,
                               struct account_id account, struct str code, struct str **codes,
                               size_t *n)
{
    struct accounts_info who;
    struct audit_by by;
    bool right;

    *codes = NULL;
    *n = 0;
    TRY(accounts_get(tx, (struct tenant_id){ 0 }, account, &who));
    by = accounts_by(from, account, who.tenant, who.name);
    TRY(accounts_verify_totp(tx, &by, account, code, from->now, &right));
    if (!right)
        return E_OK;
    TRY(recovery_make(tx, account, from->now, codes, n));
    TRY(accounts_event_add(tx, from, account, "recovery-codes-made"));
    TRY(accounts_mail_order(tx, ACCOUNTS_MAIL_SECOND, account));
    return audit_note(tx, &by, "accounts.recovery.make", "account", account.v, NULL);
}

enum err accounts_totp_remove(struct tx *tx, const struct accounts_from *from,
                              struct account_id account, struct session_id keep,
                              const struct secret *password, struct str code, bool *right)
{
    struct accounts_info who;
    struct audit_by by;
    uint64_t changed;

    *right = false;
    TRY(accounts_get(tx, (struct tenant_id){ 0 }, account, &who));
    if (who.roles & ROLES_STAFF)
        return FAIL(E_DENIED, "totp-mandatory", "staff keep their second factor (P3-65)");
    by = accounts_by(from, account, who.tenant, who.name);
    TRY(accounts_password_check(tx, from, account, password, right));
    if (!*right)
        return E_OK;
    TRY(accounts_verify_totp(tx, &by, account, code, from->now, right));
    if (!*right)
        return E_OK;
    TRY(q_totp_remove(tx, account, &changed));
    TRY(q_recovery_drop(tx, account));
    return changed_second(tx, from, &who, keep, "second-factor-removed", "accounts.totp.remove");
}

enum err accounts_totp_store(struct tx *tx, struct account_id account, struct bytes secret,
                             struct timestamp now)
{
    struct bytes sealed;
    if (secret.n < 16)
        return FAIL(E_INPUT, "totp-short", "a secret of %zu bytes", secret.n);
    TRY(seal(tx_arena(tx), account, secret, &sealed));
    return q_totp_set(tx, account, sealed, now, 0);
}
