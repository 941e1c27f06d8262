/*
 * test_jobs_group.c - jobs that share a transaction: one that fails does so alone, one that takes
 * its worker down takes nobody with it (DESIGN section 9).
 */
#include "sample.h"
#include "tap.h"

#include "base/log.h"
#include "sample.q.h"
#include "store/jobs.h"
#include "store/worker.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GROUP = 8, MANY = 20, BAD = 5 };
static struct harness *h;
static struct arena *a;
static struct db *portal;

/* --- handlers --- */

static int transactions;

static void count(void *arg)
{
    (void)arg;
    transactions++;
}

static enum err touch(struct work *w)
{
    int64_t id = 0;
    uint64_t changed;

    tx_after_commit(w->tx, count, NULL);
    if (!json_get_i64(w->payload, "id", &id))
        return FAIL(E_INPUT, "", "no id");
    return q_sample_touch(w->tx, (struct document_id){ (uint64_t)id }, &changed);
}

static int64_t bad_row;

static enum err touch_or_refuse(struct work *w)
{
    int64_t id = 0;
    enum err err = touch(w);

    (void)json_get_i64(w->payload, "id", &id);
    return err == E_OK && id == bad_row ? FAIL(E_INPUT, "refused", "this one cannot") : err;
}

static enum err touch_or_lose(struct work *w)
{
    int64_t id = 0;

    (void)json_get_i64(w->payload, "id", &id);
    return id == bad_row ? FAIL(E_BACKEND, "peer-away", "for this one") : touch(w);
}

static enum err touch_or_die(struct work *w)
{
    int64_t id = 0;

    (void)json_get_i64(w->payload, "id", &id);
    if (id == bad_row)
        _exit(3);
    return touch(w);
}

static int failed;

static enum err note_failure(struct work *w, bool dead)
{
    failed += dead && w->fault->err == E_INPUT;
    return E_OK;
}

static const struct worker_job jobs[] = {
    { .kind = "test.touch", .run = touch, .group = GROUP },
    { .kind = "test.refuse", .run = touch_or_refuse, .group = GROUP, .failed = note_failure },
    { .kind = "test.lose", .run = touch_or_lose, .group = GROUP, .attempts = 1 },
    { .kind = "test.die", .run = touch_or_die, .group = GROUP, .attempts = 3, .lease_us = 200000 },
    { .kind = NULL },
};
static const struct worker_job *const tables[] = { jobs, NULL };

/* --- helpers --- */

static size_t run_all(void)
{
    struct worker_params p = { .db = harness_db(h, DB_WORKER),
                               .control = harness_db(h, DB_WORKER),
                               .jobs = tables,
                               .wake_fd = -1,
                               .instance = "test" };
    struct worker *w = worker_new(&p);
    size_t ran = 0;

    transactions = 0;
    if (worker_once(w, &ran) != E_OK)
        abort();
    worker_free(w);
    db_close(p.db);
    db_close(p.control);
    return ran;
}

/* MANY rows, and a job for each; the middle one is the bad one. */
static void order_all(const char *kind)
{
    struct tx *tx = NULL;
    struct document_id id;

    if (tx_begin(portal, a, &tx) != E_OK)
        abort();
    for (int i = 0; i < MANY; i++) {
        if (q_sample_add(tx, str_fmt(a, "%s %d", kind, i), STR_ABSENT, BYTES_ABSENT,
                         (struct bytes32){ { 1 } }, false, 0, 0, 0, TIMESTAMP_NONE,
                         (struct account_id){ 0 }, &id) != E_OK ||
            jobs_add(tx, kind, str_fmt(a, "{\"id\":%llu}", (unsigned long long)id.v),
                     TIMESTAMP_NONE, NULL) != E_OK)
            abort();
        if (i == BAD)
            bad_row = (int64_t)id.v;
    }
    tx_mark_audited(tx);
    if (tx_commit(tx) != E_OK)
        abort();
}

static int64_t rows(const char *kind, int touched)
{
    return harness_count(
        h, str_fmt(a, "SELECT COUNT(*) FROM sample WHERE code LIKE '%s %%' AND small = %d", kind,
                   touched)
               .p);
}

static int64_t jobs_in(const char *kind, const char *state)
{
    return harness_count(
        h,
        str_fmt(a, "SELECT COUNT(*) FROM job WHERE kind = '%s' AND state = '%s'", kind, state).p);
}

/* --- the tests --- */

static void together(void)
{
    order_all("test.touch");
    (void)run_all();
    is_int(rows("test.touch", 1), MANY, "each has its effect once");
    is_int(jobs_in("test.touch", "done"), MANY, "each is done");
    is_int(transactions, (MANY + GROUP - 1) / GROUP, "in as few transactions as groups");
}

static void refusing(void)
{
    order_all("test.refuse");
    (void)run_all();
    is_int(rows("test.refuse", 1), MANY - 1, "one that is refused spoils no other");
    is_int(rows("test.refuse", 0), 1, "and what it did is undone");
    is_int(jobs_in("test.refuse", "dead"), 1, "it is dead");
    is_int(failed, 1, "and was told so, once");
    is_int(transactions, (MANY + GROUP - 1) / GROUP, "still in groups");
}

static void losing(void)
{
    order_all("test.lose");
    (void)run_all();
    is_int(rows("test.lose", 1), MANY - 1, "when a whole group fails each is tried alone");
    is_int(jobs_in("test.lose", "dead"), 1, "and the one to blame is found");
}

static void dying(void)
{
    int died = 0, status;

    order_all("test.die");
    for (int i = 0; i < 40 && jobs_in("test.die", "ready") + jobs_in("test.die", "running") > 0;
         i++) {
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0) {
            (void)run_all();
            _exit(0);
        }
        if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 3)
            died++;
        (void)usleep(250000); /* longer than the lease */
    }
    is_int(rows("test.die", 1), MANY - 1, "one that takes its worker down takes nobody with it");
    is_int(jobs_in("test.die", "done"), MANY - 1, "all others are done");
    is_int(jobs_in("test.die", "dead"), 1, "it is dead in the end");
    is_int(died, 3, "after as many workers as it has attempts");
}

int main(void)
{
    log_open("test_jobs_group", LOG_LEVEL_ERROR);
    h = sample_start();
    a = harness_arena(h);
    portal = harness_db(h, DB_PORTAL);
    together();
    refusing();
    losing();
    dying();
    db_close(portal);
    harness_stop(h);
    return tap_done();
}
