/* registration_decision_pages.c - one application: look, decide, and on to the next. */
#include "features/registration/registration_review_detail_pages.h"

#define RECEIPT PARAM_TOKEN(struct registration_review_form, receipt, 1, 20)
#define LOOKED_AT PARAM_INT(struct registration_review_form, generation, 0, UINT32_MAX)

static const struct param look_params[] = { RECEIPT, REVIEW_FILTER_PARAMS, REVIEW_VETTING_PARAMS,
                                            PARAM_END };
static const struct param approve_params[] = { RECEIPT, LOOKED_AT, REVIEW_FILTER_PARAMS,
                                               REVIEW_VETTING_PARAMS, PARAM_END };
static const struct param reason_params[] = { RECEIPT,
                                              LOOKED_AT,
                                              REVIEW_FILTER_PARAMS,
                                              REVIEW_VETTING_PARAMS,
                                              PARAM_MULTILINE_OPT(struct registration_review_form,
                                                                  reason, 2000),
                                              PARAM_END };

static enum err look(struct req *rq, struct resp *rs)
{
    const struct registration_review_form *f = req_form(rq);
    struct registration r;

    TRY(registration_review_find(rq, f, &r));
    if (req_invalid(rq))
        return FAIL(E_INPUT, "form-invalid", "bad filter");
    return registration_review_show(rq, rs, f, &r);
}

/* The one after it in the queue, or the first of those that remain; "" when there is none. */
static enum err next_of(struct req *rq, const struct registration_review_form *f,
                        const struct registration *r, struct str *next)
{
    struct registration_filter filter = registration_review_filter(rq, f);
    struct registration_row *rows;
    size_t n;

    TRY(registration_review_beside(req_tx(rq), &filter, r, true, next));
    if (!str_empty(*next))
        return E_OK;
    TRY(registration_review_list(req_tx(rq), &filter, 0, 2, &rows, &n));
    for (size_t i = 0; i < n && str_empty(*next); i++)
        if (rows[i].id.v != r->id.v)
            *next = rows[i].receipt;
    return E_OK;
}

static enum err done(struct req *rq, struct resp *rs, const struct registration_review_form *f,
                     const struct registration *r, enum registration_act act)
{
    struct str next = STR("");

    resp_flash(rs, act == REGISTRATION_APPROVE ? "success" : "info", registration_review_done(act),
               str_fmt(req_arena(rq), "%s %s", r->receipt.p, r->title.p));
    if (act == REGISTRATION_RESUME)
        return resp_seeother_path(rs, registration_review_below(rq, r->receipt, ""));
    TRY(next_of(rq, f, r, &next));
    if (str_empty(next))
        return resp_seeother_path(rs, registration_review_url(rq, STR("/reviews")));
    return resp_seeother_path(rs, registration_review_below(rq, next, ""));
}

/* Not done: the page as it is now, with the reason on top. */
static enum err refused(struct req *rq, struct resp *rs, const struct registration_review_form *f,
                        const struct registration_chosen *c)
{
    struct registration r;
    struct msg text;

    if (c->err == E_ABSENT)
        return FAIL(E_ABSENT, "application-unknown", "no such application");
    if (!registration_review_reason(c->reason.p, &text))
        text = MSG("It cannot be approved as it is: see what the checks say now.");
    req_field_error(rq, str_eq_z(c->reason, "vetting-note") ? "note" : "", text);
    TRY(registration_review_find(rq, f, &r));
    TRY(registration_review_show(rq, rs, f, &r));
    resp_status(rs, err_http_status(c->err));
    return E_OK;
}

static enum err act(struct req *rq, struct resp *rs, struct registration_many *what)
{
    const struct registration_review_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct registration_chosen c = { .receipt = f->receipt, .generation = (uint32_t)f->generation };
    struct registration r;

    TRY(registration_review_find(rq, f, &r));
    if (req_invalid(rq))
        return registration_review_show(rq, rs, f, &r);
    TRY(registration_review_many(req_tx(rq), &by, req_tenant(rq), what, &c, 1, req_now(rq)));
    return c.err == E_OK ? done(rq, rs, f, &r, what->act) : refused(rq, rs, f, &c);
}

static enum err approve(struct req *rq, struct resp *rs)
{
    const struct registration_review_form *f = req_form(rq);
    struct registration_vetting vetting[REGISTRATION_ITEM__MAX];
    struct registration_many what = { .act = REGISTRATION_APPROVE, .vetting = vetting };

    registration_review_vetting(rq, f, vetting, &what.vetting_n);
    return act(rq, rs, &what);
}

static enum err with_reason(struct req *rq, struct resp *rs, enum registration_act a)
{
    const struct registration_review_form *f = req_form(rq);
    struct registration_many what = { .act = a, .reason = f->reason };

    if (str_empty(f->reason) && (a == REGISTRATION_REJECT || a == REGISTRATION_RETURN))
        req_field_error(rq, "reason", MSG("Write the reason: the applicant reads it."));
    return act(rq, rs, &what);
}

static enum err reject(struct req *rq, struct resp *rs)
{
    return with_reason(rq, rs, REGISTRATION_REJECT);
}

static enum err send_back(struct req *rq, struct resp *rs)
{
    return with_reason(rq, rs, REGISTRATION_RETURN);
}

static enum err hold(struct req *rq, struct resp *rs)
{
    return with_reason(rq, rs, REGISTRATION_HOLD);
}

static enum err resume(struct req *rq, struct resp *rs)
{
    return with_reason(rq, rs, REGISTRATION_RESUME);
}

#define F(params) FORM(params, struct registration_review_form)
const struct route registration_decision_routes[] = {
    { GET, "/reviews/{receipt}", look, REVIEWERS, F(look_params) },
    { POST, "/reviews/{receipt}/approve", approve, REVIEWERS, F(approve_params) },
    { POST, "/reviews/{receipt}/reject", reject, REVIEWERS, F(reason_params) },
    { POST, "/reviews/{receipt}/return", send_back, REVIEWERS, F(reason_params) },
    { POST, "/reviews/{receipt}/hold", hold, REVIEWERS, F(reason_params) },
    { POST, "/reviews/{receipt}/resume", resume, REVIEWERS, F(reason_params) },
    { 0 },
};
