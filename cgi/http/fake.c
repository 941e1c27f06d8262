/* fake.c - see fake.h */
#include "http/fake.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/random.h"
#include "http/cookie.h"
#include "http/csrf.h"
#include "http/dispatch.h"
#include "http/session_cookie.h"

#include <stdlib.h>

#define HOST "shomei.test"
#define BOUNDARY "----fake1234567890"

struct pair {
    struct pair *next;
    struct str name, value; /* value absent: removed */
};

struct fake {
    const struct app *app;
    struct dispatcher *dispatcher;
    struct arena *arena; /* replies, cookies */
    struct pair *cookies, *headers;
    struct str cert, address;
    /* the request in work */
    struct pair *variables;
    struct bytes body;
    size_t body_at;
    struct buf out;
};

static const char *get_variable(void *ctx, const char *name)
{
    const struct fake *f = ctx;
    for (const struct pair *p = f->variables; p; p = p->next)
        if (str_eq_z(p->name, name))
            return p->value.p;
    return NULL;
}

/* In small pieces, so that tests meet every state of a streaming parser. */
static int read_body(void *ctx, void *p, size_t n)
{
    struct fake *f = ctx;
    size_t left = f->body.n - f->body_at;
    size_t piece = left > 100000 ? 65536 : 1000;
    n = n < piece ? n : piece;
    n = n < left ? n : left;
    if (n)
        memcpy(p, f->body.p + f->body_at, n);
    f->body_at += n;
    return (int)n;
}

static int write_reply(void *ctx, const void *p, size_t n)
{
    struct fake *f = ctx;
    buf_add(&f->out, p, n);
    return buf_ok(&f->out) ? 0 : -1;
}

struct fake *fake_new(const struct app *app)
{
    struct fake *f = calloc(1, sizeof(*f));
    if (f == NULL)
        abort();
    f->app = app;
    f->dispatcher = dispatch_new(app);
    f->arena = arena_new(256u << 20);
    f->out = buf_init(256u << 20);
    f->address = STR("192.0.2.1");
    return f;
}

void fake_free(struct fake *f)
{
    if (f == NULL)
        return;
    dispatch_free(f->dispatcher);
    arena_free(f->arena);
    buf_free(&f->out);
    free(f);
}

void fake_forget(struct fake *f)
{
    arena_reset(f->arena);
    f->cookies = f->headers = f->variables = NULL;
    f->cert = STR_ABSENT;
    f->address = STR("192.0.2.1");
}

static void set(struct fake *f, struct pair **list, struct str name, struct str value)
{
    struct pair *p = *list;
    while (p && !str_eq(p->name, name))
        p = p->next;
    if (p == NULL) {
        p = ARENA_NEW(f->arena, struct pair);
        p->name = str_dup(f->arena, name);
        p->next = *list;
        *list = p;
    }
    p->value = str_absent(value) ? STR_ABSENT : str_dup(f->arena, value);
}

static struct str get(const struct pair *list, const char *name)
{
    for (; list; list = list->next)
        if (str_eq_z(list->name, name))
            return list->value;
    return STR_ABSENT;
}

struct str fake_token(struct fake *f, struct bytes32 *hash)
{
    struct str token = random_token(f->arena, 32);
    *hash = sha256(bytes_of_str(token));
    return token;
}

void fake_sign_in(struct fake *f, struct str token)
{
    set(f, &f->cookies, STR(SESSION_COOKIE), token);
}

void fake_header(struct fake *f, const char *name, const char *value)
{
    set(f, &f->headers, str_z(name), str_z(value));
}

void fake_client_cert(struct fake *f, const char *pem)
{
    f->cert = pem ? percent_encode(f->arena, str_z(pem)) : STR_ABSENT;
}

void fake_address(struct fake *f, const char *address)
{
    f->address = str_dup(f->arena, str_z(address));
}

static struct str cookie_header(struct fake *f)
{
    struct str all = STR_ABSENT;
    for (const struct pair *p = f->cookies; p; p = p->next)
        if (!str_empty(p->value))
            all = str_fmt(f->arena, "%.*s%s%.*s=%.*s", STR_ARG(all), all.n ? "; " : "",
                          STR_ARG(p->name), STR_ARG(p->value));
    return all;
}

