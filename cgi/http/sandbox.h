/*
 * sandbox.h - how a process locks itself in: no new privileges, Landlock, seccomp, limits
 * (facts/feasibility.md section 7). Call it when everything that it needs is open.
 */
#pragma once

#include "base/err.h"

struct sandbox {
    const char *const *read;  /* NULL-terminated files and directories; a missing one is skipped */
    const char *const *write; /* the same, read and write */
    uint64_t memory_max;      /* RLIMIT_AS in bytes, 0: 2 GB; not applied in sanitizer builds */
    uint64_t cpu_seconds;     /* RLIMIT_CPU for the life of the process, 0: 3600 */
    bool allow_inet;          /* gateway: outgoing inet sockets */
    bool allow_threads;       /* a PKCS#11 module that makes threads */
    bool strict;              /* renderer: `read` alone, no system files; few calls, no sockets */
};

/*
 * Apply to this process, for good. E_INTERNAL when the kernel refuses; Landlock missing from the
 * kernel is logged and left out, seccomp missing is an error. System files that libraries open late
 * (locale, OpenSSL configuration, /dev/urandom, /proc/self) are readable always.
 */
enum err sandbox_enter(const struct sandbox *s) MUST_CHECK;
