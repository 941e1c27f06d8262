/*
 * profiles_pages.c - certificate profiles to read: the list, one with its rules, fields and
 * versions, its document. The provider's staff see all, customers' administrators those of the
 * services in their contract; others do not exist for them (404).
 */
#include "features/profiles/profiles_pages.h"

#include "features/profiles/profiles_view_pages.h"
#include "http/resp.h"

#define READERS (ROLES_STAFF | ROLE_CUSTOMER_ADMIN)

struct row {
    struct str name, title, about;
    struct msg service, class;
    struct page_badge state;
    int64_t days;
    uint32_t version;
};

static const struct view_field row_fields[] = {
    VIEW_TEXT(struct row, name),
    VIEW_TEXT(struct row, title),
    VIEW_TEXT(struct row, about),
    VIEW_MSG(struct row, service),
    VIEW_MSG(struct row, class),
    VIEW_STRUCT(struct row, state, page_badge_fields),
    VIEW_COUNT(struct row, days),
    VIEW_INT(struct row, version),
    VIEW_END,
};

struct list_view {
    struct row *rows;
    size_t rows_count;
    bool all;
};

static const struct view_field list_fields[] = {
    VIEW_LIST(struct list_view, rows, rows_count, row_fields),
    VIEW_INT(struct list_view, rows_count),
    VIEW_FLAG(struct list_view, all),
    VIEW_END,
};

static const struct view list_view = { "profiles/list.html", "Certificate profiles", list_fields,
                                       VIEW_WIDE };

static bool staff(const struct req *rq)
{
    return (req_who(rq)->roles & ROLES_STAFF) != 0;
}

/* May this person know of the profile? */
static enum err admitted(struct req *rq, const struct profile *p, bool *yes)
{
    *yes = true;
    return staff(rq) ? E_OK : profiles_contract(req_tx(rq), req_tenant(rq), p, yes);
}

static enum err show_list(struct req *rq, struct resp *rs)
{
    struct list_view v = { .all = staff(rq) };
    const struct profile **all;
    size_t n;
    bool yes;

    TRY(profiles_all(req_tx(rq), &all, &n));
    v.rows = ARENA_ARRAY(req_arena(rq), n, struct row);
    for (size_t i = 0; i < n; i++) {
        const struct profile *p = all[i];
        TRY(admitted(rq, p, &yes));
        if (!yes)
            continue;
        v.rows[v.rows_count++] =
            (struct row){ .name = p->name,
                          .title = profiles_words_of(rq, p->title_ja, p->title_en),
                          .about = profiles_words_of(rq, p->about_ja, p->about_en),
                          .service = profiles_words_service(p->service),
                          .class = profiles_words_class(p->class),
                          .state = profiles_words_state(p),
                          .days = p->x509.validity_us / DAY_US,
                          .version = p->version };
    }
    return resp_page(rs, &list_view, &v);
}

struct form_name {
    struct str name;
    int64_t version;
};

static const struct param name_params[] = {
    PARAM_TOKEN(struct form_name, name, 1, 40),
    PARAM_INT_OPT(struct form_name, version, 1, 1000000, 0),
    PARAM_END,
};

/* The profile that the address names, for those who may know of it. */
static enum err find(struct req *rq, const struct profile **p)
{
    const struct form_name *f = req_form(rq);
    bool yes;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "profile-unknown", "malformed name or version");
    TRY(profiles_get(req_tx(rq), f->name, (uint32_t)f->version, p));
    TRY(admitted(rq, *p, &yes));
    return yes ? E_OK : FAIL(E_ABSENT, "profile-unknown", "not in this customer's contract");
}

static enum err show_one(struct req *rq, struct resp *rs)
{
    const struct profile *p = NULL;

    TRY(find(rq, &p));
    if (!p)
        return E_INTERNAL;
    return profiles_view_show(rq, rs, p, staff(rq));
}

static enum err send_document(struct req *rq, struct resp *rs)
{
    const struct profile *p = NULL;

    TRY(find(rq, &p));
    if (!p)
        return E_INTERNAL;
    return resp_file(rs, "application/json",
                     str_fmt(req_arena(rq), "%s-%u.json", p->name.p, p->version),
                     bytes_of_str(p->body), DISPOSITION_ATTACHMENT);
}

const struct route profiles_pages_routes[] = {
    { GET, "/profiles", show_list, .who = READERS },
    { GET, "/profiles/{name}", show_one, .who = READERS,
      .form = FORM(name_params, struct form_name) },
    { GET, "/profiles/{name}/document", send_document, .who = READERS,
      .form = FORM(name_params, struct form_name) },
    { 0 },
};

const struct view *const profiles_pages_views[] = { &list_view, &profiles_view_view, NULL };
