/*
 * registration_draft.h - what a person has begun to apply for, kept at each step so that nothing is
 * lost to a time-out or a way back; and a person's own applications. For the pages of this slice.
 */
#pragma once

#include "features/registration/registration.h"

enum { REGISTRATION_DRAFTS_MAX = 20 }; /* of one person at a time */
#define REGISTRATION_DRAFT_KEEP_US (30 * DAY_US)

struct registration_draft {
    struct application_id id;
    struct tenant_id tenant;
    struct account_id applicant, subscriber;
    struct str subscriber_name; /* absent: a device or system */
    struct str profile, contact, title;
    enum profiles_key key_source;
    struct profiles_value *values;
    size_t values_n;
    struct bytes csr; /* DER; absent: none yet */
    struct certificate_id renews;
    struct timestamp created, changed;
    bool sent;
    struct str receipt; /* of what it became */
};

/* E_ABSENT "application-unknown" when it is not this person's. One that was sent is found, too. */
enum err registration_draft_get(struct tx *tx, struct tenant_id tenant, struct account_id applicant,
                                struct application_id id,
                                struct registration_draft *out) MUST_CHECK;
/* The same, locked: of two who send it at once the second finds it sent. */
enum err registration_draft_lock(struct tx *tx, struct tenant_id tenant,
                                 struct account_id applicant, struct application_id id,
                                 struct registration_draft *out) MUST_CHECK;
/* Keep key source, values, request and title. E_STATE "application-state" when it was sent. */
enum err registration_draft_keep(struct tx *tx, const struct registration_draft *d,
                                 struct timestamp now) MUST_CHECK;
enum err registration_draft_drop(struct tx *tx, struct tenant_id tenant,
                                 struct account_id applicant, struct application_id id) MUST_CHECK;
/* At most 50, the one changed last first; without values. */
enum err registration_draft_list(struct tx *tx, struct tenant_id tenant,
                                 struct account_id applicant, struct registration_draft **rows,
                                 size_t *n) MUST_CHECK;

/* A row of "my applications". */
struct registration_mine {
    struct application_id id;
    struct str receipt, profile, title;
    enum registration_state state;
    struct timestamp submitted, changed;
};
/* Own ones and those that others filed for this person; `state` "": all. */
enum err registration_mine(struct tx *tx, struct tenant_id tenant, struct account_id account,
                           struct str state, uint32_t offset, uint32_t limit,
                           struct registration_mine **rows, size_t *n, uint64_t *total) MUST_CHECK;
/* How many wait for this person: those returned for correction. */
enum err registration_mine_returned(struct tx *tx, struct tenant_id tenant,
                                    struct account_id account, uint64_t *n) MUST_CHECK;

/* People of the tenant for whom an administrator may apply: at most 20. */
struct registration_person {
    struct account_id id;
    struct str name, login, email;
};
enum err registration_people(struct tx *tx, struct tenant_id tenant, struct str q,
                             struct registration_person **rows, size_t *n) MUST_CHECK;
