/*
 * test_http_answer.c - dispatch from end to end in memory: parameters, bodies, transactions and
 * what is answered.
 */
#include "http_app.h"

static void test_params(void)
{
    sign_in_as(&user_hash);
    struct fake_reply r = fake_post(f, "/notes", "title=a&copies=77");
    is_int(r.status, 422, "wrong values: the form is shown again with 422");
    ok(fake_reply_has(&r, "[title: Write at least 2 characters.]"), "with the text for one field");
    ok(fake_reply_has(&r, "[copies: Write a number of at most 9.]"), "and for the other");
    is_int(fake_post(f, "/notes", "title=abc&title=abd").status, 422, "a repeated name is refused");
    is_int(fake_post(f, "/notes", "title=abc&admin=1").status, 422, "an unknown name is refused");
    is_int(fake_post(f, "/notes", "title=%ff%fe").status, 422, "broken UTF-8 is refused");
    is_int(fake_post(f, "/notes?title=abc", "title=abc").status, 422,
           "query and body repeat it too");
    events[0] = '\0';
    is_int(fake_post(f, "/careless", "title=a").status, 422, "a handler that does not look: 422");
    is_str(str_z(events), "begin careless rollback ", "and nothing is committed");
    is_int(fake_get(f, "/notes/abc").status, 404, "a path parameter of another kind: 404");
    is_int(fake_get(f, "/notes/new").status, 200, "a first display misses nothing");
    r = fake_post(f, "/notes", "title=abc&id=5");
    ok(header_is(&r, "Location", "/notes/5"), "values reach the handler");
    r = fake_post(f, "/notes", "title=%E5%B1%B1%20/x");
    ok(header_is(&r, "Location", "/notes/%E5%B1%B1%20%2Fx"), "a text is encoded into the path");
    fake_client_cert(f, "-----BEGIN + known-----\n");
    r = fake_json(f, "POST", "/api/notes", "{\"title\":\"a\",\"copies\":\"x\"}");
    is_int(r.status, 422, "API: any error is 422");
    ok(fake_reply_has(&r, "\"errors\":[{\"field\":\"title\"") && fake_reply_has(&r, "form-invalid"),
       "with the list of fields");
    is_int(fake_json(f, "POST", "/api/notes", "{\"title\":").status, 422, "malformed JSON: 422");
    is_int(fake_json(f, "POST", "/api/notes", "[]").status, 422, "JSON that is no object: 422");
    is_int(fake_send(f, "POST", "/api/notes", "text/csv", bytes_of_str(STR("a,b"))).status, 415,
           "another media type: 415");
}

static void test_bodies(void)
{
    static uint8_t data[250000];
    memset(data, 7, sizeof(data));
    sign_in_as(&user_hash);
    struct fake_reply r = fake_upload(f, "/notes", "title=abc", "file", "C:\\x\\\xE5\xB1\xB1.pdf",
                                      (struct bytes){ data, 150000 });
    is_int(r.status, 303, "an upload is taken");
    ok(header_is(&r, "X-File", "\xE5\xB1\xB1.pdf 150000 7"), "whole, under its last name");
    r = fake_upload(f, "/notes", "title=abc", "file", "x", (struct bytes){ data, 250000 });
    is_int(r.status, 413, "a file over its limit: 413");
    r = fake_upload(f, "/open", "title=abc", "file", "x", (struct bytes){ data, 150000 });
    is_int(r.status, 413, "a body over the route's limit: 413");
    r = fake_upload(f, "/notes", "title=abc&other=1", NULL, NULL, BYTES_ABSENT);
    is_int(r.status, 422, "an unknown part is refused");
    r = fake_send(f, "POST", "/raw", "application/ocsp-request", (struct bytes){ data, 100 });
    is_int((int64_t)r.body.n, 100, "a body of another type reaches the handler as it is");
    ok(header_is(&r, "Content-Disposition",
                 "attachment; filename=\"______ _1_.pdf\"; "
                 "filename*=UTF-8''%E5%A5%91%E7%B4%84%20%221%22.pdf"),
       "a file name is written twice (RFC 6266)");
    is_int(fake_send(f, "POST", "/raw", NULL, (struct bytes){ data, 70000 }).status, 413,
           "64 kB are the default limit");
    r = fake_send(f, "POST", "/stream", "application/octet-stream", (struct bytes){ data, 4000 });
    is_str(r.body, "4000", "a handler may read the body itself");
}

