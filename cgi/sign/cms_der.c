/* cms_der.c - see cms_der.h. */
#include "sign/cms_der.h"

#include <stdlib.h>

static size_t length_octets(size_t n)
{
    size_t k = 1;
    if (n < 0x80)
        return 1;
    for (; n; n >>= 8)
        k++;
    return k;
}

static uint8_t *put_length(uint8_t *p, size_t n)
{
    size_t k = length_octets(n) - 1;
    if (k == 0) {
        *p++ = (uint8_t)n;
        return p;
    }
    *p++ = (uint8_t)(0x80 | k);
    while (k-- > 0)
        *p++ = (uint8_t)(n >> (8 * k));
    return p;
}

struct bytes cms_der_wrap(struct arena *a, unsigned tag, const struct bytes *parts, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += parts[i].n;
    size_t whole = 1 + length_octets(sum) + sum;
    uint8_t *start = arena_alloc(a, whole), *p = start;
    *p++ = (uint8_t)tag;
    p = put_length(p, sum);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].n) {
            memcpy(p, parts[i].p, parts[i].n);
            p += parts[i].n;
        }
    }
    return (struct bytes){ start, whole };
}

/* X.690 11.6: by the octets, the shorter padded with zeros at the end. */
static int by_encoding(const void *left, const void *right)
{
    const struct bytes *l = left, *r = right;
    size_t n = l->n < r->n ? l->n : r->n;
    int c = n ? memcmp(l->p, r->p, n) : 0;
    if (c)
        return c;
    return l->n < r->n ? -1 : l->n > r->n;
}

struct bytes cms_der_set_of(struct arena *a, unsigned tag, struct bytes *parts, size_t n)
{
    if (n > 1)
        qsort(parts, n, sizeof *parts, by_encoding);
    return cms_der_wrap(a, tag, parts, n);
}

struct bytes cms_der_integer(struct arena *a, uint64_t v)
{
    uint8_t b[9];
    size_t at = sizeof b;
    do {
        b[--at] = (uint8_t)v;
        v >>= 8;
    } while (v);
    if (b[at] & 0x80)
        b[--at] = 0;
    return CMS_DER(a, DER_INTEGER, { b + at, sizeof b - at });
}
