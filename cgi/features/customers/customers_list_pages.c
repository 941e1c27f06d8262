/* customers_list_pages.c - the list of customers, one customer, and the customer's own contract. */
#include "features/customers/customers_inside_pages.h"

#include "base/encoding.h"

#define PER_PAGE 50
#define ACTS_SHOWN 50

/* ------------------------------------------------------------------ list */

static const struct choice states[] = {
    { "force", 1 }, { "soon", 2 }, { "later", 3 }, { "ended", 4 }, { NULL, 0 },
};
static const struct msg state_words[] = { MSG_INIT("In force"), MSG_INIT("Ends within 90 days"),
                                          MSG_INIT("Begins later"), MSG_INIT("Ended") };
static const struct choice sorts[] = {
    { "name", 0 }, { "-name", 1 }, { "code", 2 }, { "-code", 3 },
    { "end", 4 },  { "-end", 5 },  { NULL, 0 },
};
static const struct choice service_choices[] = {
    { "mpki", CUSTOMERS_MPKI },
    { "rs", CUSTOMERS_RS },
    { "idv", CUSTOMERS_IDV },
    { "esign-cert", CUSTOMERS_ESIGN_CERT },
    { "jprs-tls", CUSTOMERS_JPRS_TLS },
    { "jcert", CUSTOMERS_JCERT },
    { NULL, 0 },
};

struct list_form {
    struct str q;
    int state, service, sort;
    int64_t page;
};
static const struct param list_params[] = {
    PARAM_TEXT_OPT(struct list_form, q, 100),
    PARAM_CHOICE_OPT(struct list_form, state, states, 0),
    PARAM_CHOICE_OPT(struct list_form, service, service_choices, 0),
    PARAM_CHOICE_OPT(struct list_form, sort, sorts, 0),
    PARAM_INT_OPT(struct list_form, page, 1, 100000, 1),
    PARAM_END,
};

struct list_row {
    struct tenant_id id;
    struct str code, name;
    struct page_badge state;
    struct timestamp start, last_day;
    uint64_t people, locked;
};
static const struct view_field list_row_fields[] = {
    VIEW_ID(struct list_row, id),
    VIEW_TEXT(struct list_row, code),
    VIEW_TEXT(struct list_row, name),
    VIEW_STRUCT(struct list_row, state, page_badge_fields),
    VIEW_DATE(struct list_row, start),
    VIEW_DATE(struct list_row, last_day),
    VIEW_COUNT(struct list_row, people),
    VIEW_COUNT(struct list_row, locked),
    VIEW_END,
};
struct list_view {
    struct str q;
    bool filtered, may_people;
    struct page_choice *states, *services;
    size_t states_n, services_n;
    struct page_sort by_name, by_code, by_end;
    struct list_row *rows;
    size_t rows_n;
    uint64_t total;
    struct page_pager pager;
};
static const struct view_field list_fields[] = {
    VIEW_TEXT(struct list_view, q),
    VIEW_FLAG(struct list_view, filtered),
    VIEW_FLAG(struct list_view, may_people),
    VIEW_LIST(struct list_view, states, states_n, page_choice_fields),
    VIEW_LIST(struct list_view, services, services_n, page_choice_fields),
    VIEW_STRUCT(struct list_view, by_name, page_sort_fields),
    VIEW_STRUCT(struct list_view, by_code, page_sort_fields),
    VIEW_STRUCT(struct list_view, by_end, page_sort_fields),
    VIEW_LIST(struct list_view, rows, rows_n, list_row_fields),
    VIEW_COUNT(struct list_view, total),
    VIEW_STRUCT(struct list_view, pager, page_pager_fields),
    VIEW_END,
};
const struct view customers_list_view = { "customers/list.html", "Customers", list_fields,
                                          VIEW_WIDE };

static bool may_people(struct req *rq)
{
    return (req_who(rq)->roles & ROLE_SYSTEM_ADMIN) != 0; /* /users is theirs */
}

/* The filter as it stands in the URL. */
static struct str query_of(struct arena *a, const struct list_form *f, bool with_sort)
{
    struct str q = STR("");

    if (!str_empty(f->q))
        q = str_fmt(a, "q=%s", percent_encode(a, f->q).p);
    if (f->state)
        q = str_fmt(a, "%s%sstate=%s", q.p, q.n ? "&" : "", states[f->state - 1].word);
    if (f->service)
        q = str_fmt(a, "%s%sservice=%s", q.p, q.n ? "&" : "",
                    customers_service_name((uint32_t)f->service));
    if (with_sort && f->sort)
        q = str_fmt(a, "%s%ssort=%s", q.p, q.n ? "&" : "", sorts[f->sort].word);
    return q;
}

