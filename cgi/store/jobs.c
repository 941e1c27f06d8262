/* jobs.c - see jobs.h. */
#include "store/jobs.h"

#include "base/random.h"
#include "store/gen/core.q.h"
#include "store/wake.h"

#define BACKOFF_FIRST_US (5 * SECOND_US)
#define BACKOFF_MAX_US HOUR_US

enum { CANDIDATES = 8, ERROR_MAX = 512 };

static void ring(void *arg)
{
    (void)arg;
    wake_ring();
}

enum err jobs_add(struct tx *tx, const char *kind, struct str payload_json, struct timestamp due,
                  struct job_id *id)
{
    struct job_id unwanted;
    struct timestamp now = clock_now();
    if (timestamp_is_none(due))
        due = now;
    enum err err = q_job_add(tx, str_z(kind), payload_json, due, now, id ? id : &unwanted);
    if (err == E_OK && timestamp_cmp(due, now) <= 0)
        tx_after_commit(tx, ring, NULL);
    return err;
}

struct claim {
    const char *queue;
    struct str owner;
    int64_t (*lease)(struct str kind, void *arg);
    void *arg;
    struct job *out;
    bool collided; /* an earlier try met another node's claim */
};

/* Try one candidate; E_ABSENT when somebody else was first. */
static enum err claim_one(struct tx *tx, const struct claim *c, struct job_id id, struct str kind,
                          struct timestamp now)
{
    struct timestamp until = timestamp_add(now, c->lease(kind, c->arg));
    uint64_t changed = 0;
    struct q_job_get row;
    enum err err = q_job_claim(tx, id, c->owner, until, now, &changed);
    if (err != E_OK)
        return err;
    if (changed != 1)
        return E_ABSENT;
    err = q_job_get(tx, id, &row);
    if (err == E_OK)
        *c->out = (struct job){ id, row.kind, row.payload, row.attempts };
    return err;
}

/*
 * The look is a plain SELECT and proves nothing; the UPDATE's row count decides. On Galera two
 * nodes may both see one: the first to commit has it, the other gets 1213 and tx_run() looks again.
 */
static enum err claim(struct tx *tx, void *arg)
{
    struct claim *c = arg;
    struct timestamp now = clock_now();
    struct q_job_expired *expired = NULL;
    struct q_job_next *next = NULL;
    size_t n_expired = 0, n_next = 0;
    enum err err = q_job_expired(tx, str_z(c->queue), now, CANDIDATES, &expired, &n_expired);
    if (err == E_OK)
        err = q_job_next(tx, str_z(c->queue), now, CANDIDATES, &next, &n_next);
    if (err != E_OK)
        return err;
    err = E_ABSENT;
    for (size_t i = 0; err == E_ABSENT && i < n_expired; i++)
        err = claim_one(tx, c, expired[i].id, expired[i].kind, now);
    /* oldest first; after a collision anywhere, or all nodes would meet at the same row again */
    size_t from = c->collided && n_next > 0 ? (size_t)random_below(n_next) : 0;
    for (size_t i = 0; err == E_ABSENT && i < n_next; i++) {
        size_t at = (from + i) % n_next;
        err = claim_one(tx, c, next[at].id, next[at].kind, now);
    }
    c->collided = true; /* seen only when this try does not commit */
    return err;
}

enum err jobs_claim(struct db *db, struct arena *a, const char *queue, struct str owner,
                    int64_t (*lease)(struct str kind, void *arg), void *arg, struct job *out)
{
    struct claim c = { queue, owner, lease, arg, out, false };
    return tx_run(db, a, claim, &c);
}

struct more {
    const char *queue;
    struct str kind, owner;
    int64_t lease_us;
    uint32_t max;
    struct job *out;
    size_t n;
};

static enum err claim_more(struct tx *tx, void *arg)
{
    struct more *m = arg;
    struct timestamp now = clock_now(), until = timestamp_add(now, m->lease_us);
    struct q_job_claimed *rows = NULL;
    uint64_t changed = 0;

    m->n = 0;
    enum err err =
        q_job_claim_more(tx, str_z(m->queue), m->kind, m->owner, until, now, m->max, &changed);
    if (err != E_OK || changed == 0)
        return err;
    err = q_job_claimed(tx, m->kind, m->owner, until, m->max, &rows, &m->n);
    if (err != E_OK)
        return err;
    m->out = ARENA_ARRAY(tx_arena(tx), m->n, struct job);
    for (size_t i = 0; i < m->n; i++)
        m->out[i] = (struct job){ rows[i].id, m->kind, rows[i].payload, rows[i].attempts };
    return E_OK;
}

