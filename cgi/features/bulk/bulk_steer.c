/* bulk_steer.c - what people do with a run: start, pause, stop, again, throw away. See bulk.h. */
#include "features/bulk/bulk_inside.h"

#include "base/json.h"
#include "features/bulk/bulk_box.h"
#include "store/db.h"
#include "store/gen/bulk.q.h"
#include "store/jobs.h"

static enum err note(struct tx *tx, const struct audit_by *by, const struct bulk_run *run,
                     const char *action, struct json *detail)
{
    struct audit_entry e = { .by = *by,
                             .tenant = run->tenant,
                             .action = action,
                             .object_kind = "bulk",
                             .object = run->public_id };
    if (detail)
        e.detail = bulk_order_json(tx_arena(tx), detail);
    return audit_write(tx, &e);
}

static enum err own(const struct bulk_who *who, const struct bulk_run *run)
{
    if (who->account.v != run->account.v || who->account.v == 0)
        return FAIL(E_DENIED, "bulk-not-yours", "uploaded by another person");
    return E_OK;
}

static enum err wrong_state(const struct bulk_run *run)
{
    return FAIL(E_STATE, "bulk-state", "run %llu is %s", (unsigned long long)run->id.v,
                bulk_state_name(run->state));
}

static struct timestamp keep_until(struct timestamp now)
{
    return timestamp_add(now, BULK_KEEP_DAYS * DAY_US);
}

static enum err go(struct tx *tx, const struct bulk_run *run, struct timestamp now)
{
    TRY(bulk_job(tx, BULK_JOB_RUN, run->id, TIMESTAMP_NONE));
    return bulk_job(tx, BULK_JOB_SETTLE, run->id, timestamp_add(now, SECOND_US));
}

enum err bulk_start(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                    const struct bulk_run *run, struct timestamp now, struct secret **password)
{
    struct json *detail;
    struct bulk_counts c;
    struct bulk_box box = { .public = BYTES_ABSENT };
    uint64_t changed;

    *password = NULL;
    TRY(own(who, run));
    TRY(bulk_count(tx, run, &c));
    if (run->state != BULK_CHECKED)
        return wrong_state(run);
    if (c.rows[BULK_ROW_READY] == 0)
        return FAIL(E_INPUT, "bulk-nothing", "no row is ready");
    if (c.pkcs12 > BULK_KEYS_MAX)
        return FAIL(E_LIMIT, "bulk-keys", "%llu keys", (unsigned long long)c.pkcs12);
    if (c.pkcs12 > 0)
        TRY(bulk_box_make(tx_arena(tx), run->public_id, &box, password));
    TRY(q_bulk_run_start(tx, run->tenant, run->id, now, keep_until(now), box.public, box.salt,
                         box.sealed, &changed));
    if (changed != 1)
        return wrong_state(run);
    TRY(go(tx, run, now));
    detail = json_new_object();
    json_set_i64(detail, "rows", (int64_t)c.rows[BULK_ROW_READY]);
    json_set_i64(detail, "refused", (int64_t)c.rows[BULK_ROW_BAD]);
    return note(tx, by, run, "bulk.run.start", detail);
}

enum err bulk_pause(struct tx *tx, const struct audit_by *by, const struct bulk_run *run,
                    struct timestamp now)
{
    uint64_t changed;

    (void)now;
    TRY(q_bulk_run_pause(tx, run->tenant, run->id, STR(""), &changed));
    return changed == 1 ? note(tx, by, run, "bulk.run.pause", NULL) : wrong_state(run);
}

enum err bulk_stop(struct tx *tx, const struct audit_by *by, const struct bulk_run *run,
                   struct timestamp now)
{
    uint64_t changed;

    TRY(q_bulk_run_stop(tx, run->tenant, run->id, now, keep_until(now), &changed));
    if (changed != 1)
        return wrong_state(run);
    TRY(bulk_job(tx, BULK_JOB_SETTLE, run->id, TIMESTAMP_NONE));
    return note(tx, by, run, "bulk.run.stop", NULL);
}

enum err bulk_resume(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                     const struct bulk_run *run, struct timestamp now)
{
    uint64_t changed;

    TRY(own(who, run));
    if (run->state != BULK_PAUSED && run->state != BULK_STOPPED)
        return wrong_state(run);
    TRY(q_bulk_run_again(tx, run->tenant, run->id, keep_until(now), &changed));
    if (changed != 1)
        return wrong_state(run);
    TRY(go(tx, run, now));
    return note(tx, by, run, "bulk.run.resume", NULL);
}

enum err bulk_retry(struct tx *tx, const struct audit_by *by, const struct bulk_who *who,
                    const struct bulk_run *run, uint32_t seq, struct timestamp now, uint64_t *n)
{
    struct json *detail;
    uint64_t changed;

    TRY(own(who, run));
    if (run->state == BULK_CHECKING || run->state == BULK_CHECKED || run->erased)
        return wrong_state(run);
    TRY(q_bulk_row_again(tx, run->tenant, run->id, seq, n));
    if (*n == 0)
        return FAIL(E_STATE, "bulk-nothing", "no such row failed");
    if (run->state != BULK_RUNNING)
        TRY(q_bulk_run_again(tx, run->tenant, run->id, keep_until(now), &changed));
    TRY(go(tx, run, now));
    detail = json_new_object();
    json_set_i64(detail, "rows", (int64_t)*n);
    return note(tx, by, run, "bulk.run.retry", detail);
}

enum err bulk_recheck(struct tx *tx, const struct audit_by *by, const struct bulk_run *run,
                      struct timestamp now)
{
    uint64_t changed;

    (void)now;
    TRY(q_bulk_run_unchecked(tx, run->tenant, run->id, &changed));
    if (changed != 1)
        return wrong_state(run);
    TRY(jobs_add(tx, BULK_JOB_AGAIN,
                 str_fmt(tx_arena(tx), "{\"run\":%llu,\"after\":0}", (unsigned long long)run->id.v),
                 TIMESTAMP_NONE, NULL));
    return note(tx, by, run, "bulk.run.recheck", NULL);
}

enum err bulk_discard(struct tx *tx, const struct audit_by *by, const struct bulk_run *run)
{
    uint64_t changed;

    TRY(q_bulk_run_drop(tx, run->tenant, run->id, &changed));
    return changed == 1 ? note(tx, by, run, "bulk.run.discard", NULL) : wrong_state(run);
}
