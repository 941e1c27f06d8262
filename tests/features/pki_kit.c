/* pki_kit.c - see pki_kit.h */
#include "pki_kit.h"

#include "token.h"

#include "features/audit/audit.h"
#include "features/authority/authority.h"
#include "features/authority/authority_work.h"

#include <stdlib.h>
#include <sys/stat.h>

struct pki_kit pki_kit;
static struct db *work_db, *control_db;
static const char *folder;

static const char *const people =
    "USE shomei;"
    "INSERT INTO tenant (id, code, name, kind, created_at) VALUES"
    " (1, 'a', 'A', 'customer', NOW(6)), (2, 'b', 'B', 'customer', NOW(6));"
    "INSERT INTO account (id, tenant_id, login, email, name, role_family, state, state_at, "
    "created_at)"
    " VALUES (1, 1, 'a', 'a@a', 'A', 'customer', 'invited', NOW(6), NOW(6)),"
    " (2, 1, 'b', 'b@a', 'B', 'customer', 'invited', NOW(6), NOW(6));";

static void start_worker(void)
{
    static const struct worker_job *const jobs[] = { authority_work_jobs, NULL };
    static const struct worker_task *const tasks[] = { authority_work_tasks, NULL };
    struct worker_params p = { .jobs = jobs, .tasks = tasks, .wake_fd = -1, .instance = "test/1" };

    p.db = work_db = harness_db(pki_kit.h, DB_WORKER);
    p.control = control_db = harness_db(pki_kit.h, DB_WORKER);
    pki_kit.worker = worker_new(&p);
    authority_work_open(pki_kit.ca);
}

bool pki_kit_start(void)
{
    struct pki_kit *k = &pki_kit;
    struct str none;

    if (!token_module())
        return false;
    k->h = harness_start();
    k->arena = harness_arena(k->h);
    struct secret *master = secret_random(32);
    audit_init(master);
    secret_free(master);
    token_start();
    token_make_all();
    k->ca = token_open("ca", true);
    k->status = token_open("status", true);
    k->portal = harness_db(k->h, DB_PORTAL);
    k->ctl = harness_db(k->h, DB_CTL);
    k->repository = harness_db(k->h, DB_REPOSITORY);
    start_worker();
    folder = str_fmt(k->arena, "%s/files", harness_dir(k->h)).p;
    if (mkdir(folder, 0700) != 0 || harness_sql(k->h, people, &none) != E_OK)
        abort();
    return true;
}

enum err pki_kit_init(void)
{
    const struct authority_plan plan = { .organisation = STR("株式会社テスト"),
                                         .country = STR("JP"),
                                         .repository_url = STR("http://localhost:1") };

    return authority_work_init(pki_kit.ctl, pki_kit.ca, pki_kit.status, &plan);
}

void pki_kit_stop(void)
{
    struct pki_kit *k = &pki_kit;

    worker_free(k->worker);
    struct db *all[] = { work_db, control_db, k->portal, k->ctl, k->repository };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        db_close(all[i]);
    authority_work_close();
    hsm_close(k->ca);
    hsm_close(k->status);
    token_stop();
    harness_stop(k->h);
}

void pki_kit_work(void)
{
    size_t ran = 0, total = 0;

    do {
        if (worker_once(pki_kit.worker, &ran) != E_OK)
            abort();
        total += ran;
    } while (ran > 0 && total < 200);
}

void pki_kit_save(const char *name, struct bytes data)
{
    FILE *f = fopen(str_fmt(pki_kit.arena, "%s/%s", folder, name).p, "wb");

    if (!f || fwrite(data.p, 1, data.n, f) != data.n || fclose(f) != 0)
        abort();
}

struct bytes pki_kit_load(const char *name)
{
    static uint8_t p[65536];
    FILE *f = fopen(str_fmt(pki_kit.arena, "%s/%s", folder, name).p, "rb");

    if (!f)
        abort();
    size_t n = fread(p, 1, sizeof p, f);
    fclose(f);
    return bytes_dup(pki_kit.arena, (struct bytes){ p, n });
}

bool pki_kit_openssl(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    struct str arguments = str_vfmt(pki_kit.arena, format, ap);
    va_end(ap);
    struct str command = str_fmt(
        pki_kit.arena, "cd %s && openssl %s >out.txt 2>&1 || { sed 's/^/# /' out.txt; exit 1; }",
        folder, arguments.p);
    return system(command.p) == 0; /* the texts are the tests' own */
}

bool pki_kit_printed(const char *word)
{
    struct bytes out = pki_kit_load("out.txt");

    return strstr(str_of(pki_kit.arena, (const char *)out.p, out.n).p, word) != NULL;
}
