/*
 * audit_pages.h - the pages of the audit slice, for the wiring in main/.
 */
#pragma once

#include "http/route.h"
#include "http/view.h"

extern const struct route audit_pages_routes[];
extern const struct view *const audit_pages_views[]; /* NULL-terminated */
