/*
 * accounts_pages.h - the pages of the accounts slice, for the wiring in main/.
 */
#pragma once

#include "http/route.h"
#include "http/view.h"

extern const struct route accounts_pages_routes[];
extern const struct view *const accounts_pages_views[]; /* NULL-terminated */
