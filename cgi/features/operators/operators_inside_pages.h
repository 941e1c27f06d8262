/* operators_inside_pages.h - shared between the pages of the operators slice only. */
#pragma once

#include "features/operators/operators_pages.h"

/* What operators_pages_setup was given. */
struct str operators_inside_portal(void);
/* A good certificate in its last 30 days. */
bool operators_inside_soon(const struct operators_certificate *c, struct timestamp now);

extern const struct view operators_face_view, operators_nobody_view;
