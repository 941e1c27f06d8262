/* exchange.c - see exchange.h */
#include "http/exchange.h"

#include "base/log.h"
#include "http/metrics.h"

void exchange_add_error(struct req *rq, struct str field, struct str text)
{
    if (rq->errors_n == rq->errors_cap) {
        size_t cap = rq->errors_cap ? rq->errors_cap * 2 : 8;
        struct page_error *v = ARENA_ARRAY(rq->arena, cap, struct page_error);
        if (rq->errors_n)
            memcpy(v, rq->errors, rq->errors_n * sizeof(*v));
        rq->errors = v;
        rq->errors_cap = cap;
    }
    rq->errors[rq->errors_n++] = (struct page_error){ field, text };
}

void exchange_bytes(struct resp *rs, const char *type, struct bytes data)
{
    rs->text = NULL;
    rs->produce = NULL;
    rs->data = data;
    rs->type = type;
    if (!rs->status_fixed)
        rs->status = 200;
}

/* Who computes or transfers for long leaves half of the workers to everybody else. */
enum err exchange_take_turn(struct req *rq)
{
    const struct app *app = rq->app;
    if (metrics_costly(app->metrics, app->workers))
        return E_OK;
    resp_retry_after(rq->rs, 10);
    return FAIL(E_LIMIT, "rate-limited", "%u workers: half are at costly work", app->workers);
}

bool exchange_send_stream(struct req *rq, uint64_t *sent)
{
    struct resp *rs = rq->rs;
    struct resp_sink sink = { .rq = rq };
    rs->sending = true;
    enum err e = rs->produce(rs->produce_arg, &sink);
    if (e == E_OK && rs->length != UINT64_MAX && sink.sent != rs->length)
        e = FAIL(E_INTERNAL, "", "%llu bytes instead of %llu", (unsigned long long)sink.sent,
                 (unsigned long long)rs->length);
    rs->sending = false;
    *sent = sink.sent;
    if (e != E_OK && strcmp(fault_current()->reason, "client-gone") == 0)
        log_info("event=client-gone bytes=%llu", (unsigned long long)sink.sent);
    else if (e != E_OK)
        log_fault("answer cut off");
    return e == E_OK;
}
