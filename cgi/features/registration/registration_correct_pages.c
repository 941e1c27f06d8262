/* registration_correct_pages.c - a returned application corrected and sent again under its number,
 * and one withdrawn. */
#include "features/registration/registration_apply_pages.h"

#include "features/registration/registration_decide.h"
#include "http/ratelimit.h"

static const struct rate again_rate = { "registration.again", RATE_ACCOUNT, 30, 10 * MINUTE_US };

static const struct param correct_params[] = {
    PARAM_TOKEN(struct registration_input, receipt, 1, 20),
    PARAM_INT_OPT(struct registration_input, generation, 0, UINT32_MAX, 0),
    REGISTRATION_FORM_PARAMS, PARAM_END
};
static const struct param show_params[] = { PARAM_TOKEN(struct registration_input, receipt, 1, 20),
                                            PARAM_END };

/* Returned, and by the applicant himself: another person's is not there, another state is told. */
static enum err own_returned(struct req *rq, struct str receipt, struct registration *r,
                             const struct profile **p)
{
    TRY(registration_by_receipt(req_tx(rq), req_tenant(rq), receipt, r));
    if (r->applicant.v != req_account(rq).v)
        return FAIL(E_ABSENT, "application-unknown", "not the applicant");
    if (r->state != REGISTRATION_RETURNED)
        return FAIL(E_STATE, "application-state", "not returned");
    return profiles_get(req_tx(rq), r->profile, 0, p);
}

static enum err show_form(struct req *rq, struct resp *rs, const struct registration *r,
                          const struct profile *p, const struct profiles_finding *f, size_t n)
{
    if (!p)
        return E_INTERNAL;
    struct registration_form_view v = {
        .title = registration_form_title(rq, p),
        .subscriber = str_absent(r->subscriber_name) ? STR("") : r->subscriber_name,
        .own = r->subscriber.v == r->applicant.v,
        .receipt = r->receipt,
        .note = str_absent(r->decision_note) ? STR("") : r->decision_note,
        .generation = r->generation,
        .again = true,
        .action = str_fmt(req_arena(rq), "/applications/%s/correct", r->receipt.p),
        .fields = registration_form_rows(rq, p, r->values, r->values_n, f, n),
        .fields_count = p->fields_n,
        .csr_possible = r->key_source == PROFILES_CSR,
        .typed_csr = str_empty(req_raw(rq, "csr")) ? STR("") : req_raw(rq, "csr"),
    };

    if (v.csr_possible)
        TRY(registration_apply_request(rq, r->csr, &v.request));
    return resp_page(rs, &registration_form_view, &v);
}

static enum err correct(struct req *rq, struct resp *rs)
{
    const struct registration_input *in = req_form(rq);
    const struct profile *p = NULL;
    struct registration r;

    TRY(own_returned(rq, in->receipt, &r, &p));
    return show_form(rq, rs, &r, p, NULL, 0);
}

static struct registration_new as_new(const struct registration *r)
{
    return (struct registration_new){ .draft = r->id,
                                      .tenant = r->tenant,
                                      .applicant = r->applicant,
                                      .subscriber = r->subscriber,
                                      .via = r->via,
                                      .profile = r->profile,
                                      .key_source = r->key_source,
                                      .values = r->values,
                                      .values_n = r->values_n,
                                      .csr = r->csr,
                                      .credential = r->credential,
                                      .validity_days = r->validity_days,
                                      .renews = r->renews,
                                      .contact = r->contact,
                                      .lang = r->lang };
}

static void note_rest(struct req *rq, const struct profiles_finding *f, size_t n)
{
    struct msg words;

    for (size_t i = 0; i < n; i++)
        if (f[i].refuses && registration_form_reason(rq, f[i].code.p, &words)) {
            req_field_error(rq, "", words);
            return;
        }
}

static enum err send_again(struct req *rq, struct resp *rs)
{
    const struct registration_input *in = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    bool typed_wrong = req_invalid(rq);
    struct profiles_finding *f;
    const struct profile *p = NULL;
    struct registration r, sent;
    struct bytes csr;
    size_t n;

