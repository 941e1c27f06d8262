/*
 * test_operators.c - LRA operators by certificate (P1-08, P3-65): who is behind a certificate and
 * who is not any more, what is written about visits (P3-144), the administrator's pages (P2-12).
 * Behind dispatch, with everything real but the transport and the pages of other slices.
 */
#include "portal_kit.h"
#include "signing_kit.h"

#include "base/log.h"
#include "features/authority/authority_work.h"
#include "features/certificates/certificates.h"
#include "features/certificates/certificates_pages.h"
#include "features/home/home_pages.h"
#include "features/operators/operators_pages.h"
#include "features/profiles/profiles.h"
#include "http/req.h"
#include "http/resp.h"
#include "main/front.h"
#include "pki/csr.h"
#include "pki/name.h"
#include "pki/x509.h"

#include <stdlib.h>

#define MUST(expression)                                                                           \
    do {                                                                                           \
        if ((expression) != E_OK) {                                                                \
            (void)printf("Bail out! %s: %s %s\n", #expression, fault_current()->reason,            \
                         fault_current()->detail);                                                 \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define DEVICE "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

static const struct audit_by by = { .name = { "test", 4 } };
static struct front front;
static struct fake *port; /* a browser at the operators' port */
static struct account_id ope, other_ope, user;
static struct certificate_id certificate;
static struct str pem;

/* --- making ----------------------------------------------------------------------------------- */

static void sql(const char *format, ...) PRINTF_LIKE(1, 2);
static void sql(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    struct str text = str_vfmt(kit.a, format, ap);
    va_end(ap);
    struct str out;
    MUST(harness_sql(kit.p.h, text.p, &out));
}

static int64_t count(const char *what)
{
    return harness_count(kit.p.h, what);
}

static void load_profile(const char *name)
{
    struct str path = str_fmt(kit.a, "sql/profiles/%s.json", name);
    FILE *file = fopen(harness_source(kit.p.h, path.p), "rb");
    char *text = arena_alloc(kit.a, 20000);
    uint32_t version;
    size_t n = file ? fread(text, 1, 20000, file) : 0;
    if (file)
        (void)fclose(file);
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);
    MUST(profiles_load(tx, &by, (struct bytes){ (uint8_t *)text, n }, &version));
    people_end(tx);
}

static struct bytes new_csr(void)
{
    struct name subject = { .n = 0 };
    struct signer_key *key = NULL;
    struct bytes dn, csr;
    MUST(signer_key_new(SIGNER_P256_SHA256, &key));
    struct signer signer = signer_key_signer(key);
    name_add(&subject, OID_CN, STR("whoever"));
    MUST(name_build(&subject, kit.a, &dn));
    MUST(csr_build(&signer, signer_key_spki(key), dn, kit.a, &csr));
    signer_key_free(key);
    return csr;
}

static struct str issued(struct tenant_id tenant, struct certificate_id id)
{
    struct authority_certificate c;
    MUST(authority_work_issue(kit.p.worker, kit.ca, id));
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);
    MUST(authority_certificate(tx, tenant, id, &c));
    ok(c.state == AUTHORITY_ISSUED, "%s: issued%s", c.profile.p, c.refused.p);
    struct str text = x509_pem(kit.a, "CERTIFICATE", c.der);
    people_undo(tx);
    return text;
}

static struct str operator_certificate(struct tenant_id tenant, struct account_id account,
                                       struct certificate_id *id)
{
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);
    MUST(operators_request(tx, &by, tenant, account, new_csr(), kit.p.now, id));
    people_end(tx);
    return issued(tenant, *id);
}

