/*
 * test_reconnect.c - a database that is killed and comes back, and transactions that collide:
 * nothing acknowledged is lost, nothing is doubled (DESIGN section 9).
 */
#include "sample.h"
#include "tap.h"

#include "base/log.h"
#include "base/random.h"
#include "sample.q.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITES = 400, KILLS = 3, TRANSFERS = 60 };

static struct harness *h;
static struct arena *a;

static enum err add(struct tx *tx, const char *code, struct document_id *id)
{
    struct bytes32 hash = { { 7 } };
    struct document_id none;
    return q_sample_add(tx, str_z(code), STR_ABSENT, BYTES_ABSENT, hash, true, 1, 2, 100,
                        TIMESTAMP_NONE, (struct account_id){ 0 }, id ? id : &none);
}

static void test_between(struct db *db)
{
    struct tx *tx = NULL;
    struct q_sample_list *rows;
    size_t n;
    is_err(tx_begin(db, a, &tx), E_OK, "begin");
    is_err(add(tx, "before", NULL), E_OK, "write");
    tx_mark_audited(tx);
    is_err(tx_commit(tx), E_OK, "commit");
    harness_restart(h);
    is_err(tx_begin(db, a, &tx), E_OK, "after kill -9 and restart: begin");
    is_err(q_sample_list(tx, STR(""), 10, &rows, &n), E_OK, "the first statement reconnects");
    is_int((int64_t)n, 1, "what was committed is there");
    is_err(tx_commit(tx), E_OK, "commit");
    harness_restart(h);
    is_err(tx_begin(db, a, &tx), E_OK, "and once more: begin");
    is_err(add(tx, "write first", NULL), E_OK, "also when the first statement writes");
    tx_mark_audited(tx);
    is_err(tx_commit(tx), E_OK, "commit");
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample WHERE code = 'write first'"), 1, "once");
    harness_restart(h);
    is_err(db_ping(db), E_OK, "ping reconnects");
}

static void test_inside(struct db *db)
{
    struct tx *tx = NULL;
    struct q_sample_list *rows;
    size_t n;
    is_err(tx_begin(db, a, &tx), E_OK, "begin");
    is_err(add(tx, "inside", NULL), E_OK, "write");
    harness_restart(h);
    is_err(q_sample_list(tx, STR(""), 10, &rows, &n), E_BACKEND,
           "lost inside: the transaction fails");
    is_err(add(tx, "inside too", NULL), E_BACKEND, "a later statement does not start a new one");
    tx_mark_audited(tx);
    is_err(tx_commit(tx), E_BACKEND, "nor does commit pretend");
    ok(strcmp(fault_current()->reason, "commit-unknown") != 0,
       "and it is known not to have happened");
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample WHERE code LIKE 'inside%'"), 0,
           "nothing of it is there");
    is_err(tx_begin(db, a, &tx), E_OK, "the next transaction");
    is_err(q_sample_list(tx, STR(""), 10, &rows, &n), E_OK, "works");
    tx_rollback(tx);

    is_err(tx_begin(db, a, &tx), E_OK, "begin");
    is_err(add(tx, "commit", NULL), E_OK, "write");
    harness_kill(h);
    tx_mark_audited(tx);
    is_err(tx_commit(tx), E_BACKEND, "killed before COMMIT was answered");
    is_str(str_z(fault_current()->reason), "commit-unknown", "the outcome is unknown");
    is_err(tx_begin(db, a, &tx), E_BACKEND, "no server: begin fails");
    is_err(db_ping(db), E_BACKEND, "and ping");
    harness_restart(h);
    is_err(db_ping(db), E_OK, "until it is back");
}

/* --- tx_run under kill -9 -----------------------------------------------------------------------
 */

static enum err write_one(struct tx *tx, void *arg)
{
    enum err err = add(tx, arg, NULL);
    tx_mark_audited(tx);
    return err;
}

/* Write rows 0..WRITES-1 through restarts; say how each ended: '+', '?' or '-'. */
static void write_many(int out)
{
    char code[16];
    struct arena *own = arena_new(1024u * 1024);
    struct db *db = harness_db(h, DB_PORTAL);
    for (int i = 0; i < WRITES; i++) {
        snprintf(code, sizeof code, "kill-%04d", i);
        enum err err = tx_run(db, own, write_one, code);
        bool unknown = strcmp(fault_current()->reason, "commit-unknown") == 0;
        char c = err == E_OK ? '+' : unknown ? '?' : '-';
        if (write(out, &c, 1) != 1)
            _exit(1);
        arena_reset(own);
        fault_clear();
        if (err != E_OK)
            usleep(50000);
    }
    _exit(0);
}

