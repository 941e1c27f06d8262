/*
 * registration_apply_pages.c - a new application, the first two screens: its kind, and the form
 * that the profile makes. What is written is kept at each step, so that neither a way back nor the
 * end of a session loses it.
 */
#include "features/registration/registration_apply_pages.h"

#include "http/ratelimit.h"

static const struct rate draft_rate = { "registration.draft", RATE_ACCOUNT, 60, 10 * MINUTE_US };

/* --- the kind --- */

struct kind_form {
    struct str profile, person;
};
static const struct param kind_params[] = { PARAM_TOKEN_OPT(struct kind_form, profile, 40),
                                            PARAM_TOKEN_OPT(struct kind_form, person, 20),
                                            PARAM_END };

struct kind_row {
    struct str name, title, about;
    bool personal, two;
};
static const struct view_field kind_row_fields[] = {
    VIEW_TEXT(struct kind_row, name),  VIEW_TEXT(struct kind_row, title),
    VIEW_TEXT(struct kind_row, about), VIEW_FLAG(struct kind_row, personal),
    VIEW_FLAG(struct kind_row, two),   VIEW_END,
};

struct draft_row {
    struct application_id id;
    struct str title, profile, subscriber;
    struct timestamp changed;
};
static const struct view_field draft_row_fields[] = {
    VIEW_ID(struct draft_row, id),        VIEW_TEXT(struct draft_row, title),
    VIEW_TEXT(struct draft_row, profile), VIEW_TEXT(struct draft_row, subscriber),
    VIEW_TIME(struct draft_row, changed), VIEW_END,
};

struct kind_view {
    struct kind_row *kinds;
    size_t kinds_count;
    struct draft_row *drafts;
    size_t drafts_count;
    struct page_step *steps;
    size_t steps_count;
    struct str person, person_name;
    bool others; /* may apply for others */
};
static const struct view_field kind_fields[] = {
    VIEW_LIST(struct kind_view, kinds, kinds_count, kind_row_fields),
    VIEW_LIST(struct kind_view, drafts, drafts_count, draft_row_fields),
    VIEW_COUNT(struct kind_view, kinds_count),
    VIEW_COUNT(struct kind_view, drafts_count),
    VIEW_LIST(struct kind_view, steps, steps_count, page_step_fields),
    VIEW_TEXT(struct kind_view, person),
    VIEW_TEXT(struct kind_view, person_name),
    VIEW_FLAG(struct kind_view, others),
    VIEW_END,
};
const struct view registration_kind_view = { "registration/kind.html", "Apply for a certificate",
                                             kind_fields, 0 };

static bool for_others(const struct req *rq)
{
    return (req_who(rq)->roles & (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)) != 0;
}

/* Whose certificate it will be: the person chosen, or oneself. E_ABSENT for anybody who is not of
 * the tenant, or when the asker may apply for himself only. */
static enum err whose(struct req *rq, struct str person, struct accounts_info *out)
{
    struct account_id id = req_account(rq);
    uint64_t number;

    if (!str_empty(person)) {
        if (!for_others(rq) || str_to_u64(person, INT64_MAX, &number) != E_OK || number == 0)
            return FAIL(E_ABSENT, "subscriber-unknown", "not one of the tenant's people");
        id.v = number;
    }
    return accounts_get(req_tx(rq), req_tenant(rq), id, out);
}

static enum err fill_drafts(struct req *rq, struct kind_view *v)
{
    struct registration_draft *d;
    const struct profile *p;

    TRY(registration_draft_list(req_tx(rq), req_tenant(rq), req_account(rq), &d, &v->drafts_count));
    v->drafts = ARENA_ARRAY(req_arena(rq), v->drafts_count, struct draft_row);
    for (size_t i = 0; i < v->drafts_count; i++) {
        TRY(profiles_get(req_tx(rq), d[i].profile, 0, &p));
        v->drafts[i] =
            (struct draft_row){ d[i].id, d[i].title, registration_form_title(rq, p),
                                str_absent(d[i].subscriber_name) ? STR("") : d[i].subscriber_name,
                                d[i].changed };
    }
    return E_OK;
}

static enum err fill_kinds(struct req *rq, struct kind_view *v)
{
    const struct profile **list;
    size_t n;

    /* also by roles that count on another port only: an operator's certificate is applied for here
     */
    TRY(profiles_for(req_tx(rq), req_tenant(rq), req_who(rq)->roles | req_who(rq)->held, &list,
                     &n));
    v->kinds = ARENA_ARRAY(req_arena(rq), n, struct kind_row);
    for (size_t i = 0; i < n; i++) {
        bool en = req_lang(rq) == LANG_EN;
        v->kinds[v->kinds_count++] =
            (struct kind_row){ list[i]->name, registration_form_title(rq, list[i]),
                               en ? list[i]->about_en : list[i]->about_ja, list[i]->person,
                               list[i]->approvals > 1 };
    }
    return E_OK;
}

