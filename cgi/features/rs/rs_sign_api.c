/*
 * rs_sign_api.c - POST /rs/v1/sign and /extend: a document comes, is signed or extended, and goes
 * back; or later, with async=1.
 */
#include "features/rs/rs_form_api.h"

#include "base/crypto.h"

static const struct choice levels[] = {
    { "ES", SIGNING_ES },
    { "ES-T", SIGNING_ES_T },
    { "ES-LT", SIGNING_ES_LT },
    { "ES-A", SIGNING_ES_A },
    { NULL, 0 },
};

static const struct choice extensions[] = {
    { "timestamp", RS_TIMESTAMP },
    { "validation", RS_VALIDATION },
    { "archive", RS_ARCHIVE },
    { NULL, 0 },
};

/* Members of one form have one offset in every table that names them. */
#define OPTION_PARAMS                                                                              \
    PARAM_TOKEN(struct rs_sign_form, credential, 1, 64),                                           \
        PARAM_SECRET_OPT(struct rs_sign_form, pin, 1, 64),                                         \
        PARAM_CHOICE(struct rs_sign_form, level, levels),                                          \
        PARAM_TEXT_OPT(struct rs_sign_form, reason, 120),                                          \
        PARAM_TEXT_OPT(struct rs_sign_form, location, 120),                                        \
        PARAM_TEXT_OPT(struct rs_sign_form, contact, 120),                                         \
        PARAM_TEXT_OPT(struct rs_sign_form, auth_method, 40),                                      \
        PARAM_INT_OPT(struct rs_sign_form, auth_level, 0, 9, 0),                                   \
        PARAM_TEXT_OPT(struct rs_sign_form, auth_time, 40),                                        \
        PARAM_INT_OPT(struct rs_sign_form, certify, 1, 3, 0),                                      \
        PARAM_FLAG(struct rs_sign_form, lock), PARAM_TEXT_OPT(struct rs_sign_form, field, 120),    \
        PARAM_TEXTS(struct rs_sign_form, page, page_n, 1, 6, RS_PLACES_MAX),                       \
        PARAM_TEXTS(struct rs_sign_form, rect, rect_n, 7, 80, RS_PLACES_MAX),                      \
        PARAM_TEXTS(struct rs_sign_form, seal, seal_n, 1, 80, RS_PLACES_MAX),                      \
        PARAM_TEXT_OPT(struct rs_sign_form, caption_name, 120),                                    \
        PARAM_FLAG(struct rs_sign_form, caption_reason),                                           \
        PARAM_FLAG(struct rs_sign_form, caption_date),                                             \
        PARAM_SECRET_OPT(struct rs_sign_form, password, 1, 127),                                   \
        PARAM_FLAG(struct rs_sign_form, repair), PARAM_FLAG(struct rs_sign_form, async)

static const struct param sign_params[] = {
    PARAM_STREAM(struct rs_sign_form, document, RS_API_FILE_MAX),
    OPTION_PARAMS,
    PARAM_END,
};

const struct param rs_form_batch_params[] = {
    PARAM_STREAMS(struct rs_sign_form, documents, documents_n, RS_API_FILE_MAX, RS_BATCH_MAX),
    PARAM_TEXTS(struct rs_sign_form, digest, digest_n, 64, 128, RS_BATCH_MAX),
    OPTION_PARAMS,
    PARAM_END,
};

static const struct param extend_params[] = {
    PARAM_STREAM(struct rs_sign_form, document, RS_API_FILE_MAX),
    PARAM_CHOICE(struct rs_sign_form, kind, extensions),
    PARAM_SECRET_OPT(struct rs_sign_form, password, 1, 127),
    PARAM_FLAG(struct rs_sign_form, async),
    PARAM_END,
};

enum err rs_form_assertion(const struct rs_sign_form *f, struct signing_assertion *out)
{
    *out = (struct signing_assertion){ .method = str_empty(f->auth_method) ? STR("client")
                                                                           : f->auth_method,
                                       .level = (uint32_t)f->auth_level,
                                       .at = TIMESTAMP_NONE };
    for (size_t i = 0; i < out->method.n; i++)
        if ((unsigned char)out->method.p[i] < 0x21 || (unsigned char)out->method.p[i] > 0x7E)
            return FAIL(E_INPUT, "auth-method", "not a word of ASCII");
    if (str_empty(f->auth_time))
        return E_OK;
    if (timestamp_parse_rfc3339(f->auth_time, &out->at) != E_OK)
        return FAIL(E_INPUT, "auth-time", "not RFC 3339");
    return E_OK;
}

