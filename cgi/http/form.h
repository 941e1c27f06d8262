/* form.h - private to http/: application/x-www-form-urlencoded (WHATWG URL 5.1), decoded in place.
 */
#pragma once

#include "http/raw.h"

/*
 * Split text[0..n) (a query string or a body; text[n] must be writable, it becomes NUL) into raws.
 * The buffer is overwritten and must live as long as the request. E_INPUT "parameter-encoding" on a
 * bad escape, NUL or invalid UTF-8.
 */
enum err form_parse(struct arena *a, char *text, size_t n, struct raws *out) MUST_CHECK;

/* Decode %XX (and '+' when `plus`) in place; the new length, or SIZE_MAX when malformed. Adds a
 * NUL. */
size_t form_decode(char *p, size_t n, bool plus);
