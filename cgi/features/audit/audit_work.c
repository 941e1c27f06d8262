/* audit_work.c - the sealing task. */
#include "features/audit/audit_work.h"

#include "base/log.h"
#include "store/db.h"

/* Of one run: thousands of rows a second can be kept up with. */
#define SEALS_MAX 40
#define BACKLOG_US (20 * SECOND_US)

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

/* Seals until the backlog is gone, or for a while: another run goes on. */
static enum err seal_all(struct work *w, struct audit_anchor *anchor, bool *any)
{
    int64_t until = clock_monotonic_us() + BACKLOG_US;
    uint64_t sealed;

    for (int i = 0; i < SEALS_MAX; i++) {
        TRY(audit_seal_make(w->tx, &work->sealer, clock_now(), &sealed, anchor));
        *any = *any || sealed > 0;
        if (sealed < AUDIT_SEAL_ROWS || clock_monotonic_us() > until)
            break;
    }
    return E_OK;
}

static enum err seal(struct work *w)
{
    struct audit_anchor *anchor = ARENA_NEW(w->arena, struct audit_anchor);
    bool any = false;
    enum err err = seal_all(w, anchor, &any);

    if (err == E_CONFLICT) /* another worker sealed at the same moment: roll back, look again */
        return FAIL(E_BUSY, "", "another worker made the same seal");
    if (err == E_OK && any)
        tx_after_commit(w->tx, note_anchor, anchor);
    return err;
}

const struct worker_task audit_work_tasks[] = {
    { "audit.seal", 15 * SECOND_US, seal },
    { 0 },
};
