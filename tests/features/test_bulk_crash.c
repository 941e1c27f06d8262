/*
 * test_bulk_crash.c - workers are killed with SIGKILL again and again while they check a file and
 * do its rows: every row is done, once, with one application and one certificate (issue item 8).
 */
#include "bulk_kit.h"

#include "base/log.h"
#include "base/random.h"
#include "features/authority/authority_work.h"
#include "sign/hsm.h"
#include "token.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 240, KEYS = ROWS / 6, KILLS = 8 };

static void worker_process(int ready, int index)
{
    const struct db_params with = harness_db_params(bulk_kit.p.h, DB_WORKER);
    const struct hsm_params token = { .module = token_module(),
                                      .token_label = "ca",
                                      .pin = token_pin() };
    char instance[40];
    struct hsm *ca;

    (void)snprintf(instance, sizeof instance, "crash/%d", index);
    if (hsm_open(&token, &ca) != E_OK) {
        log_fault("a worker cannot start");
        _exit(1);
    }
    struct worker *w = bulk_kit_worker(&with, ca, instance);
    if (write(ready, "r", 1) != 1)
        _exit(1);
    _exit(worker_run(w) == E_OK ? 0 : 1);
}

/* Ready to work: killed while it logs in, SoftHSM loses the token (decision 0040). */
static pid_t start(int index)
{
    int ready[2];
    char c;

    if (pipe(ready) != 0)
        abort();
    pid_t pid = fork();
    if (pid == 0)
        worker_process(ready[1], index);
    (void)close(ready[1]);
    (void)!read(ready[0], &c, 1);
    (void)close(ready[0]);
    return pid;
}

static void end(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

static struct str file_of(void)
{
    struct buf b = buf_init(1 << 20);
    struct str out = STR("");

    buf_add_z(&b, "Operation,ID,Key,CSR,Name of the device\n");
    for (int i = 0; i < ROWS; i++)
        if (i % 6 == 0) /* RSA keys, which take their time */
            buf_fmt(&b, "ISSUE,C-%d,PKCS12,,crash-%d\n", i, i);
        else
            buf_fmt(&b, "ISSUE,C-%d,CSR,%s,crash-%d\n", i, bulk_kit_csr().p, i);
    if (buf_to_str(&b, bulk_kit.p.a, &out) != E_OK)
        abort();
    buf_free(&b);
    return out;
}

static bool is(const char *state)
{
    return bulk_kit_count("SELECT COUNT(*) FROM shomei.bulk_run WHERE state = '%s'", state) == 1;
}

/* Leases of the dead end at once, as if their time were over. */
static void let_go(void)
{
    bulk_kit_sql("UPDATE shomei.job SET claimed_until = NOW(6) - INTERVAL 1 SECOND WHERE state = "
                 "'running'");
    bulk_kit_sql("UPDATE shomei.job SET due = NOW(6) WHERE state = 'ready'");
}

static int kill_until(const char *state)
{
    int killed = 0;

    while (!is(state) && killed < KILLS) {
        pid_t pid = start(killed++);
        (void)usleep(100000 + (useconds_t)random_below(900000));
        end(pid);
        let_go();
    }
    pid_t pid = start(1000);
    for (int i = 0; i < 1200 && !is(state); i++)
        (void)usleep(100000);
    end(pid);
    let_go();
    return killed;
}

static void once(void)
{
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.bulk_row WHERE state = 'done'"), ROWS,
           "every row is done");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.application WHERE via = 'bulk' AND state = "
                          "'issued'"),
           ROWS, "with an application each");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.application WHERE via = 'bulk'"), ROWS,
           "and no more");
    is_int(bulk_kit_count("SELECT COUNT(DISTINCT common_name) FROM shomei.certificate WHERE "
                          "application_id IS NOT NULL AND state = 'issued'"),
           ROWS, "one certificate for each name");
    is_int(
        bulk_kit_count("SELECT COUNT(*) FROM shomei.certificate WHERE application_id IS NOT NULL"),
        ROWS, "and none twice");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.bulk_key"), KEYS,
           "keys where they were asked for");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.mail WHERE template = 'bulk/done'"), 1,
           "and one mail");
}

int main(void)
{
    struct fake_reply r;
    struct fake *admin;

    if (!bulk_kit_start(0)) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    log_open("test_bulk_crash", LOG_LEVEL_ERROR);
    admin = portal_kit_browser();
    is_int(portal_kit_sign_in(&bulk_kit.p, admin, "admin", false), 303, "signed in");
    r = fake_upload(admin, "/bulk", "profile=device", "file", "crash.csv", bytes_of_str(file_of()));
    is_int(r.status, 303, "a file is uploaded");
    tap_note("%d workers killed while it is checked", kill_until("checked"));
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.bulk_row WHERE state = 'ready'"), ROWS,
           "every line became a row, once");
    struct str run = bulk_kit_text("SELECT public_id FROM shomei.bulk_run");
    r = fake_post(admin, str_fmt(bulk_kit.p.a, "/bulk/%s/start", run.p).p, "");
    is_int(r.status, 200, "it is started");
    tap_note("%d workers killed while it runs", kill_until("done"));
    once();
    fake_free(admin);
    bulk_kit_stop();
    return tap_done();
}
