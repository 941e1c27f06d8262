/* registration_work.h - what the registration slice contributes to the worker. */
#pragma once

#include "features/registration/registration_mail.h"
#include "store/worker.h"

struct settings;

/* Before worker_run(). Reads url.portal, provider.name, registration.collect_days. */
void registration_work_init(const struct settings *c, registration_mail_fn words);
void registration_work_end(void);

/* Mails, as jobs; erasing of keys, links and drafts whose time is over, as a task. */
extern const struct worker_job registration_work_jobs[];
extern const struct worker_task registration_work_tasks[];
