/*
 * envelopes_link_pages.c - behind the link of a mail, before the person has proved anything: who
 * asks, and how to prove. Looking changes nothing, because mail systems open links too.
 */
#include "features/envelopes/envelopes_reasons_pages.h"

#include "features/envelopes/envelopes_pages.h"
#include "http/cookie.h"
#include "http/ratelimit.h"

static const struct rate look_rate = { "envelopes.link", RATE_ADDRESS, 120, 10 * MINUTE_US };
static const struct rate code_rate = { "envelopes.code", RATE_ADDRESS, 20, 10 * MINUTE_US };
static const struct rate enter_rate = { "envelopes.enter", RATE_ADDRESS, 30, 10 * MINUTE_US };

struct link_form {
    struct str token, code;
    bool sent;
};
static const struct param look_params[] = { PARAM_TOKEN(struct link_form, token, 1, 64),
                                            PARAM_FLAG(struct link_form, sent), PARAM_END };
static const struct param token_params[] = { PARAM_TOKEN(struct link_form, token, 1, 64),
                                             PARAM_END };
static const struct param enter_params[] = { PARAM_TOKEN(struct link_form, token, 1, 64),
                                             PARAM_TEXT(struct link_form, code, 6, 10), PARAM_END };

struct link_view {
    struct str token, organisation, number, mail;
    struct timestamp deadline, erase_at;
    bool own, signed_in, sent, signs, active, locked;
};
static const struct view_field link_fields[] = {
    VIEW_TEXT(struct link_view, token),
    VIEW_TEXT(struct link_view, organisation),
    VIEW_TEXT(struct link_view, number),
    VIEW_TEXT(struct link_view, mail),
    VIEW_TIME(struct link_view, deadline),
    VIEW_TIME(struct link_view, erase_at),
    VIEW_FLAG(struct link_view, own),
    VIEW_FLAG(struct link_view, signed_in),
    VIEW_FLAG(struct link_view, sent),
    VIEW_FLAG(struct link_view, signs),
    VIEW_FLAG(struct link_view, active),
    VIEW_FLAG(struct link_view, locked),
    VIEW_END,
};
const struct view envelopes_link_view = { "envelopes/link.html", "Documents for you", link_fields,
                                          VIEW_BLANK };

/* "ta…@example.jp": enough to know one's own address, no more for others. */
static struct str masked(struct arena *a, struct str mail)
{
    size_t at = str_find(mail, '@', 0);
    size_t shown = at > 4 ? 2 : 1;
    if (at == SIZE_MAX)
        return STR("…");
    return str_fmt(a, "%.*s…%s", (int)shown, mail.p, mail.p + at);
}

static enum err show(struct req *rq, struct resp *rs, const struct envelopes_seat *s,
                     struct str token, bool sent)
{
    const struct envelopes_envelope *e = s->envelope;
    struct link_view v = { .token = token,
                           .organisation = e->organisation,
                           .number = envelopes_number(req_arena(rq), e->id),
                           .mail = masked(req_arena(rq), s->party.mail),
                           .deadline = e->deadline,
                           .erase_at = e->erase_at,
                           .own = s->party.method == ENVELOPES_OWN,
                           .signed_in = req_account(rq).v != 0,
                           .sent = sent,
                           .signs = s->party.kind == ENVELOPES_SIGNER,
                           .active = e->state == ENVELOPES_SENT,
                           .locked = s->party.code_failures >= ENVELOPES_CODE_FAILURES };
    return resp_page(rs, &envelopes_link_view, &v);
}

static struct str cookie_name(struct arena *a, struct str party)
{
    return str_fmt(a, "__Host-envelope-%.*s", STR_ARG(party));
}

static enum err look(struct req *rq, struct resp *rs)
{
    const struct link_form *f = req_form(rq);
    struct envelopes_seat s, there;
    struct str cookie;

    TRY(envelopes_link_find(req_tx(rq), f->token, req_now(rq), &s));
    cookie = cookie_get(req_arena(rq), req_header(rq, "Cookie"),
                        cookie_name(req_arena(rq), s.party.public_id).p);
    if (!str_absent(cookie) && envelopes_seat_by_cookie(req_tx(rq), s.party.public_id, cookie,
                                                        req_now(rq), &there) == E_OK)
        return resp_seeother_text(rs, "/visit/{party}", s.party.public_id);
    fault_clear();
    return show(rq, rs, &s, f->token, f->sent);
}

/* The mail with the code: nothing but the code and what it is for. */
static enum err mail_code(struct req *rq, const struct envelopes_seat *s, struct str code)
{
    struct arena *a = req_arena(rq);
    enum lang lang = str_eq_z(s->party.lang, "en") ? LANG_EN : LANG_JA;
    const struct message_arg *args =
        MESSAGE_ARGS({ "number", envelopes_number(a, s->envelope->id) }, { "code", code });

