/*
 * signing_renewal.h - files that reached ES-A and that their owners keep elsewhere: known by digest
 * and a note of the owner's own, never by name. Before the certificate of the archive timestamp's
 * authority ends, the owner is reminded by mail to renew it. Part of signing.h.
 */
#pragma once

#include "features/signing/signing.h"

/* Reminders so long before the end: 90, 30 and 7 days. */
#define SIGNING_RENEWAL_NOTE_MAX 120

struct signing_renewal {
    struct renewal_id id;
    struct str public_id;
    struct bytes32 digest;                   /* SHA-256 of the file as it was delivered */
    struct str note;                         /* absent: none */
    struct timestamp archived, ends, remind; /* remind: NONE when switched off, or none is left */
};

/* The next reminder after `now` for an archive that ends then; NONE when none is left. */
struct timestamp signing_renewal_next(struct timestamp ends, struct timestamp now);

/*
 * Remember a file at ES-A: `before` is its digest when it came, so that a renewal takes the place
 * and the note of what was remembered of it. In the transaction of the signature.
 */
enum err signing_renewal_keep(struct tx *tx, struct signing_owner owner,
                              const struct bytes32 *before, const struct bytes32 *after,
                              struct timestamp archived, struct timestamp ends,
                              struct timestamp now) MUST_CHECK;

/* A person's files, the first to end first. `reminders`: whether the person wants any. */
enum err signing_renewal_list(struct tx *tx, struct signing_owner owner, uint32_t offset,
                              uint32_t limit, struct signing_renewal **rows, size_t *n,
                              uint64_t *total) MUST_CHECK;
enum err signing_renewal_wanted(struct tx *tx, struct signing_owner owner,
                                bool *reminders) MUST_CHECK;
enum err signing_renewal_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                              struct signing_renewal *out) MUST_CHECK;
/* Change note and reminder of one. E_ABSENT "renewal-unknown". */
enum err signing_renewal_set(struct tx *tx, struct signing_owner owner, struct str public_id,
                             struct str note, bool remind, struct timestamp now) MUST_CHECK;
enum err signing_renewal_forget(struct tx *tx, struct signing_owner owner,
                                struct str public_id) MUST_CHECK;
/* Reminders at all, for what is remembered and what will be. */
enum err signing_renewal_choose(struct tx *tx, struct signing_owner owner, bool reminders,
                                struct timestamp now) MUST_CHECK;

/* --- the worker --- */

struct signing_renewal_due {
    struct signing_renewal renewal;
    struct tenant_id tenant;
    struct account_id account;
};
/* What is due at `now`, at most 100; *rows are marked as reminded. */
enum err signing_renewal_take(struct tx *tx, struct timestamp now,
                              struct signing_renewal_due **rows, size_t *n) MUST_CHECK;
/* Forget what ended more than a year ago. */
enum err signing_renewal_purge(struct tx *tx, struct timestamp now) MUST_CHECK;
