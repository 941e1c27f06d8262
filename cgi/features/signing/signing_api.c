/* signing_api.c - the remote signing API, /rs/v1 (docs/api.md; DESIGN section 7). */
#include "features/signing/signing_pages.h"

#include "base/encoding.h"
#include "features/signing/signing.h"
#include "http/req.h"
#include "http/resp.h"

#define FILE_MAX (INT64_C(2) << 30) /* the setting and the client's contract say less */
#define BODY_MAX (1024u << 20)      /* where all of it is in memory; nginx admits less */
#define CERTIFICATE_NOTE "the caller is a system with a client certificate; there are no cookies"

static const struct choice levels[] = {
    { "ES", SIGNING_ES },
    { "ES-T", SIGNING_ES_T },
    { "ES-LT", SIGNING_ES_LT },
    { "ES-A", SIGNING_ES_A },
    { NULL, 0 },
};

static struct signing_owner owner_of(const struct req *rq)
{
    return (struct signing_owner){ .tenant = req_tenant(rq), .client = req_who(rq)->client };
}

/* Count the request against the client's own limits. */
static enum err admit(struct req *rq, struct resp *rs, size_t size)
{
    uint32_t retry_s = 0;
    enum err e = signing_client_admit(req_tx(rq), req_who(rq)->client, size, req_now(rq), &retry_s);
    if (e == E_LIMIT && retry_s > 0)
        resp_retry_after(rs, retry_s);
    return e;
}

/* --- a document on its way in, and out --- */

static void free_intake(void *arg)
{
    signing_intake_free(arg);
}

static enum err take_begin(struct req *rq, struct upload *file)
{
    struct signing_owner owner = owner_of(rq);
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

/* --- sign --- */

struct sign_form {
    struct upload document;
    struct str credential, reason, location, contact, auth_method, auth_time, rect, seal;
    struct secret *pin;
    enum signing_level level;
    int64_t auth_level, page;
};

static const struct param sign_params[] = {
    PARAM_STREAM(struct sign_form, document, FILE_MAX),
    PARAM_TOKEN(struct sign_form, credential, 1, 64),
    PARAM_SECRET_OPT(struct sign_form, pin, 1, 64),
    PARAM_CHOICE(struct sign_form, level, levels),
    PARAM_TEXT_OPT(struct sign_form, reason, 120),
    PARAM_TEXT_OPT(struct sign_form, location, 120),
    PARAM_TEXT_OPT(struct sign_form, contact, 120),
    PARAM_TEXT_OPT(struct sign_form, auth_method, 40),
    PARAM_INT_OPT(struct sign_form, auth_level, 0, 9, 0),
    PARAM_TEXT_OPT(struct sign_form, auth_time, 40),
    PARAM_INT_OPT(struct sign_form, page, 1, 100000, 0),
    PARAM_TEXT_OPT(struct sign_form, rect, 80),
    PARAM_TEXT_OPT(struct sign_form, seal, 80),
    PARAM_END,
};

/* P3-23: how the client's system identified the person; as stated, for the gate and the record. */
static enum err read_assertion(const struct sign_form *f, struct signing_assertion *out)
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

static enum err read_key(const struct req *rq, struct str *key)
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

static enum err read_request(struct req *rq, const struct sign_form *f, struct signing_request *out)
{
    if (f->page > 0 || !str_empty(f->rect) || !str_empty(f->seal))
        return FAIL(E_UNSUPPORTED, "visible-seal-unsupported", "page, rect, seal");
    *out = (struct signing_request){ .owner = owner_of(rq),
                                     .by = AUDIT_BY(rq),
                                     .credential = f->credential,
                                     .pin = f->pin,
                                     .level = f->level,
                                     .reason = f->reason,
                                     .location = f->location,
                                     .contact = f->contact,
                                     .now = req_now(rq) };
    return read_assertion(f, &out->assertion);
}

static struct str job_path(struct req *rq, struct str id)
{
    return str_fmt(req_arena(rq), "/rs/v1/jobs/%.*s", STR_ARG(id));
}

static enum err sign(struct req *rq, struct resp *rs)
{
    const struct sign_form *f = req_form(rq);
    struct signing_intake *in = f->document.sink;
    struct signing_receipt receipt;
    struct signing_request ask;
    struct str key;

