/* verification_inside_pages.h - what the pages of this slice share. */
#pragma once

#include "features/verification/verification.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"

/* The signed-in person. */
struct verification_owner verification_inside_owner(const struct req *rq);

/* What is shown of a set, as it stands in the URL. */
struct verification_form {
    struct str id, name, sort;
    int outcome; /* index into verification_outcomes[]; 0: all */
    struct timestamp from, to;
    int64_t page;
};
extern const struct choice verification_choices[];

#define VERIFICATION_FILTER_PARAMS                                                                 \
    PARAM_TOKEN(struct verification_form, id, 1, 64),                                              \
        PARAM_TEXT_OPT(struct verification_form, name, 120),                                       \
        PARAM_TOKEN_OPT(struct verification_form, sort, 16),                                       \
        PARAM_CHOICE_OPT(struct verification_form, outcome, verification_choices, 0),              \
        PARAM_DATE_OPT(struct verification_form, from),                                            \
        PARAM_DATE_OPT(struct verification_form, to),                                              \
        PARAM_INT_OPT(struct verification_form, page, 1, 1000, 1)

/* The filter that the form asks for; the last day is included. */
struct verification_filter verification_inside_filter(const struct verification_form *f);
/* The outcome in words. */
struct page_badge verification_inside_badge(struct str outcome);
/* Why a file could not be judged, or the verdict is what it is; id NULL: nothing to add. */
struct msg verification_inside_reason(const struct verification_item *i);
