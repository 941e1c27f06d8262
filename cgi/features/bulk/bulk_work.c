/*
 * bulk_work.c - checking in the worker: the lines of a file become rows, some hundred in a
 * transaction. How far it came is in the run, so that a worker that dies loses the transaction at
 * hand and no more.
 */
#include "features/bulk/bulk_work.h"

#include "base/csv_stream.h"
#include "base/json.h"
#include "base/sjis.h"
#include "features/accounts/accounts.h"
#include "features/bulk/bulk_inside_work.h"
#include "features/registration/registration.h"
#include "store/db.h"
#include "store/gen/bulk.q.h"

enum { AT_ONCE = 200, WINDOW = 3 * BULK_PIECE, TRIES = 50 };

/* --- the run at hand --- */

static enum err load_person(struct tx *tx, struct bulk_inside *run)
{
    struct accounts_info who;

    TRY(accounts_get(tx, run->who.tenant, run->who.account, &who));
    run->who.roles = who.roles;
    run->name = who.name;
    run->email = who.email;
    run->lang = who.lang;
    run->active = who.state == ACCOUNTS_ACTIVE &&
                  (who.roles & (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)) != 0;
    return E_OK;
}

static enum err load_columns(struct tx *tx, struct str header, struct bulk_inside *run)
{
    struct str *titles;
    size_t n, at;

    TRY(bulk_order_texts(tx_arena(tx), header, &titles, &n));
    return bulk_columns_read(run->profile, titles, n, &run->columns, &at);
}

enum err bulk_work_load(struct work *w, struct bulk_inside *out)
{
    struct q_bulk_run_lock q;
    int64_t id = 0;

    if (!json_get_i64(w->payload, "run", &id) || id <= 0)
        return FAIL(E_INPUT, "", "malformed job");
    TRY(q_bulk_run_lock(w->tx, (struct bulk_id){ (uint64_t)id }, &q));
    *out = (struct bulk_inside){ .id = q.id,
                                 .public_id = q.public_id,
                                 .profile_name = q.profile,
                                 .encoding = q.encoding,
                                 .who = { .tenant = q.tenant, .account = q.account },
                                 .windows31j = str_eq_z(q.encoding, "windows-31j"),
                                 .separator = str_eq_z(q.format, "tsv") ? '\t' : ',',
                                 .state = bulk_state_from(q.state),
                                 .size = q.size,
                                 .row_count = q.row_count,
                                 .read_count = q.read_count,
                                 .read_at = q.read_at,
                                 .read_line = q.read_line,
                                 .box = q.box_public,
                                 .told = q.told_at };
    TRY(load_person(w->tx, out));
    TRY(profiles_get(w->tx, q.profile, 0, &out->profile));
    return load_columns(w->tx, q.header, out);
}

enum err bulk_work_text(struct arena *a, const struct bulk_inside *run, struct bytes cell,
                        struct str *out)
{
    if (run->windows31j)
        return sjis_decode(a, cell, out);
    *out = str_of(a, (const char *)cell.p, cell.n);
    return E_OK;
}

/* --- one row --- */

static enum err judge_twin(struct tx *tx, const struct bulk_inside *run, uint32_t seq,
                           struct bulk_order *o, struct bytes *twin)
{
    struct arena *a = tx_arena(tx);
    struct q_bulk_row_twin first;
    struct bytes32 made;

    *twin = BYTES_ABSENT;
    if (!bulk_order_twin(a, o, &made))
        return E_OK;
    *twin = bytes_dup(a, bytes_of_32(&made));
    enum err e = q_bulk_row_twin(tx, run->id, *twin, seq, &first);
    if (e == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(e);
    bulk_order_refuse(o, o->ref.n ? "bulk-id-twice" : "bulk-twice", o->ref.n ? STR("id") : STR(""),
                      str_fmt(a, "%u", first.line));
    return E_OK;
}

/* An id that was done is no mistake: the row will do nothing. */
static enum err judge_once(struct tx *tx, const struct bulk_inside *run, struct bulk_order *o)
{
    struct q_bulk_once_get done;
    enum err e;

    if (o->ref.n == 0 || o->operation == BULK_NONE)
        return E_OK;
    e = q_bulk_once_get(tx, run->who.tenant, str_z(bulk_operation_name(o->operation)), o->ref,
                        &done);
    if (e == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(e);
    o->findings_n = 0;
    const struct profiles_finding f = { .code = STR("bulk-done-before"),
                                        .field = STR("id"),
                                        .detail = str_fmt(tx_arena(tx), "%.*s, %u",
                                                          STR_ARG(done.filename), done.line) };
    bulk_order_add(o, &f, 1);
    return E_OK;
}

struct checked {
    struct bulk_order o;
    struct bytes twin;
    struct str findings;
    const char *state;
    struct str key;
};

static enum err check_row(struct tx *tx, const struct bulk_inside *run, uint32_t seq,
                          const struct str *cells, size_t n, struct timestamp now,
                          struct checked *out)
{
    struct arena *a = tx_arena(tx);
    struct certificate_id certificate;
    struct registration_new application;
    const char *key;

