/* mail.c - see mail.h. */
#include "features/mail/mail.h"

#include "base/buf.h"
#include "base/json.h"
#include "store/db.h"
#include "store/gen/mail.q.h"
#include "store/jobs.h"

#define TROUBLE_US (30 * DAY_US)
#define TROUBLES_MAX 100

static const char *const states[MAIL_STATE__MAX] = { "queued", "sent", "failed", "bounced" };

static enum mail_state state_from(struct str word)
{
    for (unsigned i = 0; i < MAIL_STATE__MAX; i++)
        if (str_eq_z(word, states[i]))
            return (enum mail_state)i;
    return MAIL_QUEUED;
}

/* A LIKE pattern for "begins with", taken literally. */
static struct str beginning(struct arena *a, struct str q)
{
    struct buf b = buf_init(2048);
    struct str out = STR("");

    for (size_t i = 0; i < q.n; i++) {
        if (q.p[i] == '|' || q.p[i] == '%' || q.p[i] == '_')
            buf_add_char(&b, '|');
        buf_add_char(&b, q.p[i]);
    }
    if (q.n)
        buf_add_char(&b, '%');
    if (buf_to_str(&b, a, &out) != E_OK)
        out = STR("");
    buf_free(&b);
    return out;
}

#define ROW(q)                                                                                     \
    ((struct mail_row){ .id = (q)->id,                                                             \
                        .recipient = (q)->recipient,                                               \
                        .template_name = (q)->template,                                            \
                        .error = (q)->error,                                                       \
                        .tenant_name = (q)->tenant_name,                                           \
                        .state = state_from((q)->state),                                           \
                        .body = (q)->body,                                                         \
                        .stopped = (q)->stopped,                                                   \
                        .created = (q)->created,                                                   \
                        .sent_at = (q)->sent_at,                                                   \
                        .bounced_at = (q)->bounced_at })

