/*
 * work_host.h - the frame of the programs that do jobs (worker, signer): a supervisor that holds
 * nothing, and a few processes that each have their own connections and parts, locked in.
 *
 * SIGTERM or SIGINT: jobs in flight are finished, then all ends. A process that ends otherwise is
 * replaced.
 */
#pragma once

#include "base/settings.h"
#include "store/db.h"
#include "store/worker.h"

/* What a slice needs before its handlers run. */
struct worker_part {
    const char *name;
    enum err (*init)(const struct settings *c);
    void (*end)(void);
};

enum { WORK_HOST_WRITES = 4 };

struct work_host {
    const char *name; /* "worker": of its jobs' queue, its bell, and in the heart-beat table */
    enum db_program program;
    const char *processes; /* the setting that says how many */
    bool inet;             /* may it speak to the network itself? */
    const char *reads;     /* a setting whose file it reads again later; NULL: none */
    /* Ended by { NULL }; in this order. A failed init ends the process, it is tried again. */
    const struct worker_part *parts;
    const struct worker_job *const *jobs;   /* ended by NULL */
    const struct worker_task *const *tasks; /* ended by NULL */
    /* Folders that it writes to besides run_dir, at most WORK_HOST_WRITES; NULL: none. */
    void (*writes)(const struct settings *c, struct arena *a, const char **out);
};

/* main() of such a program; returns the exit code. */
int work_host_main(const struct work_host *what, int argc, char **argv);
