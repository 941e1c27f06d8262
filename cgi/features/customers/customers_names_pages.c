/* customers_names_pages.c - names that a customer may have certified; and the page that asks once
 * more before something of a customer's is deleted. */
#include "features/customers/customers_inside_pages.h"

/* ------------------------------------------------------------------ once more */

struct drop_view {
    struct str customer, object, note, path;
    uint64_t item;
    struct msg consequence;
    struct page_choice *authorities;
    size_t authorities_n;
};
static const struct view_field drop_fields[] = {
    VIEW_TEXT(struct drop_view, customer),
    VIEW_TEXT(struct drop_view, object),
    VIEW_TEXT(struct drop_view, note),
    VIEW_URL(struct drop_view, path),
    VIEW_INT(struct drop_view, item),
    VIEW_MSG(struct drop_view, consequence),
    VIEW_LIST(struct drop_view, authorities, authorities_n, page_choice_fields),
    VIEW_END,
};
const struct view customers_drop_view = { "customers/drop.html", "Delete {{object}}", drop_fields,
                                          0 };

enum err customers_inside_pages_drop(struct req *rq, struct resp *rs, struct tenant_id id,
                                     struct str object, int authority, struct msg consequence,
                                     struct str path, uint64_t item)
{
    struct drop_view v = {
        .object = object, .path = path, .item = item, .consequence = consequence
    };
    struct customers_customer c;

    TRY(customers_get(req_tx(rq), id, &c));
    v.customer = c.terms.name;
    v.note = customers_inside_pages_raw(rq, "note", STR(""));
    v.authorities = customers_inside_pages_list(req_arena(rq), customers_inside_pages_authorities,
                                                authority, false, &v.authorities_n);
    return resp_page(rs, &customers_drop_view, &v);
}

/* ------------------------------------------------------------------ names */

struct names_form {
    struct tenant_id id;
    struct str value, evidence, note;
    int kind, authority;
};
static const struct param names_params[] = {
    PARAM_ID(struct names_form, id),
    PARAM_CHOICE_OPT(struct names_form, kind, customers_inside_pages_kind_words, CUSTOMERS_MAIL),
    PARAM_TEXT(struct names_form, value, 1, 253),
    PARAM_TEXT(struct names_form, evidence, 1, 500),
    PARAM_CHOICE_OPT(struct names_form, authority, customers_inside_pages_authority_words,
                     CUSTOMERS_BY_CONTRACT),
    PARAM_TEXT(struct names_form, note, 1, 500),
    PARAM_END,
};
struct names_row {
    struct namespace_id id;
    struct msg kind;
    struct str value, evidence, added_by;
    struct timestamp added_at;
};
static const struct view_field names_row_fields[] = {
    VIEW_ID(struct names_row, id),
    VIEW_MSG(struct names_row, kind),
    VIEW_TEXT(struct names_row, value),
    VIEW_TEXT(struct names_row, evidence),
    VIEW_TEXT(struct names_row, added_by),
    VIEW_DATE(struct names_row, added_at),
    VIEW_END,
};
struct names_view {
    struct tenant_id tenant;
    struct str customer, value, evidence, note;
    struct names_row *rows;
    size_t rows_n;
    struct page_choice *kinds, *authorities;
    size_t kinds_n, authorities_n;
};
static const struct view_field names_fields[] = {
    VIEW_ID(struct names_view, tenant),
    VIEW_TEXT(struct names_view, customer),
    VIEW_TEXT(struct names_view, value),
    VIEW_TEXT(struct names_view, evidence),
    VIEW_TEXT(struct names_view, note),
    VIEW_LIST(struct names_view, rows, rows_n, names_row_fields),
    VIEW_INT(struct names_view, rows_n),
    VIEW_LIST(struct names_view, kinds, kinds_n, page_choice_fields),
    VIEW_LIST(struct names_view, authorities, authorities_n, page_choice_fields),
    VIEW_END,
};
const struct view customers_names_view = { "customers/names.html", "Names of {{customer}}",
                                           names_fields, VIEW_WIDE };

static void fill_rows(struct arena *a, const struct customers_name *names, struct names_view *v)
{
    v->rows = ARENA_ARRAY(a, v->rows_n, struct names_row);
    for (size_t i = 0; i < v->rows_n; i++)
        v->rows[i] = (struct names_row){
            names[i].id,
            customers_inside_pages_label(customers_inside_pages_kinds, (int)names[i].kind),
            names[i].value,
            names[i].evidence,
            names[i].added_by,
            names[i].added_at
        };
}

