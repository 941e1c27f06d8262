/* rs_api.c - what the routes of the remote signing API share; see rs_inside_api.h */
#include "features/rs/rs_inside_api.h"

#include "base/crypto.h"

#define ANSWER_MAX 60000

struct signing_owner rs_api_owner(const struct req *rq)
{
    return (struct signing_owner){ .tenant = req_tenant(rq), .client = req_who(rq)->client };
}

enum err rs_api_admit(struct req *rq, struct resp *rs, uint64_t size)
{
    uint32_t retry_s = 0;
    enum err e = signing_client_admit(req_tx(rq), req_who(rq)->client, size, req_now(rq), &retry_s);

    if (e == E_LIMIT && retry_s > 0)
        resp_retry_after(rs, retry_s);
    return e;
}

enum err rs_api_key(const struct req *rq, struct str *key)
{
    *key = req_header(rq, "Idempotency-Key");
    if (str_absent(*key))
        return E_OK;
    if (key->n == 0 || key->n > 255)
        return FAIL(E_INPUT, "idempotency-key", "1 to 255 characters");
    for (size_t i = 0; i < key->n; i++)
        if ((unsigned char)key->p[i] < 0x20 || (unsigned char)key->p[i] > 0x7E)
            return FAIL(E_INPUT, "idempotency-key", "printable ASCII only");
    return E_OK;
}

enum err rs_api_repeated(struct req *rq, struct resp *rs, struct str key,
                         const struct bytes32 *digest, bool *known)
{
    struct rs_answer was;
    struct json *j = NULL;

    *known = false;
    if (str_absent(key))
        return E_OK;
    TRY(rs_repeat_claim(req_tx(rq), req_who(rq)->client, key, digest, req_now(rq), &was, known));
    if (!*known)
        return E_OK;
    resp_header(rs, "Idempotent-Replayed", STR("true"));
    if (!str_absent(was.location))
        resp_header(rs, "Location", was.location);
    TRY(json_parse(bytes_of_str(was.body), &j));
    return resp_json(rs, (int)was.status, j);
}

enum err rs_api_once(struct req *rq, struct resp *rs, const char *what, struct str about,
                     bool *known)
{
    struct rs_answer was = { 204, STR_ABSENT, STR_ABSENT };
    struct str key, text = str_fmt(req_arena(rq), "%s %.*s", what, STR_ARG(about));
    const struct bytes32 digest = sha256(bytes_of_str(text));

    *known = false;
    TRY(rs_api_key(rq, &key));
    if (str_absent(key))
        return E_OK;
    TRY(rs_repeat_claim(req_tx(rq), req_who(rq)->client, key, &digest, req_now(rq), &was, known));
    if (!*known)
        return rs_repeat_keep(req_tx(rq), req_who(rq)->client, key, &was);
    resp_header(rs, "Idempotent-Replayed", STR("true"));
    return E_OK;
}

enum err rs_api_answer(struct req *rq, struct resp *rs, struct str key, int status,
                       struct str location, struct json *json)
{
    struct rs_answer answer = { (uint32_t)status, location, STR_ABSENT };
    struct buf b = buf_init(ANSWER_MAX);
    enum err e = E_OK;

    if (!str_absent(key)) {
        e = json_write(json, false, &b);
        if (e == E_OK)
            e = buf_to_str(&b, req_arena(rq), &answer.body);
        if (e == E_OK)
            e = rs_repeat_keep(req_tx(rq), req_who(rq)->client, key, &answer);
        buf_free(&b);
    }
    if (e != E_OK) {
        json_free(json);
        return e;
    }
    if (!str_absent(location))
        resp_header(rs, "Location", location);
    return resp_json(rs, status, json);
}

struct str rs_api_job_path(struct req *rq, struct str id)
{
    return str_fmt(req_arena(rq), "/rs/v1/jobs/%.*s", STR_ARG(id));
}

/* --- documents on their way in, and out --- */

static void free_intake(void *arg)
{
    signing_intake_free(arg);
}

static enum err take_begin(struct req *rq, struct upload *file)
{
    struct signing_owner owner = rs_api_owner(rq);
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

const struct route_intake rs_api_intake = { take_begin, take_piece, take_end };

static enum err to_sink(void *sink, struct bytes piece)
{
    return resp_sink_write(sink, piece);
}

static enum err send_result(void *arg, struct resp_sink *sink)
{
    return signing_intake_send(arg, to_sink, sink);
}

static enum err send_document(void *arg, struct resp_sink *sink)
{
    return signing_document_send(arg, to_sink, sink);
}

enum err rs_api_send_result(struct resp *rs, struct signing_intake *in, struct str filename)
{
    return resp_stream(rs, "application/pdf", filename, signing_intake_result_size(in), send_result,
                       in, DISPOSITION_ATTACHMENT);
}

enum err rs_api_send_document(struct req *rq, struct resp *rs, struct str public_id)
{
    struct signing_document *d = ARENA_NEW(req_arena(rq), struct signing_document);

    TRY(signing_document_find(req_tx(rq), rs_api_owner(rq), public_id, d));
    TRY(signing_document_readable(d));
    return resp_stream(rs, "application/pdf", d->filename, d->size, send_document, d,
                       DISPOSITION_ATTACHMENT);
}
