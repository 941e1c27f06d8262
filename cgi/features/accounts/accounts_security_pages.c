/* accounts_security_pages.c - the page Security: password, second factor, sessions, history. */
#include "features/accounts/accounts_pages.h"
#include "features/accounts/accounts_totp.h"

#include "http/ratelimit.h"
#include "http/resp.h"
#include "http/session.h"

#define HISTORY 20

static const struct rate password_rate = { "password-change", RATE_ACCOUNT, 30, 5 * MINUTE_US };

struct session_row {
    struct session_id id;
    struct str device, address;
    struct timestamp created, seen;
    bool current, second;
};
static const struct view_field session_row_fields[] = {
    VIEW_ID(struct session_row, id),        VIEW_TEXT(struct session_row, device),
    VIEW_TEXT(struct session_row, address), VIEW_TIME(struct session_row, created),
    VIEW_TIME(struct session_row, seen),    VIEW_FLAG(struct session_row, current),
    VIEW_FLAG(struct session_row, second),  VIEW_END,
};

struct event_row {
    struct timestamp at;
    struct msg what;
    struct str device, address;
};
static const struct view_field event_row_fields[] = {
    VIEW_TIME(struct event_row, at),
    VIEW_MSG(struct event_row, what),
    VIEW_TEXT(struct event_row, device),
    VIEW_TEXT(struct event_row, address),
    VIEW_END,
};

struct security_view {
    struct str login, name, email;
    struct timestamp password_at;
    bool totp, staff, others, japanese;
    uint64_t codes_left;
    struct session_row *sessions;
    size_t sessions_n;
    struct event_row *events;
    size_t events_n;
};
static const struct view_field security_fields[] = {
    VIEW_TEXT(struct security_view, login),
    VIEW_TEXT(struct security_view, name),
    VIEW_TEXT(struct security_view, email),
    VIEW_TIME(struct security_view, password_at),
    VIEW_FLAG(struct security_view, totp),
    VIEW_FLAG(struct security_view, staff),
    VIEW_FLAG(struct security_view, others),
    VIEW_FLAG(struct security_view, japanese),
    VIEW_INT(struct security_view, codes_left),
    VIEW_LIST(struct security_view, sessions, sessions_n, session_row_fields),
    VIEW_LIST(struct security_view, events, events_n, event_row_fields),
    VIEW_END,
};
const struct view accounts_security_view = { "accounts/security.html", "Security", security_fields,
                                             VIEW_WIDE };

static enum err fill_sessions(struct req *rq, struct security_view *v)
{
    struct arena *a = req_arena(rq);
    struct accounts_session_row *rows;

    TRY(accounts_session_list(req_tx(rq), req_account(rq), req_now(rq), &rows, &v->sessions_n));
    v->sessions = ARENA_ARRAY(a, v->sessions_n, struct session_row);
    for (size_t i = 0; i < v->sessions_n; i++)
        v->sessions[i] =
            (struct session_row){ .id = rows[i].id,
                                  .device = accounts_pages_device(a, rows[i].user_agent),
                                  .address = rows[i].address,
                                  .created = rows[i].created,
                                  .seen = rows[i].seen,
                                  .current = rows[i].id.v == req_who(rq)->session.v,
                                  .second = !timestamp_is_none(rows[i].second_at) };
    v->others = v->sessions_n > 1;
    return E_OK;
}

static enum err fill_events(struct req *rq, struct security_view *v)
{
    struct arena *a = req_arena(rq);
    struct accounts_event *rows;

    TRY(accounts_history(req_tx(rq), req_account(rq), HISTORY, &rows, &v->events_n));
    v->events = ARENA_ARRAY(a, v->events_n, struct event_row);
    for (size_t i = 0; i < v->events_n; i++)
        v->events[i] =
            (struct event_row){ rows[i].at, accounts_pages_event(rows[i].kind),
                                accounts_pages_device(a, rows[i].user_agent), rows[i].address };
    return E_OK;
}

static enum err security(struct req *rq, struct resp *rs)
{
    struct accounts_info who;
    struct security_view v = { 0 };

