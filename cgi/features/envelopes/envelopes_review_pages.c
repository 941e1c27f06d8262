/* envelopes_review_pages.c - the last screen before sending, and the receipt. */
#include "features/envelopes/envelopes_reasons_pages.h"

#include "features/envelopes/envelopes_pages.h"
#include "http/ratelimit.h"

static const struct rate send_rate = { "envelopes.send", RATE_ACCOUNT, 60, HOUR_US };

struct send_form {
    struct str id;
    bool agree;
};
static const struct param id_params[] = { PARAM_TOKEN(struct send_form, id, 1, 64), PARAM_END };
static const struct param send_params[] = { PARAM_TOKEN(struct send_form, id, 1, 64),
                                            PARAM_FLAG(struct send_form, agree), PARAM_END };

struct review_person {
    struct str name, mail;
    struct msg method;
    uint64_t number, seals;
};
static const struct view_field review_person_fields[] = {
    VIEW_TEXT(struct review_person, name),   VIEW_TEXT(struct review_person, mail),
    VIEW_MSG(struct review_person, method),  VIEW_COUNT(struct review_person, number),
    VIEW_COUNT(struct review_person, seals), VIEW_END,
};

struct review_view {
    struct str public_id, title, message;
    struct timestamp deadline;
    bool ordered, ready;
    uint64_t remind;
    struct msg obstacle;
    struct envelopes_paper *papers;
    size_t papers_count;
    struct review_person *people;
    size_t people_count;
    struct page_step *steps;
    size_t steps_count;
};
static const struct view_field review_fields[] = {
    VIEW_TEXT(struct review_view, public_id),
    VIEW_TEXT(struct review_view, title),
    VIEW_TEXT(struct review_view, message),
    VIEW_TIME(struct review_view, deadline),
    VIEW_FLAG(struct review_view, ordered),
    VIEW_FLAG(struct review_view, ready),
    VIEW_COUNT(struct review_view, remind),
    VIEW_MSG(struct review_view, obstacle),
    VIEW_LIST(struct review_view, papers, papers_count, envelopes_paper_fields),
    VIEW_LIST(struct review_view, people, people_count, review_person_fields),
    VIEW_LIST(struct review_view, steps, steps_count, page_step_fields),
    VIEW_END,
};
const struct view envelopes_review_view = { "envelopes/review.html", "Check and send {{title}}",
                                            review_fields, 0 };

static enum err fill_people(struct req *rq, const struct envelopes_envelope *e,
                            struct review_view *v)
{
    struct envelopes_party *p;
    struct envelopes_field *f;
    size_t seals;

    TRY(envelopes_parties(req_tx(rq), e->id, &p, &v->people_count));
    v->people = ARENA_ARRAY(req_arena(rq), v->people_count, struct review_person);
    for (size_t i = 0; i < v->people_count; i++) {
        bool copy = p[i].kind == ENVELOPES_COPY;
        TRY(envelopes_fields(req_tx(rq), p[i].id, &f, &seals));
        v->people[i] = (struct review_person){ p[i].name, p[i].mail,
                                               copy ? MSG("gets a copy")
                                                    : envelopes_reasons_method(p[i].method),
                                               copy ? 0 : i + 1, seals };
    }
    return E_OK;
}

static enum err show(struct req *rq, struct resp *rs, const struct envelopes_envelope *e)
{
    struct review_view v = { .public_id = e->public_id,
                             .title = e->title,
                             .message = e->message,
                             .deadline = e->deadline,
                             .ordered = e->ordered,
                             .remind = e->remind_days,
                             .steps_count = ENVELOPES_STEPS };
    const char *obstacle;

    TRY(envelopes_obstacle(req_tx(rq), e, req_now(rq), &obstacle));
    v.ready = obstacle == NULL;
    if (obstacle != NULL && !envelopes_reasons_text(obstacle, &v.obstacle))
        v.obstacle = MSG("Something is missing.");
    TRY(envelopes_reasons_papers(rq, e, &v.papers, &v.papers_count));
    TRY(fill_people(rq, e, &v));
    v.steps = envelopes_reasons_steps(rq, 3);
    return resp_page(rs, &envelopes_review_view, &v);
}

static enum err review(struct req *rq, struct resp *rs)
{
    const struct send_form *f = req_form(rq);
    struct envelopes_envelope e;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    if (e.state != ENVELOPES_DRAFT)
        return resp_seeother_text(rs, "/envelopes/{id}", e.public_id);
    return show(rq, rs, &e);
}

static enum err send(struct req *rq, struct resp *rs)
{
    const struct send_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;
    enum err err;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    if (e.state != ENVELOPES_DRAFT) /* a second click */
        return resp_seeother_text(rs, "/envelopes/{id}/sent", e.public_id);
    if (!req_invalid(rq) && !f->agree)
        req_field_error(rq, "agree", MSG("Tick this box to agree to the time of keeping."));
    if (req_invalid(rq))
        return show(rq, rs, &e);
    err = envelopes_send(req_tx(rq), &e, &by, req_now(rq));
    if (err != E_OK)
        return envelopes_reasons_show(rq, rs) ? show(rq, rs, &e) : err;
    return resp_seeother_text(rs, "/envelopes/{id}/sent", e.public_id);
}

/* --- the receipt --- */

struct sent_view {
    struct str public_id, receipt, title;
    struct timestamp deadline;
    bool ordered;
};
static const struct view_field sent_fields[] = {
    VIEW_TEXT(struct sent_view, public_id), VIEW_TEXT(struct sent_view, receipt),
    VIEW_TEXT(struct sent_view, title),     VIEW_TIME(struct sent_view, deadline),
    VIEW_FLAG(struct sent_view, ordered),   VIEW_END,
};
const struct view envelopes_sent_view = { "envelopes/sent.html", "Sent", sent_fields, 0 };

static enum err sent(struct req *rq, struct resp *rs)
{
    const struct send_form *f = req_form(rq);
    struct envelopes_envelope e;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    if (e.state == ENVELOPES_DRAFT)
        return resp_seeother_text(rs, "/envelopes/{id}/review", e.public_id);
    struct sent_view v = { e.public_id, envelopes_number(req_arena(rq), e.id), e.title, e.deadline,
                           e.ordered };
    return resp_page(rs, &envelopes_sent_view, &v);
}

const struct route envelopes_review_routes[] = {
    { GET, "/envelopes/{id}/review", review, WHO_ACCOUNT, FORM(id_params, struct send_form), 0, 0,
      NULL, NULL },
    { POST, "/envelopes/{id}/send", send, WHO_ACCOUNT, FORM(send_params, struct send_form), 0, 0,
      NULL, &send_rate },
    { GET, "/envelopes/{id}/sent", sent, WHO_ACCOUNT, FORM(id_params, struct send_form), 0, 0, NULL,
      NULL },
    { 0 },
};
