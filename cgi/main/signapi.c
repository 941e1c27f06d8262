/*
 * signapi.c - the APIs for customers' systems: mutual TLS, no pages. Wiring only. Holds the signing
 * token and no CA key.
 */
#include "main/front.h"
#include "main/program.h"

#include "base/log.h"
#include "features/signing/signing.h"
#include "features/envelopes/envelopes_pages.h"
#include "features/rs/rs_api.h"
#include "features/signing/signing_pages.h"
#include "features/signing/signing_reasons_pages.h"
#include "http/route_forms.h"
#include "http/serve.h"

static const struct rate unsafe_rate = { "api", RATE_ADDRESS, 600000, MINUTE_US };

/*
 * Asked anew for each request: a certificate that was revoked a moment ago is refused (P3-47). On
 * the side connection, because the request's own transaction has not begun.
 */
static enum err client_load(void *arg, struct arena *a, struct str pem, struct timestamp now,
                            struct who *out)
{
    struct front *f = arg;
    struct signing_client c;
    struct tx *tx;
    enum err e;

    TRY(tx_begin(f->side, a, &tx));
    e = signing_client_by_certificate(tx, pem, now, &c);
    tx_rollback(tx); /* nothing was written */
    if (e == E_OK)
        *out = (struct who){ .tenant = c.tenant, .client = c.id, .name = c.name };
    return e;
}

static const struct hooks hooks_of_signapi = {
    .begin = front_begin,
    .commit = front_commit,
    .rollback = front_rollback,
    .client_load = client_load,
    .rate_count = front_rate_count,
    .refused = front_refused,
    .metrics = front_metrics,
};

static const struct route *const tables[] = {
    rs_api_sign_routes,     rs_api_digest_routes, rs_api_verify_routes,
    rs_api_job_routes,      rs_api_batch_routes,  rs_api_webhook_routes,
    rs_api_document_routes, envelopes_api_routes, NULL
};

static int serve(struct front *f, struct app *app, char **argv)
{
    struct arena *a = arena_new(64 * 1024);
    struct sandbox box = { .read = front_readable(f), .memory_max = 3ull << 30 };
    struct serve_params p = { .app = app,
                              .socket_path = program_socket(f->settings, a, "signapi").p,
                              .workers = (unsigned)settings_u64(f->settings, "workers"),
                              .worker_init = front_open,
                              .worker_end = front_close,
                              .arg = f,
                              .argv = argv };
    int status;

    if (settings_bool(f->settings, "sandbox"))
        p.sandbox = &box;
    status = serve_run(&p);
    arena_free(a);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--routes") == 0)
        return route_list(tables);
    if (argc == 2 && strcmp(argv[1], "--forms") == 0)
        return route_forms_list(tables);
    struct settings *c = program_begin("signapi", argc, argv);
    struct front f = { .settings = c, .program = DB_SIGNAPI };
    struct hooks hooks = hooks_of_signapi;
    struct app app = { .name = "signapi",
                       .tables = tables,
                       .hooks = &hooks,
                       .ready = front_ready,
                       .reason_text = signing_reasons_text,
                       .rate_unsafe = &unsafe_rate,
                       .arena_limit = program_arena_limit(c) };
    int status = 1;
    enum err e = front_prepare(&f);

    hooks.arg = &f;
    f.app = &app;
    if (e == E_OK)
        e = app_start(&app);
    if (e == E_OK)
        status = serve(&f, &app, argv);
    else
        log_fault("cannot start");
    app_stop(&app);
    front_release(&f);
    settings_free(c);
    return e == E_OK ? status : err_exit_code(e);
}
