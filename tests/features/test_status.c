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

#include <stdlib.h>
#include <unistd.h>

enum { PATHS = 40 };
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
    fake_header(f, "If-None-Match", "\"another\"");
    is_int(fake_get(f, "/crl/root.crl").status, 200, "another tag does not");
    fake_header(f, "If-None-Match", NULL);
    r = fake_get(f, "/crl/root.crl");
    struct str changed = str_dup(a, fake_reply_header(f, &r, "Last-Modified"));
    fake_header(f, "If-Modified-Since", changed.p);
    is_int(fake_get(f, "/crl/root.crl").status, 304, "so does the date that was given");
    fake_header(f, "If-Modified-Since", "Mon, 01 Jan 2024 00:00:00 GMT");
    is_int(fake_get(f, "/crl/root.crl").status, 200, "an older one gets the list");
    fake_header(f, "If-Modified-Since", NULL);
    struct fake_reply head = fake_send(f, "HEAD", "/crl/root.crl", NULL, BYTES_ABSENT);
    ok(head.status == 200 && head.body.n == 0 && str_eq(fake_reply_header(f, &head, "ETag"), tag) &&
           strtoul(fake_reply_header(f, &head, "Content-Length").p, NULL, 10) == r.body.n,
       "HEAD tells the same without it");
    header_is(&head, "Content-Type", "application/pkix-crl");
    is_int(fake_get(f, "/crl/root/1.crl").status, 404, "no such partition");
    is_int(fake_get(f, "/crl/root/0.crl").status / 100, 4, "the complete list is no partition");
    is_int(fake_get(f, "/crl/root/999999999999.crl").status / 100, 4, "nor is a large number");
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

/* max-age never goes past nextUpdate. */
static void aging(void)
{
    struct str none;

    is_err(harness_sql(pki_kit.h,
                       "UPDATE shomei.crl SET next_update = NOW(6) + INTERVAL 20 SECOND WHERE"
                       " authority_id = (SELECT id FROM shomei.authority WHERE name='access')",
                       &none),
           E_OK, "a list about to end");
    struct fake_reply r = fake_get(f, "/crl/access.crl");
    struct str age = fake_reply_header(f, &r, "Cache-Control");
    const char *n = age.p ? strstr(age.p, "max-age=") : NULL;
    ok(n && strtoul(n + 8, NULL, 10) <= 20, "is not kept longer than that");
    is_err(harness_sql(pki_kit.h,
                       "UPDATE shomei.crl SET next_update = NOW(6) - INTERVAL 20 SECOND WHERE"
                       " authority_id = (SELECT id FROM shomei.authority WHERE name='access')",
                       &none),
           E_OK, "one that has ended");
    r = fake_get(f, "/crl/access.crl");
    age = fake_reply_header(f, &r, "Cache-Control");
    ok(r.status == 200 && age.p && strstr(age.p, "max-age=0"), "not at all");
}

/* ---- what a responder says about the states of a certificate ---- */

static struct bytes answer_to(const char *arguments)
{
    if (!pki_kit_openssl("ocsp -no_nonce -issuer signing.pem %s -reqout q.der", arguments))
        abort();
    struct fake_reply r =
        fake_send(f, "POST", "/ocsp", "application/ocsp-request", pki_kit_load("q.der"));
    return body(&r);
}

static bool says(const char *arguments, const char *word)
{
    (void)usleep(15000); /* longer than a process goes on without looking at the database */
    pki_kit_save("r.der", answer_to(arguments));
    return pki_kit_openssl(
               "ocsp -no_nonce -respin r.der -CAfile root.pem -verify_other signing.pem "
               "-issuer signing.pem %s",
               arguments) &&
           pki_kit_printed("Response verify OK") && pki_kit_printed(word);
}

static void sql(const char *text)
{
    struct str none;

    if (harness_sql(pki_kit.h, text, &none) != E_OK)
        abort();
}

static void state_is(const char *set)
{
    sql(str_fmt(a,
                "USE shomei; UPDATE certificate SET %s WHERE profile='tsa'; UPDATE authority SET"
                " changes = changes + 1",
                set)
            .p);
}

