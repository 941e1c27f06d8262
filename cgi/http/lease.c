/* lease.c - see lease.h */
#include "http/lease.h"

#include "base/crypto.h"

#include <stdlib.h>

#define SLOTS 256 /* of a hashed table; a collision costs the loser its unspent lease */

struct lease {
    struct bytes32 key;
    struct timestamp window;
    uint32_t left;
};

struct leases {
    struct lease slots[SLOTS];
};

struct leases *lease_table_new(void)
{
    struct leases *t = calloc(1, sizeof(*t));
    if (t == NULL)
        abort();
    return t;
}

void lease_table_free(struct leases *t)
{
    free(t);
}

uint32_t lease_size(const struct rate *rate)
{
    return rate->limit < 200 ? 1 : rate->limit / 100;
}

/* The slot and the whole hash of name, scope and subject. */
static struct lease *find(struct leases *t, const struct rate_key *key, struct bytes32 *hash)
{
    uint8_t out[64], scope = (uint8_t)key->scope;
    struct digest *d = digest_new(DIGEST_SHA256);
    digest_add(d, key->name, strlen(key->name) + 1);
    digest_add(d, &scope, 1);
    digest_add(d, key->subject.p, key->subject.n);
    (void)digest_end(d, out);
    memcpy(hash->b, out, sizeof(hash->b));
    return &t->slots[hash->b[0] % SLOTS];
}

bool lease_spend(struct leases *t, const struct rate_key *key)
{
    struct bytes32 hash;
    struct lease *l = find(t, key, &hash);
    if (l->left == 0 || l->window.us != key->window.us || !bytes32_eq(&l->key, &hash))
        return false;
    l->left--;
    return true;
}

void lease_keep(struct leases *t, const struct rate_key *key, uint32_t left)
{
    struct bytes32 hash;
    struct lease *l = find(t, key, &hash);
    *l = (struct lease){ hash, key->window, left };
}
