/* test_http_route.c - which row of a route table a path finds, and with which parameters. */
#include "http/route.h"
#include "tap.h"

static struct arena *arena;

static enum err nothing(struct req *rq, struct resp *rs)
{
    (void)rq;
    (void)rs;
    return E_OK;
}

struct path {
    struct str id, name, rest;
};
static const struct param path_params[] = { PARAM_TEXT(struct path, id, 1, 9),
                                            PARAM_TEXT(struct path, name, 1, 9),
                                            PARAM_TEXT(struct path, rest, 1, 9), PARAM_END };
#define PATH FORM(path_params, struct path)
static const struct route path_routes[] = {
    { GET, "/", nothing, WHO_ANYONE },
    { GET, "/a/{id}", nothing, WHO_ANYONE, PATH },
    { GET, "/a/new", nothing, WHO_ANYONE },
    { POST, "/a/{name}", nothing, WHO_ANYONE, PATH, ROUTE_NO_CSRF, 0, "x" },
    { GET, "/a/{id}/b", nothing, WHO_ANYONE, PATH },
    { GET, "/ca/{name}.cer", nothing, WHO_ANYONE, PATH },
    { GET, "/ca/{name}", nothing, WHO_ANYONE, PATH },
    { GET, "/ocsp/{rest*}", nothing, WHO_ANYONE, PATH },
    { 0 },
};

static void test_matching(void)
{
    static const struct {
        const char *path, *pattern, *value;
    } cases[] = {
        { "/", "/", "" },
        { "/a/7", "/a/{id}", "7" },
        { "/a/new", "/a/new", "" },
        { "/a/7/b", "/a/{id}/b", "7" },
        { "/ca/root.cer", "/ca/{name}.cer", "root" },
        { "/ca/root", "/ca/{name}", "root" },
        { "/ca/.cer", "/ca/{name}", ".cer" },
        { "/ocsp/a/b==", "/ocsp/{rest*}", "a/b==" },
        { "/a", NULL, "" },
        { "/a/", NULL, "" },
        { "//", NULL, "" },
        { "/a/7/", NULL, "" },
        { "/a/7/b/", NULL, "" },
        { "/ocsp/", NULL, "" },
        { "", NULL, "" },
        { "a", NULL, "" },
    };
    static const struct route *const tables[] = { path_routes, NULL };
    struct route_map *map = NULL;
    if (!ok(route_map_build(tables, &map) == E_OK, "the table is sound"))
        return;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct route_match m = route_find(map, GET, str_z(cases[i].path));
        const char *found = m.route ? m.route->path : NULL;
        struct str value =
            m.params_n ? str_of(arena, m.params[0].value.p, m.params[0].value.n) : STR("");
        ok((found == cases[i].pattern ||
            (found && cases[i].pattern && strcmp(found, cases[i].pattern) == 0)) &&
               str_eq_z(value, cases[i].value),
           "match \"%s\"", cases[i].path);
    }
    struct route_match m = route_find(map, POST, STR("/a/7"));
    ok(m.route && m.params_n == 1 && memcmp(m.params[0].name, "name", 4) == 0,
       "another method's row has its own parameter names");
    struct buf out = buf_init(10000);
    route_print(map, &out);
    ok(buf_ok(&out) && strstr((char *)out.p, "POST   /a/{name}") != NULL,
       "the access matrix prints");
    buf_free(&out);
    route_map_free(map);
}

int main(void)
{
    arena = arena_new(1u << 20);
    test_matching();
    arena_free(arena);
    return tap_done();
}
