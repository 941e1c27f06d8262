/*
 * worker.c - the background program: jobs that requests have ordered, periodic tasks, mail. A
 * supervisor that holds nothing, and a few processes that each have their own connections.
 *
 * SIGTERM or SIGINT: jobs in flight are finished, then all ends. A process that ends otherwise is
 * replaced. What slices contribute is in worker_parts.c.
 */
#include "base/log.h"
#include "base/settings.h"
#include "http/sandbox.h"
#include "main/worker_parts.h"
#include "store/heartbeat.h"
#include "store/jobs.h"
#include "store/rate.h"
#include "store/wake.h"
#include "store/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_KEPT_US (7 * DAY_US)
#define MEMORY_MAX (UINT64_C(3) << 30)

enum { PROCESSES_MAX = 16 };

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
static const struct worker_task *task_tables[8] = { own_tasks };
static size_t part_count;

/* Join the tables; more slices than fit would be our mistake. */
static void count_tables(void)
{
    size_t n = 1;

    for (size_t i = 0; worker_parts_tasks[i]; i++) {
        if (n + 1 >= sizeof task_tables / sizeof task_tables[0])
            abort();
        task_tables[n++] = worker_parts_tasks[i];
    }
    while (worker_parts[part_count].name)
        part_count++;
}

static struct worker *running; /* for the signal handler of a worker process */
static volatile sig_atomic_t stopping;

static void on_stop(int sig)
{
    (void)sig;
    stopping = 1;
    if (running)
        worker_stop(running);
}

static void handle(int sig, void (*handler)(int))
{
    struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART };
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(sig, &sa, NULL);
}

/* --- one process --- */

/* The folder of a file, which is replaced there by another one; absent when there is no file. */
static struct str folder_of(struct arena *a, struct str path)
{
    size_t n = path.n;

    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return n > 0 ? str_sub(a, path, 0, n) : STR_ABSENT;
}

static enum err lock_in(const struct settings *c)
{
    struct arena *a = arena_new(16 * 1024);
    struct str anchors = folder_of(a, settings_str(c, "audit.anchor_file"));
    struct str tokens = settings_str(c, "tokens_dir");
    const char *const read[] = { "/etc",
                                 "/usr/lib",
                                 "/usr/share",
                                 settings_str(c, "data_dir").p,
                                 settings_str(c, "run_dir").p,
                                 str_empty(tokens) ? NULL : tokens.p, /* a login may not write */
                                 NULL };
    const char *write[4] = { settings_str(c, "run_dir").p };
    size_t n = 1;
    if (!str_empty(settings_str(c, "mail.dir")))
        write[n++] = settings_str(c, "mail.dir").p;
    if (!str_empty(anchors))
        write[n++] = anchors.p;
    const struct sandbox s = {
        .read = read,
        .write = write,
        .memory_max = MEMORY_MAX,
        .allow_inet = true, /* SMTP */
        .allow_threads = true,
    };
    enum err err = settings_bool(c, "sandbox") ? sandbox_enter(&s) : E_OK;
    arena_free(a);
    return err;
}

static enum err init_parts(const struct settings *c, size_t *done)
{
    for (*done = 0; *done < part_count; ++*done) {
        enum err err = worker_parts[*done].init(c);
        if (err != E_OK) {
            log_error("cannot start %s", worker_parts[*done].name);
            return err;
        }
    }
    return E_OK;
}

static int process(const struct settings *c, int index, int bell)
{
    char host[64] = "", instance[96];
    struct db *db = NULL, *control = NULL;
    size_t n_parts = 0;

    (void)gethostname(host, sizeof host - 1);
    snprintf(instance, sizeof instance, "%s/%d", host, index);
    enum err err = db_open_settings(c, DB_WORKER, &db);
    if (err == E_OK)
        err = db_open_settings(c, DB_WORKER, &control);
    if (err == E_OK)
        err = init_parts(c, &n_parts);
    if (err == E_OK)
        err = lock_in(c);
    if (err == E_OK) {
        const struct worker_params p = {
            .db = db,
            .control = control,
            .jobs = worker_parts_jobs,
            .tasks = task_tables,
            .wake_fd = bell,
            .instance = instance,
        };
        running = worker_new(&p);
        if (stopping)
            worker_stop(running);
        err = worker_run(running);
        struct worker *w = running;
        running = NULL;
        worker_free(w);
    }
    if (err != E_OK)
        log_fault("worker process");
    while (n_parts-- > 0)
        worker_parts[n_parts].end();
    db_close(control);
    db_close(db);
    return err_exit_code(err);
}

