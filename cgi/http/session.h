/*
 * session.h - sessions: a random token in a `__Host-` cookie, only its SHA-256 known to the
 * database. Who owns a session and how it is stored is the accounts slice's matter (through hooks).
 */
#pragma once

#include "base/clock.h"
#include "http/message.h"
#include "http/who.h"

struct req;
struct resp;

/* What the store knows of a session; given by the session_load hook. */
struct session_state {
    struct who who;
    struct timestamp created, seen;
};

/* Ends of a session that nobody signs out of. */
struct session_limits {
    int64_t idle_us, absolute_us; /* 0: 30 minutes, 12 hours */
};

/*
 * Begin a session in this response (sign-in, second factor given, password changed: each time a new
 * token, so that a planted one is worth nothing). *token_hash is what to store. The CSRF token
 * changes with it.
 */
void session_start(struct req *rq, struct resp *rs, struct bytes32 *token_hash);
/* Remove the cookie (sign-out); the row is the caller's to end. */
void session_end(struct req *rq, struct resp *rs);
/* Hash of the token of this request, to find its own row; false when there is none. */
bool session_hash(const struct req *rq, struct bytes32 *token_hash);
/* Remember the language in a cookie. */
void session_set_lang(struct resp *rs, enum lang lang);

/* Whether a session may still be used at `now`. E_AUTH "session-expired" when idle or too old. */
enum err session_judge(const struct session_state *s, const struct session_limits *l,
                       struct timestamp now) MUST_CHECK;
