/*
 * jobs.h - the job queue: work that a transaction orders and the worker does, exactly as often as
 * the transaction commits.
 *
 * A job is a row. It is claimed by an UPDATE whose row count is checked (which also holds on a
 * Galera cluster), under a lease: when the worker dies the job is ready again once the lease ends.
 * Done-ness is written in the transaction of the work itself. Failures are retried with exponential
 * back-off; after the last attempt, or a failure that repeating cannot cure, the job is dead: it
 * stays, visible, until somebody requeues or discards it.
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "store/db.h"

/*
 * Kinds say which program does them: one that begins with "signer." is for the signer (it holds the
 * signing token), every other is for the worker. The schema derives job.queue from it.
 */
#define JOBS_QUEUE_WORKER "worker"
#define JOBS_QUEUE_SIGNER "signer"

/*
 * Order a job in this transaction. `payload` is a JSON object of at most 64 kB without secrets;
 * `due` TIMESTAMP_NONE means at once: the worker is woken right after the commit. `id` may be NULL.
 */
enum err jobs_add(struct tx *tx, const char *kind, struct str payload_json, struct timestamp due,
                  struct job_id *id) MUST_CHECK;

/* A claimed job. */
struct job {
    struct job_id id;
    struct str kind;
    struct str payload;
    uint32_t attempts; /* this one included */
};

/*
 * Claim the job of `queue` that is due longest, for the time that `lease(kind, arg)` says. E_ABSENT
 * when there is none. Runs and commits a transaction of its own. `owner` names this process
 * uniquely.
 */
enum err jobs_claim(struct db *db, struct arena *a, const char *queue, struct str owner,
                    int64_t (*lease)(struct str kind, void *arg), void *arg,
                    struct job *out) MUST_CHECK;

/*
 * After that, for work that is cheaper together: up to `max` more jobs of `kind` that nobody has
 * tried yet, oldest first, for `lease_us`. A job that failed or whose worker died is never among
 * them: it comes alone. *n may be 0.
 */
enum err jobs_claim_more(struct db *db, struct arena *a, const char *queue, struct str kind,
                         struct str owner, int64_t lease_us, uint32_t max, struct job **out,
                         size_t *n) MUST_CHECK;

/* Prolong the lease. E_STATE when it was lost to somebody else meanwhile. */
enum err jobs_renew(struct db *db, struct arena *a, struct job_id id, struct str owner,
                    int64_t lease_us) MUST_CHECK;

/* In the transaction of the work: done. E_STATE when the lease was lost; then roll back. */
enum err jobs_done(struct tx *tx, struct job_id id, struct str owner) MUST_CHECK;

/*
 * In a transaction of its own: the attempt failed. `again` when repeating may help and attempts are
 * left: due again after 5 s * 2^attempts (at most an hour) with jitter; else dead. `error` is for
 * operators (no personal data). A lease that was lost is not an error here.
 */
enum err jobs_failed(struct tx *tx, const struct job *job, struct str owner, bool again,
                     struct str error) MUST_CHECK;

/* A row of the dead-letter list. */
struct job_dead {
    struct job_id id;
    struct str kind;
    struct str error;
    uint32_t attempts;
    struct timestamp created, failed;
};

/* Dead jobs, oldest first, at most `limit`, with id > `after`. */
enum err jobs_dead(struct tx *tx, struct job_id after, uint32_t limit, struct job_dead **out,
                   size_t *n) MUST_CHECK;
/* Ready again at once with all attempts. E_ABSENT when there is no such dead job. */
enum err jobs_requeue(struct tx *tx, struct job_id id) MUST_CHECK;
/* Give up on a dead job for good. E_ABSENT as above. */
enum err jobs_discard(struct tx *tx, struct job_id id) MUST_CHECK;
/* Forget jobs done before `before`, at most 1000 at a time. */
enum err jobs_purge(struct tx *tx, struct timestamp before, uint64_t *n) MUST_CHECK;

/* Numbers for metrics and readiness. */
struct jobs_counts {
    uint64_t ready, running, dead;
    struct timestamp oldest_due; /* of the ready ones that are due; TIMESTAMP_NONE when none */
};
enum err jobs_counts(struct tx *tx, struct jobs_counts *out) MUST_CHECK;
