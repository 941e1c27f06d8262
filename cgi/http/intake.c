/* intake.c - see intake.h */
#include "http/intake.h"

#include "base/encoding.h"
#include "base/log.h"
#include "base/random.h"
#include "http/bind.h"
#include "http/cookie.h"
#include "http/form.h"
#include "http/gate.h"
#include "http/lang.h"
#include "http/session_cookie.h"

#define URI_MAX 8192

static struct str variable(const struct req *rq, const char *name)
{
    return str_z(rq->t->variable(rq->t->ctx, name));
}

/* A sane id from the proxy is kept, so that its log and ours can be joined; else our own. */
static void choose_id(struct req *rq, char id[INTAKE_ID])
{
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
    snprintf(id, INTAKE_ID, "%.*s", STR_ARG(given));
    rq->id = str_z(id);
    log_context(id);
}

static void choose_lang(struct req *rq)
{
    struct str cookie = cookie_get(rq->arena, req_header(rq, "Cookie"), LANG_COOKIE);
    if (str_empty(cookie) || !message_lang_from_code(cookie, &rq->lang))
        rq->lang = lang_accept(req_header(rq, "Accept-Language"));
}

void intake_begin(struct req *rq, char id[INTAKE_ID])
{
    rq->address = variable(rq, "REMOTE_ADDR");
    choose_id(rq, id);
    choose_lang(rq);
    rq->anonymous = cookie_get(rq->arena, req_header(rq, "Cookie"), ANONYMOUS_COOKIE);
    if (rq->anonymous.n != ANONYMOUS_TEXT)
        rq->anonymous = STR_ABSENT;
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

enum err intake_line(struct req *rq)
{
    TRY(read_line(rq));
    return read_length(rq);
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

enum err intake_params(struct req *rq)
{
    TRY(add_query(rq));
    TRY(add_path_params(rq));
    return bind(rq);
}
