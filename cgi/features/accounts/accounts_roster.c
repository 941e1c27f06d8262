/* accounts_roster.c - files of people: judging against who is there, and doing; see the header. */
#include "features/accounts/accounts_roster.h"

#include "base/json.h"
#include "features/accounts/accounts_admin.h"
#include "features/accounts/accounts_core.h"
#include "store/db.h"
#include "store/gen/accounts_roster.q.h"
#include "store/jobs.h"

/* ------------------------------------------------------------------ judging */

static bool is(struct str operation, const char *word)
{
    return str_eq_z(operation, word);
}

/* What is wrong with a row, given who has this login name now. */
static struct str judge_state(const struct audit_by *by, const struct accounts_roster_row *r,
                              const struct q_roster_person *who)
{
    enum accounts_state s = accounts_state_from(who->state);

    if (!who->mine)
        return is(r->operation, "INVITE") ? STR("taken") : STR("absent");
    if (who->id.v == by->account.v)
        return STR("own");
    if (is(r->operation, "INVITE")) {
        if (s == ACCOUNTS_CLOSED)
            return STR("closed");
        return str_eq_ci(r->email, who->email) ? STR("") : STR("taken");
    }
    if (s == ACCOUNTS_CLOSED && !is(r->operation, "REMOVE"))
        return STR("closed");
    return s == ACCOUNTS_LOCKED && is(r->operation, "RESUME") ? STR("locked") : STR("");
}

static enum err judge_row(struct tx *tx, const struct audit_by *by, struct accounts_roster_row *r)
{
    struct q_roster_address other;
    struct q_roster_person who;
    enum err err;

    if (r->problem.n > 0)
        return E_OK;
    err = q_roster_person(tx, by->tenant, r->login, &who);
    if (err == E_OK) {
        r->problem = judge_state(by, r, &who);
        return E_OK;
    }
    if (err != E_ABSENT)
        return err;
    fault_clear();
    if (!is(r->operation, "INVITE")) {
        r->problem = STR("absent");
        return E_OK;
    }
    err = q_roster_address(tx, by->tenant, r->email, &other);
    if (err == E_ABSENT)
        fault_clear();
    else if (err != E_OK)
        return err;
    else
        r->problem = STR("taken");
    return E_OK;
}

static enum err keep(struct tx *tx, const struct audit_by *by, struct str filename,
                     const struct bytes32 *digest, const struct accounts_roster_file *f,
                     struct timestamp now, struct roster_id *id)
{
    struct json *detail = NULL;
    uint32_t bad = 0;

    for (size_t i = 0; i < f->n; i++)
        bad += f->rows[i].problem.n > 0;
    TRY(q_roster_add(tx, by->tenant, by->account, filename, *digest, (uint32_t)f->n, bad, now, id));
    for (size_t i = 0; i < f->n; i++) {
        const struct accounts_roster_row *r = &f->rows[i];
        TRY(q_roster_row_add(tx, *id, (uint32_t)i + 1, by->tenant, r->line, r->operation, r->login,
                             r->name, r->email, r->roles, f->langs[i], r->problem));
    }
    detail = json_new_object();
    json_set_i64(detail, "rows", (int64_t)f->n);
    json_set_i64(detail, "bad", bad);
    return audit_note(tx, by, "accounts.roster.upload", "roster", id->v, detail);
}

enum err accounts_roster_upload(struct tx *tx, const struct audit_by *by, struct str filename,
                                struct bytes file, struct timestamp now, struct roster_id *id,
                                bool *same, struct str *word)
{
    struct bytes32 digest = sha256(file);
    struct accounts_roster_file f;
    struct q_roster_ran ran;
    enum err err;

    *word = STR("");
    err = q_roster_ran(tx, by->tenant, digest, &ran);
    *same = err == E_OK;
    if (*same) {
        *id = ran.id;
        return E_OK;
    }
    if (err != E_ABSENT)
        return err;
    fault_clear();
    TRY(accounts_roster_read(tx_arena(tx), file, &f, word));
    for (size_t i = 0; i < f.n; i++)
        TRY(judge_row(tx, by, &f.rows[i]));
    return keep(tx, by, accounts_cut(tx_arena(tx), filename, 255), &digest, &f, now, id);
}

/* ------------------------------------------------------------------ looking */

enum err accounts_roster_get(struct tx *tx, struct tenant_id tenant, struct roster_id id,
                             struct accounts_roster *out)
{
    struct q_roster_get q;

    TRY(q_roster_get(tx, tenant, id, &q));
    *out = (struct accounts_roster){ id,           tenant,      q.account, q.filename,
                                     q.state,      q.row_count, q.bad,     q.created_at,
                                     q.started_at, q.ended_at,  STR_ABSENT };
    return E_OK;
}

enum err accounts_roster_list(struct tx *tx, struct tenant_id tenant, uint32_t limit,
                              struct accounts_roster **rows, size_t *n)
{
    struct q_roster_list *q;

