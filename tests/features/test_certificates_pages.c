/*
 * test_certificates_pages.c - the pages of certificates in a browser without a window: details and
 * files, confirming with code or password, renewal, /revoke without an account; other tenants,
 * roles, missing tokens, malformed and too much (P1-30, P1-31, P3-136).
 */
#include "lifecycle_kit.h"
#include "portal_kit.h"

#include "base/encoding.h"
#include "base/log.h"
#include "features/certificates/certificates_open.h"
#include "features/certificates/certificates_pages.h"
#include "pki/x509.h"

static struct certificate_id mine, device;

static struct fake *as(const char *login, bool totp)
{
    struct fake *f = portal_kit_browser();

    is_int(portal_kit_sign_in(&kit.p, f, login, totp), 303, login);
    return f;
}

static struct str url(struct certificate_id id, const char *rest)
{
    return str_fmt(kit.a, "/certificates/%llu%s", (unsigned long long)id.v, rest);
}

static void header_is(struct fake *f, const struct fake_reply *r, const char *name,
                      const char *want)
{
    is_str(fake_reply_header(f, r, name), want, name);
}

static void details(void)
{
    struct fake *f = as("jiro", false);
    struct fake_reply r = fake_get(f, url(mine, "").p);

    is_int(r.status, 200, "a certificate");
    ok(fake_reply_has(&r, "jiro@example.test"), "with its names");
    r = fake_get(f, url(mine, "/file/pem").p);
    header_is(f, &r, "Content-Type", "application/x-pem-file");
    lifecycle_kit_save("page.pem", bytes_of_str(r.body));
    ok(lifecycle_kit_openssl("verify -CAfile root.pem -untrusted access.pem page.pem"), "PEM");
    r = fake_get(f, url(mine, "/file/der").p);
    header_is(f, &r, "Content-Type", "application/pkix-cert");
    ok(str_starts(fake_reply_header(f, &r, "Content-Disposition"), STR("attachment;")) &&
           strstr(fake_reply_header(f, &r, "Content-Disposition").p, "filename*=UTF-8''") != NULL,
       "under a name in any script (RFC 6266)");
    lifecycle_kit_save("page.der", bytes_of_str(r.body));
    ok(lifecycle_kit_openssl("x509 -inform DER -in page.der -noout"), "DER");
    r = fake_get(f, url(mine, "/file/chain").p);
    header_is(f, &r, "Content-Type", "application/pem-certificate-chain");
    r = fake_get(f, url(mine, "/file/pkcs7").p);
    header_is(f, &r, "Content-Type", "application/pkcs7-mime; smime-type=certs-only");
    lifecycle_kit_save("page.p7b", bytes_of_str(r.body));
    ok(lifecycle_kit_openssl("pkcs7 -inform DER -in page.p7b -print_certs -noout"), "PKCS#7");
    is_int(fake_get(f, url(mine, "/file/exe").p).status, 404, "there is no such file");
    is_int(fake_get(f, url(device, "").p).status, 404, "another one's certificate");
    is_int(fake_get(f, url(device, "/file/der").p).status, 404, "nor its file");
    is_int(fake_get(f, url(device, "/revoke").p).status, 404, "nor the page to revoke it");
    is_int(fake_get(f, "/certificates/999999").status, 404, "one that does not exist");
    is_int(fake_get(f, "/certificates/abc").status / 100, 4, "and one that cannot");
    is_int(fake_post(f, url(mine, "/send").p, "").status, 403, "mailing links is not for users");
    is_int(fake_post(f, url(mine, "/notices").p, "off=1").status, 303, "no notices");
    r = fake_get(f, url(mine, "").p);
    ok(fake_reply_has(&r, "value=\"1\"") == false, "the page says so");
    is_int(fake_post(f, "/certificates/notices", "off=1").status, 303, "none at all");
    is_int(fake_get(f, "/certificates/notices").status, 200, "and where to see that");
    fake_free(f);
}

