/* customers_new_pages.c - a new customer: form, confirm, done with a receipt number. */
#include "features/customers/customers_inside_pages.h"

#define STEPS 3

enum step { STEP_EDIT, STEP_CONFIRM, STEP_CREATE };
static const struct choice steps[] = {
    { "edit", STEP_EDIT }, { "confirm", STEP_CONFIRM }, { "create", STEP_CREATE }, { NULL, 0 }
};
static const struct choice langs[] = { { "ja", 0 }, { "en", 1 }, { NULL, 0 } };

struct new_form {
    struct str name, code, *services;
    size_t services_n;
    int hosting, admin_lang, authority, step;
    struct timestamp first_day, last_day;
    struct str contact_name, contact_phone, contact_email;
    struct str admin_name, admin_login, admin_email;
    struct str note;
};
static const struct param new_params[] = {
    PARAM_TEXT(struct new_form, name, 1, 120),
    PARAM_TEXT(struct new_form, code, 2, 40),
    PARAM_TEXTS(struct new_form, services, services_n, 1, 16, 8),
    PARAM_CHOICE_OPT(struct new_form, hosting, customers_inside_pages_hosting_words,
                     CUSTOMERS_PROVIDER),
    PARAM_DATE(struct new_form, first_day),
    PARAM_DATE_OPT(struct new_form, last_day),
    PARAM_TEXT(struct new_form, contact_name, 1, 120),
    PARAM_TEXT(struct new_form, contact_phone, 6, 30),
    PARAM_EMAIL(struct new_form, contact_email),
    PARAM_TEXT(struct new_form, admin_name, 1, 120),
    PARAM_TEXT(struct new_form, admin_login, 3, 64),
    PARAM_EMAIL(struct new_form, admin_email),
    PARAM_CHOICE_OPT(struct new_form, admin_lang, langs, 0),
    PARAM_CHOICE_OPT(struct new_form, authority, customers_inside_pages_authority_words,
                     CUSTOMERS_BY_CONTRACT),
    PARAM_TEXT(struct new_form, note, 1, 500),
    PARAM_CHOICE_OPT(struct new_form, step, steps, STEP_CONFIRM),
    PARAM_END,
};

/* Form and confirmation show the same values. */
struct new_view {
    struct str name, code, first_day, last_day;
    struct str contact_name, contact_phone, contact_email;
    struct str admin_name, admin_login, admin_email, note, services_text;
    struct timestamp from, until;
    struct msg hosting_word, authority_word;
    bool english;
    struct page_choice *services, *hostings, *authorities;
    size_t services_n, hostings_n, authorities_n;
    struct page_step *steps;
    size_t steps_n;
};
static const struct view_field new_fields[] = {
    VIEW_TEXT(struct new_view, name),
    VIEW_TEXT(struct new_view, code),
    VIEW_TEXT(struct new_view, first_day),
    VIEW_TEXT(struct new_view, last_day),
    VIEW_TEXT(struct new_view, contact_name),
    VIEW_TEXT(struct new_view, contact_phone),
    VIEW_TEXT(struct new_view, contact_email),
    VIEW_TEXT(struct new_view, admin_name),
    VIEW_TEXT(struct new_view, admin_login),
    VIEW_TEXT(struct new_view, admin_email),
    VIEW_TEXT(struct new_view, note),
    VIEW_TEXT(struct new_view, services_text),
    VIEW_DATE(struct new_view, from),
    VIEW_DATE(struct new_view, until),
    VIEW_MSG(struct new_view, hosting_word),
    VIEW_MSG(struct new_view, authority_word),
    VIEW_FLAG(struct new_view, english),
    VIEW_LIST(struct new_view, services, services_n, page_choice_fields),
    VIEW_LIST(struct new_view, hostings, hostings_n, page_choice_fields),
    VIEW_LIST(struct new_view, authorities, authorities_n, page_choice_fields),
    VIEW_LIST(struct new_view, steps, steps_n, page_step_fields),
    VIEW_END,
};
const struct view customers_new_view = { "customers/new.html", "Register a customer", new_fields,
                                         0 };
const struct view customers_confirm_view = { "customers/confirm.html", "Register {{name}}",
                                             new_fields, 0 };

static const struct msg step_words[STEPS] = { MSG_INIT("Input"), MSG_INIT("Confirmation"),
                                              MSG_INIT("Done") };

static struct str raw(struct req *rq, const char *field)
{
    return customers_inside_pages_raw(rq, field, STR(""));
}

static void fill_texts(struct req *rq, struct new_view *v)
{
    v->name = raw(rq, "name");
    v->code = raw(rq, "code");
    v->first_day = customers_inside_pages_raw(
        rq, "first_day", customers_inside_pages_day(req_arena(rq), req_now(rq)));
    v->last_day = raw(rq, "last_day");
    v->contact_name = raw(rq, "contact_name");
    v->contact_phone = raw(rq, "contact_phone");
    v->contact_email = raw(rq, "contact_email");
    v->admin_name = raw(rq, "admin_name");
    v->admin_login = raw(rq, "admin_login");
    v->admin_email = raw(rq, "admin_email");
    v->note = raw(rq, "note");
}

