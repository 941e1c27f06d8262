/*
 * rs_run_work.c - the signer does what the API was asked to do later. The job's own state is
 * written on a second connection when it begins, so that it can be seen, and be cancelled only
 * before.
 */
#include "features/rs/rs_job.h"
#include "features/rs/rs_work.h"

#include "base/log.h"
#include "store/gen/rs.q.h"

#define KEPT_US (30 * DAY_US)

static struct db *side;

enum err rs_run_open(const struct settings *c)
{
    return db_open_settings(c, DB_SIGNER, &side);
}

void rs_run_close(void)
{
    db_close(side);
    side = NULL;
}

struct begin {
    struct str id;
    uint64_t changed;
};

static enum err begin(struct tx *tx, void *arg)
{
    struct begin *b = arg;
    return q_rs_job_begin(tx, b->id, &b->changed);
}

/* Whether it is still wanted; from now on it cannot be cancelled. */
static enum err claim(struct str id, bool *wanted)
{
    struct begin b = { id, 0 };
    struct arena *a = arena_new(64 * 1024);
    enum err e = tx_run(side, a, begin, &b);

    arena_free(a);
    *wanted = b.changed == 1;
    return e;
}

static enum err perform(struct work *w, const struct rs_options *o, struct signing_owner owner,
                        struct str id, struct str document, struct signing_receipt *receipt)
{
    static const enum signing_extension extension[] = {
        [RS_TIMESTAMP] = SIGNING_EXTEND_TIMESTAMP,
        [RS_VALIDATION] = SIGNING_EXTEND_VALIDATION,
        [RS_ARCHIVE] = SIGNING_EXTEND_ARCHIVE,
    };
    const struct audit_by by = {
        .tenant = owner.tenant, .client = owner.client, .name = STR("signer"), .request = id
    };
    struct signing_request rq;

    TRY(rs_request_make(w->tx, o, owner, &by, clock_now(), &rq));
    if (o->kind == RS_SIGN)
        return signing_sign_document(w->tx, &rq, document, receipt);
    return signing_extend_document(w->tx, &rq, document, extension[o->kind], receipt);
}

static enum err tell(struct tx *tx, struct client_id client, struct str id, const char *state,
                     const char *key, struct str value)
{
    struct json *data = json_new_object();

    json_set_str(data, "job", id);
    json_set_str(data, "state", str_z(state));
    if (!str_absent(value))
        json_set_str(data, key, value);
    return rs_webhook_queue(tx, client, strcmp(state, "signed") == 0 ? "job.signed" : "job.failed",
                            data);
}

static enum err do_job(struct work *w, struct str id, const struct q_rs_job_load *job)
{
    const struct signing_owner owner = { .tenant = job->tenant_id, .client = job->client_id };
    struct signing_receipt receipt = { .record = STR_ABSENT };
    struct rs_options o = { .kind = RS_SIGN };
    uint64_t changed;

    TRY(rs_options_open(w->arena, id, job->options, &o));
    enum err e = perform(w, &o, owner, id, job->document, &receipt);
    secret_free(o.password);
    if (e != E_OK)
        return e;
    TRY(q_rs_job_end(w->tx, id, STR("signed"), STR_ABSENT, receipt.record, clock_now(), &changed));
    return tell(w->tx, job->client_id, id, "signed", "document",
                str_fmt(w->arena, "/rs/v1/jobs/%.*s/document", STR_ARG(id)));
}

static enum err run(struct work *w)
{
    struct str id = json_get_str(w->payload, "job");
    struct q_rs_job_load job;
    bool wanted = false;
    enum err e = q_rs_job_load(w->tx, id, &job);

    if (e == E_ABSENT) {
        fault_clear();
        return E_OK; /* forgotten */
    }
    if (e == E_OK)
        e = claim(id, &wanted);
    if (e != E_OK || !wanted)
        return e;
    return do_job(w, id, &job);
}

/* Given up: the document goes, the reason stays, the client is told. */
static enum err give_up(struct work *w, struct str id, const struct q_rs_job_load *job,
                        struct str reason)
{
    const struct signing_owner owner = { .tenant = job->tenant_id, .client = job->client_id };
    const struct audit_by by = {
        .tenant = owner.tenant, .client = owner.client, .name = STR("signer"), .request = id
    };
    struct timestamp now = clock_now();
    uint64_t changed;
    enum err e;

    TRY(q_rs_job_end(w->tx, id, STR("failed"), reason, STR_ABSENT, now, &changed));
    if (changed == 0)
        return E_OK;
    e = signing_document_erase(w->tx, owner, job->document, &by, now);
    if (e != E_OK && e != E_STATE) /* its time may be over already */
        return e;
    fault_clear();
    TRY(tell(w->tx, job->client_id, id, "failed", "reason", reason));
    return audit_note(w->tx, &by, "rs.job.fail", "rs-job", 0, NULL);
}

static enum err failed(struct work *w, bool dead)
{
    struct str id = json_get_str(w->payload, "job");
    struct str reason =
        str_dup(w->arena, str_z(w->fault->reason[0] ? w->fault->reason : err_name(w->fault->err)));
    struct q_rs_job_load job;
    uint64_t changed;
    enum err e = q_rs_job_load(w->tx, id, &job);

    if (e != E_OK)
        return e == E_ABSENT ? E_OK : e;
    if (dead)
        return give_up(w, id, &job, reason);
    return q_rs_job_wait(w->tx, id, reason, &changed);
}

enum err rs_run_purge(struct work *w)
{
    struct timestamp now = clock_now(), before = timestamp_add(now, -KEPT_US);
    uint64_t n;

    TRY(q_rs_repeat_purge(w->tx, now, &n));
    TRY(q_rs_job_purge(w->tx, before, &n));
    return q_rs_batch_purge(w->tx, before, &n);
}

const struct worker_job rs_run_jobs[] = {
    { RS_JOB_RUN, run, 8, 3 * MINUTE_US, failed },
    { 0 },
};