static void others(void)
{
    struct fake *f = as("midori", true);
    struct fake_reply r;

    is_int(fake_get(f, url(mine, "").p).status, 404, "another customer's administrator");
    is_int(fake_post(f, url(mine, "/revoke").p, "reason=unspecified").status, 404,
           "revokes nothing");
    is_int(fake_post(f, url(mine, "/suspend").p, "").status, 404, "nor suspends");
    is_int(fake_post(f, url(mine, "/send").p, "").status, 404, "nor has links mailed");
    is_int(fake_get(f, url(mine, "/renew").p).status, 404, "nor renews");
    fake_free(f);
    f = as("support", true);
    r = fake_get(f, url(mine, "").p);
    is_int(r.status, 200, "support looks");
    ok(!fake_reply_has(&r, url(mine, "/revoke").p), "and is offered nothing");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.audit_event WHERE action = "
                               "'certificates.certificate.view'"),
           1, "looking is on record (P1-31)");
    is_int(fake_post(f, url(mine, "/suspend").p, "").status, 409, "nor may it by force");
    fake_free(f);
    f = portal_kit_browser();
    is_int(fake_get(f, url(mine, "").p).status, 303, "a visitor signs in first");
    fake_free(f);
}

static void holding(void)
{
    struct fake *f = as("jiro", false);
    struct fake_reply r = fake_get(f, url(mine, "/suspend").p);

    is_int(r.status, 200, "the page says what will happen");
    is_int(fake_post_bare(f, url(mine, "/suspend").p, "").status, 403, "no token, nothing done");
    r = fake_post(f, url(mine, "/suspend").p, "");
    is_int(r.status, 303, "suspended");
    struct str done = portal_kit_location(f, &r);
    r = fake_get(f, done.p);
    ok(r.status == 200 && fake_reply_has(&r, "C-0"), "with a receipt");
    is_int(fake_get(f, url(mine, "/done/C-999999").p).status, 404, "there is no other receipt");
    is_int(fake_post(f, url(mine, "/release").p, "password=wrong-wrong-wrong").status, 422,
           "releasing asks for the password of people without a second factor");
    r = fake_post(f, url(mine, "/release").p, "");
    is_int(r.status, 422, "and does not go without");
    r = fake_post(f, url(mine, "/release").p, "password=" PEOPLE_PASSWORD);
    is_int(r.status, 303, "released");
    fake_free(f);
}

static void revoking(void)
{
    struct fake *f = as("admin", true);
    struct fake_reply r = fake_get(f, url(device, "/revoke").p);

    ok(r.status == 200 && fake_reply_has(&r, "privilegeWithdrawn"),
       "administrators have one more reason");
    r = fake_post(f, url(device, "/revoke").p, "reason=caCompromise&code=000000");
    is_int(r.status, 422, "a reason that is none");
    r = fake_post(f, url(device, "/revoke").p, "reason=superseded&code=000000");
    is_int(r.status, 422, "a wrong code");
    is_int(lifecycle_kit_look(device, clock_now()).state, AUTHORITY_ISSUED, "nothing is done");
    kit.p.now = timestamp_add(kit.p.now, 60 * SECOND_US);
    r = fake_post(f, url(device, "/revoke").p,
                  str_fmt(kit.a, "reason=keyCompromise&since=2001-01-01&code=%s",
                          people_code(&kit.p, "admin").p)
                      .p);
    is_int(r.status, 422, "a day before the certificate");
    is_int(lifecycle_kit_look(device, clock_now()).state, AUTHORITY_ISSUED, "nothing is done");
    fake_free(f);
}

/* --- renewal --- */

static void ends_soon(struct certificate_id id)
{
    struct str out;

    is_err(harness_sql(kit.p.h,
                       str_fmt(kit.a,
                               "UPDATE shomei.certificate SET not_after = NOW(6) + INTERVAL 30 DAY "
                               "WHERE id = %llu",
                               (unsigned long long)id.v)
                           .p,
                       &out),
           E_OK, "it ends in a month");
}