    TRY(q_roster_list(tx, tenant, limit, &q, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct accounts_roster);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct accounts_roster){ .id = q[i].id,
                                               .tenant = tenant,
                                               .filename = q[i].filename,
                                               .state = q[i].state,
                                               .rows = q[i].row_count,
                                               .bad = q[i].bad,
                                               .created_at = q[i].created_at,
                                               .by = q[i].by };
    return E_OK;
}

enum err accounts_roster_rows(struct tx *tx, struct tenant_id tenant, struct roster_id id,
                              uint32_t offset, uint32_t limit, struct accounts_roster_row **rows,
                              size_t *n)
{
    struct q_roster_rows *q;

    TRY(q_roster_rows(tx, tenant, id, limit, offset, &q, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct accounts_roster_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] =
            (struct accounts_roster_row){ q[i].line,   q[i].operation, q[i].login,   q[i].name,
                                          q[i].email,  q[i].roles,     q[i].problem, q[i].outcome,
                                          q[i].reason, q[i].account };
    return E_OK;
}

enum err accounts_roster_counts(struct tx *tx, struct tenant_id tenant, struct roster_id id,
                                struct accounts_roster_counts *out)
{
    struct q_roster_counts q;

    TRY(q_roster_counts(tx, tenant, id, &q));
    *out = (struct accounts_roster_counts){ q.open, q.done, q.already, q.failed };
    return E_OK;
}

/* ------------------------------------------------------------------ doing */

struct doing {
    const struct audit_by *by;
    const struct q_roster_next *row;
    struct timestamp now;
    struct account_id account;
    bool already;
};

static enum err invite(struct tx *tx, struct doing *d)
{
    const struct accounts_new n = { .tenant = d->by->tenant,
                                    .login = d->row->login,
                                    .email = d->row->email,
                                    .name = d->row->name,
                                    .lang = d->row->lang,
                                    .roles = d->row->roles };
    enum err err = accounts_create(tx, d->by, &n, d->now, &d->account);

    return err == E_CONFLICT ? FAIL(E_CONFLICT, "taken", "login or address in use") : err;
}

static enum err change(struct tx *tx, struct doing *d, enum accounts_state s)
{
    struct tenant_id tenant = d->by->tenant;

    if (is(d->row->operation, "SUSPEND")) {
        d->already = s == ACCOUNTS_SUSPENDED;
        return d->already
                   ? E_OK
                   : accounts_admin_suspend(tx, d->by, tenant, d->account, "administrator", d->now);
    }
    if (is(d->row->operation, "RESUME")) {
        d->already = s == ACCOUNTS_ACTIVE || s == ACCOUNTS_INVITED;
        return d->already ? E_OK : accounts_admin_resume(tx, d->by, tenant, d->account, d->now);
    }
    d->already = s == ACCOUNTS_CLOSED;
    return d->already ? E_OK : accounts_admin_remove(tx, d->by, tenant, d->account, d->now);
}

static enum err do_row(struct tx *tx, void *arg)
{
    struct doing *d = arg;
    struct q_roster_person who;
    enum err err = q_roster_person(tx, d->by->tenant, d->row->login, &who);

    if (err == E_ABSENT && is(d->row->operation, "INVITE")) {
        fault_clear();
        return invite(tx, d);
    }
    TRY(err);
    if (!who.mine)
        return FAIL(E_ABSENT, is(d->row->operation, "INVITE") ? "taken" : "absent",
                    "of another tenant");
    d->account = who.id;
    if (is(d->row->operation, "INVITE")) {
        d->already = !is(who.state, "closed") && str_eq_ci(who.email, d->row->email);
        return d->already ? E_OK : FAIL(E_CONFLICT, "taken", "login or address in use");
    }
    return change(tx, d, accounts_state_from(who.state));
}

/* One row, which may fail alone. */
static enum err run_row(struct tx *tx, const struct audit_by *by, struct roster_id id,
                        const struct q_roster_next *row, struct timestamp now)
{
    struct doing d = { .by = by, .row = row, .now = now };
    struct str outcome = STR("done"), reason = STR("");
    enum err err = tx_part(tx, do_row, &d);
    uint64_t changed;

    if (err == E_BUSY || err == E_BACKEND || err == E_INTERNAL)
        return err;
    if (err != E_OK) {
        outcome = STR("failed");
        reason = str_fmt(tx_arena(tx), "%s",
                         fault_current()->reason[0] ? fault_current()->reason : err_name(err));
        d.account.v = 0;
        fault_clear();
    } else if (d.already) {
        outcome = STR("already");
    }
    return q_roster_row_done(tx, by->tenant, id, row->number, outcome, reason, d.account, &changed);
}

/* The next rows; *more when there are others behind them. */
static enum err run_some(struct tx *tx, const struct audit_by *by, struct roster_id id,
                         struct timestamp now, bool *more)
{
    struct accounts_roster_counts c;
    struct q_roster_next *rows;
    uint64_t changed;
    size_t n;

    TRY(q_roster_next(tx, by->tenant, id, ACCOUNTS_ROSTER_AT_ONCE, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(run_row(tx, by, id, &rows[i], now));
    TRY(accounts_roster_counts(tx, by->tenant, id, &c));
    *more = c.open > 0;
    if (!*more)
        TRY(q_roster_end(tx, by->tenant, id, now, &changed));
    struct json *detail = json_new_object();
    json_set_i64(detail, "rows", (int64_t)n);
    json_set_i64(detail, "open", (int64_t)c.open);
    return audit_note(tx, by, "accounts.roster.run", "roster", id.v, detail);
}

static enum err order(struct tx *tx, struct tenant_id tenant, struct roster_id id)
{
    return jobs_add(tx, ACCOUNTS_ROSTER_JOB,
                    str_fmt(tx_arena(tx), "{\"tenant\":%llu,\"roster\":%llu}",
                            (unsigned long long)tenant.v, (unsigned long long)id.v),
                    TIMESTAMP_NONE, NULL);
}

/* Few rows at once, many by the worker. */
static enum err run(struct tx *tx, const struct audit_by *by, struct roster_id id,
                    struct timestamp now)
{
    struct accounts_roster_counts c;
    bool more;

    TRY(accounts_roster_counts(tx, by->tenant, id, &c));
    if (c.open > ACCOUNTS_ROSTER_AT_ONCE) {
        TRY(order(tx, by->tenant, id));
        return audit_note(tx, by, "accounts.roster.start", "roster", id.v, NULL);
    }
    return run_some(tx, by, id, now, &more);
}

enum err accounts_roster_start(struct tx *tx, const struct audit_by *by, struct roster_id id,
                               struct timestamp now)
{
    struct accounts_roster r;
    uint64_t changed;
    enum err err;

    TRY(accounts_roster_get(tx, by->tenant, id, &r));
    if (r.bad > 0 || !str_eq_z(r.state, "preview"))
        return FAIL(E_STATE, "roster-state", "no preview without faults");
    err = q_roster_start(tx, by->tenant, id, now, &changed);
    if (err == E_CONFLICT)
        return FAIL(E_CONFLICT, "roster-same", "this file ran meanwhile");
    TRY(err);
    if (changed == 0)
        return FAIL(E_STATE, "roster-state", "started meanwhile");
    return run(tx, by, id, now);
}

enum err accounts_roster_again(struct tx *tx, const struct audit_by *by, struct roster_id id,
                               struct timestamp now)
{
    struct accounts_roster r;
    uint64_t changed, rows;

    TRY(accounts_roster_get(tx, by->tenant, id, &r));
    TRY(q_roster_rows_again(tx, by->tenant, id, &rows));
    TRY(q_roster_again(tx, by->tenant, id, &changed));
    if (changed == 0 || rows == 0)
        return FAIL(E_STATE, "roster-state", "nothing to be done again");
    return run(tx, by, id, now);
}

enum err accounts_roster_drop(struct tx *tx, const struct audit_by *by, struct roster_id id)
{
    uint64_t changed;

    TRY(q_roster_drop(tx, by->tenant, id, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "", "no such preview");
    return audit_note(tx, by, "accounts.roster.drop", "roster", id.v, NULL);
}

enum err accounts_roster_work(struct tx *tx, struct tenant_id tenant, struct roster_id id,
                              struct timestamp now)
{
    struct accounts_info who;
    struct accounts_roster r;
    uint64_t stopped;
    bool more = false;
    enum err err = accounts_roster_get(tx, tenant, id, &r);

    if (err == E_ABSENT || (err == E_OK && !str_eq_z(r.state, "running"))) {
        fault_clear(); /* forgotten, or done by an earlier attempt */
        return E_OK;
    }
    TRY(err);
    TRY(accounts_get(tx, tenant, r.account, &who));
    const struct audit_by by = { .tenant = tenant, .account = r.account, .name = who.name };
    if (who.state != ACCOUNTS_ACTIVE || (who.roles & ROLE_CUSTOMER_ADMIN) == 0)
        TRY(q_roster_rows_stop(tx, tenant, id, &stopped));
    TRY(run_some(tx, &by, id, now, &more));
    return more ? order(tx, tenant, id) : E_OK;
}

enum err accounts_roster_purge(struct tx *tx, struct timestamp now, uint64_t *gone)
{
    const struct audit_by by = { .name = STR("worker") };
    struct json *detail;

    TRY(q_roster_purge(tx, timestamp_add(now, -DAY_US), timestamp_add(now, -30 * DAY_US), gone));
    if (*gone == 0)
        return E_OK;
    detail = json_new_object();
    json_set_i64(detail, "files", (int64_t)*gone);
    return audit_note(tx, &by, "accounts.roster.purge", NULL, 0, detail);
}