/* Any other profile, for the same person. */
static struct str certificate_of(const char *name, struct account_id account)
{
    const struct profile *profile;
    struct profiles_value *values;
    struct certificate_id id;
    struct name subject;
    struct x509_san *san;
    struct str field;
    size_t n, san_n;
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);
    MUST(profiles_get(tx, str_z(name), 0, &profile));
    MUST(profiles_prefill(tx, profile, kit.p.sakura, account, &values, &n));
    MUST(profiles_compose(profile, values, n, kit.a, &subject, &san, &san_n, &field));
    struct authority_application app = { .tenant = kit.p.sakura,
                                         .account = account,
                                         .profile = name,
                                         .profile_version = profile->version,
                                         .subject = &subject,
                                         .san = san,
                                         .san_n = san_n,
                                         .csr = new_csr() };
    MUST(authority_request(tx, &app, &id));
    MUST(audit_note(tx, &by, "test.certificate.request", NULL, 0, NULL));
    people_end(tx);
    return issued(kit.p.sakura, id);
}

/* --- the operators' port, with pages of other slices that only say who asks ------------------- */

static struct who seen;

static enum err here(struct req *rq, struct resp *rs)
{
    seen = *req_who(rq);
    return resp_empty(rs);
}

static const struct route slices[] = {
    { GET, "/", here, WHO_ANYONE },
    { GET, "/login", here, WHO_ANYONE },
    { POST, "/language", here, WHO_ANYONE },
    { GET, "/reviews", here, ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR },
    { POST, "/reviews", here, ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR },
    { GET, "/reviewsandmore", here, ROLE_LRA_OPERATOR },
    { GET, "/certificates", here, WHO_ACCOUNT },
    { GET, "/certificates/revoke", here, WHO_ANYONE },
    { GET, "/certificates/settings", here, ROLE_CUSTOMER_ADMIN },
    { GET, "/certificates/notices", here, WHO_ACCOUNT },
    { GET, "/certificates/apply", here, WHO_ACCOUNT },
    { GET, "/bulk", here, ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR },
    { GET, "/users", here, ROLE_CUSTOMER_ADMIN },
    { GET, "/documents", here, WHO_ACCOUNT },
    { GET, "/applications", here, WHO_ACCOUNT },
    { 0 },
};

static enum err render(const struct template_set *set, const struct view *view, enum lang lang,
                       const struct page_context *page, const void *data, struct arena *a,
                       struct buf *out)
{
    (void)set;
    (void)page;
    (void)data;
    (void)a;
    buf_fmt(out, "<%s %d>", view->template, lang);
    return E_OK;
}

static struct app app = { .name = "operators", .render = render };
static struct route *rows;
static struct secret *csrf_key;
static const struct route *tables[2];
static struct hooks hooks = { .arg = &front,
                              .begin = front_begin,
                              .commit = front_commit,
                              .rollback = front_rollback,
                              .client_load = front_operator_load,
                              .client_seen = front_operator_seen };

static void open_port(void)
{
    static const struct route *const all[] = { slices, operators_routes, NULL };
    front.db = harness_db(kit.p.h, DB_PORTAL);
    front.side = harness_db(kit.p.h, DB_PORTAL);
    rows = operators_face_select(all);
    tables[0] = rows;
    app.tables = tables;
    app.hooks = &hooks;
    csrf_key = secret_random(32);
    app.csrf_key = csrf_key;
    MUST(app_start(&app));
    port = fake_new(&app);
}

static int status(const char *with, const char *path)
{
    fake_client_cert(port, with);
    return fake_get(port, path).status;
}

static void test_pages(void)
{
    is_int(status(pem.p, "/reviews"), 204, "an operator's certificate opens the queue");
    ok(seen.account.v == ope.v && seen.tenant.v == kit.p.sakura.v &&
           seen.certificate.v == certificate.v && seen.second_factor,
       "as its person, with both factors (P3-65)");
    ok(seen.roles == ROLE_LRA_OPERATOR && seen.held == (ROLE_LRA_OPERATOR | ROLE_CUSTOMER_ADMIN),
       "as operator alone, whatever else the person is");
    is_int(status(pem.p, "/certificates"), 204, "certificates are there");
    is_int(status(pem.p, "/bulk"), 204, "bulk too");
    is_int(fake_post(port, "/reviews", "").status, 204, "with a token changes are made");
    is_int(status(pem.p, "/"), 200, "and a first page");
    static const char *const gone[] = { "/users",
                                        "/documents",
                                        "/applications",
                                        "/login",
                                        "/operators",
                                        "/certificates/revoke",
                                        "/reviewsandmore",
                                        "/certificates/settings",
                                        "/certificates/notices",
                                        "/certificates/apply",
                                        "/operators/mine" };
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        is_int(status(pem.p, gone[i]), 404, gone[i]);
}

