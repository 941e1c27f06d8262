/* verification_work.c - see verification_work.h. */
#include "features/verification/verification_work.h"

#include "store/gen/verification.q.h"

static enum err purge(struct work *w)
{
    uint64_t changed;
    return q_verification_set_purge(w->tx, clock_now(), &changed);
}

const struct worker_task verification_tasks[] = {
    { .name = "verification.purge", .every_us = MINUTE_US, .run = purge },
    { .name = NULL },
};
