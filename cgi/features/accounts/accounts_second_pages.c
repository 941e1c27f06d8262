/*
 * accounts_second_pages.c - the own second factor: set up (also as a step of sign-in, for staff),
 * new recovery codes, removal. Secret and codes are shown once, on pages that nothing caches.
 */
#include "features/accounts/accounts_pages.h"
#include "features/accounts/accounts_totp.h"

#include "base/encoding.h"
#include "http/ratelimit.h"
#include "http/resp.h"

static const struct rate second_rate = { "second-factor", RATE_ACCOUNT, 60, 5 * MINUTE_US };

struct second_view {
    bool totp, staff;
    uint64_t codes_left;
};
static const struct view_field second_fields[] = {
    VIEW_FLAG(struct second_view, totp),
    VIEW_FLAG(struct second_view, staff),
    VIEW_INT(struct second_view, codes_left),
    VIEW_END,
};
const struct view accounts_second_view = { "accounts/second.html", "Second factor", second_fields,
                                           0 };

struct enrol_view {
    struct html qr;
    struct str secret, next;
    bool first; /* a step of sign-in */
};
static const struct view_field enrol_fields[] = {
    VIEW_HTML(struct enrol_view, qr),
    VIEW_CODE(struct enrol_view, secret),
    VIEW_TEXT(struct enrol_view, next),
    VIEW_FLAG(struct enrol_view, first),
    VIEW_END,
};
const struct view accounts_enrol_view = { "accounts/enrol.html", "Set up the second factor",
                                          enrol_fields, 0 };

struct code_line {
    struct str text;
};
static const struct view_field code_line_fields[] = {
    VIEW_TEXT(struct code_line, text),
    VIEW_END,
};
struct codes_view {
    struct code_line *codes;
    size_t n;
    struct str next;
    bool enrolled;
};
static const struct view_field codes_fields[] = {
    VIEW_LIST(struct codes_view, codes, n, code_line_fields),
    VIEW_URL(struct codes_view, next),
    VIEW_FLAG(struct codes_view, enrolled),
    VIEW_END,
};
const struct view accounts_codes_view = { "accounts/codes.html", "Recovery codes", codes_fields,
                                          0 };
const struct view accounts_recodes_view = { "accounts/recodes.html", "New recovery codes", NULL,
                                            0 };
const struct view accounts_remove_view = { "accounts/remove.html", "Remove the second factor", NULL,
                                           0 };

static enum err own(struct req *rq, struct accounts_info *who)
{
    return accounts_get(req_tx(rq), req_tenant(rq), req_account(rq), who);
}

static enum err second_show(struct req *rq, struct resp *rs)
{
    struct accounts_info who;
    struct second_view v = { 0 };

    TRY(own(rq, &who));
    v.totp = who.totp;
    v.staff = (who.roles & ROLES_STAFF) != 0;
    if (v.totp)
        TRY(accounts_totp_codes_left(req_tx(rq), req_account(rq), &v.codes_left));
    return resp_page(rs, &accounts_second_view, &v);
}

/* ------------------------------------------------------------------ set up */

struct enrol_form {
    struct str code, next;
};
static const struct param enrol_params[] = {
    PARAM_TEXT(struct enrol_form, code, 1, 40),
    PARAM_PATH_OPT(struct enrol_form, next),
    PARAM_END,
};

static enum err enrol_page(struct req *rq, struct resp *rs, bool first)
{
    const struct enrol_form *f = req_form(rq);
    struct str title = message_text(req_lang(rq), MSG("QR code for your authenticator app"));
    struct accounts_totp_offer offer;
    struct enrol_view v;

    TRY(accounts_totp_offer(req_tx(rq), req_account(rq), req_now(rq), title, &offer));
    v = (struct enrol_view){ { offer.svg }, offer.secret, accounts_pages_next(f->next), first };
    return resp_page(rs, &accounts_enrol_view, &v);
}

