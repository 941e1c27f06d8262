/* box.c - see box.h */
#include "pki/box.h"

#include "base/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

static EVP_PKEY *private_of(const struct secret *s)
{
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret_bytes(s).p, secret_size(s));
}

static bool public_of(EVP_PKEY *key, uint8_t out[BOX_PUBLIC])
{
    size_t n = BOX_PUBLIC;

    return key && EVP_PKEY_get_raw_public_key(key, out, &n) == 1 && n == BOX_PUBLIC;
}

enum err box_new(uint8_t public[BOX_PUBLIC], struct secret **private)
{
    struct secret *s = secret_random(BOX_PRIVATE);
    EVP_PKEY *key = private_of(s);
    bool ok = public_of(key, public);

    EVP_PKEY_free(key);
    if (!ok) {
        secret_free(s);
        ERR_clear_error();
        return FAIL(E_INTERNAL, "", "X25519");
    }
    *private = s;
    return E_OK;
}

/* The key of one message: from the shared secret and both public keys (RFC 7748 6.1). */
static struct secret *agree(EVP_PKEY *own, const uint8_t *other, const uint8_t *fresh,
                            const uint8_t *fixed, struct str context)
{
    struct secret *input = secret_new(3 * (size_t)BOX_PUBLIC), *key = NULL;
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, other, BOX_PUBLIC);
    EVP_PKEY_CTX *ctx = own && peer ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    uint8_t *p = secret_data(input);
    size_t n = BOX_PUBLIC;

    /* OpenSSL refuses a shared secret of zeros */
    if (ctx && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
        EVP_PKEY_derive(ctx, p, &n) == 1 && n == BOX_PUBLIC) {
        memcpy(p + BOX_PUBLIC, fresh, BOX_PUBLIC);
        memcpy(p + 2 * BOX_PUBLIC, fixed, BOX_PUBLIC);
        key = hkdf_sha256(secret_bytes(input), context, 32);
    }
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
    secret_free(input);
    ERR_clear_error();
    return key;
}

enum err box_seal(struct bytes public, struct str context, struct bytes plain, struct arena *a,
                  struct bytes *out)
{
    struct secret *own = secret_random(BOX_PRIVATE), *key = NULL;
    EVP_PKEY *fresh = private_of(own);
    uint8_t head[BOX_PUBLIC];
    struct bytes sealed = BYTES_ABSENT;
    uint8_t *made;
    enum err err = E_INTERNAL;

    if (public.n == BOX_PUBLIC && public_of(fresh, head))
        key = agree(fresh, public.p, head, public.p, context);
    if (key)
        err = aead_seal(a, key, bytes_of_str(context), plain, &sealed);
    else
        err = FAIL(E_INTERNAL, "", "X25519");
    if (err == E_OK && sealed.p) {
        made = arena_alloc(a, BOX_PUBLIC + sealed.n);
        memcpy(made, head, BOX_PUBLIC);
        memcpy(made + BOX_PUBLIC, sealed.p, sealed.n);
        *out = (struct bytes){ made, BOX_PUBLIC + sealed.n };
    }
    secret_free(key);
    EVP_PKEY_free(fresh);
    secret_free(own);
    return err;
}

enum err box_open(const struct secret *private, struct str context, struct bytes sealed,
                  struct secret **plain)
{
    EVP_PKEY *own = secret_size(private) == BOX_PRIVATE ? private_of(private) : NULL;
    uint8_t public[BOX_PUBLIC];
    struct secret *key = NULL;
    enum err err;

    if (sealed.n > BOX_OVERHEAD && public_of(own, public))
        key = agree(own, sealed.p, sealed.p, public, context);
    if (key)
        err = aead_open(key, bytes_of_str(context),
                        (struct bytes){ sealed.p + BOX_PUBLIC, sealed.n - BOX_PUBLIC }, plain);
    else
        err = FAIL(E_INPUT, "", "no box for this key");
    secret_free(key);
    EVP_PKEY_free(own);
    ERR_clear_error();
    return err;
}
