/* lifecycle_kit.c - see lifecycle_kit.h */
#include "lifecycle_kit.h"

#include "token.h"

#include "features/authority/authority_work.h"
#include "features/certificates/certificates_pages.h"
#include "features/certificates/certificates_work.h"
#include "features/registration/registration_decide.h"
#include "features/status/status.h"
#include "features/registration/registration_work.h"

#include <stdlib.h>
#include <sys/stat.h>

struct lifecycle_kit kit;

static struct hsm *ca, *status;
static struct db *work_db, *control_db, *repository;
static const char *folder;

/* ------------------------------------------------------------------ files */

void lifecycle_kit_save(const char *name, struct bytes data)
{
    FILE *f = fopen(str_fmt(kit.a, "%s/%s", folder, name).p, "wb");

    if (!f || fwrite(data.p, 1, data.n, f) != data.n || fclose(f) != 0)
        abort();
}

struct bytes lifecycle_kit_load(const char *name)
{
    uint8_t *p = arena_alloc(kit.a, 65536);
    FILE *f = fopen(str_fmt(kit.a, "%s/%s", folder, name).p, "rb");

    if (!f)
        abort();
    size_t n = fread(p, 1, 65535, f);
    (void)fclose(f);
    return (struct bytes){ p, n };
}

struct str lifecycle_kit_text(const char *name)
{
    struct bytes b = lifecycle_kit_load(name);

    return str_trim(kit.a, str_of(kit.a, (const char *)b.p, b.n));
}

bool lifecycle_kit_openssl(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    struct str arguments = str_vfmt(kit.a, format, ap);
    va_end(ap);
    struct str command =
        str_fmt(kit.a, "cd %s && openssl %s >out.txt 2>&1 || { sed 's/^/# /' out.txt; exit 1; }",
                folder, arguments.p);
    return system(command.p) == 0;
}

bool lifecycle_kit_printed(const char *word)
{
    return strstr(lifecycle_kit_text("out.txt").p, word) != NULL;
}

struct db *lifecycle_kit_repository(void)
{
    return repository;
}

int64_t lifecycle_kit_count(const char *sql)
{
    return harness_count(kit.p.h, sql);
}

static void sql(const char *text)
{
    struct str out;

    is_err(harness_sql(kit.p.h, text, &out), E_OK, "set up");
}

/* ------------------------------------------------------------------ start */

static enum err released(struct tx *tx, struct certificate_id id)
{
    TRY(registration_released(tx, id));
    return certificates_released(tx, id);
}

static const struct authority_hooks hooks = { .released = released,
                                              .refused = registration_refused };

/* Of the slice's jobs the one that asks the authority; its mails are other tests' matter. */
static const struct worker_job *asking(void)
{
    static struct worker_job jobs[2];

    for (const struct worker_job *j = registration_work_jobs; j->kind; j++)
        if (strcmp(j->kind, "registration.issue") == 0)
            jobs[0] = *j;
    return jobs;
}

static void start_worker(void)
{
    static const struct worker_job *jobs[4] = { authority_work_jobs, NULL, certificates_work_jobs,
                                                NULL };
    static const struct worker_task *const tasks[] = { authority_work_tasks, NULL };

    jobs[1] = asking();
    struct worker_params p = { .jobs = jobs, .tasks = tasks, .wake_fd = -1, .instance = "test/1" };

    p.db = work_db = harness_db(kit.p.h, DB_WORKER);
    p.control = control_db = harness_db(kit.p.h, DB_WORKER);
    kit.worker = worker_new(&p);
    authority_work_open(ca);
}

static void load_profile(const char *name, const char *from, const char *to)
{
    const struct audit_by by = { .name = STR("test") };
    FILE *f = fopen(harness_source(kit.p.h, str_fmt(kit.a, "sql/profiles/%s.json", name).p), "rb");
    char *room = arena_alloc(kit.a, 65536);
    size_t n = f ? fread(room, 1, 65535, f) : 0;
    struct str json = str_of(kit.a, room, n);
    const char *at = from ? strstr(json.p, from) : NULL;
    uint32_t version;
    struct tx *tx = people_tx(&kit.p, kit.p.ctl);

    if (f)
        (void)fclose(f);
    if (at)
        json = str_fmt(kit.a, "%.*s%s%s", (int)(at - json.p), json.p, to, at + strlen(from));
    is_err(profiles_load(tx, &by, bytes_of_str(json), &version), E_OK, name);
    people_end(tx);
}

