/*
 * signing_upload_pages.c - documents on their way in: the plain form, whose files are taken as they
 * come, and uploads in several requests that go on after a failure (static/js/upload.js).
 */
#include "features/signing/signing_pages.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "features/signing/signing_reasons_pages.h"
#include "http/ratelimit.h"

#define FILE_MAX (INT64_C(2) << 30) /* the setting upload.max_bytes says less */
#define FILES_MAX 20
#define UNFINISHED_MAX 50

static const struct rate upload_rate = { "signing.upload", RATE_ACCOUNT, 300, 10 * MINUTE_US };

/* --- the form --- */

static void free_intake(void *arg)
{
    signing_intake_free(arg);
}

static enum err take_begin(struct req *rq, struct upload *file)
{
    struct signing_owner owner = signing_reasons_owner(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_intake *in;

    TRY(signing_intake_new(&owner, file->filename, UINT64_MAX, &by, req_now(rq), &in));
    req_defer(rq, free_intake, in);
    file->sink = in;
    return E_OK;
}

static enum err take_piece(struct req *rq, struct upload *file, struct bytes data)
{
    (void)rq;
    return signing_intake_add(file->sink, data);
}

static enum err take_end(struct req *rq, struct upload *file)
{
    (void)rq;
    return signing_intake_end(file->sink);
}

static const struct route_intake intake = { take_begin, take_piece, take_end };

struct upload_form {
    struct upload *file;
    size_t file_n;
};

static const struct param upload_params[] = {
    PARAM_STREAMS(struct upload_form, file, file_n, FILE_MAX, FILES_MAX),
    PARAM_END,
};

struct waiting_row {
    struct str public_id, filename;
    uint64_t size, expected;
    unsigned percent;
};

static const struct view_field waiting_fields[] = {
    VIEW_TEXT(struct waiting_row, public_id), VIEW_TEXT(struct waiting_row, filename),
    VIEW_SIZE(struct waiting_row, size),      VIEW_SIZE(struct waiting_row, expected),
    VIEW_INT(struct waiting_row, percent),    VIEW_END,
};

struct new_view {
    struct page_step *steps;
    size_t steps_count;
    struct waiting_row *waiting;
    size_t waiting_count;
    uint64_t largest;
};

static const struct view_field new_fields[] = {
    VIEW_LIST(struct new_view, steps, steps_count, page_step_fields),
    VIEW_LIST(struct new_view, waiting, waiting_count, waiting_fields),
    VIEW_INT(struct new_view, waiting_count),
    VIEW_SIZE(struct new_view, largest),
    VIEW_END,
};

const struct view signing_new_view = { "signing/new.html", "Sign a document", new_fields, 0 };

static enum err unfinished(struct req *rq, struct signing_document **rows, size_t *n)
{
    struct signing_filter f = { .state = SIGNING_RECEIVING, .limit = UNFINISHED_MAX };
    uint64_t total;
    return signing_document_list(req_tx(rq), signing_reasons_owner(rq), &f, rows, n, &total);
}

static enum err show_new(struct req *rq, struct resp *rs)
{
    struct new_view v = { .steps_count = SIGNING_STEPS, .largest = signing_upload_max() };
    struct signing_document *rows;

    v.steps = signing_reasons_steps(rq, 0);
    TRY(unfinished(rq, &rows, &v.waiting_count));
    v.waiting = ARENA_ARRAY(req_arena(rq), v.waiting_count, struct waiting_row);
    for (size_t i = 0; i < v.waiting_count; i++)
        v.waiting[i] = (struct waiting_row){ rows[i].public_id, rows[i].filename, rows[i].size,
                                             rows[i].expected, signing_reasons_percent(&rows[i]) };
    return resp_page(rs, &signing_new_view, &v);
}

/* One file: look at it. Several: they are signed together. */
static enum err go_on(struct req *rq, struct resp *rs, const struct str *ids, size_t n)
{
    struct str path = STR("/documents/together");
    if (n == 1)
        return resp_seeother_text(rs, "/documents/{id}", ids[0]);
    for (size_t i = 0; i < n; i++)
        path =
            str_fmt(req_arena(rq), "%.*s%cid=%.*s", STR_ARG(path), i ? '&' : '?', STR_ARG(ids[i]));
    return resp_seeother_path(rs, path);
}

static enum err upload(struct req *rq, struct resp *rs)
{
    const struct upload_form *f = req_form(rq);
    struct str ids[FILES_MAX];

