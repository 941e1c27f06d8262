/*
 * bulk_run_work.c - doing the rows, some at a time in one transaction, each as a part of it that
 * can fail alone. A row and what came of it commit together: a worker that dies repeats no row and
 * forgets none.
 */
#include "features/bulk/bulk_inside_work.h"

#include "base/json.h"
#include "features/registration/registration.h"
#include "store/db.h"
#include "store/gen/bulk.q.h"

enum { SETTLE_US = 2 * 1000 * 1000 };

/* One row, for tx_part(). */
struct part {
    const struct bulk_inside *run;
    const struct q_bulk_row_next *row;
    struct timestamp now;
    struct bulk_order o;
    struct bulk_done done;
};

/* The same id was done before, in this run or another: E_OK with state BULK_ROW_SAME. */
static enum err done_before(struct tx *tx, const struct part *p, struct bulk_done *out)
{
    struct q_bulk_once_get q;

    TRY(q_bulk_once_get(tx, p->run->who.tenant, str_z(bulk_operation_name(p->o.operation)),
                        p->o.ref, &q));
    *out = (struct bulk_done){ BULK_ROW_SAME, q.application, q.certificate, q.receipt };
    return E_OK;
}

static enum err once(struct tx *tx, struct part *p, bool *before)
{
    enum err e;

    *before = false;
    if (p->o.ref.n == 0 || p->o.operation == BULK_NONE)
        return E_OK;
    e = q_bulk_once_add(tx, p->run->who.tenant, str_z(bulk_operation_name(p->o.operation)),
                        p->o.ref, p->run->id, p->row->seq);
    if (e != E_CONFLICT)
        return e;
    fault_clear();
    *before = true;
    return done_before(tx, p, &p->done);
}

static enum err do_row(struct tx *tx, void *arg)
{
    struct arena *a = tx_arena(tx);
    struct certificate_id certificate;
    struct registration_new n;
    struct part *p = arg;
    struct str *cells;
    bool before;
    size_t count;

    TRY(bulk_order_texts(a, p->row->cells, &cells, &count));
    bulk_order_read(a, p->run->profile, &p->run->columns, cells, count, &p->o);
    TRY(once(tx, p, &before));
    if (before)
        return E_OK;
    TRY(bulk_judge(tx, p->run, &p->o, p->now, &n, &certificate));
    if (bulk_order_refused(&p->o))
        return FAIL(E_INPUT, "bulk-refused", "row %u", p->row->seq);
    return bulk_work_do(tx, p->run, p->row->seq, &p->o, &n, certificate, p->now, &p->done);
}

/* Of the row itself; anything else is tried again later with all of them. */
static bool rows_fault(enum err e)
{
    return e == E_INPUT || e == E_STATE || e == E_DENIED || e == E_ABSENT || e == E_CONFLICT ||
           e == E_UNSUPPORTED || e == E_LIMIT || e == E_AUTH;
}

static enum err row_outcome(struct tx *tx, struct part *p)
{
    struct arena *a = tx_arena(tx);
    enum err e = tx_part(tx, do_row, p);

    if (e != E_OK) {
        const char *reason = fault_current()->reason;
        if (!rows_fault(e))
            return e;
        p->done = (struct bulk_done){ .state = BULK_ROW_FAILED, .receipt = STR("") };
        if (!bulk_order_refused(&p->o))
            bulk_order_refuse(&p->o, str_dup(a, str_z(reason[0] ? reason : "bulk-refused")).p,
                              STR(""), STR(""));
        fault_clear();
    }
    return q_bulk_row_outcome(tx, p->run->id, p->row->seq,
                              str_z(bulk_row_state_name(p->done.state)),
                              bulk_order_findings(a, p->o.findings, p->o.findings_n),
                              p->done.application, p->done.certificate, p->done.receipt, p->now);
}

/* Whoever uploaded it must still be who may do this. */
static enum err rest(struct tx *tx, const struct bulk_inside *run)
{
    const struct audit_by by = { .tenant = run->who.tenant, .name = STR("worker") };
    uint64_t changed;

    TRY(q_bulk_run_pause(tx, run->who.tenant, run->id, STR("bulk-person-stopped"), &changed));
    return audit_note(tx, &by, "bulk.run.rest", "bulk", run->id.v, NULL);
}

static enum err do_rows(struct work *w, const struct bulk_inside *run, size_t *n)
{
    const struct audit_by by = { .tenant = run->who.tenant,
                                 .account = run->who.account,
                                 .name = run->name };
    struct json *detail = json_new_object();
    struct q_bulk_row_next *rows;
    uint32_t failed = 0;
    enum err e = q_bulk_row_next(w->tx, run->id, &rows, n);

    for (size_t i = 0; i < *n && e == E_OK; i++) {
        struct part p = { .run = run, .row = &rows[i], .now = clock_now() };
        p.o = (struct bulk_order){ .findings_n = 0 };
        p.o.findings = ARENA_ARRAY(w->arena, BULK_FINDINGS_MAX, struct profiles_finding);
        e = row_outcome(w->tx, &p);
        failed += p.done.state == BULK_ROW_FAILED;
    }
    if (e != E_OK || *n == 0) {
        json_free(detail);
        return e;
    }
    json_set_i64(detail, "from", rows[0].seq);
    json_set_i64(detail, "to", rows[*n - 1].seq);
    json_set_i64(detail, "failed", failed);
    return audit_note(w->tx, &by, "bulk.rows.do", "bulk", run->id.v, detail);
}

enum err bulk_work_run(struct work *w)
{
    struct bulk_inside run;
    size_t n;
    enum err e = bulk_work_load(w, &run);

    if (e == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(e);
    if (run.state != BULK_RUNNING)
        return E_OK; /* paused or stopped: whoever resumes orders the job again */
    if (!run.active)
        return rest(w->tx, &run);
    run.doing = true;
    TRY(do_rows(w, &run, &n));
    return n == 0 ? E_OK : bulk_job(w->tx, BULK_JOB_RUN, run.id, TIMESTAMP_NONE);
}

/* --- what became of them --- */

static enum err finish(struct work *w, const struct bulk_inside *run)
{
    struct timestamp now = clock_now();
    uint64_t changed;

    TRY(q_bulk_run_done(w->tx, run->id, now, timestamp_add(now, BULK_KEEP_DAYS * DAY_US),
                        &changed));
    return changed ? bulk_work_tell(w->tx, run, now) : E_OK;
}

enum err bulk_work_settle(struct work *w)
{
    struct bulk_counts c;
    struct bulk_inside run;
    struct timestamp now = clock_now();
    enum err e = bulk_work_load(w, &run);

    if (e == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(e);
    TRY(q_bulk_row_approved(w->tx, run.id));
    TRY(q_bulk_row_issued(w->tx, run.id, now));
    TRY(q_bulk_row_refused(w->tx, run.id, now));
    TRY(q_bulk_once_drop(w->tx, run.id));
    const struct bulk_run asked = { .id = run.id, .tenant = run.who.tenant };
    TRY(bulk_count(w->tx, &asked, &c));
    if (run.state == BULK_RUNNING && c.rows[BULK_ROW_READY] == 0 && c.rows[BULK_ROW_SENT] == 0)
        return finish(w, &run);
    if (run.state == BULK_RUNNING || c.rows[BULK_ROW_SENT] > 0)
        return bulk_job(w->tx, BULK_JOB_SETTLE, run.id, timestamp_add(now, SETTLE_US));
    return E_OK;
}
