/*
 * rs_digest_api.c - what is made over a digest, so that the client keeps its document: POST
 * /rs/v1/sign-hash gives a CMS signature, /rs/v1/timestamp an RFC 3161 token (or, with a document,
 * that document with a timestamp).
 */
#include "features/rs/rs_digest_api.h"

#include "base/crypto.h"
#include "base/encoding.h"

static const struct choice algorithms[] = {
    { "sha256", 32 },
    { "sha384", 48 },
    { "sha512", 64 },
    { NULL, 0 },
};

static const struct choice levels[] = {
    { "ES", SIGNING_ES },
    { "ES-T", SIGNING_ES_T },
    { NULL, 0 },
};

enum err rs_digest_read(struct arena *a, struct str hex, size_t size, struct bytes *out)
{
    if (hex_decode(a, hex, out) != E_OK || out->n != size)
        return FAIL(E_INPUT, "digest-length", "hexadecimal, as long as the algorithm's digest");
    return E_OK;
}

/* --- sign-hash --- */

struct hash_form {
    struct str digest, credential, auth_method, auth_time;
    int algorithm;
    enum signing_level level;
    struct secret *pin;
    int64_t auth_level;
};

static const struct param hash_params[] = {
    PARAM_TOKEN(struct hash_form, digest, 64, 128),
    PARAM_CHOICE(struct hash_form, algorithm, algorithms),
    PARAM_TOKEN(struct hash_form, credential, 1, 64),
    PARAM_CHOICE(struct hash_form, level, levels),
    PARAM_SECRET_OPT(struct hash_form, pin, 1, 64),
    PARAM_TEXT_OPT(struct hash_form, auth_method, 40),
    PARAM_INT_OPT(struct hash_form, auth_level, 0, 9, 0),
    PARAM_TEXT_OPT(struct hash_form, auth_time, 40),
    PARAM_END,
};

static enum err sign_hash(struct req *rq, struct resp *rs)
{
    const struct hash_form *f = req_form(rq);
    struct signing_request ask = { .owner = rs_api_owner(rq),
                                   .by = AUDIT_BY(rq),
                                   .credential = f->credential,
                                   .pin = f->pin,
                                   .level = f->level,
                                   .now = req_now(rq) };
    const struct rs_sign_form identified = { .auth_method = f->auth_method,
                                             .auth_time = f->auth_time,
                                             .auth_level = f->auth_level };
    struct signing_receipt receipt;
    struct bytes digest, cms;
    struct str key;

    TRY(rs_api_admit(rq, rs, 0));
    TRY(rs_api_key(rq, &key));
    TRY(rs_digest_read(req_arena(rq), f->digest, (size_t)f->algorithm, &digest));
    TRY(rs_form_assertion(&identified, &ask.assertion));
    TRY(signing_sign_digest(req_tx(rq), &ask, digest, key, &cms, &receipt));
    resp_header(rs, "Location", rs_api_job_path(rq, receipt.record));
    if (receipt.replayed)
        resp_header(rs, "Idempotent-Replayed", STR("true"));
    return resp_bytes(rs, "application/cms", cms);
}

/* --- timestamp --- */

struct stamp_form {
    struct upload *document;
    size_t document_n;
    struct str digest;
    int algorithm;
    struct secret *password;
    bool async;
};

static const struct param stamp_params[] = {
    PARAM_STREAMS(struct stamp_form, document, document_n, RS_API_FILE_MAX, 1),
    PARAM_TOKEN_OPT(struct stamp_form, digest, 128),
    PARAM_CHOICE_OPT(struct stamp_form, algorithm, algorithms, 32),
    PARAM_SECRET_OPT(struct stamp_form, password, 1, 127),
    PARAM_FLAG(struct stamp_form, async),
    PARAM_END,
};

/* A token over a digest; with a key, the same one again. */
static enum err token_over(struct req *rq, struct resp *rs, struct bytes digest)
{
    const struct bytes32 sum = sha256(digest);
    struct rs_answer was = { .status = 200 };
    struct audit_by by = AUDIT_BY(rq);
    struct signing_token token;
    struct str key;
    bool known = false;

    TRY(rs_api_key(rq, &key));
    if (!str_absent(key))
        TRY(rs_repeat_claim(req_tx(rq), req_who(rq)->client, key, &sum, req_now(rq), &was, &known));
    if (known) {
        resp_header(rs, "Idempotent-Replayed", STR("true"));
        TRY(base64_decode(req_arena(rq), was.body, &token.der));
        return resp_bytes(rs, "application/timestamp-token", token.der);
    }
    TRY(signing_token_make(req_tx(rq), rs_api_owner(rq), digest, &by, &token));
    was.body = base64_encode(req_arena(rq), token.der);
    if (!str_absent(key))
        TRY(rs_repeat_keep(req_tx(rq), req_who(rq)->client, key, &was));
    return resp_bytes(rs, "application/timestamp-token", token.der);
}

static enum err stamp(struct req *rq, struct resp *rs)
{
    const struct stamp_form *f = req_form(rq);
    struct bytes digest;

    if ((f->document_n == 1) == !str_empty(f->digest))
        return FAIL(E_INPUT, "document-or-digest", "one of them");
    if (f->document_n == 1) {
        struct rs_sign_form one = { .document = f->document[0],
                                    .password = f->password,
                                    .async = f->async };
        return rs_form_extend(rq, rs, RS_TIMESTAMP, &one);
    }
    TRY(rs_api_admit(rq, rs, 0));
    TRY(rs_digest_read(req_arena(rq), f->digest, (size_t)f->algorithm, &digest));
    return token_over(rq, rs, digest);
}

const struct route rs_api_digest_routes[] = {
    { POST, "/rs/v1/sign-hash", sign_hash, WHO_CLIENT, FORM(hash_params, struct hash_form),
      ROUTE_API | ROUTE_NO_CSRF, 0, RS_API_NOTE },
    { POST, "/rs/v1/timestamp", stamp, WHO_CLIENT, FORM(stamp_params, struct stamp_form),
      ROUTE_API | ROUTE_NO_CSRF, RS_API_FILE_MAX, RS_API_NOTE, NULL, &rs_api_intake },
    { 0 },
};
