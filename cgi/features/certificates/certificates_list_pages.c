/* certificates_list_pages.c - the certificates that a person may see. */
#include "features/certificates/certificates_pages.h"
#include "features/certificates/certificates_shared_pages.h"
#include "features/certificates/certificates_show.h"
#include "features/certificates/certificates_words_pages.h"

#define PER_PAGE 50

struct list_form {
    int64_t page;
};
static const struct param list_params[] = { PARAM_INT_OPT(struct list_form, page, 1, 100000, 1),
                                            PARAM_END };

struct list_row {
    struct certificate_id id;
    struct str name, profile;
    struct timestamp not_after;
    struct page_badge state;
};
static const struct view_field row_fields[] = {
    VIEW_ID(struct list_row, id),
    VIEW_TEXT(struct list_row, name),
    VIEW_TEXT(struct list_row, profile),
    VIEW_DATE(struct list_row, not_after),
    VIEW_STRUCT(struct list_row, state, page_badge_fields),
    VIEW_END,
};

struct list_view {
    struct list_row *rows;
    size_t rows_count;
    struct page_pager pager;
    bool own;
};
static const struct view_field list_fields[] = {
    VIEW_LIST(struct list_view, rows, rows_count, row_fields),
    VIEW_INT(struct list_view, rows_count),
    VIEW_STRUCT(struct list_view, pager, page_pager_fields),
    VIEW_FLAG(struct list_view, own),
    VIEW_END,
};
const struct view certificates_list_view = { "certificates/list.html", "Certificates", list_fields,
                                             VIEW_WIDE };

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    const struct certificates_who who = certificates_shared_who(rq);
    struct list_view v = { .own = (who.roles & ~(uint32_t)ROLE_END_USER) == 0 };
    struct certificates_row *r;
    uint64_t total;

    TRY(certificates_list(req_tx(rq), &who, (uint32_t)(f->page - 1) * PER_PAGE, PER_PAGE, &r,
                          &v.rows_count, &total));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct list_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = (struct list_row){
            .id = r[i].id,
            .name = str_empty(r[i].common_name) ? r[i].subject : r[i].common_name,
            .profile = certificates_shared_profile(rq, r[i].profile, r[i].profile_version),
            .not_after = r[i].not_after,
            .state =
                certificates_words_state(r[i].state, r[i].not_after, r[i].replaced, req_now(rq)),
        };
    v.pager = page_pager_make(req_arena(rq), STR("/certificates"), STR(""), (uint64_t)f->page,
                              PER_PAGE, total);
    return resp_page(rs, &certificates_list_view, &v);
}

const struct route certificates_list_routes[] = {
    { GET, "/certificates", list, WHO_ACCOUNT, FORM(list_params, struct list_form), 0, 0, NULL,
      NULL },
    { 0 },
};
