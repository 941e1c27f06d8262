/* customers_change_pages.c - terms of the contract, contact persons, one more administrator. */
#include "features/customers/customers_inside_pages.h"

#include "features/accounts/accounts.h"

static const struct choice langs[] = { { "ja", 0 }, { "en", 1 }, { NULL, 0 } };

static struct customers_word word_of(int authority, struct str note)
{
    return (struct customers_word){ (enum customers_authority)authority, note };
}

/* ------------------------------------------------------------------ terms */

struct edit_form {
    struct tenant_id id;
    struct str name, *services, note;
    size_t services_n;
    int hosting, authority;
    struct timestamp first_day, last_day;
    bool stop, resume;
};
static const struct param edit_params[] = {
    PARAM_ID(struct edit_form, id),
    PARAM_TEXT(struct edit_form, name, 1, 120),
    PARAM_TEXTS(struct edit_form, services, services_n, 1, 16, 8),
    PARAM_CHOICE_OPT(struct edit_form, hosting, customers_inside_pages_hosting_words, -1),
    PARAM_DATE_OPT(struct edit_form, first_day),
    PARAM_DATE_OPT(struct edit_form, last_day),
    PARAM_FLAG(struct edit_form, stop),
    PARAM_FLAG(struct edit_form, resume),
    PARAM_CHOICE_OPT(struct edit_form, authority, customers_inside_pages_authority_words,
                     CUSTOMERS_BY_CONTRACT),
    PARAM_TEXT(struct edit_form, note, 1, 500),
    PARAM_END,
};
struct edit_view {
    struct tenant_id id;
    struct str name, code, first_day, last_day, note;
    bool ended;
    struct page_choice *services, *hostings, *authorities;
    size_t services_n, hostings_n, authorities_n;
};
static const struct view_field edit_fields[] = {
    VIEW_FLAG(struct edit_view, ended),
    VIEW_ID(struct edit_view, id),
    VIEW_TEXT(struct edit_view, name),
    VIEW_TEXT(struct edit_view, code),
    VIEW_TEXT(struct edit_view, first_day),
    VIEW_TEXT(struct edit_view, last_day),
    VIEW_TEXT(struct edit_view, note),
    VIEW_LIST(struct edit_view, services, services_n, page_choice_fields),
    VIEW_LIST(struct edit_view, hostings, hostings_n, page_choice_fields),
    VIEW_LIST(struct edit_view, authorities, authorities_n, page_choice_fields),
    VIEW_END,
};
const struct view customers_edit_view = { "customers/edit.html", "Contract of {{name}}",
                                          edit_fields, 0 };

static enum err edit_show(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    bool typed = !str_absent(req_raw(rq, "name"));
    struct arena *a = req_arena(rq);
    struct edit_view v = { .id = f->id };
    struct customers_customer c;

    TRY(customers_get(req_tx(rq), f->id, &c));
    uint32_t bits =
        typed ? customers_inside_pages_bits(f->services, f->services_n) : c.terms.services;
    v.code = c.code;
    v.ended = !timestamp_is_none(c.ended_at);
    v.name = customers_inside_pages_raw(rq, "name", c.terms.name);
    v.first_day =
        customers_inside_pages_raw(rq, "first_day", customers_inside_pages_day(a, c.terms.start));
    v.last_day = customers_inside_pages_raw(
        rq, "last_day",
        customers_inside_pages_day(a, customers_inside_pages_last_day(c.terms.end)));
    v.note = customers_inside_pages_raw(rq, "note", STR(""));
    v.services = customers_inside_pages_list(a, customers_inside_pages_services, (int)bits, true,
                                             &v.services_n);
    v.hostings = customers_inside_pages_list(a, customers_inside_pages_hostings,
                                             f->hosting >= 0 ? f->hosting : (int)c.terms.hosting,
                                             false, &v.hostings_n);
    v.authorities = customers_inside_pages_list(a, customers_inside_pages_authorities, f->authority,
                                                false, &v.authorities_n);
    return resp_page(rs, &customers_edit_view, &v);
}

