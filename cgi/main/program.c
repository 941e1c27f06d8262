/* program.c - see program.h */
#include "main/program.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_PASSED_FD 3
#define WHOLE_MAX (UINT64_C(110) << 20) /* what nginx admits where a file is held whole */

static enum log_level level_of(struct str name)
{
    static const char *const names[] = { "error", "warning", "info", "debug" };
    for (int i = 0; i < 4; i++)
        if (str_eq_z(name, names[i]))
            return (enum log_level)i;
    return LOG_LEVEL_INFO;
}

struct settings *program_begin(const char *name, int argc, char **argv)
{
    struct settings *c = NULL;
    enum err e;

    log_open(name, LOG_LEVEL_INFO);
    secret_harden_process();
    if (argc != 3 || strcmp(argv[1], "--config") != 0) {
        (void)fprintf(stderr, "usage: %s --config FILE\n", name);
        exit(err_exit_code(E_INPUT));
    }
    e = settings_load(argv[2], &c);
    if (e != E_OK) {
        log_fault("the settings cannot be read");
        exit(err_exit_code(e));
    }
    log_open(name, level_of(settings_str(c, "log.level")));
    return c;
}

struct str program_socket(const struct settings *c, struct arena *a, const char *name)
{
    struct str path = settings_str(c, "listen");
    if (!str_empty(path))
        return str_dup(a, path);
    return str_fmt(a, "%.*s/%s.sock", STR_ARG(settings_str(c, "run_dir")), name);
}

static bool passed_socket(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    uint64_t v = 0;
    if (pid == NULL || fds == NULL || strcmp(fds, "1") != 0)
        return false;
    return str_to_u64(str_z(pid), INT32_MAX, &v) == E_OK && v == (uint64_t)getpid();
}

static enum err bind_socket(struct str path, int *out)
{
    struct sockaddr_un sa = { .sun_family = AF_UNIX };
    int fd;

    if (path.n >= sizeof sa.sun_path)
        return FAIL(E_INPUT, "", "socket path too long: %s", path.p);
    memcpy(sa.sun_path, path.p, path.n);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return FAIL(E_BACKEND, "", "socket: errno %d", errno);
    (void)unlink(path.p);
    mode_t mask = umask(0117);
    bool good =
        bind(fd, (const struct sockaddr *)&sa, sizeof sa) == 0 && listen(fd, SOMAXCONN) == 0;
    (void)umask(mask);
    if (!good) {
        enum err e = FAIL(E_BACKEND, "", "%s: errno %d", path.p, errno);
        (void)close(fd);
        return e;
    }
    *out = fd;
    return E_OK;
}

enum err program_listen(const struct settings *c, const char *name, int *fd)
{
    struct arena *a;
    enum err e;

    if (passed_socket()) {
        *fd = FIRST_PASSED_FD;
        return E_OK;
    }
    a = arena_new(64 * 1024);
    e = bind_socket(program_socket(c, a, name), fd);
    arena_free(a);
    return e;
}

const char *program_origin(const struct settings *c, struct arena *a, const char *key)
{
    struct str url = settings_str(c, key);
    size_t scheme = str_find(url, ':', 0);
    size_t end = scheme == SIZE_MAX ? SIZE_MAX : str_find(url, '/', scheme + 3);
    return str_sub(a, url, 0, end == SIZE_MAX ? url.n : end).p;
}

struct str program_url(const struct settings *c, struct arena *a, const char *key)
{
    struct str url = settings_str(c, key);

    if (str_empty(url) || url.p[url.n - 1] == '/')
        return str_dup(a, url);
    return str_fmt(a, "%.*s/", STR_ARG(url));
}

size_t program_arena_limit(const struct settings *c)
{
    uint64_t most = settings_u64(c, "upload.max_bytes");
    return 4 * (size_t)(most < WHOLE_MAX ? most : WHOLE_MAX) + (64u << 20);
}
