/*
 * repository.c - CRLs, OCSP, CA certificates and timestamps over plain http: repository.fcgi.
 * Wiring only. Holds the status token; knows no session, no page and no CA key.
 */
#include "main/program.h"

#include "base/log.h"
#include "features/status/status.h"
#include "features/status/status_api.h"
#include "features/timestamp/timestamp.h"
#include "features/timestamp/timestamp_api.h"
#include "http/serve.h"
#include "sign/hsm.h"
#include "store/db.h"

#include <stdlib.h>

enum { ARENA_LIMIT = 128 << 20 };

struct repository {
    const struct settings *settings;
    /* per worker */
    struct db *db;   /* the request's transaction */
    struct db *side; /* what OCSP and timestamps ask in between */
    struct hsm *hsm;
};

static void close_all(void *arg)
{
    struct repository *r = arg;

    timestamp_work_close();
    status_work_close();
    hsm_close(r->hsm);
    db_close(r->side);
    db_close(r->db);
    r->hsm = NULL;
    r->side = r->db = NULL;
}

static enum err open_token_and_database(struct repository *r)
{
    TRY(hsm_open_token(r->settings, HSM_STATUS, false, &r->hsm));
    TRY(db_open_settings(r->settings, DB_REPOSITORY, &r->db));
    TRY(db_check(r->db));
    return db_open_settings(r->settings, DB_REPOSITORY, &r->side);
}

static enum err open_all(void *arg)
{
    struct repository *r = arg;
    const struct timestamp_settings ts = {
        .policy = settings_str(r->settings, "timestamp.policy"),
        .accuracy_ms = (uint32_t)settings_u64(r->settings, "timestamp.accuracy_ms"),
    };
    enum err err = open_token_and_database(r);

    if (err != E_OK) {
        close_all(r);
        return err;
    }
    status_work_open(r->hsm, r->side);
    timestamp_work_open(r->hsm, r->side, &ts);
    return E_OK;
}

static enum err begin(void *arg, struct arena *a, struct tx **tx)
{
    struct repository *r = arg;

    return tx_begin(r->db, a, tx);
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

static enum err database_ready(void *arg)
{
    struct repository *r = arg;

    return db_ping(r->side);
}

static enum err hsm_ready(void *arg)
{
    struct repository *r = arg;

    return hsm_check(r->hsm);
}

static enum err ocsp_ready(void *arg)
{
    (void)arg;
    return status_work_check();
}

static enum err tsa_ready(void *arg)
{
    (void)arg;
    return timestamp_work_check();
}

static const struct ready_check ready[] = {
    { "database", database_ready }, { "hsm", hsm_ready }, { "ocsp", ocsp_ready },
    { "tsa", tsa_ready },           { NULL, NULL },
};

static const struct route *const tables[] = { status_routes, timestamp_routes, NULL };

/* What a worker still reads after locking itself in; NULL-terminated. */
static const char *const *readable(const struct settings *c)
{
    static const char *const keys[] = { "hsm.module", "hsm.status_pin_file", "tokens_dir" };
    static const char *paths[sizeof keys / sizeof *keys + 2];
    const char *softhsm = getenv("SOFTHSM2_CONF");
    size_t n = 0;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct str path = settings_str(c, keys[i]);
        if (!str_empty(path))
            paths[n++] = path.p;
    }
    if (softhsm)
        paths[n++] = softhsm;
    paths[n] = NULL;
    return paths;
}

static int serve(struct repository *r, struct app *app, char **argv)
{
    struct arena *a = arena_new(64 * 1024);
    const struct sandbox box = { .read = readable(r->settings) };
    struct serve_params p = { .app = app,
                              .socket_path = program_socket(r->settings, a, "repository").p,
                              .workers = (unsigned)settings_u64(r->settings, "workers"),
                              .worker_init = open_all,
                              .worker_end = close_all,
                              .arg = r,
                              .argv = argv };

    if (settings_bool(r->settings, "sandbox"))
        p.sandbox = &box;
    int status = serve_run(&p);
    arena_free(a);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--routes") == 0)
        return route_list(tables);
    struct settings *c = program_begin("repository", argc, argv);
    struct repository r = { .settings = c };
    const struct hooks hooks = {
        .arg = &r, .begin = begin, .commit = commit, .rollback = rollback
    };
    struct app app = { .name = "repository",
                       .tables = tables,
                       .hooks = &hooks,
                       .ready = ready,
                       .plain_http = true,
                       .arena_limit = ARENA_LIMIT };
    int status = 1;
    enum err err = app_start(&app);

    status_work_share();
    timestamp_work_share();
    if (err == E_OK)
        status = serve(&r, &app, argv);
    else
        log_fault("cannot start");
    app_stop(&app);
    settings_free(c);
    return err == E_OK ? status : err_exit_code(err);
}
