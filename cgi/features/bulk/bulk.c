/* bulk.c - runs and their rows as people see them; see bulk.h. */
#include "features/bulk/bulk_inside.h"

#include "base/encoding.h"
#include "base/json.h"
#include "store/db.h"
#include "store/gen/bulk.q.h"
#include "store/jobs.h"

static const char *const states[] = {
    "checking", "checked", "running", "paused", "stopped", "done"
};
static const char *const row_states[] = {
    "bad", "ready", "sent", "review", "done", "failed", "same"
};
static const char *const operations[] = { "", "issue", "renew", "revoke", "suspend", "release" };
_Static_assert(sizeof states / sizeof *states == BULK__STATES, "a name each");
_Static_assert(sizeof row_states / sizeof *row_states == BULK_ROW__STATES, "a name each");
_Static_assert(sizeof operations / sizeof *operations == BULK__OPERATIONS, "a name each");

static int place(const char *const *names, int n, struct str name)
{
    for (int i = 0; i < n; i++)
        if (str_eq_z(name, names[i]))
            return i;
    return n;
}

const char *bulk_state_name(enum bulk_state s)
{
    return (unsigned)s < BULK__STATES ? states[s] : "";
}

enum bulk_state bulk_state_from(struct str name)
{
    return (enum bulk_state)place(states, BULK__STATES, name);
}

const char *bulk_row_state_name(enum bulk_row_state s)
{
    return (unsigned)s < BULK_ROW__STATES ? row_states[s] : "";
}

enum bulk_row_state bulk_row_state_from(struct str name)
{
    return (enum bulk_row_state)place(row_states, BULK_ROW__STATES, name);
}

const char *bulk_operation_name(enum bulk_operation o)
{
    return (unsigned)o < BULK__OPERATIONS ? operations[o] : "";
}

enum bulk_operation bulk_operation_from(struct str name)
{
    return (enum bulk_operation)place(operations, BULK__OPERATIONS, name);
}

enum err bulk_job(struct tx *tx, const char *kind, struct bulk_id run, struct timestamp due)
{
    return jobs_add(tx, kind, str_fmt(tx_arena(tx), "{\"run\":%llu}", (unsigned long long)run.v),
                    due, NULL);
}

/* --- looking --- */

static struct bulk_run of_row(const struct q_bulk_run_find *q)
{
    return (struct bulk_run){ .id = q->id,
                              .public_id = q->public_id,
                              .tenant = q->tenant,
                              .account = q->account,
                              .account_name = q->account_name,
                              .profile = q->profile,
                              .filename = q->filename,
                              .encoding = q->encoding,
                              .format = q->format,
                              .lang = q->lang,
                              .pause = q->pause,
                              .header = q->header,
                              .state = bulk_state_from(q->state),
                              .row_count = q->row_count,
                              .read_count = q->read_count,
                              .size = q->size,
                              .box = q->box,
                              .erased = q->erased,
                              .created = q->created_at,
                              .started = q->started_at,
                              .ended = q->ended_at,
                              .erase = q->erase_at };
}

enum err bulk_find(struct tx *tx, const struct bulk_who *who, struct str public_id,
                   struct bulk_run *out)
{
    struct q_bulk_run_find q;
    enum err e = q_bulk_run_find(tx, who->tenant, public_id, &q);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "bulk-unknown", "not one of the tenant's");
    TRY(e);
    *out = of_row(&q);
    return E_OK;
}

enum err bulk_list(struct tx *tx, const struct bulk_who *who, uint32_t offset, uint32_t limit,
                   struct bulk_run **rows, size_t *n, uint64_t *total)
{
    struct q_bulk_run_total all;
    struct q_bulk_run_list *q;

    TRY(q_bulk_run_total(tx, who->tenant, &all));
    TRY(q_bulk_run_list(tx, who->tenant, limit, offset, &q, n));
    *total = all.n;
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct bulk_run);
    for (size_t i = 0; i < *n; i++) {
        struct q_bulk_run_find one;
        _Static_assert(sizeof one == sizeof *q, "the same columns");
        memcpy(&one, &q[i], sizeof one);
        (*rows)[i] = of_row(&one);
    }
    return E_OK;
}

enum err bulk_count(struct tx *tx, const struct bulk_run *run, struct bulk_counts *out)
{
    struct q_bulk_row_counts *q;
    size_t n;

    *out = (struct bulk_counts){ .pkcs12 = 0 };
    TRY(q_bulk_row_counts(tx, run->tenant, run->id, &q, &n));
    for (size_t i = 0; i < n; i++) {
        enum bulk_row_state s = bulk_row_state_from(q[i].state);
        if (s == BULK_ROW__STATES)
            return FAIL(E_INTERNAL, "", "row state %s", q[i].state.p);
        out->rows[s] += q[i].n;
        if (s != BULK_ROW_READY)
            continue;
        out->operations[bulk_operation_from(q[i].operation)] += q[i].n;
        if (str_eq_z(q[i].key_source, "pkcs12"))
            out->pkcs12 += q[i].n;
    }
    return E_OK;
}

/* For FIND_IN_SET. */
static struct str set_of(struct arena *a, uint32_t wanted)
{
    struct str out = STR("");

    for (int i = 0; i < BULK_ROW__STATES; i++)
        if (wanted == 0 || (wanted & 1u << i))
            out = str_fmt(a, "%s%s%s", out.p, out.n ? "," : "", row_states[i]);
    return out;
}

static struct bulk_row row_of(struct arena *a, const struct q_bulk_row_list *q)
{
    return (struct bulk_row){ .seq = q->seq,
                              .line = q->line,
                              .tries = q->tries,
                              .operation = bulk_operation_from(q->operation),
                              .state = bulk_row_state_from(q->state),
                              .ref = str_absent(q->ref) ? STR("") : q->ref,
                              .title = q->title,
                              .receipt = q->receipt,
                              .serial = q->serial.p ? hex_encode(a, q->serial) : STR(""),
                              .findings = q->findings,
                              .cells = q->cells,
                              .application = q->application,
                              .certificate = q->certificate };
}

enum err bulk_rows(struct tx *tx, const struct bulk_run *run, uint32_t wanted, bool worst,
                   uint32_t offset, uint32_t limit, struct bulk_row **rows, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct q_bulk_row_list *q;

    TRY(q_bulk_row_list(tx, run->tenant, run->id, set_of(a, wanted), worst, limit, offset, &q, n));
    *rows = ARENA_ARRAY(a, *n, struct bulk_row);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = row_of(a, &q[i]);
    return E_OK;
}

enum err bulk_rows_after(struct tx *tx, const struct bulk_run *run, uint32_t wanted, uint32_t after,
                         struct bulk_row **rows, size_t *n)
{
    struct arena *a = tx_arena(tx);
    struct q_bulk_row_after *q;

    TRY(q_bulk_row_after(tx, run->tenant, run->id, after, set_of(a, wanted), &q, n));
    *rows = ARENA_ARRAY(a, *n, struct bulk_row);
    for (size_t i = 0; i < *n; i++) {
        struct q_bulk_row_list one;
        _Static_assert(sizeof one == sizeof *q, "the same columns");
        memcpy(&one, &q[i], sizeof one);
        (*rows)[i] = row_of(a, &one);
    }
    return E_OK;
}

enum err bulk_keys_count(struct tx *tx, const struct bulk_run *run, uint64_t *n)
{
    struct q_bulk_key_count q;

    TRY(q_bulk_key_count(tx, run->tenant, run->id, &q));
    *n = q.n;
    return E_OK;
}
