/* inventory_pages.c - the list of certificates: filter in the URL, search, order, paging. */
#include "features/inventory/inventory_pages.h"

#include "features/inventory/inventory_inside_pages.h"
#include "features/profiles/profiles.h"

#define PER_PAGE 50
#define SERIAL_SHOWN 16 /* digits: the whole number is on the certificate's own page */

struct row {
    struct certificate_id id;
    struct str name, email, serial, profile, account, requester;
    struct timestamp not_after;
    struct page_badge state;
};
static const struct view_field row_fields[] = {
    VIEW_ID(struct row, id),
    VIEW_TEXT(struct row, name),
    VIEW_TEXT(struct row, email),
    VIEW_CODE(struct row, serial),
    VIEW_TEXT(struct row, profile),
    VIEW_TEXT(struct row, account),
    VIEW_TEXT(struct row, requester),
    VIEW_DATE(struct row, not_after),
    VIEW_STRUCT(struct row, state, page_badge_fields),
    VIEW_END,
};

struct list_view {
    struct str name, mail, serial, by, from, to, csv;
    struct tenant_id tenant;
    bool filtered, searched, more, admin, may_apply;
    struct page_choice *states, *profiles;
    size_t states_n, profiles_n;
    struct page_sort by_name, by_end;
    struct row *rows;
    size_t rows_n;
    uint64_t total;
    struct page_pager pager;
};
static const struct view_field list_fields[] = {
    VIEW_TEXT(struct list_view, name),
    VIEW_TEXT(struct list_view, mail),
    VIEW_TEXT(struct list_view, serial),
    VIEW_TEXT(struct list_view, by),
    VIEW_TEXT(struct list_view, from),
    VIEW_TEXT(struct list_view, to),
    VIEW_URL(struct list_view, csv),
    VIEW_ID(struct list_view, tenant),
    VIEW_FLAG(struct list_view, filtered),
    VIEW_FLAG(struct list_view, searched),
    VIEW_FLAG(struct list_view, more),
    VIEW_FLAG(struct list_view, admin),
    VIEW_FLAG(struct list_view, may_apply),
    VIEW_LIST(struct list_view, states, states_n, page_choice_fields),
    VIEW_LIST(struct list_view, profiles, profiles_n, page_choice_fields),
    VIEW_STRUCT(struct list_view, by_name, page_sort_fields),
    VIEW_STRUCT(struct list_view, by_end, page_sort_fields),
    VIEW_LIST(struct list_view, rows, rows_n, row_fields),
    VIEW_INT(struct list_view, rows_n),
    VIEW_COUNT(struct list_view, total),
    VIEW_STRUCT(struct list_view, pager, page_pager_fields),
    VIEW_END,
};
const struct view inventory_list_view = { "inventory/list.html", "Certificates", list_fields,
                                          VIEW_WIDE };

static void fill_states(struct req *rq, int chosen, struct list_view *v)
{
    v->states = ARENA_ARRAY(req_arena(rq), INVENTORY__STATES, struct page_choice);
    for (int s = 0; s < INVENTORY__STATES; s++)
        v->states[v->states_n++] =
            (struct page_choice){ str_z(inventory_state_name((enum inventory_state)s)),
                                  inventory_inside_badge((enum inventory_state)s).word, STR(""),
                                  s == chosen };
}

static enum err fill_profiles(struct req *rq, struct str chosen, struct list_view *v)
{
    const struct profile **all;
    size_t n;

    TRY(profiles_all(req_tx(rq), &all, &n));
    v->profiles = ARENA_ARRAY(req_arena(rq), n, struct page_choice);
    for (size_t i = 0; i < n; i++)
        v->profiles[v->profiles_n++] = (struct page_choice){
            all[i]->name,
            { NULL },
            req_lang(rq) == LANG_JA ? all[i]->title_ja : all[i]->title_en,
            str_eq(all[i]->name, chosen),
        };
    return E_OK;
}

