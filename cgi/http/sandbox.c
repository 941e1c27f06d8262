/* sandbox.c - see sandbox.h */
#include "http/sandbox.h"

#include "base/log.h"
#include "config.h"
#include "http/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY_MAX (UINT64_C(2) << 30)
#define CPU_SECONDS 3600
#define CPU_GRACE_S 60

/*
 * Access rights by Landlock ABI (Documentation/userspace-api/landlock.rst); Debian 12's header
 * stops at ABI 2, so the numbers of the later ones stand here.
 */
#define FS_ABI1 ((UINT64_C(1) << 13) - 1)
#define FS_REFER (UINT64_C(1) << 13)     /* ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)  /* ABI 3 */
#define NET_TCP UINT64_C(3)              /* ABI 4: bind and connect */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)  /* ABI 6; abstract unix sockets too: bit 0 */

#define READ_FILE (LANDLOCK_ACCESS_FS_READ_FILE)
#define READ_DIR (LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE_FILE (LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define WRITE_DIR                                                                                  \
    (LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |  \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK)

/* As the kernel knows them; the header's struct may lack the last two. */
struct ruleset {
    uint64_t fs, net, scoped;
};

/* What libraries open when first used: shared objects, locales, time zones, OpenSSL's settings. */
static const char *const system_read[] = { "/usr",
                                           "/lib",
                                           "/lib64",
                                           "/etc/ssl",
                                           "/etc/localtime",
                                           "/etc/ld.so.cache",
                                           "/etc/nsswitch.conf",
                                           "/etc/passwd",
                                           "/etc/group",
                                           "/etc/pkcs11",
                                           "/etc/softhsm",
                                           "/dev/urandom",
                                           "/dev/random",
                                           "/dev/null",
                                           "/proc/self",
                                           "/proc/meminfo",
                                           "/sys/devices/system/cpu",
                                           NULL };

static enum err allow_path(int ruleset, uint64_t handled, const char *path, bool write)
{
    struct landlock_path_beneath_attr rule = { 0 };
    struct stat st;
    enum err rc = E_OK;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return E_OK; /* not on this machine */
    if (fstat(fd, &st) != 0)
        st.st_mode = 0;
    rule.parent_fd = fd;
    rule.allowed_access = READ_FILE | (write ? WRITE_FILE : 0);
    if (S_ISDIR(st.st_mode))
        rule.allowed_access |= READ_DIR | (write ? WRITE_DIR : 0);
    rule.allowed_access &= handled;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        rc = FAIL(E_INTERNAL, "", "landlock_add_rule %s: %s", path, strerror(errno));
    close(fd);
    return rc;
}

static enum err allow_paths(int ruleset, uint64_t handled, const char *const *paths, bool write)
{
    for (; paths && *paths; paths++) {
        enum err e = allow_path(ruleset, handled, *paths, write);
        if (e != E_OK)
            return e;
    }
    return E_OK;
}

static enum err enter_landlock(const struct sandbox *s)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) {
        log_warning("event=sandbox landlock=absent");
        return E_OK;
    }
    struct ruleset attr = { .fs = FS_ABI1 };
    size_t size = sizeof(attr.fs);
    if (abi >= 2)
        attr.fs |= FS_REFER;
    if (abi >= 3)
        attr.fs |= FS_TRUNCATE;
    if (abi >= 4 && !s->allow_inet) {
        attr.net = NET_TCP;
        size = 2 * sizeof(attr.fs);
    }
    if (abi >= 5)
        attr.fs |= FS_IOCTL_DEV;
    if (abi >= 6) {
        attr.scoped = SCOPE_SIGNAL;
        size = sizeof(attr);
    }
    long fd = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if (fd < 0)
        return FAIL(E_INTERNAL, "", "landlock_create_ruleset: %s", strerror(errno));
    enum err e = s->strict ? E_OK : allow_paths((int)fd, attr.fs, system_read, false);
    if (e == E_OK)
        e = allow_paths((int)fd, attr.fs, s->read, false);
    if (e == E_OK)
        e = allow_paths((int)fd, attr.fs, s->write, true);
    if (e == E_OK && syscall(SYS_landlock_restrict_self, (int)fd, 0) != 0)
        e = FAIL(E_INTERNAL, "", "landlock_restrict_self: %s", strerror(errno));
    close((int)fd);
    return e;
}

static enum err limit(__rlimit_resource_t what, uint64_t soft, uint64_t hard)
{
    struct rlimit old, l = { .rlim_cur = soft, .rlim_max = hard };
    if (getrlimit(what, &old) == 0) {
        l.rlim_max = hard < old.rlim_max ? hard : old.rlim_max;
        l.rlim_cur = soft < l.rlim_max ? soft : l.rlim_max;
    }
    if (setrlimit(what, &l) != 0)
        return FAIL(E_INTERNAL, "", "setrlimit: %s", strerror(errno));
    return E_OK;
}

static enum err set_limits(const struct sandbox *s)
{
    uint64_t memory = s->memory_max ? s->memory_max : MEMORY_MAX;
    uint64_t cpu = s->cpu_seconds ? s->cpu_seconds : CPU_SECONDS;
    enum err e = limit(RLIMIT_CORE, 0, 0);
#ifndef SHOMEI_SANITIZED /* AddressSanitizer reserves terabytes */
    if (e == E_OK)
        e = limit(RLIMIT_AS, memory, memory);
    /* At the soft limit SIGXCPU tells the worker to end after its request, at the hard one it dies.
     */
    if (e == E_OK)
        e = limit(RLIMIT_CPU, cpu, cpu + CPU_GRACE_S);
#else
    (void)memory;
    (void)cpu;
#endif
    return e;
}

enum err sandbox_enter(const struct sandbox *s)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return FAIL(E_INTERNAL, "", "no_new_privs: %s", strerror(errno));
    enum err e = set_limits(s);
    if (e == E_OK)
        e = enter_landlock(s);
    if (e == E_OK)
        e = sandbox_calls_enter(s);
    return e;
}
