/*
 * mail_work.h - delivery of the outbox by the worker. Mails are written with store/mail_queue.h.
 */
#pragma once

#include "base/settings.h"
#include "store/worker.h"

/* Job "mail.deliver"; ended by { NULL }. */
extern const struct worker_job mail_work_jobs[];
/* Erasing bodies of failed mails, forgetting old ones; ended by { NULL }. */
extern const struct worker_task mail_work_tasks[];

/* Read mail.*: once, before the worker runs. */
enum err mail_work_init(const struct settings *c) MUST_CHECK;
void mail_work_end(void);
