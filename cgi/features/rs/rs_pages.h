/* rs_pages.h - the pages of this slice, for portal.c */
#pragma once

#include "http/route.h"

extern const struct route rs_pages_routes[]; /* /systems/{id}/webhook */

extern const struct view rs_webhook_view, rs_webhook_stop_view;
extern const struct view *const rs_views[]; /* of those, NULL-terminated */
