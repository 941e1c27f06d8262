/*
 * lease.h - private to http/: counting in leases. A counter in the database costs a commit; where a
 * limit is generous a worker takes a hundredth of it at once and spends that by itself. Limits
 * below 200 are counted one by one. The counters can only be too high (by what workers hold
 * unspent), never too low.
 */
#pragma once

#include "http/ratelimit.h"

struct leases;

struct leases *lease_table_new(void); /* aborts when out of memory */
void lease_table_free(struct leases *t);
/* How many to take from the database at once for this rate. */
uint32_t lease_size(const struct rate *rate);
/* Whether one is left of an earlier lease for this key's window; it is spent then. */
bool lease_spend(struct leases *t, const struct rate_key *key);
/* Keep `left` for later requests. */
void lease_keep(struct leases *t, const struct rate_key *key, uint32_t left);
