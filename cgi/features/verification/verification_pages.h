/* verification_pages.h - pages of bulk verification, for the wiring in main/. */
#pragma once

#include "http/route.h"
#include "http/view.h"

extern const struct route verification_routes[];        /* sets: list, add files, delete */
extern const struct route verification_export_routes[]; /* CSV, JSON, signed report */
extern const struct view *const verification_views[];
