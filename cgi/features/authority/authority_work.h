/* authority_work.h - what the authority slice contributes to the worker. */
#pragma once

#include "store/worker.h"

struct hsm;

/* The ca token of this process, before worker_run(). Borrowed. */
void authority_work_open(struct hsm *ca);
/* Before hsm_close(). */
void authority_work_close(void);

/* Issuing and lists, as jobs; lists, renewal of services and a look for forgotten requests, as
 * tasks. */
extern const struct worker_job authority_work_jobs[];
extern const struct worker_task authority_work_tasks[];
