/*
 * gate.h - private to http/: who is asking, whether the route admits them, whether the change was
 * asked for by our own page, and how often.
 */
#pragma once

#include "http/exchange.h"

/* Fill rq->who from session cookie and client certificate. Nobody is E_OK; errors are the store's.
 */
enum err gate_identify(struct req *rq) MUST_CHECK;
/* E_AUTH "login-required" and the like, or E_DENIED. */
enum err gate_who(struct req *rq) MUST_CHECK;
/* Count; E_LIMIT "rate-limited" with Retry-After. */
enum err gate_rate(struct req *rq) MUST_CHECK;
/*
 * The reason under which this refusal goes to the audit log, or NULL when its source has had its
 * share of rows. Clears the fault.
 */
const char *gate_recorded(struct req *rq, const char *reason) MUST_CHECK;
/* E_DENIED "csrf" for an unsafe method without token or from a foreign page. */
enum err gate_csrf(struct req *rq) MUST_CHECK;
/* A token found in the body. */
void gate_token(struct req *rq, struct str token);
/* The token for this request's pages; sets the pre-login cookie when needed. Absent without a key.
 */
struct str gate_make_token(struct req *rq);
/* GET, HEAD and OPTIONS change nothing (RFC 9110 9.2.1). */
bool gate_safe(enum method m);
