/*
 * renderer.c - draws pages for the front programs. Listens on a unix socket; each request is
 * answered by a process of its own that is locked in before it opens the document and ends
 * afterwards, so that nothing of a hostile file survives. Knows no database, no network, no key.
 */
#include "main/program.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/sandbox.h"
#include "render/render.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN_MAX 32
#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

static volatile sig_atomic_t stopping;

struct child {
    pid_t pid; /* 0: free */
    int64_t deadline;
    bool killed;
};

struct renderer {
    const struct settings *settings;
    int listener;
    unsigned limit; /* children at once */
    int64_t time_us;
    struct child children[CHILDREN_MAX];
};

static void on_stop(int number)
{
    (void)number;
    stopping = 1;
}

/* SIGCHLD has to end the wait; nothing else is to be done here. */
static void on_child(int number)
{
    (void)number;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction sa = { .sa_handler = handler };
    (void)sigemptyset(&sa.sa_mask);
    (void)sigaction(number, &sa, NULL);
}

/* --- the child --- */

/* The head with its descriptor; *document stays -1 where none came. */
static enum err receive_head(int fd, struct render_client_request *rq, int *document)
{
    uint8_t head[RENDER_CLIENT_HEAD];
    struct iovec part = { head, sizeof head };
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr m = { .msg_iov = &part,
                        .msg_iovlen = 1,
                        .msg_control = control.room,
                        .msg_controllen = sizeof control.room };
    ssize_t n = recvmsg(fd, &m, MSG_WAITALL | MSG_CMSG_CLOEXEC);

    for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL; c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
            c->cmsg_len == CMSG_LEN(sizeof(int)))
            memcpy(document, CMSG_DATA(c), sizeof *document);
    if (n != (ssize_t)sizeof head)
        return FAIL(E_INPUT, "render-frame", "head of %zd bytes", n);
    return render_client_parse(head, rq);
}

/* The size must not change while poppler reads: sealed, or it is refused. */
static enum err check_document(const struct renderer *r, int fd)
{
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return FAIL(E_INPUT, "render-frame", "no document came along");
    if ((fcntl(fd, F_GET_SEALS) & SEALS) != SEALS)
        return FAIL(E_INPUT, "render-frame", "the document is not sealed");
    if ((uint64_t)st.st_size > settings_u64(r->settings, "render.bytes"))
        return FAIL(E_LIMIT, "render-too-large", "%lld bytes", (long long)st.st_size);
    return E_OK;
}

static enum err receive(const struct renderer *r, int fd, struct render_client_request *rq,
                        int *document, struct secret **password)
{
    enum err e = receive_head(fd, rq, document);

    if (e != E_OK)
        return e;
    if (rq->has_password) {
        *password = secret_new(rq->password);
        if (rq->password > 0 &&
            recv(fd, secret_data(*password), rq->password, MSG_WAITALL) != (ssize_t)rq->password)
            return FAIL(E_INPUT, "render-frame", "password cut off");
    }
    return rq->op == RENDER_CLIENT_PING ? E_OK : check_document(r, *document);
}

static enum err lock_in(const struct settings *c)
{
    static const char *const readable[] = {
        "/usr/share/fonts",      "/usr/local/share/fonts", "/etc/fonts", "/usr/share/fontconfig",
        "/var/cache/fontconfig", "/usr/share/poppler",     NULL
    };
    struct sandbox box = { .read = readable,
                           .strict = true,
                           .memory_max = settings_u64(c, "render.memory"),
                           .cpu_seconds = settings_u64(c, "render.seconds") };

    return settings_bool(c, "sandbox") ? sandbox_enter(&box) : E_OK;
}

static void send_all(int fd, const uint8_t *p, size_t n)
{
    while (n > 0) {
        ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return; /* the asker went away */
        p += k;
        n -= (size_t)k;
    }
}

static int serve(const struct renderer *r, int fd)
{
    uint8_t head[RENDER_CLIENT_ANSWER];
    struct render_client_request rq = { .op = RENDER_CLIENT_PING };
    struct buf out = buf_init(RENDER_CLIENT_PNG_MAX);
    struct secret *password = NULL;
    int document = -1;
    enum err e = receive(r, fd, &rq, &document, &password);

    if (e == E_OK)
        e = lock_in(r->settings);
    if (e == E_OK)
        e = render_answer(document, &rq, password, &out);
    if (e != E_OK)
        log_info("refused op=%d reason=%s detail=%s", (int)rq.op, fault_current()->reason,
                 fault_current()->detail);
    render_client_answer_head(e == E_OK ? "" : fault_current()->reason, (uint32_t)out.n, head);
    send_all(fd, head, sizeof head);
    if (e == E_OK)
        send_all(fd, out.p, out.n);
    secret_free(password);
    buf_free(&out);
    return 0;
}

