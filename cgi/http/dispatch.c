/* dispatch.c - see dispatch.h; the order of DESIGN section 4 is in process(). */
#include "http/dispatch.h"

#include "base/encoding.h"
#include "base/log.h"
#include "base/random.h"
#include "http/bind.h"
#include "http/body.h"
#include "http/builtin.h"
#include "http/cookie.h"
#include "http/exchange.h"
#include "http/form.h"
#include "http/gate.h"
#include "http/headers.h"
#include "http/lang.h"
#include "http/lease.h"
#include "http/metrics.h"
#include "http/session_cookie.h"

#include <stdlib.h>

#define ARENA_LIMIT (64u << 20)
#define PAGE_MAX (16u << 20)
#define PAGE_KEPT (1u << 20)
#define URI_MAX 8192
#define TRIES 3 /* of a transaction that lost a deadlock */

struct dispatcher {
    const struct app *app;
    struct arena *arena;
    struct buf page, head;
    struct leases *leases;
    struct req rq;
    struct resp rs;
    jmp_buf full;
    char id[65]; /* of the request, outside the arena */
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

static struct str variable(const struct req *rq, const char *name)
{
    return str_z(rq->t->variable(rq->t->ctx, name));
}

/* A sane id from the proxy is kept, so that its log and ours can be joined; else our own. */
static void choose_id(struct dispatcher *d)
{
    struct req *rq = &d->rq;
    struct str given = req_header(rq, "X-Request-Id");
    bool sane = given.n >= 8 && given.n <= 64;
    for (size_t i = 0; sane && i < given.n; i++)
        sane = (given.p[i] >= '0' && given.p[i] <= '9') ||
               (given.p[i] >= 'a' && given.p[i] <= 'z') ||
               (given.p[i] >= 'A' && given.p[i] <= 'Z') || given.p[i] == '-';
    if (!sane) {
        uint8_t random[10];
        random_bytes(random, sizeof(random));
        given = base32_encode(rq->arena, (struct bytes){ random, sizeof(random) });
    }
    snprintf(d->id, sizeof(d->id), "%.*s", STR_ARG(given));
    rq->id = str_z(d->id);
    log_context(d->id);
}

static void choose_lang(struct req *rq)
{
    struct str cookie = cookie_get(rq->arena, req_header(rq, "Cookie"), LANG_COOKIE);
    if (str_empty(cookie) || !message_lang_from_code(cookie, &rq->lang))
        rq->lang = lang_accept(req_header(rq, "Accept-Language"));
}

/* Method, path and query from REQUEST_URI: the CGI's own PATH_INFO is decoded already, and lossy.
 */
static enum err read_line(struct req *rq)
{
    struct str uri = variable(rq, "REQUEST_URI");
    rq->method = route_method_from(variable(rq, "REQUEST_METHOD"));
    rq->head = rq->method == HEAD;
    if (rq->head)
        rq->method = GET;
    if (str_empty(uri) || uri.p[0] != '/' || uri.n > URI_MAX)
        return FAIL(E_INPUT, "uri", "REQUEST_URI of %zu bytes is not a path", uri.n);
    size_t question = str_find(uri, '?', 0);
    size_t end = question == SIZE_MAX ? uri.n : question;
    rq->path_raw = str_sub(rq->arena, uri, 0, end);
    rq->query = question == SIZE_MAX ? STR("") : str_sub(rq->arena, uri, end + 1, uri.n);
    char *decoded = arena_alloc(rq->arena, end + 1);
    memcpy(decoded, uri.p, end);
    size_t n = form_decode(decoded, end, false);
    if (n == SIZE_MAX)
        return FAIL(E_INPUT, "uri", "malformed escape or UTF-8 in the path");
    rq->path = (struct str){ decoded, n };
    return E_OK;
}

static enum err read_length(struct req *rq)
{
    struct str length = variable(rq, "CONTENT_LENGTH");
    rq->body_length = SIZE_MAX;
    if (str_empty(length)) {
        /* Nothing, or a body of unknown length that the proxy passes on as it comes (chunked, h2).
         */
        if (gate_safe(rq->method))
            rq->body_length = 0;
        return E_OK;
    }
    if (str_to_u64(length, INT64_MAX, &rq->body_length) != E_OK)
        return FAIL(E_INPUT, "content-length", "CONTENT_LENGTH is not a number");
    return E_OK;
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

static enum err add_path_params(struct req *rq)
{
    for (size_t i = 0; i < rq->match.params_n; i++) {
        const struct route_param *p = &rq->match.params[i];
        struct raw raw = { .kind = RAW_TEXT };
        raw.name = str_of(rq->arena, p->name, p->name_n);
        char *text = arena_alloc(rq->arena, p->value.n + 1);
        memcpy(text, p->value.p, p->value.n);
        size_t n = form_decode(text, p->value.n, false);
        if (n == SIZE_MAX)
            return FAIL(E_INPUT, "uri", "malformed escape in {%s}", raw.name.p);
        raw.text = (struct str){ text, n };
        TRY(raw_add(rq->arena, &rq->raws, &raw));
    }
    return E_OK;
}

static enum err add_query(struct req *rq)
{
    char *text = arena_alloc(rq->arena, rq->query.n + 1);
    memcpy(text, rq->query.p, rq->query.n);
    return form_parse(rq->arena, text, rq->query.n, &rq->raws);
}

static void free_secret(void *arg)
{
    secret_free(arg);
}

static bool path_param(const struct req *rq, const char *name)
{
    for (size_t i = 0; i < rq->match.params_n; i++)
        if (strlen(name) == rq->match.params[i].name_n &&
            memcmp(name, rq->match.params[i].name, rq->match.params[i].name_n) == 0)
            return true;
    return false;
}

/* Raw parameters into the handler's struct; on API routes any error ends here. */
static enum err bind(struct req *rq)
{
    const struct form *form = rq->route->form;
    struct bind_result result;
    bool api = rq->route->flags & ROUTE_API, lenient = rq->method == GET && !api;
    rq->form = arena_alloc(rq->arena, form ? form->size : 1);
    enum err e =
        bind_form(rq->arena, form ? form->params : NULL, &rq->raws, lenient, rq->form, &result);
    for (size_t i = 0; i < result.secrets_n; i++)
        req_defer(rq, free_secret, result.secrets[i]);
    if (e != E_OK)
        return e;
    for (size_t i = 0; i < result.errors_n; i++) {
        const struct bind_error *b = &result.errors[i];
        if (path_param(rq, b->field))
            return FAIL(E_ABSENT, "", "path parameter %s is of another kind", b->field);
        struct message_arg args[] = { { "n", str_fmt(rq->arena, "%lld", (long long)b->n) },
                                      { NULL, STR_ABSENT } };
        exchange_add_error(rq, str_z(b->field),
                           message_fmt(rq->arena, rq->lang, (struct msg){ b->msgid }, args));
    }
    rq->bad_form = rq->errors_n > 0;
    if (rq->bad_form && api)
        return FAIL(E_INPUT, "form-invalid", "%zu fields are wrong", rq->errors_n);
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
    if (rq->tx && e == E_OK)
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

/* DESIGN section 4. Each step may end the request. */
static enum err process(struct req *rq)
{
    TRY(read_length(rq));
    if (builtin_answer(rq))
        return E_OK;
    TRY(match(rq));
    if (rq->route == NULL)
        return E_OK; /* OPTIONS */
    TRY(check_length(rq));
    TRY(gate_identify(rq));
    TRY(gate_who(rq));
    TRY(gate_rate(rq));
    TRY(body_load(rq)); /* CSRF before the body is believed */
    TRY(add_query(rq));
    TRY(add_path_params(rq));
    TRY(bind(rq));
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
    struct refusal r = { &rq->who,
                         rq->address,
                         rq->id,
                         route_method_name(rq->method),
                         rq->route->path,
                         e,
                         str_fmt(rq->arena, "%s", f->reason).p };
    struct fault kept = *f;
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
        "event=request method=%s route=%s status=%d bytes=%llu us=%lld account=%llu client=%llu",
        rq->head ? "HEAD" : route_method_name(rq->method), rq->route ? rq->route->path : "none",
        rq->rs->status, (unsigned long long)length,
        (long long)(clock_monotonic_us() - rq->started_us), (unsigned long long)rq->who.account.v,
        (unsigned long long)rq->who.client.v);
}

static void send_answer(struct dispatcher *d)
{
    struct req *rq = &d->rq;
    struct resp *rs = &d->rs;
    struct bytes body = rs->text ? buf_bytes(rs->text) : rs->data;
    if (builtin_not_modified(rq, body))
        body = BYTES_ABSENT;
    buf_reset(&d->head);
    headers_write(rq, body.n, &d->head);
    struct bytes head = buf_bytes(&d->head);
    if (rq->t->write(rq->t->ctx, head.p, head.n) == 0 && !rq->head && body.n)
        (void)rq->t->write(rq->t->ctx, body.p, body.n);
    log_access(rq, body.n);
}

bool dispatch_run(struct dispatcher *d, const struct transport *t)
{
    struct req *rq = &d->rq;
    metrics_in_flight(d->app->metrics, true);
    d->id[0] = '\0';
    begin_request(d, t);
    if (setjmp(d->full) == 0) {
        rq->address = variable(rq, "REMOTE_ADDR");
        choose_id(d);
        choose_lang(rq);
        rq->anonymous = cookie_get(rq->arena, req_header(rq, "Cookie"), ANONYMOUS_COOKIE);
        if (rq->anonymous.n != 43)
            rq->anonymous = STR_ABSENT;
        enum err e = read_line(rq);
        if (e == E_OK)
            e = process(rq);
        if (e != E_OK)
            fail(rq, e);
        send_answer(d);
    } else {
        recover(d, t);
        send_answer(d);
    }
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
