/* x509_key.c - public keys: identifiers and strength; see x509.h */
#include "pki/der.h"
#include "pki/x509.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

enum err x509_key_id(struct bytes spki, uint8_t id[20])
{
    struct der top = der_reader(spki), in;
    struct der_item algorithm;
    struct bytes bits;

    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top) ||
        !der_take(&in, DER_SEQUENCE, &algorithm) || !der_bits(&in, &bits) || !der_at_end(&in))
        return FAIL(E_INPUT, "key-malformed", "SubjectPublicKeyInfo cannot be read");
    SHA1(bits.p, bits.n, id);
    return E_OK;
}

uint32_t x509_key_usage(const struct x509_profile *p, enum signer_alg key)
{
    uint32_t none = key == SIGNER_RSA_SHA256 ? X509_KEY_AGREEMENT
                                             : X509_KEY_ENCIPHERMENT | X509_DATA_ENCIPHERMENT;

    return p->key_usage & ~none;
}

/* Is r in the multiplicative group that 65537 generates modulo p? */
static bool in_subgroup(unsigned r, unsigned p)
{
    unsigned v = 1;

    do {
        if (v == r)
            return true;
        v = v * (65537 % p) % p;
    } while (v != 1);
    return false;
}

static bool is_prime(unsigned n)
{
    for (unsigned d = 2; d * d <= n; d++)
        if (n % d == 0)
            return false;
    return n >= 2;
}

/* CVE-2017-15361 (ROCA): the modulus is a power of 65537 modulo each of the first primes. */
static bool is_roca(const BIGNUM *n)
{
    for (unsigned p = 3; p <= 167; p += 2) {
        if (!is_prime(p))
            continue;
        if (!in_subgroup((unsigned)BN_mod_word(n, p), p))
            return false;
    }
    return true;
}

static bool has_small_factor(const BIGNUM *n)
{
    for (unsigned p = 2; p <= 751; p++)
        if (is_prime(p) && BN_mod_word(n, p) == 0)
            return true;
    return false;
}

/* r = floor(sqrt(n)), by Newton's iteration from above. */
static bool square_root(BIGNUM *r, const BIGNUM *n, BN_CTX *ctx)
{
    BIGNUM *next = BN_CTX_get(ctx);

    if (!next || !BN_one(r) || !BN_lshift(r, r, (BN_num_bits(n) + 1) / 2))
        return false;
    for (;;) {
        if (!BN_div(next, NULL, n, r, ctx) || !BN_add(next, next, r) || !BN_rshift1(next, next))
            return false;
        if (BN_cmp(next, r) >= 0)
            return true;
        if (!BN_copy(r, next))
            return false;
    }
}

/* Fermat's method finds the factors within 100 steps: the primes are too close (BR 6.1.1.3). */
static bool has_close_primes(const BIGNUM *n, BN_CTX *ctx)
{
    bool close = true; /* also when memory ends: refuse */

    BN_CTX_start(ctx);
    BIGNUM *x = BN_CTX_get(ctx), *y2 = BN_CTX_get(ctx), *y = BN_CTX_get(ctx);
    BIGNUM *yy = BN_CTX_get(ctx);
    if (!yy || !square_root(x, n, ctx))
        goto out;
    for (int i = 0; i < 100; i++) {
        /* y2 = x^2 - n; a square there gives n = (x+y)(x-y) */
        if (!BN_sqr(y2, x, ctx) || !BN_sub(y2, y2, n))
            goto out;
        if (!BN_is_negative(y2)) {
            if (!square_root(y, y2, ctx) || !BN_sqr(yy, y, ctx) || BN_cmp(yy, y2) == 0)
                goto out;
        }
        if (!BN_add_word(x, 1))
            goto out;
    }
    close = false;
out:
    BN_CTX_end(ctx);
    return close;
}

static enum err check_rsa(EVP_PKEY *key)
{
    enum err err = E_INTERNAL;
    BIGNUM *n = NULL, *e = NULL;
    BN_CTX *ctx = BN_CTX_new();
    int bits = EVP_PKEY_get_bits(key);

    if (!ctx || EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
        EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) != 1) {
        err = FAIL(E_INTERNAL, "", "RSA parameters");
        goto out;
    }
    /* BR 6.1.5, 6.1.6 */
    if (bits < 2048 || bits > 4096 || bits % 8 != 0)
        err = FAIL(E_INPUT, "key-weak", "RSA with %d bits", bits);
    else if (!BN_is_odd(e) || BN_num_bits(e) < 17 || BN_num_bits(e) > 256)
        err = FAIL(E_INPUT, "key-weak", "RSA exponent");
    else if (has_small_factor(n))
        err = FAIL(E_INPUT, "key-weak", "RSA modulus with a small factor");
    else if (is_roca(n))
        err = FAIL(E_INPUT, "key-weak", "RSA modulus with the ROCA fingerprint");
    else if (has_close_primes(n, ctx))
        err = FAIL(E_INPUT, "key-weak", "RSA primes too close");
    else
        err = E_OK;
out:
    BN_free(n);
    BN_free(e);
    BN_CTX_free(ctx);
    return err;
}

enum err x509_key_check(struct bytes spki)
{
    enum signer_alg alg;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = NULL;
    const unsigned char *p = spki.p;
    enum err err = signer_alg_of_spki(spki, &alg);

    if (err != E_OK)
        goto out;
    if (spki.n <= 8192)
        key = d2i_PUBKEY(NULL, &p, (long)spki.n);
    if (!key || p != spki.p + spki.n) {
        err = FAIL(E_INPUT, "key-malformed", "the public key cannot be read");
        goto out;
    }
    if (alg == SIGNER_RSA_SHA256) {
        err = check_rsa(key);
        goto out;
    }
    /* SP 800-56A 5.6.2.3.4: on the curve, not the point at infinity; the cofactor is 1, so the
     * order is right */
    ctx = EVP_PKEY_CTX_new(key, NULL);
    if (!ctx || EVP_PKEY_public_check_quick(ctx) != 1)
        err = FAIL(E_INPUT, "key-weak", "EC point is not valid");
out:
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return err;
}

bool x509_key_modulus_print(struct bytes spki, uint8_t print[10])
{
    uint8_t digest[SHA_DIGEST_LENGTH];
    const unsigned char *p = spki.p;
    EVP_PKEY *key = spki.n <= 8192 ? d2i_PUBKEY(NULL, &p, (long)spki.n) : NULL;
    BIGNUM *n = NULL;
    char *hex = NULL;
    bool done = false;

    if (key && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1)
        hex = BN_bn2hex(n);
    if (hex) {
        struct buf b = buf_init(16384);
        buf_fmt(&b, "Modulus=%s\n", hex);
        if (buf_ok(&b)) {
            SHA1(b.p, b.n, digest);
            memcpy(print, digest + 10, 10);
            done = true;
        }
        buf_free(&b);
    }
    OPENSSL_free(hex);
    BN_free(n);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return done;
}
