/* registration_review_edit_pages.c - a reviewer corrects the fields that the profile allows; what
 * was applied for stays beside them (decision 0158). */
#include "features/registration/registration_review_detail_pages.h"

#define RECEIPT PARAM_TOKEN(struct registration_review_form, receipt, 1, 20)

static const struct param show_params[] = { RECEIPT, REVIEW_FILTER_PARAMS, REVIEW_VETTING_PARAMS,
                                            PARAM_END };
static const struct param edit_params[] = {
    RECEIPT,
    REVIEW_FILTER_PARAMS,
    REVIEW_VETTING_PARAMS,
    PARAM_INT(struct registration_review_form, generation, 0, UINT32_MAX),
    PARAM_TEXTS(struct registration_review_form, field, field_n, 1, 40, PROFILES_VALUES_MAX),
    PARAM_TEXTS(struct registration_review_form, value, value_n, 0, 1000, PROFILES_VALUES_MAX),
    PARAM_END,
};

/* One control; of a field that repeats there is one more than it has values. */
struct edit_row {
    size_t number;
    struct str name, label, hint, value, original, problem;
    uint32_t max;
    bool required;
    struct page_choice *choices;
    size_t choices_n;
};
static const struct view_field edit_row_fields[] = {
    VIEW_INT(struct edit_row, number),
    VIEW_TEXT(struct edit_row, name),
    VIEW_TEXT(struct edit_row, label),
    VIEW_TEXT(struct edit_row, hint),
    VIEW_TEXT(struct edit_row, value),
    VIEW_TEXT(struct edit_row, original),
    VIEW_TEXT(struct edit_row, problem),
    VIEW_INT(struct edit_row, max),
    VIEW_FLAG(struct edit_row, required),
    VIEW_LIST(struct edit_row, choices, choices_n, page_choice_fields),
    VIEW_COUNT(struct edit_row, choices_n),
    VIEW_END,
};

struct edit_view {
    struct str receipt, title, action, back_url;
    int64_t generation;
    bool approved; /* once: changing it makes the approval void */
    struct edit_row *rows;
    size_t rows_n;
};
static const struct view_field edit_fields[] = {
    VIEW_TEXT(struct edit_view, receipt),
    VIEW_TEXT(struct edit_view, title),
    VIEW_URL(struct edit_view, action),
    VIEW_URL(struct edit_view, back_url),
    VIEW_INT(struct edit_view, generation),
    VIEW_FLAG(struct edit_view, approved),
    VIEW_LIST(struct edit_view, rows, rows_n, edit_row_fields),
    VIEW_END,
};
const struct view registration_review_edit_view = { "registration/review_edit.html",
                                                    "Change fields of {{receipt}}", edit_fields,
                                                    0 };

/* What the page works on. */
struct editing {
    struct req *rq;
    const struct profile *p;
    const struct registration *r;
    const struct profiles_value *values; /* shown in the controls */
    size_t values_n;
    const struct profiles_finding *findings;
    size_t findings_n;
    struct edit_view *v;
};

static struct page_choice *choices_of(struct req *rq, const struct profiles_field *f,
                                      struct str now)
{
    struct page_choice *out = ARENA_ARRAY(req_arena(rq), f->choices_n, struct page_choice);

    for (size_t i = 0; i < f->choices_n; i++)
        out[i] = (struct page_choice){ .value = f->choices[i],
                                       .text = f->choices[i],
                                       .selected = str_eq(f->choices[i], now) };
    return out;
}

static struct str error_of(const struct editing *e, struct str field)
{
    for (size_t i = 0; i < e->findings_n; i++)
        if (e->findings[i].refuses && str_eq(e->findings[i].field, field))
            return registration_review_words(e->rq, e->findings[i].code);
    return STR("");
}

static void add_row(struct editing *e, const struct profiles_field *f, struct str value, size_t nth)
{
    bool japanese = req_lang(e->rq) == LANG_JA;
    struct edit_row *row = &e->v->rows[e->v->rows_n];
    size_t k = 0;

    *row = (struct edit_row){
        .number = e->v->rows_n,
        .name = f->name,
        .label = japanese ? f->label_ja : f->label_en,
        .hint = japanese ? f->hint_ja : f->hint_en,
        .value = value,
        .original = STR(""),
        .problem = nth == 0 ? error_of(e, f->name) : STR(""),
        .max = f->max,
        .required = f->required && nth == 0,
        .choices = choices_of(e->rq, f, value),
        .choices_n = f->choices_n,
    };
    for (size_t i = 0; i < e->r->original_n; i++)
        if (str_eq(e->r->original[i].name, f->name) && k++ == nth)
            row->original = e->r->original[i].value;
    e->v->rows_n++;
}

