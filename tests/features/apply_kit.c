/* apply_kit.c - see apply_kit.h */
#include "apply_kit.h"

#include "base/encoding.h"
#include "features/authority/authority_work.h"
#include "features/registration/registration_pages.h"
#include "features/registration/registration_review_pages.h"
#include "features/registration/registration_work.h"
#include "pki/csr.h"
#include "store/worker.h"

#include <stdio.h>

struct apply_kit apply_kit;

static struct worker *worker;
static struct db *work_db, *control_db;

static const struct authority_hooks hooks = { .released = registration_released,
                                              .refused = registration_refused };

int64_t apply_kit_count(const char *sql)
{
    return harness_count(kit.p.h, sql);
}

struct str apply_kit_text(const char *sql)
{
    struct str out = STR("");

    is_err(harness_sql(kit.p.h, sql, &out), E_OK, "looked behind the scenes");
    return str_trim(kit.a, out);
}

void apply_kit_sql(const char *sql)
{
    (void)apply_kit_text(sql);
}

static void load(const char *name)
{
    const struct audit_by by = { .name = STR("test") };
    FILE *f = fopen(harness_source(kit.p.h, str_fmt(kit.a, "sql/profiles/%s.json", name).p), "rb");
    uint8_t *room = arena_alloc(kit.a, 65536);
    size_t n = f ? fread(room, 1, 65535, f) : 0;
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);
    uint32_t version;

    if (f)
        (void)fclose(f);
    is_err(profiles_load(tx, &by, (struct bytes){ room, n }, &version), E_OK, name);
    people_end(tx);
}

static void start_worker(void)
{
    static const struct worker_job *const jobs[] = { authority_work_jobs, registration_work_jobs,
                                                     NULL };
    static const struct worker_task *const tasks[] = { registration_work_tasks, NULL };
    struct worker_params p = { .jobs = jobs, .tasks = tasks, .wake_fd = -1, .instance = "test/1" };

    p.db = work_db = harness_db(kit.p.h, DB_WORKER);
    p.control = control_db = harness_db(kit.p.h, DB_WORKER);
    worker = worker_new(&p);
    authority_work_open(kit.ca);
    authority_work_hooks(&hooks);
    registration_work_init(kit.settings, registration_mail_pages);
}

void apply_kit_work(void)
{
    size_t ran = 0, total = 0;

    apply_kit_sql("UPDATE shomei.task SET due = '2000-01-01' WHERE 1 = 1");
    do {
        if (worker_once(worker, &ran) != E_OK)
            abort();
        total += ran;
    } while (ran > 0 && total < 200);
}

static struct fake *browser(const char *login)
{
    struct fake *f = portal_kit_browser();

    fake_header(f, "Accept-Language", "en");
    is_int(portal_kit_sign_in(&kit.p, f, login, true), 303, login);
    return f;
}

bool apply_kit_start(int argc, char **argv)
{
    static const char *const profiles[] = { "user-auth", "signing", "tls-private", "device" };

    if (!signing_kit_start(argc, argv))
        return false;
    apply_kit.admin = people_add(&kit.p, kit.p.sakura, "chief", ROLE_CUSTOMER_ADMIN, true);
    apply_kit.lra = people_add(&kit.p, kit.p.sakura, "lra", ROLE_LRA_OPERATOR, true);
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
        load(profiles[i]);
    apply_kit_sql("INSERT INTO shomei.tenant_service SELECT id, s, NOW(6) FROM shomei.tenant JOIN "
                  "(SELECT 'mpki' AS s UNION SELECT 'esign-cert') x");
    apply_kit_sql("INSERT INTO shomei.tenant_namespace (tenant_id, kind, value, added_at) SELECT "
                  "id, k, v, NOW(6) FROM shomei.tenant JOIN (SELECT 'mail' AS k, 'example.test' AS "
                  "v UNION SELECT 'dns', 'example.test') x");
    apply_kit_sql("INSERT INTO shomei.tenant_namespace (tenant_id, kind, value, added_at) SELECT "
                  "id, 'org', name, NOW(6) FROM shomei.tenant");
    start_worker();
    portal_kit_add(registration_apply_routes, registration_views);
    portal_kit_add(registration_confirm_routes, registration_review_views);
    portal_kit_add(registration_mine_routes, NULL);
    portal_kit_add(registration_correct_routes, NULL);
    portal_kit_add(registration_collect_routes, NULL);
    portal_kit_start(&kit.p);
    apply_kit.hanako = browser("hanako");
    apply_kit.taro = browser("taro");
    apply_kit.alice = browser("alice");
    apply_kit.chief = browser("chief");
    return true;
}

