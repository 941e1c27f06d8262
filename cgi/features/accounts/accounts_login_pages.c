/*
 * accounts_login_pages.c - signing in and out, the forgotten password, the language. A refused
 * sign-in answers with the same words whatever the reason is.
 */
#include "features/accounts/accounts_pages.h"
#include "features/accounts/accounts_totp.h"

#include "base/encoding.h"
#include "http/ratelimit.h"
#include "http/resp.h"
#include "http/session.h"

static const struct rate login_rate = { "login", RATE_ADDRESS, 60, 5 * MINUTE_US };
static const struct rate code_rate = { "login-code", RATE_ADDRESS | RATE_ACCOUNT, 60,
                                       5 * MINUTE_US };
static const struct rate link_rate = { "login-link", RATE_ADDRESS, 20, 10 * MINUTE_US };

/* ------------------------------------------------------------------ first step */

struct login_form {
    struct str login, next;
    struct secret *password;
};
static const struct param login_params[] = {
    PARAM_TEXT(struct login_form, login, 1, 254),
    PARAM_SECRET(struct login_form, password, 1, 1024),
    PARAM_PATH_OPT(struct login_form, next),
    PARAM_END,
};

struct login_view {
    struct str login, next;
};
static const struct view_field login_fields[] = {
    VIEW_TEXT(struct login_view, login),
    VIEW_TEXT(struct login_view, next),
    VIEW_END,
};
const struct view accounts_login_view = { "accounts/login.html", "Sign in", login_fields,
                                          VIEW_BLANK };

/* To where the person wanted to go, or home. */
static enum err onward(struct resp *rs, struct str next)
{
    return str_empty(next) ? resp_seeother(rs, "/", 0) : resp_seeother_path(rs, next);
}

/* A page of the sign-in, keeping where to go afterwards. */
static enum err step_to(struct req *rq, struct resp *rs, const char *path, struct str next)
{
    if (str_empty(next))
        return resp_seeother(rs, path, 0);
    return resp_seeother_path(
        rs, str_fmt(req_arena(rq), "%s?next=%s", path, percent_encode(req_arena(rq), next).p));
}

static enum err login_show(struct req *rq, struct resp *rs)
{
    const struct login_form *f = req_form(rq);
    struct login_view v = { req_raw(rq, "login"), accounts_pages_next(f->next) };

    if (req_who(rq)->account.v && !req_who(rq)->pending)
        return onward(rs, accounts_pages_next(f->next));
    return resp_page(rs, &accounts_login_view, &v);
}

static enum err login_page(struct req *rq, struct resp *rs)
{
    const struct login_form *f = req_form(rq);
    struct login_view v = { req_raw(rq, "login"), accounts_pages_next(f->next) };
    return resp_page(rs, &accounts_login_view, &v);
}

static enum err login(struct req *rq, struct resp *rs)
{
    const struct login_form *f = req_form(rq);
    struct accounts_from from = accounts_pages_from(rq);
    struct accounts_login l;

    if (req_invalid(rq))
        return login_page(rq, rs);
    TRY(accounts_login_password(req_tx(rq), &from, f->login, f->password, &l));
    if (l.step == ACCOUNTS_REFUSED) {
        req_field_error(rq, "",
                        MSG("Login name and password do not fit, or this account cannot sign in. "
                            "After repeated failures an account is locked and its holder gets a "
                            "mail."));
        return login_page(rq, rs);
    }
    TRY(accounts_pages_enter(rq, rs, &l));
    if (l.step == ACCOUNTS_CODE)
        return step_to(rq, rs, "/login/code", f->next);
    if (l.step == ACCOUNTS_ENROL)
        return step_to(rq, rs, "/login/enrol", f->next);
    return onward(rs, f->next);
}

/* ------------------------------------------------------------------ second step */

struct code_form {
    struct str code, next;
};
static const struct param code_params[] = {
    PARAM_TEXT(struct code_form, code, 1, 40),
    PARAM_PATH_OPT(struct code_form, next),
    PARAM_END,
};
static const struct view_field code_fields[] = {
    VIEW_TEXT(struct code_form, next),
    VIEW_END,
};
const struct view accounts_code_view = { "accounts/code.html", "One-time code", code_fields,
                                         VIEW_BLANK };