    TRY(accounts_get(req_tx(rq), req_tenant(rq), req_account(rq), &who));
    v = (struct security_view){ .login = who.login,
                                .name = who.name,
                                .email = who.email,
                                .password_at = who.password_at,
                                .totp = who.totp,
                                .staff = (who.roles & ROLES_STAFF) != 0,
                                .japanese = req_lang(rq) == LANG_JA };
    if (who.totp)
        TRY(accounts_totp_codes_left(req_tx(rq), who.id, &v.codes_left));
    TRY(fill_sessions(rq, &v));
    TRY(fill_events(rq, &v));
    return resp_page(rs, &accounts_security_view, &v);
}

/* ------------------------------------------------------------------ password */

struct password_form {
    struct secret *current, *password;
};
static const struct param password_params[] = {
    PARAM_SECRET(struct password_form, current, 1, 1024),
    PARAM_SECRET(struct password_form, password, 1, 1024),
    PARAM_END,
};
struct password_view {
    struct str login;
};
static const struct view_field password_fields[] = {
    VIEW_TEXT(struct password_view, login),
    VIEW_END,
};
const struct view accounts_password_view = { "accounts/password.html", "Change the password",
                                             password_fields, 0 };

static enum err password_show(struct req *rq, struct resp *rs)
{
    struct password_view v = { req_who(rq)->login };
    return resp_page(rs, &accounts_password_view, &v);
}

static enum err password(struct req *rq, struct resp *rs)
{
    const struct password_form *f = req_form(rq);
    struct accounts_from from = accounts_pages_from(rq);
    const struct who *who = req_who(rq);
    struct accounts_login l = { ACCOUNTS_IN, who->account, who->tenant, who->name,
                                who->second_factor };
    enum accounts_password verdict;

    if (req_invalid(rq))
        return password_show(rq, rs);
    TRY(accounts_password_change(req_tx(rq), &from, who->account, f->current, f->password,
                                 &verdict));
    accounts_pages_password_error(rq, verdict == ACCOUNTS_PASSWORD_WRONG ? "current" : "password",
                                  verdict);
    if (verdict != ACCOUNTS_PASSWORD_GOOD)
        return password_show(rq, rs);
    TRY(accounts_pages_enter(rq, rs, &l));
    resp_flash(rs, "success", MSG("The password is changed. All other sessions have ended."),
               STR(""));
    return resp_seeother(rs, "/security", 0);
}

/* ------------------------------------------------------------------ sessions */

struct session_form {
    struct session_id id;
};
static const struct param session_params[] = {
    PARAM_ID(struct session_form, id),
    PARAM_END,
};

static enum err end_one(struct req *rq, struct resp *rs)
{
    const struct session_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "", "no such session");
    TRY(accounts_session_end(req_tx(rq), &by, req_account(rq), f->id, req_now(rq)));
    if (f->id.v == req_who(rq)->session.v) {
        session_end(rq, rs);
        return resp_seeother(rs, "/", 0);
    }
    resp_flash(rs, "success", MSG("That session is signed out."), STR(""));
    return resp_seeother(rs, "/security", 0);
}

static enum err end_others(struct req *rq, struct resp *rs)
{
    struct audit_by by = AUDIT_BY(rq);

    TRY(accounts_session_end_all(req_tx(rq), &by, req_account(rq), req_who(rq)->session,
                                 req_now(rq), NULL));
    resp_flash(rs, "success", MSG("All other sessions are signed out."), STR(""));
    return resp_seeother(rs, "/security", 0);
}

const struct route accounts_security_routes[] = {
    { GET, "/security", security, WHO_ACCOUNT },
    { GET, "/security/password", password_show, WHO_ACCOUNT,
      FORM(password_params, struct password_form) },
    { POST, "/security/password", password, WHO_ACCOUNT,
      FORM(password_params, struct password_form), .rate = &password_rate },
    { POST, "/security/sessions/{id}/end", end_one, WHO_ACCOUNT,
      FORM(session_params, struct session_form) },
    { POST, "/security/sessions/end-others", end_others, WHO_ACCOUNT },
    { 0 },
};
