/*
 * registration_pages.h - pages for those who apply: a new application, one's own applications, and
 * the link where key and certificate are collected. Those of reviewers are in
 * registration_review_pages.h.
 */
#pragma once

#include "features/registration/registration_mail.h"
#include "http/route.h"
#include "http/view.h"

extern const struct route registration_apply_routes[];   /* /certificates/apply */
extern const struct route registration_confirm_routes[]; /* its last step */
extern const struct route registration_mine_routes[];    /* /applications */
extern const struct route registration_correct_routes[]; /* a returned one, again */
extern const struct route registration_collect_routes[]; /* /collect */
extern const struct view *const registration_views[];    /* NULL-terminated */

/* For the rail: how many applications wait for this person's correction. */
enum err registration_mine_rail(struct req *rq, uint64_t *n) MUST_CHECK;

/* Words of a finding of registration_check(), or of a reason of this slice; false when there are
 * none. */
bool registration_words_text(const char *code, struct msg *text);

/* A registration_mail_fn. */
void registration_mail_pages(struct arena *a, struct str lang, const char *name,
                             const struct registration_mail_values *v, struct str *subject,
                             struct str *text);
