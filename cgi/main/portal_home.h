/* portal_home.h - lines of the home page, from the slices. */
#pragma once

#include "features/home/home_pages.h"

extern const home_source portal_home_sources[];
extern const struct home_count portal_home_counts[]; /* NULL-terminated */
