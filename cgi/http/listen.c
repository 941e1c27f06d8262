/* listen.c - see listen.h */
#include "http/listen.h"

#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define INHERITED 3 /* SD_LISTEN_FDS_START */
#define BACKLOG 1024
#define OWNED "SHOMEI_LISTEN_PATH" /* set for our own next image: unlink this at the end */

static enum err set_flags(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return FAIL(E_INTERNAL, "", "listening socket: %s", strerror(errno));
    return E_OK;
}

static bool inherited(void)
{
    const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
    uint64_t n = 0, p = 0;
    return fds && pid && str_to_u64(str_z(fds), 1, &n) == E_OK && n == 1 &&
           str_to_u64(str_z(pid), INT64_MAX, &p) == E_OK && p == (uint64_t)getpid();
}

/* Whether somebody answers at the path: then it is not ours to replace. */
static bool alive(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
    if (fd >= 0)
        close(fd);
    return yes;
}

static enum err bind_path(const char *path, int *out)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    if (n >= sizeof(address.sun_path))
        return FAIL(E_INTERNAL, "", "socket path of %zu bytes is too long: %s", n, path);
    memcpy(address.sun_path, path, n + 1);
    if (alive(&address))
        return FAIL(E_CONFLICT, "", "a server is listening at %s already", path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t old = umask(0117);
    bool good = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
                listen(fd, BACKLOG) == 0;
    int error = errno;
    umask(old);
    if (!good) {
        if (fd >= 0)
            close(fd);
        return FAIL(E_INTERNAL, "", "%s: %s", path, strerror(error));
    }
    *out = fd;
    return E_OK;
}

enum err listen_open(const char *path, struct listen_socket *out)
{
    int fd = -1;
    *out = (struct listen_socket){ .fd = -1 };
    if (inherited()) {
        fd = INHERITED;
        out->path = getenv(OWNED);
        fault_clear();
    } else if (path == NULL) {
        return FAIL(E_INTERNAL, "", "no socket: neither inherited nor a path");
    } else {
        TRY(bind_path(path, &fd));
        out->path = path;
    }
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    out->fd = fd;
    return set_flags(fd);
}

void listen_pass_on(const struct listen_socket *s)
{
    char pid[24];
    snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", pid, 1);
    if (s->path)
        setenv(OWNED, s->path, 1);
    if (s->fd != INHERITED)
        (void)dup2(s->fd, INHERITED); /* without close-on-exec */
    else
        (void)fcntl(s->fd, F_SETFD, 0);
}

void listen_close(struct listen_socket *s)
{
    if (s->fd >= 0)
        close(s->fd);
    if (s->path)
        unlink(s->path);
    s->fd = -1;
}
