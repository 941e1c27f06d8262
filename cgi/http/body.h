/*
 * body.h - private to http/: reading a request's body into raw parameters, with the CSRF token
 * checked before anything else of it is believed.
 */
#pragma once

#include "http/exchange.h"

#define BODY_MAX_DEFAULT 65536

/* The route's limit. */
size_t body_limit(const struct route *route);
/*
 * Read the body by its type: urlencoded, multipart and JSON into rq->raws, anything else into
 * rq->body. E_DENIED "csrf" when the token is missing or wrong, E_LIMIT when too large, E_INPUT
 * when malformed, E_UNSUPPORTED "media-type" when a form was due.
 */
enum err body_load(struct req *rq) MUST_CHECK;
/* Read at most n bytes of the body, counting. */
enum err body_read(struct req *rq, void *p, size_t n, size_t *got) MUST_CHECK;
/* Read and drop what is left (bounded), so that the answer is not lost in a reset connection. */
void body_drain(struct req *rq);
