/* body.c - see body.h */
#include "http/body.h"

#include "base/encoding.h"
#include "http/csrf.h"
#include "http/form.h"
#include "http/gate.h"
#include "http/multipart.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>

#define FIELD_MAX 65536                /* bytes of a multipart field that is no file */
#define DRAIN_MAX (UINT64_C(64) << 20) /* bytes read for politeness after a refusal */
#define TOKEN_FIELD "csrf"
/* A sender that keeps a worker waiting: half a minute, and a second more for each of these bytes.
 */
#define SLOW_US (30 * SECOND_US)
#define SLOW_BYTES 32768

size_t body_limit(const struct route *route)
{
    return route->body_max ? route->body_max : BODY_MAX_DEFAULT;
}

enum err body_read(struct req *rq, void *p, size_t n, size_t *got)
{
    *got = 0;
    if (rq->body_ended)
        return E_OK;
    if (clock_monotonic_us() - rq->started_us >
        SLOW_US + (int64_t)(rq->body_read / SLOW_BYTES) * SECOND_US)
        return FAIL(E_INPUT, "body-too-slow", "%llu bytes in all that time",
                    (unsigned long long)rq->body_read);
    int r = rq->t->read(rq->t->ctx, p, n > INT_MAX ? INT_MAX : n);
    if (r < 0)
        return FAIL(E_INPUT, "body-cut-off", "the client went away");
    if (r == 0) {
        rq->body_ended = true;
        if (rq->body_length != SIZE_MAX && rq->body_read < rq->body_length)
            return FAIL(E_INPUT, "body-cut-off", "%llu of %llu bytes came",
                        (unsigned long long)rq->body_read, (unsigned long long)rq->body_length);
        return E_OK;
    }
    rq->body_read += (uint64_t)r;
    if (rq->body_read > body_limit(rq->route))
        return FAIL(E_LIMIT, "body-too-large", "more than %zu bytes", body_limit(rq->route));
    *got = (size_t)r;
    return E_OK;
}

void body_drain(struct req *rq)
{
    char scrap[16384];
    if (rq->body_length == 0)
        return;
    while (!rq->body_ended && rq->body_read < DRAIN_MAX) {
        int r = rq->t->read(rq->t->ctx, scrap, sizeof(scrap));
        rq->body_ended = r <= 0;
        rq->body_read += r > 0 ? (uint64_t)r : 0;
    }
    secret_wipe(scrap, sizeof(scrap));
}

/* --- memory that is wiped when the request ends ------------------------------------------------
 */

struct block {
    uint8_t *p;
    size_t n;
};

static void block_free(void *arg)
{
    struct block *b = arg;
    if (b->p) {
        secret_wipe(b->p, b->n);
        munmap(b->p, b->n);
    }
    b->p = NULL;
}

/* n bytes of their own mapping (pages come as they are touched); NULL when there is no memory. */
static struct block *block_new(struct req *rq, size_t n)
{
    struct block *b = ARENA_NEW(rq->arena, struct block);
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    (void)madvise(p, n, MADV_DONTDUMP);
    *b = (struct block){ p, n };
    req_defer(rq, block_free, b);
    return b;
}

static void free_body(void *arg)
{
    struct buf *b = arg;
    buf_free(b);
    free(b);
}

/* --- whole bodies ----------------------------------------------------------------------------- */

static enum err read_whole(struct req *rq)
{
    size_t limit = body_limit(rq->route);
    struct buf *b = calloc(1, sizeof(*b));
    if (b == NULL)
        return FAIL(E_BUSY, "memory", "no memory for a body");
    *b = buf_init(limit + 1);
    req_defer(rq, free_body, b);
    rq->body = b;
    for (;;) {
        uint8_t chunk[16384];
        size_t got = 0;
        enum err e = body_read(rq, chunk, sizeof(chunk), &got);
        if (got)
            buf_add(b, chunk, got);
        secret_wipe(chunk, got);
        if (e != E_OK)
            return e;
        if (got == 0)
            return buf_ok(b) ? E_OK : FAIL(E_BUSY, "memory", "no memory for a body");
    }
}

