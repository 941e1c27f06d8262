/* registration_review_list_pages.c - the queue of applications, and what it finds as CSV. */
#include "features/registration/registration_review_inside_pages.h"

#include "base/csv.h"
#include "base/encoding.h"
#include "base/json.h"

static const struct param list_params[] = { REVIEW_FILTER_PARAMS, PARAM_END };

struct queue_row {
    struct str receipt, chosen, title, profile, applicant, subscriber, first;
    struct timestamp submitted;
    struct page_badge state;
    uint64_t given, needed;
    struct msg bar;
    bool open, edited, noted, renewal, bulk, two, barred;
    struct str url;
};
static const struct view_field queue_row_fields[] = {
    VIEW_TEXT(struct queue_row, receipt),
    VIEW_TEXT(struct queue_row, chosen),
    VIEW_TEXT(struct queue_row, title),
    VIEW_TEXT(struct queue_row, profile),
    VIEW_TEXT(struct queue_row, applicant),
    VIEW_TEXT(struct queue_row, subscriber),
    VIEW_TEXT(struct queue_row, first),
    VIEW_TIME(struct queue_row, submitted),
    VIEW_STRUCT(struct queue_row, state, page_badge_fields),
    VIEW_COUNT(struct queue_row, given),
    VIEW_COUNT(struct queue_row, needed),
    VIEW_MSG(struct queue_row, bar),
    VIEW_FLAG(struct queue_row, open),
    VIEW_FLAG(struct queue_row, edited),
    VIEW_FLAG(struct queue_row, noted),
    VIEW_FLAG(struct queue_row, renewal),
    VIEW_FLAG(struct queue_row, bulk),
    VIEW_FLAG(struct queue_row, two),
    VIEW_FLAG(struct queue_row, barred),
    VIEW_URL(struct queue_row, url),
    VIEW_END,
};

struct queue_view {
    struct str q, from, to, csv_url, action;
    struct page_choice *states, *profiles;
    size_t states_n, profiles_n;
    struct page_sort by_time, by_title;
    struct queue_row *rows;
    size_t rows_n;
    uint64_t total, mine, waiting, held, returned;
    bool more, filtered, selectable;
    struct page_pager pager;
};
static const struct view_field queue_fields[] = {
    VIEW_TEXT(struct queue_view, q),
    VIEW_TEXT(struct queue_view, from),
    VIEW_TEXT(struct queue_view, to),
    VIEW_URL(struct queue_view, csv_url),
    VIEW_URL(struct queue_view, action),
    VIEW_LIST(struct queue_view, states, states_n, page_choice_fields),
    VIEW_LIST(struct queue_view, profiles, profiles_n, page_choice_fields),
    VIEW_STRUCT(struct queue_view, by_time, page_sort_fields),
    VIEW_STRUCT(struct queue_view, by_title, page_sort_fields),
    VIEW_LIST(struct queue_view, rows, rows_n, queue_row_fields),
    VIEW_COUNT(struct queue_view, rows_n),
    VIEW_COUNT(struct queue_view, total),
    VIEW_COUNT(struct queue_view, mine),
    VIEW_COUNT(struct queue_view, waiting),
    VIEW_COUNT(struct queue_view, held),
    VIEW_COUNT(struct queue_view, returned),
    VIEW_FLAG(struct queue_view, more),
    VIEW_FLAG(struct queue_view, filtered),
    VIEW_FLAG(struct queue_view, selectable),
    VIEW_STRUCT(struct queue_view, pager, page_pager_fields),
    VIEW_END,
};
const struct view registration_reviews_view = { "registration/reviews.html", "Review queue",
                                                queue_fields, VIEW_WIDE };