static enum err show_kinds(struct req *rq, struct resp *rs)
{
    const struct kind_form *f = req_form(rq);
    struct kind_view v = { .steps = registration_form_steps(rq, 0),
                           .steps_count = REGISTRATION_STEPS,
                           .others = for_others(rq) };
    struct accounts_info who = { .id = { 0 } };

    TRY(whose(rq, f->person, &who));
    v.person = who.id.v != req_account(rq).v ? f->person : STR("");
    v.person_name = who.name;
    TRY(fill_kinds(rq, &v));
    TRY(fill_drafts(rq, &v));
    return resp_page(rs, &registration_kind_view, &v);
}

static enum err begin(struct req *rq, struct resp *rs)
{
    const struct kind_form *f = req_form(rq);
    struct registration_new n = { .tenant = req_tenant(rq),
                                  .applicant = req_account(rq),
                                  .profile = f->profile,
                                  .lang = str_z(message_lang_code(req_lang(rq))) };
    struct accounts_info who;
    struct application_id id;

    if (req_invalid(rq) || str_empty(f->profile))
        return FAIL(E_INPUT, "form-invalid", "no kind is chosen");
    TRY(whose(rq, f->person, &who));
    n.subscriber = who.id;
    n.contact = who.email;
    enum err e = registration_draft_new(req_tx(rq), &n, req_now(rq), &id);
    if (e == E_LIMIT) {
        req_field_error(rq, "",
                        MSG("You have begun twenty applications. Send one, or throw one "
                            "away, first."));
        return show_kinds(rq, rs);
    }
    TRY(e);
    return resp_seeother(rs, "/certificates/apply/{id}", id.v);
}

/* --- another person --- */

struct person_form {
    struct str q;
};
static const struct param person_params[] = { PARAM_TEXT_OPT(struct person_form, q, 120),
                                              PARAM_END };

struct person_row {
    struct account_id id;
    struct str name, login, email;
};
static const struct view_field person_row_fields[] = {
    VIEW_ID(struct person_row, id),
    VIEW_TEXT(struct person_row, name),
    VIEW_TEXT(struct person_row, login),
    VIEW_TEXT(struct person_row, email),
    VIEW_END,
};

struct person_view {
    struct str q;
    struct person_row *people;
    size_t people_count;
    bool asked;
};
static const struct view_field person_fields[] = {
    VIEW_TEXT(struct person_view, q),
    VIEW_LIST(struct person_view, people, people_count, person_row_fields),
    VIEW_COUNT(struct person_view, people_count),
    VIEW_FLAG(struct person_view, asked),
    VIEW_END,
};
const struct view registration_person_view = { "registration/person.html",
                                               "Apply for somebody else", person_fields, 0 };

static enum err choose_person(struct req *rq, struct resp *rs)
{
    const struct person_form *f = req_form(rq);
    struct person_view v = { .q = str_empty(f->q) ? STR("") : f->q, .asked = !str_empty(f->q) };
    struct registration_person *p;

    TRY(registration_people(req_tx(rq), req_tenant(rq), v.q, &p, &v.people_count));
    v.people = ARENA_ARRAY(req_arena(rq), v.people_count, struct person_row);
    for (size_t i = 0; i < v.people_count; i++)
        v.people[i] = (struct person_row){ p[i].id, p[i].name, p[i].login, p[i].email };
    return resp_page(rs, &registration_person_view, &v);
}

/* --- the form --- */

static const struct param form_params[] = { PARAM_ID(struct registration_input, id),
                                            REGISTRATION_FORM_PARAMS, PARAM_END };
static const struct param draft_params[] = { PARAM_ID(struct registration_input, id), PARAM_END };

static enum err own_draft(struct req *rq, struct application_id id, struct registration_draft *d,
                          const struct profile **p)
{
    TRY(registration_draft_lock(req_tx(rq), req_tenant(rq), req_account(rq), id, d));
    return profiles_get(req_tx(rq), d->profile, 0, p);
}

/* A draft that was sent in another window: to what it became. */
static enum err to_sent(struct resp *rs, const struct registration_draft *d)
{
    return resp_seeother_text(rs, "/applications/{id}", d->receipt);
}

