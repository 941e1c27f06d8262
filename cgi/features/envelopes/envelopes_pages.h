/* envelopes_pages.h - routes and views of the slice, for main. */
#pragma once

#include "http/route.h"
#include "http/view.h"

extern const struct route envelopes_list_routes[];
extern const struct route envelopes_draft_routes[];
extern const struct route envelopes_people_routes[];
extern const struct route envelopes_review_routes[];
extern const struct route envelopes_detail_routes[];
extern const struct route envelopes_link_routes[];
extern const struct route envelopes_visit_routes[];
extern const struct route envelopes_api_routes[];
extern const struct view *const envelopes_views[];
