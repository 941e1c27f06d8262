/*
 * secret.h - keys, PINs, passwords and tokens: locked memory, wiped on release, never in an arena,
 * never in a log or a core file.
 */
#pragma once

#include "base/str.h"

/* Opaque: n bytes in mlock'ed memory that is excluded from core dumps. */
struct secret;

/*
 * n zero bytes. Aborts when locked memory is exhausted. Locks do not survive fork(2): make secrets
 * in the process that uses them. secret_free wipes; NULL is fine.
 */
struct secret *secret_new(size_t n);
void secret_free(struct secret *s);
/* Copy of p..p+n; the caller still wipes its own copy (secret_wipe). */
struct secret *secret_from(const void *p, size_t n);
/* n random bytes from the operating system. */
struct secret *secret_random(size_t n);

uint8_t *secret_data(struct secret *s);
struct bytes secret_bytes(const struct secret *s);
size_t secret_size(const struct secret *s);

/* Overwrite memory in a way the compiler may not remove. */
void secret_wipe(void *p, size_t n);

/* Per-process hardening: no core dumps, not dumpable (prctl), so no ptrace by the same user. */
void secret_harden_process(void);