/* Show the ten codes, on the page that answers: they are not kept anywhere. */
static enum err codes_page(struct req *rq, struct resp *rs, struct str *codes, size_t n,
                           struct str next, bool enrolled)
{
    struct codes_view v = { .n = n, .next = next, .enrolled = enrolled };
    v.codes = ARENA_ARRAY(req_arena(rq), n, struct code_line);
    for (size_t i = 0; i < n; i++)
        v.codes[i].text = codes[i];
    return resp_page(rs, &accounts_codes_view, &v);
}

/* Try the first code; the session goes on under a new token, with the second factor proved. */
static enum err confirm(struct req *rq, struct resp *rs, bool first)
{
    const struct enrol_form *f = req_form(rq);
    struct accounts_from from = accounts_pages_from(rq);
    const struct who *who = req_who(rq);
    struct accounts_login l = { ACCOUNTS_IN, who->account, who->tenant, who->name, true };
    struct str *codes = NULL, next = STR("/security");
    size_t n = 0;

    if (!req_invalid(rq)) {
        TRY(accounts_totp_confirm(req_tx(rq), &from, who->account, who->session, f->code, &codes,
                                  &n));
        if (!codes)
            req_field_error(rq, "code",
                            MSG("This code is not right. Please check that the clock of your "
                                "device is set automatically, and type the code shown now."));
    }
    if (!codes)
        return enrol_page(rq, rs, first);
    if (first) {
        TRY(accounts_login_complete(req_tx(rq), &from, &l));
        next = str_empty(f->next) ? STR("/") : f->next;
    }
    TRY(accounts_pages_enter(rq, rs, &l));
    return codes_page(rq, rs, codes, n, next, true);
}

/* As a step of sign-in: a secret is made when the page is first shown. */
static enum err first_show(struct req *rq, struct resp *rs)
{
    struct accounts_from from = accounts_pages_from(rq);
    struct accounts_totp_offer offer;
    struct accounts_info who;
    enum err err;

    if (!req_who(rq)->pending)
        return resp_seeother(rs, "/security/second-factor", 0);
    TRY(own(rq, &who));
    if (who.totp)
        return resp_seeother(rs, "/login/code", 0);
    err = accounts_totp_offer(req_tx(rq), req_account(rq), req_now(rq), STR(""), &offer);
    if (err == E_ABSENT) {
        fault_clear();
        err = accounts_totp_begin(req_tx(rq), &from, req_account(rq));
    }
    TRY(err);
    return enrol_page(rq, rs, true);
}

static enum err first_confirm(struct req *rq, struct resp *rs)
{
    struct accounts_info who;

    if (!req_who(rq)->pending)
        return resp_seeother(rs, "/security/second-factor", 0);
    TRY(own(rq, &who));
    if (who.totp) /* a pending session must not replace what is set up */
        return resp_seeother(rs, "/login/code", 0);
    return confirm(rq, rs, true);
}

struct begin_form {
    struct secret *password;
};
static const struct param begin_params[] = {
    PARAM_SECRET(struct begin_form, password, 1, 1024),
    PARAM_END,
};

/* Signed in: the password once more, since a stolen session must not take the account over. */
static enum err begin(struct req *rq, struct resp *rs)
{
    const struct begin_form *f = req_form(rq);
    struct accounts_from from = accounts_pages_from(rq);
    bool right = false;

    if (!req_invalid(rq)) {
        TRY(accounts_password_check(req_tx(rq), &from, req_account(rq), f->password, &right));
        if (!right)
            accounts_pages_password_error(rq, "password", ACCOUNTS_PASSWORD_WRONG);
    }
    if (!right)
        return second_show(rq, rs);
    TRY(accounts_totp_begin(req_tx(rq), &from, req_account(rq)));
    return resp_seeother(rs, "/security/second-factor/confirm", 0);
}

static enum err confirm_show(struct req *rq, struct resp *rs)
{
    enum err err = enrol_page(rq, rs, false);
    if (err != E_ABSENT)
        return err;
    fault_clear();
    return resp_seeother(rs, "/security/second-factor", 0);
}

static enum err confirm_post(struct req *rq, struct resp *rs)
{
    enum err err = confirm(rq, rs, false);
    if (err != E_ABSENT)
        return err;
    fault_clear();
    return resp_seeother(rs, "/security/second-factor", 0);
}

/* ------------------------------------------------------------------ recovery codes */

