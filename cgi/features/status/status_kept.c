/* status_kept.c - see status_kept.h */
#include "features/status/status_kept.h"

#include "base/random.h"

#include <stdlib.h>

enum { PLACES = 2048, REQUEST_MAX = 256 };

struct place {
    uint8_t *octets; /* request, then response; NULL: free */
    size_t request_n;
    struct status_ocsp answer;
    struct timestamp renew;
};

struct status_kept {
    uint64_t seed;
    struct place place[PLACES];
};

struct status_kept *status_kept_new(void)
{
    struct status_kept *k = calloc(1, sizeof *k);

    if (!k)
        abort();
    k->seed = random_u64();
    return k;
}

void status_kept_clear(struct status_kept *k)
{
    for (size_t i = 0; i < PLACES; i++) {
        free(k->place[i].octets);
        k->place[i] = (struct place){ .octets = NULL };
    }
}

void status_kept_free(struct status_kept *k)
{
    if (!k)
        return;
    status_kept_clear(k);
    free(k);
}

/* FNV-1a with a secret start: which requests share a place cannot be planned. */
static size_t place_of(const struct status_kept *k, struct bytes request)
{
    uint64_t h = k->seed ^ UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < request.n; i++)
        h = (h ^ request.p[i]) * UINT64_C(0x100000001b3);
    return (size_t)((h ^ h >> 32) % PLACES);
}

const struct status_ocsp *status_kept_find(const struct status_kept *k, struct bytes request,
                                           struct timestamp now)
{
    const struct place *p = &k->place[place_of(k, request)];

    if (!p->octets || !bytes_eq((struct bytes){ p->octets, p->request_n }, request))
        return NULL;
    return timestamp_cmp(now, p->renew) < 0 ? &p->answer : NULL;
}

void status_kept_add(struct status_kept *k, struct bytes request, const struct status_ocsp *answer,
                     struct timestamp renew)
{
    struct place *p = &k->place[place_of(k, request)];
    size_t n = request.n + answer->response.n;
    uint8_t *octets = request.n <= REQUEST_MAX ? malloc(n) : NULL;

    if (!octets)
        return;
    memcpy(octets, request.p, request.n);
    memcpy(octets + request.n, answer->response.p, answer->response.n);
    free(p->octets);
    *p = (struct place){ octets, request.n, *answer, renew };
    p->answer.response = (struct bytes){ octets + request.n, answer->response.n };
}
