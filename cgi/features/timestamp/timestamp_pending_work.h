/*
 * timestamp_pending_work.h - records of tokens that are not written yet, in memory that all workers
 * of the program share: what a killed worker leaves behind, its successor writes.
 */
#pragma once

#include "features/timestamp/timestamp.h"

enum { TIMESTAMP_PENDING_MAX = 1024 };

/* Before the fork; without it nobody inherits. */
void timestamp_pending_share(void);
/* After the fork: take a place, and write what dead workers have left. */
void timestamp_pending_open(struct db *db, struct arena *a);
/* Give the place back, unless there are records in it that could not be written. */
void timestamp_pending_close(void);

size_t timestamp_pending_count(void);
/* Add one; there must be room. */
void timestamp_pending_add(const uint8_t serial[TIMESTAMP_SERIAL], const struct bytes32 *imprint);
/* Write all as one row. On failure they stay. */
enum err timestamp_pending_write(struct db *db, struct arena *a) MUST_CHECK;