struct recodes_form {
    struct str code;
};
static const struct param recodes_params[] = {
    PARAM_TEXT(struct recodes_form, code, 1, 40),
    PARAM_END,
};

static enum err recodes_show(struct req *rq, struct resp *rs)
{
    (void)rq;
    return resp_page(rs, &accounts_recodes_view, NULL);
}

static enum err recodes(struct req *rq, struct resp *rs)
{
    const struct recodes_form *f = req_form(rq);
    struct accounts_from from = accounts_pages_from(rq);
    struct str *codes = NULL;
    size_t n = 0;

    if (!req_invalid(rq)) {
        TRY(accounts_totp_recodes(req_tx(rq), &from, req_account(rq), f->code, &codes, &n));
        if (!codes)
            req_field_error(rq, "code",
                            MSG("This code is not right. Each code can be used once: please wait "
                                "for the next one."));
    }
    if (!codes)
        return recodes_show(rq, rs);
    return codes_page(rq, rs, codes, n, STR("/security"), false);
}

/* ------------------------------------------------------------------ removal */

struct remove_form {
    struct secret *password;
    struct str code;
};
static const struct param remove_params[] = {
    PARAM_SECRET(struct remove_form, password, 1, 1024),
    PARAM_TEXT(struct remove_form, code, 1, 40),
    PARAM_END,
};

static enum err remove_show(struct req *rq, struct resp *rs)
{
    (void)rq;
    return resp_page(rs, &accounts_remove_view, NULL);
}

static enum err remove_post(struct req *rq, struct resp *rs)
{
    const struct remove_form *f = req_form(rq);
    struct accounts_from from = accounts_pages_from(rq);
    const struct who *who = req_who(rq);
    struct accounts_login l = { ACCOUNTS_IN, who->account, who->tenant, who->name, false };
    bool right = false;

    if (!req_invalid(rq)) {
        TRY(accounts_totp_remove(req_tx(rq), &from, who->account, who->session, f->password,
                                 f->code, &right));
        if (!right)
            req_field_error(rq, "", MSG("Password or code is not right. Nothing was removed."));
    }
    if (!right)
        return remove_show(rq, rs);
    TRY(accounts_pages_enter(rq, rs, &l));
    resp_flash(rs, "success", MSG("The second factor is removed."), STR(""));
    return resp_seeother(rs, "/security", 0);
}

const struct route accounts_second_routes[] = {
    { GET, "/login/enrol", first_show, WHO_ACCOUNT, FORM(enrol_params, struct enrol_form),
      .flags = ROUTE_PENDING },
    { POST, "/login/enrol", first_confirm, WHO_ACCOUNT, FORM(enrol_params, struct enrol_form),
      .flags = ROUTE_PENDING, .rate = &second_rate },
    { GET, "/security/second-factor", second_show, WHO_ACCOUNT,
      FORM(begin_params, struct begin_form) },
    { POST, "/security/second-factor", begin, WHO_ACCOUNT, FORM(begin_params, struct begin_form),
      .rate = &second_rate },
    { GET, "/security/second-factor/confirm", confirm_show, WHO_ACCOUNT,
      FORM(enrol_params, struct enrol_form) },
    { POST, "/security/second-factor/confirm", confirm_post, WHO_ACCOUNT,
      FORM(enrol_params, struct enrol_form), .rate = &second_rate },
    { GET, "/security/second-factor/codes", recodes_show, WHO_ACCOUNT,
      FORM(recodes_params, struct recodes_form), .flags = ROUTE_SECOND_FACTOR },
    { POST, "/security/second-factor/codes", recodes, WHO_ACCOUNT,
      FORM(recodes_params, struct recodes_form), .flags = ROUTE_SECOND_FACTOR,
      .rate = &second_rate },
    { GET, "/security/second-factor/remove", remove_show, WHO_ACCOUNT,
      FORM(remove_params, struct remove_form), .flags = ROUTE_SECOND_FACTOR },
    { POST, "/security/second-factor/remove", remove_post, WHO_ACCOUNT,
      FORM(remove_params, struct remove_form), .flags = ROUTE_SECOND_FACTOR, .rate = &second_rate },
    { 0 },
};
