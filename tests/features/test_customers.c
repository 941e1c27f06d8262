/*
 * test_customers.c - customers by page: registering (form, confirm, done), contract, services,
 * contact persons with three items and no fourth (P1-20), names, hosting kind (P2-03), and that
 * nothing is done without a word about the requester's authority (P1-10).
 */
#include "portal_kit.h"

#include "base/log.h"
#include "features/accounts/accounts_tasks.h"
#include "features/customers/customers_inside.h"
#include "features/customers/customers_pages.h"

static struct people p;
static struct fake *staff;

#define TERMS "&services=mpki&services=rs&hosting=cloud&first_day=2026-01-01&last_day=2099-03-31"
#define CONTACT                                                                                    \
    "&contact_name=%E4%BD%90%E8%97%A4&contact_phone=%EF%BC%90%EF%BC%93%E3%83%BC1234-5678"          \
    "&contact_email=Sato%40aoba.example"
#define ADMIN                                                                                      \
    "&admin_name=Aoba+Admin&admin_login=aoba.admin&admin_email=admin%40aoba.example&admin_lang=ja"
#define WORD "&authority=callback&note=order+4711"

static int64_t count(const char *where)
{
    return harness_count(p.h, str_fmt(p.a, "SELECT COUNT(*) FROM shomei.%s", where).p);
}

static const char *path(const char *format, struct tenant_id id)
{
    return str_fmt(p.a, "/tenants/%llu%s", (unsigned long long)id.v, format).p;
}

static struct tenant_id tenant_of(const char *code)
{
    struct tenant_id id = { (uint64_t)harness_count(
        p.h, str_fmt(p.a, "SELECT id FROM shomei.tenant WHERE code = '%s'", code).p) };
    return id;
}

static void test_create(void)
{
    struct fake_reply r = fake_get(staff, "/tenants/new");
    int64_t before = count("tenant");

    ok(r.status == 200 && fake_reply_has(&r, "name=\"authority\""), "the form asks for authority");
    r = fake_post(staff, "/tenants",
                  "name=Aoba&code=aoba" TERMS CONTACT ADMIN "&authority=callback");
    ok(r.status == 422 && fake_reply_has(&r, "#f-note"),
       "without a word about it: nothing (P1-10)");
    r = fake_post(staff, "/tenants",
                  "name=Aoba&code=Aoba+1" TERMS CONTACT ADMIN WORD "&step=create");
    ok(r.status == 422 && fake_reply_has(&r, "#f-code") && fake_reply_has(&r, "value=\"Aoba 1\""),
       "a bad code: told at its field, what was written is kept");
    r = fake_post(staff, "/tenants",
                  "name=Aoba&code=aoba&hosting=cloud&first_day=2026-01-01" CONTACT ADMIN WORD);
    ok(r.status == 422 && fake_reply_has(&r, "#f-services"), "no service");
    r = fake_post(
        staff, "/tenants",
        "name=Aoba&code=aoba&services=mpki&first_day=2026-02-01&last_day=2026-01-01" CONTACT ADMIN
            WORD);
    ok(r.status == 422 && fake_reply_has(&r, "#f-last_day"), "an end before the beginning");
    r = fake_post(staff, "/tenants",
                  "name=Aoba&code=aoba" TERMS CONTACT ADMIN WORD "&step=confirm");
    ok(r.status == 200 && fake_reply_has(&r, "Register and invite") &&
           fake_reply_has(&r, "Partly on a commercial cloud"),
       "a confirmation");
    r = fake_post(staff, "/tenants", "name=Aoba&code=aoba" TERMS CONTACT ADMIN WORD "&step=edit");
    ok(r.status == 200 && fake_reply_has(&r, "value=\"aoba.admin\""), "and back without loss");
    is_int(count("tenant") - before, 0, "nothing was made until now");
    r = fake_post_bare(staff, "/tenants",
                       "name=Aoba&code=aoba" TERMS CONTACT ADMIN WORD "&step=create");
    is_int(r.status, 403, "not without CSRF token");
    r = fake_post(staff, "/tenants", "name=Aoba&code=aoba" TERMS CONTACT ADMIN WORD "&step=create");
    is_int(r.status, 303, "then it is made");
    struct str done = portal_kit_location(staff, &r);
    r = fake_get(staff, done.p);
    ok(r.status == 200 && strstr(done.p, "receipt=C") && fake_reply_has(&r, "Receipt number"),
       "with a receipt number");
    struct tenant_id id = tenant_of("aoba");
    is_int(
        fake_get(
            staff,
            str_fmt(p.a, "/tenants/%llu/done?receipt=C000000-000000", (unsigned long long)id.v).p)
            .status,
        404, "not any number");
    is_int(count("tenant_service s JOIN shomei.tenant t ON t.id = s.tenant_id WHERE code = 'aoba'"),
           2, "two services");
    is_int(count("tenant WHERE code = 'aoba' AND hosting = 'cloud' AND contract_end = "
                 "'2099-03-31 15:00:00'"),
           1, "hosting kind (P2-03), and midnight in Japan");
    is_int(count("tenant_contact WHERE phone = '03-1234-5678' AND email = 'sato@aoba.example' AND "
                 "purpose = 'mpki.register'"),
           1, "the contact person, for its purpose (P1-07); full width is no obstacle");
    is_int(count("account WHERE login = 'aoba.admin' AND state = 'invited'"), 1,
           "an administrator");
    is_int(count("job WHERE kind = 'accounts.mail' AND payload LIKE '%\"invite\"%'"), 1,
           "whom a mail with a one-time link invites");
    is_int(
        count(
            "tenant_act WHERE kind = 'create' AND authority = 'callback' AND note = 'order 4711'"),
        1, "on whose word is kept");
    r = fake_post(staff, "/tenants", "name=Aoba&code=aoba" TERMS CONTACT ADMIN WORD "&step=create");
    ok(r.status == 422 && count("tenant") - before == 1, "a second click makes no second one");
    r = fake_post(staff, "/tenants", "name=B&code=bbb" TERMS CONTACT ADMIN WORD "&step=create");
    ok(r.status == 422 && fake_reply_has(&r, "#f-admin_login") && count("tenant") - before == 1,
       "a login in use: nothing half done");
}