    TRY(own_returned(rq, in->receipt, &r, &p));
    registration_form_read(rq, in, p, r.values, r.values_n, &r.values, &r.values_n);
    registration_form_request(rq, in, &csr);
    if (csr.n > 0 && r.key_source == PROFILES_CSR)
        r.csr = csr;
    const struct registration_new new = as_new(&r);
    TRY(registration_check(req_tx(rq), &new, req_now(rq), &f, &n));
    if (!registration_form_faults(rq, p, f, n))
        note_rest(rq, f, n);
    if (typed_wrong || req_invalid(rq))
        return show_form(rq, rs, &r, p, f, n);
    TRY(registration_resubmit(req_tx(rq), &by, r.id, (uint32_t)in->generation, &new, req_now(rq),
                              &sent));
    return resp_seeother_text(rs, "/applications/{id}/done", sent.receipt);
}

/* --- withdrawing --- */

struct withdraw_view {
    struct str receipt, title, profile;
    int64_t generation;
};
static const struct view_field withdraw_fields[] = {
    VIEW_TEXT(struct withdraw_view, receipt),
    VIEW_TEXT(struct withdraw_view, title),
    VIEW_TEXT(struct withdraw_view, profile),
    VIEW_INT(struct withdraw_view, generation),
    VIEW_END,
};
const struct view registration_withdraw_view = { "registration/withdraw.html",
                                                 "Withdraw the application {{receipt}}",
                                                 withdraw_fields, 0 };

struct withdraw_form {
    struct str receipt;
    int64_t generation;
};
static const struct param withdraw_params[] = {
    PARAM_TOKEN(struct withdraw_form, receipt, 1, 20),
    PARAM_INT_OPT(struct withdraw_form, generation, 0, UINT32_MAX, 0),
    PARAM_END,
};

static enum err applicants_own(struct req *rq, struct str receipt, struct registration *r)
{
    TRY(registration_by_receipt(req_tx(rq), req_tenant(rq), receipt, r));
    if (r->applicant.v != req_account(rq).v)
        return FAIL(E_ABSENT, "application-unknown", "not the applicant");
    return E_OK;
}

static enum err ask_withdraw(struct req *rq, struct resp *rs)
{
    const struct withdraw_form *f = req_form(rq);
    const struct profile *p;
    struct registration r;

    TRY(applicants_own(rq, f->receipt, &r));
    TRY(profiles_get(req_tx(rq), r.profile, r.profile_version, &p));
    struct withdraw_view v = { r.receipt, r.title, registration_form_title(rq, p), r.generation };
    return resp_page(rs, &registration_withdraw_view, &v);
}

static enum err withdraw(struct req *rq, struct resp *rs)
{
    const struct withdraw_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct registration r;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "application-unknown", "no receipt number");
    TRY(applicants_own(rq, f->receipt, &r));
    TRY(registration_withdraw(req_tx(rq), &by, req_tenant(rq), r.id, (uint32_t)f->generation,
                              req_now(rq)));
    resp_flash(rs, "success", MSG("The application is withdrawn."), r.receipt);
    return resp_seeother_text(rs, "/applications/{id}", r.receipt);
}

const struct route registration_correct_routes[] = {
    { GET, "/applications/{receipt}/correct", correct, WHO_ACCOUNT,
      FORM(show_params, struct registration_input), 0, 0, NULL, NULL },
    { POST, "/applications/{receipt}/correct", send_again, WHO_ACCOUNT,
      FORM(correct_params, struct registration_input), 0, REGISTRATION_FORM_BODY, NULL,
      &again_rate },
    { GET, "/applications/{receipt}/withdraw", ask_withdraw, WHO_ACCOUNT,
      FORM(withdraw_params, struct withdraw_form), 0, 0, NULL, NULL },
    { POST, "/applications/{receipt}/withdraw", withdraw, WHO_ACCOUNT,
      FORM(withdraw_params, struct withdraw_form), 0, 0, NULL, NULL },
    { 0 },
};
