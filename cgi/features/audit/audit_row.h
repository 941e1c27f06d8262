/*
 * audit_row.h - one audit row as bytes: what its own hash and the seals cover. Private to the
 * slice.
 */
#pragma once

#include "base/crypto.h"
#include "features/audit/audit.h"

struct audit_record {
    struct bytes nonce;
    struct timestamp at;
    uint32_t category, outcome;
    uint64_t tenant, account, client; /* 0: NULL */
    struct str actor_name, action, object_kind, object, address, request, detail;
};

/* From any generated row struct that has all these columns. */
#define AUDIT_RECORD(q)                                                                            \
    ((struct audit_record){ .nonce = (q)->nonce,                                                   \
                            .at = (q)->at,                                                         \
                            .category = (q)->category,                                             \
                            .outcome = (q)->outcome,                                               \
                            .tenant = (q)->tenant.v,                                               \
                            .account = (q)->account.v,                                             \
                            .client = (q)->client.v,                                               \
                            .actor_name = (q)->actor_name,                                         \
                            .action = (q)->action,                                                 \
                            .object_kind = (q)->object_kind,                                       \
                            .object = (q)->object,                                                 \
                            .address = (q)->address,                                               \
                            .request = (q)->request,                                               \
                            .detail = (q)->detail })

/* The row's contents in one unambiguous form: every part with its length, NULL apart from empty. */
enum err audit_row_bytes(const struct audit_record *r, struct arena *a,
                         struct bytes *out) MUST_CHECK;

/* HMAC over those bytes under the programs' key. E_INTERNAL when audit_init() was not called. */
enum err audit_row_hash(struct bytes row, struct bytes32 *out) MUST_CHECK;