/* What nginx would set. */
static void set_variables(struct fake *f, const char *method, const char *uri, const char *type)
{
    f->variables = NULL;
    set(f, &f->variables, STR("REQUEST_METHOD"), str_z(method));
    set(f, &f->variables, STR("REQUEST_URI"), str_z(uri));
    set(f, &f->variables, STR("REMOTE_ADDR"), f->address);
    set(f, &f->variables, STR("HTTP_HOST"), STR(HOST));
    set(f, &f->variables, STR("CONTENT_TYPE"), str_z(type));
    set(f, &f->variables, STR("CONTENT_LENGTH"), str_fmt(f->arena, "%zu", f->body.n));
    set(f, &f->variables, STR("HTTP_COOKIE"), cookie_header(f));
    if (!str_absent(f->cert)) {
        set(f, &f->variables, STR("SSL_CLIENT_CERT"), f->cert);
        set(f, &f->variables, STR("SSL_CLIENT_VERIFY"), STR("SUCCESS"));
    }
    for (const struct pair *h = f->headers; h; h = h->next) {
        struct str name = str_fmt(f->arena, "HTTP_%.*s", STR_ARG(h->name));
        char *p = arena_alloc(f->arena, name.n + 1);
        for (size_t i = 0; i < name.n; i++)
            p[i] = name.p[i] == '-'                       ? '_'
                   : name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 32)
                                                          : name.p[i];
        set(f, &f->variables, (struct str){ p, name.n }, h->value);
    }
}

/* Keep what Set-Cookie says, as a browser would. */
static void keep_cookies(struct fake *f, struct str headers)
{
    static const char prefix[] = "Set-Cookie: ";
    for (size_t at = 0; at < headers.n;) {
        size_t end = str_find(headers, '\n', at);
        end = end == SIZE_MAX ? headers.n : end;
        struct str line = str_sub(f->arena, headers, at, end);
        size_t equals = str_find(line, '=', 0), semicolon = str_find(line, ';', 0);
        if (str_starts(line, str_z(prefix)) && equals != SIZE_MAX && semicolon != SIZE_MAX)
            set(f, &f->cookies, str_sub(f->arena, line, sizeof(prefix) - 1, equals),
                str_sub(f->arena, line, equals + 1, semicolon));
        at = end + 1;
    }
}

static struct fake_reply parse_reply(struct fake *f)
{
    struct fake_reply r = { 0 };
    struct bytes all = buf_bytes(&f->out);
    const uint8_t *split = all.n ? memmem(all.p, all.n, "\r\n\r\n", 4) : NULL;
    if (split == NULL)
        return r;
    size_t head = (size_t)(split - all.p);
    char *text = arena_alloc(f->arena, head + 1);
    size_t n = 0;
    for (size_t i = 0; i < head; i++)
        if (all.p[i] != '\r')
            text[n++] = (char)all.p[i];
    r.headers = (struct str){ text, n };
    char *body = arena_alloc(f->arena, all.n - head - 3);
    memcpy(body, split + 4, all.n - head - 4);
    r.body = (struct str){ body, all.n - head - 4 };
    uint64_t status = 0;
    if (n > 11 && str_to_u64(str_sub(f->arena, r.headers, 8, 11), 999, &status) == E_OK)
        r.status = (int)status;
    keep_cookies(f, r.headers);
    return r;
}

struct fake_reply fake_send(struct fake *f, const char *method, const char *path_and_query,
                            const char *type, struct bytes body)
{
    struct transport t = { f, get_variable, read_body, write_reply };
    f->body = body;
    f->body_at = 0;
    buf_reset(&f->out);
    set_variables(f, method, path_and_query, type);
    (void)dispatch_run(f->dispatcher, &t);
    return parse_reply(f);
}

struct fake_reply fake_get(struct fake *f, const char *path_and_query)
{
    return fake_send(f, "GET", path_and_query, NULL, BYTES_ABSENT);
}

/* As the gate judges it. */
static bool person_by_certificate(struct fake *f, struct bytes32 *hash)
{
    const struct hooks *h = f->app->hooks;
    struct who who = { 0 };
    struct str pem = STR_ABSENT;
    if (h->client_load == NULL || str_empty(f->cert) ||
        percent_decode(f->arena, f->cert, false, &pem) != E_OK ||
        h->client_load(h->arg, f->arena, pem, clock_now(), &who) != E_OK) {
        fault_clear();
        return false;
    }
    *hash = sha256(bytes_of_str(pem));
    return who.account.v != 0;
}

