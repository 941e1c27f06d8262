/*
 * signing_expiry_work.c - the end of documents (P3-11) and of records. Runs in the worker, which
 * has neither document keys nor the right to read a piece's contents into a file: it deletes rows.
 */
#include "features/signing/signing_work.h"

#include "base/json.h"
#include "base/log.h"
#include "features/signing/signing.h"
#include "store/gen/signing.q.h"
#include "store/gen/signing_batch.q.h"

#define BATCH 200
#define PURGE_BATCH 1000

static struct audit_by the_worker(struct tenant_id tenant)
{
    return (struct audit_by){ .tenant = tenant, .name = STR("worker") };
}

/* P3-11: alarm when late. The log line is what monitoring watches for; the row is what stays. */
static enum err alarm(struct tx *tx, const struct q_document_due *d, struct timestamp now)
{
    int64_t seconds = (now.us - d->delete_at.us) / SECOND_US;
    struct audit_by by = the_worker(d->tenant_id);
    struct json *detail = json_new_object();

    log_error("ALARM document erased late document=%.*s seconds=%lld", STR_ARG(d->public_id),
              (long long)seconds);
    json_set_i64(detail, "seconds_late", seconds);
    TRY(q_counter_add(tx, STR("erased_late"), 1));
    return audit_note(tx, &by, "signing.document.erase-late", "document", d->id.v, detail);
}

static enum err erase(struct tx *tx, const struct q_document_due *d, struct timestamp now,
                      size_t *erased)
{
    bool late = now.us - d->delete_at.us > SIGNING_LATE_US;
    uint64_t changed, pieces;

    TRY(q_document_erase(tx, d->id, STR("deadline"), now, late ? now : TIMESTAMP_NONE, &changed));
    if (changed == 0)
        return E_OK; /* its owner was first */
    TRY(q_document_chunk_drop(tx, d->id, &pieces));
    TRY(q_document_piece_drop(tx, d->id, &pieces));
    (*erased)++;
    if (late)
        TRY(alarm(tx, d, now));
    struct audit_entry e = { .by = the_worker(d->tenant_id),
                             .action = "signing.document.expire",
                             .object_kind = "document",
                             .object = d->public_id };
    return audit_write(tx, &e);
}

enum err signing_erase_due(struct tx *tx, struct timestamp now, size_t *erased)
{
    struct q_document_due *due;
    size_t n;

    *erased = 0;
    TRY(q_document_due(tx, now, BATCH, &due, &n));
    for (size_t i = 0; i < n; i++)
        TRY(erase(tx, &due[i], now, erased));
    if (*erased > 0)
        TRY(q_counter_add(tx, STR("erased"), *erased));
    return E_OK;
}

static enum err erase_task(struct work *w)
{
    size_t erased;
    return signing_erase_due(w->tx, clock_now(), &erased);
}

static enum err purge_task(struct work *w)
{
    struct timestamp now = clock_now();
    uint64_t records, keys;

    TRY(q_idempotency_purge(w->tx, now, PURGE_BATCH, &keys));
    TRY(q_signature_purge(w->tx, now, PURGE_BATCH, &records));
    struct json *detail = json_new_object();
    struct audit_by by = the_worker((struct tenant_id){ 0 });
    json_set_i64(detail, "records", (int64_t)records);
    return audit_note(w->tx, &by, "signing.record.purge", NULL, 0, detail);
}

/* Quotas are judged by this count, so that no request has to sum over all documents. */
static enum err storage_task(struct work *w)
{
    struct timestamp now = clock_now();
    TRY(q_storage_clear(w->tx, now));
    return q_storage_count(w->tx, now);
}

/* What is sealed in an authorisation goes when its ten minutes are over; the list after a day. */
static enum err batch_task(struct work *w)
{
    struct timestamp now = clock_now();
    uint64_t ended, gone;

    TRY(q_batch_expire(w->tx, now, PURGE_BATCH, &ended));
    return q_batch_purge(w->tx, timestamp_add(now, -DAY_US), PURGE_BATCH, &gone);
}

const struct worker_task signing_tasks[] = {
    { "signing.batch", 20 * SECOND_US, batch_task },
    { "signing.erase", 5 * SECOND_US, erase_task },
    { "signing.storage", 20 * SECOND_US, storage_task },
    { "signing.purge", 24 * HOUR_US, purge_task },
    { NULL, 0, NULL },
};
