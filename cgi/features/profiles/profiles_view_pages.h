/* profiles_view_pages.h - the page of one profile. For this slice. */
#pragma once

#include "features/profiles/profiles_words_pages.h"
#include "http/resp.h"

extern const struct view profiles_view_view;
/* `staff`: who loaded a version is shown. */
enum err profiles_view_show(struct req *rq, struct resp *rs, const struct profile *p,
                            bool staff) MUST_CHECK;
