/* dispatch.c - see dispatch.h; the order of DESIGN section 4 is in process(). */
#include "http/dispatch.h"

#include "base/encoding.h"
#include "base/log.h"
#include "http/body.h"
#include "http/builtin.h"
#include "http/exchange.h"
#include "http/gate.h"
#include "http/headers.h"
#include "http/intake.h"
#include "http/lease.h"
#include "http/metrics.h"

#include <stdlib.h>

#define ARENA_LIMIT (64u << 20)
#define PAGE_MAX (16u << 20)
#define PAGE_KEPT (1u << 20)
#define TRIES 3 /* of a transaction that lost a deadlock */

struct dispatcher {
    const struct app *app;
    struct arena *arena;
    struct buf page, head;
    struct leases *leases;
    struct req rq;
    struct resp rs;
    jmp_buf full;
    char id[INTAKE_ID]; /* of the request, outside the arena */
};

static void on_full(void *arg)
{
    struct dispatcher *d = arg;
    longjmp(d->full, 1);
}

struct dispatcher *dispatch_new(const struct app *app)
{
    struct dispatcher *d = calloc(1, sizeof(*d));
    if (d == NULL)
        abort();
    d->app = app;
    d->arena = arena_new(app->arena_limit ? app->arena_limit : ARENA_LIMIT);
    arena_on_full(d->arena, on_full, d);
    d->page = buf_init(PAGE_MAX);
    d->head = buf_init(65536);
    d->leases = lease_table_new();
    return d;
}

void dispatch_free(struct dispatcher *d)
{
    if (d == NULL)
        return;
    arena_free(d->arena);
    buf_free(&d->page);
    buf_free(&d->head);
    lease_table_free(d->leases);
    free(d);
}

struct buf *dispatch_page_buf(struct dispatcher *d)
{
    return &d->page;
}

struct leases *dispatch_leases(struct dispatcher *d)
{
    return d->leases;
}

static enum err match(struct req *rq)
{
    rq->match = route_find(rq->app->map, rq->method, rq->path_raw);
    rq->route = rq->match.route;
    if (rq->match.allow == 0)
        return FAIL(E_ABSENT, "", "no route for this path");
    if (rq->route)
        return E_OK;
    struct str allow = STR("");
    for (int m = GET; m < METHOD__MAX; m++)
        if (rq->match.allow & (1u << m))
            allow = str_fmt(rq->arena, "%.*s%s%s", STR_ARG(allow), allow.n ? ", " : "",
                            route_method_name((enum method)m));
    resp_header(rq->rs, "Allow", allow);
    if (rq->method == OPTIONS)
        return resp_empty(rq->rs);
    return FAIL(E_ABSENT, "method", "the path has other methods");
}

static enum err check_length(struct req *rq)
{
    if (rq->body_length != SIZE_MAX && rq->body_length > body_limit(rq->route))
        return FAIL(E_LIMIT, "body-too-large", "%llu bytes announced, %zu allowed",
                    (unsigned long long)rq->body_length, body_limit(rq->route));
    return E_OK;
}

static void reset_response(struct req *rq)
{
    struct resp *rs = rq->rs;
    *rs = (struct resp){ .rq = rq };
    rs->headers_end = &rs->headers;
}

/* Begin, handle, commit: once. */
static enum err attempt(struct req *rq)
{
    const struct hooks *h = rq->app->hooks;
    struct resp *rs = rq->rs;
    if (h->begin && !(rq->route->flags & ROUTE_NO_TX))
        TRY(h->begin(h->arg, rq->arena, &rq->tx));
    enum err e = rq->route->handle(rq, rs);
    if (e == E_OK && rq->bad_form && !rq->asked && rq->method != GET)
        e = FAIL(E_INPUT, "form-invalid", "the handler did not look at %zu errors", rq->errors_n);
    if (e == E_OK && rs->status == 0 && rs->failed == E_OK)
        e = FAIL(E_INTERNAL, "", "handler of %s answered nothing", rq->route->path);
    if (rq->tx && e == E_OK && !rs->undo)
        e = h->commit(h->arg, rq->tx);
    else if (rq->tx)
        h->rollback(h->arg, rq->tx);
    rq->tx = NULL;
    return e;
}