static void states(void)
{
    static const char tsa[] = "-serial 0x$(cat serial)";

    ok(says(tsa, ": good"), "an issued one is good");
    sql("USE shomei; CREATE TABLE kept AS SELECT id, der, fingerprint FROM certificate");
    state_is("state='signing', der=NULL, fingerprint=NULL");
    ok(says(tsa, ": good"), "one whose number and bytes are stored counts as assigned (BR 4.9.9)");
    sql("USE shomei; UPDATE certificate c JOIN kept k ON k.id = c.id SET c.state='issued',"
        " c.der=k.der, c.fingerprint=k.fingerprint WHERE c.state='signing'");
    state_is("state='suspended', reason=6, revoked_at=NOW(6)");
    ok(says(tsa, ": revoked") && pki_kit_printed("certificateHold"), "suspended");
    state_is("state='revoked', reason=1, revoked_at=NOW(6) - INTERVAL 1 DAY");
    ok(says(tsa, ": revoked") && pki_kit_printed("keyCompromise"), "revoked, with its reason");
    state_is("state='revoked', reason=0, revoked_at=NOW(6) - INTERVAL 1 DAY");
    ok(says(tsa, ": revoked") && !pki_kit_printed("Reason"), "no reason is no extension");
    state_is("state='issued', reason=0, revoked_at=NULL");
    ok(says("-serial 0x7777", ": unknown"), "a number never given out");
    ok(says("-serial 0x$(cat serial) -serial 0x7777", ": unknown") && pki_kit_printed(": good"),
       "two in one request, each with its own");
    ok(says("-serial 0x1 -serial 0x2 -serial 0x3 -serial 0x4 -serial 0x5 -serial 0x6 -serial 0x7 "
            "-serial 0x$(cat serial)",
            ": good"),
       "eight");
    struct bytes nine = answer_to("-serial 0x1 -serial 0x2 -serial 0x3 -serial 0x4 -serial 0x5 "
                                  "-serial 0x6 -serial 0x7 -serial 0x8 -serial 0x9");
    ok(nine.n == 5 && nine.p[4] == 1, "more are malformed");
    ok(pki_kit_openssl("ocsp -no_nonce -issuer root.pem -serial 0x1 -reqout q.der"), "the root's");
    struct fake_reply r =
        fake_send(f, "POST", "/ocsp", "application/ocsp-request", pki_kit_load("q.der"));
    ok(r.body.n == 5 && r.body.p[4] == 6, "has no responder: unauthorized");
}

static void nonces(void)
{
    for (int n = 1; n <= 3; n++) {
        if (!pki_kit_openssl("ocsp -issuer signing.pem -serial 0x$(cat serial) -reqout q.der"))
            abort();
        struct fake_reply r =
            fake_send(f, "POST", "/ocsp", "application/ocsp-request", pki_kit_load("q.der"));
        pki_kit_save("r.der", body(&r));
        ok(pki_kit_openssl("ocsp -respin r.der -reqin q.der -CAfile root.pem -verify_other "
                           "signing.pem") &&
               pki_kit_printed("Response verify OK") && !pki_kit_printed("WARNING: no nonce"),
           "each nonce comes back");
    }
}

/* Serial numbers whose requests are full of what breaks in paths. */
static void paths(void)
{
    uint32_t plus = 0, slash = 0, twice = 0, right = 0;

    for (int i = 0; i < PATHS; i++) {
        const char *serial = str_fmt(a, "-serial 0x7%d%s%02x", i, i % 2 ? "fffffb" : "ffff", i).p;
        if (!pki_kit_openssl("ocsp -no_nonce -issuer signing.pem %s -reqout q.der", serial))
            abort();
        struct str text = base64_encode(a, pki_kit_load("q.der"));
        plus += strchr(text.p, '+') != NULL;
        slash += strchr(text.p, '/') != NULL;
        twice += strstr(text.p, "//") != NULL;
        struct fake_reply raw = fake_get(f, str_fmt(a, "/ocsp/%s", text.p).p);
        struct fake_reply escaped =
            fake_get(f, str_fmt(a, "/ocsp/%s", percent_encode(a, text).p).p);
        right +=
            raw.status == 200 && raw.body.n > 100 && escaped.status == 200 && escaped.body.n > 100;
        if (i % 20 == 19)
            fake_forget(f);
    }
    ok(plus > 0 && slash > 0, "'+' and '/' occur");
    tap_note("%u with '+', %u with '/', %u with '//'; %u answered", plus, slash, twice, right);
    is_int(right, PATHS, "and all are understood both ways");
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
    nonces();
    states();
    paths();
    aging();
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
