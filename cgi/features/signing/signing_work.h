/*
 * signing_work.h - the worker's part of signing: erasing documents in time (P3-11), forgetting
 * records after seven years. Tables for cgi/main/worker.c.
 */
#pragma once

#include "store/worker.h"

extern const struct worker_task signing_tasks[];

/* Ordered when wrong PINs lock a key: a mail to its holder, payload {"credential": public id}. */
#define SIGNING_JOB_LOCKED "signing.locked"

/*
 * Erase what is due at `now`, oldest first, at most 200 documents; *erased tells how many. One that
 * is more than SIGNING_LATE_US past its deadline raises the alarm: an error in the log, an audit
 * row of its own, and the counter erased_late.
 */
enum err signing_erase_due(struct tx *tx, struct timestamp now, size_t *erased) MUST_CHECK;
