/*
 * audit_chain.h - what a seal covers, for making and for judging one. Private to the slice.
 */
#pragma once

#include "features/audit/audit_row.h"

/* The columns of a seal that its chain value covers. */
struct audit_chain {
    uint64_t number;
    struct timestamp sealed_at;
    uint64_t floor, first_id, last_id, count;
    struct bytes32 digest, previous;
};

/* Add row `id` with its bytes and stored hash to the running digest of a seal. */
void audit_chain_add(struct digest *d, uint64_t id, struct bytes row, struct bytes row_hash);

/* The chain value: SHA-256 over the columns. */
enum err audit_chain_value(const struct audit_chain *c, struct bytes32 *out) MUST_CHECK;
