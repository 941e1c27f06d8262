/* operators_pages.c - on the portal: a customer's operators and their certificates, for the
 * administrator; and an operator's own way to the certificate. */
#include "features/operators/operators_pages.h"

#include "features/operators/operators_inside_pages.h"
#include "http/ratelimit.h"
#include "http/req.h"
#include "http/resp.h"

#define PER_PAGE 50
#define SOON_US (30 * DAY_US)

static const struct rate revoke_rate = { "operators.revoke", RATE_ACCOUNT, 30, 10 * MINUTE_US };

static struct str operator_address, portal_address;

void operators_pages_setup(struct str operator_url, struct str portal_url)
{
    operator_address = operator_url;
    portal_address = portal_url;
}

struct str operators_inside_portal(void)
{
    return portal_address;
}

bool operators_inside_soon(const struct operators_certificate *c, struct timestamp now)
{
    return c->state == AUTHORITY_ISSUED && !c->over && c->not_after.us - now.us < SOON_US;
}

/* --- rows --- */

struct certificate_row {
    struct certificate_id id;
    struct str serial;
    struct timestamp not_after, seen_at;
    struct page_badge state;
    bool revocable;
};
static const struct view_field certificate_fields[] = {
    VIEW_ID(struct certificate_row, id),
    VIEW_CODE(struct certificate_row, serial),
    VIEW_DATE(struct certificate_row, not_after),
    VIEW_TIME(struct certificate_row, seen_at),
    VIEW_STRUCT(struct certificate_row, state, page_badge_fields),
    VIEW_FLAG(struct certificate_row, revocable),
    VIEW_END,
};

static struct page_badge certificate_badge(const struct operators_certificate *c,
                                           struct timestamp now)
{
    if (c->over)
        return (struct page_badge){ "neutral", MSG("validity over") };
    if (c->state == AUTHORITY_REVOKED)
        return (struct page_badge){ "error", MSG("revoked") };
    if (c->state == AUTHORITY_SUSPENDED)
        return (struct page_badge){ "caution", MSG("on hold") };
    if (c->state != AUTHORITY_ISSUED)
        return (struct page_badge){ "progress", MSG("being issued") };
    return operators_inside_soon(c, now) ? (struct page_badge){ "caution", MSG("ends soon") }
                                         : (struct page_badge){ "success", MSG("valid") };
}

static struct certificate_row certificate_row(const struct operators_certificate *c,
                                              struct timestamp now)
{
    bool good = !c->over && (c->state == AUTHORITY_ISSUED || c->state == AUTHORITY_SUSPENDED);
    return (struct certificate_row){
        c->id, c->serial, c->not_after, c->seen_at, certificate_badge(c, now), good
    };
}

static struct page_badge account_badge(struct str state)
{
    static const struct {
        const char *name, *tone;
        struct msg word;
    } words[] = {
        { "active", "success", MSG_INIT("Active") },
        { "invited", "progress", MSG_INIT("Invited") },
        { "locked", "error", MSG_INIT("Locked") },
        { "suspended", "caution", MSG_INIT("Suspended") },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq_z(state, words[i].name))
            return (struct page_badge){ words[i].tone, words[i].word };
    return (struct page_badge){ "neutral", MSG("Closed") };
}

/* --- the list --- */

struct operator_row {
    struct account_id id;
    struct str name, login, email;
    struct page_badge state;
    struct certificate_row *certificates;
    size_t certificates_count;
};
static const struct view_field operator_fields[] = {
    VIEW_ID(struct operator_row, id),
    VIEW_TEXT(struct operator_row, name),
    VIEW_TEXT(struct operator_row, login),
    VIEW_TEXT(struct operator_row, email),
    VIEW_STRUCT(struct operator_row, state, page_badge_fields),
    VIEW_LIST(struct operator_row, certificates, certificates_count, certificate_fields),
    VIEW_END,
};

struct list_view {
    struct operator_row *rows;
    size_t rows_count;
    uint64_t total;
    struct str address;
    struct page_pager pager;
};
static const struct view_field list_fields[] = {
    VIEW_LIST(struct list_view, rows, rows_count, operator_fields),
    VIEW_COUNT(struct list_view, total),
    VIEW_URL(struct list_view, address),
    VIEW_STRUCT(struct list_view, pager, page_pager_fields),
    VIEW_END,
};
static const struct view list_view = { "operators/list.html", "LRA operators", list_fields,
                                       VIEW_WIDE };

struct list_form {
    int64_t page;
};
static const struct param list_params[] = {
    PARAM_INT_OPT(struct list_form, page, 1, 1000, 1),
    PARAM_END,
};

