/* accounts_remove_pages.c - removing a person, with the certificates that stay valid. */
#include "features/accounts/accounts_admin.h"
#include "features/accounts/accounts_pages.h"

#include "http/resp.h"

#define ADMINS (ROLE_CUSTOMER_ADMIN | ROLE_SYSTEM_ADMIN)

struct remove_form {
    struct account_id id;
};
static const struct param remove_params[] = {
    PARAM_ID(struct remove_form, id),
    PARAM_END,
};

struct remove_certificate {
    struct certificate_id id;
    struct str subject;
    struct page_badge state;
    struct timestamp until;
};
static const struct view_field remove_certificate_fields[] = {
    VIEW_ID(struct remove_certificate, id),
    VIEW_TEXT(struct remove_certificate, subject),
    VIEW_STRUCT(struct remove_certificate, state, page_badge_fields),
    VIEW_TIME(struct remove_certificate, until),
    VIEW_END,
};
struct remove_view {
    struct account_id id;
    struct str name, login;
    struct page_badge state;
    struct remove_certificate *certificates;
    size_t certificates_n;
};
static const struct view_field remove_fields[] = {
    VIEW_ID(struct remove_view, id),
    VIEW_TEXT(struct remove_view, name),
    VIEW_TEXT(struct remove_view, login),
    VIEW_STRUCT(struct remove_view, state, page_badge_fields),
    VIEW_LIST(struct remove_view, certificates, certificates_n, remove_certificate_fields),
    VIEW_INT(struct remove_view, certificates_n),
    VIEW_END,
};
const struct view accounts_user_remove_view = { "accounts/user_remove.html", "Remove {{name}}",
                                                remove_fields, 0 };

static enum err remove_show(struct req *rq, struct resp *rs)
{
    const struct remove_form *f = req_form(rq);
    struct remove_view v = { .id = f->id };
    struct accounts_certificate *rows;
    struct accounts_info who;

    TRY(accounts_get(req_tx(rq), req_tenant(rq), f->id, &who));
    TRY(accounts_admin_certificates(req_tx(rq), who.tenant, f->id, req_now(rq), &rows,
                                    &v.certificates_n));
    v.name = who.name;
    v.login = who.login;
    v.state = accounts_pages_state(who.state);
    v.certificates = ARENA_ARRAY(req_arena(rq), v.certificates_n, struct remove_certificate);
    for (size_t i = 0; i < v.certificates_n; i++)
        v.certificates[i] =
            (struct remove_certificate){ rows[i].id, rows[i].subject,
                                         rows[i].suspended
                                             ? (struct page_badge){ "caution", MSG("Suspended") }
                                             : (struct page_badge){ "success", MSG("valid") },
                                         rows[i].until };
    return resp_page(rs, &accounts_user_remove_view, &v);
}

static enum err remove_person(struct req *rq, struct resp *rs)
{
    const struct remove_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such person");
    TRY(accounts_admin_remove(req_tx(rq), &by, req_tenant(rq), f->id, req_now(rq)));
    resp_flash(rs, "success", MSG("The person is removed. All sessions have ended."), STR(""));
    return resp_seeother(rs, "/users/{id}", f->id.v);
}

static enum err reopen(struct req *rq, struct resp *rs)
{
    const struct remove_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such person");
    TRY(accounts_admin_reopen(req_tx(rq), &by, req_tenant(rq), f->id, req_now(rq)));
    resp_flash(rs, "success",
               MSG("The invitation is on its way. The link in it is good for 7 days."), STR(""));
    return resp_seeother(rs, "/users/{id}", f->id.v);
}

const struct route accounts_remove_routes[] = {
    { GET, "/users/{id}/remove", remove_show, ADMINS, FORM(remove_params, struct remove_form) },
    { POST, "/users/{id}/remove", remove_person, ADMINS, FORM(remove_params, struct remove_form) },
    { POST, "/users/{id}/reopen", reopen, ADMINS, FORM(remove_params, struct remove_form) },
    { 0 },
};
