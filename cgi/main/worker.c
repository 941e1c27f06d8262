/*
 * worker.c - the background program: jobs that requests have ordered, periodic tasks, mail. What
 * slices contribute is in worker_parts.c, how it runs in work_host.c.
 */
#include "main/worker_parts.h"

#include "store/heartbeat.h"
#include "store/rate.h"

#include <stdlib.h>

#define JOBS_KEPT_US (7 * DAY_US)

static enum err purge(struct work *w)
{
    uint64_t n;
    TRY(jobs_purge(w->tx, timestamp_add(clock_now(), -JOBS_KEPT_US), &n));
    TRY(rate_purge(w->tx));
    return heartbeat_purge(w->tx);
}

static const struct worker_task own_tasks[] = {
    { "core.purge", 10 * MINUTE_US, purge },
    { 0 },
};

/* core's own first, then the slices' */
static const struct worker_task *task_tables[16] = { own_tasks };

/* Join the tables; more slices than fit would be our mistake. */
static void join_tables(void)
{
    size_t n = 1;

    for (size_t i = 0; worker_parts_tasks[i]; i++) {
        if (n + 1 >= sizeof task_tables / sizeof task_tables[0])
            abort();
        task_tables[n++] = worker_parts_tasks[i];
    }
}

/* The folder of a file, which is replaced there by another one; absent when there is no file. */
static struct str folder_of(struct arena *a, struct str path)
{
    size_t n = path.n;

    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return n > 0 ? str_sub(a, path, 0, n) : STR_ABSENT;
}

/* Mail without a server, and the anchor of the audit log. */
static void writes(const struct settings *c, struct arena *a, const char **out)
{
    struct str anchors = folder_of(a, settings_str(c, "audit.anchor_file"));

    if (!str_empty(settings_str(c, "mail.dir")))
        *out++ = settings_str(c, "mail.dir").p;
    if (!str_empty(anchors))
        *out++ = anchors.p;
}

int main(int argc, char **argv)
{
    const struct work_host worker = {
        .name = JOBS_QUEUE_WORKER,
        .program = DB_WORKER,
        .processes = "worker.processes",
        .inet = true, /* SMTP */
        .parts = worker_parts,
        .jobs = worker_parts_jobs,
        .tasks = task_tables,
        .writes = writes,
    };

    join_tables();
    return work_host_main(&worker, argc, argv);
}