static enum err run(struct req *rq)
{
    size_t errors = rq->errors_n;
    enum err e = E_BUSY;
    for (int i = 0; i < TRIES; i++) {
        e = attempt(rq);
        if (e != E_BUSY || (rq->route->flags & ROUTE_STREAM))
            break;
        log_warning("event=retry attempt=%d reason=%s", i + 1, fault_current()->reason);
        reset_response(rq);
        rq->errors_n = errors;
        rq->asked = false;
    }
    return e == E_OK ? rq->rs->failed : e;
}

/* Documents made to be slow, sent by strangers. */
static enum err take_costly_turn(struct req *rq)
{
    return rq->route->flags & ROUTE_COSTLY ? exchange_take_turn(rq) : E_OK;
}

/* A large file is not buffered in front of us: this worker has it for as long as it takes. */
static enum err take_transfer_turn(struct req *rq)
{
    bool large = rq->body_length != SIZE_MAX && rq->body_length > EXCHANGE_LARGE;
    return rq->route->intake && large ? exchange_take_turn(rq) : E_OK;
}

/* DESIGN section 4. Each step may end the request. */
static enum err process(struct req *rq)
{
    if (builtin_answer(rq))
        return E_OK;
    TRY(match(rq));
    if (rq->route == NULL)
        return E_OK; /* OPTIONS */
    TRY(check_length(rq));
    TRY(gate_identify(rq));
    TRY(gate_who(rq));
    TRY(gate_rate(rq));
    TRY(take_transfer_turn(rq));
    TRY(body_load(rq)); /* CSRF before the body is believed */
    TRY(intake_params(rq));
    TRY(take_costly_turn(rq));
    return run(rq);
}

/* A visitor of a page is sent to sign in and comes back; everything else gets the error itself. */
static bool send_to_login(struct req *rq, enum err e)
{
    const char *where = NULL;
    bool page = rq->route && !(rq->route->flags & ROUTE_API) && rq->method == GET;
    if (!page || (e != E_AUTH && e != E_DENIED) || rq->form != NULL)
        return false;
    if (strcmp(fault_current()->reason, "login-required") == 0)
        where = rq->app->login_path;
    else if (strcmp(fault_current()->reason, "second-factor-required") == 0)
        where = rq->app->second_factor_path;
    if (where == NULL)
        return false;
    struct str back = rq->path_raw;
    if (rq->query.n)
        back = str_fmt(rq->arena, "%.*s?%.*s", STR_ARG(back), STR_ARG(rq->query));
    struct str next = percent_encode(rq->arena, back);
    return resp_seeother_path(rq->rs, str_fmt(rq->arena, "%s?next=%.*s", where, STR_ARG(next))) ==
           E_OK;
}

static void report_refusal(struct req *rq, enum err e)
{
    const struct hooks *h = rq->app->hooks;
    const struct fault *f = fault_current();
    bool limit = e == E_LIMIT && problem_status(e, f->reason) == 429;
    if (h->refused == NULL || rq->route == NULL || gate_safe(rq->method) || rq->rs->failed ||
        (rq->route->flags & ROUTE_READ_ONLY_POST) || (e != E_AUTH && e != E_DENIED && !limit))
        return;
    struct fault kept = *f;
    const char *reason = gate_recorded(rq, kept.reason);
    struct refusal r = { &rq->who,        rq->address, rq->id, route_method_name(rq->method),
                         rq->route->path, e,           reason };
    if (reason)
        h->refused(h->arg, &r);
    (void)fault_record(kept.err, kept.reason, kept.file, kept.line, "%s", kept.detail);
}

static void fail(struct req *rq, enum err e)
{
    if (e == E_INTERNAL || e == E_BACKEND || e == E_BUSY)
        log_fault("request");
    else
        log_info("event=refused class=%s reason=%s detail=\"%s\"", err_name(e),
                 fault_current()->reason, fault_current()->detail);
    report_refusal(rq, e);
    if (!send_to_login(rq, e))
        problem_answer(rq, e);
}

static void undo(struct req *rq)
{
    while (rq->defers) {
        struct defer *d = rq->defers;
        rq->defers = d->next;
        d->undo(d->arg);
    }
}

