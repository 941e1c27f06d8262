/*
 * portal.c - the portal: all pages for people in browsers. Wiring only: settings, routes,
 * templates, hooks. Holds the signing token and no CA key. With --operators as its first argument
 * it is the other face, for LRA operators by certificate: a few of the pages and no sessions
 * (decision 152).
 */
#include "main/front.h"
#include "main/portal_home.h"
#include "main/program.h"

#include "archive/zip_read.h"
#include "base/log.h"
#include "features/accounts/accounts_pages.h"
#include "features/audit/audit_pages.h"
#include "features/bulk/bulk_pages.h"
#include "features/customers/customers_pages.h"
#include "features/certificates/certificates_pages.h"
#include "features/envelopes/envelopes_pages.h"
#include "features/envelopes/envelopes_reasons_pages.h"
#include "features/mail/mail_pages.h"
#include "features/inventory/inventory_pages.h"
#include "features/operators/operators_pages.h"
#include "features/profiles/profiles_reasons_pages.h"
#include "features/registration/registration_pages.h"
#include "features/registration/registration_review_pages.h"
#include "features/rs/rs_pages.h"
#include "features/profiles/profiles_pages.h"
#include "features/signing/signing_pages.h"
#include "features/signing/signing_reasons_pages.h"
#include "features/verification/verification_pages.h"
#include "http/serve.h"
#include "http/static.h"
#include "http/template_set.h"

#include <stdlib.h>

static const struct rate unsafe_rate = { "unsafe", RATE_ADDRESS | RATE_ACCOUNT, 600, MINUTE_US };

static const struct hooks hooks_of_portal = {
    .begin = front_begin,
    .commit = front_commit,
    .rollback = front_rollback,
    .session_load = front_session_load,
    .session_seen = front_session_seen,
    .rate_count = front_rate_count,
    .refused = front_refused,
    .metrics = front_metrics,
    .page = home_page,
};

static const struct hooks hooks_of_operators = {
    .begin = front_begin,
    .commit = front_commit,
    .rollback = front_rollback,
    .client_load = front_operator_load,
    .client_seen = front_operator_seen,
    .rate_count = front_rate_count,
    .refused = front_refused,
    .metrics = front_metrics,
    .page = home_page,
};

/* One a line: slices are added at once by many hands. */
static const struct route *const tables[] = {
    registration_review_routes,
    registration_chosen_routes,
    registration_decision_routes,
    registration_edit_routes,
    registration_apply_routes,
    registration_confirm_routes,
    registration_mine_routes,
    registration_correct_routes,
    registration_collect_routes,
    customers_list_routes,
    mail_pages_routes,
    profiles_pages_routes,
    customers_new_routes,
    customers_change_routes,
    customers_names_routes,
    verification_routes,
    verification_export_routes,
    home_routes,
    accounts_login_routes,
    accounts_security_routes,
    accounts_second_routes,
    accounts_users_routes,
    accounts_manage_routes,
    accounts_remove_routes,
    accounts_roster_routes,
    audit_pages_routes,
    signing_document_routes,
    signing_upload_routes,
    signing_zip_routes,
    signing_together_routes,
    signing_batch_routes,
    signing_look_routes,
    signing_picture_routes,
    signing_sign_routes,
    signing_extend_routes,
    signing_renewal_routes,
    signing_record_routes,
    signing_credential_routes,
    signing_system_routes,
    rs_pages_routes,
    signing_verify_routes,
    envelopes_list_routes,
    envelopes_draft_routes,
    envelopes_people_routes,
    envelopes_review_routes,
    envelopes_detail_routes,
    envelopes_link_routes,
    envelopes_visit_routes,
    signing_seal_routes,
    signing_template_routes,
    operators_routes,
    certificates_detail_routes,
    certificates_change_routes,
    certificates_renew_routes,
    certificates_notices_routes,
    certificates_revoke_routes,
    certificates_download_routes,
    inventory_list_routes,
    inventory_overview_routes,
    bulk_routes,
    bulk_file_routes,
    bulk_run_routes,
    bulk_steer_routes,
    NULL,
};

static const struct problem_reason *const reasons[] = { accounts_pages_reasons, mail_pages_reasons,
                                                        NULL };
static const struct problem_reason *const operators_reasons[] = { operators_face_reasons,
                                                                  accounts_pages_reasons, NULL };

static const struct view *const *const views[] = {
    registration_views,
    registration_review_views,
    home_views,
    accounts_pages_views,
    audit_pages_views,
    signing_views,
    verification_views,
    envelopes_views,
    rs_views,
    signing_seal_views,
    profiles_pages_views,
    customers_views,
    operators_views,
    certificates_views,
    inventory_views,
    mail_pages_views,
    bulk_views,
};

