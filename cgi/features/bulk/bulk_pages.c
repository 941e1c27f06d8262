/* bulk_pages.c - the list of runs, and a file that is uploaded. */
#include "features/bulk/bulk_inside_pages.h"
#include "features/bulk/bulk_words_pages.h"

#include "features/profiles/profiles.h"
#include "http/ratelimit.h"

static const struct rate upload_rate = { "bulk.upload", RATE_ACCOUNT, 120, 60 * MINUTE_US };

struct bulk_who bulk_inside_who(const struct req *rq)
{
    return (struct bulk_who){ req_tenant(rq), req_account(rq), req_who(rq)->roles };
}

struct list_row {
    struct str public_id, filename, profile, person;
    uint32_t row_count;
    struct timestamp created;
    struct page_badge state;
};
static const struct view_field list_row_fields[] = {
    VIEW_TEXT(struct list_row, public_id),
    VIEW_TEXT(struct list_row, filename),
    VIEW_TEXT(struct list_row, profile),
    VIEW_TEXT(struct list_row, person),
    VIEW_COUNT(struct list_row, row_count),
    VIEW_TIME(struct list_row, created),
    VIEW_STRUCT(struct list_row, state, page_badge_fields),
    VIEW_END,
};

struct profile_row {
    struct str name, title;
    bool selected;
};
static const struct view_field profile_row_fields[] = {
    VIEW_TEXT(struct profile_row, name),
    VIEW_TEXT(struct profile_row, title),
    VIEW_FLAG(struct profile_row, selected),
    VIEW_END,
};

struct list_view {
    struct list_row *rows;
    size_t rows_count;
    struct profile_row *profiles;
    size_t profiles_count;
    struct page_pager pager;
};
static const struct view_field list_fields[] = {
    VIEW_LIST(struct list_view, rows, rows_count, list_row_fields),
    VIEW_INT(struct list_view, rows_count),
    VIEW_LIST(struct list_view, profiles, profiles_count, profile_row_fields),
    VIEW_INT(struct list_view, profiles_count),
    VIEW_STRUCT(struct list_view, pager, page_pager_fields),
    VIEW_END,
};
static const struct view list_view = { "bulk/list.html", "Bulk", list_fields, VIEW_WIDE };

struct list_form {
    int64_t page;
};
static const struct param list_params[] = {
    PARAM_INT_OPT(struct list_form, page, 1, 1000, 1),
    PARAM_END,
};

struct upload_form {
    struct str profile;
    struct upload file;
};
static const struct param upload_params[] = {
    PARAM_TOKEN(struct upload_form, profile, 1, 40),
    PARAM_FILE(struct upload_form, file, BULK_SIZE_MAX),
    PARAM_END,
};

static struct str title_of(struct req *rq, const struct profile *p)
{
    return req_lang(rq) == LANG_JA ? p->title_ja : p->title_en;
}

static enum err fill_profiles(struct req *rq, struct list_view *v)
{
    struct bulk_who who = bulk_inside_who(rq);
    struct str chosen = req_raw(rq, "profile");
    const struct profile **list;

    TRY(bulk_profiles(req_tx(rq), &who, &list, &v->profiles_count));
    v->profiles = ARENA_ARRAY(req_arena(rq), v->profiles_count, struct profile_row);
    for (size_t i = 0; i < v->profiles_count; i++)
        v->profiles[i] = (struct profile_row){ list[i]->name, title_of(rq, list[i]),
                                               str_eq(list[i]->name, chosen) };
    return E_OK;
}

static enum err show(struct req *rq, struct resp *rs, int64_t page)
{
    struct bulk_who who = bulk_inside_who(rq);
    struct list_view v = { .rows = NULL };
    struct bulk_run *runs;
    uint64_t total;

    TRY(fill_profiles(rq, &v));
    TRY(bulk_list(req_tx(rq), &who, (uint32_t)(page - 1) * BULK_PER_PAGE, BULK_PER_PAGE, &runs,
                  &v.rows_count, &total));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct list_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = (struct list_row){ .public_id = runs[i].public_id,
                                       .filename = runs[i].filename,
                                       .profile = runs[i].profile,
                                       .person = runs[i].account_name,
                                       .row_count = runs[i].row_count,
                                       .created = runs[i].created,
                                       .state = bulk_inside_state(&runs[i]) };
    v.pager =
        page_pager_make(req_arena(rq), STR("/bulk"), STR(""), (uint64_t)page, BULK_PER_PAGE, total);
    return resp_page(rs, &list_view, &v);
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);

    return show(rq, rs, f->page);
}

static enum err upload(struct req *rq, struct resp *rs)
{
    const struct upload_form *f = req_form(rq);
    struct bulk_who who = bulk_inside_who(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct bulk_fault fault;
    struct bulk_run run;
    enum err e;

    if (req_invalid(rq))
        return show(rq, rs, 1);
    e = bulk_upload(req_tx(rq), &by, &who, f->profile, f->file.filename, f->file.data,
                    str_z(message_lang_code(req_lang(rq))), req_now(rq), &run, &fault);
    if (e == E_CONFLICT && strcmp(fault_current()->reason, "bulk-same") == 0)
        return resp_seeother_text(rs, "/bulk/{id}?again=1", run.public_id);
    if (e != E_OK)
        return bulk_inside_refused(rq, &fault) ? show(rq, rs, 1) : e;
    return resp_seeother_text(rs, "/bulk/{id}", run.public_id);
}

const bulk_words_fn bulk_pages_words = bulk_words_pages;

const struct view *const bulk_views[] = { &list_view, &bulk_preview_view, &bulk_run_view,
                                          &bulk_password_view, NULL };

const struct route bulk_routes[] = {
    { GET, "/bulk", list, BULK_WHO, FORM(list_params, struct list_form), 0, 0, NULL, NULL, NULL },
    { POST, "/bulk", upload, BULK_WHO, FORM(upload_params, struct upload_form), ROUTE_COSTLY,
      2 * BULK_SIZE_MAX, NULL, &upload_rate, NULL },
    { 0 },
};