static void test_nobody(void)
{
    struct fake_reply r;
    is_int(status(NULL, "/reviews"), 401, "nobody without a certificate");
    fake_client_cert(port, NULL);
    r = fake_get(port, "/");
    ok(r.status == 401 && fake_reply_has(&r, "operators/nobody.html"),
       "but a page that says what to do");
    is_int(status(DEVICE, "/reviews"), 401, "something that is no certificate");
    is_int(status(kit.client_pem.p, "/reviews"), 401, "a system's certificate");
    struct str auth = certificate_of("user-auth", user);
    is_int(status(auth.p, "/reviews"), 401, "a user's own certificate for authentication");
    auth = certificate_of("user-auth", ope);
    is_int(status(auth.p, "/reviews"), 401, "even the operator's");
}

static void test_account(void)
{
    unsigned long long id = ope.v;
    sql("UPDATE account SET state = 'suspended' WHERE id = %llu", id);
    is_int(status(pem.p, "/reviews"), 401, "a suspended account is out with the next request");
    sql("UPDATE account SET state = 'locked' WHERE id = %llu", id);
    is_int(status(pem.p, "/reviews"), 401, "so is a locked one");
    sql("UPDATE account SET state = 'active' WHERE id = %llu", id);
    is_int(status(pem.p, "/reviews"), 204, "resumed: in again");
    sql("DELETE FROM account_role WHERE account_id = %llu AND role = 'lra_operator'", id);
    is_int(status(pem.p, "/reviews"), 401, "without the role: out");
    sql("INSERT INTO account_role (account_id, role, role_family, granted_at) VALUES "
        "(%llu, 'lra_operator', 'customer', NOW(6))",
        id);
    sql("UPDATE tenant SET contract_end = '2020-01-01' WHERE id = %llu",
        (unsigned long long)kit.p.sakura.v);
    is_int(status(pem.p, "/reviews"), 401, "after the contract: out");
    sql("UPDATE tenant SET contract_end = NULL WHERE id = %llu",
        (unsigned long long)kit.p.sakura.v);
    sql("UPDATE certificate SET tenant_id = %llu WHERE id = %llu",
        (unsigned long long)kit.p.midori.v, (unsigned long long)certificate.v);
    is_int(status(pem.p, "/reviews"), 401, "a certificate and an account of two tenants: nobody");
    sql("UPDATE certificate SET tenant_id = %llu WHERE id = %llu",
        (unsigned long long)kit.p.sakura.v, (unsigned long long)certificate.v);
    is_int(status(pem.p, "/reviews"), 204, "all as before: in");
}

static void test_states(void)
{
    unsigned long long id = certificate.v;
    sql("UPDATE certificate SET state = 'suspended', revoked_at = NOW(6), reason = 6 "
        "WHERE id = %llu",
        id);
    is_int(status(pem.p, "/reviews"), 401, "a suspended certificate is out");
    sql("UPDATE certificate SET state = 'issued', revoked_at = NULL, reason = 0 WHERE id = %llu",
        id);
    is_int(status(pem.p, "/reviews"), 204, "released: in");
    struct str end;
    MUST(harness_sql(
        kit.p.h, str_fmt(kit.a, "SELECT not_after FROM certificate WHERE id = %llu", id).p, &end));
    sql("UPDATE certificate SET not_before = '2020-01-01', not_after = NOW(6) - INTERVAL 2 SECOND "
        "WHERE "
        "id = %llu",
        id);
    is_int(status(pem.p, "/reviews"), 401, "past its end: out, whatever the web server thinks");
    sql("UPDATE certificate SET not_after = NOW(6) + INTERVAL 300 DAY WHERE id = %llu", id);
    is_int(status(pem.p, "/reviews"), 204, "in again for the next test");
}

