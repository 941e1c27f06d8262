/*
 * envelopes_visit_pages.c - what a party sees and does: the documents with their warnings, the
 * words of the sender, signing or declining, and later the results. The same pages for visitors
 * with a cookie and for accounts.
 */
#include "features/envelopes/envelopes_reasons_pages.h"

#include "base/encoding.h"
#include "features/envelopes/envelopes_pages.h"
#include "http/cookie.h"
#include "http/ratelimit.h"

#define PICTURES 40 /* of one document on the page; the file has them all */

static const struct rate sign_rate = { "envelopes.sign", RATE_ADDRESS | RATE_ACCOUNT, 30,
                                       10 * MINUTE_US };
static const struct rate picture_rate = { "envelopes.picture", RATE_ADDRESS, 1200, MINUTE_US };

struct visit_form {
    struct str party, credential, totp, reason;
    struct secret *pin;
    struct paper_id document;
    int64_t page;
    bool agree, look;
};
static const struct param party_params[] = { PARAM_TOKEN(struct visit_form, party, 1, 64),
                                             PARAM_END };
static const struct param sign_params[] = { PARAM_TOKEN(struct visit_form, party, 1, 64),
                                            PARAM_FLAG(struct visit_form, agree),
                                            PARAM_TOKEN_OPT(struct visit_form, credential, 64),
                                            PARAM_SECRET_OPT(struct visit_form, pin, 0, 64),
                                            PARAM_TEXT_OPT(struct visit_form, totp, 10),
                                            PARAM_END };
static const struct param decline_params[] = { PARAM_TOKEN(struct visit_form, party, 1, 64),
                                               PARAM_MULTILINE(struct visit_form, reason, 1, 500),
                                               PARAM_END };
static const struct param file_params[] = { PARAM_TOKEN(struct visit_form, party, 1, 64),
                                            PARAM_ID(struct visit_form, document),
                                            PARAM_FLAG(struct visit_form, look), PARAM_END };
static const struct param picture_params[] = { PARAM_TOKEN(struct visit_form, party, 1, 64),
                                               PARAM_ID(struct visit_form, document),
                                               PARAM_INT(struct visit_form, page, 1, 5000),
                                               PARAM_END };

/* --- who is here --- */

static enum err seat(struct req *rq, struct str party, struct envelopes_seat *out)
{
    struct arena *a = req_arena(rq);
    struct str name = str_fmt(a, "__Host-envelope-%.*s", STR_ARG(party)), cookie;

    if (req_account(rq).v != 0) {
        enum err e =
            envelopes_seat_by_account(req_tx(rq), party, req_account(rq), req_now(rq), out);
        if (e != E_ABSENT)
            return e;
        fault_clear();
    }
    cookie = cookie_get(a, req_header(rq, "Cookie"), name.p);
    return envelopes_seat_by_cookie(req_tx(rq), party, cookie, req_now(rq), out);
}

/* --- the page --- */

struct page_row {
    uint64_t number;
};
static const struct view_field page_fields[] = { VIEW_INT(struct page_row, number), VIEW_END };

struct warning_row {
    struct msg text;
    uint64_t page;
};
static const struct view_field warning_fields[] = { VIEW_MSG(struct warning_row, text),
                                                    VIEW_COUNT(struct warning_row, page),
                                                    VIEW_END };

struct paper_row {
    struct paper_id id;
    struct str filename, digest;
    uint64_t size, pages;
    bool held, more;
    struct page_row *pictures;
    size_t pictures_count;
    struct warning_row *warnings;
    size_t warnings_count;
};
static const struct view_field paper_fields[] = {
    VIEW_ID(struct paper_row, id),
    VIEW_TEXT(struct paper_row, filename),
    VIEW_CODE(struct paper_row, digest),
    VIEW_SIZE(struct paper_row, size),
    VIEW_COUNT(struct paper_row, pages),
    VIEW_FLAG(struct paper_row, held),
    VIEW_FLAG(struct paper_row, more),
    VIEW_LIST(struct paper_row, pictures, pictures_count, page_fields),
    VIEW_LIST(struct paper_row, warnings, warnings_count, warning_fields),
    VIEW_INT(struct paper_row, warnings_count),
    VIEW_END,
};

