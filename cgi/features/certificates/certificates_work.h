/* certificates_work.h - what the certificates slice contributes to the worker: notices. */
#pragma once

#include "base/clock.h"
#include "store/worker.h"

/*
 * Tell subscribers whose certificates reached a step of their profile's notices: the last step that
 * was reached, once, in one mail for each address. At most `limit` certificates of a profile and
 * step; *more: there may be others. All in tx: what is committed was told.
 */
enum err certificates_work_notices(struct tx *tx, struct timestamp now, uint32_t limit,
                                   uint64_t *mails, bool *more) MUST_CHECK;
/* One mail a day to each administrator: how many certificates reached a step since the last one. */
enum err certificates_work_digests(struct tx *tx, struct timestamp now, uint32_t limit,
                                   uint64_t *mails) MUST_CHECK;

extern const struct worker_job certificates_work_jobs[];
extern const struct worker_task certificates_work_tasks[];