static void test_schema(void)
{
    struct str out;

    is_int(count("tenant_contact WHERE 1 = 0"), 0, "the table is there");
    is_int(harness_count(p.h,
                         "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = "
                         "'shomei' AND table_name = 'tenant_contact' AND column_name NOT IN "
                         "('id', 'tenant_id', 'purpose', 'added_at', 'added_by')"),
           3, "three items of a contact person, no column for a fourth (P1-20)");
    is_err(harness_sql(p.h, "UPDATE shomei.tenant_contact SET purpose = 'marketing'", &out),
           E_BACKEND, "no other purpose");
    is_err(harness_sql(p.h, "UPDATE shomei.tenant_act SET note = ''", &out), E_BACKEND,
           "no act without a word (P1-10)");
    is_err(harness_sql_as(p.h, DB_PORTAL, "UPDATE shomei.tenant_act SET note = 'x'", &out),
           E_BACKEND, "nor may the portal rewrite one");
    is_err(harness_sql_as(p.h, DB_PORTAL, "DELETE FROM shomei.tenant_act", &out), E_BACKEND,
           "or delete it");
}

static void test_change(void)
{
    struct tenant_id id = tenant_of("aoba");
    struct fake_reply r = fake_get(staff, path("", id));

    ok(r.status == 200 && fake_reply_has(&r, "order 4711") &&
           fake_reply_has(&r, "sato@aoba.example"),
       "the customer's page");
    r = fake_get(staff, path("/edit", id));
    ok(r.status == 200 && fake_reply_has(&r, "value=\"2099-03-31\""), "its contract to be changed");
    r = fake_post(staff, path("/edit", id),
                  "name=Aoba+Inc&services=idv&hosting=dedicated&first_day=2026-01-01&last_day=2026-"
                  "02-01" WORD);
    ok(r.status == 422 && fake_reply_has(&r, "#f-stop"), "a day that is over wants a tick");
    r = fake_post(staff, path("/edit", id),
                  "name=Aoba+Inc&services=idv&hosting=dedicated&first_day=2026-01-01&last_day=2099-"
                  "01-01" WORD);
    is_int(r.status, 303, "changed");
    is_int(count("tenant_service WHERE service = 'idv'") +
               count("tenant_service WHERE service = 'rs'"),
           1, "services are exactly those");
    is_int(count("tenant WHERE name = 'Aoba Inc' AND hosting = 'dedicated'"), 1, "the terms too");
    r = fake_post(staff, path("/contacts", id),
                  "contact_name=Ito&contact_phone=abc123&contact_email=ito%40aoba.example" WORD);
    ok(r.status == 422 && fake_reply_has(&r, "#f-contact_phone"), "a phone number is of digits");
    r = fake_post(
        staff, path("/contacts", id),
        "contact_name=Ito&contact_phone=0312345678&contact_email=SATO%40aoba.example" WORD);
    ok(r.status == 422 && fake_reply_has(&r, "listed already"), "one address, one person");
    r = fake_post(staff, path("/contacts", id),
                  "contact_name=Ito&contact_phone=0312345678&contact_email=ito%40aoba.example"
                  "&birthday=x" WORD);
    is_int(r.status, 422, "a fourth item is refused (P1-20)");
    r = fake_post(
        staff, path("/contacts", id),
        "contact_name=Ito&contact_phone=0312345678&contact_email=ito%40aoba.example" WORD);
    is_int(r.status, 303, "a second contact person");
    int64_t ito = harness_count(p.h, "SELECT id FROM shomei.tenant_contact WHERE name = 'Ito'");
    const char *drop = path(str_fmt(p.a, "/contacts/%lld/delete", (long long)ito).p, id);
    r = fake_get(staff, drop);
    ok(r.status == 200 && fake_reply_has(&r, "class=\"consequence\""),
       "deleting says what it means");
    is_int(fake_post(staff, path(str_fmt(p.a, "/contacts/%lld/delete", (long long)ito).p, p.midori),
                     "authority=contract&note=x")
               .status,
           404, "not by way of another customer");
    is_int(fake_post(staff, drop, "authority=contract&note=").status, 422, "not without a word");
    is_int(fake_post(staff, drop, "authority=contract&note=left").status, 303, "deleted");
    is_int(count("tenant_contact WHERE name = 'Ito'"), 0, "gone");
    r = fake_post(
        staff, path("/administrator", id),
        "admin_name=Second&admin_login=aoba.second&admin_email=second%40aoba.example" WORD);
    is_int(r.status, 303, "one more administrator");
    is_int(count("account a JOIN shomei.account_role r ON r.account_id = a.id WHERE a.login = "
                 "'aoba.second' AND r.role = 'customer_admin'"),
           1, "is invited");
    is_int(fake_get(staff, path("", p.provider)).status, 404, "the provider is no customer");
}

