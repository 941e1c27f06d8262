/*
 * test_home.c - layout, home, error page and style guide through dispatch, in both languages.
 * With SHOMEI_PAGES set to a folder, the pages are also written there, to be looked at.
 */
#include "tap.h"

#include "features/home/home_pages.h"
#include "http/fake.h"
#include "http/req.h"
#include "http/static.h"
#include "http/template_set.h"

#include <stdlib.h>

static struct static_files *files;
static uint32_t roles = ROLE_END_USER;

static struct str asset(void *arg, struct str name)
{
    (void)arg;
    return static_url(files, name);
}

static enum err session_load(void *arg, struct arena *a, const struct bytes32 *token_hash,
                             struct timestamp now, struct session_state *out)
{
    (void)arg;
    (void)a;
    (void)token_hash;
    *out = (struct session_state){ .who = { .account = { 7 },
                                            .tenant = { 1 },
                                            .session = { 3 },
                                            .roles = roles,
                                            .second_factor = true,
                                            .login = STR("hanako"),
                                            .name = STR("山田 <花子>") },
                                   .created = now,
                                   .seen = now };
    return E_OK;
}

static enum err nothing(struct req *rq, struct resp *rs)
{
    (void)rq;
    (void)rs;
    return FAIL(E_STATE, "", "a page of another slice");
}

static const struct route other_routes[] = {
    { GET, "/documents", nothing, WHO_ACCOUNT },
    { GET, "/documents/new", nothing, ROLE_END_USER },
    { GET, "/credentials", nothing, WHO_ACCOUNT },
    { GET, "/verify", nothing, WHO_ANYONE },
    { GET, "/security", nothing, WHO_ACCOUNT },
    { GET, "/users", nothing, ROLE_CUSTOMER_ADMIN },
    { GET, "/audit", nothing, ROLE_CUSTOMER_ADMIN | ROLE_AUDITOR },
    { 0 },
};

static enum err source(struct req *rq, struct home_list *list)
{
    struct timestamp now = req_now(rq);

    for (int i = 0; i < 12; i++)
        home_add(list, HOME_WAITING,
                 &(struct home_item){ .what = MSG("Sign the document"),
                                      .name = STR("契約書<1>.pdf"),
                                      .url = STR("/documents/1"),
                                      .when = timestamp_add(now, HOUR_US),
                                      .count = i == 0 ? 3 : 0 });
    home_add(list, HOME_EXPIRING,
             &(struct home_item){ .what = MSG("Signing key and certificate"),
                                  .url = STR("/credentials/4"),
                                  .when = now });
    return E_OK;
}

static enum err count_documents(struct req *rq, uint64_t *n)
{
    (void)rq;
    *n = 1234;
    return E_OK;
}

static const home_source sources[] = { source, NULL };
static const struct home_count counts[] = { { "/documents", count_documents }, { NULL, NULL } };
static const struct route *const tables[] = { home_routes, home_style_routes, other_routes, NULL };
static const struct hooks hooks = { .session_load = session_load, .page = home_page };

static size_t times(const struct fake_reply *r, const char *what)
{
    size_t n = 0;

    for (const char *p = r->body.p; p != NULL && (p = strstr(p, what)) != NULL; p++)
        n++;
    return n;
}

/* Keep the page for people and browsers to look at. */
static void keep(const struct fake_reply *r, const char *lang, const char *name)
{
    const char *dir = getenv("SHOMEI_PAGES");
    char path[512];
    FILE *f;

    if (dir == NULL)
        return;
    snprintf(path, sizeof(path), "%s/%s-%s.html", dir, name, lang);
    f = fopen(path, "wb");
    if (f != NULL) {
        fwrite(r->body.p, 1, r->body.n, f);
        fclose(f);
    }
}

