/* timestamp_pending_work.c - see timestamp_pending_work.h */
#include "features/timestamp/timestamp_pending_work.h"

#include "base/log.h"
#include "store/db.h"
#include "store/gen/timestamp.q.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PLACES = 64 };

struct place {
    _Atomic int owner; /* process id; 0: free */
    _Atomic size_t n;  /* complete records */
    uint8_t record[TIMESTAMP_PENDING_MAX * TIMESTAMP_RECORD];
};

static struct place *shared; /* PLACES of them */
static struct place own;     /* when nothing is shared, or every place is taken */
static struct place *mine = &own;

void timestamp_pending_share(void)
{
    if (shared)
        return;
    void *p = mmap(NULL, PLACES * sizeof *shared, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared = p == MAP_FAILED ? NULL : p;
}

/* The time in a record's serial number. */
static struct timestamp time_at(const struct place *p, size_t i)
{
    const uint8_t *serial = p->record + i * TIMESTAMP_RECORD;
    uint64_t us = 0;

    for (size_t k = 0; k < 8; k++)
        us = us << 8 | serial[k];
    return (struct timestamp){ (int64_t)us };
}

static enum err write_place(struct place *p, struct db *db, struct arena *a)
{
    size_t n = atomic_load(&p->n);
    struct tx *tx;

    if (n == 0)
        return E_OK;
    TRY(tx_begin(db, a, &tx));
    enum err err = q_timestamp_batch_add(tx, time_at(p, 0), time_at(p, n - 1), (uint32_t)n,
                                         (struct bytes){ p->record, n * TIMESTAMP_RECORD });
    if (err != E_OK) {
        tx_rollback(tx);
        return err;
    }
    TRY(tx_commit(tx));
    atomic_store(&p->n, 0);
    return E_OK;
}

/* Written by whoever finds it first: the owner's number is exchanged for our own meanwhile. */
static void inherit(struct place *p, struct db *db, struct arena *a)
{
    int owner = atomic_load(&p->owner);

    if (owner == 0 || kill(owner, 0) == 0 || errno != ESRCH)
        return;
    if (!atomic_compare_exchange_strong(&p->owner, &owner, (int)getpid()))
        return;
    if (write_place(p, db, a) == E_OK) {
        atomic_store(&p->owner, 0);
        return;
    }
    log_fault("timestamp records of an ended worker wait");
    atomic_store(&p->owner, owner);
}

void timestamp_pending_open(struct db *db, struct arena *a)
{
    mine = &own;
    for (size_t i = 0; shared && i < PLACES; i++)
        inherit(&shared[i], db, a);
    for (size_t i = 0; shared && i < PLACES && mine == &own; i++) {
        int nobody = 0;
        if (atomic_compare_exchange_strong(&shared[i].owner, &nobody, (int)getpid()))
            mine = &shared[i];
    }
}

void timestamp_pending_close(void)
{
    if (mine != &own && atomic_load(&mine->n) == 0)
        atomic_store(&mine->owner, 0);
    mine = &own;
}

size_t timestamp_pending_count(void)
{
    return atomic_load(&mine->n);
}

void timestamp_pending_add(const uint8_t serial[TIMESTAMP_SERIAL], const struct bytes32 *imprint)
{
    size_t n = atomic_load(&mine->n);
    uint8_t *p = mine->record + n * TIMESTAMP_RECORD;

    memcpy(p, serial, TIMESTAMP_SERIAL);
    memcpy(p + TIMESTAMP_SERIAL, imprint->b, sizeof imprint->b);
    atomic_store(&mine->n, n + 1);
}

enum err timestamp_pending_write(struct db *db, struct arena *a)
{
    return write_place(mine, db, a);
}
