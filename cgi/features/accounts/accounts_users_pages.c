/*
 * accounts_users_pages.c - administrators' pages. A customer administrator sees the own tenant
 * only; the provider's system administrators see every tenant, and name one in the list's filter.
 */
#include "features/accounts/accounts_admin.h"
#include "features/accounts/accounts_pages.h"
#include "features/mail/mail.h"

#include "base/encoding.h"
#include "http/resp.h"

#define PER_PAGE 50
#define ADMINS (ROLE_CUSTOMER_ADMIN | ROLE_SYSTEM_ADMIN)

/* What is seen, and unlocked: 0 for the provider's system administrators, any tenant. What changes
 * more than a lock stays in the administrator's own tenant. */
static struct tenant_id scope(struct req *rq)
{
    const struct tenant_id every = { 0 };
    return req_who(rq)->roles & ROLE_SYSTEM_ADMIN ? every : req_tenant(rq);
}

/* ------------------------------------------------------------------ list */

static const struct choice states[] = {
    { "invited", ACCOUNTS_INVITED }, { "active", ACCOUNTS_ACTIVE },
    { "locked", ACCOUNTS_LOCKED },   { "suspended", ACCOUNTS_SUSPENDED },
    { "closed", ACCOUNTS_CLOSED },   { NULL, 0 },
};
static const struct choice sorts[] = {
    { "name", ACCOUNTS_BY_NAME },
    { "-name", ACCOUNTS_BY_NAME_DOWN },
    { "seen", ACCOUNTS_BY_SEEN },
    { "-seen", ACCOUNTS_BY_SEEN_DOWN },
    { NULL, 0 },
};
/* Roles that a customer administrator may give, and that customers' lists are filtered by. */
static const struct choice customer_roles[] = {
    { "end_user", (int)ROLE_END_USER },
    { "customer_admin", (int)ROLE_CUSTOMER_ADMIN },
    { "lra_operator", (int)ROLE_LRA_OPERATOR },
    { "designated_operator", (int)ROLE_DESIGNATED_OPERATOR },
    { NULL, 0 },
};

struct users_form {
    struct str q;
    int state, role, sort;
    int64_t page;
    struct tenant_id tenant;
};
static const struct param users_params[] = {
    PARAM_TEXT_OPT(struct users_form, q, 100),
    PARAM_CHOICE_OPT(struct users_form, state, states, -1),
    PARAM_CHOICE_OPT(struct users_form, role, customer_roles, 0),
    PARAM_CHOICE_OPT(struct users_form, sort, sorts, ACCOUNTS_BY_NAME),
    PARAM_INT_OPT(struct users_form, page, 1, 100000, 1),
    PARAM_ID_OPT(struct users_form, tenant),
    PARAM_END,
};

struct user_row {
    struct account_id id;
    struct str login, name, email;
    struct page_badge state;
    struct timestamp login_at;
    bool totp;
};
static const struct view_field user_row_fields[] = {
    VIEW_ID(struct user_row, id),
    VIEW_TEXT(struct user_row, login),
    VIEW_TEXT(struct user_row, name),
    VIEW_TEXT(struct user_row, email),
    VIEW_STRUCT(struct user_row, state, page_badge_fields),
    VIEW_TIME(struct user_row, login_at),
    VIEW_FLAG(struct user_row, totp),
    VIEW_END,
};

struct users_view {
    struct str q;
    struct tenant_id tenant;
    struct str tenant_name;
    bool all_tenants, filtered, more;
    struct page_choice *states, *roles;
    size_t states_n, roles_n;
    struct page_sort by_name, by_seen;
    struct user_row *rows;
    size_t rows_n;
    uint64_t total;
    struct page_pager pager;
};
static const struct view_field users_fields[] = {
    VIEW_TEXT(struct users_view, q),
    VIEW_ID(struct users_view, tenant),
    VIEW_TEXT(struct users_view, tenant_name),
    VIEW_FLAG(struct users_view, all_tenants),
    VIEW_FLAG(struct users_view, filtered),
    VIEW_FLAG(struct users_view, more),
    VIEW_LIST(struct users_view, states, states_n, page_choice_fields),
    VIEW_LIST(struct users_view, roles, roles_n, page_choice_fields),
    VIEW_STRUCT(struct users_view, by_name, page_sort_fields),
    VIEW_STRUCT(struct users_view, by_seen, page_sort_fields),
    VIEW_LIST(struct users_view, rows, rows_n, user_row_fields),
    VIEW_COUNT(struct users_view, total),
    VIEW_STRUCT(struct users_view, pager, page_pager_fields),
    VIEW_END,
};
const struct view accounts_users_view = { "accounts/users.html", "Users", users_fields, VIEW_WIDE };