static void begin_request(struct dispatcher *d, const struct transport *t)
{
    struct req *rq = &d->rq;
    fault_clear();
    *rq = (struct req){ .app = d->app, .dispatcher = d, .t = t, .arena = d->arena, .rs = &d->rs };
    reset_response(rq);
    rq->started_us = clock_monotonic_us();
    rq->now = clock_now();
    rq->id = str_z(d->id);
    rq->path_raw = rq->path = rq->query = STR("");
}

/* The arena was full (or a body needed more than the machine has): everything is undone. */
static void recover(struct dispatcher *d, const struct transport *t)
{
    struct req *rq = &d->rq;
    const struct hooks *h = d->app->hooks;
    const struct route *route = rq->route;
    size_t index = rq->match.index;
    int64_t started = rq->started_us;
    if (rq->tx)
        h->rollback(h->arg, rq->tx);
    undo(rq);
    arena_reset(d->arena);
    begin_request(d, t);
    rq->route = route;
    rq->match.index = index;
    rq->started_us = started;
    rq->worn = true;
    log_error("event=arena-full route=%s", route ? route->path : "none");
    resp_retry_after(rq->rs, 5);
    bool api = route && (route->flags & ROUTE_API);
    exchange_bytes(rq->rs, api ? "application/problem+json" : "text/plain; charset=utf-8",
                   bytes_of_str(api ? STR("{\"type\":\"urn:shomei:problem:memory\",\"status\":503}")
                                    : STR("503\n")));
    resp_status(rq->rs, 503);
}

static void log_access(const struct req *rq, uint64_t length)
{
    log_info(
        "event=request method=%s route=%s status=%d bytes=%llu us=%lld account=%llu client=%llu "
        "certificate=%llu",
        rq->head ? "HEAD" : route_method_name(rq->method), rq->route ? rq->route->path : "none",
        rq->rs->status, (unsigned long long)length,
        (long long)(clock_monotonic_us() - rq->started_us), (unsigned long long)rq->who.account.v,
        (unsigned long long)rq->who.client.v, (unsigned long long)rq->who.certificate.v);
}

static void send_answer(struct dispatcher *d)
{
    struct req *rq = &d->rq;
    struct resp *rs = &d->rs;
    struct bytes body = rs->text ? buf_bytes(rs->text) : rs->data;
    uint64_t length = rs->produce ? rs->length : body.n;
    if (!rs->produce && builtin_not_modified(rq, body))
        body = BYTES_ABSENT;
    buf_reset(&d->head);
    headers_write(rq, rs->produce ? length : body.n, &d->head);
    struct bytes head = buf_bytes(&d->head);
    bool gone = rq->t->write(rq->t->ctx, head.p, head.n) != 0;
    if (!gone && !rq->head && rs->produce && !exchange_send_stream(rq, &length) && rq->t->cut)
        rq->t->cut(rq->t->ctx);
    if (!gone && !rq->head && body.n)
        (void)rq->t->write(rq->t->ctx, body.p, body.n);
    log_access(rq, rs->produce ? length : body.n);
}

bool dispatch_run(struct dispatcher *d, const struct transport *t)
{
    struct req *rq = &d->rq;
    metrics_in_flight(d->app->metrics, true);
    d->id[0] = '\0';
    begin_request(d, t);
    if (setjmp(d->full) == 0) {
        intake_begin(rq, d->id);
        enum err e = intake_line(rq);
        if (e == E_OK)
            e = process(rq);
        if (e != E_OK)
            fail(rq, e);
        send_answer(d);
    } else {
        bool begun = d->rs.sending;
        recover(d, t);
        if (!begun)
            send_answer(d);
        else if (t->cut)
            t->cut(t->ctx);
    }
    if (t->end)
        t->end(t->ctx); /* who is refused hears it now, not when the rest has been sent */
    body_drain(rq);
    metrics_request(d->app->metrics, rq->route ? rq->match.index : SIZE_MAX, rq->rs->status,
                    clock_monotonic_us() - rq->started_us);
    metrics_in_flight(d->app->metrics, false);
    bool worn = rq->worn;
    undo(rq);
    if (d->page.cap > PAGE_KEPT)
        buf_free(&d->page); /* a large page is rare: its memory goes back */
    else
        buf_reset(&d->page);
    arena_reset(d->arena);
    log_context("");
    return !worn;
}