void apply_kit_stop(void)
{
    fake_free(apply_kit.hanako);
    fake_free(apply_kit.taro);
    fake_free(apply_kit.alice);
    fake_free(apply_kit.chief);
    portal_kit_stop();
    worker_free(worker);
    authority_work_close();
    db_close(work_db);
    db_close(control_db);
    signing_kit_stop();
}

struct bytes apply_kit_request(const char *cn, bool pem)
{
    struct name name = { .n = 0 };
    struct bytes dn = { (const uint8_t *)"\x30\x00", 2 }, csr;
    struct signer_key *key;

    if (cn) {
        name_add(&name, OID_CN, str_z(cn));
        is_err(name_build(&name, kit.a, &dn), E_OK, "a name");
    }
    is_err(signer_key_new(SIGNER_P256_SHA256, &key), E_OK, "a key");
    struct signer signer = signer_key_signer(key);
    is_err(csr_build(&signer, signer_key_spki(key), dn, kit.a, &csr), E_OK, "a request");
    signer_key_free(key);
    return pem ? bytes_of_str(x509_pem(kit.a, "CERTIFICATE REQUEST", csr)) : csr;
}

static struct str last_part(struct str path)
{
    size_t at = path.n;

    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_sub(kit.a, path, at, path.n);
}

struct str apply_kit_apply(struct fake *who, const char *profile, const char *fields,
                           struct bytes csr)
{
    struct str body = str_fmt(kit.a, "profile=%s", profile), draft;
    struct fake_reply r = fake_post(who, "/certificates/apply", body.p);

    draft = str_dup(kit.a, portal_kit_location(who, &r));
    r = csr.n > 0 ? fake_upload(who, draft.p, fields, "csr_file", "request.csr", csr)
                  : fake_post(who, draft.p, fields);
    is_int(r.status, 303, "the form is taken");
    r = fake_post(who, str_fmt(kit.a, "%s/confirm", draft.p).p,
                  strcmp(profile, "signing") == 0 ? "pin=" KIT_PIN "&pin_again=" KIT_PIN : "");
    is_int(r.status, 303, "the application is sent");
    struct str done = str_dup(kit.a, portal_kit_location(who, &r));
    if (!str_ends(done, STR("/done")))
        return STR("");
    return last_part(str_sub(kit.a, done, 0, done.n - 5));
}

struct registration apply_kit_look(struct str receipt)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct registration r = { .id = { 0 } };

    is_err(registration_by_receipt(tx, kit.p.sakura, receipt, &r), E_OK, "the application");
    people_undo(tx);
    return r;
}

void apply_kit_approve(struct str receipt)
{
    static const struct registration_vetting vetting[REGISTRATION_ITEM__MAX] = {
        { REGISTRATION_IDENTITY, REGISTRATION_REGISTER, { "", 0 } },
        { REGISTRATION_AUTHORITY, REGISTRATION_REGISTER, { "", 0 } },
        { REGISTRATION_CONTENT, REGISTRATION_REGISTER, { "", 0 } },
    };
    const struct audit_by by = { .tenant = kit.p.sakura,
                                 .account = apply_kit.lra,
                                 .name = STR("lra") };
    struct registration r = apply_kit_look(receipt);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    is_err(registration_approve(tx, &by, kit.p.sakura, r.id, r.generation, vetting,
                                REGISTRATION_ITEM__MAX, clock_now()),
           E_OK, "approved");
    people_end(tx);
}

struct str apply_kit_token(void)
{
    struct str text = apply_kit_text("SELECT COALESCE(text_part, '') FROM shomei.mail ORDER BY id "
                                     "DESC LIMIT 1");
    const char *at = strstr(text.p, "/collect/");
    size_t n = 0;

    if (!at)
        return STR("");
    at += strlen("/collect/");
    while (at[n] && !strchr(" \\\n\r\t", at[n]))
        n++;
    return str_of(kit.a, at, n);
}