static enum err edit(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct customers_word word = word_of(f->authority, f->note);
    struct audit_by by = AUDIT_BY(rq);
    struct timestamp end = customers_inside_pages_end(f->last_day);
    uint64_t resumed;
    enum err err;

    if (!req_invalid(rq) && !timestamp_is_none(end) && !f->stop &&
        timestamp_cmp(end, req_now(rq)) <= 0)
        req_field_error(rq, "stop",
                        MSG("This day is over: every account of the customer stops within a "
                            "minute. Tick the box if that is meant."));
    if (req_invalid(rq))
        return edit_show(rq, rs);
    const struct customers_terms terms = {
        f->name, (enum customers_hosting)(f->hosting < 0 ? 0 : f->hosting), f->first_day, end,
        customers_inside_pages_bits(f->services, f->services_n)
    };
    err = customers_terms_set(req_tx(rq), &by, f->id, &terms, &word, req_now(rq), NULL);
    if (err != E_OK)
        return customers_inside_pages_explain(rq, rs, err) ? edit_show(rq, rs) : err;
    if (f->resume)
        TRY(accounts_tenant_resume(req_tx(rq), &by, f->id, req_now(rq), &resumed));
    resp_flash(rs, "success", MSG("The contract is changed."), STR(""));
    return resp_seeother(rs, "/tenants/{id}", f->id.v);
}

/* ------------------------------------------------------------------ contact persons */

struct contacts_form {
    struct tenant_id id;
    struct str contact_name, contact_phone, contact_email, note;
    int authority;
};
static const struct param contacts_params[] = {
    PARAM_ID(struct contacts_form, id),
    PARAM_TEXT(struct contacts_form, contact_name, 1, 120),
    PARAM_TEXT(struct contacts_form, contact_phone, 6, 30),
    PARAM_EMAIL(struct contacts_form, contact_email),
    PARAM_CHOICE_OPT(struct contacts_form, authority, customers_inside_pages_authority_words,
                     CUSTOMERS_BY_CONTRACT),
    PARAM_TEXT(struct contacts_form, note, 1, 500),
    PARAM_END,
};
struct contacts_row {
    struct contact_id id;
    struct str name, phone, email;
    struct timestamp added_at;
};
static const struct view_field contacts_row_fields[] = {
    VIEW_ID(struct contacts_row, id),         VIEW_TEXT(struct contacts_row, name),
    VIEW_TEXT(struct contacts_row, phone),    VIEW_TEXT(struct contacts_row, email),
    VIEW_DATE(struct contacts_row, added_at), VIEW_END,
};
struct contacts_view {
    struct tenant_id tenant;
    struct str customer, contact_name, contact_phone, contact_email, note;
    struct contacts_row *rows;
    size_t rows_n;
    struct page_choice *authorities;
    size_t authorities_n;
};
static const struct view_field contacts_fields[] = {
    VIEW_ID(struct contacts_view, tenant),
    VIEW_TEXT(struct contacts_view, customer),
    VIEW_TEXT(struct contacts_view, contact_name),
    VIEW_TEXT(struct contacts_view, contact_phone),
    VIEW_TEXT(struct contacts_view, contact_email),
    VIEW_TEXT(struct contacts_view, note),
    VIEW_LIST(struct contacts_view, rows, rows_n, contacts_row_fields),
    VIEW_INT(struct contacts_view, rows_n),
    VIEW_LIST(struct contacts_view, authorities, authorities_n, page_choice_fields),
    VIEW_END,
};
const struct view customers_contacts_view = { "customers/contacts.html",
                                              "Contact persons of {{customer}}", contacts_fields,
                                              0 };

static enum err contacts_show(struct req *rq, struct resp *rs)
{
    const struct contacts_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct contacts_view v = { .tenant = f->id };
    struct customers_contact *rows;
    struct customers_customer c;

