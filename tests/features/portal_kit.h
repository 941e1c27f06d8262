/*
 * portal_kit.h - the pages of accounts, audit and home behind dispatch, in one process: real
 * database, real templates, real catalogue; only the transport is a fake. For tests of page flows.
 */
#pragma once

#include "people.h"

#include "http/fake.h"

/* More pages, before portal_kit_start(): a table of routes, or a list of views; either may be NULL.
 */
void portal_kit_add(const struct route *routes, const struct view *const *views);

/* Uses the database of `p`. Bails out when anything does not start. */
void portal_kit_start(struct people *p);
void portal_kit_stop(void);
extern const struct app *portal_kit_app;

/* A browser. */
struct fake *portal_kit_browser(void);
/* Post the sign-in form; the code too when the answer asks for one. Status of the last answer. */
int portal_kit_sign_in(struct people *p, struct fake *f, const char *login, bool totp);
/* Path of the Location header; "" when there is none. */
struct str portal_kit_location(struct fake *f, const struct fake_reply *r);