static enum err fill_rows(struct req *rq, const struct inventory_form *f,
                          const struct inventory_filter *filter, struct list_view *v)
{
    struct inventory_row *r;

    TRY(inventory_count(req_tx(rq), filter, INVENTORY_COUNT_MAX + 1, &v->total));
    v->more = v->total > INVENTORY_COUNT_MAX;
    v->total = v->more ? INVENTORY_COUNT_MAX : v->total;
    if ((uint64_t)(f->page - 1) * PER_PAGE >= INVENTORY_COUNT_MAX)
        return E_OK;
    TRY(inventory_find(req_tx(rq), filter, PER_PAGE, (uint32_t)(f->page - 1) * PER_PAGE, &r,
                       &v->rows_n));
    v->rows = ARENA_ARRAY(req_arena(rq), v->rows_n, struct row);
    for (size_t i = 0; i < v->rows_n; i++)
        v->rows[i] = (struct row){ .id = r[i].id,
                                   .name = r[i].name,
                                   .email = r[i].email,
                                   .serial = str_sub(req_arena(rq), r[i].serial, 0, SERIAL_SHOWN),
                                   .profile = inventory_inside_title(rq, r[i].profile),
                                   .account = r[i].account,
                                   .requester = r[i].requester,
                                   .not_after = r[i].not_after,
                                   .state = inventory_inside_badge(r[i].state) };
    return E_OK;
}

static struct str typed(struct req *rq, const char *name)
{
    struct str s = req_raw(rq, name);
    return s.p ? s : STR("");
}

static void fill_form(struct req *rq, const struct inventory_form *f, struct list_view *v)
{
    v->name = typed(rq, "name");
    v->mail = typed(rq, "mail");
    v->serial = typed(rq, "serial");
    v->by = typed(rq, "by");
    v->from = typed(rq, "from");
    v->to = typed(rq, "to");
    v->tenant = f->tenant;
    v->searched = v->name.n > 0 || v->mail.n > 0 || v->serial.n > 0 || v->by.n > 0;
    v->filtered =
        v->searched || v->from.n > 0 || v->to.n > 0 || f->state >= 0 || !str_empty(f->profile);
    v->admin = (req_who(rq)->roles & (INVENTORY_ADMINS | INVENTORY_STAFF)) != 0;
    v->may_apply = (req_who(rq)->roles & (ROLE_END_USER | ROLE_CUSTOMER_ADMIN)) != 0;
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct inventory_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct str path = STR("/certificates"), sort;
    struct list_view v = { 0 };
    struct inventory_filter filter;
    bool ok;

    TRY(inventory_inside_filter(rq, f, &filter, &ok));
    fill_form(rq, f, &v);
    fill_states(rq, f->state, &v);
    TRY(fill_profiles(rq, f->profile, &v));
    if (ok)
        TRY(fill_rows(rq, f, &filter, &v));
    sort = inventory_inside_sort(f);
    v.csv = str_fmt(a, "/certificates/list.csv?%s", inventory_inside_query(rq, f, true).p);
    v.by_name = page_sort_make(a, path, inventory_inside_query(rq, f, false), sort, "name");
    v.by_end = page_sort_make(a, path, inventory_inside_query(rq, f, false), sort, "end");
    v.pager = page_pager_make(a, path, inventory_inside_query(rq, f, true), (uint64_t)f->page,
                              PER_PAGE, v.total);
    return resp_page(rs, &inventory_list_view, &v);
}

const struct route inventory_list_routes[] = {
    { GET, "/certificates", list, WHO_ACCOUNT, FORM(inventory_params, struct inventory_form), 0, 0,
      NULL, NULL, NULL },
    { GET, "/certificates/list.csv", inventory_export, WHO_ACCOUNT,
      FORM(inventory_params, struct inventory_form), ROUTE_COSTLY, 0, NULL, NULL, NULL },
    { 0 },
};

const struct view *const inventory_views[] = { &inventory_list_view, &inventory_overview_view,
                                               NULL };
