/*
 * registration_confirm_pages.c - the third screen of an application: everything that will be sent
 * and everything that was checked about it; then it is sent, once.
 */
#include "features/registration/registration_apply_pages.h"

#include "http/ratelimit.h"

static const struct rate send_rate = { "registration.send", RATE_ACCOUNT, 30, 10 * MINUTE_US };

static const struct view_field name_fields[] = { VIEW_TEXT(struct registration_name_row, name),
                                                 VIEW_END };
const struct view_field registration_request_fields[] = {
    VIEW_TEXT(struct registration_request_row, subject),
    VIEW_TEXT(struct registration_request_row, key),
    VIEW_CODE(struct registration_request_row, fingerprint),
    VIEW_LIST(struct registration_request_row, names, names_count, name_fields),
    VIEW_COUNT(struct registration_request_row, names_count),
    VIEW_END,
};

static const struct view_field form_fields[] = {
    VIEW_ID(struct registration_form_view, id),
    VIEW_TEXT(struct registration_form_view, title),
    VIEW_TEXT(struct registration_form_view, subscriber),
    VIEW_URL(struct registration_form_view, action),
    VIEW_TEXT(struct registration_form_view, receipt),
    VIEW_TEXT(struct registration_form_view, note),
    VIEW_TEXT(struct registration_form_view, typed_csr),
    VIEW_INT(struct registration_form_view, generation),
    VIEW_FLAG(struct registration_form_view, own),
    VIEW_FLAG(struct registration_form_view, several),
    VIEW_FLAG(struct registration_form_view, csr_possible),
    VIEW_FLAG(struct registration_form_view, again),
    VIEW_LIST(struct registration_form_view, fields, fields_count, registration_field_row_fields),
    VIEW_LIST(struct registration_form_view, ways, ways_count, registration_way_fields),
    VIEW_OPTION(struct registration_form_view, request, registration_request_fields),
    VIEW_LIST(struct registration_form_view, steps, steps_count, page_step_fields),
    VIEW_END,
};
const struct view registration_form_view = { "registration/form.html", "Application: {{title}}",
                                             form_fields, 0 };

enum err registration_apply_request(struct req *rq, struct bytes csr,
                                    struct registration_request_row **out)
{
    struct arena *a = req_arena(rq);
    struct registration_request r;

    *out = NULL;
    if (csr.n == 0)
        return E_OK;
    TRY(registration_request_read(a, csr, &r));
    *out = ARENA_NEW(a, struct registration_request_row);
    **out =
        (struct registration_request_row){ r.subject, r.key, r.fingerprint,
                                           ARENA_ARRAY(a, r.names_n, struct registration_name_row),
                                           r.names_n };
    for (size_t i = 0; i < r.names_n; i++)
        (*out)->names[i].name = r.names[i];
    return E_OK;
}

struct registration_new registration_apply_new(struct req *rq, const struct registration_draft *d)
{
    bool own_key = d->key_source == PROFILES_CSR;

    return (struct registration_new){ .draft = d->id,
                                      .tenant = d->tenant,
                                      .applicant = d->applicant,
                                      .subscriber = d->subscriber,
                                      .via = STR("page"),
                                      .profile = d->profile,
                                      .key_source = d->key_source,
                                      .values = d->values,
                                      .values_n = d->values_n,
                                      .csr = own_key ? d->csr : BYTES_ABSENT,
                                      .renews = d->renews,
                                      .contact = d->contact,
                                      .lang = str_z(message_lang_code(req_lang(rq))) };
}

/* --- the page --- */

struct confirm_form {
    struct application_id id;
    struct secret *pin, *pin_again;
};
static const struct param confirm_params[] = {
    PARAM_ID(struct confirm_form, id), PARAM_SECRET_OPT(struct confirm_form, pin, 0, 64),
    PARAM_SECRET_OPT(struct confirm_form, pin_again, 0, 64), PARAM_END
};

struct confirm_view {
    struct application_id id;
    struct str title, subscriber, contact, cps;
    struct msg source;
    bool own, refused, pin, two, others_pin;
    struct registration_fact *facts;
    size_t facts_count;
    struct registration_check_row *checks;
    size_t checks_count;
    struct registration_request_row *request;
    struct page_step *steps;
    size_t steps_count;
};
static const struct view_field confirm_fields[] = {
    VIEW_ID(struct confirm_view, id),
    VIEW_TEXT(struct confirm_view, title),
    VIEW_TEXT(struct confirm_view, subscriber),
    VIEW_TEXT(struct confirm_view, contact),
    VIEW_TEXT(struct confirm_view, cps),
    VIEW_MSG(struct confirm_view, source),
    VIEW_FLAG(struct confirm_view, own),
    VIEW_FLAG(struct confirm_view, refused),
    VIEW_FLAG(struct confirm_view, pin),
    VIEW_FLAG(struct confirm_view, two),
    VIEW_FLAG(struct confirm_view, others_pin),
    VIEW_LIST(struct confirm_view, facts, facts_count, registration_fact_fields),
    VIEW_LIST(struct confirm_view, checks, checks_count, registration_check_fields),
    VIEW_OPTION(struct confirm_view, request, registration_request_fields),
    VIEW_LIST(struct confirm_view, steps, steps_count, page_step_fields),
    VIEW_END,
};
const struct view registration_confirm_view = { "registration/confirm.html",
                                                "Confirm the application: {{title}}",
                                                confirm_fields, 0 };

