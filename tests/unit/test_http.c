/*
 * test_http.c - dispatch from end to end in memory: who gets in, and with what (DESIGN section 4).
 */
#include "http_app.h"

static void test_start(void)
{
    static const struct form form = { note_params, sizeof(struct note_form) };
    static const struct {
        const char *name;
        struct route rows[3];
    } bad[] = {
        { "who unset", { { GET, "/x", show, 0 } } },
        { "the same row twice",
          { { GET, "/x", show, WHO_ANYONE }, { GET, "/x", show, WHO_ANYONE } } },
        { "the same shape twice",
          { { GET, "/x/{id}", show, WHO_ANYONE, &form },
            { GET, "/x/{title}", show, WHO_ANYONE, &form } } },
        { "no handler", { { GET, "/x", NULL, WHO_ANYONE } } },
        { "a path without slash", { { GET, "x", show, WHO_ANYONE } } },
        { "an empty segment", { { GET, "/x//y", show, WHO_ANYONE } } },
        { "an open brace", { { GET, "/x/{id", show, WHO_ANYONE, &form } } },
        { "a path parameter without form", { { GET, "/x/{id}", show, WHO_ANYONE } } },
        { "ROUTE_NO_CSRF without reason",
          { { POST, "/x", show, WHO_ANYONE, NULL, ROUTE_NO_CSRF } } },
        { "HEAD by hand", { { HEAD, "/x", show, WHO_ANYONE } } },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        const struct route *const t[] = { bad[i].rows, NULL };
        struct route_map *map = NULL;
        is_err(route_map_build(t, &map), E_INTERNAL, bad[i].name);
    }
    static const struct hooks none = { 0 };
    struct app app = { .name = "x", .tables = tables, .hooks = &none };
    is_err(app_start(&app), E_INTERNAL, "a token is due but the program has no key: no start");
}

static void test_match(void)
{
    fresh();
    struct fake_reply r = fake_get(f, "/");
    is_int(r.status, 200, "GET / is found");
    is_str(str_z(events), "begin handler commit ", "begin, handler, commit");
    r = fake_get(f, "/no/such");
    is_int(r.status, 404, "an unknown path is 404");
    ok(fake_reply_has(&r, "There is no such page"), "with a page that says so");
    ok(fake_reply_has(&r, "ref=") && fake_reply_header(f, &r, "X-Request-Id").n == 16,
       "and a reference number");
    r = fake_send(f, "DELETE", "/notes", NULL, BYTES_ABSENT);
    is_int(r.status, 405, "another method is 405");
    ok(header_is(&r, "Allow", "POST, OPTIONS"), "with Allow");
    r = fake_send(f, "OPTIONS", "/api/notes", NULL, BYTES_ABSENT);
    is_int(r.status, 204, "OPTIONS is answered");
    ok(header_is(&r, "Allow", "GET, HEAD, POST, OPTIONS"), "with all methods of the path");
    r = fake_send(f, "HEAD", "/", NULL, BYTES_ABSENT);
    is_int(r.status, 200, "HEAD runs the GET row");
    ok(r.body.n == 0 && !header_is(&r, "Content-Length", "0"), "and sends its length without body");
    is_int(fake_send(f, "BREW", "/", NULL, BYTES_ABSENT).status, 405, "an unknown method is 405");
    is_int(fake_get(f, "/%ff").status, 422, "a path that is no UTF-8 is refused");
    is_int(fake_get(f, "/%00").status, 422, "and one with NUL");
    fake_header(f, "X-Request-Id", "abc-12345");
    r = fake_get(f, "/");
    ok(header_is(&r, "X-Request-Id", "abc-12345"), "a sane request id is kept");
    fake_header(f, "X-Request-Id", "abc 1234;5\"");
    r = fake_get(f, "/");
    is_int((int64_t)fake_reply_header(f, &r, "X-Request-Id").n, 16, "another one is replaced");
}