static void renewing(void)
{
    struct fake *f = as("lra", true);
    struct str path = url(device, "/renew");
    struct fake_reply r;

    is_int(fake_get(f, path.p).status, 409, "two years before the end it is too early");
    ends_soon(device);
    r = fake_get(f, path.p);
    ok(r.status == 200 && fake_reply_has(&r, "value=\"same\"") && fake_reply_has(&r, "device"),
       "then it is offered, filled in");
    is_int(fake_post(f, path.p, "key=new").status, 422, "a new key needs a request");
    is_int(fake_post(f, path.p, "key=new&csr=junk").status, 422, "a good one");
    is_int(fake_post(f, path.p, "key=other").status, 422, "and one of the two");
    is_int(fake_post_bare(f, path.p, "key=same").status, 403, "and a token");
    r = fake_post(f, path.p, "key=same");
    ok(r.status == 303 && str_starts(portal_kit_location(f, &r), STR("/applications/")),
       "with the same key: an application");
    is_int(fake_post(f, path.p, "key=same").status, 409, "one at a time");
    fake_free(f);
    f = as("jiro", false);
    ends_soon(mine);
    r = fake_get(f, url(mine, "/renew").p);
    ok(r.status == 200 && !fake_reply_has(&r, "value=\"same\""),
       "where the profile wants a new key the old one is not offered");
    is_int(fake_post(f, url(mine, "/renew").p, "key=same").status, 422, "nor taken");
    fake_free(f);
}

/* --- without an account --- */

static struct str field(const struct fake_reply *r, const char *name)
{
    struct str key = str_fmt(kit.a, "name=\"%s\" value=\"", name);
    const char *at = strstr(r->body.p, key.p);

    if (at == NULL)
        return STR("");
    at += key.n;
    return str_of(kit.a, at, strcspn(at, "\""));
}

static struct str encoded(struct str s)
{
    return percent_encode(kit.a, s);
}

static void open_request(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r = fake_get(f, "/revoke");
    struct certificates_request q;

    is_int(r.status, 200, "/revoke");
    r = fake_post(f, "/revoke/prepare", "certificate=junk&reason=unspecified");
    is_int(r.status, 422, "what is no certificate");
    r = fake_post(f, "/revoke/prepare",
                  str_fmt(kit.a, "certificate=%s&reason=superseded",
                          encoded(lifecycle_kit_text("mine.pem")).p)
                      .p);
    is_int(r.status, 200, "the text to sign");
    q = (struct certificates_request){ .issuer = field(&r, "issuer"),
                                       .serial = field(&r, "serial"),
                                       .reason = field(&r, "reason"),
                                       .challenge = field(&r, "challenge") };
    ok(strstr(r.body.p, "Shomei revocation request 1\nIssuer: ") != NULL, "is on the page");
    lifecycle_kit_save("page.txt", bytes_of_str(certificates_request_text(kit.a, &q)));
    ok(lifecycle_kit_openssl("dgst -sha256 -sign mine.key -out page.sig page.txt") &&
           lifecycle_kit_openssl("base64 -in page.sig"),
       "signed");
    struct str form =
        str_fmt(kit.a, "issuer=%s&serial=%s&reason=%s&challenge=%s&signature=", encoded(q.issuer).p,
                q.serial.p, q.reason.p, q.challenge.p);
    r = fake_post(f, "/revoke", str_fmt(kit.a, "%sAAAA", form.p).p);
    is_int(r.status, 422, "another signature");
    is_int(fake_post_bare(f, "/revoke", form.p).status, 403, "the page's form has a token");
    r = fake_post(f, "/revoke",
                  str_fmt(kit.a, "%s%s", form.p, encoded(lifecycle_kit_text("out.txt")).p).p);
    ok(r.status == 200 && fake_reply_has(&r, "C-0"), "revoked, with a receipt");
    r = fake_post(f, "/revoke",
                  str_fmt(kit.a, "%s%s", form.p, encoded(lifecycle_kit_text("out.txt")).p).p);
    is_int(r.status, 422, "the same again is refused");
    is_int(lifecycle_kit_look(mine, clock_now()).state, AUTHORITY_REVOKED, "once is enough");
    fake_free(f);
}

