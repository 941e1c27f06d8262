/*
 * registration_review.h - what reviewers see: the queue of a customer's applications, and the facts
 * beside one of them (P3-31, P3-44). Decisions are in registration_decide.h.
 */
#pragma once

#include "features/registration/registration_decide.h"
#include "features/registration/registration_keys.h"

enum {
    REGISTRATION_COUNT_MAX = 10000, /* more are not counted and not listed: narrow the filter */
    REGISTRATION_WAITING_MAX = 1000 /* of the count beside the entry in the rail */
};

enum registration_sort {
    REGISTRATION_BY_TIME,
    REGISTRATION_BY_TIME_DOWN,
    REGISTRATION_BY_TITLE,
    REGISTRATION_BY_TITLE_DOWN
};

/* Applications that were sent; drafts are never found. */
struct registration_filter {
    struct tenant_id tenant;
    struct account_id me;           /* who looks */
    bool mine;                      /* only what this person may approve; state must be waiting */
    int state;                      /* an enum registration_state, -1: any */
    struct str profile;             /* "": any */
    struct str q;                   /* beginning of the name to be certified, or a receipt number */
    struct timestamp since, before; /* sent; NONE: open */
    enum registration_sort sort;
};

struct registration_row {
    struct application_id id;
    struct str receipt, title, profile, via, kind, key_source, contact;
    struct str applicant, subscriber, first; /* names; the last two "" when there is none */
    enum registration_state state;
    struct timestamp submitted, changed, decided;
    uint32_t approvals_needed, generation;
    bool edited;
    bool noted;                /* the checks on the day it was sent found something */
    enum registration_bar bar; /* against an approval by `me` */
};

/* At most `limit` rows from `offset` on, which both end at REGISTRATION_COUNT_MAX. */
enum err registration_review_list(struct tx *tx, const struct registration_filter *f,
                                  uint32_t offset, uint32_t limit, struct registration_row **rows,
                                  size_t *n) MUST_CHECK;
/* How many the filter finds: REGISTRATION_COUNT_MAX + 1 says that there are more. */
enum err registration_review_count(struct tx *tx, const struct registration_filter *f,
                                   uint64_t *n) MUST_CHECK;
/*
 * The receipt number of the one that follows `r` in the filter's order of time, or precedes it; ""
 * when there is none. Sorted by name, the order of time is taken.
 */
enum err registration_review_beside(struct tx *tx, const struct registration_filter *f,
                                    const struct registration *r, bool next,
                                    struct str *receipt) MUST_CHECK;
/* How many wait for a decision of this person; at most REGISTRATION_WAITING_MAX. */
enum err registration_review_waiting(struct tx *tx, struct tenant_id tenant, struct account_id me,
                                     uint64_t *n) MUST_CHECK;
/* How many are in each open state; each up to REGISTRATION_COUNT_MAX + 1. */
struct registration_open {
    uint64_t waiting, held, returned;
};
enum err registration_review_open(struct tx *tx, struct tenant_id tenant,
                                  struct registration_open *out) MUST_CHECK;

/* The checks of registration_check() as they come out now. */
enum err registration_review_recheck(struct tx *tx, const struct registration *r,
                                     struct timestamp now, struct profiles_finding **f,
                                     size_t *n) MUST_CHECK;

/*
 * The application's request decoded, as PEM, and whether its signature holds (RFC 2986 4.2).
 * E_ABSENT when it has none (yet), E_INPUT when it cannot be read.
 */
enum err registration_review_request(struct tx *tx, const struct registration *r,
                                     struct registration_request *out, struct str *pem,
                                     bool *proved) MUST_CHECK;

/* A certificate of the same subscriber, or with the same name. */
struct registration_earlier {
    struct certificate_id id;
    struct str subject, profile, state, serial; /* serial: hex, "" before there is one */
    struct timestamp not_after, requested;
};
/* Newest first, ten at most. */
enum err registration_review_earlier(struct tx *tx, const struct registration *r,
                                     struct registration_earlier **rows, size_t *n) MUST_CHECK;

/* What was confirmed before an approval, in order. */
struct registration_confirmed {
    struct timestamp at;
    struct str who, note; /* note may be "" */
    enum registration_item item;
    enum registration_method method;
};
enum err registration_review_confirmed(struct tx *tx, const struct registration *r,
                                       struct registration_confirmed **rows, size_t *n) MUST_CHECK;