    bulk_order_read(a, run->profile, &run->columns, cells, n, &out->o);
    TRY(bulk_judge(tx, run, &out->o, now, &application, &certificate));
    TRY(judge_twin(tx, run, seq, &out->o, &out->twin));
    TRY(judge_once(tx, run, &out->o));
    out->findings = bulk_order_findings(a, out->o.findings, out->o.findings_n);
    out->state = bulk_order_refused(&out->o) ? "bad" : "ready";
    key = profiles_key_name(out->o.key);
    out->key = key ? str_z(key) : STR("");
    return E_OK;
}

static struct str ref_of(struct arena *a, const struct bulk_order *o)
{
    return o->ref.n ? str_printable(a, o->ref, BULK_REF_MAX) : STR_ABSENT;
}

static enum err add_row(struct tx *tx, const struct bulk_inside *run, const struct csv_record *rec,
                        struct timestamp now)
{
    struct arena *a = tx_arena(tx);
    struct str *cells = ARENA_ARRAY(a, rec->n, struct str);
    struct checked c;

    for (size_t i = 0; i < rec->n; i++)
        TRY(bulk_work_text(a, run, rec->cells[i], &cells[i]));
    TRY(check_row(tx, run, run->read_count + 1, cells, rec->n, now, &c));
    return q_bulk_row_add(tx, run->id, run->read_count + 1, run->who.tenant, (uint32_t)rec->line,
                          str_z(bulk_operation_name(c.o.operation)), c.key, str_z(c.state),
                          ref_of(a, &c.o), c.o.title, c.twin, bulk_order_cells(a, cells, rec->n),
                          c.findings);
}

/* --- the next lines --- */

/* From read_at on: more than any record takes, or the rest of the file. */
static enum err window(struct tx *tx, const struct bulk_inside *run, struct csv_stream *r)
{
    uint32_t seq = run->read_at / BULK_PIECE, base = seq * BULK_PIECE;
    uint8_t *all = arena_alloc(tx_arena(tx), WINDOW);
    struct q_bulk_piece_from *q;
    size_t n, used = 0;

    TRY(q_bulk_piece_from(tx, run->id, seq, &q, &n));
    for (size_t i = 0; i < n; i++) {
        memcpy(all + used, q[i].data.p, q[i].data.n);
        used += q[i].data.n;
    }
    if (used < run->read_at - base)
        return FAIL(E_INTERNAL, "", "run %llu: its file ends before %u",
                    (unsigned long long)run->id.v, run->read_at);
    *r = (struct csv_stream){ .data = { all, used },
                              .last = base + used == run->size,
                              .separator = run->separator,
                              .at = run->read_at - base,
                              .line = run->read_line };
    return E_OK;
}

static enum err check_lines(struct work *w, struct bulk_inside *run, bool *over)
{
    struct timestamp now = clock_now();
    struct csv_stream r = { .at = 0 };
    size_t before;
    enum err e = E_OK;

    TRY(window(w->tx, run, &r));
    before = r.at;
    for (int i = 0; i < AT_ONCE; i++) {
        struct csv_record rec;
        e = csv_stream_next(&r, w->arena, &rec);
        if (e != E_OK)
            break;
        TRY(add_row(w->tx, run, &rec, now));
        run->read_count++;
    }
    if (e != E_OK && e != E_ABSENT)
        return e;
    fault_clear();
    *over = e == E_ABSENT && r.last;
    run->read_at += (uint32_t)(r.at - before);
    run->read_line = (uint32_t)r.line;
    return E_OK;
}

/* A run that is gone, or further than the job believes, is no error. */
static enum err gone(enum err e)
{
    if (e != E_ABSENT)
        return e;
    fault_clear();
    return E_OK;
}

static enum err check(struct work *w)
{
    struct bulk_inside run = { .read_at = 0 };
    bool over = false;
    enum err e = bulk_work_load(w, &run);