/* Reason codes in words, from the slices that have them. */
static bool reason_text(const char *reason, struct msg *text)
{
    return registration_review_reason(reason, text) || registration_words_text(reason, text) ||
           profiles_reasons_text(reason, text) || signing_reasons_text(reason, text) ||
           envelopes_reasons_text(reason, text) || certificates_reason_text(reason, text) ||
           bulk_reasons_text(reason, text);
}

static struct str asset(void *arg, struct str name)
{
    return static_url(arg, name);
}

/* Catalogue, static files and templates: what is wrong with them stops the start. */
static enum err load_look(const struct settings *c, struct arena *a, struct static_files **files,
                          struct template_set **set)
{
    struct str dir = settings_str(c, "data_dir");
    struct template_set_params p = { .asset = asset };

    p.dir = str_fmt(a, "%.*s/templates", STR_ARG(dir)).p;
    TRY(message_load(str_fmt(a, "%.*s/po", STR_ARG(dir)).p));
    TRY(static_open(str_fmt(a, "%.*s/static", STR_ARG(dir)).p, files));
    p.asset_arg = *files;
    TRY(template_set_new(&p, set));
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        TRY(template_set_add(*set, views[i]));
    return E_OK;
}

static struct page_site site_of(const struct settings *c)
{
    return (struct page_site){ .provider = settings_str(c, "provider.name"),
                               .contact_mail = settings_str(c, "provider.contact"),
                               .development = settings_bool(c, "development") };
}

static const struct route *const *with_style_guide(void)
{
    enum { N = sizeof tables / sizeof tables[0] };
    static const struct route *all[N + 1] = { home_style_routes };

    for (size_t i = 0; i < N; i++)
        all[i + 1] = tables[i];
    return all;
}

/* The face of LRA operators: another port, other people, fewer pages, nowhere to sign in. */
static void become_operators(struct app *app, struct hooks *hooks, struct home_setup *home)
{
    static const struct route *rows[2];

    rows[0] = operators_face_select(tables); /* for the life of the program */
    app->name = "operators";
    app->tables = rows;
    *hooks = hooks_of_operators;
    app->login_path = NULL;
    app->second_factor_path = NULL;
    app->reasons = operators_reasons;
    home->site.operators = true;
    home->sources = NULL;
}

static int list_routes(bool operators)
{
    struct app app = { .name = "operators" };
    struct hooks hooks;
    struct home_setup home = { .app = &app };

    if (!operators)
        return route_list(tables);
    become_operators(&app, &hooks, &home);
    return route_list(app.tables);
}

static int serve(struct front *f, struct app *app, char **argv)
{
    struct arena *a = arena_new(64 * 1024);
    struct sandbox box = { .read = front_readable(f), .memory_max = 3ull << 30 };
    struct serve_params p = { .app = app,
                              .socket_path = program_socket(f->settings, a, app->name).p,
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
    bool operators = argc > 1 && strcmp(argv[1], "--operators") == 0;
    char **rest = argv + operators;
    if (argc - operators == 2 && strcmp(rest[1], "--routes") == 0)
        return list_routes(operators);
    struct settings *c = program_begin(operators ? "operators" : "portal", argc - operators, rest);
    struct arena *a = arena_new(1 << 20);
    struct front f = { .settings = c, .program = DB_PORTAL };
    struct hooks hooks = hooks_of_portal;
    struct static_files *files = NULL;
    struct template_set *set = NULL;
    struct app app = { .name = "portal",
                       .tables = tables,
                       .hooks = &hooks,
                       .ready = front_ready,
                       .render = template_set_render,
                       .login_path = "/login",
                       .second_factor_path = "/login/code",
                       .reasons = reasons,
                       .reason_text = reason_text,
                       .rate_unsafe = &unsafe_rate };
    int status = 1;
    enum err e = front_prepare(&f);

    if (e == E_OK)
        e = zip_read_start();
    if (e == E_OK)
        e = load_look(c, a, &files, &set);
    f.app = &app;
    app.csrf_key = f.csrf_key;
    app.templates = set;
    app.files = files;
    app.origin = program_origin(c, a, operators ? "url.operator" : "url.portal");
    app.arena_limit = program_arena_limit(c);
    if (settings_bool(c, "development"))
        app.tables = with_style_guide();
    struct home_setup home = { .app = &app,
                               .site = site_of(c),
                               .sources = portal_home_sources,
                               .counts = portal_home_counts };
    if (operators)
        become_operators(&app, &hooks, &home);
    operators_pages_setup(program_url(c, a, "url.operator"), program_url(c, a, "url.portal"));
    certificates_pages_findings(reason_text);
    bulk_pages_reasons(reason_text);
    home_start(&home);
    hooks.arg = &f;
    if (e == E_OK)
        e = app_start(&app);
    if (e == E_OK)
        status = serve(&f, &app, argv);
    else
        log_fault("cannot start");
    app_stop(&app);
    template_set_free(set);
    static_close(files);
    message_unload();
    front_release(&f);
    arena_free(a);
    settings_free(c);
    return e == E_OK ? status : err_exit_code(e);
}
