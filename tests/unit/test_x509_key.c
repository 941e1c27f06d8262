/*
 * test_x509_key.c - public keys that a certificate must not hold (BR 6.1.1.3, 6.1.5, 6.1.6): short,
 * odd sizes, bad exponents, small factors, ROCA (CVE-2017-15361), primes that Fermat's method
 * finds, points off the curve, kinds that we do not issue for. Each weakness is made here, with
 * real primes.
 */
#include "tap.h"

#include "pki/x509.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdlib.h>

static struct arena *a;
static BN_CTX *ctx;

static struct bytes encode(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(key, &der);

    if (n <= 0)
        abort();
    struct bytes out = bytes_dup(a, (struct bytes){ der, (size_t)n });
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    return out;
}

/* An RSA key of any modulus and exponent. */
static struct bytes rsa(const BIGNUM *n, const BIGNUM *e)
{
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *make = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *params;
    EVP_PKEY *key = NULL;

    if (!OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) ||
        !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) ||
        !(params = OSSL_PARAM_BLD_to_param(build)) || EVP_PKEY_fromdata_init(make) != 1 ||
        EVP_PKEY_fromdata(make, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        abort();
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(make);
    return encode(key);
}

static BIGNUM *number(const char *decimal)
{
    BIGNUM *n = NULL;

    if (!BN_dec2bn(&n, decimal))
        abort();
    return n;
}

static BIGNUM *prime(int bits)
{
    BIGNUM *p = BN_new();

    if (!BN_generate_prime_ex(p, bits, 0, NULL, NULL, NULL))
        abort();
    return p;
}

static BIGNUM *product(const BIGNUM *p, const BIGNUM *q)
{
    BIGNUM *n = BN_new();

    if (!BN_mul(n, p, q, ctx))
        abort();
    return n;
}

static void verdict(struct bytes spki, enum err want, const char *reason, const char *detail,
                    const char *what)
{
    fault_clear();
    enum err err = x509_key_check(spki);
    const struct fault *f = fault_current();
    ok(err == want && strcmp(f->reason, reason) == 0 && strstr(f->detail, detail), "%s", what);
    if (err != want)
        tap_note("%s %s %s", err_name(err), f->reason, f->detail);
    fault_clear();
}

static void sizes(void)
{
    static const struct {
        int p, q;
        enum err want;
        const char *what;
    } rows[] = { { 1024, 1024, E_OK, "RSA 2048" },
                 { 1536, 1536, E_OK, "RSA 3072" },
                 { 2048, 2048, E_OK, "RSA 4096" },
                 { 1020, 1024, E_INPUT, "RSA 2044: shorter than 2048" },
                 { 512, 512, E_INPUT, "RSA 1024" },
                 { 1028, 1028, E_OK, "RSA 2056, a multiple of 8" },
                 { 1026, 1026, E_INPUT, "RSA 2052, no multiple of 8" },
                 { 2052, 2052, E_INPUT, "RSA 4104: longer than 4096" } };
    BIGNUM *e = number("65537");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        BIGNUM *p = prime(rows[i].p), *q = prime(rows[i].q), *n = product(p, q);
        verdict(rsa(n, e), rows[i].want, rows[i].want == E_OK ? "" : "key-weak",
                rows[i].want == E_OK ? "" : "bits", rows[i].what);
        BN_free(p);
        BN_free(q);
        BN_free(n);
    }
    BN_free(e);
}

static void exponents(void)
{
    static const struct {
        const char *e;
        bool good;
    } rows[] = { { "65537", true }, { "65539", true },  { "3", false },
                 { "1", false },    { "65536", false }, { "65535", false } };
    BIGNUM *p = prime(1024), *q = prime(1024), *n = product(p, q), *e;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        e = number(rows[i].e);
        verdict(rsa(n, e), rows[i].good ? E_OK : E_INPUT, rows[i].good ? "" : "key-weak",
                rows[i].good ? "" : "exponent", str_fmt(a, "exponent %s", rows[i].e).p);
        BN_free(e);
    }
    e = BN_new();
    if (!BN_set_bit(e, 256) || !BN_add_word(e, 1))
        abort();
    verdict(rsa(n, e), E_INPUT, "key-weak", "exponent", "an exponent above 2^256 (BR 6.1.6)");
    BN_free(e);
    BN_free(p);
    BN_free(q);
    BN_free(n);
}

