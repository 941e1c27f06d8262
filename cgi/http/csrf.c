/* csrf.c - see csrf.h */
#include "http/csrf.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/random.h"

#define MASK 32

static struct bytes32 make_mac(struct arena *a, const struct secret *key, struct bytes binding)
{
    static const char label[] = "shomei csrf v1";
    uint8_t *p = arena_alloc(a, sizeof(label) + binding.n);
    memcpy(p, label, sizeof(label));
    if (binding.n)
        memcpy(p + sizeof(label), binding.p, binding.n);
    return hmac_sha256(secret_bytes(key), (struct bytes){ p, sizeof(label) + binding.n });
}

struct str csrf_token(struct arena *a, const struct secret *key, struct bytes binding)
{
    struct bytes32 mac = make_mac(a, key, binding);
    uint8_t out[2 * MASK];
    random_bytes(out, MASK);
    for (size_t i = 0; i < MASK; i++)
        out[MASK + i] = out[i] ^ mac.b[i];
    return base64url_encode(a, (struct bytes){ out, sizeof(out) });
}

bool csrf_check(struct arena *a, const struct secret *key, struct bytes binding, struct str token)
{
    struct bytes sent;
    struct bytes32 mac = make_mac(a, key, binding), unmasked;
    if (token.n > 100 || base64url_decode(a, token, &sent) != E_OK || sent.n != 2 * MASK)
        return false;
    for (size_t i = 0; i < MASK; i++)
        unmasked.b[i] = sent.p[i] ^ sent.p[MASK + i];
    return bytes32_eq(&mac, &unmasked);
}

bool csrf_origin_ours(struct str sec_fetch_site, struct str origin, struct str own)
{
    if (!str_empty(sec_fetch_site) && !str_eq_z(sec_fetch_site, "same-origin") &&
        !str_eq_z(sec_fetch_site, "none"))
        return false;
    return str_empty(origin) || str_eq(origin, own);
}
