/* audit_work.c - the sealing task. */
#include "features/audit/audit_work.h"

#include "base/log.h"
#include "store/db.h"

static const struct audit_work *work;

void audit_work_init(const struct audit_work *c)
{
    work = c;
}

/* After the commit: the seal is in the database, so it may be noted outside. */
static void note_anchor(void *arg)
{
    const struct audit_anchor *anchor = arg;
    log_info("audit seal %llu", (unsigned long long)anchor->number);
    if (work->note && work->note(work->note_arg, anchor) != E_OK)
        log_fault("the audit anchor was not kept");
}

static enum err seal(struct work *w)
{
    struct audit_anchor *anchor = ARENA_NEW(w->arena, struct audit_anchor);
    uint64_t sealed;
    enum err err = audit_seal_make(w->tx, &work->sealer, clock_now(), &sealed, anchor);

    if (err == E_CONFLICT) { /* another worker sealed at the same moment */
        fault_clear();
        return E_OK;
    }
    if (err == E_OK && sealed > 0)
        tx_after_commit(w->tx, note_anchor, anchor);
    return err;
}

const struct worker_task audit_work_tasks[] = {
    { "audit.seal", MINUTE_US, seal },
    { 0 },
};
