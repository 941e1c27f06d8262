/* random.c - see random.h */
#include "base/random.h"

#include "base/encoding.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *p, size_t n)
{
    uint8_t *at = p;

    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0) {
            if (errno == EINTR)
                continue;
            abort(); /* without randomness nothing that we promise holds */
        }
        at += got;
        n -= (size_t)got;
    }
}

uint64_t random_u64(void)
{
    uint64_t v;

    random_bytes(&v, sizeof v);
    return v;
}

uint64_t random_below(uint64_t bound)
{
    if (bound == 0)
        abort();
    /* values above the last whole multiple of bound would favour small results */
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t v;
    do {
        v = random_u64();
    } while (v >= limit);
    return v % bound;
}

struct str random_token(struct arena *a, size_t n)
{
    uint8_t *raw = arena_alloc(a, n);

    random_bytes(raw, n);
    return base64url_encode(a, (struct bytes){ raw, n });
}
