/* signer.c - see signer.h */
#include "pki/signer.h"

#include "base/crypto.h"
#include "pki/der_put.h"
#include "pki/oid.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdlib.h>

static const struct {
    enum oid signature, digest;
    enum digest_kind hash;
    size_t size;
} algs[] = {
    { OID_SHA256_RSA, OID_SHA256, DIGEST_SHA256, 32 },
    { OID_ECDSA_SHA256, OID_SHA256, DIGEST_SHA256, 32 },
    { OID_ECDSA_SHA384, OID_SHA384, DIGEST_SHA384, 48 },
};
_Static_assert(sizeof algs / sizeof algs[0] == SIGNER__MAX, "one row per algorithm");

size_t signer_digest_size(enum signer_alg alg)
{
    return algs[alg].size;
}

size_t signer_digest(enum signer_alg alg, struct bytes data, uint8_t out[64])
{
    if (algs[alg].hash == DIGEST_SHA256) {
        struct bytes32 h = sha256(data);
        memcpy(out, h.b, sizeof h.b);
        return sizeof h.b;
    }
    struct digest *d = digest_new(algs[alg].hash);
    digest_add(d, data.p, data.n);
    return digest_end(d, out);
}

enum err signer_sign(const struct signer *s, struct bytes data, struct arena *a,
                     struct bytes *signature)
{
    uint8_t digest[64];
    size_t n = signer_digest(s->alg, data, digest);

    return s->sign(s->arg, (struct bytes){ digest, n }, a, signature);
}

void signer_put_algorithm(struct buf *b, enum signer_alg alg)
{
    /* RFC 4055 5: NULL for RSA; RFC 5758 3.2: absent for ECDSA */
    der_put_algorithm(b, oid_bytes(algs[alg].signature), alg == SIGNER_RSA_SHA256);
}

void signer_put_digest_algorithm(struct buf *b, enum signer_alg alg)
{
    der_put_algorithm(b, oid_bytes(algs[alg].digest), false);
}

struct bytes signer_assemble(enum signer_alg alg, struct bytes tbs, struct bytes signature,
                             struct arena *a)
{
    struct buf b = buf_init(tbs.n + signature.n + 64);
    struct bytes out = BYTES_ABSENT;
    size_t mark = der_put_begin(&b, DER_SEQUENCE);

    buf_add_bytes(&b, tbs);
    signer_put_algorithm(&b, alg);
    der_put_bits(&b, signature);
    der_put_end(&b, mark);
    if (buf_to_bytes(&b, a, &out) != E_OK)
        abort(); /* the room is exact, so only the machine's memory can have ended */
    buf_free(&b);
    return out;
}

enum err signer_wrap(const struct signer *s, struct bytes tbs, struct arena *a, struct bytes *out)
{
    struct bytes signature;
    enum err err = signer_sign(s, tbs, a, &signature);

    if (err == E_OK)
        *out = signer_assemble(s->alg, tbs, signature, a);
    return err;
}

static EVP_PKEY *key_of_spki(struct bytes spki)
{
    const unsigned char *p = spki.p;
    EVP_PKEY *key = NULL;

    if (spki.n > 0 && spki.n <= 8192)
        key = d2i_PUBKEY(NULL, &p, (long)spki.n);
    if (key && p != spki.p + spki.n) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    ERR_clear_error();
    return key;
}

enum err signer_alg_of_spki(struct bytes spki, enum signer_alg *out)
{
    struct der top = der_reader(spki), in;
    struct bytes oid, parameters, curve;

    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_algorithm(&in, &oid, &parameters))
        return FAIL(E_INPUT, "key-malformed", "SubjectPublicKeyInfo cannot be read");
    if (bytes_eq(oid, oid_bytes(OID_RSA_ENCRYPTION))) {
        *out = SIGNER_RSA_SHA256;
        return E_OK;
    }
    struct der p = der_reader(parameters);
    if (bytes_eq(oid, oid_bytes(OID_EC_PUBLIC_KEY)) && der_oid(&p, &curve)) {
        if (bytes_eq(curve, oid_bytes(OID_P256))) {
            *out = SIGNER_P256_SHA256;
            return E_OK;
        }
        if (bytes_eq(curve, oid_bytes(OID_P384))) {
            *out = SIGNER_P384_SHA384;
            return E_OK;
        }
    }
    return FAIL(E_UNSUPPORTED, "key-unsupported", "neither RSA nor P-256 nor P-384");
}