/* The first page belongs to the first rectangle, and so on; one seal may stand at all places. */
static enum err read_places(struct req *rq, const struct rs_sign_form *f, struct rs_options *o)
{
    o->places_n = f->rect_n;
    if (f->page_n != f->rect_n || (f->seal_n != f->rect_n && f->seal_n != (f->rect_n > 0)))
        return FAIL(E_INPUT, "seal-place", "page, rect and seal belong together");
    o->places = ARENA_ARRAY(req_arena(rq), o->places_n, struct rs_place);
    for (size_t i = 0; i < o->places_n; i++) {
        TRY(rs_place_parse(f->page[i], f->rect[i], &o->places[i]));
        o->places[i].seal = f->seal[f->seal_n == 1 ? 0 : i];
    }
    return E_OK;
}

enum err rs_form_options(struct req *rq, const struct rs_sign_form *f, struct rs_options *out)
{
    *out = (struct rs_options){ .kind = RS_SIGN,
                                .credential = f->credential,
                                .pin = f->pin,
                                .level = f->level,
                                .reason = f->reason,
                                .location = f->location,
                                .contact = f->contact,
                                .field = f->field,
                                .certify = (int)f->certify,
                                .lock = f->lock,
                                .repair = f->repair,
                                .caption_name = f->caption_name,
                                .caption_reason = f->caption_reason,
                                .caption_date = f->caption_date,
                                .password = f->password };
    TRY(rs_form_assertion(f, &out->assertion));
    return read_places(rq, f, out);
}

static void add_text(struct digest *d, struct str s)
{
    uint64_t n = s.n;
    digest_add(d, &n, sizeof n);
    digest_add(d, s.p ? s.p : "", s.n);
}

struct bytes32 rs_form_digest(const struct rs_options *o, const char *what,
                              const struct bytes32 *documents, size_t n)
{
    const int64_t numbers[] = { o->kind,   o->level,          o->certify,      o->lock,
                                o->repair, o->caption_reason, o->caption_date, (int64_t)n };
    const struct str texts[] = { str_z(what), o->credential, o->reason,      o->location,
                                 o->contact,  o->field,      o->caption_name };
    struct digest *d = digest_new(DIGEST_SHA256);
    struct bytes32 r;
    uint8_t sum[64];

    digest_add(d, numbers, sizeof numbers);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_text(d, texts[i]);
    for (size_t i = 0; i < o->places_n; i++) {
        const struct rs_place *p = &o->places[i];
        const int64_t at[] = { p->page, p->x, p->y, p->width, p->height };
        digest_add(d, at, sizeof at);
        add_text(d, p->seal);
    }
    for (size_t i = 0; i < n; i++)
        digest_add(d, documents[i].b, sizeof documents[i].b);
    digest_end(d, sum);
    memcpy(r.b, sum, sizeof r.b);
    return r;
}

/* Kept, ordered, 202: the signer does it. */
static enum err later(struct req *rq, struct resp *rs, const struct rs_options *o,
                      struct signing_intake *in, struct str key)
{
    struct bytes32 sum = signing_intake_digest(in);
    struct bytes32 digest = rs_form_digest(o, "later", &sum, 1);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_document d;
    struct json *j;
    struct str id;
    bool known;

    TRY(rs_api_repeated(rq, rs, key, &digest, &known));
    if (known)
        return E_OK;
    TRY(rs_request_store(req_tx(rq), o, rs_api_owner(rq), &by, req_now(rq), in, &d));
    TRY(rs_job_add(req_tx(rq), o, rs_api_owner(rq), d.public_id, STR_ABSENT, &by, req_now(rq),
                   &id));
    j = json_new_object();
    json_set_str(j, "id", id);
    json_set_str(j, "state", STR("queued"));
    return rs_api_answer(rq, rs, key, 202, rs_api_job_path(rq, id), j);
}