    TRY(admit(rq, rs, f->document.size));
    TRY(read_key(rq, &key));
    TRY(read_request(rq, f, &ask));
    TRY(signing_intake_sign(req_tx(rq), &ask, in, key, &receipt));
    resp_header(rs, "Location", job_path(rq, receipt.record));
    if (receipt.replayed)
        resp_header(rs, "Idempotent-Replayed", STR("true"));
    return resp_stream(rs, "application/pdf", f->document.filename, signing_intake_result_size(in),
                       send_result, in, DISPOSITION_ATTACHMENT);
}

/* --- verify --- */

struct verify_form {
    struct upload document;
};

static const struct param verify_params[] = {
    PARAM_FILE(struct verify_form, document, BODY_MAX),
    PARAM_END,
};

static enum err verify(struct req *rq, struct resp *rs)
{
    const struct verify_form *f = req_form(rq);
    struct signing_verification v;

    TRY(admit(rq, rs, f->document.data.n));
    struct signing_verify_request ask = { .pdf = f->document.data, .at = req_now(rq) };
    TRY(signing_verify(&ask, req_arena(rq), &v));
    return resp_json(rs, 200, signing_verify_json(&v));
}

/* --- credentials --- */

static struct json *credential_json(const struct signing_credential *c,
                                    const struct signing_certificate *x)
{
    struct json *j = json_new_object(), *cert = json_new_object();

    json_set_str(j, "id", c->public_id);
    json_set_str(j, "label", c->label);
    json_set_str(j, "key", c->key_kind);
    json_set_bool(j, "pin", c->pin_bound);
    json_set_str(j, "state", str_z(signing_credential_state_name(c->state)));
    json_set_str(cert, "subject", x->subject);
    json_set_str(cert, "serial", x->serial);
    json_set_time(cert, "not_before", x->not_before);
    json_set_time(cert, "not_after", x->not_after);
    json_set_str(cert, "state", x->state);
    json_set(j, "certificate", cert);
    return j;
}

static enum err credentials(struct req *rq, struct resp *rs)
{
    struct json *j = json_new_object(), *list = json_new_array();
    struct signing_credential *rows;
    struct signing_certificate x;
    size_t n = 0;
    enum err e = admit(rq, rs, 0);

    if (e == E_OK)
        e = signing_credential_list(req_tx(rq), owner_of(rq), &rows, &n);
    for (size_t i = 0; e == E_OK && i < n; i++) {
        e = signing_credential_certificate(req_tx(rq), &rows[i], req_now(rq), &x);
        if (e == E_OK)
            json_append(list, credential_json(&rows[i], &x));
    }
    json_set(j, "credentials", list);
    if (e == E_OK)
        return resp_json(rs, 200, j);
    json_free(j);
    return e;
}

/* --- jobs --- */

struct job_form {
    struct str id;
    bool content;
};

static const struct param job_params[] = {
    PARAM_TOKEN(struct job_form, id, 1, 64),
    PARAM_FLAG(struct job_form, content),
    PARAM_END,
};

static struct str job_state(const struct signing_record *r)
{
    if (!str_eq_z(r->outcome, "signed"))
        return STR("failed");
    return r->document_held ? STR("signed") : STR("deleted");
}

static struct json *job_json(struct arena *a, const struct signing_record *r)
{
    struct json *j = json_new_object();

