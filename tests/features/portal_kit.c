/* portal_kit.c - see portal_kit.h */
#include "portal_kit.h"

#include "features/accounts/accounts_pages.h"
#include "features/audit/audit_pages.h"
#include "features/home/home_pages.h"
#include "http/static.h"
#include "http/template_set.h"
#include "store/rate.h"

#include <stdlib.h>

const struct app *portal_kit_app;

static struct app app;
static struct people *people;
static struct db *side; /* sessions are looked up, and counters counted, beside the request */
static struct static_files *files;
static struct template_set *templates;
static struct secret *csrf_key;
static struct home_setup home;

static const struct route *tables[20] = {
    home_routes,           accounts_login_routes,  accounts_security_routes, accounts_second_routes,
    accounts_users_routes, accounts_manage_routes, audit_pages_routes,       NULL
};

static const struct view *const *more_views[4];

void portal_kit_add(const struct route *routes, const struct view *const *views)
{
    size_t n = 0, k = 0;

    while (tables[n] != NULL)
        n++;
    tables[n] = routes;
    while (more_views[k] != NULL)
        k++;
    more_views[k] = views;
}

static enum err begin(void *arg, struct arena *a, struct tx **tx)
{
    (void)arg;
    return tx_begin(people->portal, a, tx);
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

static enum err session_load(void *arg, struct arena *a, const struct bytes32 *token_hash,
                             struct timestamp now, struct session_state *out)
{
    struct accounts_session s;
    struct tx *tx;
    bool touch;
    enum err err;

    (void)arg;
    TRY(tx_begin(side, a, &tx));
    err = accounts_session_find(tx, token_hash, now, &s, &touch);
    tx_rollback(tx);
    if (err != E_OK)
        return err;
    *out = (struct session_state){ .who = { .account = s.account,
                                            .tenant = s.tenant,
                                            .session = s.id,
                                            .roles = s.roles,
                                            .held = s.roles,
                                            .second_factor = s.second_factor,
                                            .pending = s.pending,
                                            .login = s.login,
                                            .name = s.name,
                                            .lang = s.lang },
                                   .created = s.created_at,
                                   .seen = s.seen_at };
    return E_OK;
}

static enum err rate(void *arg, const struct rate_key *key, struct rate_counts *out)
{
    struct str text =
        str_fmt(people->a, "%s:%d:%.*s", key->name, (int)key->scope, STR_ARG(key->subject));
    (void)arg;
    return rate_count(side, people->a, text, key->window, key->window_us, &out->current,
                      &out->previous);
}

static const struct hooks hooks = {
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .session_load = session_load,
    .rate_count = rate,
    .page = home_page,
};

static struct str asset(void *arg, struct str name)
{
    return static_url(arg, name);
}

static void need(enum err err, const char *what)
{
    if (err == E_OK)
        return;
    (void)printf("Bail out! %s: %s\n", what, fault_current()->detail);
    exit(1);
}

static void load_look(void)
{
    static const struct view *const *const views[] = { home_views, accounts_pages_views,
                                                       audit_pages_views };
    struct template_set_params p = { .asset = asset };

    p.dir = harness_source(people->h, "templates");
    need(message_load(harness_source(people->h, "po")), "catalogue");
    need(static_open(harness_source(people->h, "static"), &files), "static files");
    p.asset_arg = files;
    need(template_set_new(&p, &templates), "templates");
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        need(template_set_add(templates, views[i]), "views");
    for (size_t i = 0; more_views[i] != NULL; i++)
        need(template_set_add(templates, more_views[i]), "more views");
}

void portal_kit_start(struct people *p)
{
    people = p;
    side = harness_db(p->h, DB_PORTAL);
    csrf_key = secret_random(32);
    load_look();
    app = (struct app){ .name = "test",
                        .tables = tables,
                        .hooks = &hooks,
                        .csrf_key = csrf_key,
                        .render = template_set_render,
                        .templates = templates,
                        .login_path = "/login",
                        .second_factor_path = "/login/code",
                        .files = files };
    home = (struct home_setup){ .app = &app, .site = { .provider = STR("Test") } };
    home_start(&home);
    need(app_start(&app), "app");
    portal_kit_app = &app;
}

void portal_kit_stop(void)
{
    app_stop(&app);
    template_set_free(templates);
    static_close(files);
    message_unload();
    secret_free(csrf_key);
    db_close(side);
}

struct fake *portal_kit_browser(void)
{
    struct fake *f = fake_new(&app);
    fake_header(f, "Accept-Language", "en");
    fake_header(f, "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0");
    return f;
}

struct str portal_kit_location(struct fake *f, const struct fake_reply *r)
{
    struct str s = fake_reply_header(f, r, "Location");
    return s.p ? s : STR("");
}

int portal_kit_sign_in(struct people *p, struct fake *f, const char *login, bool totp)
{
    struct fake_reply r =
        fake_post(f, "/login", str_fmt(p->a, "login=%s&password=" PEOPLE_PASSWORD, login).p);
    p->now = clock_now();
    if (totp)
        r = fake_post(f, "/login/code", str_fmt(p->a, "code=%s", people_code(p, login).p).p);
    return r.status;
}
