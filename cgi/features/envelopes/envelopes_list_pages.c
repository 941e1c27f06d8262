/* envelopes_list_pages.c - the sender's envelopes, and what waits for one's own signature. */
#include "features/envelopes/envelopes_reasons_pages.h"

#include "base/encoding.h"
#include "features/envelopes/envelopes_pages.h"

#define PER_PAGE 50
#define ANY (-1)

enum box { BOX_OUT, BOX_IN };

struct list_form {
    struct str title, sort;
    int state, box;
    int64_t page;
};

static const struct choice boxes[] = { { "out", BOX_OUT }, { "in", BOX_IN }, { NULL, 0 } };
static const struct choice states[] = {
    { "all", ANY },
    { "draft", ENVELOPES_DRAFT },
    { "sent", ENVELOPES_SENT },
    { "completing", ENVELOPES_COMPLETING },
    { "completed", ENVELOPES_COMPLETED },
    { "declined", ENVELOPES_DECLINED },
    { "voided", ENVELOPES_VOIDED },
    { "expired", ENVELOPES_EXPIRED },
    { NULL, 0 },
};

static const struct param list_params[] = {
    PARAM_TEXT_OPT(struct list_form, title, 120),
    PARAM_TOKEN_OPT(struct list_form, sort, 16),
    PARAM_CHOICE_OPT(struct list_form, state, states, ANY),
    PARAM_CHOICE_OPT(struct list_form, box, boxes, BOX_OUT),
    PARAM_INT_OPT(struct list_form, page, 1, 100000, 1),
    PARAM_END,
};

struct list_row {
    struct str public_id, title, number;
    uint64_t documents, signers, signed_by;
    struct timestamp created, deadline;
    struct page_badge state;
};
static const struct view_field list_row_fields[] = {
    VIEW_TEXT(struct list_row, public_id),
    VIEW_TEXT(struct list_row, title),
    VIEW_TEXT(struct list_row, number),
    VIEW_COUNT(struct list_row, documents),
    VIEW_COUNT(struct list_row, signers),
    VIEW_COUNT(struct list_row, signed_by),
    VIEW_TIME(struct list_row, created),
    VIEW_TIME(struct list_row, deadline),
    VIEW_STRUCT(struct list_row, state, page_badge_fields),
    VIEW_END,
};

struct list_view {
    struct list_row *rows;
    size_t rows_count;
    struct page_pager pager;
    struct page_sort by_title, by_time, by_deadline;
    struct page_choice *states;
    size_t states_count;
    struct str title;
    bool filtered;
    uint64_t waiting;
};
static const struct view_field list_fields[] = {
    VIEW_LIST(struct list_view, rows, rows_count, list_row_fields),
    VIEW_INT(struct list_view, rows_count),
    VIEW_STRUCT(struct list_view, pager, page_pager_fields),
    VIEW_STRUCT(struct list_view, by_title, page_sort_fields),
    VIEW_STRUCT(struct list_view, by_time, page_sort_fields),
    VIEW_STRUCT(struct list_view, by_deadline, page_sort_fields),
    VIEW_LIST(struct list_view, states, states_count, page_choice_fields),
    VIEW_TEXT(struct list_view, title),
    VIEW_FLAG(struct list_view, filtered),
    VIEW_COUNT(struct list_view, waiting),
    VIEW_END,
};
const struct view envelopes_list_view = { "envelopes/list.html", "Envelopes", list_fields,
                                          VIEW_WIDE };

static void fill_states(struct arena *a, int state, struct list_view *v)
{
    v->states_count = sizeof states / sizeof *states - 1;
    v->states = ARENA_ARRAY(a, v->states_count, struct page_choice);
    for (size_t i = 0; i < v->states_count; i++)
        v->states[i] = (struct page_choice){
            .value = str_z(states[i].word),
            .label = i == 0 ? MSG("All")
                            : envelopes_reasons_state((enum envelopes_state)states[i].value).word,
            .selected = states[i].value == state
        };
}

static void fill_links(struct arena *a, const struct list_form *f, uint64_t total,
                       struct list_view *v)
{
    struct str path = STR("/envelopes"), sort = str_absent(f->sort) ? STR("-time") : f->sort;
    const char *state = states[f->state + 1].word;
    struct str title = percent_encode(a, str_absent(f->title) ? STR("") : f->title);
    struct str filter = str_fmt(a, "title=%s&state=%s", title.p, state);

    v->pager = page_pager_make(a, path, str_fmt(a, "%s&sort=%s", filter.p, sort.p),
                               (uint64_t)f->page, PER_PAGE, total);
    v->by_title = page_sort_make(a, path, filter, sort, "title");
    v->by_time = page_sort_make(a, path, filter, sort, "time");
    v->by_deadline = page_sort_make(a, path, filter, sort, "deadline");
}

