/* mail_pages.h - the page of mails, for the wiring in main/. */
#pragma once

#include "http/problem.h"
#include "http/route.h"
#include "http/view.h"

struct req;

extern const struct route mail_pages_routes[]; /* /mails */
extern const struct view *const mail_pages_views[];
extern const struct problem_reason mail_pages_reasons[];

/* Addresses whose last mail did not arrive, for rail and home page; 0 for who does not look after
 * any. */
enum err mail_pages_count(struct req *rq, uint64_t *n) MUST_CHECK;
