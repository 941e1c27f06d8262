/*
 * status_kept.h - OCSP answers that this process keeps, by the octets of their request. A fixed
 * number of places; a new answer takes the place of another one with the same hash.
 */
#pragma once

#include "features/status/status.h"

struct status_kept;

struct status_kept *status_kept_new(void); /* aborts when out of memory */
void status_kept_free(struct status_kept *k);
/* Forget all. */
void status_kept_clear(struct status_kept *k);
/* The answer to exactly this request, if it is not due for renewal. Borrowed. */
const struct status_ocsp *status_kept_find(const struct status_kept *k, struct bytes request,
                                           struct timestamp now);
/* Keep a copy until `renew`. Requests longer than 256 octets are not kept. */
void status_kept_add(struct status_kept *k, struct bytes request, const struct status_ocsp *answer,
                     struct timestamp renew);