    TRY(customers_get(req_tx(rq), f->id, &c));
    TRY(customers_contacts(req_tx(rq), f->id, &rows, &v.rows_n));
    v.customer = c.terms.name;
    v.contact_name = customers_inside_pages_raw(rq, "contact_name", STR(""));
    v.contact_phone = customers_inside_pages_raw(rq, "contact_phone", STR(""));
    v.contact_email = customers_inside_pages_raw(rq, "contact_email", STR(""));
    v.note = customers_inside_pages_raw(rq, "note", STR(""));
    v.rows = ARENA_ARRAY(a, v.rows_n, struct contacts_row);
    for (size_t i = 0; i < v.rows_n; i++)
        v.rows[i] = (struct contacts_row){ rows[i].id, rows[i].name, rows[i].phone, rows[i].email,
                                           rows[i].added_at };
    v.authorities = customers_inside_pages_list(a, customers_inside_pages_authorities, f->authority,
                                                false, &v.authorities_n);
    return resp_page(rs, &customers_contacts_view, &v);
}

static enum err contacts_add(struct req *rq, struct resp *rs)
{
    const struct contacts_form *f = req_form(rq);
    struct customers_word word = word_of(f->authority, f->note);
    struct audit_by by = AUDIT_BY(rq);
    enum err err;

    if (req_invalid(rq))
        return contacts_show(rq, rs);
    const struct customers_contact c = {
        .name = f->contact_name,
        .phone = customers_inside_pages_half(req_arena(rq), f->contact_phone),
        .email = f->contact_email,
    };
    err = customers_contact_add(req_tx(rq), &by, f->id, &c, &word, req_now(rq));
    if (err == E_CONFLICT) {
        fault_clear();
        resp_undo(rs);
        req_field_error(rq, "contact_email", MSG("This address is listed already."));
        return contacts_show(rq, rs);
    }
    if (err != E_OK)
        return customers_inside_pages_explain(rq, rs, err) ? contacts_show(rq, rs) : err;
    resp_flash(rs, "success", MSG("The contact person is added."), STR(""));
    return resp_seeother(rs, "/tenants/{id}/contacts", f->id.v);
}

/* ------------------------------------------------------------------ deleting */

struct drop_form {
    struct tenant_id id;
    struct contact_id contact;
    struct str note;
    int authority;
};
static const struct param drop_params[] = {
    PARAM_ID(struct drop_form, id),
    PARAM_ID(struct drop_form, contact),
    PARAM_CHOICE_OPT(struct drop_form, authority, customers_inside_pages_authority_words,
                     CUSTOMERS_BY_CONTRACT),
    PARAM_TEXT(struct drop_form, note, 1, 500),
    PARAM_END,
};

static enum err drop_show(struct req *rq, struct resp *rs)
{
    const struct drop_form *f = req_form(rq);
    struct customers_contact *rows;
    size_t n, i = 0;

    TRY(customers_contacts(req_tx(rq), f->id, &rows, &n));
    while (i < n && rows[i].id.v != f->contact.v)
        i++;
    if (i == n)
        return FAIL(E_ABSENT, "", "no such contact person");
    return customers_inside_pages_drop(
        rq, rs, f->id, rows[i].name, f->authority,
        MSG("The contact person's name, phone number and mail address are deleted. Nothing is "
            "kept of them but that there was one."),
        str_fmt(req_arena(rq), "/tenants/%llu/contacts", (unsigned long long)f->id.v),
        f->contact.v);
}

static enum err drop(struct req *rq, struct resp *rs)
{
    const struct drop_form *f = req_form(rq);
    struct customers_word word = word_of(f->authority, f->note);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return drop_show(rq, rs);
    TRY(customers_contact_drop(req_tx(rq), &by, f->id, f->contact, &word, req_now(rq)));
    resp_flash(rs, "success", MSG("The contact person is deleted."), STR(""));
    return resp_seeother(rs, "/tenants/{id}/contacts", f->id.v);
}

/* ------------------------------------------------------------------ one more administrator */