static enum err sign(struct req *rq, struct resp *rs)
{
    const struct rs_sign_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_receipt receipt;
    struct signing_request ask;
    struct rs_options o;
    struct str key;

    TRY(rs_api_admit(rq, rs, f->document.size));
    TRY(rs_api_key(rq, &key));
    TRY(rs_form_options(rq, f, &o));
    if (f->async)
        return later(rq, rs, &o, f->document.sink, key);
    TRY(rs_request_make(req_tx(rq), &o, rs_api_owner(rq), &by, req_now(rq), &ask));
    TRY(signing_intake_sign(req_tx(rq), &ask, f->document.sink, key, &receipt));
    resp_header(rs, "Location", rs_api_job_path(rq, receipt.record));
    if (receipt.replayed)
        resp_header(rs, "Idempotent-Replayed", STR("true"));
    return rs_api_send_result(rs, f->document.sink, f->document.filename);
}

static enum err now(struct req *rq, struct resp *rs, const struct rs_options *o,
                    const struct rs_sign_form *f, struct str key)
{
    struct bytes32 sum = signing_intake_digest(f->document.sink);
    struct bytes32 digest = rs_form_digest(o, "now", &sum, 1);
    static const enum signing_extension extension[] = {
        [RS_TIMESTAMP] = SIGNING_EXTEND_TIMESTAMP,
        [RS_VALIDATION] = SIGNING_EXTEND_VALIDATION,
        [RS_ARCHIVE] = SIGNING_EXTEND_ARCHIVE,
    };
    struct audit_by by = AUDIT_BY(rq);
    struct signing_receipt receipt;
    struct signing_request ask;
    struct signing_document d;
    struct rs_answer was;
    bool known = false;

    if (!str_absent(key))
        TRY(rs_repeat_claim(req_tx(rq), req_who(rq)->client, key, &digest, req_now(rq), &was,
                            &known));
    if (known) {
        struct signing_record r;
        resp_header(rs, "Idempotent-Replayed", STR("true"));
        TRY(signing_record_find(req_tx(rq), rs_api_owner(rq), was.body, &r));
        resp_header(rs, "Location", rs_api_job_path(rq, was.body));
        return rs_api_send_document(rq, rs, r.document_public);
    }
    TRY(signing_intake_store(req_tx(rq), f->document.sink, &d));
    TRY(rs_request_make(req_tx(rq), o, rs_api_owner(rq), &by, req_now(rq), &ask));
    TRY(signing_extend_document(req_tx(rq), &ask, d.public_id, extension[o->kind], &receipt));
    was = (struct rs_answer){ 200, STR_ABSENT, receipt.record };
    if (!str_absent(key))
        TRY(rs_repeat_keep(req_tx(rq), req_who(rq)->client, key, &was));
    resp_header(rs, "Location", rs_api_job_path(rq, receipt.record));
    return rs_api_send_document(rq, rs, d.public_id);
}

enum err rs_form_extend(struct req *rq, struct resp *rs, enum rs_kind kind,
                        const struct rs_sign_form *f)
{
    struct rs_options o = { .kind = kind,
                            .password = f->password,
                            .assertion = { .method = STR("client"), .at = TIMESTAMP_NONE } };
    struct str key;

    TRY(rs_api_admit(rq, rs, f->document.size));
    TRY(rs_api_key(rq, &key));
    return f->async ? later(rq, rs, &o, f->document.sink, key) : now(rq, rs, &o, f, key);
}

static enum err extend(struct req *rq, struct resp *rs)
{
    const struct rs_sign_form *f = req_form(rq);
    return rs_form_extend(rq, rs, f->kind, f);
}

const struct route rs_api_sign_routes[] = {
    { POST, "/rs/v1/sign", sign, WHO_CLIENT, FORM(sign_params, struct rs_sign_form),
      ROUTE_API | ROUTE_NO_CSRF, RS_API_FILE_MAX, RS_API_NOTE, NULL, &rs_api_intake },
    { POST, "/rs/v1/extend", extend, WHO_CLIENT, FORM(extend_params, struct rs_sign_form),
      ROUTE_API | ROUTE_NO_CSRF, RS_API_FILE_MAX, RS_API_NOTE, NULL, &rs_api_intake },
    { 0 },
};
