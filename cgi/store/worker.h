/*
 * worker.h - what a slice contributes to the worker, or to the signer: job handlers and periodic
 * tasks, as tables in its <slice>_work.h; cgi/main/worker_parts.c and signer_parts.c list the
 * tables. Resources such as the HSM are given to a slice by its own <slice>_work_init(), not
 * through here.
 *
 * A handler runs in a transaction that worker begins and commits together with the job's done-ness.
 * After a crash, or when the lease ran out, it runs again: whatever it does outside the database
 * must be repeatable. A handler that returns E_BUSY, E_BACKEND, E_LIMIT, E_AUTH or E_INTERNAL is
 * repeated later (E_BUSY from the database: at once, a few times); any other error makes the job
 * dead at once.
 */
#pragma once

#include "base/json.h"
#include "store/jobs.h"

/* What a handler gets. */
struct work {
    struct tx *tx;              /* commit is not yours */
    struct arena *arena;        /* reset after the job */
    struct job_id job;          /* 0 for a task */
    uint32_t attempt;           /* from 1 */
    const struct json *payload; /* an object; NULL for a task */
    const char *task;           /* its name; NULL for a job */
    const struct fault *fault;  /* in failed(): why */
    struct worker *worker;
};

struct worker_job {
    const char *kind; /* "mail.deliver"; NULL ends the table */
    enum err (*run)(struct work *w);
    uint32_t attempts; /* 0: 10 */
    int64_t lease_us;  /* 0: 60 s; longer than one attempt takes, or renew */
    /*
     * After a failed attempt, in a transaction of its own, w->fault says why: show it in your
     * tables. `dead`: there will be no other attempt. May be NULL.
     */
    enum err (*failed)(struct work *w, bool dead);
    /*
     * More than 1: up to so many jobs of this kind that are ready together run in one transaction,
     * each as a tx_part() of it, so that one that fails does so alone. Handlers must be short: the
     * lease is for all of them, and worker_renew() does not reach it.
     */
    uint32_t group;
};

struct worker_task {
    const char *name; /* "audit.seal"; NULL ends the table */
    int64_t every_us; /* once in this time over all workers of the installation */
    enum err (*run)(struct work *w);
};

/* Prolong the lease of the job at hand, from within a long handler. E_STATE: lost, return at once.
 */
enum err worker_renew(struct work *w) MUST_CHECK;

/* Lists of tables, each ended by NULL. */
struct worker_params {
    struct db *db;      /* for the work */
    struct db *control; /* for claims, leases and the heart-beat; another connection */
    const struct worker_job *const *jobs;
    const struct worker_task *const *tasks;
    int wake_fd;          /* from wake_listen(), or -1 */
    int64_t poll_us;      /* look for work at least this often; 0: 3 s */
    size_t arena_max;     /* memory for one job; 0: 256 MiB */
    const char *instance; /* "host/3": names this process in the heart-beat table */
    const char *program;  /* whose jobs, and in the heart-beat table; NULL: "worker" */
};

struct worker *worker_new(const struct worker_params *p);
void worker_free(struct worker *w);
/* Until worker_stop(): claim, run, rest. The job in flight is finished. */
enum err worker_run(struct worker *w) MUST_CHECK;
/* All that is due now: jobs and tasks; returns how many ran. For tests and `shomeictl`. */
enum err worker_once(struct worker *w, size_t *ran) MUST_CHECK;
/* From a signal handler. */
void worker_stop(struct worker *w);
