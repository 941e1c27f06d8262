/*
 * signer_parts.h - what the slices do in the signer: jobs whose kind begins with "signer.", and
 * periodic tasks. The first part opens the signing token and calls signing_setup(), so handlers may
 * sign with keys that have no PIN (organisations' seals, the provider's witness and report seals).
 */
#pragma once

#include "main/work_host.h"

/* In this order; ended by { NULL }. A failed init ends the process; the supervisor tries again. */
extern const struct worker_part signer_parts[];
/* Jobs and tasks of all slices, ended by NULL. */
extern const struct worker_job *const signer_parts_jobs[];
extern const struct worker_task *const signer_parts_tasks[];