static void fill_rows(struct editing *e)
{
    e->v->rows = ARENA_ARRAY(req_arena(e->rq), e->values_n + 2 * e->p->fields_n, struct edit_row);
    for (size_t i = 0; i < e->p->fields_n; i++) {
        const struct profiles_field *f = &e->p->fields[i];
        size_t nth = 0;

        if (!f->editable || f->fixed)
            continue;
        for (size_t k = 0; k < e->values_n; k++)
            if (str_eq(e->values[k].name, f->name) && (nth == 0 || f->many))
                add_row(e, f, e->values[k].value, nth++);
        if (nth == 0 || f->many)
            add_row(e, f, STR(""), nth);
    }
}

static enum err page(struct editing *e, struct resp *rs)
{
    struct req *rq = e->rq;

    e->v = ARENA_NEW(req_arena(rq), struct edit_view);
    *e->v = (struct edit_view){
        .receipt = e->r->receipt,
        .title = e->r->title,
        .generation = e->r->generation,
        .approved = e->r->first_approver.v != 0,
        .action = registration_review_below(rq, e->r->receipt, "/edit"),
        .back_url = registration_review_below(rq, e->r->receipt, ""),
    };
    fill_rows(e);
    return resp_page(rs, &registration_review_edit_view, e->v);
}

static enum err begin(struct req *rq, struct registration *r, struct editing *e)
{
    const struct registration_review_form *f = req_form(rq);

    TRY(registration_review_find(rq, f, r));
    *e = (struct editing){ .rq = rq, .r = r, .values = r->values, .values_n = r->values_n };
    return profiles_get(req_tx(rq), r->profile, r->profile_version, &e->p);
}

static enum err show(struct req *rq, struct resp *rs)
{
    const struct registration_review_form *f = req_form(rq);
    struct registration r;
    struct editing e;

    TRY(begin(rq, &r, &e));
    if (req_invalid(rq))
        return FAIL(E_INPUT, "form-invalid", "bad filter");
    if (registration_bar_of(&r, req_account(rq), false) != REGISTRATION_FREE)
        return registration_review_show(rq, rs, f, &r); /* says why not */
    return page(&e, rs);
}

/* The pairs of the form, without the empty ones. */
static struct profiles_value *values_of(struct req *rq, size_t *n)
{
    const struct registration_review_form *f = req_form(rq);
    size_t pairs = f->field_n < f->value_n ? f->field_n : f->value_n;
    struct profiles_value *out = ARENA_ARRAY(req_arena(rq), pairs, struct profiles_value);

    *n = 0;
    for (size_t i = 0; i < pairs; i++)
        if (!str_empty(f->value[i]))
            out[(*n)++] = (struct profiles_value){ f->field[i], f->value[i] };
    return out;
}

/* Refused: the form again where something can be corrected, else the application as it is. */
static enum err refused(struct editing *e, struct resp *rs, enum err err)
{
    const struct registration_review_form *f = req_form(e->rq);
    struct req *rq = e->rq;
    struct registration now;
    struct msg text;

    if (err != E_INPUT && err != E_CONFLICT && err != E_STATE && err != E_DENIED)
        return err;
    if (registration_review_reason(fault_current()->reason, &text) ||
        problem_reason_words(rq, fault_current()->reason, &text))
        req_field_error(rq, "", text);
    resp_undo(rs);
    if (err == E_INPUT)
        TRY(page(e, rs));
    else {
        TRY(registration_review_find(rq, f, &now));
        TRY(registration_review_show(rq, rs, f, &now));
    }
    resp_status(rs, err_http_status(err));
    return E_OK;
}

static enum err edit(struct req *rq, struct resp *rs)
{
    const struct registration_review_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct profiles_finding *findings;
    struct registration r;
    struct editing e;
    enum err err;

    TRY(begin(rq, &r, &e));
    if (f->field_n != f->value_n)
        req_field_error(rq, "", MSG("There are too many values."));
    e.values = values_of(rq, &e.values_n);
    if (req_invalid(rq))
        return page(&e, rs);
    err = registration_edit(req_tx(rq), &by, req_tenant(rq), r.id, (uint32_t)f->generation,
                            e.values, e.values_n, req_now(rq), &findings, &e.findings_n);
    e.findings = findings;
    if (err != E_OK)
        return refused(&e, rs, err);
    resp_flash(rs, "success", MSG("The fields are changed; what was applied for is kept."),
               r.receipt);
    return resp_seeother_path(rs, registration_review_below(rq, r.receipt, ""));
}

#define F(params) FORM(params, struct registration_review_form)
const struct route registration_edit_routes[] = {
    { GET, "/reviews/{receipt}/edit", show, REVIEWERS, F(show_params) },
    { POST, "/reviews/{receipt}/edit", edit, REVIEWERS, F(edit_params) },
    { 0 },
};
