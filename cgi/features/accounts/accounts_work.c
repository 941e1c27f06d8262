/* accounts_work.c - jobs and tasks of the slice in the worker. */
#include "features/accounts/accounts_work.h"

#include "base/log.h"
#include "features/accounts/accounts_roster.h"
#include "store/db.h"

static const struct accounts_mail_writer *writer;

void accounts_work_init(const struct accounts_mail_writer *w)
{
    writer = w;
}

static enum err mail(struct work *w)
{
    enum accounts_mail_kind kind;
    int64_t account;

    if (!json_get_i64(w->payload, "account", &account) || account <= 0 ||
        !accounts_mail_from_name(json_get_str(w->payload, "mail"), &kind))
        return FAIL(E_INPUT, "", "malformed accounts.mail job");
    return accounts_mail_send_to(w->tx, writer, kind, (struct account_id){ (uint64_t)account },
                                 json_get_str(w->payload, "to"), w->job.v, clock_now());
}

static enum err reset(struct work *w)
{
    struct str login = json_get_str(w->payload, "login");
    if (!login.p)
        return FAIL(E_INPUT, "", "malformed accounts.reset job");
    return accounts_mail_reset(w->tx, writer, login, w->job.v, clock_now());
}

static enum err dormancy(struct work *w)
{
    uint64_t warned, suspended;
    TRY(accounts_task_dormancy(w->tx, clock_now(), &warned, &suspended));
    if (warned || suspended)
        log_info("dormancy: %llu warned, %llu suspended", (unsigned long long)warned,
                 (unsigned long long)suspended);
    return E_OK;
}

static enum err contracts(struct work *w)
{
    uint64_t stopped;
    TRY(accounts_task_contracts(w->tx, clock_now(), &stopped));
    if (stopped)
        log_info("end of contract: %llu accounts stopped", (unsigned long long)stopped);
    return E_OK;
}

static enum err purge(struct work *w)
{
    uint64_t gone;
    TRY(accounts_task_purge(w->tx, clock_now(), &gone));
    return accounts_roster_purge(w->tx, clock_now(), &gone);
}

static enum err roster(struct work *w)
{
    int64_t tenant, id;

    if (!json_get_i64(w->payload, "tenant", &tenant) || tenant <= 0 ||
        !json_get_i64(w->payload, "roster", &id) || id <= 0)
        return FAIL(E_INPUT, "", "malformed accounts.roster job");
    return accounts_roster_work(w->tx, (struct tenant_id){ (uint64_t)tenant },
                                (struct roster_id){ (uint64_t)id }, clock_now());
}

const struct worker_job accounts_work_jobs[] = {
    { .kind = "accounts.mail", .run = mail },
    { .kind = "accounts.reset", .run = reset, .attempts = 5 },
    { .kind = ACCOUNTS_ROSTER_JOB, .run = roster },
    { 0 },
};

const struct worker_task accounts_work_tasks[] = {
    { "accounts.dormancy", HOUR_US, dormancy },
    { "accounts.contracts", MINUTE_US, contracts },
    { "accounts.purge", HOUR_US, purge },
    { 0 },
};