/* The token came in the body: it is taken out of the list, wherever it stands. */
static void take_token(struct req *rq)
{
    size_t kept = 0;
    for (size_t i = 0; i < rq->raws.n; i++) {
        const struct raw *r = &rq->raws.v[i];
        if (r->kind == RAW_TEXT && str_eq_z(r->name, TOKEN_FIELD)) {
            if (!rq->csrf_passed)
                gate_token(rq, r->text);
            continue;
        }
        rq->raws.v[kept++] = *r;
    }
    rq->raws.n = kept;
}

static enum err load_form(struct req *rq)
{
    TRY(read_whole(rq));
    /* Parsed in place; a list of its own, since the query's raws carry no token. */
    enum err e = E_OK;
    if (rq->body->n)
        e = form_parse(rq->arena, (char *)rq->body->p, rq->body->n, &rq->raws);
    take_token(rq);
    TRY(gate_csrf(rq)); /* also before complaining about the body */
    return e;
}

static void free_json(void *arg)
{
    json_free(arg);
}

struct json_visit {
    struct req *rq;
    enum err e;
};

static void add_member(const char *key, const struct json *value, void *arg)
{
    struct json_visit *v = arg;
    struct raw raw = { .name = str_z(key), .kind = RAW_JSON, .json = value };
    if (v->e == E_OK)
        v->e = raw_add(v->rq->arena, &v->rq->raws, &raw);
}

static enum err load_json(struct req *rq)
{
    struct json *root = NULL;
    struct json_visit v = { .rq = rq };
    TRY(gate_csrf(rq)); /* JSON bodies carry the token in X-CSRF-Token */
    TRY(read_whole(rq));
    enum err e = json_parse(buf_bytes(rq->body), &root);
    if (e != E_OK)
        return FAIL(E_INPUT, "json-malformed", "RFC 8259: %s", fault_current()->detail);
    req_defer(rq, free_json, root);
    if (!json_is_object(root))
        return FAIL(E_INPUT, "json-malformed", "the body is not a JSON object");
    json_each(root, add_member, &v);
    return v.e;
}

/* --- multipart -------------------------------------------------------------------------------- */

static enum err read_from_req(void *ctx, void *p, size_t n, size_t *got)
{
    return body_read(ctx, p, n, got);
}

static const struct param *find_param(const struct req *rq, struct str name)
{
    const struct form *form = rq->route->form;
    for (const struct param *p = form ? form->params : NULL; p && p->name; p++)
        if (str_eq_z(name, p->name))
            return p;
    return NULL;
}

/* Read the part into a block of at most `limit` bytes, with a NUL behind. */
static enum err read_part(struct req *rq, struct multipart *m, size_t limit, const char *reason,
                          struct bytes *out)
{
    uint64_t left = rq->body_length == SIZE_MAX ? limit : rq->body_length;
    size_t room = left < limit ? (size_t)left : limit;
    struct block *b = block_new(rq, room + 2);
    if (b == NULL)
        return FAIL(E_BUSY, "memory", "no memory for a part of %zu bytes", room);
    size_t n = 0, got = 0;
    do {
        TRY(multipart_read(m, b->p + n, room + 1 - n, &got));
        n += got;
        if (n > room)
            return FAIL(E_LIMIT, reason, "a part is larger than %zu bytes", room);
    } while (got > 0 || m->in_part);
    b->p[n] = '\0';
    *out = (struct bytes){ b->p, n };
    return E_OK;
}

/* A file part goes to the route's intake as it comes; an unset file control is nothing. */
static enum err stream_part(struct req *rq, struct multipart *m, uint64_t limit,
                            struct upload *file)
{
    const struct route_intake *in = rq->route->intake;
    uint8_t piece[MULTIPART_WINDOW];
    enum err e = E_OK;
    size_t got = 0;
    do {
        e = multipart_read(m, piece, sizeof(piece), &got);
        if (e == E_OK && got > 0 && file->size == 0)
            e = in->begin(rq, file);
        file->size += got;
        if (e == E_OK && file->size > limit)
            e = FAIL(E_LIMIT, "file-too-large", "a part is larger than %llu bytes",
                     (unsigned long long)limit);
        if (e == E_OK && got > 0)
            e = in->piece(rq, file, (struct bytes){ piece, got });
    } while (e == E_OK && (got > 0 || m->in_part));
    secret_wipe(piece, sizeof(piece));
    return e == E_OK && file->size > 0 ? in->end(rq, file) : e;
}

