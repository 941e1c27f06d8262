/*
 * registration_review_chosen_pages.c - several applications at once: what was ticked is shown again
 * with the checklist or the reason, then each is decided for itself and the outcomes are listed.
 */
#include "features/registration/registration_review_inside_pages.h"

static const struct choice acts[] = { { "approve", REGISTRATION_APPROVE },
                                      { "reject", REGISTRATION_REJECT },
                                      { NULL, 0 } };

#define CHOSEN_PARAMS                                                                              \
    REVIEW_FILTER_PARAMS, PARAM_CHOICE(struct registration_review_form, act, acts),                \
        PARAM_TEXTS(struct registration_review_form, chosen, chosen_n, 1, 40,                      \
                    REGISTRATION_REVIEW_PAGE)
static const struct param chosen_params[] = { CHOSEN_PARAMS, PARAM_END };
static const struct param decide_params[] = {
    CHOSEN_PARAMS, REVIEW_VETTING_PARAMS,
    PARAM_MULTILINE_OPT(struct registration_review_form, reason, 2000), PARAM_END
};

struct chosen_row {
    struct str receipt, title, profile, applicant, subscriber, chosen, url;
    struct page_badge outcome;
    struct str why; /* "" when nothing stands against it */
};
static const struct view_field chosen_row_fields[] = {
    VIEW_TEXT(struct chosen_row, receipt),
    VIEW_TEXT(struct chosen_row, title),
    VIEW_TEXT(struct chosen_row, profile),
    VIEW_TEXT(struct chosen_row, applicant),
    VIEW_TEXT(struct chosen_row, subscriber),
    VIEW_TEXT(struct chosen_row, chosen),
    VIEW_URL(struct chosen_row, url),
    VIEW_STRUCT(struct chosen_row, outcome, page_badge_fields),
    VIEW_TEXT(struct chosen_row, why),
    VIEW_END,
};

struct chosen_view {
    bool approve;
    struct chosen_row *rows;
    size_t rows_n;
    uint64_t done, refused;
    struct registration_review_checklist vetting;
    struct str reason, action, list_url;
};
static const struct view_field chosen_fields[] = {
    VIEW_FLAG(struct chosen_view, approve),
    VIEW_LIST(struct chosen_view, rows, rows_n, chosen_row_fields),
    VIEW_COUNT(struct chosen_view, rows_n),
    VIEW_COUNT(struct chosen_view, done),
    VIEW_COUNT(struct chosen_view, refused),
    VIEW_STRUCT(struct chosen_view, vetting, registration_review_checklist_fields),
    VIEW_TEXT(struct chosen_view, reason),
    VIEW_URL(struct chosen_view, action),
    VIEW_URL(struct chosen_view, list_url),
    VIEW_END,
};
const struct view registration_review_chosen_view = { "registration/review_chosen.html",
                                                      "Decide on several applications",
                                                      chosen_fields, VIEW_WIDE };
const struct view registration_review_done_view = { "registration/review_done.html",
                                                    "What became of them", chosen_fields,
                                                    VIEW_WIDE };

/* "RECEIPT.generation"; what is no such thing finds nothing and is told as unknown. */
static struct registration_chosen *read_chosen(struct req *rq,
                                               const struct registration_review_form *f)
{
    struct arena *a = req_arena(rq);
    struct registration_chosen *c = ARENA_ARRAY(a, f->chosen_n, struct registration_chosen);

    for (size_t i = 0; i < f->chosen_n; i++) {
        struct str s = f->chosen[i];
        size_t dot = str_find(s, '.', 0);
        uint64_t generation = 0;

        c[i].title = c[i].reason = STR("");
        c[i].receipt = dot == SIZE_MAX ? s : str_sub(a, s, 0, dot);
        if (dot == SIZE_MAX ||
            str_to_u64(str_sub(a, s, dot + 1, s.n), UINT32_MAX, &generation) != E_OK) {
            fault_clear();
            c[i].receipt = STR("");
        }
        c[i].generation = (uint32_t)generation;
    }
    return c;
}

/* One of them, as it is now. */
static enum err show_row(struct req *rq, const struct registration_chosen *c, bool approve,
                         struct chosen_row *v, bool *batch)
{
    struct registration r;
    enum registration_bar bar;
    enum err err = registration_by_receipt(req_tx(rq), req_tenant(rq), c->receipt, &r);

    v->receipt = c->receipt;
    v->title = v->profile = v->applicant = v->subscriber = v->why = STR("");
    if (err == E_ABSENT) {
        fault_clear();
        v->why = registration_review_words(rq, STR("application-unknown"));
        return E_OK;
    }
    TRY(err);
    bar = registration_bar_of(&r, req_account(rq), approve);
    v->title = r.title;
    v->profile = registration_review_profile(rq, r.profile);
    v->applicant = r.applicant_name;
    v->subscriber = r.subscriber_name;
    v->url = registration_review_below(rq, r.receipt, "");
    *batch = *batch || str_eq_z(r.via, "bulk");
    if (r.generation != c->generation)
        v->why = registration_review_words(rq, STR("changed-meanwhile"));
    else if (bar != REGISTRATION_FREE)
        v->why = message_text(req_lang(rq), registration_review_bar(bar));
    return E_OK;
}

