/*
 * test_jobs.c - the job queue and the worker's loop: each job has its effect exactly once, whoever
 * is killed; failures are retried, then dead and visible; tasks run once per interval over all
 * workers.
 */
#include "sample.h"
#include "tap.h"

#include "base/log.h"
#include "sample.q.h"
#include "store/jobs.h"
#include "store/wake.h"
#include "store/worker.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 120, WORKERS = 4 };
static struct harness *h;
static struct arena *a;
static struct db *portal;
static char bell_path[96], q[] = JOBS_QUEUE_WORKER;

/* --- handlers --- */

static enum err touch(struct work *w)
{
    int64_t id = 0;
    uint64_t changed;
    if (!json_get_i64(w->payload, "id", &id))
        return FAIL(E_INPUT, "", "no id");
    return q_sample_touch(w->tx, (struct document_id){ (uint64_t)id }, &changed);
}

static enum err slow(struct work *w)
{
    enum err err = touch(w);
    usleep(40000);
    return err;
}

static enum err renewing(struct work *w)
{
    enum err err = E_OK;
    for (int i = 0; i < 6 && err == E_OK; i++) {
        usleep(500000); /* 3 s in all, longer than the lease */
        err = worker_renew(w);
    }
    return err == E_OK ? touch(w) : err;
}

static enum err failing(struct work *w)
{
    (void)touch(w);
    return FAIL(E_BACKEND, "peer-away", "the peer is away");
}

static enum err refusing(struct work *w)
{
    (void)w;
    return FAIL(E_INPUT, "refused", "cannot ever work");
}

static enum err crashing(struct work *w)
{
    (void)w;
    _exit(3);
}

static int failures, deaths;

static enum err note_failure(struct work *w, bool dead)
{
    failures += w->fault->err != E_OK;
    deaths += dead;
    return E_OK;
}

static const struct worker_job jobs[] = {
    { .kind = "test.touch", .run = touch },
    { .kind = "test.slow", .run = slow, .lease_us = 300000 },
    { .kind = "test.renew", .run = renewing, .lease_us = 2 * SECOND_US },
    { .kind = "test.fail", .run = failing, .attempts = 2, .failed = note_failure },
    { .kind = "test.refuse", .run = refusing, .failed = note_failure },
    { .kind = "test.crash", .run = crashing, .attempts = 2, .lease_us = 1000 },
    { 0 },
};
static const struct worker_job *const job_tables[] = { jobs, NULL };

/* Counts in the database, so that all processes count together: row "tasks". */
static struct document_id task_row;
static bool task_fails;

static enum err tick(struct work *w)
{
    uint64_t changed;
    if (task_fails)
        return FAIL(E_BACKEND, "task-away", "planned");
    return q_sample_touch(w->tx, task_row, &changed);
}

static const struct worker_task tasks[] = { { "test.tick", HOUR_US, tick }, { 0 } };
static const struct worker_task *const task_tables[] = { tasks, NULL };

/* --- helpers --- */

static struct db *opened[16]; /* closed at the end of the process that has them */
static size_t n_opened;

static struct db *connect_worker(void)
{
    struct db *db = harness_db(h, DB_WORKER);
    if (n_opened == sizeof opened / sizeof opened[0])
        abort();
    opened[n_opened++] = db;
    return db;
}

static void close_all(void)
{
    while (n_opened > 0)
        db_close(opened[--n_opened]);
}

static struct worker *new_worker(const struct worker_task *const *t, int bell, int64_t poll_us)
{
    const struct worker_params p = {
        .db = connect_worker(),
        .control = connect_worker(),
        .jobs = job_tables,
        .tasks = t,
        .wake_fd = bell,
        .poll_us = poll_us,
        .instance = "test",
    };
    return worker_new(&p);
}

static struct document_id add_row(const char *code)
{
    struct tx *tx = NULL;
    struct document_id id = { 0 };
    if (tx_begin(portal, a, &tx) != E_OK ||
        q_sample_add(tx, str_z(code), STR_ABSENT, BYTES_ABSENT, (struct bytes32){ { 1 } }, false, 0,
                     0, 0, TIMESTAMP_NONE, (struct account_id){ 0 }, &id) != E_OK)
        ok(false, "row %s", code);
    tx_mark_audited(tx);
    if (tx_commit(tx) != E_OK)
        ok(false, "commit %s", code);
    return id;
}

static struct job_id order(const char *kind, struct document_id row, struct timestamp due)
{
    struct tx *tx = NULL;
    struct job_id id = { 0 };
    struct str payload = str_fmt(a, "{\"id\":%llu}", (unsigned long long)row.v);
    if (tx_begin(portal, a, &tx) != E_OK || jobs_add(tx, kind, payload, due, &id) != E_OK ||
        tx_commit(tx) != E_OK)
        ok(false, "order %s", kind);
    return id;
}