/* Hash for a signature AlgorithmIdentifier, NULL when it is none of ours. */
static const EVP_MD *hash_of(struct bytes algorithm, bool *rsa)
{
    struct der d = der_reader(algorithm);
    struct bytes oid, parameters;

    if (!der_algorithm(&d, &oid, &parameters) || !der_at_end(&d))
        return NULL;
    enum oid known = oid_find(oid);
    *rsa = known == OID_SHA256_RSA || known == OID_SHA384_RSA || known == OID_SHA512_RSA;
    if (known == OID_SHA256_RSA || known == OID_ECDSA_SHA256)
        return EVP_sha256();
    if (known == OID_SHA384_RSA || known == OID_ECDSA_SHA384)
        return EVP_sha384();
    if (known == OID_SHA512_RSA || known == OID_ECDSA_SHA512)
        return EVP_sha512();
    return NULL;
}

enum err signer_verify(struct bytes spki, struct bytes algorithm, struct bytes data,
                       struct bytes signature)
{
    enum err err = E_INTERNAL;
    EVP_MD_CTX *ctx = NULL;
    bool rsa = false;
    const EVP_MD *md = hash_of(algorithm, &rsa);
    EVP_PKEY *key = key_of_spki(spki);

    if (!md || !key || rsa != (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)) {
        err = FAIL(E_UNSUPPORTED, "algorithm-unsupported", "signature algorithm or key");
        goto out;
    }
    ctx = EVP_MD_CTX_new();
    if (!ctx || EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) != 1) {
        err = FAIL(E_INTERNAL, "", "EVP_DigestVerifyInit");
        goto out;
    }
    if (EVP_DigestVerify(ctx, signature.p, signature.n, data.p, data.n) != 1) {
        err = FAIL(E_INPUT, "signature-invalid", "the signature does not hold");
        goto out;
    }
    err = E_OK;
out:
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return err;
}

enum err signer_verify_wrapped(struct bytes spki, struct bytes whole)
{
    struct der top = der_reader(whole), in;
    struct der_item tbs, algorithm;
    struct bytes signature;

    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top) ||
        !der_take(&in, DER_SEQUENCE, &tbs) || !der_take(&in, DER_SEQUENCE, &algorithm) ||
        !der_bits(&in, &signature) || !der_at_end(&in))
        return FAIL(E_INPUT, "signature-invalid", "not SEQUENCE { tbs, algorithm, signature }");
    return signer_verify(spki, algorithm.whole, tbs.whole, signature);
}

struct signer_key {
    EVP_PKEY *key;
    enum signer_alg alg;
    uint8_t *spki;
    size_t spki_n;
};

enum err signer_key_new(enum signer_alg alg, struct signer_key **out)
{
    enum err err = E_INTERNAL;
    struct signer_key *k = calloc(1, sizeof *k);

    if (!k)
        abort();
    k->alg = alg;
    if (alg == SIGNER_RSA_SHA256)
        k->key = EVP_RSA_gen(2048);
    else
        k->key = EVP_EC_gen(alg == SIGNER_P256_SHA256 ? "P-256" : "P-384");
    int n = k->key ? i2d_PUBKEY(k->key, &k->spki) : -1;
    if (n < 0) {
        err = FAIL(E_INTERNAL, "", "cannot make a throw-away key");
        goto out;
    }
    k->spki_n = (size_t)n;
    *out = k;
    k = NULL;
    err = E_OK;
out:
    signer_key_free(k);
    ERR_clear_error();
    return err;
}

void signer_key_free(struct signer_key *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->key);
    OPENSSL_free(k->spki);
    free(k);
}

static enum err key_sign(void *arg, struct bytes digest, struct arena *a, struct bytes *signature)
{
    const struct signer_key *k = arg;
    enum err err = E_INTERNAL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->key, NULL);
    const EVP_MD *md = digest.n == 32 ? EVP_sha256() : EVP_sha384();
    size_t n = (size_t)EVP_PKEY_get_size(k->key);
    uint8_t *p = arena_alloc(a, n);

    if (!ctx || EVP_PKEY_sign_init(ctx) != 1 || EVP_PKEY_CTX_set_signature_md(ctx, md) != 1 ||
        EVP_PKEY_sign(ctx, p, &n, digest.p, digest.n) != 1) {
        err = FAIL(E_INTERNAL, "", "EVP_PKEY_sign with a throw-away key");
        goto out;
    }
    *signature = (struct bytes){ p, n };
    err = E_OK;
out:
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return err;
}

struct signer signer_key_signer(struct signer_key *k)
{
    return (struct signer){ .alg = k->alg, .sign = key_sign, .arg = k };
}

struct bytes signer_key_spki(const struct signer_key *k)
{
    return (struct bytes){ k->spki, k->spki_n };
}

enum err signer_key_private(const struct signer_key *k, struct secret **pkcs8)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(k->key);
    unsigned char *der = NULL;
    int n = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;

    PKCS8_PRIV_KEY_INFO_free(info);
    ERR_clear_error();
    if (n <= 0)
        return FAIL(E_INTERNAL, "", "cannot encode a private key");
    *pkcs8 = secret_from(der, (size_t)n);
    OPENSSL_clear_free(der, (size_t)n);
    return E_OK;
}
