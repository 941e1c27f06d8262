/*
 * accounts_work.h - what the slice contributes to the worker: its mails and its periodic tasks.
 */
#pragma once

#include "features/accounts/accounts_tasks.h"
#include "store/worker.h"

/* How mails are written; once, before the worker runs. `w` must stay. */
void accounts_work_init(const struct accounts_mail_writer *w);

extern const struct worker_job accounts_work_jobs[];
extern const struct worker_task accounts_work_tasks[];