static int64_t touched(struct document_id row)
{
    return harness_count(
        h, str_fmt(a, "SELECT small FROM sample WHERE id = %llu", (unsigned long long)row.v).p);
}

static int64_t in_state(const char *state)
{
    return harness_count(h, str_fmt(a, "SELECT COUNT(*) FROM job WHERE state = '%s'", state).p);
}

static void run_sql(const char *sql)
{
    struct str out;
    if (harness_sql(h, sql, &out) != E_OK)
        ok(false, "%s", sql);
}

static void once(struct worker *w)
{
    size_t ran = 0;
    is_err(worker_once(w, &ran), E_OK, "the worker has its turn");
}

static struct worker *of_child;

static void stop_child(int sig)
{
    (void)sig;
    worker_stop(of_child);
}

/* A worker process that runs until it is told to stop, or killed. */
static pid_t start_worker(int bell, int64_t poll_us)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    of_child = new_worker(NULL, bell, poll_us);
    struct sigaction sa = { .sa_handler = stop_child };
    (void)sigaction(SIGTERM, &sa, NULL);
    _exit(worker_run(of_child) == E_OK ? 0 : 1);
}

/* Until no job is ready or running, or the time is over. */
static bool drained(int64_t us)
{
    int64_t until = clock_monotonic_us() + us;
    while (in_state("ready") + in_state("running") != 0 && clock_monotonic_us() < until)
        usleep(20000);
    return clock_monotonic_us() < until;
}

static int end_worker(pid_t pid, int sig)
{
    int status = 0;
    (void)kill(pid, sig);
    (void)waitpid(pid, &status, 0);
    return status;
}

/* --- tests --- */

static void test_order(struct worker *w)
{
    struct tx *tx = NULL;
    struct document_id row = add_row("order");
    int bell = -1;
    struct pollfd p = { .events = POLLIN };
    is_err(wake_listen(bell_path, &bell), E_OK, "the bell");
    p.fd = bell;
    is_err(wake_open(bell_path), E_OK, "is known");
    is_err(tx_begin(portal, a, &tx), E_OK, "begin");
    is_err(jobs_add(tx, "test.touch", STR("{}"), TIMESTAMP_NONE, NULL), E_OK, "ordered");
    tx_rollback(tx);
    is_int(in_state("ready"), 0, "and rolled back: no job");
    is_int(poll(&p, 1, 0), 0, "and no ring");
    is_err(tx_begin(portal, a, &tx), E_OK, "begin");
    is_err(jobs_add(tx, "test.touch", STR("not json"), TIMESTAMP_NONE, NULL), E_STATE,
           "the schema refuses a payload that is not JSON");
    tx_rollback(tx);
    order("test.touch", row, TIMESTAMP_NONE);
    is_int(poll(&p, 1, 0), 1, "committed: it rings");
    wake_wait(bell, 0);
    is_int(poll(&p, 1, 0), 0, "all rings are heard at once");
    order("test.touch", row, timestamp_add(clock_now(), HOUR_US));
    is_int(poll(&p, 1, 0), 0, "a later job does not ring");
    once(w);
    is_int(touched(row), 1, "the job that was due had its effect");
    is_int(in_state("done"), 1, "and is done");
    is_int(in_state("ready"), 1, "the other one waits");
    run_sql("UPDATE job SET due = UTC_TIMESTAMP(6)");
    once(w);
    is_int(touched(row), 2, "until it is due");
    (void)close(bell);
}

static void test_failures(struct worker *w)
{
    struct document_id row = add_row("fail");
    struct str due;
    order("test.fail", row, TIMESTAMP_NONE);
    once(w);
    is_int(touched(row), 0, "a failed job's changes are undone");
    is_int(failures, 1, "the slice is told");
    is_err(harness_sql(h,
                       "SELECT CONCAT(state, ' ', attempts, ' ', last_error, ' ',"
                       " TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due) BETWEEN 6 AND 12)"
                       " FROM job WHERE kind = 'test.fail'",
                       &due),
           E_OK, "look");
    is_str(due, "ready 1 backend peer-away the peer is away 1", "ready again in 8 to 12 s");
    once(w);
    is_int(failures, 1, "not before");
    run_sql("UPDATE job SET due = UTC_TIMESTAMP(6) WHERE state = 'ready'");
    once(w);
    is_int(deaths, 1, "after the last attempt it is dead");
    order("test.refuse", row, TIMESTAMP_NONE);
    once(w);
    is_int(deaths, 2, "what can never work is dead at once");
    order("test.unknown", row, TIMESTAMP_NONE);
    once(w);
    is_int(in_state("ready"), 1, "an unknown kind waits for a newer worker");
    run_sql("DELETE FROM job WHERE state = 'ready'");
}

