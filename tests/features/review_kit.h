/*
 * review_kit.h - for tests of review: two customers with people in every part, profiles with one
 * and with two approvals, an authority, applications made through the real rules.
 */
#pragma once

#include "people.h"

#include "features/registration/registration_review.h"
#include "features/registration/registration_review_many.h"

struct review_kit {
    struct people p;
    /* of sakura: an administrator, three LRA operators, two end users; midori's administrator */
    struct account_id admin, lra[3], hanako, jiro, midori;
};
extern struct review_kit review_kit;

void review_kit_start(void);
void review_kit_stop(void);
void review_kit_sql(const char *text);
struct audit_by review_kit_by(struct account_id who);

/* An application for `subscriber`, "smime" (one approval) or "user-auth" (two). */
struct registration review_kit_apply(const char *profile, struct account_id applicant,
                                     struct account_id subscriber, const char *via,
                                     enum profiles_key source);
/* As it is now. */
struct registration review_kit_look(const struct registration *r);
/* All three points, compared with the register. */
extern const struct registration_vetting review_kit_vetting[REGISTRATION_ITEM__MAX];

/* One act in a transaction of its own, on the generation of `r`. */
enum err review_kit_act(enum registration_act act, const struct registration *r,
                        struct account_id who, const char *reason) MUST_CHECK;