static struct page_choice *state_choices(struct arena *a, int chosen, size_t *n)
{
    struct page_choice *out = ARENA_ARRAY(a, ACCOUNTS_STATE__MAX, struct page_choice);
    for (*n = 0; states[*n].word; (*n)++)
        out[*n] = (struct page_choice){ str_z(states[*n].word),
                                        accounts_pages_state((unsigned)states[*n].value).word,
                                        STR(""), states[*n].value == chosen };
    return out;
}

static struct page_choice *role_choices(struct arena *a, uint32_t chosen, size_t *n)
{
    struct page_choice *out = ARENA_ARRAY(a, 8, struct page_choice);
    for (*n = 0; customer_roles[*n].word; (*n)++)
        out[*n] =
            (struct page_choice){ str_z(customer_roles[*n].word),
                                  accounts_pages_role((uint32_t)customer_roles[*n].value), STR(""),
                                  (chosen & (uint32_t)customer_roles[*n].value) != 0 };
    return out;
}

/* The filter as it stands in the URL, for the pager and the sort links. */
static struct str query_of(struct arena *a, const struct users_form *f, bool with_sort)
{
    struct str q = STR("");
    if (f->tenant.v)
        q = str_fmt(a, "tenant=%llu", (unsigned long long)f->tenant.v);
    if (!str_empty(f->q))
        q = str_fmt(a, "%s%sq=%s", q.p, q.n ? "&" : "", percent_encode(a, f->q).p);
    if (f->state >= 0)
        q = str_fmt(a, "%s%sstate=%s", q.p, q.n ? "&" : "", states[f->state].word);
    if (f->role)
        q = str_fmt(a, "%s%srole=%s", q.p, q.n ? "&" : "", role_name((uint32_t)f->role));
    if (with_sort && f->sort != ACCOUNTS_BY_NAME)
        q = str_fmt(a, "%s%ssort=%s", q.p, q.n ? "&" : "", sorts[f->sort].word);
    return q;
}

static enum err fill_rows(struct req *rq, const struct users_form *f, struct users_view *v)
{
    struct accounts_filter filter = { v->tenant, f->q, f->state, (uint32_t)f->role,
                                      (enum accounts_sort)f->sort };
    struct accounts_info *rows;

    TRY(accounts_admin_list(req_tx(rq), &filter, (uint32_t)f->page, PER_PAGE, &rows, &v->rows_n,
                            &v->total));
    v->more = v->total > ACCOUNTS_COUNT_MAX;
    v->total = v->more ? ACCOUNTS_COUNT_MAX : v->total;
    v->rows = ARENA_ARRAY(req_arena(rq), v->rows_n, struct user_row);
    for (size_t i = 0; i < v->rows_n; i++)
        v->rows[i] = (struct user_row){ rows[i].id,
                                        rows[i].login,
                                        rows[i].name,
                                        rows[i].email,
                                        accounts_pages_state(rows[i].state),
                                        rows[i].login_at,
                                        rows[i].totp };
    return E_OK;
}

static enum err users(struct req *rq, struct resp *rs)
{
    const struct users_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct str path = STR("/users"), sort = str_z(sorts[f->sort].word);
    struct accounts_tenant tenant;
    struct users_view v = { .q = f->q.p ? f->q : STR(""), .all_tenants = scope(rq).v == 0 };

    if (req_invalid(rq))
        return FAIL(E_INPUT, "", "bad filter");
    /* Another tenant's list is not there (P2-12), whoever guesses its number. */
    if (!v.all_tenants && f->tenant.v && f->tenant.v != req_tenant(rq).v)
        return FAIL(E_ABSENT, "", "list of another tenant");
    v.tenant = f->tenant.v ? f->tenant : req_tenant(rq);
    TRY(accounts_admin_tenant(req_tx(rq), v.tenant, &tenant));
    v.tenant_name = tenant.name;
    v.filtered = !str_empty(f->q) || f->state >= 0 || f->role != 0;
    v.states = state_choices(a, f->state, &v.states_n);
    v.roles = role_choices(a, (uint32_t)f->role, &v.roles_n);
    v.by_name = page_sort_make(a, path, query_of(a, f, false), sort, "name");
    v.by_seen = page_sort_make(a, path, query_of(a, f, false), sort, "seen");
    TRY(fill_rows(rq, f, &v));
    v.pager = page_pager_make(a, path, query_of(a, f, true), (uint64_t)f->page, PER_PAGE, v.total);
    return resp_page(rs, &accounts_users_view, &v);
}

/* ------------------------------------------------------------------ one person */

struct user_form {
    struct account_id id;
};
static const struct param user_params[] = {
    PARAM_ID(struct user_form, id),
    PARAM_END,
};