static enum err show(struct req *rq, struct resp *rs, const struct registration_review_form *f)
{
    struct registration_chosen *c = read_chosen(rq, f);
    struct chosen_view v = { .approve = f->act == REGISTRATION_APPROVE, .reason = f->reason };
    bool batch = false;

    v.rows = ARENA_ARRAY(req_arena(rq), f->chosen_n, struct chosen_row);
    v.rows_n = f->chosen_n;
    for (size_t i = 0; i < v.rows_n; i++) {
        TRY(show_row(rq, &c[i], v.approve, &v.rows[i], &batch));
        v.rows[i].chosen = f->chosen[i];
    }
    v.vetting = registration_review_checklist(rq, f, batch);
    v.action = registration_review_url(rq, STR("/reviews/decide"));
    v.list_url = registration_review_url(rq, STR("/reviews"));
    return resp_page(rs, &registration_review_chosen_view, &v);
}

static enum err nothing(struct req *rq, struct resp *rs)
{
    resp_flash(rs, "info", MSG("Nothing was selected."), STR(""));
    return resp_seeother_path(rs, registration_review_url(rq, STR("/reviews")));
}

static enum err choose(struct req *rq, struct resp *rs)
{
    const struct registration_review_form *f = req_form(rq);

    if (req_invalid(rq) || f->chosen_n == 0)
        return nothing(rq, rs);
    return show(rq, rs, f);
}

/* ------------------------------------------------------------------ the decisions */

static void outcome_row(struct req *rq, const struct registration_chosen *c, struct chosen_row *v,
                        bool approve)
{
    struct str code = str_empty(c->reason) ? str_z(err_name(c->err)) : c->reason;

    *v = (struct chosen_row){ .receipt = c->receipt, .title = c->title, .why = STR("") };
    v->profile = v->applicant = v->subscriber = v->chosen = STR("");
    v->url = registration_review_below(rq, c->receipt, "");
    if (c->err == E_OK)
        v->outcome = approve ? (struct page_badge){ "success", MSG("approved") }
                             : (struct page_badge){ "neutral", MSG("rejected") };
    else
        v->outcome = (struct page_badge){ "error", MSG("not done") };
    if (c->err != E_OK)
        v->why = registration_review_words(rq, code);
}

static enum err outcomes(struct req *rq, struct resp *rs, const struct registration_review_form *f,
                         const struct registration_chosen *c)
{
    struct chosen_view v = { .approve = f->act == REGISTRATION_APPROVE, .reason = STR("") };

    v.rows = ARENA_ARRAY(req_arena(rq), f->chosen_n, struct chosen_row);
    v.rows_n = f->chosen_n;
    for (size_t i = 0; i < v.rows_n; i++) {
        outcome_row(rq, &c[i], &v.rows[i], v.approve);
        *(c[i].err == E_OK ? &v.done : &v.refused) += 1;
    }
    v.vetting = registration_review_checklist(rq, f, false);
    v.list_url = registration_review_url(rq, STR("/reviews"));
    return resp_page(rs, &registration_review_done_view, &v);
}

static enum err decide(struct req *rq, struct resp *rs)
{
    const struct registration_review_form *f = req_form(rq);
    struct registration_vetting vetting[REGISTRATION_ITEM__MAX];
    struct registration_many what = { .act = (enum registration_act)f->act,
                                      .vetting = vetting,
                                      .reason = f->reason };
    struct audit_by by = AUDIT_BY(rq);
    struct registration_chosen *c;

    if (f->chosen_n == 0)
        return nothing(rq, rs);
    if (what.act == REGISTRATION_APPROVE)
        registration_review_vetting(rq, f, vetting, &what.vetting_n);
    else if (str_empty(f->reason))
        req_field_error(rq, "reason", MSG("Write the reason: the applicant reads it."));
    if (req_invalid(rq))
        return show(rq, rs, f);
    c = read_chosen(rq, f);
    TRY(registration_review_many(req_tx(rq), &by, req_tenant(rq), &what, c, f->chosen_n,
                                 req_now(rq)));
    return outcomes(rq, rs, f, c);
}

#define F(params) FORM(params, struct registration_review_form)
const struct route registration_chosen_routes[] = {
    { POST, "/reviews/chosen", choose, REVIEWERS, F(chosen_params), .flags = ROUTE_READ_ONLY_POST },
    { POST, "/reviews/decide", decide, REVIEWERS, F(decide_params) },
    { 0 },
};
