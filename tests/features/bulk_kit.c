/* bulk_kit.c - see bulk_kit.h */
#include "bulk_kit.h"

#include "token.h"

#include "features/authority/authority_work.h"
#include "features/bulk/bulk_pages.h"
#include "features/bulk/bulk_work.h"
#include "features/certificates/certificates.h"
#include "features/certificates/certificates_pages.h"
#include "features/profiles/profiles.h"
#include "features/registration/registration.h"
#include "features/registration/registration_work.h"
#include "pki/csr.h"

#include <stdlib.h>
#include <unistd.h>

struct bulk_kit bulk_kit;
static const struct audit_by tester = { .name = { "test", 4 } };

static void must(enum err e, const char *what)
{
    if (e == E_OK)
        return;
    (void)printf("Bail out! %s: %s %s (%s:%d)\n", what, fault_current()->reason,
                 fault_current()->detail, fault_current()->file, fault_current()->line);
    exit(1);
}

static void load_profile(const char *name)
{
    struct people *p = &bulk_kit.p;
    FILE *f = fopen(harness_source(p->h, str_fmt(p->a, "sql/profiles/%s.json", name).p), "rb");
    char *room = arena_alloc(p->a, 65536);
    size_t n = f ? fread(room, 1, 65535, f) : 0;
    struct tx *tx = people_tx(p, p->ctl);
    uint32_t version;

    if (f)
        (void)fclose(f);
    must(profiles_load(tx, &tester, (struct bytes){ (const uint8_t *)room, n }, &version), name);
    people_end(tx);
}

static void make_people(unsigned users)
{
    struct people *p = &bulk_kit.p;

    bulk_kit.admin = people_add(p, p->sakura, "admin", ROLE_CUSTOMER_ADMIN, false);
    bulk_kit.second = people_add(p, p->sakura, "second", ROLE_CUSTOMER_ADMIN, false);
    bulk_kit.operator= people_add(p, p->sakura, "operator", ROLE_LRA_OPERATOR, false);
    bulk_kit.user = people_add(p, p->sakura, "hanako", ROLE_END_USER, false);
    bulk_kit.alice = people_add(p, p->midori, "alice", ROLE_CUSTOMER_ADMIN, false);
    for (unsigned i = 1; i <= users; i++)
        (void)people_add(p, p->sakura, str_fmt(p->a, "user%03u", i).p, ROLE_END_USER, false);
}

/* Of the slice's jobs the one that asks the authority; its mails are other tests' matter. */
static const struct worker_job *asking(void)
{
    static struct worker_job jobs[2];

    for (const struct worker_job *j = registration_work_jobs; j->kind; j++)
        if (strcmp(j->kind, "registration.issue") == 0)
            jobs[0] = *j;
    return jobs;
}

static struct settings *settings;

struct worker *bulk_kit_worker(const struct db_params *with, struct hsm *ca, const char *instance)
{
    static const struct authority_hooks hooks = { .released = registration_released,
                                                  .refused = registration_refused };
    const struct worker_job **jobs = ARENA_ARRAY(bulk_kit.p.a, 4, const struct worker_job *);
    const struct worker_job *const all[] = { bulk_work_jobs, asking(), authority_work_jobs, NULL };
    static const struct worker_task *const tasks[] = { bulk_work_tasks, NULL };

    memcpy(jobs, all, sizeof all);
    struct worker_params p = { .jobs = jobs, .tasks = tasks, .wake_fd = -1, .poll_us = 100000 };

    struct str conf = str_fmt(bulk_kit.p.a, "%s/bulk.conf", harness_dir(bulk_kit.p.h));
    FILE *f = fopen(conf.p, "we");

    if (f == NULL || fputs("url.portal = https://portal.test/\nprovider.name = Test\n", f) < 0)
        abort();
    (void)fclose(f);
    must(settings_load(conf.p, &settings), "settings");
    p.instance = instance;
    must(db_open(with, &p.db), "connection");
    must(db_open(with, &p.control), "connection");
    authority_work_open(ca);
    authority_work_hooks(&hooks);
    must(bulk_work_init(settings, bulk_pages_words), "bulk");
    return worker_new(&p);
}