struct admin_form {
    struct tenant_id id;
    struct str admin_name, admin_login, admin_email, note;
    int admin_lang, authority;
};
static const struct param admin_params[] = {
    PARAM_ID(struct admin_form, id),
    PARAM_TEXT(struct admin_form, admin_name, 1, 120),
    PARAM_TEXT(struct admin_form, admin_login, 3, 64),
    PARAM_EMAIL(struct admin_form, admin_email),
    PARAM_CHOICE_OPT(struct admin_form, admin_lang, langs, 0),
    PARAM_CHOICE_OPT(struct admin_form, authority, customers_inside_pages_authority_words,
                     CUSTOMERS_BY_CONTRACT),
    PARAM_TEXT(struct admin_form, note, 1, 500),
    PARAM_END,
};
struct admin_view {
    struct tenant_id id;
    struct str customer, admin_name, admin_login, admin_email, note;
    bool english;
    struct page_choice *authorities;
    size_t authorities_n;
};
static const struct view_field admin_fields[] = {
    VIEW_ID(struct admin_view, id),
    VIEW_TEXT(struct admin_view, customer),
    VIEW_TEXT(struct admin_view, admin_name),
    VIEW_TEXT(struct admin_view, admin_login),
    VIEW_TEXT(struct admin_view, admin_email),
    VIEW_TEXT(struct admin_view, note),
    VIEW_FLAG(struct admin_view, english),
    VIEW_LIST(struct admin_view, authorities, authorities_n, page_choice_fields),
    VIEW_END,
};
const struct view customers_admin_view = { "customers/administrator.html",
                                           "Invite an administrator of {{customer}}", admin_fields,
                                           0 };

static enum err admin_show(struct req *rq, struct resp *rs)
{
    const struct admin_form *f = req_form(rq);
    struct admin_view v = { .id = f->id, .english = f->admin_lang == 1 };
    struct customers_customer c;

    TRY(customers_get(req_tx(rq), f->id, &c));
    v.customer = c.terms.name;
    v.admin_name = customers_inside_pages_raw(rq, "admin_name", STR(""));
    v.admin_login = customers_inside_pages_raw(rq, "admin_login", STR(""));
    v.admin_email = customers_inside_pages_raw(rq, "admin_email", STR(""));
    v.note = customers_inside_pages_raw(rq, "note", STR(""));
    v.authorities = customers_inside_pages_list(req_arena(rq), customers_inside_pages_authorities,
                                                f->authority, false, &v.authorities_n);
    return resp_page(rs, &customers_admin_view, &v);
}

static enum err admin_add(struct req *rq, struct resp *rs)
{
    const struct admin_form *f = req_form(rq);
    struct customers_word word = word_of(f->authority, f->note);
    struct audit_by by = AUDIT_BY(rq);
    struct account_id id;
    enum err err;

    if (req_invalid(rq))
        return admin_show(rq, rs);
    const struct customers_administrator who = { f->admin_login, f->admin_name, f->admin_email,
                                                 str_z(langs[f->admin_lang].word) };
    err = customers_administrator_add(req_tx(rq), &by, f->id, &who, &word, req_now(rq), &id);
    if (err != E_OK)
        return customers_inside_pages_explain(rq, rs, err) ? admin_show(rq, rs) : err;
    resp_flash(rs, "success",
               MSG("The invitation is on its way. The link in it is good for 7 days."), STR(""));
    return resp_seeother(rs, "/tenants/{id}", f->id.v);
}

const struct route customers_change_routes[] = {
    { GET, "/tenants/{id}/edit", edit_show, CUSTOMERS_STAFF, FORM(edit_params, struct edit_form),
      ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { POST, "/tenants/{id}/edit", edit, CUSTOMERS_STAFF, FORM(edit_params, struct edit_form),
      ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { GET, "/tenants/{id}/contacts", contacts_show, CUSTOMERS_STAFF,
      FORM(contacts_params, struct contacts_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { POST, "/tenants/{id}/contacts", contacts_add, CUSTOMERS_STAFF,
      FORM(contacts_params, struct contacts_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { GET, "/tenants/{id}/contacts/{contact}/delete", drop_show, CUSTOMERS_STAFF,
      FORM(drop_params, struct drop_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { POST, "/tenants/{id}/contacts/{contact}/delete", drop, CUSTOMERS_STAFF,
      FORM(drop_params, struct drop_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { GET, "/tenants/{id}/administrator", admin_show, CUSTOMERS_STAFF,
      FORM(admin_params, struct admin_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { POST, "/tenants/{id}/administrator", admin_add, CUSTOMERS_STAFF,
      FORM(admin_params, struct admin_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { 0 },
};
