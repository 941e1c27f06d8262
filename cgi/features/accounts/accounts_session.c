/* accounts_session.c - rows of sessions: the token itself is in the browser only. */
#include "features/accounts/accounts_core.h"

#include "base/json.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"

/* A session that waits for a code is good for this long, one that waits for enrolment longer. */
#define CODE_US (10 * MINUTE_US)
#define ENROL_US (30 * MINUTE_US)
#define TOUCH_US MINUTE_US

static int64_t idle_us(void)
{
    return (int64_t)accounts_config()->idle_minutes * MINUTE_US;
}

enum err accounts_session_find(struct tx *tx, const struct bytes32 *token_hash,
                               struct timestamp now, struct accounts_session *out, bool *touch)
{
    struct q_session_find q;
    bool full;

    TRY(q_session_find(tx, *token_hash, now, &q));
    full = str_eq_z(q.stage, "full");
    *out =
        (struct accounts_session){ .id = q.id,
                                   .account = q.account,
                                   .tenant = q.tenant,
                                   .roles = full ? accounts_roles_from(tx_arena(tx), q.roles) : 0,
                                   .second_factor = full && !timestamp_is_none(q.second_at),
                                   .pending = !full,
                                   .must_enrol = str_eq_z(q.stage, "enrol"),
                                   .second_at = q.second_at,
                                   .created_at = q.created_at,
                                   .seen_at = q.seen_at,
                                   .login = q.login,
                                   .name = q.name,
                                   .lang = q.lang };
    /* A pending session does not live longer by being used. */
    *touch = full && timestamp_cmp(q.seen_at, timestamp_add(now, -TOUCH_US)) <= 0;
    return E_OK;
}

enum err accounts_session_touch(struct tx *tx, struct session_id id, struct timestamp now)
{
    return q_session_touch(tx, id, now, timestamp_add(now, idle_us()));
}

enum err accounts_session_open(struct tx *tx, const struct accounts_from *from,
                               const struct accounts_login *l, const struct bytes32 *token_hash,
                               struct session_id replaces, struct session_id *id)
{
    static const char *const stages[] = { NULL, "code", "enrol", "full" };
    const int64_t lives[] = { 0, CODE_US, ENROL_US,
                              (int64_t)accounts_config()->absolute_hours * HOUR_US };
    struct str agent = accounts_cut(tx_arena(tx), from->user_agent, 255);
    struct timestamp second = TIMESTAMP_NONE, idle, end;

    if (l->step == ACCOUNTS_REFUSED)
        return FAIL(E_INTERNAL, "", "a session for a refused sign-in");
    if (replaces.v)
        TRY(q_session_replace(tx, l->account, replaces, from->now));
    if (l->step == ACCOUNTS_IN && l->second_factor)
        second = from->now;
    end = timestamp_add(from->now, lives[l->step]);
    idle = timestamp_add(from->now, l->step == ACCOUNTS_IN ? idle_us() : lives[l->step]);
    return q_session_add(tx, l->account, l->tenant, *token_hash, str_z(stages[l->step]), second,
                         from->now, idle, end, from->address.p ? from->address : STR(""), agent,
                         id);
}

enum err accounts_session_end(struct tx *tx, const struct audit_by *by, struct account_id account,
                              struct session_id id, struct timestamp now)
{
    uint64_t changed;
    TRY(q_session_end(tx, account, id, now, STR("signed-out"), &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "", "no such session of this account");
    return audit_note(tx, by, "accounts.session.end", "session", id.v, NULL);
}

enum err accounts_session_end_all(struct tx *tx, const struct audit_by *by,
                                  struct account_id account, struct session_id keep,
                                  struct timestamp now, uint64_t *ended)
{
    struct json *detail;
    uint64_t n;

    TRY(q_session_end_all(tx, account, keep.v, now, STR("signed-out"), &n));
    if (ended)
        *ended = n;
    detail = json_new_object();
    json_set_i64(detail, "ended", (int64_t)n);
    return audit_note(tx, by, "accounts.session.end-all", "account", account.v, detail);
}

enum err accounts_session_list(struct tx *tx, struct account_id account, struct timestamp now,
                               struct accounts_session_row **rows, size_t *n)
{
    struct q_session_list *q;
    TRY(q_session_list(tx, account, now, &q, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct accounts_session_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] =
            (struct accounts_session_row){ q[i].id,        q[i].created_at, q[i].seen_at,
                                           q[i].second_at, q[i].address,    q[i].user_agent };
    return E_OK;
}

enum err accounts_history(struct tx *tx, struct account_id account, uint32_t limit,
                          struct accounts_event **rows, size_t *n)
{
    struct q_login_event_list *q;
    TRY(q_login_event_list(tx, account, limit, &q, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct accounts_event);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct accounts_event){ q[i].at, q[i].kind, q[i].address, q[i].user_agent };
    return E_OK;
}

enum err accounts_set_lang(struct tx *tx, const struct audit_by *by, struct account_id account,
                           struct str lang)
{
    struct json *detail;
    TRY(q_account_set_lang(tx, account, lang));
    detail = json_new_object();
    json_set_str(detail, "lang", lang);
    return audit_note(tx, by, "accounts.account.language", "account", account.v, detail);
}
