/*
 * builtin.h - private to http/: what every program answers without a route: /healthz, /readyz,
 * /metrics and static files; and conditional requests.
 */
#pragma once

#include "http/exchange.h"

/* Whether the request was for one of these; it is answered then. */
bool builtin_answer(struct req *rq);
/* Cacheable answers get an ETag; true, with the status made 304, when the client has that body. */
bool builtin_not_modified(struct req *rq, struct bytes body);
