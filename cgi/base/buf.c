/* buf.c - see buf.h */
#include "base/buf.h"

#include "base/secret.h"

#include <stdarg.h>
#include <stdlib.h>

struct buf buf_init(size_t max)
{
    return (struct buf){ .max = max };
}

void buf_free(struct buf *b)
{
    if (b->p) {
        secret_wipe(b->p, b->n);
        free(b->p);
    }
    *b = buf_init(b->max);
}

void buf_reset(struct buf *b)
{
    if (b->p)
        secret_wipe(b->p, b->n);
    b->n = 0;
    b->failed = false;
}

static void fail(struct buf *b)
{
    buf_free(b);
    b->failed = true;
}

/* Make room for n more bytes and a NUL. */
static bool reserve(struct buf *b, size_t n)
{
    if (b->failed)
        return false;
    if (n > b->max || b->n > b->max - n) {
        fail(b);
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap * 2 : 256;
    while (cap < need)
        cap *= 2;
    if (cap > b->max + 1)
        cap = b->max + 1;
    /* not realloc: what it leaves behind could not be wiped */
    uint8_t *p = malloc(cap);
    if (!p) {
        fail(b);
        return false;
    }
    if (b->n > 0)
        memcpy(p, b->p, b->n);
    if (b->p) {
        secret_wipe(b->p, b->n);
        free(b->p);
    }
    b->p = p;
    b->cap = cap;
    return true;
}

uint8_t *buf_extend(struct buf *b, size_t n)
{
    if (!reserve(b, n))
        return NULL;
    uint8_t *at = b->p + b->n;
    b->n += n;
    b->p[b->n] = 0;
    return at;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    uint8_t *at = buf_extend(b, n);

    if (at && n > 0)
        memcpy(at, p, n);
}

void buf_add_str(struct buf *b, struct str s)
{
    buf_add(b, s.p, s.n);
}

void buf_add_z(struct buf *b, const char *z)
{
    buf_add(b, z, strlen(z));
}

void buf_add_bytes(struct buf *b, struct bytes s)
{
    buf_add(b, s.p, s.n);
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_fmt(struct buf *b, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (n < 0)
        abort(); /* a bad format is our own mistake */
    uint8_t *at = buf_extend(b, (size_t)n);
    if (!at)
        return;
    va_start(ap, format);
    (void)vsnprintf((char *)at, (size_t)n + 1, format, ap);
    va_end(ap);
}

void buf_cut(struct buf *b, size_t n)
{
    if (n >= b->n)
        return;
    secret_wipe(b->p + n, b->n - n);
    b->n = n;
    b->p[n] = 0;
}

bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

struct str buf_str(const struct buf *b)
{
    if (b->failed)
        return STR_ABSENT;
    return b->p ? (struct str){ (const char *)b->p, b->n } : STR("");
}

struct bytes buf_bytes(const struct buf *b)
{
    static const uint8_t nothing[1];

    if (b->failed)
        return BYTES_ABSENT;
    return (struct bytes){ b->p ? b->p : nothing, b->n };
}

enum err buf_to_str(const struct buf *b, struct arena *a, struct str *out)
{
    if (b->failed)
        return FAIL(E_LIMIT, "", "buffer of %zu bytes is full", b->max);
    *out = str_of(a, (const char *)b->p, b->n);
    return E_OK;
}

enum err buf_to_bytes(const struct buf *b, struct arena *a, struct bytes *out)
{
    if (b->failed)
        return FAIL(E_LIMIT, "", "buffer of %zu bytes is full", b->max);
    *out = bytes_dup(a, buf_bytes(b));
    return E_OK;
}
