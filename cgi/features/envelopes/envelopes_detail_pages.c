/* envelopes_detail_pages.c - one envelope as its sender sees it: states, history, what can be done.
 */
#include "features/envelopes/envelopes_reasons_pages.h"

#include "base/encoding.h"
#include "features/envelopes/envelopes_pages.h"
#include "features/envelopes/envelopes_words_pages.h"
#include "http/ratelimit.h"

static const struct rate picture_rate = { "envelopes.picture", RATE_ACCOUNT, 600, MINUTE_US };

struct detail_form {
    struct str id, party, reason, name, mail;
    struct paper_id document;
    int64_t page;
    int lang, method;
    bool look;
};
static const struct choice langs[] = { { "ja", 0 }, { "en", 1 }, { NULL, 0 } };
static const struct choice methods[] = { { "witness", ENVELOPES_WITNESS },
                                         { "own", ENVELOPES_OWN },
                                         { "copy", ENVELOPES_NONE },
                                         { NULL, 0 } };

static const struct param id_params[] = { PARAM_TOKEN(struct detail_form, id, 1, 64), PARAM_END };
static const struct param party_params[] = { PARAM_TOKEN(struct detail_form, id, 1, 64),
                                             PARAM_TOKEN(struct detail_form, party, 1, 64),
                                             PARAM_END };
static const struct param void_params[] = { PARAM_TOKEN(struct detail_form, id, 1, 64),
                                            PARAM_MULTILINE(struct detail_form, reason, 1, 500),
                                            PARAM_END };
static const struct param address_params[] = {
    PARAM_TOKEN(struct detail_form, id, 1, 64),
    PARAM_TOKEN(struct detail_form, party, 1, 64),
    PARAM_TEXT(struct detail_form, name, 1, 120),
    PARAM_EMAIL(struct detail_form, mail),
    PARAM_CHOICE_OPT(struct detail_form, lang, langs, 0),
    PARAM_CHOICE_OPT(struct detail_form, method, methods, ENVELOPES_WITNESS),
    PARAM_END,
};
static const struct param file_params[] = { PARAM_TOKEN(struct detail_form, id, 1, 64),
                                            PARAM_ID(struct detail_form, document),
                                            PARAM_FLAG(struct detail_form, look), PARAM_END };
static const struct param picture_params[] = { PARAM_TOKEN(struct detail_form, id, 1, 64),
                                               PARAM_ID(struct detail_form, document),
                                               PARAM_INT(struct detail_form, page, 1, 5000),
                                               PARAM_END };

struct person_row {
    struct str party, name, mail, decline_reason;
    struct msg method;
    struct page_badge state;
    uint64_t number;
    struct timestamp at;
    bool can_remind, can_change, acts, locked;
};
static const struct view_field person_fields[] = {
    VIEW_TEXT(struct person_row, party),
    VIEW_TEXT(struct person_row, name),
    VIEW_TEXT(struct person_row, mail),
    VIEW_TEXT(struct person_row, decline_reason),
    VIEW_MSG(struct person_row, method),
    VIEW_STRUCT(struct person_row, state, page_badge_fields),
    VIEW_COUNT(struct person_row, number),
    VIEW_TIME(struct person_row, at),
    VIEW_FLAG(struct person_row, can_remind),
    VIEW_FLAG(struct person_row, can_change),
    VIEW_FLAG(struct person_row, acts),
    VIEW_FLAG(struct person_row, locked),
    VIEW_END,
};

struct paper_row {
    struct paper_id id;
    struct str filename, digest;
    uint64_t size;
    bool held;
};
static const struct view_field paper_fields[] = {
    VIEW_ID(struct paper_row, id),       VIEW_TEXT(struct paper_row, filename),
    VIEW_CODE(struct paper_row, digest), VIEW_SIZE(struct paper_row, size),
    VIEW_FLAG(struct paper_row, held),   VIEW_END,
};