static enum err show_out(struct req *rq, struct resp *rs, const struct list_form *f)
{
    struct arena *a = req_arena(rq);
    struct envelopes_filter filter = { .title = f->title,
                                       .state = f->state,
                                       .sort = f->sort,
                                       .offset = (uint32_t)(f->page - 1) * PER_PAGE,
                                       .limit = PER_PAGE };
    struct list_view v = { .title = f->title, .filtered = !str_empty(f->title) || f->state != ANY };
    struct envelopes_row *r;
    uint64_t total;

    TRY(envelopes_list(req_tx(rq), envelopes_reasons_owner(rq), &filter, &r, &v.rows_count,
                       &total));
    v.rows = ARENA_ARRAY(a, v.rows_count, struct list_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = (struct list_row){ r[i].envelope.public_id,
                                       r[i].envelope.title,
                                       envelopes_number(a, r[i].envelope.id),
                                       r[i].documents,
                                       r[i].signers,
                                       r[i].signed_by,
                                       r[i].envelope.created,
                                       r[i].envelope.deadline,
                                       envelopes_reasons_state(r[i].envelope.state) };
    TRY(envelopes_inbox_count(req_tx(rq), req_account(rq), &v.waiting));
    fill_states(a, f->state, &v);
    fill_links(a, f, total, &v);
    return resp_page(rs, &envelopes_list_view, &v);
}

/* --- what others ask one to sign --- */

struct inbox_row {
    struct str party, title, sender, number;
    struct timestamp deadline, invited;
    struct page_badge state;
    bool waits;
};
static const struct view_field inbox_row_fields[] = {
    VIEW_TEXT(struct inbox_row, party),
    VIEW_TEXT(struct inbox_row, title),
    VIEW_TEXT(struct inbox_row, sender),
    VIEW_TEXT(struct inbox_row, number),
    VIEW_TIME(struct inbox_row, deadline),
    VIEW_TIME(struct inbox_row, invited),
    VIEW_STRUCT(struct inbox_row, state, page_badge_fields),
    VIEW_FLAG(struct inbox_row, waits),
    VIEW_END,
};
struct inbox_view {
    struct inbox_row *rows;
    size_t rows_count;
    struct page_pager pager;
};
static const struct view_field inbox_fields[] = {
    VIEW_LIST(struct inbox_view, rows, rows_count, inbox_row_fields),
    VIEW_INT(struct inbox_view, rows_count),
    VIEW_STRUCT(struct inbox_view, pager, page_pager_fields),
    VIEW_END,
};
const struct view envelopes_inbox_view = { "envelopes/inbox.html", "Waiting for my signature",
                                           inbox_fields, VIEW_WIDE };

static struct page_badge inbox_state(const struct envelopes_inbox_row *r)
{
    if (r->turn == ENVELOPES_SIGNED)
        return (struct page_badge){ "success", MSG("signed") };
    if (r->turn == ENVELOPES_DECLINED_BY)
        return (struct page_badge){ "error", MSG("declined") };
    if (r->over)
        return (struct page_badge){ "neutral", MSG("ended") };
    return (struct page_badge){ "progress", MSG("waits for you") };
}

static enum err show_in(struct req *rq, struct resp *rs, const struct list_form *f)
{
    struct arena *a = req_arena(rq);
    struct envelopes_inbox_row *r;
    struct inbox_view v = { .rows = NULL };
    uint64_t total;

    TRY(envelopes_inbox(req_tx(rq), req_account(rq), (uint32_t)(f->page - 1) * PER_PAGE, PER_PAGE,
                        &r, &v.rows_count, &total));
    v.rows = ARENA_ARRAY(a, v.rows_count, struct inbox_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] =
            (struct inbox_row){ r[i].party,         r[i].title,
                                r[i].sender,        r[i].number,
                                r[i].deadline,      r[i].invited,
                                inbox_state(&r[i]), r[i].turn == ENVELOPES_TURN && !r[i].over };
    v.pager =
        page_pager_make(a, STR("/envelopes"), STR("box=in"), (uint64_t)f->page, PER_PAGE, total);
    return resp_page(rs, &envelopes_inbox_view, &v);
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    return f->box == BOX_IN ? show_in(rq, rs, f) : show_out(rq, rs, f);
}

const struct route envelopes_list_routes[] = {
    { GET, "/envelopes", list, WHO_ACCOUNT, FORM(list_params, struct list_form), 0, 0, NULL, NULL },
    { 0 },
};
