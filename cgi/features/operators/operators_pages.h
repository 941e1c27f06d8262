/*
 * operators_pages.h - pages about operators: on the portal for their administrator and themselves,
 * and on the operators' own port (its "face"): what answers there at all, its first page, its
 * words.
 */
#pragma once

#include "features/operators/operators.h"
#include "http/app.h"

/* /operators, its certificates, and /operators/mine: for the portal. */
extern const struct route operators_routes[];
/* The first page of the operators' port. */
extern const struct route operators_face_routes[];
extern const struct view *const operators_views[];
/* Why somebody is nobody there. */
extern const struct problem_reason operators_face_reasons[];

/* Where the two ports are ("https://host:8445/", "https://host:8443/"): for links from one to the
 * other. Once, at start; the strings must stay. */
void operators_pages_setup(struct str operator_url, struct str portal_url);

/*
 * Of all the rows of `tables` (NULL-terminated) those that the operators' port has: the review
 * queue, the certificates, bulk, the choice of language, and operators_face_routes. Everything
 * else is not there (404), whatever it admits; neither is what these slices offer to strangers.
 * A new table, ended by { 0 }; free() it.
 */
struct route *operators_face_select(const struct route *const *tables);