struct key_row {
    struct str public_id, label;
    bool selected;
};
static const struct view_field key_fields[] = { VIEW_TEXT(struct key_row, public_id),
                                                VIEW_TEXT(struct key_row, label),
                                                VIEW_FLAG(struct key_row, selected), VIEW_END };

struct visit_view {
    struct str party, title, message, sender, organisation, number, name, mail, provider,
        end_reason;
    struct timestamp deadline, erase_at, signed_at;
    bool own, can_sign, waiting, signed_it, declined, ended, completing, completed, is_copy, held;
    struct paper_row *papers;
    size_t papers_count;
    struct key_row *keys;
    size_t keys_count;
};
static const struct view_field visit_fields[] = {
    VIEW_TEXT(struct visit_view, party),
    VIEW_TEXT(struct visit_view, title),
    VIEW_TEXT(struct visit_view, message),
    VIEW_TEXT(struct visit_view, sender),
    VIEW_TEXT(struct visit_view, organisation),
    VIEW_TEXT(struct visit_view, number),
    VIEW_TEXT(struct visit_view, name),
    VIEW_TEXT(struct visit_view, mail),
    VIEW_TEXT(struct visit_view, end_reason),
    VIEW_TIME(struct visit_view, deadline),
    VIEW_TIME(struct visit_view, erase_at),
    VIEW_TIME(struct visit_view, signed_at),
    VIEW_FLAG(struct visit_view, own),
    VIEW_FLAG(struct visit_view, can_sign),
    VIEW_FLAG(struct visit_view, waiting),
    VIEW_FLAG(struct visit_view, signed_it),
    VIEW_FLAG(struct visit_view, declined),
    VIEW_FLAG(struct visit_view, ended),
    VIEW_FLAG(struct visit_view, completing),
    VIEW_FLAG(struct visit_view, completed),
    VIEW_FLAG(struct visit_view, is_copy),
    VIEW_FLAG(struct visit_view, held),
    VIEW_LIST(struct visit_view, papers, papers_count, paper_fields),
    VIEW_LIST(struct visit_view, keys, keys_count, key_fields),
    VIEW_INT(struct visit_view, keys_count),
    VIEW_END,
};
const struct view envelopes_visit_view = { "envelopes/visit.html", "{{title}}", visit_fields,
                                           VIEW_WIDE };

/* What is found in the file that a reader should know before signing. */
static enum err fill_warnings(struct req *rq, const struct envelopes_envelope *e,
                              struct paper_row *row)
{
    struct envelopes_document d;
    struct signing_document file;
    struct signing_look look;

    TRY(envelopes_document_open(req_tx(rq), e, row->id, &d, &file));
    TRY(signing_look_document(req_tx(rq), &file, NULL, &look));
    row->warnings_count = look.warning_n;
    row->warnings = ARENA_ARRAY(req_arena(rq), look.warning_n, struct warning_row);
    for (size_t i = 0; i < look.warning_n; i++)
        row->warnings[i] = (struct warning_row){ { look.warning[i].text }, look.warning[i].page };
    return E_OK;
}

static enum err fill_papers(struct req *rq, const struct envelopes_envelope *e,
                            struct visit_view *v)
{
    struct arena *a = req_arena(rq);
    struct envelopes_document *d;

    TRY(envelopes_documents(req_tx(rq), e->id, &d, &v->papers_count));
    v->papers = ARENA_ARRAY(a, v->papers_count, struct paper_row);
    for (size_t i = 0; i < v->papers_count; i++) {
        struct paper_row *row = &v->papers[i];
        size_t shown = d[i].pages > PICTURES ? PICTURES : d[i].pages;
        *row =
            (struct paper_row){ .id = d[i].id,
                                .filename = d[i].filename,
                                .digest = hex_encode(a, bytes_of_32(&d[i].digest)),
                                .size = d[i].size,
                                .pages = d[i].pages,
                                .held = d[i].held && timestamp_cmp(req_now(rq), d[i].delete_at) < 0,
                                .more = d[i].pages > shown };
        v->held = v->held || row->held;
        if (!row->held)
            continue;
        row->pictures_count = shown;
        row->pictures = ARENA_ARRAY(a, shown, struct page_row);
        for (size_t k = 0; k < shown; k++)
            row->pictures[k].number = k + 1;
        TRY(fill_warnings(rq, e, row));
    }
    return E_OK;
}

