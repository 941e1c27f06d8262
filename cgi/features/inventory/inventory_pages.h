/* inventory_pages.h - the certificates of a person or a customer as a list, as CSV, at a glance. */
#pragma once

#include "http/app.h"
#include "http/view.h"

extern const struct route inventory_list_routes[];     /* /certificates, and as CSV */
extern const struct route inventory_overview_routes[]; /* /overview */
extern const struct view *const inventory_views[];     /* NULL-terminated */
