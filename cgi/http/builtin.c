/* builtin.c - see builtin.h */
#include "http/builtin.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "http/metrics.h"
#include "http/static.h"

#include <stdlib.h>

#define YEAR_S 31536000

/* Asked from this machine, not through a proxy for somebody else. */
static bool local(const struct req *rq)
{
    struct str a = rq->address;
    return (str_empty(a) || str_eq_z(a, "unix:") || str_starts(a, STR("127.")) ||
            str_eq_z(a, "::1")) &&
           str_absent(req_header(rq, "X-Forwarded-For"));
}

static void answer_text(struct req *rq, int status, struct str text)
{
    exchange_bytes(rq->rs, "text/plain; charset=utf-8", bytes_of_str(text));
    resp_status(rq->rs, status);
}

static void answer_ready(struct req *rq)
{
    struct str lines = STR("");
    bool ready = true;
    for (const struct ready_check *c = rq->app->ready; c && c->name; c++) {
        enum err e = c->check(rq->app->hooks->arg);
        if (e != E_OK) {
            log_fault(c->name);
            fault_clear();
            ready = false;
        }
        lines =
            str_fmt(rq->arena, "%.*s%s %s\n", STR_ARG(lines), c->name, e == E_OK ? "ok" : "failed");
    }
    struct str verdict = ready ? STR("ready\n") : STR("not ready\n");
    if (local(rq))
        verdict = str_fmt(rq->arena, "%.*s%.*s", STR_ARG(verdict), STR_ARG(lines));
    answer_text(rq, ready ? 200 : 503, verdict);
}

static void answer_metrics(struct req *rq)
{
    struct buf *b = dispatch_page_buf(rq->dispatcher);
    buf_reset(b);
    metrics_write(rq->app, b);
    rq->rs->text = b;
    rq->rs->type = "text/plain; version=0.0.4; charset=utf-8";
    resp_status(rq->rs, 200);
}

static void answer_static(struct req *rq, const struct static_file *file)
{
    exchange_bytes(rq->rs, file->type.p, file->data);
    resp_header(rq->rs, "ETag", file->etag);
    resp_cache(rq->rs, file->hashed ? YEAR_S : 300);
}

bool builtin_answer(struct req *rq)
{
    struct static_file file;
    if (rq->method != GET)
        return false;
    if (str_eq_z(rq->path, "/healthz"))
        answer_text(rq, 200, STR("ok\n"));
    else if (str_eq_z(rq->path, "/readyz"))
        answer_ready(rq);
    else if (str_eq_z(rq->path, "/metrics") && local(rq))
        answer_metrics(rq);
    else if (static_find(rq->app->files, rq->path, &file))
        answer_static(rq, &file);
    else
        return false;
    return true;
}

static struct str own_header(const struct req *rq, const char *name)
{
    for (const struct header *h = rq->rs->headers; h; h = h->next)
        if (strcmp(h->name, name) == 0)
            return h->value;
    return STR_ABSENT;
}

/*
 * RFC 9110 13.1.2: weak comparison; a list or one tag. Ours hold no quotes or commas. 13.1.3: a
 * date counts when no tag is sent, and is the one that we gave: a list may change twice in a
 * second.
 */
static bool client_has_it(struct req *rq, struct str etag)
{
    struct str wanted = req_header(rq, "If-None-Match"), since;
    struct str changed = own_header(rq, "Last-Modified");

    if (wanted.p != NULL)
        return etag.p != NULL && (str_eq_z(wanted, "*") || strstr(wanted.p, etag.p) != NULL);
    since = req_header(rq, "If-Modified-Since");
    return since.p != NULL && changed.p != NULL && str_eq(since, changed);
}

bool builtin_not_modified(struct req *rq, struct bytes body)
{
    struct resp *rs = rq->rs;
    if (!rs->cacheable || rs->status != 200 || rq->method != GET)
        return false;
    struct str etag = own_header(rq, "ETag");
    if (str_absent(etag)) {
        struct bytes32 hash = sha256(body);
        struct str hex = hex_encode(rq->arena, (struct bytes){ hash.b, 16 });
        etag = str_fmt(rq->arena, "\"%.*s\"", STR_ARG(hex));
        resp_header(rs, "ETag", etag);
    }
    if (!client_has_it(rq, etag))
        return false;
    rs->status = 304;
    rs->text = NULL;
    rs->data = BYTES_ABSENT;
    return true;
}
