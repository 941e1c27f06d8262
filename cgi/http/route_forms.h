/*
 * route_forms.h - `PROGRAM --forms`: every parameter of every route as the program takes it, for
 * the test that compares the API's document with the program.
 */
#pragma once

#include "http/route.h"

/*
 * One line for each route and each parameter on standard output, fields separated by tabs:
 * "METHOD path", or "METHOD path name kind required|optional one|many low high words". Exit code
 * for main.
 */
int route_forms_list(const struct route *const *tables);