    return envelopes_code_mail(
        req_tx(rq), s, message_fmt(a, lang, MSG("[Shomei] {number} Your code"), args),
        message_fmt(a, lang,
                    MSG("Your code: {code}\n\nIt opens the documents with the receipt number "
                        "{number}, in the window in which you asked for it. It is good for ten "
                        "minutes and for one use.\n\nNobody of this service will ever ask you for "
                        "it. If you did not ask for it, you need not do anything.\n"),
                    args));
}

static enum err send_code(struct req *rq, struct resp *rs)
{
    const struct link_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_seat s;
    struct str code;
    enum err e;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "link-unknown", "malformed token");
    TRY(envelopes_link_find(req_tx(rq), f->token, req_now(rq), &s));
    if (s.party.method == ENVELOPES_OWN)
        return FAIL(E_DENIED, "party-other-account", "this person signs in");
    e = envelopes_code_make(req_tx(rq), &s, f->token, &by, req_now(rq), &code);
    if (e == E_OK)
        e = mail_code(rq, &s, code);
    if (e != E_OK)
        return envelopes_reasons_show(rq, rs) ? show(rq, rs, &s, f->token, true) : e;
    return resp_seeother_path(rs, str_fmt(req_arena(rq), "/e/%.*s?sent=1", STR_ARG(f->token)));
}

/* Digits as people type them: with spaces, or full width. */
static struct str digits(struct arena *a, struct str typed)
{
    char out[7];
    size_t n = 0, at = 0;

    while (at < typed.n && n < sizeof out) {
        uint32_t c = utf8_next(typed, &at);
        if (c >= 0xFF10 && c <= 0xFF19)
            c = c - 0xFF10 + '0';
        if (c >= '0' && c <= '9')
            out[n++] = (char)c;
    }
    return str_of(a, out, n);
}

static enum err enter(struct req *rq, struct resp *rs)
{
    const struct link_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct audit_by by = AUDIT_BY(rq);
    enum envelopes_code_answer answer;
    struct envelopes_seat s;
    struct str cookie;
    bool bad = req_invalid(rq);

    TRY(envelopes_link_find(req_tx(rq), f->token, req_now(rq), &s));
    if (bad)
        return show(rq, rs, &s, f->token, true);
    TRY(envelopes_code_check(req_tx(rq), &s, f->token, digits(a, f->code), &by, req_now(rq),
                             &answer, &cookie));
    if (answer == ENVELOPES_CODE_RIGHT) {
        resp_header(rs, "Set-Cookie",
                    cookie_make(a, cookie_name(a, s.party.public_id).p, cookie,
                                ENVELOPES_VISIT_US / SECOND_US, COOKIE_LAX));
        return resp_seeother_text(rs, "/visit/{party}", s.party.public_id);
    }
    req_field_error(rq, "code",
                    answer == ENVELOPES_CODE_WRONG
                        ? MSG("The code is wrong. Look at the newest mail and type it again.")
                        : MSG("This code is not good any more. Have a new one sent to you."));
    return show(rq, rs, &s, f->token, true); /* the count stays */
}

/* With an own certificate: the signed-in account takes its seat. */
static enum err open_account(struct req *rq, struct resp *rs)
{
    const struct link_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_seat s;
    enum err e;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "link-unknown", "malformed token");
    TRY(envelopes_link_find(req_tx(rq), f->token, req_now(rq), &s));
    if (s.party.method != ENVELOPES_OWN)
        return FAIL(E_STATE, "link-unknown", "this person gets a code");
    e = envelopes_claim(req_tx(rq), &s, req_account(rq), &by, req_now(rq));
    if (e != E_OK)
        return envelopes_reasons_show(rq, rs) ? show(rq, rs, &s, f->token, false) : e;
    return resp_seeother_text(rs, "/visit/{party}", s.party.public_id);
}

const struct route envelopes_link_routes[] = {
    { GET, "/e/{token}", look, WHO_ANYONE, FORM(look_params, struct link_form), 0, 0,
      "the token from the mail names the person; it shows nothing of the documents", &look_rate },
    { POST, "/e/{token}/code", send_code, WHO_ANYONE, FORM(token_params, struct link_form), 0, 0,
      "sends a code to the invited address only", &code_rate },
    { POST, "/e/{token}/enter", enter, WHO_ANYONE, FORM(enter_params, struct link_form), 0, 0,
      "token and code; five tries, counted", &enter_rate },
    { POST, "/e/{token}/open", open_account, WHO_ACCOUNT, FORM(token_params, struct link_form), 0,
      0, NULL, &enter_rate },
    { 0 },
};
