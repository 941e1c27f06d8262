/* req.c - see req.h */
#include "http/req.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/random.h"
#include "http/body.h"
#include "http/exchange.h"
#include "http/metrics.h"

#include <ctype.h>
#include <time.h>

#define ALONE_WAIT_US (30 * SECOND_US)

struct tx *req_tx(struct req *rq)
{
    return rq->tx;
}

struct arena *req_arena(struct req *rq)
{
    return rq->arena;
}

const struct who *req_who(const struct req *rq)
{
    return &rq->who;
}

struct account_id req_account(const struct req *rq)
{
    return rq->who.account;
}

struct tenant_id req_tenant(const struct req *rq)
{
    return rq->who.tenant;
}

enum lang req_lang(const struct req *rq)
{
    return rq->lang;
}

struct timestamp req_now(const struct req *rq)
{
    return rq->now;
}

struct str req_address(const struct req *rq)
{
    return rq->address;
}

struct str req_id(const struct req *rq)
{
    return rq->id;
}

struct str req_path(const struct req *rq)
{
    return rq->path;
}

/* RFC 3875 4.1.18: HTTP_ and the name in upper case, '-' as '_'. */
struct str req_header(const struct req *rq, const char *name)
{
    char variable[80] = "HTTP_";
    size_t n = strlen(name);
    if (n + 6 > sizeof(variable))
        return STR_ABSENT;
    for (size_t i = 0; i < n; i++)
        variable[5 + i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
    variable[5 + n] = '\0';
    return str_z(rq->t->variable(rq->t->ctx, variable));
}

struct str req_client_cert_pem(const struct req *rq)
{
    const char *verify = rq->t->variable(rq->t->ctx, "SSL_CLIENT_VERIFY");
    struct str escaped = str_z(rq->t->variable(rq->t->ctx, "SSL_CLIENT_CERT"));
    struct bytes pem;
    if (verify == NULL || strcmp(verify, "SUCCESS") != 0 || str_empty(escaped))
        return STR_ABSENT;
    if (percent_decode_bytes(rq->arena, escaped, &pem) != E_OK ||
        memchr(pem.p, '\0', pem.n) != NULL) {
        fault_clear();
        return STR_ABSENT;
    }
    return str_of(rq->arena, (const char *)pem.p, pem.n);
}

void *req_app_arg(const struct req *rq)
{
    return rq->app->hooks->arg;
}

const void *req_form(const struct req *rq)
{
    return rq->form;
}

bool req_invalid(struct req *rq)
{
    rq->asked = true;
    return rq->errors_n > 0;
}

void req_field_error(struct req *rq, const char *field, struct msg text)
{
    exchange_add_error(rq, str_z(field), message_text(rq->lang, text));
}

struct str req_raw(const struct req *rq, const char *field)
{
    const struct raw *r = raw_find(&rq->raws, field);
    const struct form *form = rq->route ? rq->route->form : NULL;
    for (const struct param *p = form ? form->params : NULL; p && p->name; p++)
        if (strcmp(p->name, field) == 0 && p->kind == PARAM_KIND_SECRET)
            return STR_ABSENT;
    if (r == NULL)
        return STR_ABSENT;
    return r->kind == RAW_TEXT ? r->text : r->kind == RAW_JSON ? json_str(r->json) : STR_ABSENT;
}

struct bytes req_body(const struct req *rq)
{
    return rq->body ? buf_bytes(rq->body) : BYTES_ABSENT;
}

struct str req_content_type(const struct req *rq)
{
    struct str type = str_z(rq->t->variable(rq->t->ctx, "CONTENT_TYPE"));
    size_t end = str_find(type, ';', 0);
    if (str_empty(type))
        return STR("");
    type = str_sub(rq->arena, type, 0, end == SIZE_MAX ? type.n : end);
    return str_lower(rq->arena, str_trim(rq->arena, type));
}

enum err req_read_body(struct req *rq, void *p, size_t n, size_t *got)
{
    return body_read(rq, p, n, got);
}

void req_defer(struct req *rq, void (*undo)(void *arg), void *arg)
{
    struct defer *d = ARENA_NEW(rq->arena, struct defer);
    *d = (struct defer){ rq->defers, undo, arg };
    rq->defers = d;
}

void req_worn(struct req *rq)
{
    rq->worn = true;
}

enum err req_alone(struct req *rq)
{
    const struct app *app = rq->app;
    int64_t until = clock_monotonic_us() + ALONE_WAIT_US;

    while (app->workers > 0 && !metrics_alone(app->metrics)) {
        /* of different length, so that two who met do not meet again */
        struct timespec pause = { .tv_nsec = (long)(20 + random_below(80)) * 1000 * 1000 };
        if (clock_monotonic_us() > until) {
            resp_retry_after(rq->rs, 10);
            return FAIL(E_LIMIT, "rate-limited", "another worker has a large document");
        }
        (void)nanosleep(&pause, NULL);
    }
    return E_OK;
}
