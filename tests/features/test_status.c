/*
 * test_status.c - the repository's routes: types, caching, both ways to ask OCSP, refusals
 * (P2-14, P3-148, P4-23).
 */
#include "pki_kit.h"
#include "tap.h"

#include "base/encoding.h"
#include "base/log.h"
#include "features/status/status.h"
#include "features/status/status_api.h"
#include "features/timestamp/timestamp.h"
#include "features/timestamp/timestamp_api.h"
#include "http/fake.h"

static struct arena *a;
static struct fake *f;

static struct bytes body(const struct fake_reply *r)
{
    return (struct bytes){ (const uint8_t *)r->body.p, r->body.n };
}

static void header_is(const struct fake_reply *r, const char *name, const char *want)
{
    is_str(fake_reply_header(f, r, name), want, name);
}

static void published(void)
{
    struct fake_reply r = fake_get(f, "/ca/signing.cer");

    is_int(r.status, 200, "a CA certificate");
    header_is(&r, "Content-Type", "application/pkix-cert");
    ok(str_starts(fake_reply_header(f, &r, "Cache-Control"), STR("public, max-age=")) &&
           !str_absent(fake_reply_header(f, &r, "Last-Modified")),
       "may be cached");
    pki_kit_save("signing.der", body(&r));
    ok(pki_kit_openssl("x509 -inform DER -in signing.der -out signing.pem"), "is DER");
    r = fake_get(f, "/ca/root.pem");
    pki_kit_save("root.pem", body(&r));
    ok(pki_kit_openssl("verify -CAfile root.pem signing.pem"), "the root is PEM");
    r = fake_get(f, "/crl/root.crl");
    is_int(r.status, 200, "a list");
    header_is(&r, "Content-Type", "application/pkix-crl");
    pki_kit_save("root.crl", body(&r));
    ok(pki_kit_openssl("crl -inform DER -in root.crl -noout -CAfile root.pem") &&
           pki_kit_printed("verify OK"),
       "signed by the root");
    struct str tag = str_dup(a, fake_reply_header(f, &r, "ETag"));
    ok(tag.n > 2 && tag.p[0] == '"', "with a strong ETag");
    fake_header(f, "If-None-Match", tag.p);
    r = fake_get(f, "/crl/root.crl");
    is_int(r.status, 304, "that saves the next transfer");
    fake_header(f, "If-None-Match", NULL);
    is_int(fake_get(f, "/crl/none.crl").status, 404, "no such list");
    is_int(fake_get(f, "/ca/none.cer").status, 404, "no such authority");
    is_int(fake_get(f, "/ca/..%2fetc.cer").status / 100, 4, "no path in a name");
}

static void judge(const struct fake_reply *r, const char *name)
{
    is_int(r->status, 200, name);
    header_is(r, "Content-Type", "application/ocsp-response");
    pki_kit_save("r.der", body(r));
    ok(pki_kit_openssl("ocsp -no_nonce -respin r.der -CAfile root.pem -verify_other signing.pem "
                       "-issuer signing.pem -serial 0x$(cat serial)") &&
           pki_kit_printed("Response verify OK") && pki_kit_printed("good"),
       "good");
}

