/* signing_client_work.c - an API client's own limits, agreed in its contract. */
#include "features/signing/signing_inside_work.h"

#include "store/rate.h"

#define LEASES                                                                                     \
    100 /* a worker takes a hundredth of a generous limit at once, and spends it by itself */
#define GENEROUS 200

/* What this worker may still spend without asking, for the client that came last. */
static struct {
    struct client_id client;
    struct timestamp window;
    uint64_t left;
} lease;

/* Sliding minute: the count of this one, and of the last as far as it still lies in it. */
static enum err count(struct signing_inside *in, struct arena *a, const struct signing_client *c,
                      struct timestamp now, uint32_t *retry_s)
{
    int64_t into = now.us % MINUTE_US;
    struct timestamp window = timestamp_add(now, -into);
    struct str key = str_fmt(a, "signing:client:%llu", (unsigned long long)c->id.v);
    uint32_t take = c->per_minute >= GENEROUS ? c->per_minute / LEASES : 1;
    uint64_t current, previous;

    if (lease.client.v == c->id.v && lease.window.us == window.us && lease.left > 0) {
        lease.left--;
        return E_OK;
    }
    TRY(rate_add(in->side, a, key, window, MINUTE_US, take, &current, &previous));
    if (current + previous * (uint64_t)(MINUTE_US - into) / MINUTE_US <= c->per_minute) {
        lease.client = c->id;
        lease.window = window;
        lease.left = take - 1;
        return E_OK;
    }
    *retry_s = (uint32_t)((MINUTE_US - into) / SECOND_US) + 1;
    return FAIL(E_LIMIT, "rate-limit", "over %u a minute", c->per_minute);
}

enum err signing_client_admit(struct tx *tx, struct client_id id, uint64_t size,
                              struct timestamp now, uint32_t *retry_s)
{
    struct signing_client client;
    struct signing_inside *in;
    struct arena *a;
    enum err e;

    *retry_s = 0;
    TRY(signing_inside_get(&in));
    TRY(signing_client_get(tx, id, &client));
    if (size > client.max_bytes || size > in->upload_max)
        return FAIL(E_LIMIT, "document-too-large", "%llu bytes", (unsigned long long)size);
    a = arena_new(64 * 1024);
    e = count(in, a, &client, now, retry_s);
    arena_free(a);
    return e;
}