/* Own certificates that can sign now. */
static enum err fill_keys(struct req *rq, struct visit_view *v)
{
    struct signing_credential *c;
    struct signing_certificate x;
    size_t n;

    TRY(signing_credential_list(req_tx(rq), envelopes_reasons_owner(rq), &c, &n));
    v->keys = ARENA_ARRAY(req_arena(rq), n, struct key_row);
    for (size_t i = 0; i < n; i++) {
        TRY(signing_credential_certificate(req_tx(rq), &c[i], req_now(rq), &x));
        if (c[i].state != SIGNING_CREDENTIAL_ACTIVE || !str_eq_z(x.state, "good"))
            continue;
        v->keys[v->keys_count] = (struct key_row){ c[i].public_id, c[i].label, v->keys_count == 0 };
        v->keys_count++;
    }
    return E_OK;
}

static void fill_state(struct req *rq, const struct envelopes_seat *s, struct visit_view *v)
{
    const struct envelopes_envelope *e = s->envelope;
    bool open = e->state == ENVELOPES_SENT && timestamp_cmp(req_now(rq), e->deadline) < 0;

    v->own = s->party.method == ENVELOPES_OWN;
    v->is_copy = s->party.kind == ENVELOPES_COPY;
    v->can_sign = open && s->party.state == ENVELOPES_TURN;
    v->waiting = open && s->party.state == ENVELOPES_WAITING && !v->is_copy;
    v->signed_it = s->party.state == ENVELOPES_SIGNED;
    v->declined = s->party.state == ENVELOPES_DECLINED_BY;
    v->completing = e->state == ENVELOPES_COMPLETING;
    v->completed = e->state == ENVELOPES_COMPLETED;
    v->ended = !open && !v->completing && !v->completed;
}

static enum err show(struct req *rq, struct resp *rs, const struct envelopes_seat *s)
{
    const struct envelopes_envelope *e = s->envelope;
    struct visit_view v = { .party = s->party.public_id,
                            .title = str_absent(e->title) ? envelopes_number(req_arena(rq), e->id)
                                                          : e->title,
                            .message = e->message,
                            .sender = e->sender,
                            .organisation = e->organisation,
                            .number = envelopes_number(req_arena(rq), e->id),
                            .name = s->party.name,
                            .mail = s->party.mail,
                            .end_reason = e->end_reason,
                            .deadline = e->deadline,
                            .erase_at = e->erase_at,
                            .signed_at = s->party.signed_at };

    fill_state(rq, s, &v);
    TRY(fill_papers(rq, e, &v));
    if (v.own && v.can_sign)
        TRY(fill_keys(rq, &v));
    return resp_page(rs, &envelopes_visit_view, &v);
}

static enum err visit(struct req *rq, struct resp *rs)
{
    const struct visit_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_seat s;

    TRY(seat(rq, f->party, &s));
    if (s.envelope->state == ENVELOPES_SENT && s.party.kind == ENVELOPES_SIGNER)
        TRY(envelopes_opened(req_tx(rq), &s, &by, req_now(rq)));
    return show(rq, rs, &s);
}

/* --- signing --- */

/* What stands in the signature: who was identified and how, in the person's language. */
static struct str reason_text(struct req *rq, const struct envelopes_seat *s)
{
    struct arena *a = req_arena(rq);
    enum lang lang = str_eq_z(s->party.lang, "en") ? LANG_EN : LANG_JA;
    const struct message_arg *args =
        MESSAGE_ARGS({ "number", envelopes_number(a, s->envelope->id) }, { "name", s->party.name });
    return message_fmt(a, lang,
                       s->party.method == ENVELOPES_OWN
                           ? MSG("Contract {number}")
                           : MSG("{name} agreed to contract {number}, identified by a personal "
                                 "link and a code sent by mail"),
                       args);
}

static enum err sign(struct req *rq, struct resp *rs)
{
    const struct visit_form *f = req_form(rq);
    struct envelopes_seat s;
    enum err e;