struct user_view {
    struct account_id id;
    struct str login, name, email, tenant_name, roles;
    struct page_badge state;
    struct msg reason;
    struct timestamp state_at, created_at, login_at, password_at;
    bool totp, own, mine, locked, stoppable, suspended, invited, active, open, mail_trouble;
    struct page_event *timeline;
    size_t timeline_n;
};
static const struct view_field user_fields[] = {
    VIEW_ID(struct user_view, id),
    VIEW_TEXT(struct user_view, login),
    VIEW_TEXT(struct user_view, name),
    VIEW_TEXT(struct user_view, email),
    VIEW_TEXT(struct user_view, tenant_name),
    VIEW_STRUCT(struct user_view, state, page_badge_fields),
    VIEW_MSG(struct user_view, reason),
    VIEW_TIME(struct user_view, state_at),
    VIEW_TIME(struct user_view, created_at),
    VIEW_TIME(struct user_view, login_at),
    VIEW_TIME(struct user_view, password_at),
    VIEW_FLAG(struct user_view, totp),
    VIEW_FLAG(struct user_view, own),
    VIEW_FLAG(struct user_view, mine),
    VIEW_FLAG(struct user_view, locked),
    VIEW_FLAG(struct user_view, stoppable),
    VIEW_FLAG(struct user_view, suspended),
    VIEW_FLAG(struct user_view, invited),
    VIEW_FLAG(struct user_view, active),
    VIEW_FLAG(struct user_view, open),
    VIEW_FLAG(struct user_view, mail_trouble),
    VIEW_TEXT(struct user_view, roles),
    VIEW_LIST(struct user_view, timeline, timeline_n, page_event_fields),
    VIEW_END,
};
const struct view accounts_user_view = { "accounts/user.html", "User {{name}}", user_fields, 0 };
const struct view accounts_user_second_view = { "accounts/user_second.html",
                                                "Remove the second factor", user_fields, 0 };
const struct view accounts_suspend_view = { "accounts/suspend.html", "Suspend {{name}}",
                                            user_fields, 0 };

static struct msg reason_word(struct str reason)
{
    static const struct {
        const char *reason;
        struct msg word;
    } words[] = {
        { "administrator", MSG_INIT("By an administrator") },
        { "leak", MSG_INIT("Suspected leak of the account's data") },
        { "failures", MSG_INIT("Repeated failures") },
        { "dormant", MSG_INIT("Not used for a long time") },
        { "contract-end", MSG_INIT("End of the contract") },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_eq_z(reason, words[i].reason))
            return words[i].word;
    return (struct msg){ NULL };
}

/* The roles in words, one after the other. */
static struct str roles_text(struct req *rq, uint32_t roles)
{
    const char *between = req_lang(rq) == LANG_JA ? "、" : ", ";
    struct arena *a = req_arena(rq);
    struct str out = STR("");

    for (uint32_t bit = 1; bit & ROLE__ALL; bit <<= 1)
        if (roles & bit)
            out = str_fmt(a, "%s%s%s", out.p, out.n ? between : "",
                          message_text(req_lang(rq), accounts_pages_role(bit)).p);
    return out;
}

static enum err fill_timeline(struct req *rq, struct account_id id, struct user_view *v)
{
    struct arena *a = req_arena(rq);
    struct accounts_event *rows;

    TRY(accounts_history(req_tx(rq), id, 20, &rows, &v->timeline_n));
    v->timeline = ARENA_ARRAY(a, v->timeline_n, struct page_event);
    for (size_t i = 0; i < v->timeline_n; i++)
        v->timeline[i] =
            (struct page_event){ rows[i].at, accounts_pages_event(rows[i].kind), rows[i].address,
                                 accounts_pages_device(a, rows[i].user_agent) };
    return E_OK;
}

static enum err user_fill(struct req *rq, struct tenant_id within, struct account_id id,
                          struct user_view *v)
{
    struct accounts_info who;
    struct str error;

    TRY(accounts_get(req_tx(rq), within, id, &who));
    *v = (struct user_view){
        .id = who.id,
        .login = who.login,
        .name = who.name,
        .email = who.email,
        .tenant_name = who.tenant_name,
        .state = accounts_pages_state(who.state),
        .reason = reason_word(who.state_reason),
        .state_at = who.state_at,
        .created_at = who.created_at,
        .login_at = who.login_at,
        .password_at = who.password_at,
        .totp = who.totp,
        .own = who.id.v == req_account(rq).v,
        .mine = who.tenant.v == req_tenant(rq).v,
        .locked = who.state == ACCOUNTS_LOCKED,
        .stoppable = who.state == ACCOUNTS_ACTIVE || who.state == ACCOUNTS_LOCKED ||
                     who.state == ACCOUNTS_INVITED,
        .suspended = who.state == ACCOUNTS_SUSPENDED,
        .invited = who.state == ACCOUNTS_INVITED,
        .active = who.state == ACCOUNTS_ACTIVE,
        .open = who.state != ACCOUNTS_CLOSED,
    };
    v->roles = roles_text(rq, who.roles);
    TRY(mail_admin_trouble(req_tx(rq), who.tenant, who.email, &v->mail_trouble, &error));
    return fill_timeline(rq, id, v);
}

