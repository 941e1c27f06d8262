/*
 * problem.h - what people and programs are told when something is refused or fails: an error page
 * with what happened, what to do and a reference number, or an RFC 9457 problem document. Never
 * internals.
 */
#pragma once

#include "http/view.h"

struct req;

/* What a reason code (struct fault's `reason`) means; slices list theirs, ended by { NULL }. */
struct problem_reason {
    const char *code;
    struct msg what; /* what happened */
    struct msg todo; /* what to do now; id NULL: the class's */
};

/* Data of templates/error/error.html; problem_view is its view, to be added to the template set. */
struct problem_page {
    int64_t status;
    struct str reference; /* request id */
    struct msg what, todo;
};
extern const struct view problem_view;

/* The status for a class and reason: the class's, but 429 for what comes too often. */
int problem_status(enum err e, const char *reason);
/* What a reason code means, in the words of whichever slice has them; false when none has. For
 * pages that show codes of other slices. */
bool problem_reason_words(const struct req *rq, const char *code, struct msg *what);
/* Replace whatever the answer holds by the error `e` (the current fault), for the kind of route. */
void problem_answer(struct req *rq, enum err e);