static void test_killed_often(void)
{
    int fds[2], acknowledged = 0, unknown = 0, lost = 0, ghosts = 0;
    char outcome[WRITES] = "", code[64];
    struct str list;
    if (pipe(fds) != 0)
        abort();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        write_many(fds[1]);
    (void)close(fds[1]);
    for (int i = 0; i < WRITES; i++) {
        if (read(fds[0], &outcome[i], 1) != 1)
            break;
        if (i % (WRITES / (KILLS + 1)) == WRITES / (KILLS + 1) - 1 && i < WRITES - 5)
            harness_restart(h);
    }
    (void)waitpid(pid, NULL, 0);
    (void)close(fds[0]);
    is_err(harness_sql(h, "SELECT code FROM sample WHERE code LIKE 'kill-%'", &list), E_OK, "rows");
    for (int i = 0; i < WRITES; i++) {
        snprintf(code, sizeof code, "kill-%04d", i);
        bool there = strstr(list.p, code) != NULL;
        acknowledged += outcome[i] == '+';
        unknown += outcome[i] == '?';
        lost += outcome[i] == '+' && !there;
        ghosts += outcome[i] == '-' && there;
    }
    tap_note("%d acknowledged, %d unknown of %d, server killed %d times", acknowledged, unknown,
             WRITES, KILLS);
    ok(acknowledged > WRITES / 2, "most writes got through");
    is_int(lost, 0, "no acknowledged row is lost");
    is_int(ghosts, 0, "no refused row is there");
}

/* --- deadlocks ----------------------------------------------------------------------------------
 */

struct transfer {
    struct document_id from, to;
    int tries;
};

static enum err transfer(struct tx *tx, void *arg)
{
    struct transfer *t = arg;
    uint64_t changed;
    t->tries++;
    tx_mark_audited(tx);
    enum err err = q_sample_touch(tx, t->from, &changed);
    usleep(3000); /* so that the two do collide */
    if (err == E_OK)
        err = q_sample_touch(tx, t->to, &changed);
    return err;
}

/* Touch the two rows TRANSFERS times, in this order; exit status: how often a retry was needed. */
static void transfer_many(struct document_id from, struct document_id to)
{
    struct arena *own = arena_new(1024u * 1024);
    struct db *db = harness_db(h, DB_PORTAL);
    int retries = 0;
    for (int i = 0; i < TRANSFERS; i++) {
        struct transfer t = { from, to, 0 };
        enum err err;
        do
            err = tx_run(db, own, transfer, &t);
        while (err == E_BUSY);
        if (err != E_OK)
            _exit(255);
        retries += t.tries - 1;
        arena_reset(own);
    }
    _exit(retries > 254 ? 254 : retries);
}

static void test_deadlock(struct db *db)
{
    struct document_id one = { 0 }, two = { 0 };
    struct tx *tx = NULL;
    int status[2] = { 0, 0 };
    pid_t pids[2];
    is_err(tx_begin(db, a, &tx), E_OK, "begin");
    is_err(add(tx, "one", &one), E_OK, "a row");
    is_err(add(tx, "two", &two), E_OK, "and another");
    tx_mark_audited(tx);
    is_err(tx_commit(tx), E_OK, "commit");
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            transfer_many(i ? one : two, i ? two : one);
    }
    for (int i = 0; i < 2; i++)
        (void)waitpid(pids[i], &status[i], 0);
    int retries = WEXITSTATUS(status[0]) + WEXITSTATUS(status[1]);
    ok(WEXITSTATUS(status[0]) != 255 && WEXITSTATUS(status[1]) != 255, "both sides came through");
    ok(retries > 0, "deadlocks did happen: %d retries", retries);
    is_int(harness_count(h, "SELECT SUM(small) FROM sample WHERE code IN ('one', 'two')"),
           2 + 2 * 2 * TRANSFERS, "each change is there exactly once");
}

static jmp_buf out_of_memory;

static void jump(void *arg)
{
    (void)arg;
    longjmp(out_of_memory, 1);
}

/* A full arena jumps out of the middle of a result, as http/ does to answer 503. */
static void test_left_in_the_middle(struct db *db)
{
    struct tx *volatile tx = NULL;
    struct q_sample_list *rows;
    size_t n = 0;
    struct arena *small = arena_new(4096);
    arena_on_full(small, jump, NULL);
    if (setjmp(out_of_memory) == 0) {
        struct tx *first = NULL;
        is_err(tx_begin(db, small, &first), E_OK, "begin");
        tx = first;
        (void)!q_sample_list(first, STR(""), 300, &rows, &n);
        ok(false, "300 rows do not fit 4 kB");
    } else {
        ok(true, "the arena is full in the middle of a result");
    }
    tx_rollback(tx);
    arena_free(small);
    struct tx *next = NULL;
    is_err(tx_begin(db, a, &next), E_OK, "the connection goes on: begin");
    is_err(q_sample_list(next, STR(""), 300, &rows, &n), E_OK, "the same list");
    is_int((int64_t)n, 300, "whole");
    is_err(tx_commit(next), E_OK, "commit");
}

int main(void)
{
    log_open("test_reconnect", LOG_LEVEL_ERROR);
    h = sample_start();
    a = harness_arena(h);
    struct db *db = harness_db(h, DB_PORTAL);
    test_between(db);
    test_inside(db);
    test_killed_often();
    test_deadlock(db);
    test_left_in_the_middle(db);
    db_close(db);
    harness_stop(h);
    return tap_done();
}
