/* accounts_tasks.c - dormancy, end of contract, forgetting what is over. Run by the worker. */
#include "features/accounts/accounts_tasks.h"

#include "base/json.h"
#include "base/log.h"
#include "features/accounts/accounts_core.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"

#define BATCH 200 /* rows of one run; the rest comes with the next */
#define HISTORY_DAYS 400
#define SESSION_DAYS 30

static const struct audit_by worker = { .name = { "worker", 6 } };

static struct audit_by worker_by(struct tenant_id tenant)
{
    struct audit_by by = worker;
    by.tenant = tenant;
    return by;
}

static enum err warn(struct tx *tx, struct account_id id, struct tenant_id tenant,
                     struct timestamp now)
{
    struct audit_by by = worker_by(tenant);
    TRY(q_account_set_warned(tx, id, now));
    TRY(accounts_mail_order(tx, ACCOUNTS_MAIL_DORMANT, id));
    return audit_note(tx, &by, "accounts.dormant.warn", "account", id.v, NULL);
}

static enum err suspend(struct tx *tx, struct account_id id, struct tenant_id tenant,
                        struct timestamp now, uint64_t *suspended)
{
    struct audit_by by = worker_by(tenant);
    enum err err = accounts_admins_remain(tx, id);

    if (err == E_STATE) { /* P3-64 weighs more than P3-144 */
        log_warning("account %llu is dormant, but the second last system administrator",
                    (unsigned long long)id.v);
        fault_clear();
        return E_OK;
    }
    TRY(err);
    TRY(accounts_move(tx, &by, id, tenant, ACCOUNTS_ACTIVE, ACCOUNTS_SUSPENDED, "dormant",
                      "accounts.account.suspend", now));
    TRY(accounts_mail_order(tx, ACCOUNTS_MAIL_SUSPENDED, id));
    (*suspended)++;
    return E_OK;
}

enum err accounts_task_dormancy(struct tx *tx, struct timestamp now, uint64_t *warned,
                                uint64_t *suspended)
{
    const struct accounts_config *c = accounts_config();
    int64_t dormant = (int64_t)c->dormant_days * DAY_US;
    int64_t notice = (int64_t)c->dormant_warn_days * DAY_US;
    struct q_account_dormant_warn *soon;
    struct q_account_dormant *over;
    size_t n;

    *warned = *suspended = 0;
    TRY(q_account_dormant(tx, timestamp_add(now, -dormant), timestamp_add(now, -notice), BATCH,
                          &over, &n));
    for (size_t i = 0; i < n; i++)
        TRY(suspend(tx, over[i].id, over[i].tenant, now, suspended));
    TRY(q_account_dormant_warn(tx, timestamp_add(now, notice - dormant), BATCH, &soon, &n));
    for (size_t i = 0; i < n; i++)
        TRY(warn(tx, soon[i].id, soon[i].tenant, now));
    *warned = n;
    return E_OK;
}

/* Stop a batch of the tenant's people; *rest when there are more. */
static enum err stop_people(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                            uint64_t *stopped, bool *rest)
{
    struct audit_by by = worker_by(tenant);
    struct q_account_of_tenant *people;
    size_t n;

    TRY(q_account_of_tenant(tx, tenant, BATCH, &people, &n));
    for (size_t i = 0; i < n; i++)
        TRY(accounts_move(tx, &by, people[i].id, tenant, accounts_state_from(people[i].state),
                          ACCOUNTS_SUSPENDED, "contract-end", "accounts.account.suspend", now));
    *stopped += n;
    *rest = n == BATCH;
    return E_OK;
}

enum err accounts_task_contracts(struct tx *tx, struct timestamp now, uint64_t *stopped)
{
    struct q_tenant_ending *over;
    size_t n;

    *stopped = 0;
    TRY(q_tenant_ending(tx, now, 5, &over, &n));
    for (size_t i = 0; i < n; i++) {
        struct audit_by by = worker_by(over[i].id);
        bool rest;
        TRY(stop_people(tx, over[i].id, now, stopped, &rest));
        if (rest)
            continue;
        TRY(q_tenant_set_ended(tx, over[i].id, now));
        TRY(audit_note(tx, &by, "accounts.tenant.end", "tenant", over[i].id.v, NULL));
    }
    return E_OK;
}

enum err accounts_task_purge(struct tx *tx, struct timestamp now, uint64_t *gone)
{
    uint64_t n = 0;

    TRY(q_session_purge(tx, timestamp_add(now, -SESSION_DAYS * DAY_US), 1000, gone));
    TRY(q_password_link_purge(tx, timestamp_add(now, -SESSION_DAYS * DAY_US), 1000, &n));
    *gone += n;
    TRY(q_login_event_purge(tx, timestamp_add(now, -HISTORY_DAYS * DAY_US), 1000, &n));
    *gone += n;
    return E_OK;
}
