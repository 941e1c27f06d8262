/* rs_job.c - jobs that the signer does later, batches, repeated requests; see rs_job.h */
#include "features/rs/rs_job.h"

#include "base/crypto.h"
#include "base/random.h"
#include "store/gen/rs.q.h"
#include "store/jobs.h"

#define ITEMS_MAX 60000
#define ID_SIZE 16

/* --- jobs --- */

static enum err note(struct tx *tx, const struct audit_by *by, struct signing_owner owner,
                     const char *action, struct str id)
{
    struct audit_entry e = {
        .by = *by, .tenant = owner.tenant, .action = action, .object_kind = "rs-job", .object = id
    };
    return audit_write(tx, &e);
}

/* Nobody is there to enter a PIN later, and it is not kept. */
static enum err check_key(struct tx *tx, const struct rs_options *o, struct signing_owner owner)
{
    struct signing_credential c;

    if (o->kind != RS_SIGN)
        return E_OK;
    TRY(signing_credential_find(tx, owner, o->credential, &c));
    return c.pin_bound ? FAIL(E_INPUT, "async-pin", "the key has a PIN") : E_OK;
}

enum err rs_job_add(struct tx *tx, const struct rs_options *o, struct signing_owner owner,
                    struct str document, struct str batch, const struct audit_by *by,
                    struct timestamp now, struct str *public_id)
{
    struct arena *a = tx_arena(tx);
    struct str id = random_token(a, ID_SIZE);
    struct bytes sealed;
    uint64_t changed = 0;

    TRY(check_key(tx, o, owner));
    TRY(rs_options_seal(a, id, o, &sealed));
    TRY(q_rs_job_add(tx, id, owner.tenant, owner.client, batch, str_z(rs_kind_name(o->kind)),
                     document, sealed, now, &changed));
    if (changed != 1)
        return FAIL(E_ABSENT, "document-unknown", "no document of this client");
    TRY(jobs_add(tx, RS_JOB_RUN, str_fmt(a, "{\"job\":\"%.*s\"}", STR_ARG(id)), TIMESTAMP_NONE,
                 NULL));
    *public_id = id;
    return note(tx, by, owner, "rs.job.add", id);
}

enum err rs_job_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                     struct rs_job *out)
{
    struct q_rs_job_get r;
    enum err e = q_rs_job_get(tx, owner.tenant, owner.client, public_id, &r);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "job-unknown", "none of this client");
    if (e == E_OK)
        *out = (struct rs_job){ .public_id = r.public_id,
                                .kind = r.kind,
                                .state = r.state,
                                .reason = r.reason_code,
                                .record = r.record,
                                .document = r.document,
                                .attempts = r.attempts,
                                .created = r.created_at,
                                .ended = r.ended_at };
    return e;
}

enum err rs_job_cancel(struct tx *tx, struct signing_owner owner, const struct rs_job *job,
                       const struct audit_by *by, struct timestamp now)
{
    struct json *data;
    uint64_t changed = 0;

    if (!timestamp_is_none(job->ended))
        return FAIL(E_STATE, "job-ended", "it is %.*s", STR_ARG(job->state));
    TRY(q_rs_job_cancel(tx, owner.tenant, owner.client, job->public_id, now, &changed));
    if (changed == 0)
        return FAIL(E_STATE, "job-started", "it is being done");
    TRY(signing_document_erase(tx, owner, job->document, by, now));
    TRY(note(tx, by, owner, "rs.job.cancel", job->public_id));
    data = json_new_object();
    json_set_str(data, "job", job->public_id);
    json_set_str(data, "state", STR("cancelled"));
    return rs_webhook_queue(tx, owner.client, "job.cancelled", data);
}

/* Far enough for a first page. */
static struct timestamp end_of_time(void)
{
    return (struct timestamp){ INT64_C(253370764800000000) }; /* 9999-01-01 */
}

enum err rs_job_list(struct tx *tx, struct signing_owner owner, struct str state,
                     struct timestamp before, struct str before_id, uint32_t limit,
                     struct rs_job_line **rows, size_t *n)
{
    struct q_rs_job_list *got;

    if (timestamp_is_none(before))
        before = end_of_time();
    TRY(q_rs_job_list(tx, owner.tenant, owner.client, str_absent(state) ? STR("") : state, before,
                      str_absent(before_id) ? STR("") : before_id, limit, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct rs_job_line);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct rs_job_line){ got[i].public_id, got[i].kind, got[i].state,
                                           got[i].level, got[i].at };
    return E_OK;
}

/* --- batches --- */

static enum err items_text(struct arena *a, const struct json *items, struct str *text)
{
    struct buf b = buf_init(ITEMS_MAX);
    enum err e = json_write(items, false, &b);

    if (e == E_OK)
        e = buf_to_str(&b, a, text);
    buf_free(&b);
    return e;
}

enum err rs_batch_add(struct tx *tx, struct signing_owner owner, struct timestamp now,
                      struct str *public_id)
{
    *public_id = random_token(tx_arena(tx), ID_SIZE);
    return q_rs_batch_add(tx, *public_id, owner.tenant, owner.client, STR("[]"), now);
}

enum err rs_batch_keep(struct tx *tx, struct signing_owner owner, struct str public_id,
                       const struct json *items, const struct audit_by *by)
{
    struct str text;

    TRY(items_text(tx_arena(tx), items, &text));
    TRY(q_rs_batch_items(tx, owner.tenant, owner.client, public_id, text));
    return note(tx, by, owner, "rs.batch.add", public_id);
}

enum err rs_batch_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                       struct json **items, struct timestamp *created)
{
    struct q_rs_batch_get r;
    enum err e = q_rs_batch_get(tx, owner.tenant, owner.client, public_id, &r);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "batch-unknown", "none of this client");
    if (e != E_OK)
        return e;
    *created = r.created_at;
    return json_parse(bytes_of_str(r.items), items);
}

/* --- repeated requests --- */

enum err rs_repeat_claim(struct tx *tx, struct client_id client, struct str key,
                         const struct bytes32 *digest, struct timestamp now, struct rs_answer *out,
                         bool *known)
{
    struct bytes32 hash = sha256(bytes_of_str(key));
    struct q_rs_repeat_get row;
    uint64_t dropped;
    enum err e;

    *known = false;
    TRY(q_rs_repeat_drop(tx, client, hash, now, &dropped));
    e = q_rs_repeat_add(tx, client, hash, *digest, timestamp_add(now, DAY_US));
    if (e != E_CONFLICT)
        return e;
    fault_clear();
    e = q_rs_repeat_get(tx, client, hash, &row);
    if (e == E_ABSENT)
        return FAIL(E_BUSY, "", "the other request with this key just failed");
    if (e != E_OK)
        return e;
    if (!bytes32_eq(&row.request_digest, digest))
        return FAIL(E_CONFLICT, "idempotency-key-reused", "another request has this key");
    *known = true;
    *out = (struct rs_answer){ row.status, row.location, row.answer };
    return E_OK;
}

enum err rs_repeat_keep(struct tx *tx, struct client_id client, struct str key,
                        const struct rs_answer *answer)
{
    return q_rs_repeat_keep(tx, client, sha256(bytes_of_str(key)), answer->status, answer->location,
                            answer->body);
}
