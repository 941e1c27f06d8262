/*
 * worker_parts.h - what the slices need in the worker before their handlers run, in this order.
 */
#pragma once

#include "main/work_host.h"

/* Ended by { NULL }. A failed init ends the process; the supervisor tries again. */
extern const struct worker_part worker_parts[];
/* Jobs and tasks of all slices, ended by NULL. */
extern const struct worker_job *const worker_parts_jobs[];
extern const struct worker_task *const worker_parts_tasks[];

/* worker_accounts.c: mails and tasks of accounts. */
enum err worker_accounts_init(const struct settings *c) MUST_CHECK;
void worker_accounts_end(void);

/* worker_certificates.c: hooks of the authority, and notices before the end. */
enum err worker_certificates_init(const struct settings *c) MUST_CHECK;
void worker_certificates_end(void);

/* worker_signing.c: mails about locked keys and about archives to be renewed. */
enum err worker_signing_init(const struct settings *c) MUST_CHECK;
void worker_signing_end(void);
extern const struct worker_job worker_signing_jobs[];
extern const struct worker_task worker_signing_tasks[];