static void judge(enum customers_name_kind kind, const char *value, const char *want)
{
    struct str out = STR("");
    enum err err = customers_inside_name_judge(p.a, kind, str_z(value), &out);

    is_str(err == E_OK ? out : str_z(fault_current()->reason), want, value);
}

static void test_names(void)
{
    struct tenant_id id = tenant_of("aoba");
    struct fake_reply r;

    judge(CUSTOMERS_MAIL, "@Aoba.Example", "aoba.example");
    judge(CUSTOMERS_DNS, " www.aoba.example ", "www.aoba.example");
    judge(CUSTOMERS_DNS, "*.aoba.example", "name-wildcard");
    judge(CUSTOMERS_DNS, "example", "name-domain");
    judge(CUSTOMERS_DNS, "-a.example", "name-domain");
    judge(CUSTOMERS_DNS, "a..example", "name-domain");
    judge(CUSTOMERS_DNS, "a.example.", "name-domain");
    judge(CUSTOMERS_DNS, "192.0.2.1", "name-domain");
    judge(CUSTOMERS_DNS, "\xe9\x9d\x92.example", "name-domain");
    judge(CUSTOMERS_IP, "192.0.2.0/24", "192.0.2.0/24");
    judge(CUSTOMERS_IP, "192.0.2.7", "192.0.2.7");
    judge(CUSTOMERS_IP, "192.0.2.7/32", "192.0.2.7");
    judge(CUSTOMERS_IP, "2001:0DB8::/32", "2001:db8::/32");
    judge(CUSTOMERS_IP, "192.0.2.1/24", "name-network");
    judge(CUSTOMERS_IP, "0.0.0.0/0", "name-wide");
    judge(CUSTOMERS_IP, "::/8", "name-wide");
    judge(CUSTOMERS_IP, "192.0.2.0/33", "name-address");
    judge(CUSTOMERS_IP, "192.0.2.0/", "name-address");
    judge(CUSTOMERS_IP, "localhost", "name-address");
    judge(CUSTOMERS_ORG, "Aoba Inc", "Aoba Inc");
    judge(CUSTOMERS_ORG,
          "Aoba\xe2\x80\xae"
          "cnI",
          "name-org");

    r = fake_post(staff, path("/names", id), "kind=dns&value=AOBA.example&evidence=WHOIS" WORD);
    is_int(r.status, 303, "a domain");
    is_int(
        count(
            "tenant_namespace WHERE kind = 'dns' AND value = 'aoba.example' AND evidence = 'WHOIS' "
            "AND added_by IS NOT NULL"),
        1, "with who added it and by what");
    r = fake_post(staff, path("/names", id), "kind=dns&value=aoba.example&evidence=WHOIS" WORD);
    ok(r.status == 422 && fake_reply_has(&r, "listed already"), "once");
    r = fake_post(staff, path("/names", id), "kind=dns&value=b.example" WORD);
    ok(r.status == 422 && fake_reply_has(&r, "#f-evidence"), "not without evidence");
    r = fake_post(staff, path("/names", id), "kind=ip&value=10.1.2.3%2F8&evidence=x" WORD);
    ok(r.status == 422 && fake_reply_has(&r, "bits behind its prefix"), "a network that is none");
    int64_t name = harness_count(p.h, "SELECT id FROM shomei.tenant_namespace WHERE kind = 'dns'");
    const char *drop = str_fmt(p.a, "/names/%lld/delete", (long long)name).p;
    is_int(fake_post(staff, path(drop, p.midori), "authority=contract&note=x").status, 404,
           "not by way of another customer");
    is_int(fake_get(staff, path(drop, id)).status, 200, "once more before it is taken away");
    is_int(fake_post(staff, path(drop, id), "authority=contract&note=sold").status, 303,
           "taken away");
    is_int(count("tenant_namespace"), 0, "gone");
    is_int(
        count("tenant_act WHERE kind IN ('name-add', 'name-drop') AND object = 'dns aoba.example'"),
        2, "both acts are kept");
}

