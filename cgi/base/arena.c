/* arena.c - see arena.h */
#include "base/arena.h"

#include <stdlib.h>

#define BLOCK_SIZE (32u * 1024)
#define ALIGN _Alignof(max_align_t)

struct block {
    struct block *next;
    size_t size, used;
    max_align_t data[];
};

struct arena {
    struct block *blocks; /* newest first; the last one is kept by reset */
    size_t limit, used;
    void (*on_full)(void *arg);
    void *arg;
};

static _Noreturn void full(struct arena *a)
{
    if (a->on_full)
        a->on_full(a->arg);
    (void)fprintf(stderr, "arena: limit of %zu bytes reached\n", a->limit);
    abort();
}

static void wipe(struct block *b)
{
    memset(b->data, 0, b->used);
    /* the contents may hold personal data: the barrier keeps the compiler from dropping the memset
     */
    __asm__ volatile("" : : "r"(b->data) : "memory");
}

struct arena *arena_new(size_t limit)
{
    struct arena *a = calloc(1, sizeof *a);

    if (!a)
        abort();
    a->limit = limit;
    return a;
}

void arena_reset(struct arena *a)
{
    struct block *keep = NULL;

    while (a->blocks) {
        struct block *b = a->blocks;
        a->blocks = b->next;
        wipe(b);
        if (!keep && b->size == BLOCK_SIZE) {
            keep = b;
            continue;
        }
        free(b);
    }
    if (keep) {
        keep->next = NULL;
        keep->used = 0;
        a->blocks = keep;
    }
    a->used = 0;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free(a->blocks);
    free(a);
}

void arena_on_full(struct arena *a, void (*hook)(void *arg), void *arg)
{
    a->on_full = hook;
    a->arg = arg;
}

static struct block *block_new(struct arena *a, size_t n)
{
    size_t size = n > BLOCK_SIZE / 4 ? n : BLOCK_SIZE;
    struct block *b = calloc(1, sizeof *b + size);

    if (!b)
        full(a);
    b->size = size;
    /* a large block goes behind the current one, whose rest is still of use */
    if (size != BLOCK_SIZE && a->blocks) {
        b->next = a->blocks->next;
        a->blocks->next = b;
    } else {
        b->next = a->blocks;
        a->blocks = b;
    }
    return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
    struct block *b = a->blocks;

    if (n == 0)
        n = 1;
    if (n > a->limit || a->used > a->limit - n || n > SIZE_MAX - ALIGN)
        full(a);
    n = (n + ALIGN - 1) / ALIGN * ALIGN;
    if (!b || b->size - b->used < n)
        b = block_new(a, n);
    void *p = (unsigned char *)b->data + b->used;
    b->used += n;
    a->used += n;
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / size)
        full(a);
    return arena_alloc(a, n * size);
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
