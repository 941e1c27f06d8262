/* rs_verify_api.c - POST /rs/v1/verify, GET /rs/v1/credentials. */
#include "features/rs/rs_inside_api.h"

struct verify_form {
    struct upload document;
    struct secret *password;
    struct str at;
};

static const struct param verify_params[] = {
    PARAM_STREAM(struct verify_form, document, RS_API_FILE_MAX),
    PARAM_SECRET_OPT(struct verify_form, password, 1, 127),
    PARAM_TEXT_OPT(struct verify_form, at, 40),
    PARAM_END,
};

/* As of when: now, or a moment of the past. */
static enum err read_time(struct req *rq, struct str text, struct timestamp *at)
{
    *at = req_now(rq);
    if (str_empty(text))
        return E_OK;
    if (timestamp_parse_rfc3339(text, at) != E_OK || timestamp_cmp(*at, req_now(rq)) > 0)
        return FAIL(E_INPUT, "validation-time", "RFC 3339, and not in the future");
    return E_OK;
}

static enum err verify(struct req *rq, struct resp *rs)
{
    const struct verify_form *f = req_form(rq);
    struct signing_verification v;
    struct timestamp at;

    TRY(rs_api_admit(rq, rs, f->document.size));
    TRY(read_time(rq, f->at, &at));
    TRY(rs_verify(req_tx(rq), f->document.sink, f->password, at, &v));
    return resp_json(rs, 200, signing_verify_json(&v));
}

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
    enum err e = rs_api_admit(rq, rs, 0);

    if (e == E_OK)
        e = signing_credential_list(req_tx(rq), rs_api_owner(rq), &rows, &n);
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

const struct route rs_api_verify_routes[] = {
    { POST, "/rs/v1/verify", verify, WHO_CLIENT, FORM(verify_params, struct verify_form),
      ROUTE_API | ROUTE_NO_CSRF | ROUTE_READ_ONLY_POST, RS_API_FILE_MAX, RS_API_NOTE, NULL,
      &rs_api_intake },
    { GET, "/rs/v1/credentials", credentials, WHO_CLIENT, NULL, ROUTE_API, 0, NULL },
    { 0 },
};