bool bulk_kit_start(unsigned users)
{
    const struct authority_plan plan = { STR("Shomei Test"), STR("JP"), STR("http://localhost:1") };
    struct people *p = &bulk_kit.p;

    if (token_module() == NULL)
        return false;
    portal_kit_add(bulk_routes, bulk_views);
    portal_kit_add(bulk_file_routes, NULL);
    portal_kit_add(bulk_run_routes, NULL);
    portal_kit_add(bulk_steer_routes, NULL);
    people_start(p);
    token_start();
    token_make_all();
    bulk_kit.ca = token_open("ca", true);
    struct hsm *status = token_open("status", true);
    must(authority_work_init(p->ctl, bulk_kit.ca, status, &plan), "authorities");
    hsm_close(status);
    load_profile("user-auth");
    load_profile("device");
    bulk_kit_sql("INSERT INTO shomei.tenant_service VALUES (%llu, 'mpki', NOW(6)), (%llu, 'mpki', "
                 "NOW(6))",
                 (unsigned long long)p->sakura.v, (unsigned long long)p->midori.v);
    bulk_kit_sql("INSERT INTO shomei.tenant_namespace (tenant_id, kind, value, added_at) VALUES "
                 "(%llu, 'mail', 'example.test', NOW(6)), (%llu, 'org', '株式会社さくら', NOW(6)), "
                 "(%llu, 'dns', 'example.test', NOW(6))",
                 (unsigned long long)p->sakura.v, (unsigned long long)p->sakura.v,
                 (unsigned long long)p->sakura.v);
    make_people(users);
    struct secret *master = secret_from("0123456789abcdef0123456789abcdef", 32);
    certificates_init(&(struct certificates_config){ master, STR("https://portal.test"),
                                                     certificates_pages_words });
    secret_free(master);
    const struct db_params with = harness_db_params(p->h, DB_WORKER);
    bulk_kit.worker = bulk_kit_worker(&with, bulk_kit.ca, "test/0");
    portal_kit_start(p);
    return true;
}

void bulk_kit_stop(void)
{
    portal_kit_stop();
    authority_work_close();
    settings_free(settings);
    hsm_close(bulk_kit.ca);
    people_stop(&bulk_kit.p);
    token_stop();
}

void bulk_kit_work(const char *run, const char *state)
{
    for (int i = 0; i < 600; i++) {
        size_t ran = 0;
        struct str now = bulk_kit_text(
            str_fmt(bulk_kit.p.a, "SELECT state FROM shomei.bulk_run WHERE public_id = '%s'", run)
                .p);
        if (str_eq_z(now, state))
            return;
        must(worker_once(bulk_kit.worker, &ran), "worker");
        if (ran == 0)
            (void)usleep(100000);
    }
    ok(false, "run %s becomes %s", run, state);
    tap_note("%s", bulk_kit_text("SELECT kind, state, COUNT(*), MIN(payload), MIN(due), "
                                 "MIN(last_error) FROM shomei.job GROUP BY kind, state")
                       .p);
}

struct str bulk_kit_text(const char *sql)
{
    struct str out = STR("");

    must(harness_sql(bulk_kit.p.h, sql, &out), sql);
    return str_trim(bulk_kit.p.a, out);
}

int64_t bulk_kit_count(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    struct str sql = str_vfmt(bulk_kit.p.a, format, ap);
    va_end(ap);
    return harness_count(bulk_kit.p.h, sql.p);
}

void bulk_kit_sql(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    struct str sql = str_vfmt(bulk_kit.p.a, format, ap);
    va_end(ap);
    (void)bulk_kit_text(sql.p);
}

struct str bulk_kit_csr(void)
{
    static const uint8_t nobody[] = { 0x30, 0x00 };
    struct signer_key *key = NULL;
    struct bytes csr;

    must(signer_key_new(SIGNER_P256_SHA256, &key), "key");
    struct signer s = signer_key_signer(key);
    must(csr_build(&s, signer_key_spki(key), (struct bytes){ nobody, 2 }, bulk_kit.p.a, &csr),
         "request");
    signer_key_free(key);
    return str_fmt(bulk_kit.p.a, "\"%s\"", x509_pem(bulk_kit.p.a, "CERTIFICATE REQUEST", csr).p);
}

struct fake_reply bulk_kit_upload(struct fake *who, const char *name, struct str text)
{
    return fake_upload(who, "/bulk", "profile=user-auth", "file", name, bytes_of_str(text));
}

struct str bulk_kit_run_of(struct fake *who, const struct fake_reply *r)
{
    struct str path = portal_kit_location(who, r);

    size_t end = str_find(path, '?', 0);

    return path.n > 6 ? str_sub(bulk_kit.p.a, path, 6, end) : STR("");
}

struct str bulk_kit_checked(struct fake *who, const char *name, struct str text)
{
    struct fake_reply r = bulk_kit_upload(who, name, text);

    is_int(r.status, 303, name);
    struct str run = bulk_kit_run_of(who, &r);
    bulk_kit_work(run.p, "checked");
    return run;
}

int64_t bulk_kit_rows(struct str run, const char *state)
{
    return bulk_kit_count("SELECT COUNT(*) FROM shomei.bulk_row w JOIN shomei.bulk_run r ON r.id = "
                          "w.run_id WHERE r.public_id = '%s' AND w.state = '%s'",
                          run.p, state);
}

struct fake *bulk_kit_browser(const char *login)
{
    struct fake *f = portal_kit_browser();

    is_int(portal_kit_sign_in(&bulk_kit.p, f, login, false), 303, login);
    fake_header(f, "Accept-Language", "en");
    return f;
}