    if (!req_invalid(rq) && f->file_n == 0)
        req_field_error(rq, "file", MSG("Choose a file."));
    if (req_invalid(rq))
        return show_new(rq, rs);
    for (size_t i = 0; i < f->file_n; i++) {
        struct signing_document d;
        enum err e = signing_intake_store(req_tx(rq), f->file[i].sink, &d);
        if (e != E_OK)
            return signing_reasons_show(rq) ? show_new(rq, rs) : e;
        ids[i] = d.public_id;
    }
    return go_on(rq, rs, ids, f->file_n);
}

/* --- in several requests --- */

static enum err say(struct req *rq, struct resp *rs, int status, const struct signing_document *d)
{
    struct json *j = json_new_object();

    json_set_str(j, "id", d->public_id);
    json_set_str(j, "name", d->filename);
    json_set_i64(j, "size", (int64_t)d->expected);
    json_set_i64(j, "offset", (int64_t)d->size);
    json_set_i64(j, "piece", SIGNING_PIECES_AT_ONCE);
    json_set_bool(j, "finished", d->state == SIGNING_UPLOADED || d->state == SIGNING_SIGNED);
    json_set_time(j, "delete_at", d->delete_at);
    resp_header(rs, "Upload-Offset", str_fmt(req_arena(rq), "%llu", (unsigned long long)d->size));
    return resp_json(rs, status, j);
}

struct announce_form {
    struct str name;
    int64_t size;
};

static const struct param announce_params[] = {
    PARAM_TEXT(struct announce_form, name, 1, 255),
    PARAM_INT(struct announce_form, size, 1, FILE_MAX),
    PARAM_END,
};

static enum err announce(struct req *rq, struct resp *rs)
{
    const struct announce_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_document d;

    TRY(signing_document_begin(req_tx(rq), signing_reasons_owner(rq), f->name, (uint64_t)f->size,
                               &by, req_now(rq), &d));
    resp_header(rs, "Location", str_fmt(req_arena(rq), "/uploads/%s", d.public_id.p));
    return say(rq, rs, 201, &d);
}

struct id_form {
    struct str id;
};

static const struct param id_params[] = {
    PARAM_TOKEN(struct id_form, id, 1, 64),
    PARAM_END,
};

/* Another person's is as unknown as one that never was. */
static enum err find(struct req *rq, struct signing_document *d)
{
    const struct id_form *f = req_form(rq);
    return signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id, d);
}

static enum err look(struct req *rq, struct resp *rs)
{
    struct signing_document d;
    TRY(find(rq, &d));
    if (d.state == SIGNING_DELETED)
        return FAIL(E_STATE, "document-deleted", "expired, or given up");
    return say(rq, rs, 200, &d);
}

static enum err list(struct req *rq, struct resp *rs)
{
    struct json *j = json_new_object(), *items = json_new_array();
    struct signing_document *rows;
    size_t n = 0;
    enum err e = unfinished(rq, &rows, &n);

    for (size_t i = 0; e == E_OK && i < n; i++) {
        struct json *item = json_new_object();
        json_set_str(item, "id", rows[i].public_id);
        json_set_str(item, "name", rows[i].filename);
        json_set_i64(item, "size", (int64_t)rows[i].expected);
        json_set_i64(item, "offset", (int64_t)rows[i].size);
        json_append(items, item);
    }
    json_set(j, "uploads", items);
    if (e == E_OK)
        return resp_json(rs, 200, j);
    json_free(j);
    return e;
}

/* RFC 9530 Content-Digest with SHA-256; absent: TLS has to do. */
static enum err wanted_digest(struct req *rq, struct bytes *out)
{
    struct str h = req_header(rq, "Content-Digest");
    const struct str begin = STR("sha-256=:");

    *out = BYTES_ABSENT;
    if (str_absent(h))
        return E_OK;
    if (h.n <= begin.n + 1 || memcmp(h.p, begin.p, begin.n) != 0 || h.p[h.n - 1] != ':' ||
        base64_decode(req_arena(rq), str_sub(req_arena(rq), h, begin.n, h.n - 1), out) != E_OK ||
        out->n != 32)
        return FAIL(E_INPUT, "upload-digest", "Content-Digest is not sha-256=:...:");
    return E_OK;
}

