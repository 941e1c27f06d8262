/*
 * rs_deliver_work.c - sends notices to customers' systems, through the gateway. A place that does
 * not answer is left alone for a while, so that it holds up nobody else's notices.
 */
#include "features/rs/rs_inside.h"
#include "features/rs/rs_work.h"

#include "base/settings.h"
#include "net/gateway_client.h"
#include "store/gen/rs.q.h"

#define HOLD_FIRST_US (5 * SECOND_US)
#define HOLD_MAX_US (10 * MINUTE_US)
#define LEASE_US (2 * MINUTE_US)

static struct arena *life;
static struct str gateway;

enum err rs_work_init(const struct settings *c)
{
    struct str path = settings_str(c, "gateway.socket");

    rs_work_end();
    life = arena_new(4096);
    gateway = str_empty(path)
                  ? str_fmt(life, "%.*s/gateway.sock", STR_ARG(settings_str(c, "run_dir")))
                  : str_dup(life, path);
    return rs_run_open(c);
}

void rs_work_end(void)
{
    rs_run_close();
    arena_free(life);
    life = NULL;
}

/* Header lines, an empty line, the body. */
static struct bytes letter(struct arena *a, struct bytes secret, struct str id, struct str event,
                           struct str body)
{
    struct str signature = rs_webhook_signature(a, secret, clock_now().us / SECOND_US, body);

    return bytes_of_str(str_fmt(a,
                                "Shomei-Delivery: %.*s\nShomei-Event: %.*s\n"
                                "Shomei-Signature: %.*s\n\n%.*s",
                                STR_ARG(id), STR_ARG(event), STR_ARG(signature), STR_ARG(body)));
}

static enum err send_to(struct arena *a, struct client_id client, const struct q_rs_webhook_of *to,
                        struct str id, const struct q_rs_delivery_get *d)
{
    struct secret *secret = NULL;
    struct bytes reply;
    enum err e = rs_open(rs_webhook_context(a, client), to->secret, &secret);

    if (e != E_OK)
        return e;
    e = gateway_client_fetch(gateway, GATEWAY_WEBHOOK, to->url,
                             letter(a, secret_bytes(secret), id, d->event, d->body), a, &reply);
    secret_free(secret);
    if (e == E_DENIED || e == E_LIMIT || e == E_INPUT) { /* what leads inside may be mended */
        const struct fault was = *fault_current();
        e = fault_record(E_BACKEND, was.reason, was.file, was.line, "%s", was.detail);
    }
    return e;
}

static enum err deliver(struct work *w)
{
    struct str id = json_get_str(w->payload, "delivery");
    struct q_rs_delivery_get d;
    struct q_rs_webhook_of to;
    struct timestamp now = clock_now();
    enum err e = q_rs_delivery_get(w->tx, id, &d);

    if (e == E_ABSENT || (e == E_OK && !str_eq_z(d.state, "queued")))
        return E_OK; /* forgotten, or given up */
    if (e == E_OK)
        e = q_rs_webhook_of(w->tx, d.client_id, &to);
    if (e == E_ABSENT)
        return FAIL(E_STATE, "webhook-unknown", "the place was withdrawn");
    if (e != E_OK)
        return e;
    if (!timestamp_is_none(to.hold_until) && timestamp_cmp(now, to.hold_until) < 0)
        return FAIL(E_BACKEND, "webhook-held", "it did not answer just now");
    TRY(send_to(w->arena, d.client_id, &to, id, &d));
    TRY(q_rs_delivery_done(w->tx, id, clock_now()));
    return q_rs_webhook_answered(w->tx, d.client_id);
}

/* In the log, and the place is left alone for a while. */
static enum err missed(struct work *w, bool dead)
{
    struct str id = json_get_str(w->payload, "delivery");
    struct str reason = str_dup(w->arena, str_z(w->fault->reason));
    struct timestamp now = clock_now();
    struct q_rs_delivery_get d;
    struct q_rs_webhook_of to;
    int64_t hold = HOLD_FIRST_US;
    enum err e = q_rs_delivery_get(w->tx, id, &d);

    if (e != E_OK)
        return e == E_ABSENT ? E_OK : e;
    TRY(q_rs_delivery_missed(w->tx, id, dead ? STR("failed") : STR("queued"), reason, now));
    e = q_rs_webhook_of(w->tx, d.client_id, &to);
    if (e != E_OK)
        return e == E_ABSENT ? E_OK : e;
    if (str_eq_z(reason, "webhook-held"))
        return E_OK;
    for (uint32_t i = 0; i < to.failures && hold < HOLD_MAX_US; i++)
        hold *= 2;
    return q_rs_webhook_silent(w->tx, d.client_id,
                               timestamp_add(now, hold < HOLD_MAX_US ? hold : HOLD_MAX_US));
}

static enum err purge(struct work *w)
{
    uint64_t n;
    TRY(q_rs_delivery_purge(w->tx, timestamp_add(clock_now(), -RS_DELIVERY_KEPT_US), &n));
    return rs_run_purge(w);
}

const struct worker_job rs_work_jobs[] = {
    { RS_JOB_DELIVER, deliver, RS_DELIVERY_ATTEMPTS, LEASE_US, missed },
    { 0 },
};

const struct worker_task rs_work_tasks[] = {
    { "signer.rs.purge", HOUR_US, purge },
    { 0 },
};
