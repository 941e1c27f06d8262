/*
 * walk.h - the one generic test of DESIGN section 4: every route of a program is asked for as
 * nobody, with every wrong role, with half a sign-in, with a foreign or unknown certificate,
 * without CSRF token, from a foreign page, oversized and mistyped. Guards stand before handlers, so
 * handlers are not run: no database, no HSM.
 */
#pragma once

#include "http/route.h"

/*
 * Walk all rows of a NULL-terminated list of tables; one TAP line for each route, saying what
 * failed. Returns the number of routes walked.
 */
size_t walk_routes(const char *program, const struct route *const *tables);
