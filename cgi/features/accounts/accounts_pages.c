/* accounts_pages.c - what the page files of the slice share: words, entering, the list of views. */
#include "features/accounts/accounts_pages.h"

#include "http/session.h"

struct accounts_from accounts_pages_from(struct req *rq)
{
    return (struct accounts_from){ .address = req_address(rq),
                                   .user_agent = req_header(rq, "User-Agent"),
                                   .request = req_id(rq),
                                   .now = req_now(rq) };
}

enum err accounts_pages_enter(struct req *rq, struct resp *rs, const struct accounts_login *l)
{
    struct accounts_from from = accounts_pages_from(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct session_id id, replaces = { 0 };
    struct bytes32 hash;

    if (req_who(rq)->account.v == l->account.v) {
        replaces = req_who(rq)->session;
    } else if (req_who(rq)->session.v) { /* somebody else was signed in here, whose cookie goes */
        enum err err = accounts_session_end(req_tx(rq), &by, req_account(rq), req_who(rq)->session,
                                            req_now(rq));
        if (err != E_OK && err != E_ABSENT)
            return err;
    }
    session_start(rq, rs, &hash);
    return accounts_session_open(req_tx(rq), &from, l, &hash, replaces, &id);
}

struct str accounts_pages_next(struct str next)
{
    bool own = next.n > 0 && next.p[0] == '/' && next.p[1] != '/' && next.p[1] != '\\';
    return own ? next : STR("");
}

void accounts_pages_password_error(struct req *rq, const char *field, enum accounts_password v)
{
    switch (v) {
    case ACCOUNTS_PASSWORD_GOOD:
        break;
    case ACCOUNTS_PASSWORD_WRONG:
        req_field_error(rq, field, MSG("This is not your present password."));
        break;
    case ACCOUNTS_PASSWORD_SHORT:
        req_field_error(rq, field, MSG("Please use 12 characters or more."));
        break;
    case ACCOUNTS_PASSWORD_COMMON:
        req_field_error(rq, field,
                        MSG("This password is easy to guess. Please use several unrelated words."));
        break;
    case ACCOUNTS_PASSWORD_SIMILAR:
        req_field_error(rq, field,
                        MSG("This password holds your name, login name or mail address. Please use "
                            "other words."));
        break;
    case ACCOUNTS_PASSWORD_SAME:
        req_field_error(rq, field,
                        MSG("This is your present password. Please choose another one."));
        break;
    }
}

struct page_badge accounts_pages_state(enum accounts_state s)
{
    switch (s) {
    case ACCOUNTS_INVITED:
        return (struct page_badge){ "progress", MSG("Invited") };
    case ACCOUNTS_ACTIVE:
        return (struct page_badge){ "success", MSG("Active") };
    case ACCOUNTS_LOCKED:
        return (struct page_badge){ "error", MSG("Locked") };
    case ACCOUNTS_SUSPENDED:
        return (struct page_badge){ "caution", MSG("Suspended") };
    case ACCOUNTS_CLOSED:
    case ACCOUNTS_STATE__MAX:
        break;
    }
    return (struct page_badge){ "neutral", MSG("Closed") };
}

static const struct {
    uint32_t role;
    struct msg word;
} roles[] = {
    { ROLE_END_USER, MSG_INIT("End user") },
    { ROLE_CUSTOMER_ADMIN, MSG_INIT("Customer administrator") },
    { ROLE_LRA_OPERATOR, MSG_INIT("LRA operator") },
    { ROLE_DESIGNATED_OPERATOR, MSG_INIT("Designated operator") },
    { ROLE_SUPPORT, MSG_INIT("Support staff") },
    { ROLE_PRIVACY_DESK, MSG_INIT("Privacy desk") },
    { ROLE_SERVICE_MANAGER, MSG_INIT("Service manager") },
    { ROLE_SYSTEM_MANAGER, MSG_INIT("System manager") },
    { ROLE_SYSTEM_ADMIN, MSG_INIT("System administrator") },
    { ROLE_OPERATIONS_ASSISTANT, MSG_INIT("Operations assistant") },
    { ROLE_AUDITOR, MSG_INIT("Auditor") },
    { ROLE_POLICY_AUTHORITY, MSG_INIT("Policy authority") },
};

struct msg accounts_pages_role(uint32_t role)
{
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (roles[i].role == role)
            return roles[i].word;
    return (struct msg){ NULL };
}

static const struct {
    const char *kind;
    struct msg word;
} events[] = {
    { "signed-in", MSG_INIT("Signed in") },
    { "certificate", MSG_INIT("Signed in with a client certificate") },
    { "password-failure", MSG_INIT("Wrong password, or sign-in refused") },
    { "code-failure", MSG_INIT("Wrong one-time code") },
    { "recovery-code", MSG_INIT("A recovery code was used") },
    { "recovery-codes-made", MSG_INIT("New recovery codes were made") },
    { "locked", MSG_INIT("Locked after repeated failures") },
    { "unlocked", MSG_INIT("Unlocked by an administrator") },
    { "suspended", MSG_INIT("Account suspended") },
    { "resumed", MSG_INIT("Suspension lifted") },
    { "password-changed", MSG_INIT("Password changed") },
    { "second-factor-set", MSG_INIT("Second factor set up") },
    { "closed", MSG_INIT("Account removed") },
    { "reopened", MSG_INIT("Invited again") },
    { "second-factor-removed", MSG_INIT("Second factor removed") },
};

struct msg accounts_pages_event(struct str kind)
{
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (str_eq_z(kind, events[i].kind))
            return events[i].word;
    return MSG("Account changed");
}

static const char *word_in(struct str s, const char *const (*words)[2], size_t n)
{
    for (size_t i = 0; s.p && i < n; i++)
        if (strstr(s.p, words[i][0]))
            return words[i][1];
    return NULL;
}

struct str accounts_pages_device(struct arena *a, struct str user_agent)
{
    /* In this order: Edge and Opera also say Chrome, Chrome also says Safari. */
    static const char *const browsers[][2] = { { "Edg", "Edge" },        { "OPR", "Opera" },
                                               { "Firefox", "Firefox" }, { "Chrome", "Chrome" },
                                               { "Safari", "Safari" },   { "curl", "curl" } };
    static const char *const systems[][2] = { { "Windows", "Windows" }, { "Android", "Android" },
                                              { "iPhone", "iPhone" },   { "iPad", "iPad" },
                                              { "Mac OS", "macOS" },    { "CrOS", "ChromeOS" },
                                              { "Linux", "Linux" } };
    const char *browser = word_in(user_agent, browsers, sizeof(browsers) / sizeof(browsers[0]));
    const char *os = word_in(user_agent, systems, sizeof(systems) / sizeof(systems[0]));

