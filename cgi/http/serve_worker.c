/* serve_worker.c - see serve_worker.h */
#include "http/serve_worker.h"

#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "http/dispatch.h"

#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define RECYCLE 20000
#define CPU_S 60
#define PEER_TIMEOUT_S 60 /* a proxy that stops sending or reading in the middle */

static volatile sig_atomic_t stopping;

static void on_stop(int signal)
{
    (void)signal;
    stopping = 1;
}

static const char *get_variable(void *ctx, const char *name)
{
    const FCGX_Request *r = ctx;
    return FCGX_GetParam(name, r->envp);
}

/*
 * What is there of the body, at most n bytes. libfcgi's own buffer is wiped behind us: it is freed
 * as it is, and may have held a password, a PIN or a document.
 */
static int read_body(void *ctx, void *p, size_t n)
{
    FCGX_Stream *in = ((FCGX_Request *)ctx)->in;
    uint8_t *out = p;
    if (n == 0)
        return 0;
    int c = FCGX_GetChar(in); /* fills the buffer when it is empty */
    if (c < 0)
        return FCGX_GetError(in) != 0 ? -1 : 0;
    size_t there = (size_t)(in->stop - in->rdNext), more = n - 1 < there ? n - 1 : there;
    out[0] = (uint8_t)c;
    memcpy(out + 1, in->rdNext, more);
    in->rdNext += more;
    secret_wipe(in->rdNext - more - 1, more + 1);
    return (int)more + 1;
}

static int write_answer(void *ctx, const void *p, size_t n)
{
    FCGX_Request *r = ctx;
    const char *at = p;
    while (n > 0) {
        int piece = n > (1 << 20) ? 1 << 20 : (int)n;
        if (FCGX_PutStr(at, piece, r->out) != piece)
            return -1;
        at += piece;
        n -= (size_t)piece;
    }
    return 0;
}

static void cut_off(void *ctx)
{
    FCGX_Request *r = ctx;
    (void)shutdown(r->ipcFd, SHUT_RDWR);
}

static void end_answer(void *ctx)
{
    FCGX_Request *r = ctx;
    (void)FCGX_FClose(r->err);
    (void)FCGX_FClose(r->out);
}

/* The stop signals are blocked but for ppoll: a request in work is never interrupted. */
static void prepare_signals(sigset_t *waiting)
{
    struct sigaction stop = { .sa_handler = on_stop }, ignore = { .sa_handler = SIG_IGN };
    sigset_t blocked;
    sigemptyset(&stop.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGXCPU, &stop, NULL);  /* sandbox.c */
    sigaction(SIGINT, &ignore, NULL); /* Ctrl-C reaches the supervisor, which tells us */
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    sigemptyset(waiting);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* The next connection; -1 when told to stop. Several workers wait: one wins, the others get EAGAIN.
 */
static int next_connection(int listen_fd, const sigset_t *waiting)
{
    while (!stopping) {
        struct pollfd p = { .fd = listen_fd, .events = POLLIN };
        if (ppoll(&p, 1, NULL, waiting) < 0)
            continue;
        int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            return fd;
        if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
            log_error("event=accept error=\"%s\"", strerror(errno));
            usleep(100000);
        }
    }
    return -1;
}

static void limit_peer(int fd)
{
    struct timeval t = { .tv_sec = PEER_TIMEOUT_S };
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

/*
 * A request that computes without end (a document made for that) ends with its worker: SIGPROF is
 * not caught. 0 disarms. Only computing counts, so a slow sender or database is no reason.
 */
static void limit_cpu(unsigned seconds)
{
    struct itimerval t = { .it_value = { .tv_sec = seconds } };
    (void)setitimer(ITIMER_PROF, &t, NULL);
}

/*
 * libfcgi would accept by itself, but could then not be woken by a signal without a race. So it is
 * given a connection as if it were one that is being kept: it reads the request from there.
 * Afterwards the connection is closed whatever the proxy wished: a kept one would starve all other
 * clients of a single-threaded worker (facts: FastCGI keep-alive).
 */
static bool serve_connection(FCGX_Request *r, struct dispatcher *d, int fd, unsigned cpu_s)
{
    struct transport t = { r, get_variable, read_body, write_answer, cut_off, end_answer };
    bool good = true;
    limit_peer(fd);
    r->ipcFd = fd;
    r->keepConnection = 1;
    limit_cpu(cpu_s);
    if (FCGX_Accept_r(r) == 0)
        good = dispatch_run(d, &t);
    limit_cpu(0);
    r->keepConnection = 0;
    FCGX_Finish_r(r);
    return good;
}

static int serve_requests(const struct serve_params *p, int listen_fd, const sigset_t *waiting)
{
    FCGX_Request r;
    struct dispatcher *d = dispatch_new(p->app);
    uint64_t recycle = p->recycle ? p->recycle : RECYCLE;
    int rc = WORKER_DONE;
    /* Not all at once: workers that were started together are spread over a quarter. */
    recycle += random_below(recycle / 4 + 1);
    if (FCGX_Init() != 0 || FCGX_InitRequest(&r, -1, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
        dispatch_free(d);
        return WORKER_FAILED;
    }
    for (uint64_t n = 0; n < recycle && rc == WORKER_DONE; n++) {
        int fd = next_connection(listen_fd, waiting);
        if (fd < 0)
            break;
        if (!serve_connection(&r, d, fd, p->cpu_s ? p->cpu_s : CPU_S))
            rc = WORKER_WORN;
        if (n + 1 == recycle)
            rc = WORKER_WORN;
    }
    FCGX_Free(&r, 1);
    dispatch_free(d);
    return rc;
}

int serve_worker_run(const struct serve_params *p, int listen_fd)
{
    sigset_t waiting;
    enum err e = E_OK;
    prepare_signals(&waiting);
    if (p->worker_init)
        e = p->worker_init(p->arg);
    if (e == E_OK && p->sandbox)
        e = sandbox_enter(p->sandbox);
    if (e != E_OK) {
        log_fault("worker-init");
        return WORKER_FAILED;
    }
    int rc = serve_requests(p, listen_fd, &waiting);
    if (p->worker_end)
        p->worker_end(p->arg);
    return rc;
}