static enum err user(struct req *rq, struct resp *rs)
{
    const struct user_form *f = req_form(rq);
    struct user_view v;
    TRY(user_fill(rq, scope(rq), f->id, &v));
    return resp_page(rs, &accounts_user_view, &v);
}

static enum err unlock(struct req *rq, struct resp *rs)
{
    const struct user_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such person");
    TRY(accounts_admin_unlock(req_tx(rq), &by, scope(rq), f->id, req_now(rq)));
    resp_flash(rs, "success", MSG("The account is unlocked."), STR(""));
    return resp_seeother(rs, "/users/{id}", f->id.v);
}

static const struct choice suspend_reasons[] = { { "administrator", 0 },
                                                 { "leak", 1 },
                                                 { NULL, 0 } };
struct suspend_form {
    struct account_id id;
    int reason;
};
static const struct param suspend_params[] = {
    PARAM_ID(struct suspend_form, id),
    PARAM_CHOICE(struct suspend_form, reason, suspend_reasons),
    PARAM_END,
};

static enum err suspend_show(struct req *rq, struct resp *rs)
{
    const struct suspend_form *f = req_form(rq);
    struct user_view v;
    TRY(user_fill(rq, req_tenant(rq), f->id, &v));
    return resp_page(rs, &accounts_suspend_view, &v);
}

static enum err suspend(struct req *rq, struct resp *rs)
{
    const struct suspend_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return suspend_show(rq, rs);
    TRY(accounts_admin_suspend(req_tx(rq), &by, req_tenant(rq), f->id,
                               suspend_reasons[f->reason].word, req_now(rq)));
    resp_flash(rs, "success", MSG("The account is suspended. Its sessions have ended."), STR(""));
    return resp_seeother(rs, "/users/{id}", f->id.v);
}

static enum err resume(struct req *rq, struct resp *rs)
{
    const struct user_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such person");
    TRY(accounts_admin_resume(req_tx(rq), &by, req_tenant(rq), f->id, req_now(rq)));
    resp_flash(rs, "success", MSG("The suspension is lifted."), STR(""));
    return resp_seeother(rs, "/users/{id}", f->id.v);
}

static enum err send_link(struct req *rq, struct resp *rs)
{
    const struct user_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such person");
    TRY(accounts_admin_link(req_tx(rq), &by, req_tenant(rq), f->id));
    resp_flash(rs, "success", MSG("A mail with a one-time link is on its way."), STR(""));
    return resp_seeother(rs, "/users/{id}", f->id.v);
}

static enum err second_show(struct req *rq, struct resp *rs)
{
    const struct user_form *f = req_form(rq);
    struct user_view v;
    TRY(user_fill(rq, req_tenant(rq), f->id, &v));
    return resp_page(rs, &accounts_user_second_view, &v);
}

static enum err second_reset(struct req *rq, struct resp *rs)
{
    const struct user_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such person");
    TRY(accounts_admin_second_reset(req_tx(rq), &by, req_tenant(rq), f->id, req_now(rq)));
    resp_flash(rs, "success", MSG("The second factor is removed."), STR(""));
    return resp_seeother(rs, "/users/{id}", f->id.v);
}

const struct route accounts_users_routes[] = {
    { GET, "/users", users, ADMINS, FORM(users_params, struct users_form) },
    { GET, "/users/{id}", user, ADMINS, FORM(user_params, struct user_form) },
    { POST, "/users/{id}/unlock", unlock, ADMINS, FORM(user_params, struct user_form) },
    { GET, "/users/{id}/suspend", suspend_show, ADMINS, FORM(suspend_params, struct suspend_form) },
    { POST, "/users/{id}/suspend", suspend, ADMINS, FORM(suspend_params, struct suspend_form) },
    { POST, "/users/{id}/resume", resume, ADMINS, FORM(user_params, struct user_form) },
    { POST, "/users/{id}/link", send_link, ADMINS, FORM(user_params, struct user_form) },
    { GET, "/users/{id}/second-factor", second_show, ADMINS, FORM(user_params, struct user_form),
      .flags = ROUTE_SECOND_FACTOR },
    { POST, "/users/{id}/second-factor", second_reset, ADMINS, FORM(user_params, struct user_form),
      .flags = ROUTE_SECOND_FACTOR },
    { 0 },
};
