/* worker.c - see worker.h: claim, run, rest. */
#include "store/worker.h"

#include "base/log.h"
#include "base/random.h"
#include "store/gen/core.q.h"
#include "store/heartbeat.h"
#include "store/wake.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define POLL_US (3 * SECOND_US)
#define BEAT_US (5 * SECOND_US)
#define LEASE_US (60 * SECOND_US)
#define TASK_LEASE_US (10 * MINUTE_US)
#define TASK_AGAIN_US MINUTE_US

enum { ATTEMPTS = 10, TASKS_MAX = 128 };

struct worker {
    struct worker_params p;
    struct arena *arena;   /* of the work */
    struct arena *control; /* of claims and beats */
    struct arena *life;
    struct str owner; /* unique: instance, process, and a random part */
    bool introduced;  /* the tasks have their rows */
    int64_t lease_us; /* of the job at hand */
    int64_t last_beat;
    volatile sig_atomic_t stop;
};

struct worker *worker_new(const struct worker_params *p)
{
    struct worker *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->p = *p;
    w->p.poll_us = p->poll_us ? p->poll_us : POLL_US;
    w->p.program = p->program ? p->program : JOBS_QUEUE_WORKER;
    w->arena = arena_new(p->arena_max ? p->arena_max : 256u * 1024 * 1024);
    w->control = arena_new(4u * 1024 * 1024);
    w->life = arena_new(4096);
    w->owner =
        str_fmt(w->life, "%.60s/%ld/%s", p->instance, (long)getpid(), random_token(w->life, 12).p);
    return w;
}

void worker_free(struct worker *w)
{
    if (!w)
        return;
    arena_free(w->arena);
    arena_free(w->control);
    arena_free(w->life);
    free(w);
}

void worker_stop(struct worker *w)
{
    w->stop = 1;
    wake_ring();
}

static enum err beat_work(struct tx *tx, void *arg)
{
    const struct worker *w = arg;
    return heartbeat_beat(tx, w->p.program, w->p.instance);
}

/* For /readyz and metrics; a failure shows there by itself. */
static void beat(struct worker *w)
{
    int64_t now = clock_monotonic_us();
    if (w->last_beat && now - w->last_beat < BEAT_US)
        return;
    if (tx_run(w->p.control, w->control, beat_work, w) == E_OK)
        w->last_beat = now;
    else
        log_fault("heart-beat");
}

static const struct worker_job *find_job(const struct worker *w, struct str kind)
{
    for (size_t i = 0; w->p.jobs && w->p.jobs[i]; i++)
        for (const struct worker_job *j = w->p.jobs[i]; j->kind; j++)
            if (str_eq_z(kind, j->kind))
                return j;
    return NULL;
}

static int64_t lease_of(struct str kind, void *arg)
{
    const struct worker_job *j = find_job(arg, kind);
    return j && j->lease_us ? j->lease_us : LEASE_US;
}

/* What repeating cannot cure. */
static bool permanent(enum err err)
{
    return err == E_INPUT || err == E_DENIED || err == E_ABSENT || err == E_CONFLICT ||
           err == E_STATE || err == E_UNSUPPORTED;
}

struct run {
    struct worker *worker;
    const struct worker_job *entry;
    const struct job *job;
    struct work work;
    bool lease_lost;
    bool again;
    struct str error;
};

static enum err do_work(struct tx *tx, void *arg)
{
    struct run *r = arg;
    r->work.tx = tx;
    enum err err = r->entry->run(&r->work);
    if (err != E_OK)
        return err;
    err = jobs_done(tx, r->job->id, r->worker->owner);
    r->lease_lost = err == E_STATE;
    return err;
}

static enum err do_fail(struct tx *tx, void *arg)
{
    struct run *r = arg;
    r->work.tx = tx;
    enum err err = jobs_failed(tx, r->job, r->worker->owner, r->again, r->error);
    if (err == E_OK && r->entry && r->entry->failed)
        err = r->entry->failed(&r->work, !r->again);
    return err;
}

