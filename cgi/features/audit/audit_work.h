/*
 * audit_work.h - the worker's part of the audit log: sealing at intervals.
 */
#pragma once

#include "features/audit/audit_seal.h"
#include "store/worker.h"

struct audit_work {
    struct audit_sealer sealer;
    /* Keep the newest seal outside the database; called after its commit. NULL: not kept. */
    enum err (*note)(void *arg, const struct audit_anchor *anchor);
    void *note_arg;
};

/* Once, before the worker runs. `c` must stay. */
void audit_work_init(const struct audit_work *c);

extern const struct worker_task audit_work_tasks[];