struct detail_view {
    struct str public_id, title, message, number, end_reason;
    struct page_badge state;
    struct timestamp created, sent, deadline, ended, erase_at, erased;
    bool ordered, active, completing, completed, held;
    uint64_t signers, signed_by;
    struct person_row *people;
    size_t people_count;
    struct paper_row *papers;
    size_t papers_count;
    struct page_event *timeline;
    size_t timeline_count;
};
static const struct view_field detail_fields[] = {
    VIEW_TEXT(struct detail_view, public_id),
    VIEW_TEXT(struct detail_view, title),
    VIEW_TEXT(struct detail_view, message),
    VIEW_TEXT(struct detail_view, number),
    VIEW_TEXT(struct detail_view, end_reason),
    VIEW_STRUCT(struct detail_view, state, page_badge_fields),
    VIEW_TIME(struct detail_view, created),
    VIEW_TIME(struct detail_view, sent),
    VIEW_TIME(struct detail_view, deadline),
    VIEW_TIME(struct detail_view, ended),
    VIEW_TIME(struct detail_view, erase_at),
    VIEW_TIME(struct detail_view, erased),
    VIEW_FLAG(struct detail_view, ordered),
    VIEW_FLAG(struct detail_view, active),
    VIEW_FLAG(struct detail_view, completing),
    VIEW_FLAG(struct detail_view, completed),
    VIEW_FLAG(struct detail_view, held),
    VIEW_COUNT(struct detail_view, signers),
    VIEW_COUNT(struct detail_view, signed_by),
    VIEW_LIST(struct detail_view, people, people_count, person_fields),
    VIEW_LIST(struct detail_view, papers, papers_count, paper_fields),
    VIEW_LIST(struct detail_view, timeline, timeline_count, page_event_fields),
    VIEW_END,
};
const struct view envelopes_detail_view = { "envelopes/detail.html", "Envelope {{number}}",
                                            detail_fields, 0 };

static struct timestamp last_of(const struct envelopes_party *p)
{
    return !timestamp_is_none(p->signed_at)  ? p->signed_at
           : !timestamp_is_none(p->declined) ? p->declined
           : !timestamp_is_none(p->opened)   ? p->opened
                                             : p->invited;
}

static enum err fill_people(struct req *rq, const struct envelopes_envelope *e,
                            struct detail_view *v)
{
    struct envelopes_party *p;

    TRY(envelopes_parties(req_tx(rq), e->id, &p, &v->people_count));
    v->people = ARENA_ARRAY(req_arena(rq), v->people_count, struct person_row);
    for (size_t i = 0; i < v->people_count; i++) {
        bool copy = p[i].kind == ENVELOPES_COPY;
        bool awaited = v->active && p[i].state == ENVELOPES_TURN;
        v->signers += !copy;
        v->signed_by += p[i].state == ENVELOPES_SIGNED;
        v->people[i] = (struct person_row){
            .party = p[i].public_id,
            .name = p[i].name,
            .mail = p[i].mail,
            .decline_reason = p[i].decline_reason,
            .method = copy ? MSG("gets a copy") : envelopes_reasons_method(p[i].method),
            .state = envelopes_reasons_turn(&p[i]),
            .number = copy ? 0 : i + 1,
            .at = last_of(&p[i]),
            .can_remind = awaited,
            .can_change = v->active && timestamp_is_none(p[i].opened) &&
                          (awaited || p[i].state == ENVELOPES_WAITING),
            .acts = v->active && (awaited || p[i].state == ENVELOPES_WAITING),
            .locked = awaited && p[i].code_failures >= ENVELOPES_CODE_FAILURES,
        };
    }
    return E_OK;
}

static enum err fill_papers(struct req *rq, const struct envelopes_envelope *e,
                            struct detail_view *v)
{
    struct envelopes_document *d;

    TRY(envelopes_documents(req_tx(rq), e->id, &d, &v->papers_count));
    v->papers = ARENA_ARRAY(req_arena(rq), v->papers_count, struct paper_row);
    for (size_t i = 0; i < v->papers_count; i++) {
        bool held = d[i].held && timestamp_cmp(req_now(rq), d[i].delete_at) < 0;
        v->held = v->held || held;
        v->papers[i] = (struct paper_row){ d[i].id, d[i].filename,
                                           hex_encode(req_arena(rq), bytes_of_32(&d[i].digest)),
                                           d[i].size, held };
    }
    return E_OK;
}

static enum err fill_timeline(struct req *rq, const struct envelopes_envelope *e,
                              struct detail_view *v)
{
    struct envelopes_event *events;

    TRY(envelopes_events(req_tx(rq), e->id, &events, &v->timeline_count));
    v->timeline = ARENA_ARRAY(req_arena(rq), v->timeline_count, struct page_event);
    for (size_t i = 0; i < v->timeline_count; i++)
        v->timeline[i] = (struct page_event){ .at = events[i].at,
                                              .what = envelopes_words_what(events[i].what),
                                              .who = events[i].who };
    return E_OK;
}

