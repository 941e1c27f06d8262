/* home_nav_pages.c - header and rail: what the person may open, with counts of what waits. */
#include "features/home/home_inside_pages.h"

enum { PATHS_MAX = 3, NAV_MAX = 40 };

/* One entry of LOOK section 2. The first path with a route that admits the person is shown. */
struct entry {
    const char *paths[PATHS_MAX];
    struct msg label;
    uint32_t who; /* for whom it is listed; WHO_ANYONE: everybody */
    struct msg group;
};

#define CUSTOMER (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)
#define TRUSTED                                                                                    \
    (ROLE_SERVICE_MANAGER | ROLE_SYSTEM_MANAGER | ROLE_SYSTEM_ADMIN | ROLE_OPERATIONS_ASSISTANT |  \
     ROLE_AUDITOR | ROLE_POLICY_AUTHORITY)

static const struct entry entries[] = {
    { { "/" }, MSG_INIT("Home"), WHO_ANYONE, { NULL } },
    { { "/documents" }, MSG_INIT("Documents"), WHO_ACCOUNT, { NULL } },
    { { "/envelopes" }, MSG_INIT("Envelopes"), WHO_ACCOUNT, { NULL } },
    { { "/certificates" }, MSG_INIT("Certificates"), WHO_ACCOUNT, { NULL } },
    { { "/credentials" }, MSG_INIT("Signing keys"), WHO_ACCOUNT, { NULL } },
    { { "/applications" }, MSG_INIT("My applications"), WHO_ACCOUNT, { NULL } },
    { { "/operators/mine" }, MSG_INIT("Operator certificate"), ROLE_LRA_OPERATOR, { NULL } },
    { { "/consents" }, MSG_INIT("Consent"), WHO_ACCOUNT, { NULL } },
    { { "/verify" }, MSG_INIT("Verify a document"), WHO_ANYONE, { NULL } },
    { { "/my-data" }, MSG_INIT("My data"), WHO_ANYONE, { NULL } },
    { { "/security" }, MSG_INIT("Security"), WHO_ACCOUNT, { NULL } },
    { { "/overview" }, MSG_INIT("Overview"), CUSTOMER, MSG_INIT("Administration") },
    { { "/reviews" }, MSG_INIT("Review queue"), CUSTOMER, MSG_INIT("Administration") },
    { { "/bulk" }, MSG_INIT("Bulk"), CUSTOMER, MSG_INIT("Administration") },
    { { "/tenants" },
      MSG_INIT("Customers"),
      ROLE_SYSTEM_ADMIN | ROLE_SYSTEM_MANAGER | ROLE_SERVICE_MANAGER | ROLE_SUPPORT,
      MSG_INIT("Administration") },
    { { "/users", "/accounts" },
      MSG_INIT("Users"),
      ROLE_CUSTOMER_ADMIN | ROLE_SYSTEM_ADMIN | ROLE_SYSTEM_MANAGER | ROLE_SERVICE_MANAGER,
      MSG_INIT("Administration") },
    { { "/operators" },
      MSG_INIT("LRA operators"),
      ROLE_CUSTOMER_ADMIN,
      MSG_INIT("Administration") },
    { { "/profiles" },
      MSG_INIT("Certificate profiles"),
      ROLE_CUSTOMER_ADMIN | TRUSTED,
      MSG_INIT("Administration") },
    { { "/systems", "/clients" },
      MSG_INIT("Systems (API)"),
      ROLE_CUSTOMER_ADMIN,
      MSG_INIT("Administration") },
    { { "/contract" }, MSG_INIT("Contract"), ROLE_CUSTOMER_ADMIN, MSG_INIT("Administration") },
    { { "/audit" },
      MSG_INIT("Audit"),
      ROLE_CUSTOMER_ADMIN | ROLE_AUDITOR,
      MSG_INIT("Administration") },
    { { "/mails" },
      MSG_INIT("Mail delivery"),
      ROLE_CUSTOMER_ADMIN | ROLE_SYSTEM_ADMIN | ROLE_SYSTEM_MANAGER | ROLE_SUPPORT,
      MSG_INIT("Administration") },
    { { "/operations" }, MSG_INIT("Operations"), TRUSTED, MSG_INIT("Administration") },
    { { "/policies" }, MSG_INIT("Policies"), WHO_ANYONE, MSG_INIT("Information") },
    { { "/revoke" }, MSG_INIT("Revoke a certificate"), WHO_ANYONE, MSG_INIT("Information") },
    { { "/contact" }, MSG_INIT("Contact"), WHO_ANYONE, MSG_INIT("Information") },
};

