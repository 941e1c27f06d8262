/*
 * registration_review_inside_pages.h - what the review pages share: the form with the queue's
 * filter, which goes from page to page in the URL, and words. Private to the slice.
 */
#pragma once

#include "features/registration/registration_review.h"
#include "features/registration/registration_review_many.h"
#include "features/registration/registration_review_pages.h"
#include "http/page.h"
#include "http/req.h"
#include "http/resp.h"

#define REVIEWERS (ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR)

enum {
    REGISTRATION_REVIEW_PAGE = 50,  /* rows of a page, and of one decision at most */
    REGISTRATION_REVIEW_MINE = 100, /* beside the states: waits for me */
    REGISTRATION_REVIEW_ANY = -1
};

/* All that the review pages take; each route names the part that it wants. */
struct registration_review_form {
    struct str q, profile, sort;
    int state;
    struct timestamp from, to;
    int64_t page;

    struct str receipt;
    int64_t generation;
    int identity, authority, content; /* a registration_method, -1: not said */
    struct str note;
    bool confirmed;
    struct str reason;
    struct str *chosen; /* "RECEIPT.generation" */
    size_t chosen_n;
    int act;
    struct str *field, *value; /* pairs */
    size_t field_n, value_n;
};

extern const struct choice registration_review_states[], registration_review_methods[];

#define REVIEW_FILTER_PARAMS                                                                       \
    PARAM_TEXT_OPT(struct registration_review_form, q, 200),                                       \
        PARAM_TOKEN_OPT(struct registration_review_form, profile, 40),                             \
        PARAM_TOKEN_OPT(struct registration_review_form, sort, 16),                                \
        PARAM_CHOICE_OPT(struct registration_review_form, state, registration_review_states,       \
                         REGISTRATION_REVIEW_MINE),                                                \
        PARAM_DATE_OPT(struct registration_review_form, from),                                     \
        PARAM_DATE_OPT(struct registration_review_form, to),                                       \
        PARAM_INT_OPT(struct registration_review_form, page, 1, 200, 1)
#define REVIEW_VETTING_PARAMS                                                                      \
    PARAM_CHOICE_OPT(struct registration_review_form, identity, registration_review_methods, -1),  \
        PARAM_CHOICE_OPT(struct registration_review_form, authority, registration_review_methods,  \
                         -1),                                                                      \
        PARAM_CHOICE_OPT(struct registration_review_form, content, registration_review_methods,    \
                         -1),                                                                      \
        PARAM_TEXT_OPT(struct registration_review_form, note, 500),                                \
        PARAM_FLAG(struct registration_review_form, confirmed)

/* The filter as the rules take it, and as it stands in a URL ("state=waiting&sort=-time"). */
struct registration_filter registration_review_filter(const struct req *rq,
                                                      const struct registration_review_form *f);
struct str registration_review_query(struct req *rq);
/* The same without the order. */
struct str registration_review_filter_query(struct req *rq);
/* `path` with that query. */
struct str registration_review_url(struct req *rq, struct str path);
/* Of one application, below it; with the methods of the approval before, to be proposed again. */
struct str registration_review_below(struct req *rq, struct str receipt, const char *what);

/* --- the checklist of an approval --- */

/* Methods to choose from, for each item. */
struct registration_review_checklist {
    struct page_choice *identity, *authority, *content;
    size_t methods_n;
    struct str note;
    bool confirmed;
};
extern const struct view_field registration_review_checklist_fields[];
/* With what was chosen; `batch`: an application that came in bulk is among them. */
struct registration_review_checklist
registration_review_checklist(struct req *rq, const struct registration_review_form *f, bool batch);
/* What was confirmed, as the rules take it; errors are shown at their fields. */
void registration_review_vetting(struct req *rq, const struct registration_review_form *f,
                                 struct registration_vetting *v, size_t *n);

/* --- words --- */

struct page_badge registration_review_state(enum registration_state s);
struct msg registration_review_event(struct str kind);
struct msg registration_review_item(enum registration_item item);
struct msg registration_review_method(enum registration_method method);
struct msg registration_review_source(uint32_t key);
struct msg registration_review_bar(enum registration_bar bar);
struct msg registration_review_done(enum registration_act act);
/* A reason or a finding; its code itself when there are no words. */
struct str registration_review_words(struct req *rq, struct str code);
/* The profile's name in the reader's language; its code when it is unknown. */
struct str registration_review_profile(struct req *rq, struct str name);

extern const struct view registration_reviews_view, registration_review_view,
    registration_review_edit_view, registration_review_chosen_view, registration_review_done_view;
