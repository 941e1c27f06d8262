/* http_app.h - a small program for the tests of http/: routes, hooks that note what happens,
 * sessions. */
#pragma once

#include "http/fake.h"
#include "http/req.h"
#include "http/resp.h"
#include "tap.h"

extern struct fake *f;
extern char events[400];  /* what the hooks saw, in order */
extern char refused[100]; /* the last refusal that was reported */
extern struct bytes32 user_hash, staff_hash, pending_hash, old_hash; /* live sessions' tokens */
extern bool staff_second_factor;
extern int busy; /* how many commits lose a deadlock */
extern const struct route *const tables[];

/* Start the program and its fake client; false when it does not start. */
bool http_app_start(void);
void http_app_stop(void);
/* Forget cookies and events; and then sign in. */
void fresh(void);
void sign_in_as(struct bytes32 *hash);
enum err show(struct req *rq, struct resp *rs);
extern const struct param note_params[];
struct note_form {
    struct document_id id;
    struct str title;
    int64_t copies;
    struct secret *pin;
    struct upload file;
};

bool header_is(const struct fake_reply *r, const char *name, const char *value);
bool header_has(const struct fake_reply *r, const char *name, const char *part);
