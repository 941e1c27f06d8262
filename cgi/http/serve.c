/* serve.c - see serve.h: the supervisor. */
#include "http/serve.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/listen.h"
#include "http/metrics.h"
#include "http/serve_worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 8
#define WORKERS_MAX METRICS_SLOTS
#define STOP_S 30
#define QUICK_US (5 * SECOND_US) /* a worker that lived shorter died at once */
#define BACKOFF_MIN_US (100 * 1000)
#define BACKOFF_MAX_US (30 * SECOND_US)

struct slot {
    pid_t pid; /* 0: empty */
    int64_t started_us;
};

struct supervisor {
    const struct serve_params *p;
    struct listen_socket listen;
    struct slot slots[WORKERS_MAX];
    unsigned n;
    size_t old; /* workers of before a SIGHUP that still finish */
    int64_t backoff_us, start_after_us;
    sigset_t signals, before;
};

static void start_worker(struct supervisor *s, struct slot *slot)
{
    pid_t pid = fork();
    if (pid < 0) {
        log_error("event=fork error=\"%s\"", strerror(errno));
        s->start_after_us = clock_monotonic_us() + SECOND_US;
        return;
    }
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &s->before, NULL);
        metrics_be_worker((unsigned)(slot - s->slots));
        exit(serve_worker_run(s->p, s->listen.fd));
    }
    slot->pid = pid;
    slot->started_us = clock_monotonic_us();
    metrics_count(s->p->app->metrics, METRICS_WORKER_STARTED);
}

static void fill_slots(struct supervisor *s)
{
    if (clock_monotonic_us() < s->start_after_us)
        return;
    for (unsigned i = 0; i < s->n; i++)
        if (s->slots[i].pid == 0)
            start_worker(s, &s->slots[i]);
}

/* Workers that die at once wait longer and longer, so that a broken database is not hammered. */
static void note_failure(struct supervisor *s, const struct slot *slot)
{
    int64_t now = clock_monotonic_us();
    if (now - slot->started_us >= QUICK_US) {
        s->backoff_us = 0;
        return;
    }
    s->backoff_us = s->backoff_us ? s->backoff_us * 2 : BACKOFF_MIN_US;
    if (s->backoff_us > BACKOFF_MAX_US)
        s->backoff_us = BACKOFF_MAX_US;
    if (s->start_after_us < now + s->backoff_us)
        s->start_after_us = now + s->backoff_us;
}

static void worker_ended(struct supervisor *s, struct slot *slot, int status)
{
    struct metrics *m = s->p->app->metrics;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    bool told =
        WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM; /* before it could listen to us */
    if (code == WORKER_WORN) {
        metrics_count(m, METRICS_WORKER_WORN);
    } else if (code != WORKER_DONE && !told) {
        log_error("event=worker-died pid=%ld exit=%d signal=%d", (long)slot->pid, code,
                  WIFSIGNALED(status) ? WTERMSIG(status) : 0);
        metrics_count(m, METRICS_WORKER_CRASHED);
        note_failure(s, slot);
    }
    metrics_worker_gone(m, (unsigned)(slot - s->slots));
    slot->pid = 0;
}

static void reap(struct supervisor *s)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        struct slot *slot = NULL;
        for (unsigned i = 0; i < s->n; i++)
            if (s->slots[i].pid == pid)
                slot = &s->slots[i];
        if (slot)
            worker_ended(s, slot, status);
        else if (s->old > 0)
            s->old--; /* of before a restart: it was told to end */
    }
}

static void tell_workers(struct supervisor *s, int signal)
{
    for (unsigned i = 0; i < s->n; i++)
        if (s->slots[i].pid > 0)
            kill(s->slots[i].pid, signal);
}

static size_t alive(const struct supervisor *s)
{
    size_t n = 0;
    for (unsigned i = 0; i < s->n; i++)
        n += s->slots[i].pid > 0;
    return n;
}

static int wait_signal(const struct supervisor *s, int64_t us)
{
    struct timespec t = { .tv_sec = us / SECOND_US, .tv_nsec = us % SECOND_US * 1000 };
    return sigtimedwait(&s->signals, NULL, &t);
}

static void stop(struct supervisor *s)
{
    int64_t patience = (int64_t)(s->p->stop_s ? s->p->stop_s : STOP_S) * SECOND_US;
    int64_t until = clock_monotonic_us() + patience;
    log_info("event=stop workers=%zu", alive(s));
    tell_workers(s, SIGTERM);
    while (alive(s) > 0 && clock_monotonic_us() < until) {
        (void)wait_signal(s, SECOND_US / 5);
        reap(s);
    }
    if (alive(s) > 0) {
        log_error("event=stop-killed workers=%zu", alive(s));
        tell_workers(s, SIGKILL);
        while (alive(s) > 0 && wait_signal(s, SECOND_US) >= 0)
            reap(s);
    }
}

/*
 * New workers beside the old ones: by executing the program anew (the process id, and with it the
 * service manager's idea of us, stays; the old workers remain our children), or without argv by
 * forking.
 */
static void restart(struct supervisor *s)
{
    log_info("event=restart workers=%zu exec=%d", alive(s), s->p->argv != NULL);
    tell_workers(s, SIGTERM);
    if (s->p->argv) {
        listen_pass_on(&s->listen);
        sigprocmask(SIG_SETMASK, &s->before, NULL);
        execv("/proc/self/exe", s->p->argv);
        log_error("event=restart error=\"%s\"", strerror(errno));
        sigprocmask(SIG_BLOCK, &s->signals, NULL);
    }
    for (unsigned i = 0; i < s->n; i++)
        if (s->slots[i].pid > 0) {
            s->slots[i].pid = 0;
            s->old++;
        }
    s->start_after_us = 0;
}

static void prepare_signals(struct supervisor *s)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    sigemptyset(&s->signals);
    sigaddset(&s->signals, SIGTERM);
    sigaddset(&s->signals, SIGINT);
    sigaddset(&s->signals, SIGHUP);
    sigaddset(&s->signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &s->signals, &s->before);
}

static void supervise(struct supervisor *s)
{
    for (;;) {
        fill_slots(s);
        int64_t wait = s->start_after_us - clock_monotonic_us();
        if (wait <= 0 || alive(s) == s->n)
            wait = 60 * SECOND_US;
        int signal = wait_signal(s, wait);
        reap(s);
        if (signal == SIGTERM || signal == SIGINT)
            return;
        if (signal == SIGHUP)
            restart(s);
    }
}

int serve_run(const struct serve_params *p)
{
    struct supervisor *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return err_exit_code(E_INTERNAL);
    s->p = p;
    s->n = p->workers ? p->workers : WORKERS;
    if (s->n > WORKERS_MAX)
        s->n = WORKERS_MAX;
    p->app->workers = s->n;
    enum err e = listen_open(p->socket_path, &s->listen);
    if (e != E_OK) {
        log_fault("listen");
        free(s);
        return err_exit_code(e);
    }
    prepare_signals(s);
    log_info("event=start program=%s workers=%u", p->app->name, s->n);
    supervise(s);
    stop(s);
    listen_close(&s->listen);
    sigprocmask(SIG_SETMASK, &s->before, NULL);
    free(s);
    return 0;
}
