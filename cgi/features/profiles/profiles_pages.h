/* profiles_pages.h - the pages that show certificate profiles, for the wiring in main/. */
#pragma once

#include "http/route.h"
#include "http/view.h"

extern const struct route profiles_pages_routes[];
extern const struct view *const profiles_pages_views[];