/* --- the supervisor --- */

struct child {
    pid_t pid;
    int64_t since;
};

static void start_child(struct child *child, const struct settings *c, int index, int bell)
{
    const pid_t parent = getpid();
    child->since = clock_monotonic_us();
    child->pid = fork();
    if (child->pid != 0) {
        if (child->pid < 0)
            log_error("fork: %s", strerror(errno));
        return;
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* nobody works on when the supervisor was killed */
    if (getppid() != parent)
        _exit(0);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    _exit(process(c, index, bell));
}

/* A process that fails at its start is tried again once a second, not in a busy loop. */
static void replace_ended(struct child *children, unsigned n, const struct settings *c, int bell)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (unsigned i = 0; i < n; i++)
            if (children[i].pid == pid) {
                log_warning("worker process %u ended: status %d", i, status);
                children[i].pid = 0;
            }
    for (unsigned i = 0; i < n; i++)
        if (children[i].pid <= 0 && clock_monotonic_us() - children[i].since > SECOND_US)
            start_child(&children[i], c, (int)i, bell);
}

static void end_all(const struct child *children, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (children[i].pid > 0)
            (void)kill(children[i].pid, SIGTERM);
    while (wait(NULL) > 0 || errno == EINTR)
        ;
}

static void supervise(const struct settings *c, unsigned n, int bell)
{
    struct child children[PROCESSES_MAX] = { { 0, 0 } };
    const struct timespec second = { 1, 0 };
    sigset_t watched;
    (void)sigemptyset(&watched);
    (void)sigaddset(&watched, SIGTERM);
    (void)sigaddset(&watched, SIGINT);
    (void)sigaddset(&watched, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &watched, NULL);
    for (unsigned i = 0; i < n; i++)
        start_child(&children[i], c, (int)i, bell);
    for (;;) {
        int sig = sigtimedwait(&watched, NULL, &second);
        if (sig == SIGTERM || sig == SIGINT)
            break;
        replace_ended(children, n, c, bell);
    }
    end_all(children, n);
}

/* Before anything is started: do the statements fit the schema? */
static enum err self_check(const struct settings *c)
{
    struct db *db = NULL;
    enum err err = db_open_settings(c, DB_WORKER, &db);
    if (err == E_OK)
        err = db_check(db);
    db_close(db);
    return err;
}

static enum err run(const struct settings *c)
{
    char path[128];
    int bell = -1;
    uint64_t n = settings_u64(c, "worker.processes");
    snprintf(path, sizeof path, "%s/worker.wake", settings_str(c, "run_dir").p);
    count_tables();
    TRY(self_check(c));
    TRY(wake_listen(path, &bell));
    TRY(wake_open(path)); /* jobs of jobs, and SIGTERM, ring too */
    log_info("ready, %u processes", (unsigned)n);
    supervise(c, n == 0 ? 1 : n > PROCESSES_MAX ? PROCESSES_MAX : (unsigned)n, bell);
    (void)unlink(path);
    return E_OK;
}

int main(int argc, char **argv)
{
    struct settings *settings = NULL;

    secret_harden_process();
    log_open("worker", LOG_LEVEL_INFO);
    handle(SIGTERM, on_stop);
    handle(SIGINT, on_stop);
    handle(SIGPIPE, SIG_IGN);
    (void)umask(077);
    if (argc != 3 || strcmp(argv[1], "--config") != 0) {
        (void)fprintf(stderr, "usage: worker --config FILE\n");
        return err_exit_code(E_INPUT);
    }
    enum err err = settings_load(argv[2], &settings);
    if (err == E_OK)
        err = run(settings);
    if (err != E_OK)
        log_fault("worker");
    settings_free(settings);
    return err_exit_code(err);
}
