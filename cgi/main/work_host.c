/* work_host.c - see work_host.h */
#include "main/work_host.h"

#include "base/log.h"
#include "http/sandbox.h"
#include "store/wake.h"
#include "store/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY_MAX (UINT64_C(3) << 30)

enum { PROCESSES_MAX = 16 };

static const struct work_host *host; /* what this program is */
static struct worker *running;       /* for the signal handler of a worker process */
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

static enum err lock_in(const struct settings *c)
{
    struct arena *a = arena_new(16 * 1024);
    struct str tokens = settings_str(c, "tokens_dir");
    const char *softhsm = getenv("SOFTHSM2_CONF");
    const char *again = host->reads ? settings_str(c, host->reads).p : NULL;
    const char *read[9] = { "/etc", "/usr/lib", "/usr/share", settings_str(c, "data_dir").p,
                            settings_str(c, "run_dir").p };
    size_t n = 5;
    if (!str_empty(tokens))
        read[n++] = tokens.p; /* a login may not write */
    if (softhsm)
        read[n++] = softhsm;
    if (again && again[0])
        read[n++] = again;
    const char *write[WORK_HOST_WRITES + 2] = { settings_str(c, "run_dir").p };
    if (host->writes)
        host->writes(c, a, write + 1);
    const struct sandbox s = {
        .read = read,
        .write = write,
        .memory_max = MEMORY_MAX,
        .allow_inet = host->inet,
        .allow_threads = host->inet, /* of the name resolver */
    };
    enum err err = settings_bool(c, "sandbox") ? sandbox_enter(&s) : E_OK;
    arena_free(a);
    return err;
}

static enum err init_parts(const struct settings *c, size_t *done)
{
    for (*done = 0; host->parts[*done].name; ++*done) {
        enum err err = host->parts[*done].init(c);
        if (err != E_OK) {
            log_error("cannot start %s", host->parts[*done].name);
            return err;
        }
    }
    return E_OK;
}

static int process(const struct settings *c, int index, int bell)
{
    char machine[64] = "", instance[96];
    struct db *db = NULL, *control = NULL;
    size_t n_parts = 0;

    (void)gethostname(machine, sizeof machine - 1);
    snprintf(instance, sizeof instance, "%s/%d", machine, index);
    enum err err = db_open_settings(c, host->program, &db);
    if (err == E_OK)
        err = db_open_settings(c, host->program, &control);
    if (err == E_OK)
        err = init_parts(c, &n_parts);
    if (err == E_OK)
        err = lock_in(c);
    if (err == E_OK) {
        const struct worker_params p = {
            .db = db,
            .control = control,
            .jobs = host->jobs,
            .tasks = host->tasks,
            .wake_fd = bell,
            .instance = instance,
            .program = host->name,
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
        log_fault("a process ended");
    while (n_parts-- > 0)
        host->parts[n_parts].end();
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
                log_warning("process %u ended: status %d", i, status);
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
    enum err err = db_open_settings(c, host->program, &db);
    if (err == E_OK)
        err = db_check(db);
    db_close(db);
    return err;
}

static enum err run(const struct settings *c)
{
    char path[128];
    int bell = -1;
    uint64_t n = settings_u64(c, host->processes);
    snprintf(path, sizeof path, "%s/%s.wake", settings_str(c, "run_dir").p, host->name);
    TRY(self_check(c));
    TRY(wake_listen(path, &bell));
    TRY(wake_open_all(settings_str(c, "run_dir").p)); /* jobs of jobs, and SIGTERM, ring too */
    log_info("ready, %u processes", (unsigned)n);
    supervise(c, n == 0 ? 1 : n > PROCESSES_MAX ? PROCESSES_MAX : (unsigned)n, bell);
    (void)unlink(path);
    return E_OK;
}

int work_host_main(const struct work_host *what, int argc, char **argv)
{
    struct settings *settings = NULL;

    host = what;
    secret_harden_process();
    log_open(host->name, LOG_LEVEL_INFO);
    handle(SIGTERM, on_stop);
    handle(SIGINT, on_stop);
    handle(SIGPIPE, SIG_IGN);
    (void)umask(077);
    if (argc != 3 || strcmp(argv[1], "--config") != 0) {
        (void)fprintf(stderr, "usage: %s --config FILE\n", host->name);
        return err_exit_code(E_INPUT);
    }
    enum err err = settings_load(argv[2], &settings);
    if (err == E_OK)
        err = run(settings);
    if (err != E_OK)
        log_fault("cannot run");
    settings_free(settings);
    return err_exit_code(err);
}