struct str fake_csrf(struct fake *f)
{
    struct bytes32 hash;
    struct str session = get(f->cookies, SESSION_COOKIE);
    if (f->app->csrf_key == NULL)
        return STR("none");
    if (person_by_certificate(f, &hash))
        return csrf_token(f->arena, f->app->csrf_key, bytes_of_32(&hash));
    /* The server binds to the session only if it knows it: ask which cookie it set otherwise. */
    struct str visit = get(f->cookies, ANONYMOUS_COOKIE);
    if (!str_empty(session)) {
        hash = sha256(bytes_of_str(session));
        struct session_state state = { 0 };
        const struct hooks *h = f->app->hooks;
        if (h->session_load &&
            h->session_load(h->arg, f->arena, &hash, clock_now(), &state) == E_OK)
            return csrf_token(f->arena, f->app->csrf_key, bytes_of_32(&hash));
    }
    if (str_empty(visit)) {
        visit = random_token(f->arena, 32);
        set(f, &f->cookies, STR(ANONYMOUS_COOKIE), visit);
    }
    return csrf_token(f->arena, f->app->csrf_key, bytes_of_str(visit));
}

static struct fake_reply post(struct fake *f, const char *path, struct str form)
{
    fake_header(f, "Origin", "https://" HOST);
    struct fake_reply r =
        fake_send(f, "POST", path, "application/x-www-form-urlencoded", bytes_of_str(form));
    fake_header(f, "Origin", NULL);
    return r;
}

struct fake_reply fake_post(struct fake *f, const char *path, const char *form)
{
    struct str token = fake_csrf(f);
    return post(f, path,
                str_fmt(f->arena, "csrf=%.*s%s%s", STR_ARG(token), form[0] ? "&" : "", form));
}

struct fake_reply fake_post_bare(struct fake *f, const char *path, const char *form)
{
    return post(f, path, str_z(form));
}

struct fake_reply fake_json(struct fake *f, const char *method, const char *path, const char *json)
{
    struct str token = fake_csrf(f);
    fake_header(f, "X-CSRF-Token", token.p);
    struct fake_reply r = fake_send(f, method, path, "application/json", bytes_of_str(str_z(json)));
    fake_header(f, "X-CSRF-Token", NULL);
    return r;
}

static void add_part(struct buf *b, struct str name, struct str value)
{
    buf_fmt(b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%.*s\"\r\n\r\n%.*s\r\n",
            STR_ARG(name), STR_ARG(value));
}

static void add_fields(struct fake *f, struct buf *b, struct str fields)
{
    for (size_t at = 0; at < fields.n;) {
        size_t end = str_find(fields, '&', at), equals = str_find(fields, '=', at);
        end = end == SIZE_MAX ? fields.n : end;
        struct str name, value;
        if (equals < end &&
            percent_decode(f->arena, str_sub(f->arena, fields, at, equals), true, &name) == E_OK &&
            percent_decode(f->arena, str_sub(f->arena, fields, equals + 1, end), true, &value) ==
                E_OK)
            add_part(b, name, value);
        at = end + 1;
    }
}

struct fake_reply fake_upload(struct fake *f, const char *path, const char *fields,
                              const char *name, const char *filename, struct bytes data)
{
    struct buf b = buf_init(data.n + strlen(fields) * 100 + 10000);
    add_part(&b, STR("csrf"), fake_csrf(f));
    add_fields(f, &b, str_z(fields));
    if (name) {
        buf_fmt(&b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"; ", name);
        buf_fmt(&b, "filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n", filename);
        buf_add_bytes(&b, data);
        buf_add_z(&b, "\r\n");
    }
    buf_add_z(&b, "--" BOUNDARY "--\r\n");
    struct fake_reply r =
        fake_send(f, "POST", path, "multipart/form-data; boundary=" BOUNDARY, buf_bytes(&b));
    buf_free(&b);
    return r;
}

struct str fake_reply_header(struct fake *f, const struct fake_reply *r, const char *name)
{
    size_t n = strlen(name);
    for (size_t at = 0; at < r->headers.n;) {
        size_t end = str_find(r->headers, '\n', at);
        end = end == SIZE_MAX ? r->headers.n : end;
        struct str line = str_sub(f->arena, r->headers, at, end);
        if (line.n > n + 1 && line.p[n] == ':' &&
            str_eq_ci(str_sub(f->arena, line, 0, n), str_z(name)))
            return str_trim(f->arena, str_sub(f->arena, line, n + 1, line.n));
        at = end + 1;
    }
    return STR_ABSENT;
}

bool fake_reply_has(const struct fake_reply *r, const char *text)
{
    return r->body.n && memmem(r->body.p, r->body.n, text, strlen(text)) != NULL;
}
