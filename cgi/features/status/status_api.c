/* status_api.c - CA certificates, CRLs and OCSP over http (RFC 5280 4.2.1.13, RFC 6960 A, RFC 5019)
 */
#include "features/status/status_api.h"

#include "base/encoding.h"
#include "features/status/status.h"
#include "http/req.h"
#include "http/resp.h"

enum { OCSP_BODY_MAX = 8192, MAX_AGE_S = 60, CA_AGE_S = 3600 };

struct name_form {
    struct str name;
};
static const struct param name_params[] = {
    PARAM_TOKEN(struct name_form, name, 1, 40),
    PARAM_END,
};

struct part_form {
    struct str name;
    int64_t part;
};
static const struct param part_params[] = {
    PARAM_TOKEN(struct part_form, name, 1, 40),
    PARAM_INT(struct part_form, part, 1, 256),
    PARAM_END,
};

struct ocsp_form {
    struct str request;
};
static const struct param ocsp_params[] = {
    PARAM_TEXT(struct ocsp_form, request, 1, OCSP_BODY_MAX),
    PARAM_END,
};

/* Last-Modified, Expires and Cache-Control; the ETag is http/'s. */
static void cache_headers(struct req *rq, struct resp *rs, struct timestamp changed,
                          struct timestamp until, int64_t most_s)
{
    struct arena *a = req_arena(rq);
    int64_t left = (until.us - req_now(rq).us) / SECOND_US;
    int64_t age = left < most_s ? left : most_s;

    resp_cache(rs, (uint32_t)(age > 0 ? age : 0));
    resp_header(rs, "Last-Modified", timestamp_http(a, changed));
    resp_header(rs, "Expires", timestamp_http(a, timestamp_add(req_now(rq), age * SECOND_US)));
}

static enum err ca_file(struct req *rq, struct resp *rs, struct status_file *file)
{
    const struct name_form *f = req_form(rq);

    TRY(status_ca(req_tx(rq), f->name, file));
    cache_headers(rq, rs, file->changed, timestamp_add(req_now(rq), DAY_US), CA_AGE_S);
    return E_OK;
}

static enum err ca_der(struct req *rq, struct resp *rs)
{
    struct status_file file;

    TRY(ca_file(rq, rs, &file));
    return resp_bytes(rs, "application/pkix-cert", file.data);
}

static enum err ca_pem(struct req *rq, struct resp *rs)
{
    struct status_file file;

    TRY(ca_file(rq, rs, &file));
    return resp_bytes(rs, "application/x-pem-file", bytes_of_str(status_pem(req_arena(rq), &file)));
}

static enum err list(struct req *rq, struct resp *rs, struct str name, uint32_t part)
{
    struct status_file file;

    TRY(status_crl(req_tx(rq), name, part, &file));
    /* a new list may come at any moment, so nobody keeps one for long */
    cache_headers(rq, rs, file.changed, file.expires, MAX_AGE_S);
    return resp_bytes(rs, "application/pkix-crl", file.data);
}

static enum err crl(struct req *rq, struct resp *rs)
{
    const struct name_form *f = req_form(rq);

    return list(rq, rs, f->name, 0);
}

static enum err crl_part(struct req *rq, struct resp *rs)
{
    const struct part_form *f = req_form(rq);

    return list(rq, rs, f->name, (uint32_t)f->part);
}

/* RFC 5019 6: only answers to GET pass through caches. */
static enum err ocsp_post(struct req *rq, struct resp *rs)
{
    struct status_ocsp a;

    if (!str_eq_z(req_content_type(rq), "application/ocsp-request"))
        return FAIL(E_UNSUPPORTED, "content-type", "RFC 6960 A.1: application/ocsp-request");
    TRY(status_work_ocsp(req_arena(rq), req_body(rq), req_now(rq), &a));
    return resp_bytes(rs, "application/ocsp-response", a.response);
}

/* RFC 6960 A.1: base64 in the path, percent-encoded or, as many send it, with its '/' as they are.
 */
static enum err ocsp_get(struct req *rq, struct resp *rs)
{
    const struct ocsp_form *f = req_form(rq);
    struct status_ocsp a;
    struct bytes request;

    if (base64_decode(req_arena(rq), f->request, &request) != E_OK)
        request = (struct bytes){ (const uint8_t *)"", 0 };
    TRY(status_work_ocsp(req_arena(rq), request, req_now(rq), &a));
    if (a.cacheable)
        cache_headers(rq, rs, a.produced, a.expires, MAX_AGE_S);
    return resp_bytes(rs, "application/ocsp-response", a.response);
}

#define PUBLIC "public information, needed to check certificates"
#define PUBLIC_POST "public, changes nothing, no session"

const struct route status_routes[] = {
    { GET, "/ca/{name}.cer", ca_der, WHO_ANYONE, FORM(name_params, struct name_form),
      ROUTE_API | ROUTE_PUBLIC_CACHE, .note = PUBLIC },
    { GET, "/ca/{name}.pem", ca_pem, WHO_ANYONE, FORM(name_params, struct name_form),
      ROUTE_API | ROUTE_PUBLIC_CACHE, .note = PUBLIC },
    { GET, "/crl/{name}.crl", crl, WHO_ANYONE, FORM(name_params, struct name_form),
      ROUTE_API | ROUTE_PUBLIC_CACHE, .note = PUBLIC },
    { GET, "/crl/{name}/{part}.crl", crl_part, WHO_ANYONE, FORM(part_params, struct part_form),
      ROUTE_API | ROUTE_PUBLIC_CACHE, .note = PUBLIC },
    { GET, "/ocsp/{request*}", ocsp_get, WHO_ANYONE, FORM(ocsp_params, struct ocsp_form),
      ROUTE_API | ROUTE_PUBLIC_CACHE | ROUTE_NO_TX, .note = PUBLIC },
    { POST, "/ocsp", ocsp_post, WHO_ANYONE, NULL,
      ROUTE_API | ROUTE_NO_TX | ROUTE_NO_CSRF | ROUTE_READ_ONLY_POST, OCSP_BODY_MAX, PUBLIC_POST },
    { .path = NULL },
};