static void ocsp(void)
{
    struct str serial;
    static const char type[] = "application/ocsp-request";

    is_err(harness_sql(pki_kit.h, "SELECT HEX(serial) FROM shomei.certificate WHERE profile='tsa'",
                       &serial),
           E_OK, "the TSA certificate's serial number");
    pki_kit_save("serial", bytes_of_str(str_trim(a, serial)));
    ok(pki_kit_openssl("ocsp -no_nonce -issuer signing.pem -serial 0x$(cat serial) -reqout q.der"),
       "a request");
    struct bytes q = pki_kit_load("q.der");
    struct fake_reply r = fake_send(f, "POST", "/ocsp", type, q);
    judge(&r, "POST");
    header_is(&r, "Cache-Control", "no-store");
    struct str text = base64_encode(a, q);
    r = fake_get(f, str_fmt(a, "/ocsp/%s", percent_encode(a, text).p).p);
    judge(&r, "GET, percent-encoded");
    ok(str_starts(fake_reply_header(f, &r, "Cache-Control"), STR("public, max-age=")),
       "an answer without a nonce may be cached (RFC 5019 6.2)");
    r = fake_get(f, str_fmt(a, "/ocsp/%s", text.p).p);
    judge(&r, "GET with '+', '/' and '=' as they are");
    ok(pki_kit_openssl("ocsp -issuer signing.pem -serial 0x$(cat serial) -reqout q.der"), "nonce");
    text = percent_encode(a, base64_encode(a, pki_kit_load("q.der")));
    r = fake_get(f, str_fmt(a, "/ocsp/%s", text.p).p);
    header_is(&r, "Cache-Control", "no-store");
    r = fake_send(f, "POST", "/ocsp", type, bytes_of_str(STR("junk")));
    ok(r.status == 200 && r.body.n == 5 && r.body.p[4] == 1, "junk is malformedRequest");
    r = fake_get(f, "/ocsp/!!!!");
    ok(r.status == 200 && r.body.n == 5 && r.body.p[4] == 1, "also by GET");
    is_int(fake_send(f, "POST", "/ocsp", "text/plain", q).status, 415, "another content type");
    uint8_t *big = arena_alloc(a, 100000);
    is_int(fake_send(f, "POST", "/ocsp", type, (struct bytes){ big, 100000 }).status, 413,
           "a large body");
    is_int(fake_get(f, "/ocsp").status, 405, "GET without a request");
}

static void slashes(void)
{
    /* requests whose base64 has every kind of trouble: '//' in it, and '/' at its end */
    uint8_t octets[48];

    memset(octets, 0xff, sizeof octets);
    struct str text = base64_encode(a, (struct bytes){ octets, sizeof octets });
    struct fake_reply r = fake_get(f, str_fmt(a, "/ocsp/%s", text.p).p);
    ok(strstr(text.p, "//") && r.status == 200 && r.body.n == 5, "slashes in a row reach OCSP");
}

static void tsa(void)
{
    static const char type[] = "application/timestamp-query";

    pki_kit_save("data", bytes_of_str(STR("data")));
    ok(pki_kit_openssl("ts -query -data data -sha512 -cert -out t.tsq"), "a query");
    struct fake_reply r = fake_send(f, "POST", "/tsa", type, pki_kit_load("t.tsq"));
    is_int(r.status, 200, "is answered");
    header_is(&r, "Content-Type", "application/timestamp-reply");
    header_is(&r, "Cache-Control", "no-store");
    pki_kit_save("t.tsr", body(&r));
    ok(pki_kit_openssl("ts -verify -queryfile t.tsq -in t.tsr -CAfile root.pem"), "and verified");
    is_int(fake_send(f, "POST", "/tsa", "text/plain", pki_kit_load("t.tsq")).status, 415,
           "another content type");
}

static enum err begin(void *arg, struct arena *arena, struct tx **tx)
{
    return tx_begin(arg, arena, tx);
}

static enum err commit(void *arg, struct tx *tx)
{
    (void)arg;
    return tx_commit(tx);
}

static void rollback(void *arg, struct tx *tx)
{
    (void)arg;
    tx_rollback(tx);
}

int main(void)
{
    static const struct route *const tables[] = { status_routes, timestamp_routes, NULL };
    const struct timestamp_settings settings = { .policy = STR("0.4.0.2023.1.1") };

    log_open("test_status", LOG_LEVEL_ERROR);
    if (!pki_kit_start()) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    a = pki_kit.arena;
    is_err(pki_kit_init(), E_OK, "the authorities are made");
    struct db *side = harness_db(pki_kit.h, DB_REPOSITORY);
    const struct hooks hooks = {
        .arg = pki_kit.repository, .begin = begin, .commit = commit, .rollback = rollback
    };
    struct app app = {
        .name = "repository", .tables = tables, .hooks = &hooks, .plain_http = true
    };
    status_work_open(pki_kit.status, side);
    timestamp_work_open(pki_kit.status, side, &settings);
    is_err(app_start(&app), E_OK, "the routes are sound");
    f = fake_new(&app);
    published();
    ocsp();
    slashes();
    tsa();
    fake_free(f);
    app_stop(&app);
    timestamp_work_close();
    status_work_close();
    db_close(side);
    pki_kit_stop();
    return tap_done();
}