    TRY(seat(rq, f->party, &s));
    if (!req_invalid(rq) && !f->agree)
        req_field_error(rq, "agree", MSG("Tick this box to say that you want to sign."));
    if (req_invalid(rq))
        return show(rq, rs, &s);
    struct envelopes_sign_request ask = { .seat = &s,
                                          .by = AUDIT_BY(rq),
                                          .credential = f->credential,
                                          .pin = f->pin,
                                          .totp = f->totp,
                                          .reason = reason_text(rq, &s),
                                          .now = req_now(rq) };
    e = envelopes_sign(req_tx(rq), &ask);
    if (e == E_STATE && strcmp(fault_current()->reason, "party-done") == 0) {
        resp_undo(rs); /* a second click: the first one signed */
        return resp_seeother_text(rs, "/visit/{party}", s.party.public_id);
    }
    if (e != E_OK)
        return envelopes_reasons_show(rq, rs) ? show(rq, rs, &s) : e;
    return resp_seeother_text(rs, "/visit/{party}", s.party.public_id);
}

/* --- declining --- */

struct decline_view {
    struct str party, title, organisation, reason;
};
static const struct view_field decline_fields[] = {
    VIEW_TEXT(struct decline_view, party),
    VIEW_TEXT(struct decline_view, title),
    VIEW_TEXT(struct decline_view, organisation),
    VIEW_TEXT(struct decline_view, reason),
    VIEW_END,
};
const struct view envelopes_decline_view = { "envelopes/decline.html", "Decline to sign",
                                             decline_fields, 0 };

static enum err ask_decline(struct req *rq, struct resp *rs)
{
    const struct visit_form *f = req_form(rq);
    struct envelopes_seat s;

    TRY(seat(rq, f->party, &s));
    struct decline_view v = { s.party.public_id, s.envelope->title, s.envelope->organisation,
                              req_raw(rq, "reason") };
    return resp_page(rs, &envelopes_decline_view, &v);
}

static enum err decline(struct req *rq, struct resp *rs)
{
    const struct visit_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_seat s;
    enum err e;

    TRY(seat(rq, f->party, &s));
    if (req_invalid(rq))
        return ask_decline(rq, rs);
    e = envelopes_decline(req_tx(rq), &s, f->reason, &by, req_now(rq));
    if (e != E_OK)
        return envelopes_reasons_show(rq, rs) ? ask_decline(rq, rs) : e;
    return resp_seeother_text(rs, "/visit/{party}", s.party.public_id);
}

/* --- bytes --- */

static enum err file(struct req *rq, struct resp *rs)
{
    const struct visit_form *f = req_form(rq);
    struct envelopes_seat s;
    TRY(seat(rq, f->party, &s));
    return envelopes_reasons_file(rq, rs, s.envelope, f->document, f->look);
}

static enum err picture(struct req *rq, struct resp *rs)
{
    const struct visit_form *f = req_form(rq);
    struct envelopes_seat s;
    TRY(seat(rq, f->party, &s));
    return envelopes_reasons_picture(rq, rs, s.envelope, f->document, (uint32_t)f->page);
}

static enum err report(struct req *rq, struct resp *rs)
{
    const struct visit_form *f = req_form(rq);
    struct envelopes_seat s;
    TRY(seat(rq, f->party, &s));
    return envelopes_reasons_report(rq, rs, s.envelope);
}

#define VISIT(params) FORM(params, struct visit_form)
#define NOTE "the cookie of a visit, given for the code in the mail, or the party's own account"

const struct route envelopes_visit_routes[] = {
    { GET, "/visit/{party}", visit, WHO_ANYONE, VISIT(party_params), 0, 0, NOTE, &picture_rate },
    { POST, "/visit/{party}/sign", sign, WHO_ANYONE, VISIT(sign_params), 0, 0, NOTE, &sign_rate },
    { GET, "/visit/{party}/decline", ask_decline, WHO_ANYONE, VISIT(party_params), 0, 0, NOTE,
      &picture_rate },
    { POST, "/visit/{party}/decline", decline, WHO_ANYONE, VISIT(decline_params), 0, 0, NOTE,
      &sign_rate },
    { GET, "/visit/{party}/documents/{document}/file", file, WHO_ANYONE, VISIT(file_params), 0, 0,
      NOTE, &picture_rate },
    { GET, "/visit/{party}/documents/{document}/pages/{page}", picture, WHO_ANYONE,
      VISIT(picture_params), 0, 0, NOTE, &picture_rate },
    { GET, "/visit/{party}/report", report, WHO_ANYONE, VISIT(party_params), 0, 0, NOTE,
      &picture_rate },
    { 0 },
};