    if (browser && os)
        return str_fmt(a, "%s, %s", browser, os);
    return str_z(browser ? browser : os ? os : "");
}

const struct problem_reason accounts_pages_reasons[] = {
    { "system-admins", MSG_INIT("At least two system administrators must stay active."),
      MSG_INIT("Please appoint another system administrator first.") },
    { "roles-exclusive", MSG_INIT("These roles exclude each other."),
      MSG_INIT("Please choose roles that one person may hold.") },
    { "roles-tenant", MSG_INIT("This role does not belong to this customer."), { NULL } },
    { "own-account", MSG_INIT("This cannot be done on the own account."),
      MSG_INIT("Please ask another administrator.") },
    { "not-locked", MSG_INIT("The account is not locked any more."), { NULL } },
    { "not-suspended", MSG_INIT("The account is not suspended any more."), { NULL } },
    { "not-removed", MSG_INIT("The account is not removed any more."), { NULL } },
    { "roster-state", MSG_INIT("This file was started or changed meanwhile."), { NULL } },
    { "roster-same", MSG_INIT("The same file ran already. Nothing is done twice."), { NULL } },
    { "already-stopped", MSG_INIT("The account is stopped already."), { NULL } },
    { "contract-ended", MSG_INIT("The contract has ended; its accounts stay stopped."), { NULL } },
    { "totp-mandatory", MSG_INIT("Staff cannot remove their second factor."), { NULL } },
    { "totp-not-enrolled", MSG_INIT("No second factor is set up."),
      MSG_INIT("Please set it up on the page Security.") },
    { 0 },
};

const struct view *const accounts_pages_views[] = {
    &accounts_login_view,
    &accounts_code_view,
    &accounts_forgot_view,
    &accounts_sent_view,
    &accounts_set_view,
    &accounts_gone_view,
    &accounts_security_view,
    &accounts_password_view,
    &accounts_second_view,
    &accounts_enrol_view,
    &accounts_codes_view,
    &accounts_recodes_view,
    &accounts_remove_view,
    &accounts_users_view,
    &accounts_user_view,
    &accounts_suspend_view,
    &accounts_user_new_view,
    &accounts_user_edit_view,
    &accounts_mail_html_view,
    &accounts_mail_text_view,
    &accounts_user_second_view,
    &accounts_user_remove_view,
    &accounts_rosters_view,
    &accounts_roster_view,
    NULL,
};