    json_set_str(j, "id", r->public_id);
    json_set_str(j, "state", job_state(r));
    if (!str_absent(r->reason_code))
        json_set_str(j, "reason", r->reason_code);
    json_set_str(j, "level", r->level);
    json_set_time(j, "requested_at", r->requested);
    json_set_time(j, "finished_at", r->finished);
    json_set_time(j, "delete_at", r->delete_at);
    json_set_str(j, "credential", r->credential);
    json_set_str(j, "certificate_serial", r->certificate_serial);
    json_set_str(j, "sha256_in", hex_encode(a, bytes_of_32(&r->digest_in)));
    json_set_str(j, "sha256_out", hex_encode(a, bytes_of_32(&r->digest_out)));
    json_set_i64(j, "size_in", (int64_t)r->size_in);
    json_set_i64(j, "size_out", (int64_t)r->size_out);
    if (!str_absent(r->tsa)) {
        json_set_str(j, "tsa", r->tsa);
        json_set_str(j, "timestamp_serial", r->tsa_serial);
        json_set_time(j, "timestamp_at", r->tsa_time);
    }
    if (!str_absent(r->archive_serial)) {
        json_set_str(j, "archive_timestamp_serial", r->archive_serial);
        json_set_time(j, "archive_timestamp_at", r->archive_time);
    }
    json_set_str(j, "request_id", r->request_id);
    return j;
}

/* The signed file, only while it is the one of this job. */
static enum err send_content(struct req *rq, struct resp *rs, const struct signing_record *r)
{
    struct signing_document *d = ARENA_NEW(req_arena(rq), struct signing_document);

    if (!r->document_held)
        return FAIL(E_STATE, "document-deleted", "erased");
    TRY(signing_document_find(req_tx(rq), owner_of(rq), r->document_public, d));
    TRY(signing_document_readable(d));
    return resp_stream(rs, "application/pdf", d->filename, d->size, send_document, d,
                       DISPOSITION_ATTACHMENT);
}

static enum err job(struct req *rq, struct resp *rs)
{
    const struct job_form *f = req_form(rq);
    struct signing_record r;

    TRY(admit(rq, rs, 0));
    TRY(signing_record_find(req_tx(rq), owner_of(rq), f->id, &r));
    if (f->content)
        return send_content(rq, rs, &r);
    return resp_json(rs, 200, job_json(req_arena(rq), &r));
}

static enum err job_document(struct req *rq, struct resp *rs)
{
    const struct job_form *f = req_form(rq);
    struct signing_record r;

    TRY(admit(rq, rs, 0));
    TRY(signing_record_find(req_tx(rq), owner_of(rq), f->id, &r));
    return send_content(rq, rs, &r);
}

static enum err delete_job(struct req *rq, struct resp *rs)
{
    const struct job_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_record r;

    TRY(admit(rq, rs, 0));
    TRY(signing_record_find(req_tx(rq), owner_of(rq), f->id, &r));
    if (!r.document_held)
        return FAIL(E_STATE, "document-deleted", "nothing is kept");
    TRY(signing_document_erase(req_tx(rq), owner_of(rq), r.document_public, &by, req_now(rq)));
    return resp_empty(rs);
}

const struct route signing_api_routes[] = {
    { POST, "/rs/v1/sign", sign, WHO_CLIENT, FORM(sign_params, struct sign_form),
      ROUTE_API | ROUTE_NO_CSRF, FILE_MAX, CERTIFICATE_NOTE, NULL, &intake },
    { POST, "/rs/v1/verify", verify, WHO_CLIENT, FORM(verify_params, struct verify_form),
      ROUTE_API | ROUTE_NO_CSRF | ROUTE_READ_ONLY_POST, BODY_MAX, CERTIFICATE_NOTE },
    { GET, "/rs/v1/credentials", credentials, WHO_CLIENT, NULL, ROUTE_API, 0, NULL },
    { GET, "/rs/v1/jobs/{id}", job, WHO_CLIENT, FORM(job_params, struct job_form), ROUTE_API, 0,
      NULL },
    { GET, "/rs/v1/jobs/{id}/document", job_document, WHO_CLIENT, FORM(job_params, struct job_form),
      ROUTE_API, 0, NULL },
    { DELETE, "/rs/v1/jobs/{id}", delete_job, WHO_CLIENT, FORM(job_params, struct job_form),
      ROUTE_API | ROUTE_NO_CSRF, 0, CERTIFICATE_NOTE },
    { 0 },
};
