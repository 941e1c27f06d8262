/*
 * registration_review_pages.h - pages of those who review: /reviews. The same tables serve the
 * portal and the operators' port.
 */
#pragma once

#include "http/problem.h"
#include "http/route.h"

extern const struct route registration_review_routes[];      /* the queue and its CSV */
extern const struct route registration_chosen_routes[];      /* several applications at once */
extern const struct route registration_decision_routes[];    /* one application */
extern const struct route registration_edit_routes[];        /* its fields */
extern const struct view *const registration_review_views[]; /* NULL-terminated */

/* For the rail: how many applications wait for this person's decision. */
enum err registration_review_rail(struct req *rq, uint64_t *n) MUST_CHECK;
/* Words for the reasons of registration_decide.h; false when there are none. */
bool registration_review_reason(const char *code, struct msg *text);
