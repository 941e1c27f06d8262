/*
 * bulk_work.h - the worker's part: files are checked, rows done, results told, contents erased.
 */
#pragma once

#include "base/settings.h"
#include "features/bulk/bulk_words.h"
#include "store/worker.h"

/* Ended by { NULL }. */
extern const struct worker_job bulk_work_jobs[];
extern const struct worker_task bulk_work_tasks[];

/* Once, before the worker locks itself in: tables of Windows-31J, words and links of mails. */
enum err bulk_work_init(const struct settings *c, bulk_words_fn words) MUST_CHECK;