static enum err show(struct req *rq, struct resp *rs, const struct envelopes_envelope *e)
{
    struct detail_view v = { .public_id = e->public_id,
                             .title = e->title,
                             .message = e->message,
                             .number = envelopes_number(req_arena(rq), e->id),
                             .end_reason = e->end_reason,
                             .state = envelopes_reasons_state(e->state),
                             .created = e->created,
                             .sent = e->sent,
                             .deadline = e->deadline,
                             .ended = e->ended,
                             .erase_at = e->erase_at,
                             .erased = e->erased,
                             .ordered = e->ordered,
                             .active = e->state == ENVELOPES_SENT,
                             .completing = e->state == ENVELOPES_COMPLETING,
                             .completed = e->state == ENVELOPES_COMPLETED };

    TRY(fill_people(rq, e, &v));
    TRY(fill_papers(rq, e, &v));
    TRY(fill_timeline(rq, e, &v));
    return resp_page(rs, &envelopes_detail_view, &v);
}

static enum err detail(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    struct envelopes_envelope e;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    if (e.state == ENVELOPES_DRAFT)
        return resp_seeother_text(rs, "/envelopes/{id}/edit", e.public_id);
    return show(rq, rs, &e);
}

/* --- reminding, another address, voiding --- */

static enum err remind(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;
    enum err err;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "party-unknown", "malformed id");
    TRY(envelopes_reasons_find(rq, f->id, &e));
    err = envelopes_remind(req_tx(rq), &e, f->party, &by, req_now(rq));
    if (err != E_OK)
        return envelopes_reasons_show(rq, rs) ? show(rq, rs, &e) : err;
    resp_flash(rs, "success", MSG("A reminder is on its way."), STR_ABSENT);
    return resp_seeother_text(rs, "/envelopes/{id}", e.public_id);
}

struct address_view {
    struct str public_id, party, name, mail, method;
    bool english, own, signs;
};
static const struct view_field address_fields[] = {
    VIEW_TEXT(struct address_view, public_id),
    VIEW_TEXT(struct address_view, party),
    VIEW_TEXT(struct address_view, name),
    VIEW_TEXT(struct address_view, mail),
    VIEW_TEXT(struct address_view, method),
    VIEW_FLAG(struct address_view, english),
    VIEW_FLAG(struct address_view, own),
    VIEW_FLAG(struct address_view, signs),
    VIEW_END,
};
const struct view envelopes_address_view = { "envelopes/address.html", "Change the address",
                                             address_fields, 0 };

static enum err show_address(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    struct envelopes_envelope e;
    struct envelopes_party p;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    TRY(envelopes_party_find(req_tx(rq), e.id, f->party, &p));
    struct address_view v = { .public_id = e.public_id,
                              .party = p.public_id,
                              .name = p.name,
                              .mail = p.mail,
                              .english = str_eq_z(p.lang, "en"),
                              .own = p.method == ENVELOPES_OWN,
                              .signs = p.kind == ENVELOPES_SIGNER };
    if (!str_absent(req_raw(rq, "mail"))) {
        v.name = req_raw(rq, "name");
        v.mail = req_raw(rq, "mail");
        v.english = str_eq_z(req_raw(rq, "lang"), "en");
        v.own = str_eq_z(req_raw(rq, "method"), "own");
    }
    return resp_page(rs, &envelopes_address_view, &v);
}

static enum err change_address(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_person to = { .name = f->name,
                                   .mail = f->mail,
                                   .lang = f->lang ? STR("en") : STR("ja"),
                                   .kind = f->method == ENVELOPES_NONE ? ENVELOPES_COPY
                                                                       : ENVELOPES_SIGNER,
                                   .method = (enum envelopes_method)f->method };
    struct envelopes_envelope e;
    enum err err;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    if (req_invalid(rq))
        return show_address(rq, rs);
    err = envelopes_readdress(req_tx(rq), &e, f->party, &to, &by, req_now(rq));
    if (err != E_OK)
        return envelopes_reasons_show(rq, rs) ? show_address(rq, rs) : err;
    resp_flash(rs, "success",
               MSG("The address is changed. Links sent before do not work any more."), STR_ABSENT);
    return resp_seeother_text(rs, "/envelopes/{id}", e.public_id);
}