static void add_people(void)
{
    struct people *p = &kit.p;

    kit.admin = people_add(p, p->sakura, "admin", ROLE_CUSTOMER_ADMIN, true);
    kit.lra = people_add(p, p->sakura, "lra", ROLE_LRA_OPERATOR, true);
    kit.hanako = people_add(p, p->sakura, "hanako", ROLE_END_USER, true);
    kit.jiro = people_add(p, p->sakura, "jiro", ROLE_END_USER, false);
    kit.midori = people_add(p, p->midori, "midori", ROLE_CUSTOMER_ADMIN, true);
    kit.sysadmin = people_add(p, p->provider, "sysadmin", ROLE_SYSTEM_ADMIN, true);
    kit.support = people_add(p, p->provider, "support", ROLE_SUPPORT, true);
    sql("INSERT INTO shomei.tenant_service SELECT id, 'mpki', NOW(6) FROM shomei.tenant");
    sql("INSERT INTO shomei.tenant_namespace (tenant_id, kind, value, added_at) SELECT id, k, v, "
        "NOW(6) FROM shomei.tenant JOIN (SELECT 'mail' AS k, 'example.test' AS v UNION SELECT "
        "'dns', 'example.test') x");
    sql("INSERT INTO shomei.tenant_namespace (tenant_id, kind, value, added_at) SELECT id, 'org', "
        "name, NOW(6) FROM shomei.tenant");
}

bool lifecycle_kit_start(void)
{
    const struct authority_plan plan = { .organisation = STR("Shomei Test"),
                                         .country = STR("JP"),
                                         .repository_url = STR("http://localhost:1") };
    struct secret *master;

    if (!token_module())
        return false;
    people_start(&kit.p);
    kit.a = kit.p.a;
    token_start();
    token_make_all();
    ca = token_open("ca", true);
    status = token_open("status", true);
    start_worker();
    is_err(authority_work_init(kit.p.ctl, ca, status, &plan), E_OK, "authorities");
    authority_work_hooks(&hooks);
    repository = harness_db(kit.p.h, DB_REPOSITORY);
    status_work_open(status, repository);
    master = secret_from("0123456789abcdef0123456789abcdef", 32);
    certificates_init(&(struct certificates_config){ .master = master,
                                                     .portal_url = STR("https://portal.test"),
                                                     .words = certificates_pages_words });
    secret_free(master);
    folder = str_fmt(kit.a, "%s/files", harness_dir(kit.p.h)).p;
    ok(mkdir(folder, 0700) == 0, "a folder");
    is_err(message_load(harness_source(kit.p.h, "po")), E_OK, "the catalogue");
    load_profile("smime", NULL, NULL);
    load_profile("device", NULL, NULL);
    load_profile("tls-private", "\"suspend\": true", "\"suspend\": false");
    add_people();
    return true;
}

void lifecycle_kit_stop(void)
{
    worker_free(kit.worker);
    status_work_close();
    authority_work_close();
    db_close(work_db);
    db_close(control_db);
    db_close(repository);
    hsm_close(ca);
    hsm_close(status);
    token_stop();
    message_unload();
    certificates_end();
    people_stop(&kit.p);
}

void lifecycle_kit_work(void)
{
    size_t ran = 0, total = 0;

    do {
        if (worker_once(kit.worker, &ran) != E_OK)
            abort();
        total += ran;
    } while (ran > 0 && total < 200);
}

/* ------------------------------------------------------------------ people */

struct certificates_who lifecycle_kit_who(struct account_id id)
{
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct accounts_info info;

    is_err(accounts_get(tx, (struct tenant_id){ 0 }, id, &info), E_OK, "somebody");
    people_undo(tx);
    return (struct certificates_who){ .tenant = info.tenant, .account = id, .roles = info.roles };
}

struct audit_by lifecycle_kit_by(struct account_id id)
{
    struct certificates_who who = lifecycle_kit_who(id);