static void fill_row(struct req *rq, const struct registration_row *r, struct queue_row *v)
{
    bool open = r->state == REGISTRATION_WAITING || r->state == REGISTRATION_HELD;

    *v = (struct queue_row){
        .receipt = r->receipt,
        .chosen = str_fmt(req_arena(rq), "%s.%u", r->receipt.p, r->generation),
        .title = r->title,
        .profile = registration_review_profile(rq, r->profile),
        .applicant = r->applicant,
        .subscriber = r->subscriber,
        .first = r->first,
        .submitted = r->submitted,
        .state = registration_review_state(r->state),
        .given = !str_empty(r->first),
        .needed = r->approvals_needed,
        .bar = registration_review_bar(r->bar),
        .open = open,
        .edited = r->edited,
        .noted = r->noted,
        .renewal = str_eq_z(r->kind, "renew"),
        .bulk = str_eq_z(r->via, "bulk"),
        .two = r->approvals_needed > 1,
        .barred = open && r->bar != REGISTRATION_FREE,
        .url = registration_review_below(rq, r->receipt, ""),
    };
}

static void fill_states(struct req *rq, int state, struct queue_view *v)
{
    const struct choice *c = registration_review_states;

    v->states = ARENA_ARRAY(req_arena(rq), 12, struct page_choice);
    for (; c->word != NULL; c++)
        v->states[v->states_n++] = (struct page_choice){
            .value = str_z(c->word),
            .label = c->value == REGISTRATION_REVIEW_MINE ? MSG("waits for me")
                     : c->value == REGISTRATION_REVIEW_ANY
                         ? MSG("All")
                         : registration_review_state((enum registration_state)c->value).word,
            .selected = c->value == state,
        };
}

static enum err fill_profiles(struct req *rq, struct str now, struct queue_view *v)
{
    const struct profile **all;
    size_t n;

    TRY(profiles_all(req_tx(rq), &all, &n));
    v->profiles = ARENA_ARRAY(req_arena(rq), n, struct page_choice);
    v->profiles_n = n;
    for (size_t i = 0; i < n; i++)
        v->profiles[i] = (struct page_choice){
            .value = all[i]->name,
            .text = req_lang(rq) == LANG_JA ? all[i]->title_ja : all[i]->title_en,
            .selected = !str_empty(now) && str_eq(now, all[i]->name),
        };
    return E_OK;
}

static enum err fill_counts(struct req *rq, struct queue_view *v)
{
    struct registration_open open;

    TRY(registration_review_open(req_tx(rq), req_tenant(rq), &open));
    TRY(registration_review_rail(rq, &v->mine));
    v->waiting = open.waiting;
    v->held = open.held;
    v->returned = open.returned;
    return E_OK;
}

static void fill_links(struct req *rq, const struct registration_review_form *f,
                       struct queue_view *v)
{
    struct arena *a = req_arena(rq);
    struct str query = registration_review_query(rq), path = STR("/reviews");
    struct str sort = str_empty(f->sort) ? STR("time") : f->sort;
    uint64_t shown = v->total > REGISTRATION_COUNT_MAX ? REGISTRATION_COUNT_MAX : v->total;
    struct str filter = registration_review_filter_query(rq);

    v->pager = page_pager_make(a, path, query, (uint64_t)f->page, REGISTRATION_REVIEW_PAGE, shown);
    v->by_time = page_sort_make(a, path, filter, sort, "time");
    v->by_title = page_sort_make(a, path, filter, sort, "title");
    v->csv_url = registration_review_url(rq, STR("/reviews/csv"));
    v->action = registration_review_url(rq, STR("/reviews/chosen"));
    v->more = v->total > REGISTRATION_COUNT_MAX;
    v->total = shown;
    v->filtered = filter.n > 0;
}

static enum err fill_rows(struct req *rq, const struct registration_review_form *f,
                          struct queue_view *v)
{
    struct registration_filter filter = registration_review_filter(rq, f);
    struct registration_row *rows;

    if (req_invalid(rq))
        return E_OK;
    TRY(registration_review_list(req_tx(rq), &filter,
                                 (uint32_t)(f->page - 1) * REGISTRATION_REVIEW_PAGE,
                                 REGISTRATION_REVIEW_PAGE, &rows, &v->rows_n));
    v->rows = ARENA_ARRAY(req_arena(rq), v->rows_n, struct queue_row);
    for (size_t i = 0; i < v->rows_n; i++) {
        fill_row(rq, &rows[i], &v->rows[i]);
        v->selectable = v->selectable || v->rows[i].open;
    }
    return registration_review_count(req_tx(rq), &filter, &v->total);
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct registration_review_form *f = req_form(rq);
    struct queue_view v = { .q = req_raw(rq, "q"),
                            .from = req_raw(rq, "from"),
                            .to = req_raw(rq, "to") };

