/* authority_work.c - the worker's jobs and tasks of the authority slice; see authority_work.h */
#include "features/authority/authority_work.h"

#include "features/audit/audit.h"
#include "features/authority/authority_inside.h"
#include "store/gen/authority.q.h"

enum { SERVICES_MAX = 100, STUCK_MAX = 100 };

/* What one transaction prepares or signs at most: a commit costs as much as several of them. A step
 * takes milliseconds: after a killed worker the next one goes on soon. */
enum { GROUP = 64 };
#define LEASE_US (15 * SECOND_US)

static struct hsm *token;

void authority_work_open(struct hsm *ca)
{
    token = ca;
}

void authority_work_close(void)
{
    authority_keys_forget();
    token = NULL;
}

static enum err certificate_of(const struct work *w, struct certificate_id *id)
{
    int64_t v;

    if (!json_get_i64(w->payload, "certificate", &v) || v <= 0)
        return FAIL(E_INPUT, "job-payload", "no certificate in the job");
    id->v = (uint64_t)v;
    return E_OK;
}

static enum err run_prepare(struct work *w)
{
    struct certificate_id id = { 0 };

    TRY(certificate_of(w, &id));
    return authority_prepare(w->tx, id);
}

static enum err run_sign(struct work *w)
{
    struct certificate_id id = { 0 };

    TRY(certificate_of(w, &id));
    return authority_sign(w->tx, token, id);
}

static enum err run_crls(struct work *w)
{
    return authority_make_crls(w->tx, token);
}

static enum err run_renew(struct work *w)
{
    return authority_renew_services(w->tx);
}

/* Jobs may have died with an absent token; when it is back, what they were for goes on. */
static enum err run_stuck(struct work *w)
{
    struct q_certificate_stuck *rows;
    size_t n;

    TRY(q_certificate_stuck(w->tx, timestamp_add(clock_now(), -30 * MINUTE_US), STUCK_MAX, &rows,
                            &n));
    for (size_t i = 0; i < n; i++)
        TRY(authority_job(w->tx, rows[i].signing ? AUTHORITY_JOB_SIGN : AUTHORITY_JOB_ISSUE,
                          rows[i].id));
    return E_OK;
}

const struct worker_job authority_work_jobs[] = {
    { .kind = AUTHORITY_JOB_ISSUE, .run = run_prepare, .lease_us = LEASE_US, .group = GROUP },
    { .kind = AUTHORITY_JOB_SIGN, .run = run_sign, .lease_us = LEASE_US, .group = GROUP },
    /* many revocations order as many lists: the first job makes them, the others find nothing */
    { .kind = AUTHORITY_JOB_CRL, .run = run_crls, .lease_us = 5 * MINUTE_US, .group = GROUP },
    { .kind = NULL },
};

const struct worker_task authority_work_tasks[] = {
    { .name = "authority.crl", .every_us = 30 * SECOND_US, .run = run_crls },
    { .name = "authority.renew", .every_us = HOUR_US, .run = run_renew },
    { .name = "authority.stuck", .every_us = 10 * MINUTE_US, .run = run_stuck },
    { .name = NULL },
};

enum err authority_renew_services(struct tx *tx)
{
    struct q_service_key_due *due;
    struct certificate_id id;
    size_t n;

    TRY(q_service_key_due(tx, clock_now(), SERVICES_MAX, &due, &n));
    for (size_t i = 0; i < n; i++) {
        const struct authority_order order = { .authority = due[i].authority,
                                               .profile = authority_profile(due[i].kind),
                                               .subject = due[i].subject,
                                               .spki = due[i].spki };
        const struct audit_by by = { .name = STR("certification authority") };
        TRY(authority_order(tx, &order, &id));
        TRY(audit_note(tx, &by, "authority.service.renew", "certificate", id.v, NULL));
    }
    return E_OK;
}