static void test_list(void)
{
    struct fake_reply r = fake_get(staff, "/tenants?q=aob&sort=-end");

    ok(r.status == 200 && fake_reply_has(&r, "Aoba Inc") && !fake_reply_has(&r, "みどり工業"),
       "the list is filtered");
    r = fake_get(staff, "/tenants?service=idv&state=force");
    ok(fake_reply_has(&r, "Aoba Inc") && !fake_reply_has(&r, "みどり工業"), "by service and state");
    r = fake_get(staff, "/tenants?state=ended");
    ok(!fake_reply_has(&r, "Aoba Inc"), "nothing has ended");
    r = fake_get(staff, "/tenants?q=%25");
    ok(!fake_reply_has(&r, "Aoba Inc"), "a percent sign is itself");
    is_int(fake_get(staff, "/tenants?sort=drop").status, 422, "no other order");
}

/* Other roles, other customers, nobody (P2-12). */
static void test_walls(void)
{
    static const char *const paths[] = { "", "/edit", "/contacts", "/names", "/administrator" };
    struct fake *f = portal_kit_browser();
    struct tenant_id id = tenant_of("aoba");
    struct fake_reply r;

    (void)people_add(&p, p.sakura, "sakura.boss", ROLE_CUSTOMER_ADMIN, true);
    (void)people_add(&p, p.sakura, "sakura.user", ROLE_END_USER, true);
    (void)people_add(&p, p.provider, "helper", ROLE_OPERATIONS_ASSISTANT, true);
    (void)people_add(&p, p.provider, "chief", ROLE_SERVICE_MANAGER, true);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        is_int(fake_get(f, path(paths[i], id)).status, 303, "nobody comes here");
    static const char *const who[] = { "sakura.boss", "sakura.user", "helper", "chief" };
    for (size_t k = 0; k < sizeof who / sizeof *who; k++) {
        struct fake *g = portal_kit_browser();
        (void)portal_kit_sign_in(&p, g, who[k], true);
        int bad = 0;
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
            bad += fake_get(g, path(paths[i], id)).status != 403;
        bad += fake_get(g, "/tenants").status != 403;
        bad += fake_post(g, "/tenants", "name=X&code=xxx" TERMS CONTACT ADMIN WORD "&step=create")
                   .status != 403;
        bad +=
            fake_post(g, path("/names", id), "kind=dns&value=x.example&evidence=x" WORD).status !=
            403;
        is_int(bad, 0, who[k]);
        if (k == 0) {
            r = fake_get(g, "/contract");
            ok(r.status == 200 && fake_reply_has(&r, "さくら") && !fake_reply_has(&r, "order 4711"),
               "a customer sees its own contract and no other");
        } else {
            is_int(fake_get(g, "/contract").status, 403, "/contract is the administrator's");
        }
        fake_free(g);
    }
    fake_free(f);
}