    if (e != E_OK)
        return gone(e);
    if (run.state != BULK_CHECKING)
        return E_OK;
    TRY(check_lines(w, &run, &over));
    TRY(q_bulk_run_read(w->tx, run.id, run.read_at, run.read_line, run.read_count,
                        over ? STR("checked") : STR("checking")));
    if (!over)
        return bulk_job(w->tx, BULK_JOB_CHECK, run.id, TIMESTAMP_NONE);
    return q_bulk_piece_drop(w->tx, run.id);
}

/* --- once more --- */

static enum err check_again(struct work *w, const struct bulk_inside *run,
                            const struct q_bulk_row_recheck *q)
{
    struct str *cells;
    struct checked c;
    size_t n;

    TRY(bulk_order_texts(w->arena, q->cells, &cells, &n));
    TRY(check_row(w->tx, run, q->seq, cells, n, clock_now(), &c));
    return q_bulk_row_found(w->tx, run->id, q->seq, str_z(bulk_operation_name(c.o.operation)),
                            c.key, str_z(c.state), ref_of(w->arena, &c.o), c.o.title, c.twin,
                            c.findings);
}

static enum err recheck(struct work *w)
{
    struct q_bulk_row_recheck *q;
    struct bulk_inside run = { .read_at = 0 };
    int64_t after = 0;
    size_t n;
    enum err e = bulk_work_load(w, &run);

    if (e != E_OK)
        return gone(e);
    if (run.state != BULK_CHECKING || !json_get_i64(w->payload, "after", &after))
        return E_OK;
    TRY(q_bulk_row_recheck(w->tx, run.id, (uint32_t)after, &q, &n));
    for (size_t i = 0; i < n; i++)
        TRY(check_again(w, &run, &q[i]));
    run.read_count += (uint32_t)n;
    TRY(q_bulk_run_read(w->tx, run.id, run.read_at, run.read_line, run.read_count,
                        n == 0 ? STR("checked") : STR("checking")));
    if (n == 0)
        return E_OK;
    return jobs_add(w->tx, BULK_JOB_AGAIN,
                    str_fmt(w->arena, "{\"run\":%llu,\"after\":%u}", (unsigned long long)run.id.v,
                            q[n - 1].seq),
                    TIMESTAMP_NONE, NULL);
}

/* --- erasing --- */

static enum err erase(struct work *w)
{
    const struct audit_by worker = { .name = STR("worker") };
    struct q_bulk_run_due *due;
    struct timestamp now = clock_now();
    uint64_t changed;
    size_t n;

    TRY(q_bulk_run_due(w->tx, now, &due, &n));
    for (size_t i = 0; i < n; i++) {
        struct audit_by by = worker;
        by.tenant = due[i].tenant;
        if (str_eq_z(due[i].state, "checking") || str_eq_z(due[i].state, "checked")) {
            TRY(q_bulk_run_forget(w->tx, due[i].id));
            TRY(audit_note(w->tx, &by, "bulk.run.forget", "bulk", due[i].id.v, NULL));
            continue;
        }
        TRY(q_bulk_key_erase(w->tx, due[i].id, &changed));
        TRY(q_bulk_row_erase(w->tx, due[i].id, &changed));
        TRY(audit_note(w->tx, &by, "bulk.run.erase", "bulk", due[i].id.v, NULL));
        if (changed < 5000)
            TRY(q_bulk_run_erased(w->tx, due[i].id, now));
    }
    return E_OK;
}

/* Second approvals come days later: their rows are settled then. */
static enum err late(struct work *w)
{
    struct q_bulk_run_review *q;
    struct bulk_id after = { 0 };
    size_t n;

    do {
        TRY(q_bulk_run_review(w->tx, after, &q, &n));
        for (size_t i = 0; i < n; i++) {
            TRY(q_bulk_row_approved(w->tx, q[i].id));
            TRY(q_bulk_row_issued(w->tx, q[i].id, clock_now()));
            TRY(q_bulk_row_refused(w->tx, q[i].id, clock_now()));
            TRY(q_bulk_once_drop(w->tx, q[i].id));
            after = q[i].id;
        }
    } while (n == 50);
    return E_OK;
}

const struct worker_job bulk_work_jobs[] = {
    { .kind = BULK_JOB_CHECK, .run = check, .attempts = TRIES, .lease_us = 5 * MINUTE_US },
    { .kind = BULK_JOB_AGAIN, .run = recheck, .attempts = TRIES, .lease_us = 5 * MINUTE_US },
    { .kind = BULK_JOB_RUN, .run = bulk_work_run, .attempts = TRIES, .lease_us = 5 * MINUTE_US },
    { .kind = BULK_JOB_SETTLE,
      .run = bulk_work_settle,
      .attempts = TRIES,
      .lease_us = 5 * MINUTE_US },
    { .kind = NULL },
};

const struct worker_task bulk_work_tasks[] = {
    { .name = "bulk.erase", .every_us = 10 * MINUTE_US, .run = erase },
    { .name = "bulk.late", .every_us = 30 * SECOND_US, .run = late },
    { .name = NULL },
};

enum err bulk_work_init(const struct settings *c, bulk_words_fn words)
{
    bulk_work_words(words, settings_str(c, "url.portal"), settings_str(c, "provider.name"));
    return sjis_start();
}
