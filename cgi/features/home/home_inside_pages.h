/* home_inside_pages.h - shared between the files of the home slice only. */
#pragma once

#include "features/home/home_pages.h"
#include "http/req.h"
#include "http/resp.h"

/* What home_start was given; all zero before. Never NULL. */
const struct home_setup *home_setup_current(void);
/* Whether a page exists that this person may open. */
bool home_may_open(const struct who *who, const char *path);
/* Whether a page exists at all (a visitor may be asked to sign in for it). */
bool home_has_route(const char *path);

extern const struct view home_style_view;