static enum err list_all(struct tx *tx, struct str q, struct str state, uint32_t limit,
                         uint32_t offset, struct mail_row **rows, size_t *n, uint64_t *total)
{
    struct q_mail_admin_list_all *r;
    struct q_mail_admin_count_all c;

    TRY(q_mail_admin_count_all(tx, q, state, MAIL_COUNT_MAX + 1, &c));
    *total = c.n;
    TRY(q_mail_admin_list_all(tx, q, state, limit, offset, &r, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct mail_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = ROW(&r[i]);
    return E_OK;
}

static enum err list_of(struct tx *tx, struct tenant_id tenant, struct str q, struct str state,
                        uint32_t limit, uint32_t offset, struct mail_row **rows, size_t *n,
                        uint64_t *total)
{
    struct q_mail_admin_list *r;
    struct q_mail_admin_count c;

    TRY(q_mail_admin_count(tx, tenant, q, state, MAIL_COUNT_MAX + 1, &c));
    *total = c.n;
    TRY(q_mail_admin_list(tx, tenant, q, state, limit, offset, &r, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct mail_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = ROW(&r[i]);
    return E_OK;
}

enum err mail_admin_list(struct tx *tx, const struct mail_filter *f, uint32_t page,
                         uint32_t per_page, struct mail_row **rows, size_t *n, uint64_t *total)
{
    struct str q = beginning(tx_arena(tx), str_lower(tx_arena(tx), f->q));
    struct str state = f->state < 0 ? STR("") : str_z(states[f->state]);
    uint32_t offset = (page > 0 ? page - 1 : 0) * per_page;

    if (f->tenant.v == 0)
        return list_all(tx, q, state, per_page, offset, rows, n, total);
    return list_of(tx, f->tenant, q, state, per_page, offset, rows, n, total);
}

/* --- sending again --- */

/* No address goes into the audit log: the mail's number stands for it. */
static enum err note(struct tx *tx, const struct audit_by *by, const char *action,
                     struct mail_id id)
{
    return audit_note(tx, by, action, "mail", id.v, NULL);
}

enum err mail_admin_resend(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                           struct mail_id id, struct timestamp now)
{
    struct q_mail_admin_get q;
    uint64_t changed;

    TRY(q_mail_admin_get(tx, scope.v, id, &q));
    if (state_from(q.state) != MAIL_FAILED)
        return FAIL(E_STATE, "mail-not-failed", "state %s", q.state.p);
    if (!q.body)
        return FAIL(E_STATE, "mail-erased", "its body is erased");
    TRY(q_mail_undeliverable_drop(tx, q.tenant, str_lower(tx_arena(tx), q.recipient), &changed));
    TRY(q_mail_admin_requeue(tx, q.tenant, id, now, &changed));
    if (changed == 0)
        return FAIL(E_STATE, "mail-not-failed", "changed meanwhile");
    TRY(jobs_add(tx, "mail.deliver",
                 str_fmt(tx_arena(tx), "{\"mail\":%llu}", (unsigned long long)id.v), TIMESTAMP_NONE,
                 NULL));
    return note(tx, by, "mail.mail.resend", id);
}

enum err mail_admin_allow(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                          struct mail_id id)
{
    struct q_mail_admin_get q;
    uint64_t changed;

    TRY(q_mail_admin_get(tx, scope.v, id, &q));
    TRY(q_mail_undeliverable_drop(tx, q.tenant, str_lower(tx_arena(tx), q.recipient), &changed));
    if (changed == 0)
        return FAIL(E_STATE, "mail-not-stopped", "the address is not stopped");
    return note(tx, by, "mail.address.allow", id);
}

/* --- trouble --- */

enum err mail_admin_trouble(struct tx *tx, struct tenant_id tenant, struct str address,
                            bool *trouble, struct str *error)
{
    struct q_mail_trouble q;
    enum err err = q_mail_trouble(tx, tenant, address, &q);

    *trouble = false;
    *error = STR("");
    if (err == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(err);
    *trouble = state_from(q.state) >= MAIL_FAILED;
    *error = q.error;
    return E_OK;
}

enum err mail_admin_troubles(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                             uint64_t *n)
{
    struct timestamp since = timestamp_add(now, -TROUBLE_US);
    struct q_mail_trouble_count_all all;
    struct q_mail_trouble_count own;

    if (tenant.v == 0) {
        TRY(q_mail_trouble_count_all(tx, since, TROUBLES_MAX, &all));
        *n = all.n;
        return E_OK;
    }
    TRY(q_mail_trouble_count(tx, tenant, since, TROUBLES_MAX, &own));
    *n = own.n;
    return E_OK;
}

enum err mail_admin_stopped(struct tx *tx, struct tenant_id tenant, struct str address,
                            struct str *status)
{
    struct q_mail_undeliverable_get q;
    enum err err = q_mail_undeliverable_get(tx, tenant, str_lower(tx_arena(tx), address), &q);

    *status = STR("");
    if (err == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(err);
    *status = q.status;
    return E_OK;
}

/* --- what comes back --- */

/*
 * RFC 3463: 5.1.x is about the address, 5.2.1 a mailbox that takes no mail, 5.4.4 no host for it.
 * Full mailboxes (5.2.2), sizes (5.3.4) and policies (5.7.x) may be otherwise with the next mail.
 */
static bool no_such_address(struct str status)
{
    return str_starts(status, STR("5.1.")) || str_eq_z(status, "5.2.1") ||
           str_eq_z(status, "5.4.4");
}

static bool about(const struct mail_report *r, struct str recipient)
{
    return (!str_empty(r->final) && str_eq_ci(r->final, recipient)) ||
           (!str_empty(r->original) && str_eq_ci(r->original, recipient));
}

enum err mail_admin_report(struct tx *tx, const struct audit_by *by, const struct mail_report *r,
                           struct timestamp now, enum mail_verdict *verdict)
{
    struct arena *a = tx_arena(tx);
    struct q_mail_by_token q;
    uint64_t changed;
    enum err err = q_mail_by_token(tx, r->token, &q);

    *verdict = MAIL_UNKNOWN;
    if (err == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(err);
    *verdict = MAIL_NOTED;
    if (!str_eq_ci(r->action, STR("failed")) || state_from(q.state) > MAIL_SENT)
        return E_OK;
    if (state_from(q.state) == MAIL_QUEUED)
        return FAIL(E_BUSY, "", "mail %llu is just being sent", (unsigned long long)q.id.v);
    TRY(q_mail_mark_bounced(tx, q.id, str_fmt(a, "mail-bounced %s", r->status.p), now, &changed));
    *verdict = MAIL_CAME_BACK;
    if (no_such_address(r->status) && about(r, q.recipient)) {
        TRY(q_mail_undeliverable_add(tx, q.tenant, str_lower(a, q.recipient), r->status, q.id,
                                     now));
        *verdict = MAIL_STOPPED;
    }
    struct json *detail = json_new_object();
    json_set_str(detail, "status", r->status);
    json_set_bool(detail, "stopped", *verdict == MAIL_STOPPED);
    return audit_note(tx, by, "mail.mail.bounce", "mail", q.id.v, detail);
}

enum err mail_admin_purge(struct tx *tx, uint32_t body_days, uint32_t keep_days,
                          struct timestamp now, uint64_t *gone)
{
    const struct audit_by by = { .name = STR("worker") };
    struct timestamp old = timestamp_add(now, -(int64_t)keep_days * DAY_US);
    uint64_t bodies, marks;
    struct json *detail;

    TRY(q_mail_erase_bodies(tx, timestamp_add(now, -(int64_t)body_days * DAY_US), &bodies));
    TRY(q_mail_purge(tx, old, gone));
    TRY(q_mail_undeliverable_purge(tx, old, &marks));
    if (bodies + marks + *gone == 0)
        return E_OK;
    detail = json_new_object();
    json_set_i64(detail, "bodies", (int64_t)bodies);
    json_set_i64(detail, "mails", (int64_t)*gone);
    return audit_note(tx, &by, "mail.outbox.purge", NULL, 0, detail);
}