/* Write the failure down. When even that fails the lease runs out and the job comes back. */
static void fail_job(struct run *r, enum err err)
{
    struct worker *w = r->worker;
    struct fault fault = *fault_current();
    uint32_t attempts = r->entry && r->entry->attempts ? r->entry->attempts : ATTEMPTS;
    fault.err = err;
    log_warning("job %llu %s, attempt %u: %s %s: %s (%s:%d)", (unsigned long long)r->job->id.v,
                r->job->kind.p, (unsigned)r->job->attempts, err_name(err), fault.reason,
                fault.detail, fault.file ? fault.file : "-", fault.line);
    r->error = str_fmt(w->arena, "%s %s %s", err_name(err), fault.reason, fault.detail);
    r->again = !permanent(err) && r->job->attempts < attempts;
    r->work.fault = &fault;
    if (tx_run(w->p.db, w->arena, do_fail, r) != E_OK)
        log_fault("recording a failed job");
}

static void run_job(struct worker *w, const struct worker_job *entry, const struct job *job)
{
    struct json *payload = NULL;
    struct run r = { .worker = w, .entry = entry, .job = job };
    char context[64];
    enum err err;

    snprintf(context, sizeof context, "job-%llu", (unsigned long long)job->id.v);
    log_context(context);
    fault_clear();
    w->lease_us = lease_of(job->kind, w);
    r.work =
        (struct work){ .arena = w->arena, .job = job->id, .attempt = job->attempts, .worker = w };
    if (!entry) {
        /* perhaps ordered by a newer program: let a newer worker have it */
        err = FAIL(E_INTERNAL, "", "no handler for jobs of this kind");
        goto out;
    }
    err = json_parse(bytes_of_str(job->payload), &payload);
    if (err != E_OK)
        goto out;
    r.work.payload = payload;
    if (job->attempts > (entry->attempts ? entry->attempts : ATTEMPTS))
        err = FAIL(E_INTERNAL, "worker-died", "the worker died in this job each time");
    else
        err = tx_run(w->p.db, w->arena, do_work, &r);
out:
    if (r.lease_lost)
        log_warning("job %llu %s: the lease was lost, the work is undone",
                    (unsigned long long)job->id.v, job->kind.p);
    else if (err != E_OK)
        fail_job(&r, err);
    json_free(payload);
    log_context("");
}

/* --- several jobs of one kind in one transaction --- */

struct group {
    struct worker *worker;
    const struct worker_job *entry;
    struct member {
        struct job job;
        struct json *payload;
        enum err err;
        struct fault fault;
    } * member;
    size_t n;
};

static enum err do_member(struct tx *tx, void *arg)
{
    struct run *r = arg;
    r->work.tx = tx;
    return r->entry->run(&r->work);
}

static enum err do_group(struct tx *tx, void *arg)
{
    struct group *g = arg;

    for (size_t i = 0; i < g->n; i++) {
        struct member *m = &g->member[i];
        struct run r = { .worker = g->worker, .entry = g->entry, .job = &m->job };
        r.work = (struct work){ .arena = g->worker->arena,
                                .job = m->job.id,
                                .attempt = m->job.attempts,
                                .payload = m->payload,
                                .worker = g->worker };
        fault_clear();
        m->err = tx_part(tx, do_member, &r);
        if (m->err == E_BUSY || m->err == E_BACKEND)
            return m->err; /* perhaps of the whole transaction: each gets one of its own */
        m->fault = *fault_current();
        enum err err = m->err == E_OK ? jobs_done(tx, m->job.id, g->worker->owner) : E_OK;
        if (err != E_OK)
            return err;
    }
    return E_OK;
}

static void end_group(struct group *g)
{
    for (size_t i = 0; i < g->n; i++) {
        struct member *m = &g->member[i];
        struct run r = { .worker = g->worker, .entry = g->entry, .job = &m->job };
        r.work = (struct work){ .arena = g->worker->arena,
                                .job = m->job.id,
                                .attempt = m->job.attempts,
                                .payload = m->payload,
                                .worker = g->worker };
        if (m->err == E_OK)
            continue;
        fault_record(m->err, m->fault.reason, m->fault.file, m->fault.line, "%s", m->fault.detail);
        fail_job(&r, m->err);
    }
}