static const struct {
    enum role role;
    struct msg name;
} roles[] = {
    { ROLE_SERVICE_MANAGER, MSG_INIT("Service manager") },
    { ROLE_SYSTEM_MANAGER, MSG_INIT("System manager") },
    { ROLE_SYSTEM_ADMIN, MSG_INIT("System administrator") },
    { ROLE_POLICY_AUTHORITY, MSG_INIT("Policy authority") },
    { ROLE_AUDITOR, MSG_INIT("Auditor") },
    { ROLE_OPERATIONS_ASSISTANT, MSG_INIT("Operations assistant") },
    { ROLE_PRIVACY_DESK, MSG_INIT("Privacy desk") },
    { ROLE_SUPPORT, MSG_INIT("Support staff") },
    { ROLE_DESIGNATED_OPERATOR, MSG_INIT("Designated operator") },
    { ROLE_CUSTOMER_ADMIN, MSG_INIT("Customer administrator") },
    { ROLE_LRA_OPERATOR, MSG_INIT("LRA operator") },
    { ROLE_END_USER, MSG_INIT("End user") },
};

static bool is_account(const struct who *who)
{
    return who->account.v != 0 && !who->pending;
}

static bool admits(uint32_t mask, const struct who *who)
{
    return (mask & WHO_ANYONE) != 0 || (is_account(who) && (mask & WHO_ACCOUNT) != 0) ||
           (is_account(who) && (mask & who->roles) != 0);
}

/* Whom an entry is for: also by a role that counts on another port only. */
static bool concerns(uint32_t mask, const struct who *who)
{
    return admits(mask, who) || (is_account(who) && (mask & who->held) != 0);
}

bool home_may_open(const struct who *who, const char *path)
{
    const struct home_setup *setup = home_setup_current();
    struct route_match m;

    if (setup->app == NULL || setup->app->map == NULL)
        return false;
    m = route_find(setup->app->map, GET, str_z(path));
    return m.route != NULL && m.params_n == 0 && admits(m.route->who, who);
}

bool home_has_route(const char *path)
{
    static const struct who everyone = { .account = { 1 }, .roles = ROLE__ALL };

    return home_may_open(&everyone, path);
}

static const char *path_of(const struct entry *e, const struct who *who)
{
    for (size_t i = 0; i < PATHS_MAX && e->paths[i] != NULL; i++)
        if (home_may_open(who, e->paths[i]))
            return e->paths[i];
    return NULL;
}

/* "/documents/7" is below "/documents"; only "/" itself is "/". */
static bool is_below(struct str path, const char *top)
{
    size_t n = strlen(top);

    if (n == 1 || path.n <= n)
        return str_eq_z(path, top);
    return str_starts(path, str_z(top)) && path.p[n] == '/';
}

static enum err count_of(struct req *rq, const char *path, uint64_t *n)
{
    const struct home_count *c = home_setup_current()->counts;

    *n = 0;
    if (req_tx(rq) == NULL || !is_account(req_who(rq)))
        return E_OK;
    for (; c != NULL && c->path != NULL; c++)
        if (strcmp(c->path, path) == 0)
            return c->count(rq, n);
    return E_OK;
}

static enum err fill_rail(struct req *rq, struct page_context *page)
{
    struct page_nav *nav = ARENA_ARRAY(req_arena(rq), NAV_MAX, struct page_nav);
    const char *group = NULL;
    size_t n = 0;

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]) && n < NAV_MAX; i++) {
        const struct entry *e = &entries[i];
        const char *path = concerns(e->who, req_who(rq)) ? path_of(e, req_who(rq)) : NULL;

        if (path == NULL)
            continue;
        nav[n] = (struct page_nav){ .url = str_z(path),
                                    .label = e->label,
                                    .current = is_below(page->path, path) };
        if (e->group.id != NULL && (group == NULL || strcmp(group, e->group.id) != 0))
            nav[n].group = e->group;
        group = e->group.id;
        TRY(count_of(rq, path, &nav[n].count));
        n++;
    }
    page->nav = nav;
    page->nav_count = n;
    return E_OK;
}

static void fill_person(struct req *rq, struct page_context *page)
{
    const struct who *who = req_who(rq);
    struct page_person *p = ARENA_NEW(req_arena(rq), struct page_person);

    if (!is_account(who))
        return;
    p->name = str_empty(who->name) ? who->login : who->name;
    p->login = who->login;
    p->tenant = STR("");
    p->second_factor = who->second_factor;
    p->certificate = who->certificate.v != 0;
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]) && p->role.id == NULL; i++)
        if (((who->roles | who->held) & roles[i].role) != 0)
            p->role = roles[i].name;
    page->who = p;
}

enum err home_page(void *arg, struct req *rq, struct page_context *page)
{
    (void)arg;
    page->site = &home_setup_current()->site;
    fill_person(rq, page);
    return fill_rail(rq, page);
}