/* The same as a program does it. */
static void open_api(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply r = fake_get(f, "/revoke/challenge");
    struct certificates_request q = { .reason = STR("cessationOfOperation"),
                                      .challenge = str_trim(kit.a, r.body) };
    struct str json;

    ok(r.status == 200 && r.body.n > 40, "a challenge as plain text");
    ok(lifecycle_kit_openssl("x509 -in device.pem -noout -issuer -nameopt RFC2253"), "issuer");
    q.issuer = str_sub(kit.a, lifecycle_kit_text("out.txt"), 7, SIZE_MAX);
    ok(lifecycle_kit_openssl("x509 -in device.pem -noout -serial"), "serial number");
    q.serial = str_lower(kit.a, str_sub(kit.a, lifecycle_kit_text("out.txt"), 7, SIZE_MAX));
    lifecycle_kit_save("api.txt", bytes_of_str(certificates_request_text(kit.a, &q)));
    ok(lifecycle_kit_openssl("dgst -sha256 -sign device.key -out api.sig api.txt") &&
           lifecycle_kit_openssl("base64 -A -in api.sig"),
       "signed");
    json =
        str_fmt(kit.a,
                "{\"issuer\":\"%s\",\"serial\":\"%s\",\"reason\":\"%s\",\"challenge\":\"%s\","
                "\"signature\":\"%s\"}",
                q.issuer.p, q.serial.p, q.reason.p, q.challenge.p, lifecycle_kit_text("out.txt").p);
    is_int(fake_json(f, "POST", "/revoke/request", "{}").status, 422, "an empty request");
    is_int(fake_json(f, "POST", "/revoke/request", "{\"issuer\":").status, 422, "a broken one");
    r = fake_json(f, "POST", "/revoke/request", str_fmt(kit.a, "{\"more\":1,%s", json.p + 1).p);
    is_int(r.status, 422, "an unknown member");
    r = fake_json(f, "POST", "/revoke/request", json.p);
    ok(r.status == 200 && fake_reply_has(&r, "\"receipt\":\"C-0"), "revoked");
    r = fake_json(f, "POST", "/revoke/request", json.p);
    ok(r.status == 409 && fake_reply_has(&r, "challenge-used"), "a replay");
    fake_free(f);
}

static void open_lost(void)
{
    struct fake *f = portal_kit_browser();
    struct fake_reply a, b;

    is_int(fake_get(f, "/revoke/lost").status, 200, "access lost");
    is_int(fake_post(f, "/revoke/lost", "email=none").status, 422, "no address");
    a = fake_post(f, "/revoke/lost", "email=jiro%40example.test");
    b = fake_post(f, "/revoke/lost", "email=nobody%40example.test");
    ok(a.status == 200 && b.status == 200 && a.body.n == b.body.n,
       "known or not, the answer is the same");
    is_int(fake_get(f, "/revoke/link/guess").status, 404, "a guessed link");
    is_int(fake_post(f, "/revoke/link/guess", "id=1&reason=unspecified").status, 404, "as well");
    is_int(fake_get(f, "/certificates/link/guess").status, 404, "of either kind");
    for (int i = 0; i < 5; i++)
        a = fake_post(f, "/revoke/lost", "email=jiro%40example.test");
    is_int(a.status, 429, "too often");
    fake_free(f);
}

static void authorities(void)
{
    static const char *const names[] = { "root", "access" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct tx *tx = people_tx(&kit.p, kit.p.portal);
        struct bytes *chain;
        size_t n;

        is_err(authority_chain(tx, mine, &chain, &n), E_OK, "the chain");
        people_undo(tx);
        lifecycle_kit_save(str_fmt(kit.a, "%s.pem", names[i]).p,
                           bytes_of_str(x509_pem(kit.a, "CERTIFICATE", chain[i == 0 ? n - 1 : 0])));
    }
}

int main(void)
{
    static const struct route *const routes[] = {
        certificates_detail_routes, certificates_change_routes, certificates_renew_routes,
        certificates_notices_routes, certificates_revoke_routes
    };

    log_open("test_certificates_pages", LOG_LEVEL_ERROR);
    if (!lifecycle_kit_start()) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    mine = lifecycle_kit_issue("mine", "smime", kit.jiro, kit.jiro);
    device = lifecycle_kit_issue("device", "device", kit.admin, (struct account_id){ 0 });
    authorities();
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        portal_kit_add(routes[i], NULL);
    portal_kit_add(certificates_download_routes, certificates_views);
    portal_kit_start(&kit.p);
    details();
    others();
    holding();
    revoking();
    renewing();
    open_request();
    open_api();
    open_lost();
    portal_kit_stop();
    lifecycle_kit_stop();
    return tap_done();
}
