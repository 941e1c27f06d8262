/*
 * bench_bulk.c - a file of many applications from upload to the last certificate: bench_bulk
 * [--json] ROWS WORKERS. Everything real but the transport: pages behind dispatch, MariaDB, worker
 * processes with the CA's token.
 */
#include "bulk_kit.h"

#include "base/log.h"
#include "features/authority/authority_work.h"
#include "sign/hsm.h"
#include "token.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 8 };

static pid_t start(int index)
{
    const struct db_params with = harness_db_params(bulk_kit.p.h, DB_WORKER);
    const struct hsm_params token = { .module = token_module(),
                                      .token_label = "ca",
                                      .pin = token_pin() };
    char instance[40];
    struct hsm *ca;
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)snprintf(instance, sizeof instance, "bench/%d", index);
    if (hsm_open(&token, &ca) != E_OK) {
        log_fault("a worker cannot start");
        _exit(1);
    }
    _exit(worker_run(bulk_kit_worker(&with, ca, instance)) == E_OK ? 0 : 1);
}

static double until(const char *state, int64_t since)
{
    while (bulk_kit_count("SELECT COUNT(*) FROM shomei.bulk_run WHERE state = '%s'", state) != 1)
        (void)usleep(500000); /* each look is a client program */
    return (double)(clock_monotonic_us() - since) / 1e6;
}

static void write_file(struct buf *b, int rows)
{
    buf_add_z(b, "Operation,ID,Name of the device,CSR\n");
    for (int i = 0; i < rows; i++)
        buf_fmt(b, "ISSUE,B-%d,device %d,%s\n", i, i, bulk_kit_csr().p);
}

static int number(const char *text)
{
    uint64_t n = 0;

    return str_to_u64(str_z(text), BULK_ROWS_MAX, &n) == E_OK ? (int)n : 0;
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    int rows = number(argc > 1 + json ? argv[1 + json] : "10000");
    int workers = number(argc > 2 + json ? argv[2 + json] : "2");
    struct buf b = buf_init(BULK_SIZE_MAX);
    pid_t pids[WORKERS_MAX];
    struct fake_reply r;

    workers = workers < 1 ? 1 : workers > WORKERS_MAX ? WORKERS_MAX : workers;
    if (json) /* what the kit tells goes elsewhere */
        (void)(dup2(STDOUT_FILENO, 9) == 9 && dup2(STDERR_FILENO, STDOUT_FILENO));
    if (!bulk_kit_start(0))
        return 77;
    log_open("bench_bulk", LOG_LEVEL_ERROR);
    struct fake *admin = portal_kit_browser();
    (void)portal_kit_sign_in(&bulk_kit.p, admin, "admin", false);
    write_file(&b, rows);
    for (int i = 0; i < workers; i++)
        pids[i] = start(i);
    int64_t began = clock_monotonic_us();
    r = fake_upload(admin, "/bulk", "profile=device", "file", "b.csv", buf_bytes(&b));
    double check = until("checked", began);
    struct str run = bulk_kit_text("SELECT public_id FROM shomei.bulk_run");
    began = clock_monotonic_us();
    r = fake_post(admin, str_fmt(bulk_kit.p.a, "/bulk/%s/start", run.p).p, "");
    double issue = until("done", began);
    int64_t done = bulk_kit_count("SELECT COUNT(*) FROM shomei.bulk_row WHERE state = 'done'");
    for (int i = 0; i < workers; i++) {
        (void)kill(pids[i], SIGKILL);
        (void)waitpid(pids[i], NULL, 0);
    }
    if (json)
        (void)dup2(9, STDOUT_FILENO);
    (void)r;
    if (json)
        (void)printf("{\"rows\": %lld, \"check\": %.2f, \"issue\": %.2f}\n", (long long)done, check,
                     issue);
    else
        (void)printf("%lld rows done: checked in %.1f s, issued in %.1f s\n", (long long)done,
                     check, issue);
    bulk_kit_stop();
    return done == rows ? 0 : 1;
}