/* False when nothing was done: one by one they will tell which of them is to blame. */
static bool run_group(struct worker *w, const struct worker_job *entry, const struct job *first,
                      const struct job *more, size_t n)
{
    struct group g = { .worker = w, .entry = entry, .n = n + 1 };
    enum err err = E_OK;

    g.member = ARENA_ARRAY(w->control, g.n, struct member);
    log_context(entry->kind);
    for (size_t i = 0; i < g.n; i++) {
        g.member[i] = (struct member){ .job = i == 0 ? *first : more[i - 1] };
        if (err == E_OK)
            err = json_parse(bytes_of_str(g.member[i].job.payload), &g.member[i].payload);
    }
    if (err == E_OK)
        err = tx_run(w->p.db, w->arena, do_group, &g);
    if (err == E_OK)
        end_group(&g);
    else
        log_fault("a group of jobs, now one by one");
    for (size_t i = 0; i < g.n; i++)
        json_free(g.member[i].payload);
    log_context("");
    return err == E_OK;
}

static enum err claim_and_run(struct worker *w)
{
    struct job first = { .attempts = 0 }, *more = NULL;
    size_t n = 0;
    enum err err =
        jobs_claim(w->p.control, w->control, w->p.program, w->owner, lease_of, w, &first);
    if (err != E_OK)
        return err;
    const struct worker_job *entry = find_job(w, first.kind);
    if (entry && entry->group > 1 && first.attempts == 1 &&
        jobs_claim_more(w->p.control, w->control, w->p.program, first.kind, w->owner,
                        lease_of(first.kind, w), entry->group - 1, &more, &n) != E_OK)
        log_fault("claiming more jobs");
    if (n > 0 && run_group(w, entry, &first, more, n))
        return E_OK;
    run_job(w, entry, &first);
    for (size_t i = 0; i < n; i++) {
        arena_reset(w->arena);
        run_job(w, entry, &more[i]);
    }
    return E_OK;
}

enum err worker_renew(struct work *work)
{
    struct worker *w = work->worker;
    uint64_t changed = 0;
    struct tx *tx = NULL;
    beat(w);
    if (!work->task)
        return jobs_renew(w->p.control, w->control, work->job, w->owner, w->lease_us);
    enum err err = tx_begin(w->p.control, w->control, &tx);
    if (err == E_OK)
        err = q_task_renew(tx, str_z(work->task), w->owner,
                           timestamp_add(clock_now(), TASK_LEASE_US), &changed);
    if (err == E_OK && changed != 1)
        err = FAIL(E_STATE, "lease-lost", "task %s", work->task);
    if (err == E_OK)
        return tx_commit(tx);
    tx_rollback(tx);
    return err;
}

/* --- periodic tasks --- */

struct task_run {
    struct worker *worker;
    const struct worker_task *task;
    struct work work;
    struct str error;
    bool claimed;
    bool lease_lost;
};

static enum err introduce(struct tx *tx, void *arg)
{
    const struct worker *w = arg;
    enum err err = E_OK;
    for (size_t i = 0; w->p.tasks && w->p.tasks[i]; i++)
        for (const struct worker_task *t = w->p.tasks[i]; t->name && err == E_OK; t++)
            err = q_task_add(tx, str_z(t->name), clock_now());
    return err;
}

static enum err claim_task(struct tx *tx, void *arg)
{
    struct task_run *r = arg;
    uint64_t changed = 0;
    struct timestamp now = clock_now();
    enum err err = q_task_claim(tx, str_z(r->task->name), r->worker->owner,
                                timestamp_add(now, TASK_LEASE_US), now, &changed);
    r->claimed = err == E_OK && changed == 1;
    return err;
}