    return (struct audit_by){ .tenant = who.tenant, .account = id, .name = STR("test") };
}

struct certificates_certificate lifecycle_kit_look(struct certificate_id id, struct timestamp now)
{
    struct certificates_who who = lifecycle_kit_who(kit.admin);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct certificates_certificate c = { .id = { 0 } };

    is_err(certificates_get(tx, &who, id, now, &c), E_OK, "looked at");
    people_undo(tx);
    return c;
}

/* ------------------------------------------------------------------ certificates */

struct certificate_id lifecycle_kit_approve(struct application_id id)
{
    static const struct registration_vetting vetting[REGISTRATION_ITEM__MAX] = {
        { REGISTRATION_IDENTITY, REGISTRATION_REGISTER, { "", 0 } },
        { REGISTRATION_AUTHORITY, REGISTRATION_REGISTER, { "", 0 } },
        { REGISTRATION_CONTENT, REGISTRATION_REGISTER, { "", 0 } },
    };
    struct audit_by by = lifecycle_kit_by(kit.lra);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct registration r = { .id = { 0 } };

    is_err(registration_get(tx, kit.p.sakura, id, &r), E_OK, "the application");
    is_err(registration_approve(tx, &by, kit.p.sakura, id, r.generation, vetting,
                                REGISTRATION_ITEM__MAX, clock_now()),
           E_OK, "approved");
    people_end(tx);
    lifecycle_kit_work();
    tx = people_tx(&kit.p, kit.p.portal);
    is_err(registration_get(tx, kit.p.sakura, id, &r), E_OK, "the application");
    people_undo(tx);
    is_int(r.state, REGISTRATION_ISSUED, "issued");
    return r.certificate;
}

static struct bytes request(const char *name, bool rsa)
{
    ok(lifecycle_kit_openssl("req -new -newkey %s -nodes -keyout %s.key -subj /CN=x -out %s.csr",
                             rsa ? "rsa:2048" : "ec -pkeyopt ec_paramgen_curve:P-256", name, name),
       "a key and its request");
    return lifecycle_kit_load(str_fmt(kit.a, "%s.csr", name).p);
}

static void fill(struct tx *tx, const char *name, struct registration_new *n)
{
    struct profiles_value *values = ARENA_ARRAY(kit.a, 16, struct profiles_value), *known;
    const struct profile *p;
    size_t k;

    is_err(profiles_get(tx, n->profile, 0, &p), E_OK, "the profile");
    is_err(profiles_prefill(tx, p, n->tenant, n->subscriber, &known, &k), E_OK, "values");
    memcpy(values, known, k * sizeof *values);
    if (str_eq_z(n->profile, "device"))
        values[k++] = (struct profiles_value){ STR("device"), str_z(name) };
    if (str_eq_z(n->profile, "tls-private"))
        values[k++] =
            (struct profiles_value){ STR("host"), str_fmt(kit.a, "%s.example.test", name) };
    n->values = values;
    n->values_n = k;
}

struct certificate_id lifecycle_kit_issue(const char *name, const char *profile,
                                          struct account_id applicant, struct account_id subscriber)
{
    bool rsa = strcmp(profile, "device+rsa") == 0;
    struct audit_by by = lifecycle_kit_by(applicant);
    struct registration_new n = { .tenant = kit.p.sakura,
                                  .applicant = applicant,
                                  .subscriber = subscriber,
                                  .via = STR("page"),
                                  .profile = rsa ? STR("device") : str_z(profile),
                                  .key_source = PROFILES_CSR,
                                  .csr = request(name, rsa),
                                  .contact = STR("contact@example.test"),
                                  .lang = STR("en") };
    struct registration r = { .id = { 0 } };
    struct certificates_certificate c;
    struct certificate_id id;
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    fill(tx, name, &n);
    is_err(registration_submit(tx, &by, &n, clock_now(), &r), E_OK, name);
    people_end(tx);
    id = lifecycle_kit_approve(r.id);
    c = lifecycle_kit_look(id, clock_now());
    lifecycle_kit_save(str_fmt(kit.a, "%s.pem", name).p,
                       bytes_of_str(x509_pem(kit.a, "CERTIFICATE", c.der)));
    return id;
}
