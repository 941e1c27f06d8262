/* registration_review_detail_pages.h - one application beside its checks, for those who handle it.
 * Private to the slice. */
#pragma once

#include "features/registration/registration_review_inside_pages.h"

/* The application of the form's receipt number; E_ABSENT also for another customer's. */
enum err registration_review_find(struct req *rq, const struct registration_review_form *f,
                                  struct registration *r) MUST_CHECK;
/* The page; with what was refused, after an act that failed. */
enum err registration_review_show(struct req *rq, struct resp *rs,
                                  const struct registration_review_form *f,
                                  const struct registration *r) MUST_CHECK;