/* The term of a contract: nobody before, nobody after (P3-145). */
static void test_term(void)
{
    struct fake *f = portal_kit_browser();
    struct tenant_id id = tenant_of("aoba");
    struct str out;
    struct fake_reply r;

    struct account_id user = people_add(&p, id, "aoba.user", ROLE_END_USER, false);
    is_err(harness_sql(p.h,
                       "UPDATE shomei.tenant SET contract_start = '2098-01-01' WHERE code = 'aoba'",
                       &out),
           E_OK, "a contract that begins later");
    r = fake_post(f, "/login", "login=aoba.user&password=" PEOPLE_PASSWORD);
    is_int(r.status, 422, "nobody signs in before");
    is_err(harness_sql(p.h,
                       "UPDATE shomei.tenant SET contract_start = '2020-01-01' WHERE code = 'aoba'",
                       &out),
           E_OK, "one that has begun");
    is_int(portal_kit_sign_in(&p, f, "aoba.user", false), 303, "they do");
    r = fake_post(
        staff, path("/edit", id),
        "name=Aoba&services=mpki&hosting=provider&first_day=2020-01-01&last_day=2026-02-01"
        "&stop=1" WORD);
    is_int(r.status, 303, "the contract is ended");
    struct tx *tx = people_tx(&p, p.worker);
    uint64_t stopped;
    is_err(accounts_task_contracts(tx, clock_now(), &stopped), E_OK, "the worker");
    people_end(tx);
    is_str(people_state(&p, user), "suspended", "stops the accounts (P3-145)");
    is_int(fake_get(f, "/security").status, 303, "and their sessions");
    r = fake_post(staff, path("/administrator", id),
                  "admin_name=Third&admin_login=aoba.third&admin_email=third%40aoba.example" WORD);
    is_int(r.status, 409, "nobody is invited into an ended contract");
    struct account_id leaked = people_add(&p, p.midori, "midori.leak", ROLE_END_USER, false);
    is_err(harness_sql(p.h,
                       str_fmt(p.a,
                               "UPDATE shomei.account SET tenant_id = %llu, state = 'suspended', "
                               "state_reason = 'leak' WHERE id = %llu",
                               (unsigned long long)id.v, (unsigned long long)leaked.v)
                           .p,
                       &out),
           E_OK, "one who was suspended for another reason");
    r = fake_post(
        staff, path("/edit", id),
        "name=Aoba&services=mpki&hosting=provider&first_day=2020-01-01&last_day=2099-02-01"
        "&resume=1" WORD);
    is_int(r.status, 303, "the contract goes on");
    is_str(people_state(&p, user), "active", "who stopped with it runs again");
    is_str(people_state(&p, leaked), "suspended", "nobody else");
    is_int(count("account WHERE login = 'aoba.admin' AND state = 'invited'"), 1,
           "who never came is still invited");
    fake_free(f);
}

int main(void)
{
    log_open("test_customers", LOG_LEVEL_WARNING);
    people_start(&p);
    portal_kit_add(customers_list_routes, customers_views);
    portal_kit_add(customers_new_routes, NULL);
    portal_kit_add(customers_change_routes, NULL);
    portal_kit_add(customers_names_routes, NULL);
    portal_kit_start(&p);
    (void)people_add(&p, p.provider, "manager", ROLE_SYSTEM_MANAGER, true);
    staff = portal_kit_browser();
    is_int(portal_kit_sign_in(&p, staff, "manager", true), 303, "a system manager");
    test_create();
    test_schema();
    test_change();
    test_names();
    test_list();
    test_walls();
    test_term();
    fake_free(staff);
    portal_kit_stop();
    people_stop(&p);
    return tap_done();
}