static void test_transactions(void)
{
    fresh();
    struct fake_reply r = fake_get(f, "/fails");
    is_int(r.status, 503, "a backend error is 503");
    is_str(str_z(events), "begin rollback ", "and rolled back");
    ok(!fake_reply_has(&r, "mysql") && str_absent(fake_reply_header(f, &r, "X-Leak")),
       "nothing of the detail or the handler's headers leaks");
    ok(!str_absent(fake_reply_header(f, &r, "Retry-After")), "it says when to come back");
    is_int(fake_get(f, "/nothing").status, 500, "a handler that answers nothing: 500");
    sign_in_as(&user_hash);
    busy = 2;
    is_int(fake_post(f, "/notes", "title=abc").status, 303, "two deadlocks are retried");
    is_str(str_z(events), "begin save commit begin save commit begin save commit ",
           "in fresh transactions");
    busy = 9;
    is_int(fake_post(f, "/notes", "title=abc").status, 503, "for ever is 503");
    busy = 0;
    events[0] = '\0';
    r = fake_post(f, "/pin", "");
    is_int(r.status, 401, "resp_fail answers the error");
    is_str(str_z(events), "begin commit ", "but keeps the transaction");
    ok(fake_reply_has(&r, "urn:shomei:problem:pin-wrong") && !fake_reply_has(&r, "secret"),
       "as its reason, without the detail");
    ok(fake_reply_has(&r, "\"title\":\"The PIN is wrong.\""),
       "in the words that a slice has for it");
    events[0] = '\0';
    is_int(fake_get(f, "/hungry").status, 503, "a request that wants too much memory: 503");
    is_str(str_z(events), "begin rollback ", "rolled back");
    is_int(fake_get(f, "/").status, 200, "and the next request is served");
}

static void test_headers(void)
{
    fresh();
    struct fake_reply r = fake_get(f, "/");
    ok(header_has(&r, "Content-Security-Policy", "default-src 'none'") &&
           header_has(&r, "Content-Security-Policy", "frame-ancestors 'none'") &&
           !header_has(&r, "Content-Security-Policy", "unsafe"),
       "a strict CSP");
    ok(header_is(&r, "X-Content-Type-Options", "nosniff") &&
           header_is(&r, "Strict-Transport-Security", "max-age=63072000") &&
           header_is(&r, "Referrer-Policy", "same-origin") &&
           header_is(&r, "Cross-Origin-Opener-Policy", "same-origin") &&
           header_is(&r, "Cross-Origin-Resource-Policy", "same-origin") &&
           header_has(&r, "Permissions-Policy", "camera=()"),
       "and the other security headers");
    ok(header_is(&r, "Cache-Control", "no-store"), "pages are not stored");
    r = fake_get(f, "/crl");
    ok(header_is(&r, "Cache-Control", "public, max-age=60"), "a public answer may be");
    struct str etag = fake_reply_header(f, &r, "ETag");
    ok(etag.n == 34, "and has an ETag");
    fake_header(f, "If-None-Match", etag.p);
    r = fake_get(f, "/crl");
    ok(r.status == 304 && r.body.n == 0, "for a 304");
    fresh();
    fake_header(f, "Accept-Language", "fr, en;q=0.8, ja;q=0.3");
    r = fake_get(f, "/");
    ok(header_is(&r, "Content-Language", "en"), "Accept-Language chooses");
    fresh();
    r = fake_get(f, "/");
    ok(header_is(&r, "Content-Language", "ja"), "Japanese without a wish");
}

static void test_builtin(void)
{
    fresh();
    is_str(fake_get(f, "/healthz").body, "ok\n", "/healthz");
    struct fake_reply r = fake_get(f, "/readyz");
    is_int(r.status, 503, "/readyz: not ready");
    ok(!fake_reply_has(&r, "hsm"), "strangers do not learn why");
    is_int(fake_get(f, "/metrics").status, 404, "nor see the metrics");
    fake_address(f, "127.0.0.1");
    r = fake_get(f, "/readyz");
    ok(fake_reply_has(&r, "database ok\nhsm failed\n"), "the machine itself does");
    r = fake_get(f, "/metrics");
    ok(fake_reply_has(&r, "shomei_http_requests_total{route=\"GET /\",status=\"2xx\"}"),
       "/metrics");
    fake_header(f, "X-Forwarded-For", "192.0.2.1");
    is_int(fake_get(f, "/metrics").status, 404, "not through a proxy");
}

int main(void)
{
    if (!http_app_start())
        return tap_done();
    test_params();
    test_bodies();
    test_transactions();
    test_headers();
    test_builtin();
    http_app_stop();
    return tap_done();
}
