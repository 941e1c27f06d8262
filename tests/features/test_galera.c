/*
 * test_galera.c - two nodes of a Galera cluster, workers on both: each job is done once, counters
 * miss no hit, tasks run once (issue item 4: claims hold where SKIP LOCKED would not).
 */
#include "sample.h"
#include "tap.h"

#include "base/log.h"
#include "base/random.h"
#include "sample.q.h"
#include "store/jobs.h"
#include "store/rate.h"
#include "store/worker.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROVIDER "/usr/lib/galera/libgalera_smm.so"

enum { JOBS = 60, HITS = 40, PROCESSES = 4 };

#define TICK_ROW ((struct document_id){ 1000000 })

static struct harness *h;
static struct arena *a;
static const char *second_socket;

static enum err touch(struct work *w)
{
    int64_t id = 0;
    uint64_t changed;
    if (!json_get_i64(w->payload, "id", &id))
        return FAIL(E_INPUT, "", "no id");
    return q_sample_touch(w->tx, (struct document_id){ (uint64_t)id }, &changed);
}

static enum err tick(struct work *w)
{
    uint64_t changed;
    return q_sample_touch(w->tx, TICK_ROW, &changed);
}

static const struct worker_job jobs[] = { { .kind = "test.touch", .run = touch }, { 0 } };
static const struct worker_job *const job_tables[] = { jobs, NULL };
static const struct worker_task tasks[] = { { "test.tick", HOUR_US, tick }, { 0 } };
static const struct worker_task *const task_tables[] = { tasks, NULL };

static struct db *connect_to(int node, enum db_program program)
{
    struct db *db = NULL;
    struct db_params p = harness_db_params(h, program);
    if (node == 1)
        p.socket = second_socket;
    if (db_open(&p, &db) != E_OK)
        return NULL;
    return db;
}

/* The first of two free ports in a row, below the ephemeral range. */
static int free_port(void)
{
    for (;;) {
        int port = 20000 + (int)random_below(10000), good = 0;
        for (int i = 0; i < 2; i++) {
            int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            struct sockaddr_in at = { .sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)(port + i)),
                                      .sin_addr = { htonl(INADDR_LOOPBACK) } };
            good += bind(fd, (const struct sockaddr *)&at, sizeof at) == 0;
            (void)close(fd);
        }
        if (good == 2)
            return port;
    }
}

/*
 * The second node has the first one's data and lacks only the events since. For those Galera wants
 * a "state transfer" all the same: this script hands the position over. (mariadb-server's own
 * scripts would do, but that package also starts a server of its own.)
 */
static const char handover[] =
    "#!/bin/sh\n"
    "while [ $# -gt 0 ]; do case $1 in\n"
    "--role) role=$2; shift ;; --address) address=$2; shift ;;\n"
    "--datadir) data=$2; shift ;; --gtid) gtid=$2; shift ;; --bypass) bypass=1 ;;\n"
    "esac; shift; done\n"
    "if [ \"$role\" = joiner ]; then\n"
    "    rm -f \"$data/position\"; echo \"ready 127.0.0.1:1/$data/position\"\n"
    "    for i in $(seq 300); do [ ! -s \"$data/position\" ] || break; sleep 0.1; done\n"
    "    cat \"$data/position\"\n"
    "else\n"
    "    [ -n \"$bypass\" ] || exit 22\n"
    "    echo \"$gtid\" >\"${address#*/}.new\" && mv \"${address#*/}.new\" \"${address#*/}\"\n"
    "    echo \"done $gtid\"\n"
    "fi\n";

static void install_handover(void)
{
    const char *script = str_fmt(a, "%s/wsrep_sst_handover", harness_dir(h)).p;
    FILE *f = fopen(script, "we");
    if (!f || fputs(handover, f) < 0 || fclose(f) != 0 || chmod(script, 0755) != 0 ||
        setenv("PATH", str_fmt(a, "%s:%s", harness_dir(h), getenv("PATH")).p, 1) != 0)
        ok(false, "%s", script);
}

/* Options of a node; the strings live as long as the process. */
static const char *const *node_options(int own, int other, bool first)
{
    static const char *options[2][16];
    const char **o = options[first ? 0 : 1];
    size_t n = 0;
    o[n++] = "--wsrep-on=ON";
    o[n++] = "--wsrep-provider=" PROVIDER;
    o[n++] = "--binlog-format=ROW";
    o[n++] = "--innodb-autoinc-lock-mode=2";
    o[n++] = "--wsrep-sst-method=handover"; /* see handover below */
    o[n++] = "--wsrep-cluster-name=shomei-test";
    o[n++] = str_fmt(a, "--wsrep-cluster-address=gcomm://127.0.0.1:%d,127.0.0.1:%d", own, other).p;
    o[n++] = str_fmt(a, "--wsrep-node-address=127.0.0.1:%d", own).p;
    o[n++] = str_fmt(a,
                     "--wsrep-provider-options=base_port=%d;gmcast.listen_addr=tcp://127.0.0.1:%d;"
                     "ist.recv_addr=127.0.0.1:%d;gcache.size=8M",
                     own, own, own + 1)
                 .p;
    if (first)
        o[n++] = "--wsrep-new-cluster";
    o[n] = NULL;
    return o;
}

