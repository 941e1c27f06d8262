/*
 * accounts_manage_pages.c - inviting people, correcting their data (P3-143).
 */
#include "features/accounts/accounts_admin.h"
#include "features/accounts/accounts_pages.h"

#include "http/resp.h"

/* ------------------------------------------------------------------ invite */

struct new_form {
    struct str login, email, name, *roles;
    size_t roles_n;
    int lang;
};
static const struct choice langs[] = { { "ja", 0 }, { "en", 1 }, { NULL, 0 } };
static const struct param new_params[] = {
    PARAM_TEXT(struct new_form, login, 3, 64),
    PARAM_EMAIL(struct new_form, email),
    PARAM_TEXT(struct new_form, name, 1, 120),
    PARAM_TEXTS(struct new_form, roles, roles_n, 1, 40, 8),
    PARAM_CHOICE_OPT(struct new_form, lang, langs, 0),
    PARAM_END,
};

struct new_view {
    struct str login, email, name;
    bool english;
    struct page_choice *roles;
    size_t roles_n;
};
static const struct view_field new_fields[] = {
    VIEW_TEXT(struct new_view, login),
    VIEW_TEXT(struct new_view, email),
    VIEW_TEXT(struct new_view, name),
    VIEW_FLAG(struct new_view, english),
    VIEW_LIST(struct new_view, roles, roles_n, page_choice_fields),
    VIEW_END,
};
const struct view accounts_user_new_view = { "accounts/user_new.html", "Invite a user", new_fields,
                                             0 };

/* What a customer administrator may give. */
static const uint32_t grantable[] = { ROLE_END_USER, ROLE_CUSTOMER_ADMIN, ROLE_LRA_OPERATOR,
                                      ROLE_DESIGNATED_OPERATOR };
#define GRANTABLE (sizeof(grantable) / sizeof(grantable[0]))

/* Bits of the ticked roles; anything that is not grantable makes 0. */
static uint32_t roles_of(const struct new_form *f)
{
    uint32_t roles = 0;
    for (size_t i = 0; i < f->roles_n; i++) {
        uint32_t bit = role_from_name(f->roles[i]);
        bool good = false;
        for (size_t j = 0; j < GRANTABLE; j++)
            good = good || grantable[j] == bit;
        if (!good)
            return 0;
        roles |= bit;
    }
    return roles;
}

static enum err new_show(struct req *rq, struct resp *rs)
{
    const struct new_form *f = req_form(rq);
    uint32_t chosen = f->roles_n ? roles_of(f) : ROLE_END_USER;
    struct new_view v = { .login = req_raw(rq, "login"),
                          .email = req_raw(rq, "email"),
                          .name = req_raw(rq, "name"),
                          .english = f->lang == 1,
                          .roles_n = GRANTABLE };

    v.roles = ARENA_ARRAY(req_arena(rq), GRANTABLE, struct page_choice);
    for (size_t i = 0; i < GRANTABLE; i++)
        v.roles[i] =
            (struct page_choice){ str_z(role_name(grantable[i])), accounts_pages_role(grantable[i]),
                                  STR(""), (chosen & grantable[i]) != 0 };
    return resp_page(rs, &accounts_user_new_view, &v);
}

/* Which field the rules refuse. Anything else is not the form's matter. */
static bool explain(struct req *rq, enum err err)
{
    const char *reason = fault_current()->reason;

    if (err == E_CONFLICT)
        req_field_error(rq, "login",
                        MSG("This login name or mail address is in use already. One person has one "
                            "account."));
    else if (err == E_INPUT && strcmp(reason, "login-malformed") == 0)
        req_field_error(rq, "login", MSG("Please use 3 to 64 letters, digits and . _ @ + -"));
    else if (err == E_INPUT && strcmp(reason, "email-malformed") == 0)
        req_field_error(rq, "email", MSG("Please write a mail address such as name@example.jp"));
    else
        return false;
    fault_clear();
    return true;
}

static enum err new_post(struct req *rq, struct resp *rs)
{
    const struct new_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct accounts_new n;
    struct account_id id;
    enum err err;

    if (!req_invalid(rq) && roles_of(f) == 0)
        req_field_error(rq, "roles", MSG("Please choose at least one role."));
    if (req_invalid(rq))
        return new_show(rq, rs);
    n = (struct accounts_new){ .tenant = req_tenant(rq),
                               .login = f->login,
                               .email = f->email,
                               .name = f->name,
                               .lang = str_z(langs[f->lang].word),
                               .roles = roles_of(f) };
    err = accounts_create(req_tx(rq), &by, &n, req_now(rq), &id);
    if (err != E_OK)
        return explain(rq, err) ? new_show(rq, rs) : err;
    resp_flash(rs, "success",
               MSG("The invitation is on its way. The link in it is good for 7 days."), STR(""));
    return resp_seeother(rs, "/users/{id}", id.v);
}

/* ------------------------------------------------------------------ correct */

struct edit_form {
    struct account_id id;
    struct str name, email;
};
static const struct param edit_params[] = {
    PARAM_ID(struct edit_form, id),
    PARAM_TEXT(struct edit_form, name, 1, 120),
    PARAM_EMAIL(struct edit_form, email),
    PARAM_END,
};
static const struct view_field edit_fields[] = {
    VIEW_ID(struct edit_form, id),
    VIEW_TEXT(struct edit_form, name),
    VIEW_TEXT(struct edit_form, email),
    VIEW_END,
};
const struct view accounts_user_edit_view = { "accounts/user_edit.html", "Correct {{name}}",
                                              edit_fields, 0 };

static enum err edit_show(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct edit_form v = { f->id, req_raw(rq, "name"), req_raw(rq, "email") };
    struct accounts_info who;

    TRY(accounts_get(req_tx(rq), req_tenant(rq), f->id, &who));
    if (!v.name.p)
        v.name = who.name;
    if (!v.email.p)
        v.email = who.email;
    return resp_page(rs, &accounts_user_edit_view, &v);
}

static enum err edit(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    enum err err;

    if (req_invalid(rq))
        return edit_show(rq, rs);
    err = accounts_admin_profile(req_tx(rq), &by, req_tenant(rq), f->id, f->name, f->email,
                                 req_now(rq));
    if (err == E_CONFLICT) {
        fault_clear();
        req_field_error(rq, "email",
                        MSG("This mail address is in use already. One person has one account."));
        return edit_show(rq, rs);
    }
    TRY(err);
    resp_flash(rs, "success", MSG("The corrections are saved."), STR(""));
    return resp_seeother(rs, "/users/{id}", f->id.v);
}

const struct route accounts_manage_routes[] = {
    { GET, "/users/new", new_show, ROLE_CUSTOMER_ADMIN, FORM(new_params, struct new_form) },
    { POST, "/users", new_post, ROLE_CUSTOMER_ADMIN, FORM(new_params, struct new_form) },
    { GET, "/users/{id}/edit", edit_show, ROLE_CUSTOMER_ADMIN | ROLE_SYSTEM_ADMIN,
      FORM(edit_params, struct edit_form) },
    { POST, "/users/{id}/edit", edit, ROLE_CUSTOMER_ADMIN | ROLE_SYSTEM_ADMIN,
      FORM(edit_params, struct edit_form) },
    { 0 },
};
