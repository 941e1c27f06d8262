/* registration_mine_pages.c - a person's own applications: the list, one of them with its history,
 * and the page with the receipt number. */
#include "features/registration/registration_apply_pages.h"

#include "base/encoding.h"
#include "features/registration/registration_collect.h"
#include "features/registration/registration_decide.h"
#include "features/registration/registration_review_inside_pages.h"
#include "http/ratelimit.h"

#define PER_PAGE 50
#define ALL (-1)

static const struct rate link_rate = { "registration.link", RATE_ACCOUNT, 5, HOUR_US };

static const struct choice states[] = {
    { "", ALL },
    { "waiting", REGISTRATION_WAITING },
    { "returned", REGISTRATION_RETURNED },
    { "held", REGISTRATION_HELD },
    { "approved", REGISTRATION_APPROVED },
    { "issued", REGISTRATION_ISSUED },
    { "rejected", REGISTRATION_REJECTED },
    { "withdrawn", REGISTRATION_WITHDRAWN },
    { "refused", REGISTRATION_REFUSED },
    { NULL, 0 },
};

/* --- the list --- */

struct list_form {
    int state;
    int64_t page;
};
static const struct param list_params[] = { PARAM_CHOICE_OPT(struct list_form, state, states, ALL),
                                            PARAM_INT_OPT(struct list_form, page, 1, 10000, 1),
                                            PARAM_END };

struct list_row {
    struct str receipt, title, profile;
    struct page_badge state;
    struct timestamp submitted, changed;
};
static const struct view_field list_row_fields[] = {
    VIEW_TEXT(struct list_row, receipt),
    VIEW_TEXT(struct list_row, title),
    VIEW_TEXT(struct list_row, profile),
    VIEW_STRUCT(struct list_row, state, page_badge_fields),
    VIEW_TIME(struct list_row, submitted),
    VIEW_TIME(struct list_row, changed),
    VIEW_END,
};

struct list_view {
    struct list_row *rows;
    size_t rows_count;
    struct page_choice *states;
    size_t states_count;
    struct page_pager pager;
    uint64_t total, drafts;
    bool filtered;
};
static const struct view_field list_fields[] = {
    VIEW_LIST(struct list_view, rows, rows_count, list_row_fields),
    VIEW_COUNT(struct list_view, rows_count),
    VIEW_LIST(struct list_view, states, states_count, page_choice_fields),
    VIEW_STRUCT(struct list_view, pager, page_pager_fields),
    VIEW_COUNT(struct list_view, total),
    VIEW_COUNT(struct list_view, drafts),
    VIEW_FLAG(struct list_view, filtered),
    VIEW_END,
};
const struct view registration_mine_view = { "registration/mine.html", "My applications",
                                             list_fields, VIEW_WIDE };