static enum err code_page(struct req *rq, struct resp *rs)
{
    const struct code_form *f = req_form(rq);
    struct code_form v = { .next = accounts_pages_next(f->next) };
    return resp_page(rs, &accounts_code_view, &v);
}

static enum err code_show(struct req *rq, struct resp *rs)
{
    const struct code_form *f = req_form(rq);
    struct accounts_info who;

    TRY(accounts_get(req_tx(rq), req_tenant(rq), req_account(rq), &who));
    if (!req_who(rq)->pending && req_who(rq)->second_factor)
        return onward(rs, accounts_pages_next(f->next));
    if (!req_who(rq)->pending) { /* a page asked for a second factor that is not set up yet */
        resp_flash(rs, "info", MSG("That page needs a second factor. Please set it up now."),
                   STR(""));
        return resp_seeother(rs, "/security/second-factor", 0);
    }
    if (!who.totp)
        return step_to(rq, rs, "/login/enrol", accounts_pages_next(f->next));
    return code_page(rq, rs);
}

static enum err code(struct req *rq, struct resp *rs)
{
    const struct code_form *f = req_form(rq);
    struct accounts_from from = accounts_pages_from(rq);
    struct accounts_login l;

    if (!req_who(rq)->pending)
        return onward(rs, accounts_pages_next(f->next));
    if (req_invalid(rq))
        return code_page(rq, rs);
    TRY(accounts_login_code(req_tx(rq), &from, req_account(rq), f->code, &l));
    if (l.step == ACCOUNTS_REFUSED) {
        req_field_error(rq, "code",
                        MSG("This code is not right. Each code can be used once: please wait for "
                            "the next one."));
        return code_page(rq, rs);
    }
    TRY(accounts_pages_enter(rq, rs, &l));
    return onward(rs, f->next);
}

static enum err logout(struct req *rq, struct resp *rs)
{
    struct audit_by by = AUDIT_BY(rq);

    if (req_account(rq).v) {
        enum err err = accounts_session_end(req_tx(rq), &by, req_account(rq), req_who(rq)->session,
                                            req_now(rq));
        if (err != E_OK && err != E_ABSENT)
            return err;
    }
    session_end(rq, rs);
    resp_flash(rs, "success", MSG("You are signed out."), STR(""));
    return resp_seeother(rs, "/", 0);
}

/* ------------------------------------------------------------------ language */

enum { CHOICE_JA, CHOICE_EN };
static const struct choice langs[] = { { "ja", CHOICE_JA }, { "en", CHOICE_EN }, { NULL, 0 } };
struct lang_form {
    int lang;
    struct str back;
};
static const struct param lang_params[] = {
    PARAM_CHOICE(struct lang_form, lang, langs),
    PARAM_PATH_OPT(struct lang_form, back),
    PARAM_END,
};

static enum err language(struct req *rq, struct resp *rs)
{
    const struct lang_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_INPUT, "", "no such language");
    session_set_lang(rs, f->lang == CHOICE_EN ? LANG_EN : LANG_JA);
    if (req_account(rq).v)
        TRY(accounts_set_lang(req_tx(rq), &by, req_account(rq), str_z(langs[f->lang].word)));
    return onward(rs, f->back);
}

/* ------------------------------------------------------------------ forgotten password */

struct forgot_form {
    struct str login;
};
static const struct param forgot_params[] = {
    PARAM_TEXT(struct forgot_form, login, 1, 254),
    PARAM_END,
};
static const struct view_field forgot_fields[] = {
    VIEW_TEXT(struct forgot_form, login),
    VIEW_END,
};
const struct view accounts_forgot_view = { "accounts/forgot.html", "Forgotten password",
                                           forgot_fields, VIEW_BLANK };
const struct view accounts_sent_view = { "accounts/sent.html", "Please look into your mail", NULL,
                                         VIEW_BLANK };

static enum err forgot_show(struct req *rq, struct resp *rs)
{
    struct forgot_form v = { req_raw(rq, "login") };
    return resp_page(rs, &accounts_forgot_view, &v);
}

