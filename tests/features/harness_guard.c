/* harness_guard.c - see harness_guard.h. */
#include "harness_guard.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the guard is told at each change. */
struct notice {
    pid_t server, node;
    bool over;
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

void harness_guard_remove(const char *dir)
{
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void harness_guard_tell(int guard, pid_t server, pid_t node, bool over)
{
    const struct notice n = { server, node, over };
    (void)!write(guard, &n, sizeof n);
}

static void end_server(pid_t pid)
{
    if (pid <= 0)
        return;
    (void)kill(pid, SIGKILL);
    for (int i = 0; i < 500 && kill(pid, 0) == 0; i++)
        usleep(10000);
}

/* The pipe ends when the test does, whichever way; unless children that it forked hold it open. */
static void watch(int from, pid_t test, const char *dir)
{
    struct pollfd p = { .fd = from, .events = POLLIN };
    struct notice n = { 0, 0, false }, next;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)setsid();
    for (int i = 0; i < 3; i++)
        (void)dup2(null, i);
    while (!n.over) {
        if (poll(&p, 1, 300) <= 0) {
            if (kill(test, 0) != 0)
                break;
            continue;
        }
        if (read(from, &next, sizeof next) != sizeof next)
            break;
        n = next;
    }
    if (n.over)
        _exit(0);
    end_server(n.server);
    end_server(n.node);
    harness_guard_remove(dir);
    _exit(0);
}

int harness_guard_start(pid_t test, const char *dir)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) { /* forked twice: not a child that the test's own wait() would meet */
        (void)close(ends[1]);
        if (fork() == 0)
            watch(ends[0], test, dir);
        _exit(0);
    }
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    (void)close(ends[0]);
    return ends[1];
}
