/* customers_pages.h - the pages of the customers slice, for the wiring in main/. */
#pragma once

#include "http/route.h"
#include "http/view.h"

extern const struct route customers_list_routes[];   /* /tenants, one customer, /contract */
extern const struct route customers_new_routes[];    /* /tenants/new */
extern const struct route customers_change_routes[]; /* terms, contact persons, administrators */
extern const struct route customers_names_routes[];  /* names to be certified */
extern const struct view *const customers_views[];