static void fill_filter(struct arena *a, const struct list_form *f, struct list_view *v)
{
    struct str path = STR("/tenants"), query = query_of(a, f, false);
    struct str sort = str_z(sorts[f->sort].word);

    v->q = f->q.p ? f->q : STR("");
    v->filtered = !str_empty(f->q) || f->state || f->service;
    v->states_n = sizeof state_words / sizeof *state_words;
    v->states = ARENA_ARRAY(a, v->states_n, struct page_choice);
    for (size_t i = 0; i < v->states_n; i++)
        v->states[i] = (struct page_choice){ str_z(states[i].word), state_words[i], STR(""),
                                             states[i].value == f->state };
    v->services = customers_inside_pages_list(a, customers_inside_pages_services, f->service, true,
                                              &v->services_n);
    v->by_name = page_sort_make(a, path, query, sort, "name");
    v->by_code = page_sort_make(a, path, query, sort, "code");
    v->by_end = page_sort_make(a, path, query, sort, "end");
    v->pager =
        page_pager_make(a, path, query_of(a, f, true), (uint64_t)f->page, PER_PAGE, v->total);
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    struct list_view v = { .may_people = may_people(rq) };
    struct customers_filter filter = { .now = req_now(rq) };
    struct customers_row *rows;

    if (req_invalid(rq))
        return FAIL(E_INPUT, "", "bad filter");
    filter.q = f->q.p ? f->q : STR("");
    filter.service = (uint32_t)f->service;
    filter.state = f->state ? str_z(states[f->state - 1].word) : STR("");
    filter.sort = str_z(sorts[f->sort].word);
    TRY(customers_inside_list(req_tx(rq), &filter, (uint32_t)f->page, PER_PAGE, &rows, &v.rows_n,
                              &v.total));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_n, struct list_row);
    for (size_t i = 0; i < v.rows_n; i++)
        v.rows[i] = (struct list_row){
            .id = rows[i].id,
            .code = rows[i].code,
            .name = rows[i].name,
            .state = customers_inside_pages_state(rows[i].start, rows[i].end, req_now(rq)),
            .start = rows[i].start,
            .last_day = customers_inside_pages_last_day(rows[i].end),
            .people = rows[i].people,
            .locked = rows[i].locked,
        };
    fill_filter(req_arena(rq), f, &v);
    return resp_page(rs, &customers_list_view, &v);
}

/* ------------------------------------------------------------------ one customer */

struct contact_row {
    struct str name, phone, email;
};
static const struct view_field contact_row_fields[] = {
    VIEW_TEXT(struct contact_row, name),
    VIEW_TEXT(struct contact_row, phone),
    VIEW_TEXT(struct contact_row, email),
    VIEW_END,
};
struct name_row {
    struct msg kind;
    struct str value;
};
static const struct view_field name_row_fields[] = {
    VIEW_MSG(struct name_row, kind),
    VIEW_TEXT(struct name_row, value),
    VIEW_END,
};
struct detail_view {
    struct tenant_id id;
    struct str code, name, services;
    struct msg hosting;
    struct page_badge state;
    struct timestamp start, last_day, created_at;
    bool staff, may_people;
    struct contact_row *contacts;
    size_t contacts_n;
    struct name_row *names;
    size_t names_n;
    struct page_event *timeline;
    size_t timeline_n;
};
static const struct view_field detail_fields[] = {
    VIEW_ID(struct detail_view, id),
    VIEW_TEXT(struct detail_view, code),
    VIEW_TEXT(struct detail_view, name),
    VIEW_TEXT(struct detail_view, services),
    VIEW_MSG(struct detail_view, hosting),
    VIEW_STRUCT(struct detail_view, state, page_badge_fields),
    VIEW_DATE(struct detail_view, start),
    VIEW_DATE(struct detail_view, last_day),
    VIEW_DATE(struct detail_view, created_at),
    VIEW_FLAG(struct detail_view, staff),
    VIEW_FLAG(struct detail_view, may_people),
    VIEW_LIST(struct detail_view, contacts, contacts_n, contact_row_fields),
    VIEW_INT(struct detail_view, contacts_n),
    VIEW_LIST(struct detail_view, names, names_n, name_row_fields),
    VIEW_INT(struct detail_view, names_n),
    VIEW_LIST(struct detail_view, timeline, timeline_n, page_event_fields),
    VIEW_END,
};
const struct view customers_detail_view = { "customers/detail.html", "{{name}}", detail_fields, 0 };