static void fill_states(struct req *rq, int chosen, struct list_view *v)
{
    while (states[v->states_count].word)
        v->states_count++;
    v->states = ARENA_ARRAY(req_arena(rq), v->states_count, struct page_choice);
    for (size_t i = 0; i < v->states_count; i++)
        v->states[i] = (struct page_choice){
            .value = str_z(states[i].word),
            .label = i == 0
                         ? MSG("All")
                         : registration_review_state((enum registration_state)states[i].value).word,
            .selected = states[i].value == chosen,
        };
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    struct str state = f->state == ALL
                           ? STR("")
                           : str_z(registration_state_name((enum registration_state)f->state));
    struct str query = str_fmt(req_arena(rq), "state=%s", state.p);
    struct list_view v = { .filtered = f->state != ALL };
    struct registration_mine *m;
    struct registration_draft *d;
    size_t drafts;

    TRY(registration_mine(req_tx(rq), req_tenant(rq), req_account(rq), state,
                          (uint32_t)(f->page - 1) * PER_PAGE, PER_PAGE, &m, &v.rows_count,
                          &v.total));
    v.rows = ARENA_ARRAY(req_arena(rq), v.rows_count, struct list_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = (struct list_row){ m[i].receipt,
                                       m[i].title,
                                       registration_review_profile(rq, m[i].profile),
                                       registration_review_state(m[i].state),
                                       m[i].submitted,
                                       m[i].changed };
    TRY(registration_draft_list(req_tx(rq), req_tenant(rq), req_account(rq), &d, &drafts));
    v.drafts = drafts;
    v.pager = page_pager_make(req_arena(rq), STR("/applications"), query, (uint64_t)f->page,
                              PER_PAGE, v.total);
    fill_states(rq, f->state, &v);
    return resp_page(rs, &registration_mine_view, &v);
}

/* --- one of them --- */

struct one_form {
    struct str receipt;
};
static const struct param one_params[] = { PARAM_TOKEN(struct one_form, receipt, 1, 20),
                                           PARAM_END };

enum err registration_mine_own(struct req *rq, struct str receipt, struct registration *r)
{
    TRY(registration_by_receipt(req_tx(rq), req_tenant(rq), receipt, r));
    if (r->applicant.v != req_account(rq).v && r->subscriber.v != req_account(rq).v)
        return FAIL(E_ABSENT, "application-unknown", "neither applicant nor subscriber");
    return E_OK;
}

struct detail_view {
    struct str receipt, title, profile, subscriber, applicant, note, refused, contact, cps, code;
    struct msg source;
    struct page_badge state;
    struct certificate_id certificate;
    struct timestamp submitted, link_until;
    bool waiting, returned, held, approved, issued, rejected, was_refused, own, correctable,
        withdrawable, link, issuing, edited, code_needed;
    struct registration_fact *facts;
    size_t facts_count;
    struct registration_check_row *checks;
    size_t checks_count;
    struct registration_request_row *request;
    struct page_event *timeline;
    size_t timeline_count;
};
static const struct view_field detail_fields[] = {
    VIEW_TEXT(struct detail_view, receipt),
    VIEW_TEXT(struct detail_view, title),
    VIEW_TEXT(struct detail_view, profile),
    VIEW_TEXT(struct detail_view, subscriber),
    VIEW_TEXT(struct detail_view, applicant),
    VIEW_TEXT(struct detail_view, note),
    VIEW_TEXT(struct detail_view, refused),
    VIEW_TEXT(struct detail_view, contact),
    VIEW_TEXT(struct detail_view, cps),
    VIEW_CODE(struct detail_view, code),
    VIEW_MSG(struct detail_view, source),
    VIEW_STRUCT(struct detail_view, state, page_badge_fields),
    VIEW_ID(struct detail_view, certificate),
    VIEW_TIME(struct detail_view, submitted),
    VIEW_TIME(struct detail_view, link_until),
    VIEW_FLAG(struct detail_view, waiting),
    VIEW_FLAG(struct detail_view, returned),
    VIEW_FLAG(struct detail_view, held),
    VIEW_FLAG(struct detail_view, approved),
    VIEW_FLAG(struct detail_view, issued),
    VIEW_FLAG(struct detail_view, rejected),
    VIEW_FLAG(struct detail_view, was_refused),
    VIEW_FLAG(struct detail_view, own),
    VIEW_FLAG(struct detail_view, correctable),
    VIEW_FLAG(struct detail_view, withdrawable),
    VIEW_FLAG(struct detail_view, link),
    VIEW_FLAG(struct detail_view, issuing),
    VIEW_FLAG(struct detail_view, edited),
    VIEW_FLAG(struct detail_view, code_needed),
    VIEW_LIST(struct detail_view, facts, facts_count, registration_fact_fields),
    VIEW_LIST(struct detail_view, checks, checks_count, registration_check_fields),
    VIEW_OPTION(struct detail_view, request, registration_request_fields),
    VIEW_LIST(struct detail_view, timeline, timeline_count, page_event_fields),
    VIEW_END,
};
const struct view registration_detail_view = { "registration/detail.html",
                                               "Application {{receipt}}", detail_fields, 0 };

static enum err fill_timeline(struct req *rq, const struct registration *r, struct detail_view *v)
{
    struct registration_event *e;

    TRY(registration_events(req_tx(rq), r->tenant, r->id, &e, &v->timeline_count));
    v->timeline = ARENA_ARRAY(req_arena(rq), v->timeline_count, struct page_event);
    for (size_t i = 0; i < v->timeline_count; i++)
        v->timeline[i] =
            (struct page_event){ e[i].at, registration_review_event(e[i].kind),
                                 str_absent(e[i].actor_name) ? STR("") : e[i].actor_name,
                                 str_absent(e[i].note) ? STR("") : e[i].note };
    return E_OK;
}

static enum err fill_link(struct req *rq, const struct registration *r, struct detail_view *v)
{
    struct registration_link_note note;
    enum err e;

    v->link = r->state == REGISTRATION_APPROVED && r->csr.n == 0;
    if (!v->link)
        return E_OK;
    e = registration_link_newest(req_tx(rq), r, req_now(rq), &note);
    if (e == E_ABSENT) { /* the worker has not written the mail yet */
        fault_clear();
        return E_OK;
    }
    TRY(e);
    if (note.open) {
        v->link_until = note.expires;
        v->code_needed = r->subscriber.v == 0 && r->applicant.v == req_account(rq).v;
        v->code = v->code_needed ? note.code : STR("");
    }
    return E_OK;
}

static void fill_state(const struct registration *r, struct detail_view *v)
{
    v->waiting = r->state == REGISTRATION_WAITING;
    v->returned = r->state == REGISTRATION_RETURNED;
    v->held = r->state == REGISTRATION_HELD;
    v->approved = r->state == REGISTRATION_APPROVED;
    v->issued = r->state == REGISTRATION_ISSUED;
    v->rejected = r->state == REGISTRATION_REJECTED;
    v->was_refused = r->state == REGISTRATION_REFUSED;
    v->issuing = v->approved && r->csr.n > 0;
    v->correctable = v->returned && v->own;
    v->withdrawable = v->own && (v->waiting || v->returned || v->held);
    v->edited = r->edited;
    v->certificate = v->issued ? r->certificate : (struct certificate_id){ 0 };
}

static struct str text(struct str s)
{
    return str_absent(s) ? STR("") : s;
}

static enum err detail(struct req *rq, struct resp *rs)
{
    const struct one_form *f = req_form(rq);
    const struct profile *p;
    struct registration r;

    TRY(registration_mine_own(rq, f->receipt, &r));
    TRY(profiles_get(req_tx(rq), r.profile, r.profile_version, &p));
    struct detail_view v = { .receipt = r.receipt,
                             .title = r.title,
                             .profile = registration_form_title(rq, p),
                             .subscriber = text(r.subscriber_name),
                             .applicant = text(r.applicant_name),
                             .note = text(r.decision_note),
                             .refused = registration_form_words(rq, r.refused),
                             .contact = r.contact,
                             .cps = p->cps,
                             .source = registration_form_source(r.key_source),
                             .state = registration_review_state(r.state),
                             .submitted = r.submitted,
                             .own = r.applicant.v == req_account(rq).v,
                             .link_until = TIMESTAMP_NONE };

    fill_state(&r, &v);
    v.facts = registration_form_facts(rq, p, r.values, r.values_n, &v.facts_count);
    v.checks = registration_form_checks(rq, p, r.key_source, r.checks, r.checks_n, &v.checks_count);
    if (r.key_source == PROFILES_CSR)
        TRY(registration_apply_request(rq, r.csr, &v.request));
    TRY(fill_link(rq, &r, &v));
    TRY(fill_timeline(rq, &r, &v));
    return resp_page(rs, &registration_detail_view, &v);
}

/* --- the number --- */

struct done_view {
    struct str receipt, title, profile, contact;
    struct timestamp submitted, by;
    bool browser, file, own_key, token, two;
    struct page_step *steps;
    size_t steps_count;
};
static const struct view_field done_fields[] = {
    VIEW_TEXT(struct done_view, receipt),
    VIEW_TEXT(struct done_view, title),
    VIEW_TEXT(struct done_view, profile),
    VIEW_TEXT(struct done_view, contact),
    VIEW_TIME(struct done_view, submitted),
    VIEW_DATE(struct done_view, by),
    VIEW_FLAG(struct done_view, browser),
    VIEW_FLAG(struct done_view, file),
    VIEW_FLAG(struct done_view, own_key),
    VIEW_FLAG(struct done_view, token),
    VIEW_FLAG(struct done_view, two),
    VIEW_LIST(struct done_view, steps, steps_count, page_step_fields),
    VIEW_END,
};
const struct view registration_done_view = { "registration/done.html",
                                             "The application is sent: {{receipt}}", done_fields,
                                             0 };

/* So many working days later, Saturdays and Sundays left out. */
static struct timestamp working_days(struct timestamp t, int days)
{
    enum { THURSDAY = 4, WEEK = 7, SATURDAY = 6 }; /* 1 January 1970 was a Thursday */
    int64_t day = (timestamp_to_unix(t) + 9 * 3600) / 86400;

    while (days > 0) {
        day++;
        if ((day + THURSDAY) % WEEK != SATURDAY && (day + THURSDAY) % WEEK != 0)
            days--;
    }
    return timestamp_from_unix(day * 86400);
}

static enum err done(struct req *rq, struct resp *rs)
{
    const struct one_form *f = req_form(rq);
    const struct profile *p;
    struct registration r;

    TRY(registration_mine_own(rq, f->receipt, &r));
    TRY(profiles_get(req_tx(rq), r.profile, r.profile_version, &p));
    struct done_view v = { .receipt = r.receipt,
                           .title = r.title,
                           .profile = registration_form_title(rq, p),
                           .contact = r.contact,
                           .submitted = r.submitted,
                           .by = working_days(r.submitted, 3),
                           .browser = r.key_source == PROFILES_BROWSER,
                           .file = r.key_source == PROFILES_PKCS12,
                           .own_key = r.key_source == PROFILES_CSR,
                           .token = r.key_source == PROFILES_HSM,
                           .two = r.approvals_needed > 1,
                           .steps = registration_form_steps(rq, REGISTRATION_STEPS),
                           .steps_count = REGISTRATION_STEPS };
    return resp_page(rs, &registration_done_view, &v);
}

/* --- the link again --- */

static enum err link_again(struct req *rq, struct resp *rs)
{
    const struct one_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct registration r;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "application-unknown", "no receipt number");
    TRY(registration_mine_own(rq, f->receipt, &r));
    TRY(registration_link_again(req_tx(rq), &by, &r));
    resp_flash(rs, "success", MSG("A new link is on its way. Earlier links are void."), STR(""));
    return resp_seeother_text(rs, "/applications/{id}", r.receipt);
}

enum err registration_mine_rail(struct req *rq, uint64_t *n)
{
    return registration_mine_returned(req_tx(rq), req_tenant(rq), req_account(rq), n);
}

const struct route registration_mine_routes[] = {
    { GET, "/applications", list, WHO_ACCOUNT, FORM(list_params, struct list_form), 0, 0, NULL,
      NULL },
    { GET, "/applications/{receipt}", detail, WHO_ACCOUNT, FORM(one_params, struct one_form), 0, 0,
      NULL, NULL },
    { GET, "/applications/{receipt}/done", done, WHO_ACCOUNT, FORM(one_params, struct one_form), 0,
      0, NULL, NULL },
    { POST, "/applications/{receipt}/link", link_again, WHO_ACCOUNT,
      FORM(one_params, struct one_form), 0, 0, NULL, &link_rate },
    { 0 },
};