/* Has the node its data, and does it answer? It refuses with 1047 until it is synced. */
static bool answers(int node)
{
    struct q_sample_get row;
    struct tx *tx = NULL;
    struct db *db = connect_to(node, DB_PORTAL);
    enum err err = E_BACKEND;
    if (db && tx_begin(db, a, &tx) == E_OK)
        err = q_sample_get(tx, TICK_ROW, &row);
    db_close(db);
    return err == E_OK;
}

static bool join(void)
{
    int64_t until = clock_monotonic_us() + 60 * SECOND_US;
    while (!answers(1)) {
        usleep(100000);
        if (clock_monotonic_us() > until)
            return false;
    }
    return harness_count(h, "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS"
                            " WHERE VARIABLE_NAME = 'wsrep_cluster_size'") == 2;
}

static enum err order(struct tx *tx, void *arg)
{
    struct document_id id = { 0 };
    struct bytes32 hash = { { 1 } };
    tx_mark_audited(tx);
    enum err err = q_sample_add(tx, str_z(arg), STR_ABSENT, BYTES_ABSENT, hash, false, 0, 0, 0,
                                TIMESTAMP_NONE, (struct account_id){ 0 }, &id);
    if (err == E_OK)
        err = jobs_add(tx, "test.touch",
                       str_fmt(tx_arena(tx), "{\"id\":%llu}", (unsigned long long)id.v),
                       TIMESTAMP_NONE, NULL);
    return err;
}

static void work_on(int node)
{
    const struct worker_params p = {
        .db = connect_to(node, DB_WORKER),
        .control = connect_to(node, DB_WORKER),
        .jobs = job_tables,
        .tasks = task_tables,
        .wake_fd = -1,
        .poll_us = 20000,
        .instance = node ? "second" : "first",
    };
    if (!p.db || !p.control)
        _exit(2);
    _exit(worker_run(worker_new(&p)) == E_OK ? 0 : 1);
}

static void test_jobs(void)
{
    pid_t pids[PROCESSES];
    struct db *portal[2] = { connect_to(0, DB_PORTAL), connect_to(1, DB_PORTAL) };
    char code[16];
    for (int i = 0; i < JOBS; i++) {
        snprintf(code, sizeof code, "job-%03d", i);
        if (tx_run(portal[i % 2], a, order, code) != E_OK)
            ok(false, "ordered on node %d: %s", i % 2, fault_current()->detail);
    }
    fflush(stdout);
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            work_on(i % 2);
    }
    int64_t until = clock_monotonic_us() + 60 * SECOND_US;
    while (clock_monotonic_us() < until &&
           harness_count(h, "SELECT COUNT(*) FROM job WHERE state <> 'done'") != 0)
        usleep(100000);
    for (int i = 0; i < PROCESSES; i++) {
        (void)kill(pids[i], SIGKILL);
        (void)waitpid(pids[i], NULL, 0);
    }
    is_int(harness_count(h, "SELECT COUNT(*) FROM job WHERE state = 'done'"), JOBS,
           "workers on both nodes do all jobs");
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample WHERE code LIKE 'job-%' AND small <> 1"),
           0, "each has its effect exactly once");
    is_int(harness_count(h, "SELECT COUNT(DISTINCT instance) FROM heartbeat"), 2, "both did work");
    is_int(harness_count(h, "SELECT small FROM sample WHERE code = 'tick'"), 1,
           "a periodic task ran once over both");
    db_close(portal[0]);
    db_close(portal[1]);
}

static void hit(int node)
{
    uint64_t now, before;
    struct db *db = connect_to(node, DB_PORTAL);
    struct timestamp window = { 0 };
    int missed = 0;
    for (int i = 0; i < HITS; i++)
        while (rate_count(db, a, STR("galera"), window, MINUTE_US, &now, &before) != E_OK)
            if (++missed > 100)
                _exit(1);
    _exit(0);
}

static void test_counters(void)
{
    pid_t pids[2];
    int status, good = 0;
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            hit(i);
    }
    for (int i = 0; i < 2; i++) {
        (void)waitpid(pids[i], &status, 0);
        good += status == 0;
    }
    is_int(good, 2, "both nodes count on one key");
    static const char hits[] = "SELECT hits FROM rate_limit WHERE window_start = '1970-01-01'";
    /* the first node applies what the second has committed a little later */
    for (int i = 0; i < 300 && harness_count(h, hits) != 2 * HITS; i++)
        usleep(100000);
    is_int(harness_count(h, hits), 2 * HITS, "and no hit is missed");
}

int main(void)
{
    log_open("test_galera", LOG_LEVEL_ERROR);
    if (access(PROVIDER, R_OK) != 0) {
        tap_skip("galera-4 is not installed");
        return tap_done();
    }
    a = arena_new(64u * 1024 * 1024);
    int first = free_port(), second = free_port();
    h = sample_start_with(node_options(first, second, true));
    struct str out;
    is_err(harness_sql(h, "INSERT INTO sample (id, code, hash) VALUES (1000000, 'tick', '')", &out),
           E_OK, "a row for the task");
    second_socket = str_fmt(a, "%s/n/data/s", harness_dir(h)).p;
    install_handover();
    harness_add_node(h, "n", node_options(second, first, false));
    if (ok(join(), "a second node joins the cluster")) {
        test_jobs();
        test_counters();
    }
    harness_stop(h);
    arena_free(a);
    return tap_done();
}