static void test_csrf(void)
{
    struct certificate_id id;
    struct str theirs = operator_certificate(kit.p.midori, other_ope, &id);
    fake_client_cert(port, theirs.p);
    is_int(fake_get(port, "/reviews").status, 204, "another tenant's operator has a queue too");
    ok(seen.tenant.v == kit.p.midori.v, "of that tenant");
    struct str token = fake_csrf(port);
    fake_client_cert(port, pem.p);
    struct str form = str_fmt(kit.a, "csrf=%.*s", STR_ARG(token));
    is_int(fake_post_bare(port, "/reviews", form.p).status, 403,
           "a CSRF token of another certificate is refused");
    is_int(fake_post_bare(port, "/reviews", "").status, 403, "so is none");
}

static void test_visits(void)
{
    static const char begun[] = "SELECT COUNT(*) FROM audit_event WHERE action = "
                                "'operators.session.begin' AND outcome = 0";
    static const char refused[] = "SELECT COUNT(*) FROM audit_event WHERE action = "
                                  "'operators.session.begin' AND outcome = 1";
    int64_t before = count(begun);
    is_int(status(pem.p, "/reviews"), 204, "the visit goes on");
    is_int(count(begun), before, "and is audited once");
    fake_address(port, "198.51.100.9");
    is_int(status(pem.p, "/reviews"), 204, "from another address");
    is_int(count(begun), before + 1, "a visit of its own");
    sql("UPDATE operator_visit SET seen_at = NOW(6) - INTERVAL 31 MINUTE WHERE certificate_id = "
        "%llu",
        (unsigned long long)certificate.v);
    sql("UPDATE account SET login_at = '2020-01-01' WHERE id = %llu", (unsigned long long)ope.v);
    is_int(status(pem.p, "/reviews"), 204, "after a pause");
    is_int(count(begun), before + 2, "a visit of its own");
    ok(count(str_fmt(kit.a,
                     "SELECT COUNT(*) FROM account WHERE id = %llu AND login_at > NOW(6) - "
                     "INTERVAL 1 DAY",
                     (unsigned long long)ope.v)
                 .p) == 1,
       "who works by certificate is not dormant (P3-144)");
    ok(count("SELECT COUNT(*) FROM login_event WHERE kind = 'certificate'") >= 3,
       "and finds it in the own history");
    int64_t no = count(refused);
    sql("UPDATE operator_visit SET refused_at = NULL");
    sql("UPDATE account SET state = 'suspended' WHERE id = %llu", (unsigned long long)ope.v);
    is_int(status(pem.p, "/reviews"), 401, "a refusal");
    is_int(status(pem.p, "/reviews"), 401, "and another");
    is_int(count(refused), no + 1, "are audited once in a while");
    sql("UPDATE account SET state = 'active' WHERE id = %llu", (unsigned long long)ope.v);
}

/* --- the portal ------------------------------------------------------------------------------- */

static void test_portal(void)
{
    struct fake *admin = portal_kit_browser();
    unsigned long long id = certificate.v;
    struct str path = str_fmt(kit.a, "/operators/certificates/%llu/revoke", id);
    struct fake_reply r;

    portal_kit_sign_in(&kit.p, admin, "user", true);
    is_int(fake_get(admin, "/operators").status, 403, "no page for users");
    is_int(fake_get(admin, "/operators/mine").status, 404, "nor is there one of their own");
    is_int(fake_post(admin, path.p, "reason=lost").status, 403, "nor do they revoke");
    fake_free(admin);
    admin = portal_kit_browser();
    portal_kit_sign_in(&kit.p, admin, "m-admin", true);
    r = fake_get(admin, "/operators");
    ok(r.status == 200 && !fake_reply_has(&r, "Ope One") && fake_reply_has(&r, "Ope Two"),
       "an administrator sees the own operators");
    is_int(fake_get(admin, path.p).status, 404, "another tenant's certificate is not there");
    is_int(fake_post(admin, path.p, "reason=lost").status, 404, "and cannot be revoked");
    fake_free(admin);
    admin = portal_kit_browser();
    portal_kit_sign_in(&kit.p, admin, "s-admin", true);
    r = fake_get(admin, "/operators");
    ok(r.status == 200 && fake_reply_has(&r, "Ope One") && fake_reply_has(&r, path.p),
       "with their certificates");
    r = fake_get(admin, path.p);
    ok(r.status == 200 && fake_reply_has(&r, "also in windows that are open now"),
       "revoking names the consequence first");
    is_int(fake_post_bare(admin, path.p, "reason=lost").status, 403, "not without a token");
    is_int(fake_post(admin, path.p, "reason=whim").status, 422, "not for a made-up reason");
    is_int(status(pem.p, "/reviews"), 204, "until then the operator works");
    is_int(fake_post(admin, path.p, "reason=left").status, 303, "revoked");
    is_int(status(pem.p, "/reviews"), 401, "out with the next request on the same connection");
    is_int(fake_post(admin, path.p, "reason=left").status, 409, "revoked once only");
    ok(count("SELECT COUNT(*) FROM audit_event WHERE action LIKE '%certificate.revoke%'") == 1,
       "audited once");
    fake_free(admin);
}

