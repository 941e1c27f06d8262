/*
 * rate.h - counters in fixed windows, kept in the database so that they hold over all processes and
 * machines. One statement per hit, no lock held: works on Galera.
 */
#pragma once

#include "store/db.h"

/*
 * Count one hit on `key` ("login:account:42", "login:address:192.0.2.1"; only its SHA-256 is
 * stored) in the window of `window_s` seconds that now lies in. Commits by itself, so that a failed
 * request counts too; must not be called inside a transaction of `db`. E_LIMIT when this hit
 * exceeds `limit`; *retry_s (may be NULL) is then the number of seconds until the window ends.
 */
enum err rate_hit(struct db *db, struct arena *a, struct str key, uint32_t window_s, uint32_t limit,
                  uint32_t *retry_s) MUST_CHECK;
/* Forget the count of `key` in its present window: after a success. */
enum err rate_clear(struct db *db, struct arena *a, struct str key, uint32_t window_s) MUST_CHECK;
/* Forget windows that are over, at most 1000; for a periodic task. */
enum err rate_purge(struct tx *tx) MUST_CHECK;
