/* rate.c - see rate.h. */
#include "store/rate.h"

#include "base/crypto.h"
#include "store/gen/core.q.h"

struct hit {
    struct bytes32 key;
    struct timestamp start, before, forget;
    uint32_t hits;
    struct q_rate_limit_count counts;
};

static enum err hit(struct tx *tx, void *arg)
{
    struct hit *h = arg;
    enum err err = q_rate_limit_hit(tx, h->key, h->start, h->forget, h->hits);
    if (err == E_OK)
        err = q_rate_limit_count(tx, h->key, h->start, h->before, &h->counts);
    return err;
}

enum err rate_count(struct db *db, struct arena *a, struct str key, struct timestamp window,
                    int64_t window_us, uint64_t *current, uint64_t *previous)
{
    return rate_add(db, a, key, window, window_us, 1, current, previous);
}

enum err rate_add(struct db *db, struct arena *a, struct str key, struct timestamp window,
                  int64_t window_us, uint32_t hits, uint64_t *current, uint64_t *previous)
{
    struct hit h = {
        .key = sha256(bytes_of_str(key)),
        .start = window,
        .hits = hits,
        .before = timestamp_add(window, -window_us),
        .forget = timestamp_add(window, 2 * window_us), /* it is the previous one until then */
    };
    enum err err = tx_run(db, a, hit, &h);
    if (err != E_OK)
        return err;
    *current = h.counts.current;
    *previous = h.counts.previous;
    return E_OK;
}

enum err rate_purge(struct tx *tx)
{
    uint64_t n;
    return q_rate_limit_purge(tx, clock_now(), &n);
}