static void test_who(void)
{
    fresh();
    struct fake_reply r = fake_get(f, "/notes/7?title=ab");
    is_int(r.status, 303, "nobody on a page is sent to sign in");
    ok(header_is(&r, "Location", "/login?next=%2Fnotes%2F7%3Ftitle%3Dab"), "and comes back later");
    is_int(fake_post(f, "/notes", "title=abc").status, 401, "nobody on a POST: 401");
    is_str(str_z(refused), "POST /notes login-required", "a refused change is reported for audit");
    is_str(str_z(events), "", "no transaction was opened");
    sign_in_as(&user_hash);
    is_int(fake_get(f, "/notes/new").status, 200, "a session opens the page");
    is_int(fake_get(f, "/audit").status, 403, "a wrong role is 403");
    is_int(fake_post(f, "/audit/seal", "").status, 403, "also for a change");
    is_str(str_z(refused), "POST /audit/seal role-required", "which is reported");
    sign_in_as(&staff_hash);
    staff_second_factor = false;
    r = fake_get(f, "/audit");
    is_int(r.status, 303, "staff without second factor do not get in");
    ok(header_has(&r, "Location", "/login/code?next="), "but are asked for it");
    staff_second_factor = true;
    is_int(fake_get(f, "/audit").status, 200, "with it they do");
    sign_in_as(&pending_hash);
    r = fake_get(f, "/notes/new");
    ok(header_has(&r, "Location", "/login/code?next="), "half a sign-in opens no page");
    is_int(fake_get(f, "/code").status, 200, "but the one that completes it");
    r = fake_get(f, "/");
    ok(r.status == 200 && header_is(&r, "X-Account", "0"), "and is nobody on a page for everyone");
    sign_in_as(&old_hash);
    is_int(fake_get(f, "/notes/new").status, 303, "an idle session has ended");
    fresh();
    fake_sign_in(f, STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    is_int(fake_get(f, "/notes/new").status, 303, "a made-up token is nobody");
}

static void test_client(void)
{
    fresh();
    struct fake_reply r = fake_json(f, "POST", "/api/notes", "{\"title\":\"abc\"}");
    is_int(r.status, 401, "an API without certificate: 401");
    ok(header_is(&r, "Content-Type", "application/problem+json"), "as problem+json");
    fake_client_cert(f, "-----BEGIN + known-----\n");
    r = fake_json(f, "POST", "/api/notes", "{\"title\":\"abc\"}");
    is_int(r.status, 201, "a known certificate may");
    ok(fake_reply_has(&r, "\"client\":9"), "and is known to the handler");
    fake_client_cert(f, "-----BEGIN revoked-----\n");
    r = fake_json(f, "POST", "/api/notes", "{\"title\":\"abc\"}");
    is_int(r.status, 401, "an unknown or revoked one is refused at once");
    ok(fake_reply_has(&r, "\"type\":\"urn:shomei:problem:client-certificate-unknown\""),
       "with its own problem type");
}

static void test_csrf(void)
{
    sign_in_as(&user_hash);
    is_int(fake_post_bare(f, "/notes", "title=abc").status, 403, "no token: 403");
    is_int(fake_post(f, "/notes", "title=abc").status, 303, "with token: done");
    struct str mine = fake_csrf(f);
    sign_in_as(&staff_hash);
    struct str other = fake_csrf(f);
    sign_in_as(&user_hash);
    char form[300];
    snprintf(form, sizeof(form), "csrf=%.*s&title=abc", STR_ARG(other));
    is_int(fake_post_bare(f, "/notes", form).status, 403, "another session's token: 403");
    ok(!str_eq(fake_csrf(f), mine), "each page has another masked token");
    fake_header(f, "Sec-Fetch-Site", "cross-site");
    is_int(fake_post(f, "/notes", "title=abc").status, 403, "a foreign page with the token: 403");
    fake_header(f, "Sec-Fetch-Site", NULL);
    fake_header(f, "Origin", "https://evil.test");
    is_int(fake_json(f, "POST", "/notes", "{\"title\":\"abc\"}").status, 403,
           "a foreign Origin: 403");
    fake_header(f, "Origin", NULL);
    is_int(fake_json(f, "POST", "/notes", "{\"title\":\"abc\"}").status, 303,
           "a token in X-CSRF-Token passes");
    fresh();
    struct fake_reply r = fake_post_bare(f, "/open", "title=abc");
    is_int(r.status, 403, "also before sign-in");
    ok(header_has(&r, "Set-Cookie", "__Host-visit="), "a page gives visitors a cookie to bind to");
    is_int(fake_post(f, "/open", "title=abc").status, 303, "whose token passes");
    sign_in_as(&user_hash);
    static const char late[] =
        "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nabc\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nx\r\n--b--";
    is_int(
        fake_send(f, "POST", "/notes", "multipart/form-data; boundary=b", bytes_of_str(str_z(late)))
            .status,
        403, "multipart: nothing is read before the token");
}

static void test_session(void)
{
    fresh();
    struct fake_reply r = fake_post(f, "/login", "");
    ok(header_has(&r, "Set-Cookie", "__Host-session=") &&
           header_has(&r, "Set-Cookie", "; Path=/;") &&
           header_has(&r, "Set-Cookie", "; Secure; HttpOnly; SameSite=Lax"),
       "sign-in sets a __Host- cookie, Secure, HttpOnly, SameSite");
    is_int(fake_get(f, "/notes/new").status, 200, "which opens pages");
    r = fake_post(f, "/notes", "title=abc");
    is_int(r.status, 303, "and whose token passes");
    r = fake_get(f, "/notes/new");
    ok(fake_reply_has(&r, "{success Saved abc}"), "the next page shows the message left behind");
    r = fake_get(f, "/notes/new");
    ok(!fake_reply_has(&r, "{success"), "once");
    is_int(fake_post(f, "/logout", "").status, 303, "sign-out");
    is_int(fake_get(f, "/notes/new").status, 303, "ends it");
    static const struct session_limits limits = { 0 };
    struct session_state s = { .created = { 0 }, .seen = { 0 } };
    is_err(session_judge(&s, &limits, (struct timestamp){ 29 * MINUTE_US }), E_OK,
           "29 minutes idle");
    is_err(session_judge(&s, &limits, (struct timestamp){ 30 * MINUTE_US }), E_AUTH,
           "30 are too many");
    s.seen.us = 12 * HOUR_US;
    is_err(session_judge(&s, &limits, (struct timestamp){ 12 * HOUR_US }), E_AUTH,
           "12 hours end it even in use");
}

static void test_rate(void)
{
    fresh();
    is_int(fake_post(f, "/slow", "").status, 303, "once");
    is_int(fake_post(f, "/slow", "").status, 303, "twice");
    struct fake_reply r = fake_post(f, "/slow", "");
    is_int(r.status, 429, "the third time is too often");
    ok(!str_absent(fake_reply_header(f, &r, "Retry-After")), "with Retry-After");
    is_str(str_z(refused), "POST /slow rate-limited", "and reported");
}

/* Nobody fills the audit log, which is for ever, with refusals. */
static void test_flood(void)
{
    fresh();
    for (int i = 1; i < 60; i++)
        (void)fake_post(f, "/notes", "title=abc");
    is_str(str_z(refused), "POST /notes login-required", "59 refusals in a minute are recorded");
    is_int(fake_post(f, "/notes", "title=abc").status, 401, "the next one is refused too");
    is_str(str_z(refused), "POST /notes refusals-go-on", "recorded as the last");
    refused[0] = '\0';
    is_int(fake_post(f, "/notes", "title=abc").status, 401, "others are refused");
    is_str(str_z(refused), "", "and not recorded");
    fresh();
    (void)fake_post(f, "/notes", "title=abc");
    is_str(str_z(refused), "POST /notes login-required", "the next minute is");
}

int main(void)
{
    if (!http_app_start())
        return tap_done();
    test_start();
    test_match();
    test_who();
    test_client();
    test_csrf();
    test_session();
    test_rate();
    test_flood();
    http_app_stop();
    return tap_done();
}
