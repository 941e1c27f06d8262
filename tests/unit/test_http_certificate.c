/*
 * test_http_certificate.c - people by certificate instead of a session (the operator port): who
 * they are, that cookies of the portal mean nothing beside it, and what CSRF tokens are bound to.
 */
#include "tap.h"

#include "base/log.h"
#include "http/fake.h"
#include "http/req.h"
#include "http/resp.h"

#include <stdlib.h>

#define HANAKO "-----BEGIN hanako-----\n"
#define HANAKO_NEW "-----BEGIN hanako, renewed-----\n"
#define JIRO "-----BEGIN jiro-----\n"
#define SYSTEM "-----BEGIN system-----\n"

static bool revoked;
static struct who seen;
static bool session_seen;

static enum err client_load(void *arg, struct arena *a, struct str pem, struct timestamp now,
                            struct who *out)
{
    (void)arg;
    (void)a;
    (void)now;
    if (str_eq_z(pem, SYSTEM)) {
        *out = (struct who){ .client = { 3 }, .tenant = { 1 } };
        return E_OK;
    }
    bool jiro = str_eq_z(pem, JIRO), hanako = str_eq_z(pem, HANAKO) || str_eq_z(pem, HANAKO_NEW);
    if ((!jiro && !hanako) || revoked)
        return FAIL(E_AUTH, "client-certificate-revoked", "nobody");
    *out = (struct who){ .account = { jiro ? 8 : 7 },
                         .certificate = { 20 },
                         .tenant = { 1 },
                         .roles = ROLE_LRA_OPERATOR,
                         .held = ROLE_LRA_OPERATOR | ROLE_CUSTOMER_ADMIN,
                         .second_factor = true };
    return E_OK;
}

/* Also a program that has both: the certificate goes first. */
static enum err session_load(void *arg, struct arena *a, const struct bytes32 *hash,
                             struct timestamp now, struct session_state *out)
{
    (void)arg;
    (void)a;
    (void)hash;
    *out = (struct session_state){ .who = { .account = { 99 },
                                            .session = { 5 },
                                            .roles = ROLE_CUSTOMER_ADMIN | ROLE_END_USER },
                                   .created = now,
                                   .seen = now };
    return E_OK;
}

static enum err handle(struct req *rq, struct resp *rs)
{
    struct bytes32 hash;
    seen = *req_who(rq);
    session_seen = session_hash(rq, &hash);
    return resp_empty(rs);
}

static const struct route routes[] = {
    { GET, "/queue", handle, ROLE_LRA_OPERATOR },   { POST, "/queue", handle, ROLE_LRA_OPERATOR },
    { GET, "/users", handle, ROLE_CUSTOMER_ADMIN }, { GET, "/", handle, WHO_ANYONE },
    { POST, "/language", handle, WHO_ANYONE },      { 0 },
};
static const struct route *const tables[] = { routes, NULL };
static const struct hooks by_certificate = { .client_load = client_load };
static const struct hooks by_both = { .client_load = client_load, .session_load = session_load };

static struct app app = { .name = "test", .tables = tables };
static struct fake *f;

static void start(const struct hooks *hooks)
{
    fake_free(f);
    app_stop(&app);
    app.hooks = hooks;
    if (app_start(&app) != E_OK)
        abort();
    f = fake_new(&app);
    revoked = false;
}

static void test_who(void)
{
    start(&by_certificate);
    is_int(fake_get(f, "/queue").status, 401, "nobody without a certificate");
    fake_client_cert(f, "-----BEGIN other-----\n");
    is_int(fake_get(f, "/queue").status, 401, "nor with one that nobody knows");
    fake_client_cert(f, SYSTEM);
    is_int(fake_get(f, "/queue").status, 403, "a system is no operator");
    fake_client_cert(f, HANAKO);
    is_int(fake_get(f, "/queue").status, 204, "an operator's certificate opens the queue");
    ok(seen.account.v == 7 && seen.certificate.v == 20 && !session_seen, "as its person");
    is_int(fake_get(f, "/users").status, 403, "a role held elsewhere opens nothing here");
    revoked = true;
    is_int(fake_get(f, "/queue").status, 401, "out with the next request when it is revoked");
    is_int(fake_get(f, "/").status, 204, "what is open to all stays open");
    ok(seen.account.v == 0, "and is asked for by nobody");
}

static void test_cookies(void)
{
    struct bytes32 hash;
    start(&by_both);
    fake_sign_in(f, fake_token(f, &hash));
    is_int(fake_get(f, "/users").status, 204, "a session alone is its own person");
    fake_client_cert(f, HANAKO);
    is_int(fake_get(f, "/users").status, 403, "beside a certificate it means nothing");
    is_int(fake_get(f, "/queue").status, 204, "the certificate's person is who asks");
    ok(seen.account.v == 7 && seen.session.v == 0 && !session_seen, "and no session is seen");
}

static int post_with(const char *pem, struct str token)
{
    char form[300];
    snprintf(form, sizeof(form), "csrf=%.*s", STR_ARG(token));
    fake_client_cert(f, pem);
    return fake_post_bare(f, "/queue", form).status;
}

static void test_csrf(void)
{
    start(&by_certificate);
    fake_client_cert(f, HANAKO);
    is_int(fake_post_bare(f, "/queue", "").status, 403, "no token: refused");
    is_int(fake_post(f, "/queue", "").status, 204, "with one: done");
    struct str hanako = fake_csrf(f);
    fake_client_cert(f, JIRO);
    struct str jiro = fake_csrf(f);
    is_int(post_with(HANAKO, jiro), 403, "a token of another certificate: refused");
    is_int(post_with(HANAKO_NEW, hanako), 403, "even of the same person's");
    is_int(post_with(HANAKO, hanako), 204, "its own: done");
    fake_client_cert(f, NULL);
    struct str visitor = fake_csrf(f);
    is_int(post_with(HANAKO, visitor), 403, "a token from before: refused");
    fake_header(f, "Sec-Fetch-Site", "same-site");
    is_int(post_with(HANAKO, hanako), 403, "from the portal's port of the same host: refused");
    fake_header(f, "Sec-Fetch-Site", NULL);
    fake_client_cert(f, NULL);
    is_int(fake_post(f, "/language", "").status, 204, "a visitor may still choose the language");
}

int main(void)
{
    struct secret *key = secret_random(32);
    app.csrf_key = key;
    log_open("test", (enum log_level) - 1);
    test_who();
    test_cookies();
    test_csrf();
    fake_free(f);
    app_stop(&app);
    secret_free(key);
    return tap_done();
}
