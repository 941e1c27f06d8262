/* walk.c - see walk.h */
#include "walk.h"

#include "base/log.h"
#include "http/fake.h"
#include "http/req.h"
#include "http/resp.h"
#include "tap.h"

#include <stdlib.h>
#include <sys/mman.h>

#define LIMIT_DEFAULT 65536
#define KNOWN_PEM "known"

struct walker {
    struct fake *f;
    const struct route *route;
    struct who who; /* whom the session cookie stands for; account 0: nobody */
    struct who client;
    char path[400];
    char wrong[600]; /* what did not hold */
    bool reached;
};
static struct walker w;

/* --- a program whose handlers only say that they were reached ----------------------------------
 */

static enum err reached(struct req *rq, struct resp *rs)
{
    w.reached = true;
    if (req_invalid(rq))
        return FAIL(E_INPUT, "form-invalid", "as a form that is shown again");
    return resp_empty(rs);
}

static enum err session_load(void *arg, struct arena *a, const struct bytes32 *hash,
                             struct timestamp now, struct session_state *out)
{
    (void)arg;
    (void)a;
    (void)hash;
    if (w.who.account.v == 0)
        return FAIL(E_ABSENT, "", "nobody");
    *out = (struct session_state){ .who = w.who, .created = now, .seen = now };
    return E_OK;
}

static enum err client_load(void *arg, struct arena *a, struct str pem, struct timestamp now,
                            struct who *out)
{
    (void)arg;
    (void)a;
    (void)now;
    if (!str_eq_z(pem, KNOWN_PEM))
        return FAIL(E_AUTH, "client-unknown", "unknown");
    *out = w.client;
    return E_OK;
}

static enum err rate_count(void *arg, const struct rate_key *key, struct rate_counts *out)
{
    (void)arg;
    (void)key;
    *out = (struct rate_counts){ 1, 0 };
    return E_OK;
}

static const struct hooks hooks = { .session_load = session_load,
                                    .client_load = client_load,
                                    .rate_count = rate_count };

/* --- asking ----------------------------------------------------------------------------------- */

static void expect(bool holds, const char *what, int status)
{
    size_t n = strlen(w.wrong);
    if (!holds && n < sizeof(w.wrong) - 100)
        snprintf(w.wrong + n, sizeof(w.wrong) - n, " %s (%d)", what, status);
}

