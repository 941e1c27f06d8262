/*
 * accounts_mail.c - mails of the slice. The front programs only order them; the worker looks up who
 * gets them, makes one-time links (so that no job holds one) and has them written.
 */
#include "features/accounts/accounts_tasks.h"

#include "base/json.h"
#include "base/random.h"
#include "features/accounts/accounts_core.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"
#include "store/jobs.h"
#include "store/mail_queue.h"

#define RESET_US (30 * MINUTE_US)
#define INVITE_US (7 * DAY_US)

static const char *const names[] = { "locked",  "password",  "reset",   "invite", "second",
                                     "dormant", "suspended", "address", "removed" };
_Static_assert(sizeof(names) / sizeof(names[0]) == ACCOUNTS_MAIL__MAX, "mail names");

const char *accounts_mail_name(enum accounts_mail_kind kind)
{
    return (unsigned)kind < ACCOUNTS_MAIL__MAX ? names[kind] : "";
}

bool accounts_mail_from_name(struct str name, enum accounts_mail_kind *out)
{
    for (unsigned i = 0; i < ACCOUNTS_MAIL__MAX; i++)
        if (str_eq_z(name, names[i])) {
            *out = (enum accounts_mail_kind)i;
            return true;
        }
    return false;
}

static enum err add_job(struct tx *tx, const char *kind, struct json *payload)
{
    struct buf text = buf_init(4096);
    struct str s = STR_ABSENT;
    enum err err = json_write(payload, false, &text);

    json_free(payload);
    if (err == E_OK)
        err = buf_to_str(&text, tx_arena(tx), &s);
    buf_free(&text);
    TRY(err);
    return jobs_add(tx, kind, s, TIMESTAMP_NONE, NULL);
}

enum err accounts_mail_order(struct tx *tx, enum accounts_mail_kind kind, struct account_id account)
{
    struct json *payload = json_new_object();
    json_set_str(payload, "mail", str_z(accounts_mail_name(kind)));
    json_set_i64(payload, "account", (int64_t)account.v);
    return add_job(tx, "accounts.mail", payload);
}

enum err accounts_mail_order_address(struct tx *tx, struct account_id account, struct str to)
{
    struct json *payload = json_new_object();
    json_set_str(payload, "mail", str_z(accounts_mail_name(ACCOUNTS_MAIL_ADDRESS)));
    json_set_i64(payload, "account", (int64_t)account.v);
    json_set_str(payload, "to", to);
    return add_job(tx, "accounts.mail", payload);
}

enum err accounts_mail_order_reset(struct tx *tx, struct str login)
{
    struct json *payload = json_new_object();
    json_set_str(payload, "login", login);
    return add_job(tx, "accounts.reset", payload);
}

/* A new one-time link; those before it are void. */
static enum err make_link(struct tx *tx, const struct accounts_info *who, bool invitation,
                          struct timestamp now, struct accounts_mail *m)
{
    struct arena *a = tx_arena(tx);
    struct audit_by by = { .tenant = who->tenant, .name = STR("worker") };
    struct str token = random_token(a, 32);

    m->at = timestamp_add(now, invitation ? INVITE_US : RESET_US);
    m->link = str_fmt(a, "%.*s/password/set?token=%.*s", STR_ARG(accounts_config()->portal_url),
                      STR_ARG(token));
    TRY(q_password_link_drop(tx, who->id, now));
    TRY(q_password_link_add(tx, accounts_token_hash(token), who->id,
                            invitation ? STR("invite") : STR("reset"), now, m->at));
    return audit_note(tx, &by, "accounts.password.link", "account", who->id.v, NULL);
}

enum err accounts_mail_send(struct tx *tx, const struct accounts_mail_writer *w,
                            enum accounts_mail_kind kind, struct account_id account,
                            uint64_t number, struct timestamp now)
{
    return accounts_mail_send_to(tx, w, kind, account, STR_ABSENT, number, now);
}

enum err accounts_mail_send_to(struct tx *tx, const struct accounts_mail_writer *w,
                               enum accounts_mail_kind kind, struct account_id account,
                               struct str to, uint64_t number, struct timestamp now)
{
    struct arena *a = tx_arena(tx);
    struct accounts_mail m = { .kind = kind, .at = now, .number = number };
    struct mail_queue_entry mail = { .template_name = accounts_mail_name(kind) };
    struct accounts_info who;
    struct mail_id id;
    char lang[3];

    TRY(accounts_get(tx, (struct tenant_id){ 0 }, account, &who));
    m.lang = who.lang;
    m.link = str_fmt(a, "%.*s/security", STR_ARG(accounts_config()->portal_url));
    if (kind == ACCOUNTS_MAIL_RESET || kind == ACCOUNTS_MAIL_INVITE)
        TRY(make_link(tx, &who, kind == ACCOUNTS_MAIL_INVITE, now, &m));
    if (kind == ACCOUNTS_MAIL_DORMANT)
        m.at = timestamp_add(now, (int64_t)accounts_config()->dormant_warn_days * DAY_US);
    TRY(w->write(w->arg, a, &m, &mail.subject, &mail.text, &mail.html));
    (void)snprintf(lang, sizeof(lang), "%.*s", STR_ARG(who.lang));
    mail.lang = lang;
    mail.tenant = who.tenant;
    mail.to = str_empty(to) ? who.email : to;
    return mail_queue(tx, &mail, &id);
}

enum err accounts_mail_reset(struct tx *tx, const struct accounts_mail_writer *w, struct str login,
                             uint64_t number, struct timestamp now)
{
    struct accounts_info who;
    enum err err = accounts_find(tx, login, &who);

    if (err == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(err);
    if (who.state == ACCOUNTS_INVITED)
        return accounts_mail_send(tx, w, ACCOUNTS_MAIL_INVITE, who.id, number, now);
    if (who.state != ACCOUNTS_ACTIVE && who.state != ACCOUNTS_LOCKED)
        return E_OK;
    return accounts_mail_send(tx, w, ACCOUNTS_MAIL_RESET, who.id, number, now);
}
