/* resp.c - see resp.h */
#include "http/resp.h"

#include "base/encoding.h"
#include "http/exchange.h"
#include "http/flash.h"
#include "http/gate.h"
#include "http/text.h"

static void set_status(struct resp *rs, int status)
{
    if (!rs->status_fixed)
        rs->status = status;
}

void resp_status(struct resp *rs, int status)
{
    rs->status = status;
    rs->status_fixed = true;
}

enum err resp_page(struct resp *rs, const struct view *view, const void *v)
{
    struct req *rq = rs->rq;
    struct page_context page = {
        .path = rq->path,
        .request_id = rq->id,
        .now = rq->now,
        .errors = rq->errors,
        .error_count = rq->errors_n,
    };
    if (rq->app->render == NULL)
        return FAIL(E_INTERNAL, "", "%s has no pages", rq->app->name);
    page.csrf = gate_make_token(rq);
    flash_take(rq, &page);
    if (rq->app->hooks->page)
        TRY(rq->app->hooks->page(rq->app->hooks->arg, rq, &page));
    rs->text = dispatch_page_buf(rq->dispatcher);
    buf_reset(rs->text);
    bool bare = view->flags & VIEW_BARE;
    TRY(rq->app->render(rq->app->templates, view, rq->lang, bare ? NULL : &page, v, rq->arena,
                        rs->text));
    if (!buf_ok(rs->text))
        return FAIL(E_INTERNAL, "", "page %s is too large", view->template);
    rs->type = "text/html; charset=utf-8";
    set_status(rs, rq->errors_n ? 422 : 200);
    return E_OK;
}

static enum err redirect(struct resp *rs, struct str path)
{
    if (!text_local_path(path))
        return FAIL(E_INTERNAL, "", "redirect to something that is not a path of ours");
    resp_header(rs, "Location", path);
    rs->status = 303;
    rs->text = NULL;
    rs->data = BYTES_ABSENT;
    rs->type = NULL;
    return E_OK;
}

enum err resp_seeother_text(struct resp *rs, const char *path, struct str id)
{
    struct arena *a = rs->rq->arena;
    const char *open = strchr(path, '{');
    const char *shut = open ? strchr(open, '}') : NULL;
    if (shut == NULL)
        return redirect(rs, str_z(path));
    struct str value = percent_encode(a, id);
    return redirect(rs,
                    str_fmt(a, "%.*s%.*s%s", (int)(open - path), path, STR_ARG(value), shut + 1));
}

enum err resp_seeother(struct resp *rs, const char *path, uint64_t id)
{
    return resp_seeother_text(rs, path, str_fmt(rs->rq->arena, "%llu", (unsigned long long)id));
}

enum err resp_seeother_path(struct resp *rs, struct str path)
{
    return redirect(rs, path);
}

static void free_text(void *arg)
{
    buf_free(arg);
}

enum err resp_json(struct resp *rs, int status, struct json *json)
{
    struct buf *b = ARENA_NEW(rs->rq->arena, struct buf);
    *b = buf_init(16u << 20);
    req_defer(rs->rq, free_text, b);
    enum err e = json_write(json, false, b);
    json_free(json);
    if (e != E_OK)
        return e;
    rs->text = b;
    rs->type = "application/json";
    set_status(rs, status);
    return E_OK;
}

enum err resp_bytes(struct resp *rs, const char *type, struct bytes data)
{
    exchange_bytes(rs, type, data);
    return E_OK;
}

/* RFC 6266: an ASCII name for old readers, and the real one in filename* (RFC 8187). */
static void name_file(struct resp *rs, struct str filename, enum disposition disposition)
{
    struct arena *a = rs->rq->arena;
    struct str name = str_empty(filename) ? STR("file") : filename;
    struct str encoded = percent_encode(a, name);
    char *ascii = arena_alloc(a, name.n + 1);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        ascii[i] = c >= 0x20 && c < 0x7f && strchr("\"\\/%", c) == NULL ? c : '_';
    }
    resp_header(rs, "Content-Disposition",
                str_fmt(a, "%s; filename=\"%s\"; filename*=UTF-8''%.*s",
                        disposition == DISPOSITION_INLINE ? "inline" : "attachment", ascii,
                        STR_ARG(encoded)));
}

enum err resp_file(struct resp *rs, const char *type, struct str filename, struct bytes data,
                   enum disposition disposition)
{
    name_file(rs, filename, disposition);
    return resp_bytes(rs, type, data);
}

enum err resp_sink_write(struct resp_sink *sink, struct bytes piece)
{
    const struct transport *t = sink->rq->t;
    if (piece.n > 0 && t->write(t->ctx, piece.p, piece.n) != 0)
        return FAIL(E_BACKEND, "client-gone", "after %llu bytes", (unsigned long long)sink->sent);
    sink->sent += piece.n;
    return E_OK;
}

enum err resp_stream(struct resp *rs, const char *type, struct str filename, uint64_t length,
                     enum err (*produce)(void *arg, struct resp_sink *sink), void *arg,
                     enum disposition disposition)
{
    if (length > EXCHANGE_LARGE)
        TRY(exchange_take_turn(rs->rq));
    name_file(rs, filename, disposition);
    TRY(resp_bytes(rs, type, BYTES_ABSENT));
    rs->produce = produce;
    rs->produce_arg = arg;
    rs->length = length;
    return E_OK;
}

enum err resp_empty(struct resp *rs)
{
    rs->text = NULL;
    rs->data = BYTES_ABSENT;
    rs->type = NULL;
    set_status(rs, 204);
    return E_OK;
}

void resp_header(struct resp *rs, const char *name, struct str value)
{
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7f)
            return; /* a line end in a value would let its author write headers */
    struct header *h = ARENA_NEW(rs->rq->arena, struct header);
    *h = (struct header){ .name = name, .value = str_dup(rs->rq->arena, value) };
    *rs->headers_end = h;
    rs->headers_end = &h->next;
}

void resp_cache(struct resp *rs, uint32_t seconds)
{
    rs->cacheable = true;
    rs->cache_s = seconds;
}

void resp_flash(struct resp *rs, const char *tone, struct msg heading, struct str text)
{
    flash_leave(rs, tone, heading, text);
}

enum err resp_fail(struct resp *rs, enum err err)
{
    rs->failed = err;
    return E_OK;
}

void resp_undo(struct resp *rs)
{
    rs->undo = true;
}

void resp_retry_after(struct resp *rs, uint32_t seconds)
{
    rs->retry_after = seconds;
}