/* The answer never tells whether anybody has that name. */
static enum err forgot(struct req *rq, struct resp *rs)
{
    const struct forgot_form *f = req_form(rq);
    struct accounts_from from = accounts_pages_from(rq);

    if (req_invalid(rq))
        return forgot_show(rq, rs);
    TRY(accounts_link_request(req_tx(rq), &from, f->login));
    return resp_seeother(rs, "/password/sent", 0);
}

static enum err sent(struct req *rq, struct resp *rs)
{
    (void)rq;
    return resp_page(rs, &accounts_sent_view, NULL);
}

/* ------------------------------------------------------------------ a link from a mail */

struct set_form {
    struct str token;
    struct secret *password;
};
static const struct param set_params[] = {
    PARAM_TOKEN(struct set_form, token, 20, 100),
    PARAM_SECRET(struct set_form, password, 1, 1024),
    PARAM_END,
};
struct set_view {
    struct str token, login;
    bool invitation;
};
static const struct view_field set_fields[] = {
    VIEW_TEXT(struct set_view, token),
    VIEW_TEXT(struct set_view, login),
    VIEW_FLAG(struct set_view, invitation),
    VIEW_END,
};
const struct view accounts_set_view = { "accounts/set.html", "Choose a password", set_fields,
                                        VIEW_BLANK };
const struct view accounts_gone_view = { "accounts/gone.html", "This link is over", NULL,
                                         VIEW_BLANK };

static enum err set_show(struct req *rq, struct resp *rs)
{
    const struct set_form *f = req_form(rq);
    struct accounts_link link;
    struct set_view v;
    enum err err = E_ABSENT;

    if (!str_empty(f->token))
        err = accounts_link_find(req_tx(rq), f->token, req_now(rq), &link);
    if (err == E_ABSENT) {
        fault_clear();
        resp_status(rs, 404);
        return resp_page(rs, &accounts_gone_view, NULL);
    }
    TRY(err);
    v = (struct set_view){ f->token, link.login, link.invitation };
    return resp_page(rs, &accounts_set_view, &v);
}

static enum err set(struct req *rq, struct resp *rs)
{
    const struct set_form *f = req_form(rq);
    struct accounts_from from = accounts_pages_from(rq);
    enum accounts_password verdict;
    enum err err;

    if (req_invalid(rq))
        return set_show(rq, rs);
    err = accounts_link_use(req_tx(rq), &from, f->token, f->password, &verdict);
    if (err == E_ABSENT)
        return set_show(rq, rs);
    TRY(err);
    accounts_pages_password_error(rq, "password", verdict);
    if (verdict != ACCOUNTS_PASSWORD_GOOD)
        return set_show(rq, rs);
    resp_flash(rs, "success", MSG("The new password is set. Please sign in with it."), STR(""));
    return resp_seeother(rs, "/login", 0);
}

const struct route accounts_login_routes[] = {
    { GET, "/login", login_show, WHO_ANYONE, FORM(login_params, struct login_form) },
    { POST, "/login", login, WHO_ANYONE, FORM(login_params, struct login_form),
      .rate = &login_rate },
    { GET, "/login/code", code_show, WHO_ACCOUNT, FORM(code_params, struct code_form),
      .flags = ROUTE_PENDING },
    { POST, "/login/code", code, WHO_ACCOUNT, FORM(code_params, struct code_form),
      .flags = ROUTE_PENDING, .rate = &code_rate },
    { POST, "/logout", logout, WHO_ANYONE, .flags = ROUTE_PENDING },
    { POST, "/language", language, WHO_ANYONE, FORM(lang_params, struct lang_form) },
    { GET, "/password/forgot", forgot_show, WHO_ANYONE, FORM(forgot_params, struct forgot_form) },
    { POST, "/password/forgot", forgot, WHO_ANYONE, FORM(forgot_params, struct forgot_form),
      .rate = &link_rate },
    { GET, "/password/sent", sent, WHO_ANYONE },
    { GET, "/password/set", set_show, WHO_ANYONE, FORM(set_params, struct set_form) },
    { POST, "/password/set", set, WHO_ANYONE, FORM(set_params, struct set_form),
      .rate = &link_rate },
    { 0 },
};
