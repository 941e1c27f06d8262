/*
 * accounts_pages.h - the pages of the accounts slice, for the wiring in main/, and what its page
 * files share.
 */
#pragma once

#include "features/accounts/accounts_self.h"
#include "features/accounts/accounts_tasks.h"
#include "http/page.h"
#include "http/problem.h"
#include "http/req.h"
#include "http/route.h"

struct template_set;

extern const struct route accounts_login_routes[];      /* sign-in, sign-out, language, forgotten */
extern const struct route accounts_security_routes[];   /* own account */
extern const struct route accounts_second_routes[];     /* own second factor */
extern const struct route accounts_users_routes[];      /* administrators: lists and states */
extern const struct route accounts_manage_routes[];     /* administrators: inviting, correcting */
extern const struct route accounts_remove_routes[];     /* administrators: removing people */
extern const struct route accounts_roster_routes[];     /* administrators: files of people */
extern const struct view *const accounts_pages_views[]; /* NULL-terminated: pages and mails */
extern const struct view *const accounts_pages_mail_views[]; /* the mails among them */
extern const struct problem_reason accounts_pages_reasons[];

/* An accounts_mail_writer.write: `arg` is the struct template_set that holds the views above. */
enum err accounts_pages_mail(void *arg, struct arena *a, const struct accounts_mail *m,
                             struct str *subject, struct str *text, struct str *html) MUST_CHECK;

/* ------------------------------------------------------------------ among the page files */

struct accounts_from accounts_pages_from(struct req *rq);
/* Open the session that `l` allows, in place of the present one, and set the cookie. */
enum err accounts_pages_enter(struct req *rq, struct resp *rs,
                              const struct accounts_login *l) MUST_CHECK;
/* `next` for a page's form: a refused one (not a path of ours) is dropped, not handed on. */
struct str accounts_pages_next(struct str next);
/* Field error for a refused password; nothing for GOOD. */
void accounts_pages_password_error(struct req *rq, const char *field, enum accounts_password v);
struct page_badge accounts_pages_state(enum accounts_state s);
struct msg accounts_pages_role(uint32_t role);
struct msg accounts_pages_event(struct str kind);
/* "Firefox, Windows" out of a User-Agent; "" when nothing in it is known. */
struct str accounts_pages_device(struct arena *a, struct str user_agent);

extern const struct view accounts_login_view, accounts_code_view, accounts_forgot_view,
    accounts_sent_view, accounts_set_view, accounts_gone_view, accounts_security_view,
    accounts_password_view, accounts_second_view, accounts_enrol_view, accounts_codes_view,
    accounts_recodes_view, accounts_remove_view, accounts_users_view, accounts_user_view,
    accounts_suspend_view, accounts_user_new_view, accounts_user_edit_view,
    accounts_user_second_view, accounts_user_remove_view, accounts_rosters_view,
    accounts_roster_view, accounts_mail_html_view, accounts_mail_text_view;