static void test_dead_letters(struct worker *w)
{
    struct tx *tx = NULL;
    struct job_dead *dead = NULL;
    size_t n = 0;
    struct jobs_counts counts;
    is_err(tx_begin(portal, a, &tx), E_OK, "begin");
    is_err(jobs_dead(tx, (struct job_id){ 0 }, 10, &dead, &n), E_OK, "the dead-letter list");
    is_int((int64_t)n, 2, "has both");
    is_str(dead[0].kind, "test.fail", "in order");
    is_int(dead[0].attempts, 2, "with the attempts");
    is_str(dead[1].error, "input refused cannot ever work", "and the reason");
    is_err(jobs_counts(tx, &counts), E_OK, "counts");
    ok(counts.dead == 2 && counts.ready == 0 && timestamp_is_none(counts.oldest_due), "agree");
    is_err(jobs_requeue(tx, dead[0].id), E_OK, "requeue one");
    is_err(jobs_requeue(tx, dead[0].id), E_ABSENT, "but not twice");
    is_err(jobs_discard(tx, dead[1].id), E_OK, "discard the other");
    is_err(tx_commit(tx), E_INTERNAL, "both need an audit row");
    is_err(tx_begin(portal, a, &tx), E_OK, "begin");
    is_err(jobs_requeue(tx, dead[0].id), E_OK, "requeue");
    is_err(jobs_discard(tx, dead[1].id), E_OK, "discard");
    tx_mark_audited(tx);
    is_err(tx_commit(tx), E_OK, "commit");
    once(w);
    is_int(harness_count(h, "SELECT attempts FROM job WHERE kind = 'test.fail'"), 1,
           "the requeued job has all its attempts again");
    is_int(in_state("dead"), 0, "nothing is dead");
    run_sql("DELETE FROM job");
}

static int64_t lease(struct str kind, void *arg)
{
    (void)kind;
    return *(int64_t *)arg;
}

static void test_lease(void)
{
    struct document_id row = add_row("lease");
    struct db *db = harness_db(h, DB_WORKER);
    int64_t brief = 150000, lasting = HOUR_US;
    struct job first, second;
    struct tx *tx = NULL;
    order("test.touch", row, TIMESTAMP_NONE);
    is_err(jobs_claim(db, a, q, STR("one"), lease, &brief, &first), E_OK, "claimed");
    is_err(jobs_claim(db, a, q, STR("two"), lease, &brief, &second), E_ABSENT, "by one only");
    is_err(jobs_renew(db, a, first.id, STR("two"), 150000), E_STATE, "another cannot renew");
    is_err(jobs_renew(db, a, first.id, STR("one"), 150000), E_OK, "its owner can");
    usleep(200000);
    is_err(jobs_claim(db, a, q, STR("two"), lease, &lasting, &second), E_OK, "the lease ran out");
    is_int(second.attempts, 2, "that counts as an attempt");
    is_err(tx_begin(db, a, &tx), E_OK, "begin");
    is_err(jobs_done(tx, first.id, STR("one")), E_STATE, "the late one cannot finish it");
    is_err(jobs_failed(tx, &first, STR("one"), true, STR("late")), E_OK, "nor fail it");
    is_err(jobs_done(tx, second.id, STR("two")), E_OK, "its present owner can");
    is_err(tx_commit(tx), E_OK, "commit");
    is_int(in_state("done"), 1, "done");
    run_sql("DELETE FROM job");
    db_close(db);
}

static void test_many(void)
{
    struct document_id rows[MANY];
    pid_t pids[WORKERS];
    char code[16];
    for (int i = 0; i < MANY; i++) {
        snprintf(code, sizeof code, "many-%03d", i);
        rows[i] = add_row(code);
        order("test.touch", rows[i], TIMESTAMP_NONE);
    }
    for (int i = 0; i < WORKERS; i++)
        pids[i] = start_worker(-1, 50000);
    ok(drained(20 * SECOND_US), "%d workers do %d jobs", WORKERS, MANY);
    for (int i = 0; i < WORKERS; i++)
        is_int(end_worker(pids[i], SIGTERM), 0, "a worker ends when told");
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample WHERE code LIKE 'many-%' AND small <> 1"),
           0, "each exactly once");
    is_int(harness_count(h, "SELECT COUNT(*) FROM job WHERE attempts <> 1"), 0,
           "each claimed exactly once");
    run_sql("DELETE FROM job");
}

