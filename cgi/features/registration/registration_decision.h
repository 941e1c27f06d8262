/*
 * registration_decision.h - one decision under way: what registration_decide.c and
 * registration_edit.c share. Private to the slice.
 */
#pragma once

#include "features/registration/registration_decide.h"
#include "store/gen/registration_review.q.h"

struct registration_decision {
    struct tx *tx;
    const struct audit_by *by;
    struct timestamp now;
    struct q_review_lock row; /* as the lock shows it */
    struct registration r;
};

/*
 * Lock the application for somebody who reviews, and compare with what they saw. E_DENIED,
 * E_ABSENT, E_CONFLICT as registration_decide.h says.
 */
enum err registration_decision_begin(struct registration_decision *d, struct tenant_id tenant,
                                     struct application_id id, uint32_t generation,
                                     bool approving) MUST_CHECK;
/* Write the event and the audit row. `note` is for the applicant's eyes, not for the audit log. */
enum err registration_decision_record(struct registration_decision *d, const char *kind,
                                      struct str note) MUST_CHECK;