static struct msg act_word(struct str kind)
{
    static const struct {
        const char *kind;
        struct msg word;
    } words[] = {
        { "create", MSG_INIT("Customer registered") },
        { "contract", MSG_INIT("Contract or services changed") },
        { "contact-add", MSG_INIT("Contact person added") },
        { "contact-drop", MSG_INIT("Contact person deleted") },
        { "name-add", MSG_INIT("Name added") },
        { "name-drop", MSG_INIT("Name taken away") },
        { "administrator", MSG_INIT("Administrator invited") },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq_z(kind, words[i].kind))
            return words[i].word;
    return MSG("Changed");
}

static enum err fill_acts(struct req *rq, struct detail_view *v)
{
    struct arena *a = req_arena(rq);
    struct customers_act *acts;

    TRY(customers_inside_acts(req_tx(rq), v->id, ACTS_SHOWN, &acts, &v->timeline_n));
    v->timeline = ARENA_ARRAY(a, v->timeline_n, struct page_event);
    for (size_t i = 0; i < v->timeline_n; i++) {
        struct str how = message_text(
            req_lang(rq),
            customers_inside_pages_label(customers_inside_pages_authorities, (int)acts[i].how));
        v->timeline[i] = (struct page_event){
            .at = acts[i].at,
            .what = act_word(acts[i].kind),
            .who = acts[i].actor,
            .note = str_fmt(a, "%s%s%s · %s: %s", acts[i].receipt.p, acts[i].object.n ? " · " : "",
                            acts[i].object.p, how.p, acts[i].note.p),
        };
    }
    return E_OK;
}

static enum err fill_lists(struct req *rq, struct detail_view *v)
{
    struct arena *a = req_arena(rq);
    struct customers_contact *contacts;
    struct customers_name *names;

    TRY(customers_contacts(req_tx(rq), v->id, &contacts, &v->contacts_n));
    v->contacts = ARENA_ARRAY(a, v->contacts_n, struct contact_row);
    for (size_t i = 0; i < v->contacts_n; i++)
        v->contacts[i] =
            (struct contact_row){ contacts[i].name, contacts[i].phone, contacts[i].email };
    TRY(customers_inside_names(req_tx(rq), v->id, &names, &v->names_n));
    v->names = ARENA_ARRAY(a, v->names_n, struct name_row);
    for (size_t i = 0; i < v->names_n; i++)
        v->names[i] = (struct name_row){ customers_inside_pages_label(customers_inside_pages_kinds,
                                                                      (int)names[i].kind),
                                         names[i].value };
    return E_OK;
}

static enum err show(struct req *rq, struct resp *rs, struct tenant_id id, bool staff)
{
    struct detail_view v = { .id = id, .staff = staff, .may_people = may_people(rq) };
    struct customers_customer c;

    TRY(customers_get(req_tx(rq), id, &c));
    v.code = c.code;
    v.name = c.terms.name;
    v.services = customers_inside_pages_services_text(rq, c.terms.services);
    v.hosting = customers_inside_pages_label(customers_inside_pages_hostings, (int)c.terms.hosting);
    v.state = customers_inside_pages_state(c.terms.start, c.terms.end, req_now(rq));
    v.start = c.terms.start;
    v.last_day = customers_inside_pages_last_day(c.terms.end);
    v.created_at = c.created_at;
    TRY(fill_lists(rq, &v));
    if (staff)
        TRY(fill_acts(rq, &v));
    return resp_page(rs, &customers_detail_view, &v);
}

struct detail_form {
    struct tenant_id id;
};
static const struct param detail_params[] = { PARAM_ID(struct detail_form, id), PARAM_END };

static enum err detail(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    return show(rq, rs, f->id, true);
}

/* What the customer sees of it: hosting (P2-03), services, persons, names. */
static enum err contract(struct req *rq, struct resp *rs)
{
    return show(rq, rs, req_tenant(rq), false);
}

const struct route customers_list_routes[] = {
    { GET, "/tenants", list, CUSTOMERS_STAFF, FORM(list_params, struct list_form), 0, 0, NULL,
      NULL },
    { GET, "/tenants/{id}", detail, CUSTOMERS_STAFF, FORM(detail_params, struct detail_form), 0, 0,
      NULL, NULL },
    { GET, "/contract", contract, ROLE_CUSTOMER_ADMIN, NULL, 0, 0, NULL, NULL },
    { 0 },
};
