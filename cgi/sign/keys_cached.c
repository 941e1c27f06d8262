/* keys_cached.c - bounded cache of unwrapped keys without a PIN: the unwrap costs more than most
 * signatures (facts: 0.6-2.3 ms). Least recently used goes first; keys in use stay. */
#include "base/crypto.h"
#include "sign/keys_internal.h"

#include <stdlib.h>

#define DEFAULT_MAX 64
#define DEFAULT_AGE (10 * MINUTE_US)

struct entry {
    struct bytes32 name; /* SHA-256 of the wrapped key, which names its wrapping key */
    struct signing_key *key;
    unsigned in_use;
    int64_t born, used; /* monotonic */
};

struct keys_cached {
    size_t max, n, cap;
    int64_t max_age_us;
    struct entry *entries;
};

static struct keys_cached *cache_of(struct hsm *h)
{
    if (!h->cached) {
        h->cached = calloc(1, sizeof(*h->cached));
        if (!h->cached)
            abort();
        h->cached->max = DEFAULT_MAX;
        h->cached->max_age_us = DEFAULT_AGE;
    }
    return h->cached;
}

static void drop(struct keys_cached *c, size_t i)
{
    struct signing_key *k = c->entries[i].key;

    c->entries[i] = c->entries[--c->n];
    keys_kill(k);
    keys_release(k);
}

/* Drop what is too old, then the least recently used until at most `keep` remain. */
static void shrink(struct keys_cached *c, size_t keep, int64_t now)
{
    size_t i, oldest;

    for (i = c->n; i-- > 0;) {
        if (c->entries[i].in_use == 0 && now - c->entries[i].born >= c->max_age_us)
            drop(c, i);
    }
    while (c->n > keep) {
        oldest = SIZE_MAX;
        for (i = 0; i < c->n; i++) {
            if (c->entries[i].in_use == 0 &&
                (oldest == SIZE_MAX || c->entries[i].used < c->entries[oldest].used))
                oldest = i;
        }
        if (oldest == SIZE_MAX)
            return; /* all in use */
        drop(c, oldest);
    }
}

void keys_cached_limits(struct hsm *h, size_t max, int64_t max_age_us)
{
    struct keys_cached *c = cache_of(h);

    c->max = max;
    c->max_age_us = max_age_us;
    shrink(c, max, clock_monotonic_us());
}

void keys_cached_free(struct hsm *h)
{
    if (!h->cached)
        return;
    while (h->cached->n > 0)
        drop(h->cached, 0);
    free(h->cached->entries);
    free(h->cached);
    h->cached = NULL;
}

size_t keys_cached_count(const struct hsm *h)
{
    return h->cached ? h->cached->n : 0;
}

static void add(struct keys_cached *c, const struct bytes32 *name, struct signing_key *k,
                int64_t now)
{
    if (c->n == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 8;
        c->entries = realloc(c->entries, c->cap * sizeof(*c->entries));
        if (!c->entries)
            abort();
    }
    c->entries[c->n++] = (struct entry){ *name, k, 1, now, now };
    k->cached = true;
    keys_hold(k);
}

enum err keys_cached_unwrap(struct hsm *h, struct bytes wrapped, enum key_kind kind,
                            struct bytes spki, struct signing_key **out)
{
    struct keys_cached *c = cache_of(h);
    struct bytes32 name = sha256(wrapped);
    int64_t now = clock_monotonic_us();
    enum err err;
    size_t i;

    shrink(c, c->max, now);
    for (i = 0; i < c->n; i++) {
        struct entry *e = &c->entries[i];
        if (bytes32_eq(&e->name, &name) && e->key->kind == kind &&
            bytes_eq(keys_spki(e->key), spki)) {
            e->in_use++;
            e->used = now;
            keys_hold(e->key);
            *out = e->key;
            return E_OK;
        }
    }
    err = keys_unwrap(h, wrapped, kind, spki, out);
    if (err != E_OK || c->max == 0)
        return err;
    shrink(c, c->max - 1, now);
    if (c->n < c->max)
        add(c, &name, *out, now);
    return E_OK;
}

void keys_cached_return(struct signing_key *k)
{
    struct keys_cached *c = k->dead ? NULL : k->hsm->cached; /* dead: the handle may be closed */
    size_t i;

    for (i = 0; c && i < c->n; i++) {
        if (c->entries[i].key == k && c->entries[i].in_use > 0)
            c->entries[i].in_use--;
    }
    keys_release(k);
}