static void test_killed(void)
{
    char code[16];
    for (int i = 0; i < 40; i++) {
        snprintf(code, sizeof code, "dead-%03d", i);
        order("test.slow", add_row(code), TIMESTAMP_NONE);
    }
    pid_t steady = start_worker(-1, 50000);
    for (int i = 0; i < 8; i++) {
        pid_t pid = start_worker(-1, 50000);
        usleep(90000);
        end_worker(pid, SIGKILL);
    }
    harness_restart(h);
    ok(drained(30 * SECOND_US), "8 workers and the database killed -9: all jobs come to their end");
    end_worker(steady, SIGTERM);
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample WHERE code LIKE 'dead-%' AND small <> 1"),
           0, "each has its effect exactly once");
    ok(harness_count(h, "SELECT COUNT(*) FROM job WHERE attempts > 1") > 0,
       "some needed a second attempt");
    run_sql("DELETE FROM job");
}

static void test_poison(void)
{
    order("test.crash", add_row("crash"), TIMESTAMP_NONE);
    for (int i = 0; i < 2; i++) {
        pid_t pid = start_worker(-1, 20000);
        int status = 0;
        (void)waitpid(pid, &status, 0);
        is_int(WEXITSTATUS(status), 3, "a job takes its worker down");
        usleep(5000);
    }
    pid_t pid = start_worker(-1, 20000);
    ok(drained(5 * SECOND_US), "the third worker does not run it again");
    is_int(end_worker(pid, SIGTERM), 0, "and lives");
    is_int(in_state("dead"), 1, "the job is dead");
    run_sql("DELETE FROM job");
}

static void test_wake(void)
{
    int bell = -1;
    struct document_id row = add_row("wake");
    is_err(wake_listen(bell_path, &bell), E_OK, "the bell");
    pid_t pid = start_worker(bell, 60 * SECOND_US);
    usleep(300000); /* it has looked, and sleeps for a minute */
    int64_t since = clock_monotonic_us();
    order("test.touch", row, TIMESTAMP_NONE);
    ok(drained(10 * SECOND_US), "a sleeping worker is woken");
    ok(clock_monotonic_us() - since < 2 * SECOND_US, "at once");
    order("test.renew", row, TIMESTAMP_NONE);
    for (int i = 0; i < 2000 && in_state("running") != 1; i++)
        usleep(5000);
    pid_t thief = start_worker(-1, 20000);
    usleep(200000);
    is_int(end_worker(pid, SIGTERM), 0, "SIGTERM in a job that outlasts its lease");
    is_int(touched(row), 2, "the job in flight was finished, by its renewed lease");
    is_int(in_state("done"), 2, "and is done");
    end_worker(thief, SIGTERM);
    (void)close(bell);
    run_sql("DELETE FROM job");
}

static void test_tasks(void)
{
    task_row = add_row("tasks");
    pid_t pids[3];
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            size_t ran;
            struct worker *w = new_worker(task_tables, -1, 0);
            _exit(worker_once(w, &ran) == E_OK ? 0 : 1);
        }
    }
    for (int i = 0; i < 3; i++)
        (void)waitpid(pids[i], NULL, 0);
    is_int(touched(task_row), 1, "three workers: the task ran once");
    struct worker *w = new_worker(task_tables, -1, 0);
    once(w);
    is_int(touched(task_row), 1, "not again before its time");
    run_sql("UPDATE task SET due = UTC_TIMESTAMP(6) - INTERVAL 3 DAY");
    once(w);
    once(w);
    is_int(touched(task_row), 2, "after three days of downtime: once, at once");
    run_sql("UPDATE task SET due = UTC_TIMESTAMP(6)");
    task_fails = true;
    once(w);
    is_int(harness_count(h, "SELECT COUNT(*) FROM task WHERE last_error LIKE '%task-away%' AND due"
                            " BETWEEN UTC_TIMESTAMP() AND UTC_TIMESTAMP() + INTERVAL 61 SECOND"),
           1, "a failure is noted and tried again within a minute");
    is_int(touched(task_row), 2, "and undone");
    is_int(harness_count(h, "SELECT COUNT(*) FROM heartbeat WHERE program = 'worker'"), 1,
           "the heart-beat is there");
    worker_free(w);
}

int main(void)
{
    log_open("test_jobs", LOG_LEVEL_ERROR);
    h = sample_start();
    a = harness_arena(h);
    portal = harness_db(h, DB_PORTAL);
    snprintf(bell_path, sizeof bell_path, "%s/wake", harness_dir(h));
    struct worker *w = new_worker(NULL, -1, 0);
    test_order(w);
    test_failures(w);
    test_dead_letters(w);
    test_lease();
    test_many();
    test_killed();
    test_poison();
    test_wake();
    test_tasks();
    worker_free(w);
    close_all();
    db_close(portal);
    harness_stop(h);
    return tap_done();
}