static enum err do_task(struct tx *tx, void *arg)
{
    struct task_run *r = arg;
    uint64_t changed = 0;
    r->work.tx = tx;
    enum err err = r->task->run(&r->work);
    struct timestamp now = clock_now();
    if (err == E_OK)
        err = q_task_done(tx, str_z(r->task->name), r->worker->owner,
                          timestamp_add(now, r->task->every_us), now, &changed);
    if (err != E_OK || changed == 1)
        return err;
    r->lease_lost = true;
    return FAIL(E_STATE, "lease-lost", "task %s", r->task->name);
}

static enum err fail_task(struct tx *tx, void *arg)
{
    struct task_run *r = arg;
    uint64_t changed = 0;
    int64_t again = r->task->every_us < TASK_AGAIN_US ? r->task->every_us : TASK_AGAIN_US;
    return q_task_failed(tx, str_z(r->task->name), r->worker->owner,
                         timestamp_add(clock_now(), again), r->error, &changed);
}

static enum err run_task(struct worker *w, const struct worker_task *task, size_t *ran)
{
    struct task_run r = { .worker = w, .task = task };
    enum err err = tx_run(w->p.control, w->control, claim_task, &r);
    if (err != E_OK || !r.claimed)
        return err;
    log_context(task->name);
    fault_clear();
    r.work = (struct work){ .arena = w->arena, .attempt = 1, .task = task->name, .worker = w };
    err = tx_run(w->p.db, w->arena, do_task, &r);
    ++*ran;
    if (err != E_OK && !r.lease_lost) {
        log_fault("task failed");
        r.error = str_fmt(w->arena, "%s %s", err_name(err), fault_current()->reason);
        if (tx_run(w->p.db, w->arena, fail_task, &r) != E_OK)
            log_fault("recording a failed task");
    }
    log_context("");
    return E_OK;
}

static const struct worker_task *find_task(const struct worker *w, struct str name)
{
    for (size_t i = 0; w->p.tasks && w->p.tasks[i]; i++)
        for (const struct worker_task *t = w->p.tasks[i]; t->name; t++)
            if (str_eq_z(name, t->name))
                return t;
    return NULL;
}

struct due_list {
    struct q_task_next *rows;
    size_t n;
};

static enum err list_tasks(struct tx *tx, void *arg)
{
    struct due_list *d = arg;
    return q_task_next(tx, TASKS_MAX, &d->rows, &d->n);
}

static enum err run_tasks(struct worker *w, size_t *ran)
{
    struct due_list due = { NULL, 0 };
    enum err err = E_OK;
    if (!w->introduced)
        err = tx_run(w->p.control, w->control, introduce, w);
    w->introduced = err == E_OK;
    if (err == E_OK)
        err = tx_run(w->p.control, w->control, list_tasks, &due);
    struct timestamp now = clock_now();
    for (size_t i = 0; err == E_OK && i < due.n && !w->stop; i++) {
        const struct worker_task *t = find_task(w, due.rows[i].name);
        bool taken = !timestamp_is_none(due.rows[i].claimed_until) &&
                     timestamp_cmp(due.rows[i].claimed_until, now) >= 0;
        if (t && !taken && timestamp_cmp(due.rows[i].due, now) <= 0)
            err = run_task(w, t, ran);
        arena_reset(w->arena);
    }
    return err;
}

/* --- the loop --- */

enum err worker_once(struct worker *w, size_t *ran)
{
    enum err err = E_OK;
    *ran = 0;
    while (err == E_OK && !w->stop) {
        beat(w);
        err = run_tasks(w, ran); /* between jobs too: a long queue must not starve deletions */
        arena_reset(w->control);
        if (err == E_OK && !w->stop)
            err = claim_and_run(w);
        *ran += err == E_OK;
        arena_reset(w->arena);
        arena_reset(w->control);
    }
    return err == E_ABSENT ? E_OK : err;
}

enum err worker_run(struct worker *w)
{
    while (!w->stop) {
        size_t ran = 0;
        if (worker_once(w, &ran) != E_OK)
            log_fault("worker"); /* the database is away; it is asked again at the next turn */
        if (!w->stop)
            wake_wait(w->p.wake_fd, w->p.poll_us);
    }
    return E_OK;
}
