/*
 * rs_batch_api.c - /rs/v1/batches: several documents or digests in one authorised request. What is
 * wrong with one document fails that document; anything else fails the whole request, and nothing
 * is signed.
 */
#include "features/rs/rs_digest_api.h"

#include "base/crypto.h"
#include "base/encoding.h"

#define ID_MAX 64

/* Is it the document's own fault? */
static bool own_fault(enum err e)
{
    static const char *const own[] = { "pdf-",       "field-",     "seal-p", "document-too-large",
                                       "signature-", "certified-", "digest-" };
    const char *reason = fault_current()->reason;

    if (e != E_INPUT && e != E_UNSUPPORTED && e != E_LIMIT && e != E_STATE)
        return false;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strncmp(reason, own[i], strlen(own[i])) == 0)
            return true;
    return false;
}

static struct json *item_of(size_t i)
{
    struct json *item = json_new_object();
    json_set_i64(item, "index", (int64_t)i);
    return item;
}

static void item_failed(struct json *item)
{
    json_set_str(item, "state", STR("failed"));
    json_set_str(item, "reason", str_z(fault_current()->reason));
    fault_clear();
}

static void item_job(struct req *rq, struct json *item, const char *state, struct str job)
{
    json_set_str(item, "state", str_z(state));
    json_set_str(item, "job", job);
    json_set_str(item, "document",
                 str_fmt(req_arena(rq), "/rs/v1/jobs/%.*s/document", STR_ARG(job)));
}

struct batch {
    struct str id;
    const struct rs_sign_form *f;
    const struct rs_options *o;
    struct signing_request ask;
    struct audit_by by;
    size_t n;
};

static enum err sign_one(struct req *rq, const struct batch *b, struct upload *file,
                         struct json *item)
{
    struct signing_receipt receipt;
    enum err e = signing_intake_sign(req_tx(rq), &b->ask, file->sink, STR_ABSENT, &receipt);

    if (e == E_OK)
        item_job(rq, item, "signed", receipt.record);
    return e;
}

static enum err order_one(struct req *rq, const struct batch *b, struct upload *file,
                          struct json *item)
{
    struct signing_document d;
    struct str job;

    TRY(rs_request_store(req_tx(rq), b->o, rs_api_owner(rq), &b->by, req_now(rq), file->sink, &d));
    TRY(rs_job_add(req_tx(rq), b->o, rs_api_owner(rq), d.public_id, b->id, &b->by, req_now(rq),
                   &job));
    item_job(rq, item, "queued", job);
    return E_OK;
}

static enum err sign_digest(struct req *rq, const struct batch *b, struct str text,
                            struct json *item)
{
    struct signing_receipt receipt;
    struct bytes digest, cms;

    TRY(rs_digest_read(req_arena(rq), text, text.n / 2, &digest));
    TRY(signing_sign_digest(req_tx(rq), &b->ask, digest, STR_ABSENT, &cms, &receipt));
    json_set_str(item, "state", STR("signed"));
    json_set_str(item, "job", receipt.record);
    json_set_str(item, "cms", base64_encode(req_arena(rq), cms));
    return E_OK;
}

static enum err do_one(struct req *rq, struct resp *rs, const struct batch *b, size_t i,
                       struct json *item)
{
    struct upload *file = b->f->documents_n > 0 ? &b->f->documents[i] : NULL;

    TRY(rs_api_admit(rq, rs, file ? file->size : 0));
    if (!file)
        return sign_digest(rq, b, b->f->digest[i], item);
    return b->f->async ? order_one(rq, b, file, item) : sign_one(rq, b, file, item);
}

static enum err do_items(struct req *rq, struct resp *rs, struct batch *b, struct json *items)
{
    enum err e = E_OK;

    for (size_t i = 0; e == E_OK && i < b->n; i++) {
        struct json *item = item_of(i);
        json_append(items, item);
        e = do_one(rq, rs, b, i, item);
        if (e != E_OK && own_fault(e)) {
            item_failed(item);
            e = E_OK;
        }
    }
    return e;
}

static enum err run(struct req *rq, struct resp *rs, struct batch *b, struct json **out)
{
    struct json *items = json_new_array();
    enum err e = rs_batch_add(req_tx(rq), rs_api_owner(rq), req_now(rq), &b->id);

    if (e == E_OK)
        e = do_items(rq, rs, b, items);
    if (e == E_OK)
        e = rs_batch_keep(req_tx(rq), rs_api_owner(rq), b->id, items, &b->by);
    if (e != E_OK) {
        json_free(items);
        return e;
    }
    *out = json_new_object();
    json_set_str(*out, "id", b->id);
    json_set_time(*out, "created_at", req_now(rq));
    json_set(*out, "items", items);
    return E_OK;
}

static enum err make(struct req *rq, struct resp *rs)
{
    const struct rs_sign_form *f = req_form(rq);
    struct batch b = { .f = f, .by = AUDIT_BY(rq) };
    struct bytes32 sums[RS_BATCH_MAX], digest;
    struct rs_options o;
    struct json *answer;
    struct str key;
    bool known;

    TRY(rs_api_key(rq, &key));
    b.n = f->documents_n + f->digest_n;
    if (b.n == 0 || (f->documents_n > 0 && f->digest_n > 0) || (f->digest_n > 0 && f->async))
        return FAIL(E_INPUT, "document-or-digest", "documents, or digests that are signed at once");
    TRY(rs_form_options(rq, f, &o));
    for (size_t i = 0; i < b.n; i++)
        sums[i] = f->documents_n > 0 ? signing_intake_digest(f->documents[i].sink)
                                     : sha256(bytes_of_str(f->digest[i]));
    digest = rs_form_digest(&o, f->async ? "batch later" : "batch", sums, b.n);
    TRY(rs_api_repeated(rq, rs, key, &digest, &known));
    if (known)
        return E_OK;
    b.o = &o;
    TRY(rs_request_make(req_tx(rq), &o, rs_api_owner(rq), &b.by, req_now(rq), &b.ask));
    TRY(run(rq, rs, &b, &answer));
    return rs_api_answer(rq, rs, key, f->async ? 202 : 201,
                         str_fmt(req_arena(rq), "/rs/v1/batches/%.*s", STR_ARG(b.id)), answer);
}

struct show_form {
    struct str id;
};

static const struct param show_params[] = {
    PARAM_TOKEN(struct show_form, id, 1, ID_MAX),
    PARAM_END,
};

static enum err show(struct req *rq, struct resp *rs)
{
    const struct show_form *f = req_form(rq);
    struct timestamp created;
    struct json *items, *j;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(rs_batch_find(req_tx(rq), rs_api_owner(rq), f->id, &items, &created));
    j = json_new_object();
    json_set_str(j, "id", f->id);
    json_set_time(j, "created_at", created);
    json_set(j, "items", items);
    return resp_json(rs, 200, j);
}

const struct route rs_api_batch_routes[] = {
    { POST, "/rs/v1/batches", make, WHO_CLIENT, FORM(rs_form_batch_params, struct rs_sign_form),
      ROUTE_API | ROUTE_NO_CSRF, RS_API_FILE_MAX, RS_API_NOTE, NULL, &rs_api_intake },
    { GET, "/rs/v1/batches/{id}", show, WHO_CLIENT, FORM(show_params, struct show_form), ROUTE_API,
      0, NULL },
    { 0 },
};
