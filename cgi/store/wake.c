/* wake.c - see wake.h. */
#include "store/wake.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int bell = -1;
static struct sockaddr_un where[WAKE_BELLS];
static size_t bells;

static enum err address_of(const char *path, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){ .sun_family = AF_UNIX };
    size_t n = strlen(path);
    if (n >= sizeof out->sun_path)
        return FAIL(E_INPUT, "", "too long for a socket: %s", path);
    memcpy(out->sun_path, path, n + 1);
    return E_OK;
}

static enum err datagram_socket(int *fd)
{
    *fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return *fd >= 0 ? E_OK : FAIL(E_BACKEND, "", "socket: %s", strerror(errno));
}

enum err wake_open(const char *path)
{
    struct sockaddr_un a;
    enum err err = address_of(path, &a);
    if (err == E_OK && bell < 0)
        err = datagram_socket(&bell);
    for (size_t i = 0; err == E_OK && i < bells; i++)
        if (strcmp(where[i].sun_path, a.sun_path) == 0)
            return E_OK;
    if (err == E_OK)
        where[bells < WAKE_BELLS ? bells++ : WAKE_BELLS - 1] = a;
    return err;
}

enum err wake_open_all(const char *run_dir)
{
    static const char *const programs[WAKE_BELLS] = { "worker", "signer" };
    enum err err = E_OK;

    for (size_t i = 0; err == E_OK && i < WAKE_BELLS; i++) {
        char path[256];
        int n = snprintf(path, sizeof path, "%s/%s.wake", run_dir, programs[i]);
        err = n > 0 && (size_t)n < sizeof path
                  ? wake_open(path)
                  : FAIL(E_INPUT, "", "too long for a socket: %s", run_dir);
    }
    return err;
}

void wake_ring(void)
{
    int saved = errno; /* also called from signal handlers */
    for (size_t i = 0; i < bells; i++)
        (void)!sendto(bell, "!", 1, MSG_NOSIGNAL, (const struct sockaddr *)&where[i],
                      sizeof where[i]);
    errno = saved;
}

enum err wake_listen(const char *path, int *fd)
{
    struct sockaddr_un a;
    *fd = -1;
    enum err err = address_of(path, &a);
    if (err == E_OK)
        err = datagram_socket(fd);
    if (err != E_OK)
        return err;
    (void)unlink(path);
    if (bind(*fd, (const struct sockaddr *)&a, sizeof a) != 0 || chmod(path, 0660) != 0) {
        err = FAIL(E_BACKEND, "", "%s: %s", path, strerror(errno));
        (void)close(*fd);
        *fd = -1;
    }
    return err;
}

void wake_wait(int fd, int64_t us)
{
    char rings[64];
    struct pollfd p = { .fd = fd, .events = POLLIN };
    if (us < 0)
        us = 0;
    if (poll(&p, 1, (int)(us / 1000)) > 0)
        while (recv(fd, rings, sizeof rings, 0) > 0)
            ;
}