static enum err names_show(struct req *rq, struct resp *rs)
{
    const struct names_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct names_view v = { .tenant = f->id };
    struct customers_name *names;
    struct customers_customer c;

    TRY(customers_get(req_tx(rq), f->id, &c));
    TRY(customers_inside_names(req_tx(rq), f->id, &names, &v.rows_n));
    v.customer = c.terms.name;
    v.value = customers_inside_pages_raw(rq, "value", STR(""));
    v.evidence = customers_inside_pages_raw(rq, "evidence", STR(""));
    v.note = customers_inside_pages_raw(rq, "note", STR(""));
    fill_rows(a, names, &v);
    v.kinds =
        customers_inside_pages_list(a, customers_inside_pages_kinds, f->kind, false, &v.kinds_n);
    v.authorities = customers_inside_pages_list(a, customers_inside_pages_authorities, f->authority,
                                                false, &v.authorities_n);
    return resp_page(rs, &customers_names_view, &v);
}

static enum err names_add(struct req *rq, struct resp *rs)
{
    const struct names_form *f = req_form(rq);
    struct customers_word word = { (enum customers_authority)f->authority, f->note };
    enum customers_name_kind kind = (enum customers_name_kind)f->kind;
    struct audit_by by = AUDIT_BY(rq);
    struct str value;
    enum err err;

    if (req_invalid(rq))
        return names_show(rq, rs);
    value = kind == CUSTOMERS_ORG ? f->value : customers_inside_pages_half(req_arena(rq), f->value);
    err = customers_inside_name_add(req_tx(rq), &by, f->id, kind, value, f->evidence, &word,
                                    req_now(rq));
    if (err == E_CONFLICT) {
        fault_clear();
        resp_undo(rs);
        req_field_error(rq, "value", MSG("This name is listed already."));
        return names_show(rq, rs);
    }
    if (err != E_OK)
        return customers_inside_pages_explain(rq, rs, err) ? names_show(rq, rs) : err;
    resp_flash(rs, "success", MSG("The name is added."), STR(""));
    return resp_seeother(rs, "/tenants/{id}/names", f->id.v);
}

struct name_drop_form {
    struct tenant_id id;
    struct namespace_id name;
    struct str note;
    int authority;
};
static const struct param name_drop_params[] = {
    PARAM_ID(struct name_drop_form, id),
    PARAM_ID(struct name_drop_form, name),
    PARAM_CHOICE_OPT(struct name_drop_form, authority, customers_inside_pages_authority_words,
                     CUSTOMERS_BY_CONTRACT),
    PARAM_TEXT(struct name_drop_form, note, 1, 500),
    PARAM_END,
};

static enum err name_drop_show(struct req *rq, struct resp *rs)
{
    const struct name_drop_form *f = req_form(rq);
    struct customers_name *rows;
    size_t n, i = 0;

    TRY(customers_inside_names(req_tx(rq), f->id, &rows, &n));
    while (i < n && rows[i].id.v != f->name.v)
        i++;
    if (i == n)
        return FAIL(E_ABSENT, "", "no such name");
    return customers_inside_pages_drop(
        rq, rs, f->id, rows[i].value, f->authority,
        MSG("From now on no certificate with this name is issued for the customer. Certificates "
            "that were issued stay valid: revoke them where they must not."),
        str_fmt(req_arena(rq), "/tenants/%llu/names", (unsigned long long)f->id.v), f->name.v);
}

static enum err name_drop(struct req *rq, struct resp *rs)
{
    const struct name_drop_form *f = req_form(rq);
    struct customers_word word = { (enum customers_authority)f->authority, f->note };
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return name_drop_show(rq, rs);
    TRY(customers_inside_name_drop(req_tx(rq), &by, f->id, f->name, &word, req_now(rq)));
    resp_flash(rs, "success", MSG("The name is taken away."), STR(""));
    return resp_seeother(rs, "/tenants/{id}/names", f->id.v);
}

const struct route customers_names_routes[] = {
    { GET, "/tenants/{id}/names", names_show, CUSTOMERS_STAFF,
      FORM(names_params, struct names_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { POST, "/tenants/{id}/names", names_add, CUSTOMERS_STAFF,
      FORM(names_params, struct names_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { GET, "/tenants/{id}/names/{name}/delete", name_drop_show, CUSTOMERS_STAFF,
      FORM(name_drop_params, struct name_drop_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { POST, "/tenants/{id}/names/{name}/delete", name_drop, CUSTOMERS_STAFF,
      FORM(name_drop_params, struct name_drop_form), ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { 0 },
};
