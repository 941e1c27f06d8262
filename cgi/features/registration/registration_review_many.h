/*
 * registration_review_many.h - the same decision on several applications at once. Each is a
 * decision of its own, with its own generation, event and audit row: what one refuses does not
 * touch the others.
 */
#pragma once

#include "features/registration/registration_decide.h"

struct registration_chosen {
    struct str receipt;
    uint32_t generation; /* that the person looked at */
    /* filled: */
    struct str title;  /* "" when there is no such application */
    enum err err;      /* E_OK: done */
    struct str reason; /* code of what refused it */
};

enum registration_act {
    REGISTRATION_APPROVE,
    REGISTRATION_REJECT,
    REGISTRATION_RETURN,
    REGISTRATION_HOLD,
    REGISTRATION_RESUME
};

struct registration_many {
    enum registration_act act;
    const struct registration_vetting *vetting; /* of an approval */
    size_t vetting_n;
    struct str reason; /* of anything else */
};

/*
 * Decide on all of them, in the order of their ids so that two people who do the same do not wait
 * for each other in a circle. E_OK also when some were refused; an error when nothing is decided.
 */
enum err registration_review_many(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                                  const struct registration_many *what,
                                  struct registration_chosen *chosen, size_t n,
                                  struct timestamp now) MUST_CHECK;