static enum err read_piece(struct req *rq, uint8_t *room, size_t *n)
{
    size_t got = 1;
    for (*n = 0; got > 0 && *n < SIGNING_PIECE; *n += got)
        TRY(req_read_body(rq, room + *n, SIGNING_PIECE - *n, &got));
    return E_OK;
}

/* What of the body is whole goes to the document, a piece at a time. */
static enum err take_body(struct req *rq, struct signing_document *d, uint8_t *room,
                          struct digest *sum)
{
    size_t n = 0;
    do {
        TRY(read_piece(rq, room, &n));
        digest_add(sum, room, n);
        if (n > 0)
            TRY(signing_document_piece(req_tx(rq), d, d->size, (struct bytes){ room, n }));
        d->size += n;
    } while (n == SIGNING_PIECE);
    return E_OK;
}

static enum err take_offset(struct req *rq, const struct signing_document *d)
{
    uint64_t offset = 0;
    if (str_to_u64(req_header(rq, "Upload-Offset"), INT64_MAX, &offset) != E_OK)
        return FAIL(E_INPUT, "upload-offset-missing", "Upload-Offset is not a number");
    if (offset != d->size)
        return FAIL(E_CONFLICT, "upload-offset", "at %llu, not %llu", (unsigned long long)d->size,
                    (unsigned long long)offset);
    return E_OK;
}

static void free_digest(void *arg)
{
    struct digest **sum = arg;
    digest_free(*sum);
}

static enum err add(struct req *rq, struct resp *rs)
{
    struct digest **sum = ARENA_NEW(req_arena(rq), struct digest *);
    uint8_t *room, got[64];
    struct signing_document d;
    struct bytes wanted;

    TRY(find(rq, &d));
    TRY(take_offset(rq, &d));
    TRY(wanted_digest(rq, &wanted));
    room = arena_alloc(req_arena(rq), SIGNING_PIECE);
    *sum = digest_new(DIGEST_SHA256);
    req_defer(rq, free_digest, sum);
    TRY(take_body(rq, &d, room, *sum));
    (void)digest_end(*sum, got);
    *sum = NULL;
    if (wanted.n > 0 && memcmp(wanted.p, got, wanted.n) != 0)
        return FAIL(E_INPUT, "upload-digest", "the piece is not what was sent");
    return say(rq, rs, 200, &d);
}

static enum err finish(struct req *rq, struct resp *rs)
{
    struct audit_by by = AUDIT_BY(rq);
    struct signing_document d;

    TRY(find(rq, &d));
    if (d.state == SIGNING_UPLOADED || d.state == SIGNING_SIGNED)
        return say(rq, rs, 200, &d); /* the answer before got lost */
    TRY(signing_document_finish(req_tx(rq), &d, &by, req_now(rq), &d));
    return say(rq, rs, 200, &d);
}

static enum err give_up(struct req *rq, struct resp *rs)
{
    const struct id_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    TRY(signing_document_erase(req_tx(rq), signing_reasons_owner(rq), f->id, &by, req_now(rq)));
    return resp_empty(rs);
}

const struct route signing_upload_routes[] = {
    { GET, "/documents/new", show_new, WHO_ACCOUNT, NULL, 0, 0, NULL, NULL, NULL },
    { POST, "/documents", upload, WHO_ACCOUNT, FORM(upload_params, struct upload_form), 0, FILE_MAX,
      NULL, &upload_rate, &intake },
    { GET, "/uploads", list, WHO_ACCOUNT, NULL, ROUTE_API, 0, NULL, NULL, NULL },
    { POST, "/uploads", announce, WHO_ACCOUNT, FORM(announce_params, struct announce_form),
      ROUTE_API, 0, NULL, &upload_rate, NULL },
    { GET, "/uploads/{id}", look, WHO_ACCOUNT, FORM(id_params, struct id_form), ROUTE_API, 0, NULL,
      NULL, NULL },
    { PATCH, "/uploads/{id}", add, WHO_ACCOUNT, FORM(id_params, struct id_form),
      ROUTE_API | ROUTE_STREAM, SIGNING_PIECES_AT_ONCE, NULL, NULL, NULL },
    { POST, "/uploads/{id}/finish", finish, WHO_ACCOUNT, FORM(id_params, struct id_form), ROUTE_API,
      0, NULL, NULL, NULL },
    { DELETE, "/uploads/{id}", give_up, WHO_ACCOUNT, FORM(id_params, struct id_form), ROUTE_API, 0,
      NULL, NULL, NULL },
    { 0 },
};