static void visit(struct fake *f, const char *lang, const char *path, int status, const char *name)
{
    struct fake_reply r = fake_get(f, path);
    char attribute[32];

    snprintf(attribute, sizeof(attribute), "<html lang=\"%s\">", lang);
    is_int(r.status, status, name);
    ok(fake_reply_has(&r, attribute), "%s says its language", name);
    ok(times(&r, "<h1>") == 1 && times(&r, "<main ") == 1, "%s has one heading, one main", name);
    ok(!fake_reply_has(&r, "{{") && !fake_reply_has(&r, " style="), "%s is clean", name);
    if (r.status != status || !fake_reply_has(&r, attribute))
        tap_note("%s", fault_current()->detail);
    keep(&r, lang, name);
}

static void test_pages(struct fake *f, const char *lang)
{
    fake_forget(f);
    fake_header(f, "Accept-Language", lang);
    visit(f, lang, "/", 200, "visitor");
    visit(f, lang, "/contact", 200, "contact");
    visit(f, lang, "/my-data", 200, "data");
    visit(f, lang, "/styleguide", 200, "styleguide");
    visit(f, lang, "/nonesuch", 404, "absent");
}

static void test_signed_in(struct fake *f)
{
    struct bytes32 hash;
    struct fake_reply r;

    fake_forget(f);
    fake_header(f, "Accept-Language", "en");
    fake_sign_in(f, fake_token(f, &hash));
    visit(f, "en", "/", 200, "work");
    r = fake_get(f, "/");
    ok(times(&r, "class=\"what\"") == 11, "at most ten lines a part");
    ok(fake_reply_has(&r, "山田 &lt;花子&gt;"), "the name as the person wrote it, escaped");
    ok(fake_reply_has(&r, "契約書&lt;1&gt;.pdf"), "names of documents are escaped");
    ok(!fake_reply_has(&r, "href=\"/users\""), "the rail hides what a role may not open");
    ok(fake_reply_has(&r, "href=\"/credentials\""), "and shows what it may");
    ok(!fake_reply_has(&r, "href=\"/policies\""), "and nothing that does not exist");
    ok(fake_reply_has(&r, "<a href=\"/\" aria-current=\"page\">"), "where am I");
    ok(!fake_reply_has(&r, "1,234"), "no counts without a transaction");
    roles = ROLE_CUSTOMER_ADMIN;
    r = fake_get(f, "/");
    ok(fake_reply_has(&r, "href=\"/users\"") && !fake_reply_has(&r, "/documents/new"),
       "an administrator has another rail and other actions");
    fake_header(f, "Accept-Language", "ja");
    visit(f, "ja", "/", 200, "work");
}

int main(void)
{
    const char *src = getenv("SHOMEI_SRCDIR") != NULL ? getenv("SHOMEI_SRCDIR") : ".";
    struct arena *a = arena_new(1 << 20);
    struct template_set_params params = { str_fmt(a, "%s/templates", src).p, asset, NULL };
    struct secret *key = secret_random(32);
    struct app app = { .name = "test",
                       .tables = tables,
                       .hooks = &hooks,
                       .csrf_key = key,
                       .login_path = "/login",
                       .render = template_set_render };
    struct home_setup setup = { .app = &app, .sources = sources, .counts = counts };
    struct template_set *set = NULL;
    struct fake *f;

    setup.site = (struct page_site){ .provider = STR("Example CA"),
                                     .contact_mail = STR("a@b.example"),
                                     .contact_phone = STR("0120-000-000"),
                                     .contact_hours = STR("9:00-17:00") };
    is_err(message_load(str_fmt(a, "%s/po", src).p), E_OK, "the catalogue is read");
    is_err(static_open(str_fmt(a, "%s/static", src).p, &files), E_OK, "static files are read");
    is_err(template_set_new(&params, &set), E_OK, "a template set");
    if (!ok(template_set_add(set, home_views) == E_OK, "every page of the slice compiles"))
        tap_note("%s", fault_current()->detail);
    app.templates = set;
    app.files = files;
    is_err(app_start(&app), E_OK, "the routes are sound");
    home_start(&setup);
    f = fake_new(&app);
    test_pages(f, "ja");
    test_pages(f, "en");
    test_signed_in(f);
    fake_free(f);
    app_stop(&app);
    template_set_free(set);
    static_close(files);
    message_unload();
    secret_free(key);
    arena_free(a);
    return tap_done();
}
