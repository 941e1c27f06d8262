/*
 * intake.h - private to http/: what a request says of itself: id, language, method, path, length,
 * and its parameters as the handler's struct.
 */
#pragma once

#include "http/exchange.h"

#define INTAKE_ID 65 /* room for a request id and its NUL */

/* Address, id (kept in `id`, outside the arena), language, pre-login cookie. */
void intake_begin(struct req *rq, char id[INTAKE_ID]);
/* Method, path, query and body length. E_INPUT "uri" or "content-length" when malformed. */
enum err intake_line(struct req *rq) MUST_CHECK;
/*
 * Query and path into rq->raws beside what the body gave, and all of them into rq->form. Wrong
 * values are collected in rq->errors; on API routes they are E_INPUT "form-invalid". A path
 * parameter of another kind is E_ABSENT.
 */
enum err intake_params(struct req *rq) MUST_CHECK;
