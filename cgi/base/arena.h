/*
 * arena.h - memory with the life of one request or job.
 *
 * Allocation does not fail visibly: when the limit is reached, or the machine has no memory, the
 * arena's on_full hook is called and must not return (http/ jumps back to its dispatcher and
 * answers 503; without a hook the process aborts). Not for secrets: see secret.h.
 */
#pragma once

#include "base/err.h"

struct arena;

/* Make an arena that will hold at most `limit` bytes in all. Aborts when out of memory. */
struct arena *arena_new(size_t limit);

/* Release everything. NULL is fine. */
void arena_free(struct arena *a);

/* Forget everything allocated, keep one block for the next request. Contents are overwritten. */
void arena_reset(struct arena *a);

/* Call `hook(arg)` instead of aborting when the limit is reached. The hook must not return. */
void arena_on_full(struct arena *a, void (*hook)(void *arg), void *arg);

/* `n` zeroed bytes, aligned for any type; never NULL (n = 0 gives a unique pointer). */
void *arena_alloc(struct arena *a, size_t n) __attribute__((returns_nonnull));

/* The same for an array; an overflow of n * size counts as full. */
void *arena_array(struct arena *a, size_t n, size_t size) __attribute__((returns_nonnull));

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))