static enum err load_part(struct req *rq, struct multipart *m, const struct multipart_part *part)
{
    struct raw raw = { .name = part->name, .kind = RAW_TEXT };
    struct bytes data = BYTES_ABSENT;
    if (str_eq_z(part->name, TOKEN_FIELD) && str_absent(part->filename)) {
        TRY(read_part(rq, m, 200, "csrf", &data));
        if (!rq->csrf_passed)
            gate_token(rq, (struct str){ (const char *)data.p, data.n });
        return E_OK;
    }
    TRY(gate_csrf(rq)); /* the token has to be the first part: nothing is stored for strangers */
    const struct param *p = find_param(rq, part->name);
    if (p == NULL)
        return FAIL(E_INPUT, "parameter-unknown", "part number %zu is not in the form", m->parts);
    raw.file.filename = str_absent(part->filename) ? STR("") : part->filename;
    raw.file.type = part->type;
    if (p->kind == PARAM_KIND_STREAM || p->kind == PARAM_KIND_STREAMS) {
        raw.kind = RAW_FILE;
        TRY(stream_part(rq, m, (uint64_t)p->hi, &raw.file));
    } else if (p->kind == PARAM_KIND_FILE || p->kind == PARAM_KIND_FILES) {
        raw.kind = RAW_FILE;
        TRY(read_part(rq, m, (size_t)p->hi, "file-too-large", &data));
        raw.file.data = data;
        raw.file.size = data.n;
    } else {
        TRY(read_part(rq, m, FIELD_MAX, "parameter-too-large", &data));
        if (!utf8_valid((const char *)data.p, data.n))
            return FAIL(E_INPUT, "parameter-encoding", "field %s is not UTF-8", p->name);
        raw.text = (struct str){ (const char *)data.p, data.n };
    }
    return raw_add(rq->arena, &rq->raws, &raw);
}

static enum err load_multipart(struct req *rq)
{
    struct multipart *m = ARENA_NEW(rq->arena, struct multipart);
    struct multipart_part part = { .name = STR_ABSENT };
    bool more = false;
    struct str boundary =
        multipart_boundary(rq->arena, str_z(rq->t->variable(rq->t->ctx, "CONTENT_TYPE")));
    if (str_absent(boundary))
        return FAIL(E_INPUT, "multipart-malformed", "Content-Type without a proper boundary");
    multipart_open(m, rq->arena, boundary, read_from_req, rq);
    for (;;) {
        enum err e = multipart_next(m, &part, &more);
        if (e != E_OK) {
            TRY(gate_csrf(rq));
            return e;
        }
        if (!more)
            return gate_csrf(rq);
        TRY(load_part(rq, m, &part));
    }
}

/* ---------------------------------------------------------------------------------------------- */

/* Whether the form has a parameter that is not in the path. */
static bool wants_parameters(const struct route *route, const struct route_match *m)
{
    for (const struct param *p = route->form ? route->form->params : NULL; p && p->name; p++) {
        bool in_path = false;
        for (size_t i = 0; i < m->params_n; i++)
            in_path |= strlen(p->name) == m->params[i].name_n &&
                       memcmp(p->name, m->params[i].name, m->params[i].name_n) == 0;
        if (!in_path)
            return true;
    }
    return false;
}

enum err body_load(struct req *rq)
{
    struct str type = req_content_type(rq);
    bool wants = wants_parameters(rq->route, &rq->match);
    if (rq->route->flags & ROUTE_STREAM)
        return gate_csrf(rq);
    if (rq->method == GET || (rq->body_length == 0 && str_empty(type)))
        return gate_csrf(rq);
    if (!wants && (rq->route->flags & ROUTE_NO_CSRF))
        return read_whole(rq);
    if (str_eq_z(type, "application/x-www-form-urlencoded"))
        return load_form(rq);
    if (str_eq_z(type, "multipart/form-data"))
        return load_multipart(rq);
    if (str_eq_z(type, "application/json"))
        return load_json(rq);
    TRY(gate_csrf(rq));
    TRY(read_whole(rq));
    if (wants && rq->body->n > 0)
        return FAIL(E_UNSUPPORTED, "media-type", "a form, multipart or JSON body was due");
    return E_OK;
}