static enum err show(struct req *rq, struct resp *rs, const struct new_form *f, size_t step)
{
    uint32_t bits = customers_inside_pages_bits(f->services, f->services_n);
    struct arena *a = req_arena(rq);
    struct new_view v = { .english = f->admin_lang == 1, .steps_n = STEPS };

    fill_texts(rq, &v);
    if (step == 1) { /* as it will be kept */
        v.code = str_lower(a, customers_inside_pages_half(a, v.code));
        v.contact_phone = customers_inside_pages_half(a, v.contact_phone);
    }
    v.from = f->first_day;
    v.until = f->last_day;
    v.services_text = customers_inside_pages_services_text(rq, bits);
    v.hosting_word = customers_inside_pages_label(customers_inside_pages_hostings, f->hosting);
    v.authority_word =
        customers_inside_pages_label(customers_inside_pages_authorities, f->authority);
    v.services = customers_inside_pages_list(a, customers_inside_pages_services, (int)bits, true,
                                             &v.services_n);
    v.hostings = customers_inside_pages_list(a, customers_inside_pages_hostings, f->hosting, false,
                                             &v.hostings_n);
    v.authorities = customers_inside_pages_list(a, customers_inside_pages_authorities, f->authority,
                                                false, &v.authorities_n);
    v.steps = page_steps(a, step_words, STEPS, step);
    return resp_page(rs, step == 1 ? &customers_confirm_view : &customers_new_view, &v);
}

static enum err new_show(struct req *rq, struct resp *rs)
{
    return show(rq, rs, req_form(rq), 0);
}

static struct customers_new order_of(struct req *rq, const struct new_form *f,
                                     struct customers_contact *contact)
{
    struct arena *a = req_arena(rq);

    *contact = (struct customers_contact){
        .name = f->contact_name,
        .phone = customers_inside_pages_half(a, f->contact_phone),
        .email = f->contact_email,
    };
    return (struct customers_new){
        .code = str_lower(a, customers_inside_pages_half(a, f->code)),
        .terms = { f->name, (enum customers_hosting)f->hosting, f->first_day,
                   customers_inside_pages_end(f->last_day),
                   customers_inside_pages_bits(f->services, f->services_n) },
        .contacts = contact,
        .contacts_n = 1,
        .administrator = { f->admin_login, f->admin_name, f->admin_email,
                           str_z(langs[f->admin_lang].word) },
        .word = { (enum customers_authority)f->authority, f->note },
    };
}

static enum err new_post(struct req *rq, struct resp *rs)
{
    const struct new_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct customers_contact contact;
    struct customers_new n;
    struct customers_made made;
    enum err err;

    if (req_invalid(rq))
        return show(rq, rs, f, 0);
    n = order_of(rq, f, &contact);
    err = f->step == STEP_CREATE ? customers_create(req_tx(rq), &by, &n, req_now(rq), &made)
                                 : customers_judge(&n);
    if (err != E_OK)
        return customers_inside_pages_explain(rq, rs, err) ? show(rq, rs, f, 0) : err;
    if (f->step != STEP_CREATE)
        return show(rq, rs, f, f->step == STEP_CONFIRM ? 1 : 0);
    return resp_seeother_path(rs, str_fmt(req_arena(rq), "/tenants/%llu/done?receipt=%s",
                                          (unsigned long long)made.tenant.v, made.receipt.p));
}

/* --- done --- */

struct done_form {
    struct tenant_id id;
    struct str receipt;
};
static const struct param done_params[] = {
    PARAM_ID(struct done_form, id),
    PARAM_TOKEN(struct done_form, receipt, 1, 16),
    PARAM_END,
};
struct done_view {
    struct tenant_id id;
    struct str name, receipt;
    struct page_step *steps;
    size_t steps_n;
};
static const struct view_field done_fields[] = {
    VIEW_ID(struct done_view, id),
    VIEW_TEXT(struct done_view, name),
    VIEW_TEXT(struct done_view, receipt),
    VIEW_LIST(struct done_view, steps, steps_n, page_step_fields),
    VIEW_END,
};
const struct view customers_done_view = { "customers/done.html", "The customer is registered",
                                          done_fields, 0 };

static enum err done(struct req *rq, struct resp *rs)
{
    const struct done_form *f = req_form(rq);
    struct done_view v = { .id = f->id, .receipt = f->receipt, .steps_n = STEPS };
    struct customers_customer c;
    struct str kind;

    if (req_invalid(rq) || str_absent(f->receipt))
        return FAIL(E_ABSENT, "", "no receipt number");
    TRY(customers_inside_act(req_tx(rq), f->id, f->receipt, &kind));
    TRY(customers_get(req_tx(rq), f->id, &c));
    v.name = c.terms.name;
    v.steps = page_steps(req_arena(rq), step_words, STEPS, STEPS);
    return resp_page(rs, &customers_done_view, &v);
}

const struct route customers_new_routes[] = {
    { GET, "/tenants/new", new_show, CUSTOMERS_STAFF, FORM(new_params, struct new_form),
      ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { POST, "/tenants", new_post, CUSTOMERS_STAFF, FORM(new_params, struct new_form),
      ROUTE_SECOND_FACTOR, 0, NULL, NULL },
    { GET, "/tenants/{id}/done", done, CUSTOMERS_STAFF, FORM(done_params, struct done_form), 0, 0,
      NULL, NULL },
    { 0 },
};