    TRY(fill_rows(rq, f, &v));
    TRY(fill_counts(rq, &v));
    TRY(fill_profiles(rq, f->profile, &v));
    fill_states(rq, f->state, &v);
    fill_links(rq, f, &v);
    return resp_page(rs, &registration_reviews_view, &v);
}

enum err registration_review_rail(struct req *rq, uint64_t *n)
{
    *n = 0;
    if ((req_who(rq)->roles & REVIEWERS) == 0)
        return E_OK;
    return registration_review_waiting(req_tx(rq), req_tenant(rq), req_account(rq), n);
}

/* ------------------------------------------------------------------ CSV */

static void csv_time(struct arena *a, struct buf *b, struct timestamp t, bool last)
{
    csv_cell(b, timestamp_is_none(t) ? STR("") : timestamp_rfc3339_jst(a, t), last);
}

static void csv_row(struct arena *a, struct buf *b, const struct registration_row *r)
{
    csv_cell(b, r->receipt, false);
    csv_cell(b, str_z(registration_state_name(r->state)), false);
    csv_cell(b, r->title, false);
    csv_cell(b, r->profile, false);
    csv_cell(b, r->kind, false);
    csv_cell(b, r->via, false);
    csv_cell(b, r->applicant, false);
    csv_cell(b, r->subscriber, false);
    csv_cell(b, r->contact, false);
    csv_cell(b, r->first, false);
    csv_cell(b, str_fmt(a, "%u", r->approvals_needed), false);
    csv_time(a, b, r->submitted, false);
    csv_time(a, b, r->decided, true);
}

/* That the list was taken away, and how much of it; not the filter's words: they may be names. */
static enum err note_export(struct req *rq, size_t rows)
{
    struct audit_by by = AUDIT_BY(rq);
    struct json *detail = json_new_object();

    json_set_i64(detail, "rows", (int64_t)rows);
    return audit_note(req_tx(rq), &by, "registration.queue.export", NULL, 0, detail);
}

static enum err csv(struct req *rq, struct resp *rs)
{
    const struct registration_review_form *f = req_form(rq);
    struct registration_filter filter = registration_review_filter(rq, f);
    struct buf b = buf_init(16u << 20);
    struct bytes out = BYTES_ABSENT;
    struct registration_row *rows;
    size_t n;

    if (req_invalid(rq))
        return FAIL(E_INPUT, "form-invalid", "bad filter");
    TRY(registration_review_list(req_tx(rq), &filter, 0, REGISTRATION_COUNT_MAX, &rows, &n));
    TRY(note_export(rq, n));
    buf_add_z(&b, CSV_MARK "receipt,state,name,profile,kind,via,applicant,subscriber,contact,"
                           "first_approver,approvals_needed,sent_at,decided_at\r\n");
    for (size_t i = 0; i < n; i++)
        csv_row(req_arena(rq), &b, &rows[i]);
    enum err err = buf_to_bytes(&b, req_arena(rq), &out);
    buf_free(&b);
    TRY(err);
    return resp_file(rs, "text/csv; charset=utf-8", STR("applications.csv"), out,
                     DISPOSITION_ATTACHMENT);
}

/* ------------------------------------------------------------------ the slice's views */

const struct view *const registration_review_views[] = {
    &registration_reviews_view,     &registration_review_view,
    &registration_review_edit_view, &registration_review_chosen_view,
    &registration_review_done_view, NULL,
};

#define LIST FORM(list_params, struct registration_review_form)
const struct route registration_review_routes[] = {
    { GET, "/reviews", list, REVIEWERS, LIST },
    { GET, "/reviews/csv", csv, REVIEWERS, LIST },
    { 0 },
};