static enum err show_form(struct req *rq, struct resp *rs, const struct registration_draft *d,
                          const struct profile *p, const struct profiles_finding *f, size_t n)
{
    struct registration_form_view v = {
        .id = d->id,
        .title = registration_form_title(rq, p),
        .subscriber = str_absent(d->subscriber_name) ? STR("") : d->subscriber_name,
        .own = d->subscriber.v == d->applicant.v,
        .action = str_fmt(req_arena(rq), "/certificates/apply/%llu", (unsigned long long)d->id.v),
        .fields = registration_form_rows(rq, p, d->values, d->values_n, f, n),
        .fields_count = p->fields_n,
        .steps = registration_form_steps(rq, 1),
        .steps_count = REGISTRATION_STEPS,
        .typed_csr = str_empty(req_raw(rq, "csr")) ? STR("") : req_raw(rq, "csr"),
    };

    v.ways = registration_form_ways(rq, p, d->key_source, &v.ways_count);
    v.csr_possible = (p->keys & (uint32_t)PROFILES_CSR) != 0;
    v.several = v.ways_count > 1;
    TRY(registration_apply_request(rq, d->csr, &v.request));
    return resp_page(rs, &registration_form_view, &v);
}

static enum err form(struct req *rq, struct resp *rs)
{
    const struct registration_input *in = req_form(rq);
    struct registration_draft d;
    const struct profile *p;

    TRY(own_draft(rq, in->id, &d, &p));
    if (d.sent)
        return to_sent(rs, &d);
    return show_form(rq, rs, &d, p, NULL, 0);
}

static struct str title_of(const struct profile *p, const struct registration_draft *d)
{
    for (size_t i = 0; i < p->subject_n; i++)
        for (size_t k = 0; p->subject[i].type == OID_CN && k < d->values_n; k++)
            if (str_eq(p->subject[i].field, d->values[k].name))
                return d->values[k].value;
    return d->values_n ? d->values[0].value : STR("");
}

static enum err keep(struct req *rq, struct resp *rs)
{
    const struct registration_input *in = req_form(rq);
    bool typed_wrong = req_invalid(rq);
    struct profiles_finding *f;
    struct registration_draft d;
    const struct profile *p;
    struct bytes csr;
    size_t n;

    TRY(own_draft(rq, in->id, &d, &p));
    if (d.sent)
        return to_sent(rs, &d);
    if (in->key != 0 && (p->keys & (uint32_t)in->key))
        d.key_source = (enum profiles_key)in->key;
    registration_form_read(rq, in, p, d.values, d.values_n, &d.values, &d.values_n);
    registration_form_request(rq, in, &csr);
    if (csr.n > 0)
        d.csr = csr;
    d.title = title_of(p, &d);
    TRY(registration_draft_keep(req_tx(rq), &d, req_now(rq)));
    const struct registration_new new = registration_apply_new(rq, &d);
    TRY(registration_check(req_tx(rq), &new, req_now(rq), &f, &n));
    bool faults = registration_form_faults(rq, p, f, n);
    if (typed_wrong || faults || req_invalid(rq))
        return show_form(rq, rs, &d, p, f, n);
    return resp_seeother(rs, "/certificates/apply/{id}/confirm", d.id.v);
}

static enum err drop(struct req *rq, struct resp *rs)
{
    const struct registration_input *in = req_form(rq);

    if (req_invalid(rq))
        return FAIL(E_INPUT, "form-invalid", "no draft");
    TRY(registration_draft_drop(req_tx(rq), req_tenant(rq), req_account(rq), in->id));
    resp_flash(rs, "success", MSG("What you had begun is thrown away."), STR(""));
    return resp_seeother(rs, "/applications", 0);
}

const struct route registration_apply_routes[] = {
    { GET, "/certificates/apply", show_kinds, WHO_ACCOUNT, FORM(kind_params, struct kind_form), 0,
      0, NULL, NULL },
    { POST, "/certificates/apply", begin, WHO_ACCOUNT, FORM(kind_params, struct kind_form), 0, 0,
      NULL, &draft_rate },
    { GET, "/certificates/apply/person", choose_person, ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR,
      FORM(person_params, struct person_form), 0, 0, NULL, NULL },
    { GET, "/certificates/apply/{id}", form, WHO_ACCOUNT,
      FORM(draft_params, struct registration_input), 0, 0, NULL, NULL },
    { POST, "/certificates/apply/{id}", keep, WHO_ACCOUNT,
      FORM(form_params, struct registration_input), 0, REGISTRATION_FORM_BODY, NULL, &draft_rate },
    { POST, "/certificates/apply/{id}/delete", drop, WHO_ACCOUNT,
      FORM(draft_params, struct registration_input), 0, 0, NULL, NULL },
    { 0 },
};