/* A public id or token of the least length that its parameter takes. */
static const char long_token[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/* The pattern with a value of the right kind, or a wrong one, for each parameter. */
static void fill_path(const struct route *r, bool mistyped)
{
    size_t n = 0;
    for (const char *p = r->path; *p && n < sizeof(w.path) - 10; p++) {
        if (*p != '{') {
            w.path[n++] = *p;
            continue;
        }
        const char *end = strchr(p, '}');
        const struct param *q = r->form->params;
        size_t length = (size_t)(end - p) - 1 - (end[-1] == '*');
        while (q->name && (strlen(q->name) != length || memcmp(q->name, p + 1, length) != 0))
            q++;
        const char *value = mistyped ? "%2C%2C" : "1234567";
        if (!mistyped && q->kind == PARAM_KIND_CHOICE)
            value = q->choices[0].word;
        else if (!mistyped && q->lo > 7 && q->kind != PARAM_KIND_ID && q->kind != PARAM_KIND_INT)
            value = long_token + (sizeof(long_token) - 1 - (size_t)(q->lo < 64 ? q->lo : 64));
        n += (size_t)snprintf(w.path + n, sizeof(w.path) - n, "%s", value);
        p = end;
    }
    w.path[n] = '\0';
}

static struct fake_reply ask(const char *type, struct bytes body)
{
    w.reached = false;
    return fake_send(w.f, route_method_name(w.route->method), w.path, type, body);
}

static bool safe(void)
{
    return w.route->method == GET;
}

static bool is_api(void)
{
    return w.route->flags & ROUTE_API;
}

/* The right token, or a wrong one, in the header; so that any body can be sent. */
static void give_token(bool right)
{
    struct str token = right ? fake_csrf(w.f) : STR("AAAA");
    fake_header(w.f, "X-CSRF-Token", token.p);
}

static void become(struct who who, const char *pem, struct who client)
{
    struct bytes32 hash;
    fake_forget(w.f);
    w.who = who;
    w.client = client;
    if (who.account.v)
        fake_sign_in(w.f, fake_token(w.f, &hash));
    fake_client_cert(w.f, pem);
    give_token(true);
}

static struct who account(uint32_t roles, bool second_factor, bool pending)
{
    return (struct who){ .account = { 5 },
                         .tenant = { 1 },
                         .session = { 2 },
                         .roles = roles,
                         .second_factor = second_factor,
                         .pending = pending };
}

/* Somebody whom the row admits. */
static void become_admitted(void)
{
    uint32_t who = w.route->who;
    struct who client = { .client = { 4 }, .tenant = { 1 } };
    if (who & WHO_ANYONE)
        become((struct who){ 0 }, NULL, client);
    else if (who & (WHO_ACCOUNT | ROLE__ALL))
        become(account(who & ROLE__ALL, true, false), NULL, client);
    else
        become((struct who){ 0 }, KNOWN_PEM, client);
}

/* --- the steps of the walk -------------------------------------------------------------------- */

static void walk_nobody(void)
{
    if (w.route->who & WHO_ANYONE)
        return;
    become((struct who){ 0 }, NULL, (struct who){ 0 });
    struct fake_reply r = ask(NULL, BYTES_ABSENT);
    bool sent = r.status == 303 && safe() && !is_api();
    expect((r.status == 401 || sent) && !w.reached, "nobody", r.status);
    become((struct who){ 0 }, "unknown", (struct who){ 0 });
    r = ask(NULL, BYTES_ABSENT);
    expect((r.status == 401 || r.status == 303) && !w.reached, "unknown certificate", r.status);
    if (!(w.route->flags & ROUTE_PENDING)) {
        become(account(ROLE__ALL, false, true), NULL, (struct who){ 0 });
        r = ask(NULL, BYTES_ABSENT);
        expect((r.status == 401 || r.status == 303) && !w.reached, "half signed in", r.status);
    }
}

static void walk_roles(void)
{
    if (w.route->who & (WHO_ANYONE | WHO_ACCOUNT))
        return;
    for (uint32_t role = 1; role <= ROLE__ALL; role <<= 1) {
        become(account(role, true, false), NULL, (struct who){ 0 });
        struct fake_reply r = ask(NULL, BYTES_ABSENT);
        if (!(w.route->who & role))
            expect(r.status == 403 && !w.reached, role_name(role), r.status);
        if (!(w.route->who & role) || !(role & ROLES_STAFF))
            continue;
        become(account(role, false, false), NULL, (struct who){ 0 });
        r = ask(NULL, BYTES_ABSENT);
        expect((r.status == 403 || r.status == 303) && !w.reached, "staff with one factor",
               r.status);
    }
}

static void walk_csrf(void)
{
    if (safe())
        return;
    become_admitted();
    fake_header(w.f, "Origin", "https://evil.test");
    struct fake_reply r = ask(NULL, BYTES_ABSENT);
    expect(r.status == 403 && !w.reached, "foreign Origin", r.status);
    fake_header(w.f, "Origin", NULL);
    if (w.route->flags & ROUTE_NO_CSRF)
        return;
    give_token(false);
    r = ask(NULL, BYTES_ABSENT);
    expect(r.status == 403 && !w.reached, "no CSRF token", r.status);
    r = ask("application/x-www-form-urlencoded", bytes_of_str(STR("csrf=AAAA")));
    expect(r.status == 403 && !w.reached, "wrong CSRF token", r.status);
}

static void walk_oversized(void)
{
    size_t limit = w.route->body_max ? w.route->body_max : LIMIT_DEFAULT;
    if (safe())
        return;
    /* Zero pages: large limits cost no memory. */
    void *p = mmap(NULL, limit + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        expect(false, "no memory for an oversized body", 0);
        return;
    }
    become_admitted();
    struct fake_reply r = ask("application/octet-stream", (struct bytes){ p, limit + 1 });
    expect(r.status == 413 && !w.reached, "oversized", r.status);
    munmap(p, limit + 1);
}

static const char *mistyped_value(enum param_kind kind)
{
    switch (kind) {
    case PARAM_KIND_INT:
    case PARAM_KIND_ID:
    case PARAM_KIND_CHOICE:
    case PARAM_KIND_DATE:
    case PARAM_KIND_FLAG:
    case PARAM_KIND_EMAIL:
    case PARAM_KIND_TOKEN:
        return "%2C%2C";
    case PARAM_KIND_PATH:
        return "%2F%2Fevil.test";
    case PARAM_KIND_TEXT:
    case PARAM_KIND_TEXTS:
    case PARAM_KIND_SECRET:
    case PARAM_KIND_MULTILINE:
        return "a%E2%80%AEb";
    case PARAM_KIND_END:
    case PARAM_KIND_FILE:
    case PARAM_KIND_FILES:
    case PARAM_KIND_STREAM:
    case PARAM_KIND_STREAMS:
    case PARAM_KIND_JSON:
        break;
    }
    return "x";
}

static void walk_mistyped_values(void)
{
    for (const struct param *p = w.route->form ? w.route->form->params : NULL; p && p->name; p++) {
        size_t n = strlen(p->name);
        const char *at = strstr(w.route->path, p->name);
        if (at && at[-1] == '{' && (at[n] == '}' || at[n] == '*'))
            continue;
        char body[200];
        int length = snprintf(body, sizeof(body), "%s=%s", p->name, mistyped_value(p->kind));
        become_admitted();
        fill_path(w.route, false);
        struct fake_reply r;
        if (safe()) {
            size_t end = strlen(w.path);
            snprintf(w.path + end, sizeof(w.path) - end, "?%s", body);
            r = ask(NULL, BYTES_ABSENT);
        } else {
            r = ask("application/x-www-form-urlencoded",
                    (struct bytes){ (const uint8_t *)body, (size_t)length });
        }
        expect(r.status == 422, p->name, r.status);
    }
}

static void walk_mistyped(void)
{
    become_admitted();
    fill_path(w.route, false);
    size_t end = strlen(w.path);
    snprintf(w.path + end, sizeof(w.path) - end, "?no_such_parameter=1");
    struct fake_reply r = ask(NULL, BYTES_ABSENT);
    bool stream = w.route->flags & ROUTE_STREAM;
    expect(r.status == 422 && !w.reached, "unknown parameter", r.status);
    if (!stream)
        walk_mistyped_values();
    bool typed = strchr(w.route->path, '{') != NULL;
    for (const struct param *p = typed ? w.route->form->params : NULL; p && p->name; p++)
        typed &= p->kind != PARAM_KIND_TEXT && p->kind != PARAM_KIND_MULTILINE;
    if (!typed)
        return;
    become_admitted();
    fill_path(w.route, true);
    r = ask(NULL, BYTES_ABSENT);
    expect(r.status == 404 && !w.reached, "mistyped path", r.status);
}

/* ---------------------------------------------------------------------------------------------- */

/* Copies of the rows, with `reached` as their handler. */
static struct route *copy_rows(const struct route *const *tables, size_t *n)
{
    *n = 0;
    for (size_t t = 0; tables[t]; t++)
        for (const struct route *r = tables[t]; r->path; r++)
            ++*n;
    struct route *rows = calloc(*n + 1, sizeof(*rows));
    if (rows == NULL)
        abort();
    size_t i = 0;
    for (size_t t = 0; tables[t]; t++)
        for (const struct route *r = tables[t]; r->path; r++) {
            rows[i] = *r;
            rows[i++].handle = reached;
        }
    return rows;
}

size_t walk_routes(const char *program, const struct route *const *tables)
{
    size_t n;
    struct route *rows = copy_rows(tables, &n);
    const struct route *const all[] = { rows, NULL };
    struct secret *key = secret_random(32);
    struct app app = { .name = program,
                       .tables = all,
                       .hooks = &hooks,
                       .csrf_key = key,
                       .login_path = "/login",
                       .second_factor_path = "/login/code" };
    log_open(program, (enum log_level) - 1);
    if (ok(app_start(&app) == E_OK, "%s: the route table is sound", program)) {
        w.f = fake_new(&app);
        for (size_t i = 0; i < n; i++) {
            w.route = &rows[i];
            w.wrong[0] = '\0';
            fill_path(w.route, false);
            walk_nobody();
            walk_roles();
            walk_csrf();
            walk_oversized();
            walk_mistyped();
            ok(w.wrong[0] == '\0', "%s: %s %s%s%s", program, route_method_name(w.route->method),
               w.route->path, w.wrong[0] ? ":" : "", w.wrong);
        }
        fake_free(w.f);
        app_stop(&app);
    }
    secret_free(key);
    free(rows);
    return n;
}
