/*
 * rate.h - counters in fixed windows, kept in the database so that they hold over all processes and
 * machines. No lock is held beyond one statement: works on Galera. The limits are
 * http/ratelimit.h's.
 */
#pragma once

#include "base/clock.h"
#include "store/db.h"

/*
 * Count one hit on `key` ("login:account:42"; only its SHA-256 is stored) in the window that begins
 * at `window`; *current is the count with this hit, *previous that of the window before. Commits by
 * itself, so that a failed request counts too: not inside a transaction of `db`.
 */
enum err rate_count(struct db *db, struct arena *a, struct str key, struct timestamp window,
                    int64_t window_us, uint64_t *current, uint64_t *previous) MUST_CHECK;
/* The same for `hits` at once: a caller that counts in leases (http/lease.h). */
enum err rate_add(struct db *db, struct arena *a, struct str key, struct timestamp window,
                  int64_t window_us, uint32_t hits, uint64_t *current,
                  uint64_t *previous) MUST_CHECK;
/* Forget windows that nobody asks for any more, at most 1000; for a periodic task. */
enum err rate_purge(struct tx *tx) MUST_CHECK;