static void factors(void)
{
    BIGNUM *e = number("65537"), *small = number("751"), *q = prime(2038), *n = product(small, q);

    is_int(BN_num_bits(n), 2048, "a modulus of 2048 bits");
    verdict(rsa(n, e), E_INPUT, "key-weak", "small factor", "that 751 divides");
    BN_free(n);
    BN_free(q);
    BN_free(small);
    BN_free(e);
}

/* The next prime behind p + 2^gap. */
static BIGNUM *near(const BIGNUM *p, int gap)
{
    BIGNUM *q = BN_dup(p), *step = BN_new();

    if (!BN_set_bit(step, gap) || !BN_add(q, q, step))
        abort();
    BN_free(step);
    if (!BN_is_odd(q) && !BN_add_word(q, 1))
        abort();
    while (BN_check_prime(q, ctx, NULL) != 1)
        if (!BN_add_word(q, 2))
            abort();
    return q;
}

/* Fermat needs about (p-q)^2 / (8 sqrt n) steps: one for a gap of 2^500, out of reach for 2^600. */
static void close_primes(void)
{
    static const struct {
        int gap;
        bool found;
    } rows[] = { { 1, true }, { 100, true }, { 500, true }, { 515, true }, { 600, false } };
    BIGNUM *e = number("65537");

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        BIGNUM *p = prime(1024), *q = near(p, rows[i].gap), *n = product(p, q);
        verdict(rsa(n, e), rows[i].found ? E_INPUT : E_OK, rows[i].found ? "key-weak" : "",
                rows[i].found ? "close" : "", str_fmt(a, "primes 2^%d apart", rows[i].gap).p);
        BN_free(p);
        BN_free(q);
        BN_free(n);
    }
    BN_free(e);
}

/* p = k M + (65537^x mod M), as the faulty library made them; M here: the primes up to 167. */
static BIGNUM *roca_prime(const BIGNUM *m)
{
    BIGNUM *p = BN_new(), *k = BN_new(), *x = BN_new(), *base = number("65537"), *power = BN_new();

    do {
        if (!BN_rand(k, 1024, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY) || !BN_div(k, NULL, k, m, ctx) ||
            !BN_rand(x, 60, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) ||
            !BN_mod_exp(power, base, x, m, ctx) || !BN_mul(p, k, m, ctx) || !BN_add(p, p, power))
            abort();
    } while (BN_num_bits(p) != 1024 || BN_check_prime(p, ctx, NULL) != 1);
    BN_free(k);
    BN_free(x);
    BN_free(base);
    BN_free(power);
    return p;
}

static void roca(void)
{
    BIGNUM *m = number("2"), *e = number("65537");

    for (unsigned i = 3; i <= 167; i += 2) {
        bool composite = false;
        for (unsigned d = 3; d * d <= i; d += 2)
            composite = composite || i % d == 0;
        if (!composite && !BN_mul_word(m, i))
            abort();
    }
    BIGNUM *p = roca_prime(m), *q = roca_prime(m), *n = product(p, q);
    is_int(BN_num_bits(n), 2048, "a modulus of 2048 bits");
    verdict(rsa(n, e), E_INPUT, "key-weak", "ROCA", "a modulus as the faulty chips made it");
    BN_free(p);
    BN_free(q);
    BN_free(n);
    BN_free(m);
    BN_free(e);
}

static void curves(void)
{
    struct bytes good = encode(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"));
    uint8_t *off = arena_alloc(a, good.n);

    verdict(good, E_OK, "", "", "P-256");
    verdict(encode(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384")), E_OK, "", "", "P-384");
    verdict(encode(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521")), E_UNSUPPORTED, "key-unsupported",
            "", "P-521 is not issued for");
    verdict(encode(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1")), E_UNSUPPORTED,
            "key-unsupported", "", "nor secp256k1");
    verdict(encode(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")), E_UNSUPPORTED, "key-unsupported", "",
            "nor Ed25519");
    memcpy(off, good.p, good.n);
    off[good.n - 1] ^= 1;
    ok(x509_key_check((struct bytes){ off, good.n }) == E_INPUT, "a point beside the curve");
    ok(x509_key_check((struct bytes){ good.p, good.n - 1 }) != E_OK, "half a point");
    ok(x509_key_check((struct bytes){ good.p, 0 }) != E_OK, "nothing");
    fault_clear();
}

int main(void)
{
    a = arena_new(8 << 20);
    ctx = BN_CTX_new();
    sizes();
    exponents();
    factors();
    close_primes();
    roca();
    curves();
    BN_CTX_free(ctx);
    arena_free(a);
    return tap_done();
}