/* Signals of the parent are not for the child; a slow asker does not hold it longer than a page. */
static void begin_child(const struct renderer *r, int fd)
{
    struct timeval limit = { .tv_sec = r->time_us / SECOND_US };

    handle(SIGTERM, SIG_DFL);
    handle(SIGINT, SIG_DFL);
    handle(SIGCHLD, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)close(r->listener);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/* --- the parent --- */

static struct child *free_slot(struct renderer *r)
{
    for (unsigned i = 0; i < r->limit; i++)
        if (r->children[i].pid == 0)
            return &r->children[i];
    return NULL;
}

static void reap(struct renderer *r)
{
    int status;
    pid_t gone;

    while ((gone = waitpid(-1, &status, WNOHANG)) > 0)
        for (unsigned i = 0; i < r->limit; i++)
            if (r->children[i].pid == gone) {
                if (status != 0)
                    log_warning("a page was given up status=%d overdue=%d", status,
                                r->children[i].killed);
                r->children[i] = (struct child){ 0 };
            }
}

/* Kill what is overdue; milliseconds until the next deadline. */
static int watch(struct renderer *r)
{
    int64_t now = clock_monotonic_us(), next = now + SECOND_US;

    for (unsigned i = 0; i < r->limit; i++) {
        struct child *c = &r->children[i];
        if (c->pid == 0 || c->killed)
            continue;
        if (c->deadline <= now) {
            c->killed = true;
            (void)kill(c->pid, SIGKILL);
        } else if (c->deadline < next) {
            next = c->deadline;
        }
    }
    return (int)((next - now) / 1000) + 1;
}

static void take(struct renderer *r, struct child *slot)
{
    int fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
    pid_t pid;

    if (fd < 0)
        return;
    pid = fork();
    if (pid == 0) {
        begin_child(r, fd);
        _exit(serve(r, fd));
    }
    if (pid < 0)
        log_error("fork failed errno=%d", errno);
    else
        *slot = (struct child){ .pid = pid, .deadline = clock_monotonic_us() + r->time_us };
    (void)close(fd);
}

/* A full house queues in the socket. SIGCHLD comes in only while waiting, so none is missed. */
static void supervise(struct renderer *r)
{
    sigset_t blocked, before;

    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGCHLD);
    (void)sigaddset(&blocked, SIGTERM);
    (void)sigaddset(&blocked, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &blocked, &before);
    while (!stopping) {
        reap(r);
        int ms = watch(r);
        struct child *slot = free_slot(r);
        struct pollfd p = { .fd = slot ? r->listener : -1, .events = POLLIN };
        struct timespec wait = { ms / 1000, (ms % 1000) * 1000000L };
        if (ppoll(&p, 1, &wait, &before) > 0 && slot) {
            (void)sigprocmask(SIG_SETMASK, &before, NULL);
            take(r, slot);
            (void)sigprocmask(SIG_BLOCK, &blocked, NULL);
        }
    }
    for (unsigned i = 0; i < r->limit; i++)
        if (r->children[i].pid > 0)
            (void)kill(r->children[i].pid, SIGKILL);
}

static unsigned children_of(const struct settings *c)
{
    uint64_t n = settings_u64(c, "render.children");
    return n < 1 ? 1 : n > CHILDREN_MAX ? CHILDREN_MAX : (unsigned)n;
}

/* As settings "render.socket", else where program_listen() puts it. */
int main(int argc, char **argv)
{
    struct settings *c = program_begin("renderer", argc, argv);
    struct renderer r = { .settings = c, .listener = -1, .limit = children_of(c) };
    enum err e = program_listen(c, "renderer", &r.listener);

    if (e != E_OK) {
        log_fault("cannot start");
        return err_exit_code(e);
    }
    r.time_us = (int64_t)settings_u64(c, "render.seconds") * SECOND_US;
    handle(SIGTERM, on_stop);
    handle(SIGINT, on_stop);
    handle(SIGCHLD, on_child);
    handle(SIGPIPE, SIG_IGN);
    render_warm();
    log_info("ready");
    supervise(&r);
    render_end();
    (void)close(r.listener);
    settings_free(c);
    return 0;
}