enum err jobs_claim_more(struct db *db, struct arena *a, const char *queue, struct str kind,
                         struct str owner, int64_t lease_us, uint32_t max, struct job **out,
                         size_t *n)
{
    struct more m = { queue, kind, owner, lease_us, max, NULL, 0 };
    enum err err = tx_run(db, a, claim_more, &m);

    *out = m.out;
    *n = err == E_OK ? m.n : 0;
    return err;
}

struct renewal {
    struct job_id id;
    struct str owner;
    int64_t lease_us;
};

static enum err renew(struct tx *tx, void *arg)
{
    const struct renewal *r = arg;
    uint64_t changed = 0;
    enum err err =
        q_job_renew(tx, r->id, r->owner, timestamp_add(clock_now(), r->lease_us), &changed);
    if (err == E_OK && changed != 1)
        err = FAIL(E_STATE, "lease-lost", "job %llu", (unsigned long long)r->id.v);
    return err;
}

enum err jobs_renew(struct db *db, struct arena *a, struct job_id id, struct str owner,
                    int64_t lease_us)
{
    struct renewal r = { id, owner, lease_us };
    return tx_run(db, a, renew, &r);
}

enum err jobs_done(struct tx *tx, struct job_id id, struct str owner)
{
    uint64_t changed = 0;
    enum err err = q_job_done(tx, id, owner, clock_now(), &changed);
    if (err == E_OK && changed != 1)
        err = FAIL(E_STATE, "lease-lost", "job %llu", (unsigned long long)id.v);
    return err;
}

/* 5 s * 2^attempts, at most an hour, give or take a fifth so that failures do not march in step. */
static int64_t backoff_us(uint32_t attempts)
{
    int64_t us = BACKOFF_MAX_US;
    if (attempts < 10)
        us = BACKOFF_FIRST_US << attempts;
    if (us > BACKOFF_MAX_US)
        us = BACKOFF_MAX_US;
    return us * 4 / 5 + (int64_t)random_below((uint64_t)us * 2 / 5);
}

/* The column's width, cut between characters. */
static struct str shorten(struct tx *tx, struct str s)
{
    size_t at = 0;
    for (size_t n = 0; n < ERROR_MAX && at < s.n; n++)
        (void)utf8_next(s, &at);
    return str_sub(tx_arena(tx), s, 0, at);
}

enum err jobs_failed(struct tx *tx, const struct job *job, struct str owner, bool again,
                     struct str error)
{
    uint64_t changed = 0;
    struct timestamp now = clock_now();
    struct str text = shorten(tx, error);
    if (!again)
        return q_job_die(tx, job->id, owner, now, text, &changed);
    return q_job_retry(tx, job->id, owner, timestamp_add(now, backoff_us(job->attempts)), text,
                       &changed);
}

enum err jobs_dead(struct tx *tx, struct job_id after, uint32_t limit, struct job_dead **out,
                   size_t *n)
{
    struct q_job_dead_list *rows = NULL;
    *out = NULL;
    enum err err = q_job_dead_list(tx, after, limit, &rows, n);
    if (err != E_OK)
        return err;
    struct job_dead *d = ARENA_ARRAY(tx_arena(tx), *n, struct job_dead);
    for (size_t i = 0; i < *n; i++)
        d[i] = (struct job_dead){ rows[i].id,       rows[i].kind,    rows[i].error,
                                  rows[i].attempts, rows[i].created, rows[i].failed };
    *out = d;
    return E_OK;
}

enum err jobs_requeue(struct tx *tx, struct job_id id)
{
    uint64_t changed = 0;
    enum err err = q_job_requeue(tx, id, clock_now(), &changed);
    if (err == E_OK && changed != 1)
        err = FAIL(E_ABSENT, "", "no dead job %llu", (unsigned long long)id.v);
    if (err == E_OK)
        tx_after_commit(tx, ring, NULL);
    return err;
}

enum err jobs_discard(struct tx *tx, struct job_id id)
{
    uint64_t changed = 0;
    enum err err = q_job_discard(tx, id, &changed);
    if (err == E_OK && changed != 1)
        err = FAIL(E_ABSENT, "", "no dead job %llu", (unsigned long long)id.v);
    return err;
}

enum err jobs_purge(struct tx *tx, struct timestamp before, uint64_t *n)
{
    return q_job_purge(tx, before, n);
}

enum err jobs_counts(struct tx *tx, struct jobs_counts *out)
{
    struct q_job_counts row;
    enum err err = q_job_counts(tx, clock_now(), &row);
    if (err == E_OK)
        *out = (struct jobs_counts){ row.ready, row.running, row.dead, row.oldest_due };
    return err;
}