static void fill_rows(struct req *rq, const struct operators_row *rows, struct list_view *v)
{
    struct arena *a = req_arena(rq);

    v->rows = ARENA_ARRAY(a, v->rows_count, struct operator_row);
    for (size_t i = 0; i < v->rows_count; i++) {
        const struct operators_row *r = &rows[i];
        struct operator_row *to = &v->rows[i];
        *to = (struct operator_row){ .id = r->id,
                                     .name = r->name,
                                     .login = r->login,
                                     .email = r->email,
                                     .state = account_badge(r->state),
                                     .certificates_count = r->certificates_n };
        to->certificates = ARENA_ARRAY(a, r->certificates_n, struct certificate_row);
        for (size_t k = 0; k < r->certificates_n; k++)
            to->certificates[k] = certificate_row(&r->certificates[k], req_now(rq));
    }
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    struct list_view v = { .address = operator_address };
    struct operators_row *rows;
    uint32_t page = req_invalid(rq) ? 1 : (uint32_t)f->page;

    TRY(operators_list(req_tx(rq), req_tenant(rq), page, PER_PAGE, req_now(rq), &rows,
                       &v.rows_count, &v.total));
    fill_rows(rq, rows, &v);
    v.pager = page_pager_make(req_arena(rq), STR("/operators"), STR(""), page, PER_PAGE, v.total);
    return resp_page(rs, &list_view, &v);
}

/* --- revoking --- */

struct revoke_view {
    struct certificate_row c;
    struct str name, login;
};
static const struct view_field revoke_fields[] = {
    VIEW_STRUCT(struct revoke_view, c, certificate_fields),
    VIEW_TEXT(struct revoke_view, name),
    VIEW_TEXT(struct revoke_view, login),
    VIEW_END,
};
static const struct view revoke_view = { "operators/revoke.html", "Revoke an operator certificate",
                                         revoke_fields, 0 };

static const struct choice revoke_reasons[] = {
    { "none", OPERATORS_UNSTATED },
    { "lost", OPERATORS_LOST },
    { "left", OPERATORS_LEFT },
    { "replaced", OPERATORS_REPLACED },
    { NULL, 0 },
};
struct revoke_form {
    struct certificate_id id;
    int reason;
};
static const struct param revoke_show_params[] = {
    PARAM_ID(struct revoke_form, id),
    PARAM_END,
};
static const struct param revoke_params[] = {
    PARAM_ID(struct revoke_form, id),
    PARAM_CHOICE(struct revoke_form, reason, revoke_reasons),
    PARAM_END,
};

static enum err revoke_show(struct req *rq, struct resp *rs)
{
    const struct revoke_form *f = req_form(rq);
    struct operators_one one;

    TRY(operators_one(req_tx(rq), req_tenant(rq), f->id, req_now(rq), &one));
    struct revoke_view v = { certificate_row(&one.c, req_now(rq)), one.name, one.login };
    if (!v.c.revocable)
        return FAIL(E_STATE, "", "certificate %llu", (unsigned long long)f->id.v);
    return resp_page(rs, &revoke_view, &v);
}

static enum err revoke(struct req *rq, struct resp *rs)
{
    const struct revoke_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct operators_one one;

    if (req_invalid(rq))
        return revoke_show(rq, rs);
    TRY(operators_one(req_tx(rq), req_tenant(rq), f->id, req_now(rq), &one));
    TRY(operators_revoke(req_tx(rq), &by, req_who(rq)->roles, f->id, (enum operators_why)f->reason,
                         req_now(rq)));
    resp_flash(rs, "success",
               MSG("The certificate is revoked. It is refused from the next request on."),
               one.name);
    return resp_seeother(rs, "/operators", 0);
}

/* --- an operator's own --- */

struct mine_view {
    struct certificate_row *rows;
    size_t rows_count;
    struct str address;
    bool usable;
};
static const struct view_field mine_fields[] = {
    VIEW_LIST(struct mine_view, rows, rows_count, certificate_fields),
    VIEW_INT(struct mine_view, rows_count),
    VIEW_URL(struct mine_view, address),
    VIEW_FLAG(struct mine_view, usable),
    VIEW_END,
};
static const struct view mine_view = { "operators/mine.html", "Operator certificate", mine_fields,
                                       0 };

static enum err mine(struct req *rq, struct resp *rs)
{
    struct operators_row row = { .id = req_account(rq) };
    struct mine_view v = { .address = operator_address };

    if ((req_who(rq)->held & ROLE_LRA_OPERATOR) == 0)
        return FAIL(E_ABSENT, "", "no operator");
    TRY(operators_own(req_tx(rq), req_tenant(rq), req_now(rq), &row));
    v.rows_count = row.certificates_n;
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct certificate_row);
    for (size_t i = 0; i < v.rows_count; i++) {
        v.rows[i] = certificate_row(&row.certificates[i], req_now(rq));
        v.usable = v.usable ||
                   (row.certificates[i].state == AUTHORITY_ISSUED && !row.certificates[i].over);
    }
    return resp_page(rs, &mine_view, &v);
}

const struct route operators_routes[] = {
    { GET, "/operators", list, ROLE_CUSTOMER_ADMIN, FORM(list_params, struct list_form) },
    { GET, "/operators/mine", mine, WHO_ACCOUNT },
    { GET, "/operators/certificates/{id}/revoke", revoke_show, ROLE_CUSTOMER_ADMIN,
      FORM(revoke_show_params, struct revoke_form), ROUTE_SECOND_FACTOR },
    { POST, "/operators/certificates/{id}/revoke", revoke, ROLE_CUSTOMER_ADMIN,
      FORM(revoke_params, struct revoke_form), ROUTE_SECOND_FACTOR, .rate = &revoke_rate },
    { 0 },
};

const struct view *const operators_views[] = {
    &list_view, &revoke_view, &mine_view, &operators_face_view, &operators_nobody_view, NULL
};