static void test_mine(void)
{
    struct fake *own = portal_kit_browser();
    portal_kit_sign_in(&kit.p, own, "ope", true);
    struct fake_reply r = fake_get(own, "/operators/mine");
    ok(r.status == 200 && fake_reply_has(&r, "/certificates/apply"),
       "an operator is led to the application");
    is_int(fake_get(own, "/reviews").status, 404, "and finds no queue on the portal of this test");
    fake_free(own);
}

static void make_everybody(void)
{
    load_profile("lra-operator");
    load_profile("user-auth");
    sql("INSERT IGNORE INTO tenant_namespace (tenant_id, kind, value, added_at) SELECT id, 'org', "
        "name, "
        "NOW(6) FROM tenant");
    sql("INSERT IGNORE INTO tenant_service (tenant_id, service, added_at) SELECT id, 'mpki', "
        "NOW(6) FROM "
        "tenant WHERE kind = 'customer'");
    ope = people_add(&kit.p, kit.p.sakura, "ope", ROLE_LRA_OPERATOR | ROLE_CUSTOMER_ADMIN, true);
    other_ope = people_add(&kit.p, kit.p.midori, "m-ope", ROLE_LRA_OPERATOR, true);
    user = people_add(&kit.p, kit.p.sakura, "user", ROLE_END_USER, true);
    (void)people_add(&kit.p, kit.p.sakura, "s-admin", ROLE_CUSTOMER_ADMIN, true);
    (void)people_add(&kit.p, kit.p.midori, "m-admin", ROLE_CUSTOMER_ADMIN, true);
    sql("UPDATE account SET name = 'Ope One' WHERE id = %llu", (unsigned long long)ope.v);
    sql("UPDATE account SET name = 'Ope Two' WHERE id = %llu", (unsigned long long)other_ope.v);
    struct certificate_id none;
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);
    is_err(operators_request(tx, &by, kit.p.sakura, user, new_csr(), kit.p.now, &none), E_STATE,
           "nobody else gets such a certificate");
    is_err(operators_request(tx, &by, kit.p.midori, ope, new_csr(), kit.p.now, &none), E_ABSENT,
           "nor an operator of another tenant");
    people_undo(tx);
    pem = operator_certificate(kit.p.sakura, ope, &certificate);
}

int main(int argc, char **argv)
{
    if (!signing_kit_start(argc, argv)) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    portal_kit_add(operators_routes, operators_views);
    portal_kit_start(&kit.p);
    struct secret *master = secret_random(32);
    const struct certificates_config config = { master, STR("https://localhost:1"),
                                                certificates_pages_words };
    certificates_init(&config);
    operators_pages_setup(STR("https://localhost:2/"), STR("https://localhost:1/"));
    make_everybody();
    open_port();
    test_pages();
    test_nobody();
    test_account();
    test_states();
    test_csrf();
    test_visits();
    test_mine();
    test_portal();
    fake_free(port);
    app_stop(&app);
    free(rows);
    secret_free(csrf_key);
    certificates_end();
    secret_free(master);
    portal_kit_stop();
    signing_kit_stop();
    return tap_done();
}