static enum err show_confirm(struct req *rq, struct resp *rs, const struct registration_draft *d,
                             const struct profile *p, const struct profiles_finding *f, size_t n)
{
    bool hsm = d->key_source == PROFILES_HSM;
    struct confirm_view v = {
        .id = d->id,
        .title = registration_form_title(rq, p),
        .subscriber = str_absent(d->subscriber_name) ? STR("") : d->subscriber_name,
        .contact = d->contact,
        .cps = p->cps,
        .source = registration_form_source(d->key_source),
        .own = d->subscriber.v == d->applicant.v,
        .others_pin = hsm && d->subscriber.v != d->applicant.v,
        .two = p->approvals > 1,
        .steps = registration_form_steps(rq, 2),
        .steps_count = REGISTRATION_STEPS,
    };

    v.refused = registration_refuses(f, n) || v.others_pin;
    v.pin = hsm && !v.refused;
    v.facts = registration_form_facts(rq, p, d->values, d->values_n, &v.facts_count);
    v.checks = registration_form_checks(rq, p, d->key_source, f, n, &v.checks_count);
    if (d->key_source == PROFILES_CSR)
        TRY(registration_apply_request(rq, d->csr, &v.request));
    return resp_page(rs, &registration_confirm_view, &v);
}

static enum err look(struct req *rq, struct application_id id, struct registration_draft *d,
                     const struct profile **p, struct registration_new *new,
                     struct profiles_finding **f, size_t *n)
{
    TRY(registration_draft_lock(req_tx(rq), req_tenant(rq), req_account(rq), id, d));
    if (d->sent)
        return E_OK;
    TRY(profiles_get(req_tx(rq), d->profile, 0, p));
    *new = registration_apply_new(rq, d);
    return registration_check(req_tx(rq), new, req_now(rq), f, n);
}

static enum err confirm(struct req *rq, struct resp *rs)
{
    const struct confirm_form *in = req_form(rq);
    struct profiles_finding *f;
    struct registration_draft d;
    struct registration_new new;
    const struct profile *p;
    size_t n;

    TRY(look(rq, in->id, &d, &p, &new, &f, &n));
    if (d.sent)
        return resp_seeother_text(rs, "/applications/{id}/done", d.receipt);
    return show_confirm(rq, rs, &d, p, f, n);
}

/* The PIN of a key in the token, twice the same. */
static void check_pin(struct req *rq, const struct confirm_form *in)
{
    if (in->pin == NULL)
        req_field_error(rq, "pin", MSG("Choose a PIN."));
    else if (in->pin_again == NULL ||
             !bytes_eq_secret(secret_bytes(in->pin), secret_bytes(in->pin_again)))
        req_field_error(rq, "pin_again", MSG("The two PINs differ. Type them again."));
}

/* Make the key, if it is to be in the token. False: the page is to be shown again. */
static enum err make_key(struct req *rq, const struct confirm_form *in,
                         const struct registration_draft *d, const struct profile *p,
                         struct registration_new *new)
{
    struct str label = registration_form_title(rq, p);
    enum err e;

    if (d->key_source != PROFILES_HSM)
        return E_OK;
    check_pin(rq, in);
    if (req_invalid(rq))
        return E_OK;
    e = registration_key_make(req_tx(rq), d, label, in->pin, req_now(rq), &new->csr,
                              &new->credential);
    if (e == E_INPUT) {
        req_field_error(rq, "pin",
                        MSG("Choose a PIN of 6 to 64 letters, digits and signs that is "
                            "no sequence and not one sign repeated."));
        return E_OK;
    }
    return e;
}

static enum err send(struct req *rq, struct resp *rs)
{
    const struct confirm_form *in = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct profiles_finding *f;
    struct registration_draft d;
    struct registration_new new;
    struct registration r;
    const struct profile *p;
    size_t n;

    TRY(look(rq, in->id, &d, &p, &new, &f, &n));
    if (d.sent) /* pressed twice: one application */
        return resp_seeother_text(rs, "/applications/{id}/done", d.receipt);
    bool stop = registration_refuses(f, n) ||
                (d.key_source == PROFILES_HSM && d.subscriber.v != d.applicant.v);
    if (stop)
        req_field_error(rq, "", MSG("Something was not accepted. Go back and correct it."));
    else
        TRY(make_key(rq, in, &d, p, &new));
    if (req_invalid(rq)) {
        resp_undo(rs);
        return show_confirm(rq, rs, &d, p, f, n);
    }
    TRY(registration_submit(req_tx(rq), &by, &new, req_now(rq), &r));
    return resp_seeother_text(rs, "/applications/{id}/done", r.receipt);
}

const struct route registration_confirm_routes[] = {
    { GET, "/certificates/apply/{id}/confirm", confirm, WHO_ACCOUNT,
      FORM(confirm_params, struct confirm_form), 0, 0, NULL, NULL },
    { POST, "/certificates/apply/{id}/confirm", send, WHO_ACCOUNT,
      FORM(confirm_params, struct confirm_form), ROUTE_COSTLY, 0, NULL, &send_rate },
    { 0 },
};