struct void_view {
    struct str public_id, title, number, reason;
    uint64_t signers, signed_by;
};
static const struct view_field void_fields[] = {
    VIEW_TEXT(struct void_view, public_id),
    VIEW_TEXT(struct void_view, title),
    VIEW_TEXT(struct void_view, number),
    VIEW_TEXT(struct void_view, reason),
    VIEW_COUNT(struct void_view, signers),
    VIEW_COUNT(struct void_view, signed_by),
    VIEW_END,
};
const struct view envelopes_void_view = { "envelopes/void.html", "Cancel the signing", void_fields,
                                          0 };

static enum err ask_void(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    struct envelopes_envelope e;
    struct envelopes_party *p;
    size_t n;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    struct void_view v = { .public_id = e.public_id,
                           .title = e.title,
                           .number = envelopes_number(req_arena(rq), e.id),
                           .reason = req_raw(rq, "reason") };
    TRY(envelopes_parties(req_tx(rq), e.id, &p, &n));
    for (size_t i = 0; i < n; i++) {
        v.signers += p[i].kind == ENVELOPES_SIGNER;
        v.signed_by += p[i].state == ENVELOPES_SIGNED;
    }
    return resp_page(rs, &envelopes_void_view, &v);
}

static enum err do_void(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;
    enum err err;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    if (e.state == ENVELOPES_VOIDED) /* a second click */
        return resp_seeother_text(rs, "/envelopes/{id}", e.public_id);
    if (req_invalid(rq))
        return ask_void(rq, rs);
    err = envelopes_void(req_tx(rq), &e, f->reason, &by, req_now(rq));
    if (err != E_OK)
        return envelopes_reasons_show(rq, rs) ? ask_void(rq, rs) : err;
    resp_flash(rs, "success", MSG("Signing is cancelled. Everybody who was asked gets a mail."),
               STR_ABSENT);
    return resp_seeother_text(rs, "/envelopes/{id}", e.public_id);
}

/* --- bytes --- */

static enum err file(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    struct envelopes_envelope e;
    TRY(envelopes_reasons_find(rq, f->id, &e));
    return envelopes_reasons_file(rq, rs, &e, f->document, f->look);
}

static enum err picture(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    struct envelopes_envelope e;
    TRY(envelopes_reasons_find(rq, f->id, &e));
    return envelopes_reasons_picture(rq, rs, &e, f->document, (uint32_t)f->page);
}

static enum err report(struct req *rq, struct resp *rs)
{
    const struct detail_form *f = req_form(rq);
    struct envelopes_envelope e;
    TRY(envelopes_reasons_find(rq, f->id, &e));
    return envelopes_reasons_report(rq, rs, &e);
}

#define DETAIL(params) FORM(params, struct detail_form)

const struct route envelopes_detail_routes[] = {
    { GET, "/envelopes/{id}", detail, WHO_ACCOUNT, DETAIL(id_params), 0, 0, NULL, NULL },
    { POST, "/envelopes/{id}/people/{party}/remind", remind, WHO_ACCOUNT, DETAIL(party_params), 0,
      0, NULL, NULL },
    { GET, "/envelopes/{id}/people/{party}/address", show_address, WHO_ACCOUNT,
      DETAIL(party_params), 0, 0, NULL, NULL },
    { POST, "/envelopes/{id}/people/{party}/address", change_address, WHO_ACCOUNT,
      DETAIL(address_params), 0, 0, NULL, NULL },
    { GET, "/envelopes/{id}/void", ask_void, WHO_ACCOUNT, DETAIL(id_params), 0, 0, NULL, NULL },
    { POST, "/envelopes/{id}/void", do_void, WHO_ACCOUNT, DETAIL(void_params), 0, 0, NULL, NULL },
    { GET, "/envelopes/{id}/documents/{document}/file", file, WHO_ACCOUNT, DETAIL(file_params), 0,
      0, NULL, NULL },
    { GET, "/envelopes/{id}/documents/{document}/pages/{page}", picture, WHO_ACCOUNT,
      DETAIL(picture_params), 0, 0, NULL, &picture_rate },
    { GET, "/envelopes/{id}/report", report, WHO_ACCOUNT, DETAIL(id_params), 0, 0, NULL, NULL },
    { 0 },
};
