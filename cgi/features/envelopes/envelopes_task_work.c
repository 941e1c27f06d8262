/* envelopes_task_work.c - deadlines, reminders, the end of what is held, in the worker. */
#include "features/envelopes/envelopes_inside_work.h"

#include "store/gen/envelopes.q.h"

#define BATCH 100
#define PURGE_BATCH 1000

static struct audit_by the_worker(struct tenant_id tenant)
{
    return (struct audit_by){ .tenant = tenant, .name = STR("worker") };
}

enum err envelopes_work_expire(struct tx *tx, struct timestamp now, size_t *n)
{
    struct q_envelope_due_expire *due;
    struct envelopes_envelope e;

    TRY(q_envelope_due_expire(tx, now, BATCH, &due, n));
    for (size_t i = 0; i < *n; i++) {
        struct audit_by by = the_worker(due[i].tenant);
        TRY(envelopes_inside_get(tx, due[i].id, &e));
        TRY(envelopes_inside_end(tx, &e, ENVELOPES_EXPIRED, STR_ABSENT, "expired", &by, now));
        TRY(envelopes_inside_audit(tx, &e, &by, "envelopes.envelope.expire"));
    }
    return E_OK;
}

enum err envelopes_work_remind(struct tx *tx, struct timestamp now, size_t *n)
{
    struct q_envelope_due_remind *due;
    struct envelopes_envelope e;
    uint64_t changed;

    TRY(q_envelope_due_remind(tx, now, BATCH, &due, n));
    for (size_t i = 0; i < *n; i++) {
        struct audit_by by = the_worker(due[i].tenant);
        TRY(q_party_reminded(tx, due[i].party, now, &changed));
        if (changed != 1)
            continue; /* signed a moment ago */
        TRY(envelopes_inside_get(tx, due[i].envelope, &e));
        TRY(envelopes_inside_mail(tx, "remind", e.id, due[i].party));
        TRY(envelopes_inside_event(tx, e.id, due[i].party, "reminded", &by, now));
        TRY(envelopes_inside_audit(tx, &e, &by, "envelopes.party.remind"));
    }
    return E_OK;
}

enum err envelopes_work_erase(struct tx *tx, struct timestamp now, size_t *n)
{
    const struct party_id nobody = { 0 };
    struct q_envelope_due_erase *due;
    struct envelopes_envelope e;
    uint64_t changed;

    TRY(q_envelope_due_erase(tx, now, BATCH, &due, n));
    for (size_t i = 0; i < *n; i++) {
        struct audit_by by = the_worker(due[i].tenant);
        TRY(envelopes_inside_get(tx, due[i].id, &e));
        TRY(q_envelope_erased(tx, e.id, now, &changed));
        TRY(envelopes_inside_event(tx, e.id, nobody, "erased", &by, now));
        TRY(envelopes_inside_audit(tx, &e, &by, "envelopes.envelope.erase"));
    }
    return E_OK;
}

static enum err expire(struct work *w)
{
    size_t n;
    return envelopes_work_expire(w->tx, clock_now(), &n);
}

static enum err remind(struct work *w)
{
    size_t n;
    return envelopes_work_remind(w->tx, clock_now(), &n);
}

static enum err erase(struct work *w)
{
    size_t n;
    return envelopes_work_erase(w->tx, clock_now(), &n);
}

static enum err purge(struct work *w)
{
    struct timestamp now = clock_now();
    struct audit_by by = the_worker((struct tenant_id){ 0 });
    uint64_t links, visits, envelopes;

    TRY(q_link_purge(w->tx, now, PURGE_BATCH, &links));
    TRY(q_visit_purge(w->tx, now, PURGE_BATCH, &visits));
    TRY(q_envelope_purge(w->tx, now, PURGE_BATCH, &envelopes));
    struct json *detail = json_new_object();
    json_set_i64(detail, "envelopes", (int64_t)envelopes);
    return audit_note(w->tx, &by, "envelopes.record.purge", NULL, 0, detail);
}

const struct worker_task envelopes_work_tasks[] = {
    { "envelopes.expire", MINUTE_US, expire },
    { "envelopes.remind", 10 * MINUTE_US, remind },
    { "envelopes.erase", 30 * SECOND_US, erase },
    { "envelopes.purge", 24 * HOUR_US, purge },
    { NULL, 0, NULL },
};
