/* crypto.c - see crypto.h */
#include "base/crypto.h"

#include "base/random.h"

#include <argon2.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>

#define NONCE_SIZE 12
#define TAG_SIZE 16
#define KEY_SIZE 32

/* Password and PIN costs: RFC 9106 section 4; facts: 27 ms and 182 ms of one core. */
#define PASSWORD_T 2u
#define PASSWORD_M (19u * 1024)
#define PIN_T 3u
#define PIN_M (64u * 1024)
#define SALT_SIZE 16

struct digest {
    EVP_MD_CTX *ctx;
};

static const EVP_MD *digest_md(enum digest_kind kind)
{
    switch (kind) {
    case DIGEST_SHA256:
        return EVP_sha256();
    case DIGEST_SHA384:
        return EVP_sha384();
    case DIGEST_SHA512:
        return EVP_sha512();
    }
    abort();
}

struct digest *digest_new(enum digest_kind kind)
{
    struct digest *d = calloc(1, sizeof *d);

    if (!d || !(d->ctx = EVP_MD_CTX_new()) || !EVP_DigestInit_ex(d->ctx, digest_md(kind), NULL))
        abort();
    return d;
}

void digest_add(struct digest *d, const void *p, size_t n)
{
    if (n > 0 && !EVP_DigestUpdate(d->ctx, p, n))
        abort();
}

size_t digest_end(struct digest *d, uint8_t out[64])
{
    unsigned n = 0;

    if (!EVP_DigestFinal_ex(d->ctx, out, &n))
        abort();
    digest_free(d);
    return n;
}

void digest_free(struct digest *d)
{
    if (!d)
        return;
    EVP_MD_CTX_free(d->ctx);
    free(d);
}

struct bytes32 sha256(struct bytes data)
{
    struct bytes32 out = { { 0 } };

    if (!EVP_Digest(data.p ? data.p : (const uint8_t *)"", data.n, out.b, NULL, EVP_sha256(), NULL))
        abort();
    return out;
}

static void hmac(const char *md, struct bytes key, struct bytes data, uint8_t *out, size_t size)
{
    size_t n = 0;

    if (!EVP_Q_mac(NULL, "HMAC", NULL, md, NULL, key.p, key.n, data.p, data.n, out, size, &n) ||
        n != size)
        abort();
}

struct bytes32 hmac_sha256(struct bytes key, struct bytes data)
{
    struct bytes32 out = { { 0 } };

    hmac("SHA256", key, data, out.b, sizeof out.b);
    return out;
}

void hmac_sha1(struct bytes key, struct bytes data, uint8_t out[20])
{
    hmac("SHA1", key, data, out, 20);
}

struct secret *hkdf_sha256(struct bytes key, struct str info, size_t n)
{
    struct secret *out = secret_new(n);
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    char md[] = "SHA256";
    /* OSSL_PARAM takes non-const pointers but only reads */
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, md, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key.p, key.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.p, info.n),
        OSSL_PARAM_construct_end(),
    };

    if (!ctx || EVP_KDF_derive(ctx, secret_data(out), n, params) <= 0)
        abort();
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return out;
}

enum err aead_seal(struct arena *a, const struct secret *key, struct bytes aad, struct bytes plain,
                   struct bytes *out)
{
    enum err err = E_INTERNAL;
    EVP_CIPHER_CTX *ctx = NULL;
    int n = 0;

    if (secret_size(key) != KEY_SIZE || plain.n > INT_MAX - 64 || aad.n > INT_MAX)
        return FAIL(E_INTERNAL, "", "aead_seal: key or text of wrong size");
    uint8_t *p = arena_alloc(a, NONCE_SIZE + plain.n + TAG_SIZE);
    random_bytes(p, NONCE_SIZE);
    ctx = EVP_CIPHER_CTX_new();
    if (!ctx || !EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, secret_bytes(key).p, p) ||
        (aad.n > 0 && !EVP_EncryptUpdate(ctx, NULL, &n, aad.p, (int)aad.n)) ||
        (plain.n > 0 && !EVP_EncryptUpdate(ctx, p + NONCE_SIZE, &n, plain.p, (int)plain.n)) ||
        !EVP_EncryptFinal_ex(ctx, p + NONCE_SIZE + plain.n, &n) ||
        !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, p + NONCE_SIZE + plain.n)) {
        err = FAIL(E_INTERNAL, "", "aead_seal: AES-256-GCM failed");
        goto out;
    }
    *out = (struct bytes){ p, NONCE_SIZE + plain.n + TAG_SIZE };
    err = E_OK;
out:
    EVP_CIPHER_CTX_free(ctx);
    return err;
}

/* Open into p, which has room for sealed.n - NONCE_SIZE - TAG_SIZE bytes. */
static enum err open_into(uint8_t *p, const struct secret *key, struct bytes aad,
                          struct bytes sealed)
{
    enum err err;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    size_t size = sealed.n - NONCE_SIZE - TAG_SIZE;
    uint8_t tag[TAG_SIZE];
    int n = 0;

    memcpy(tag, sealed.p + NONCE_SIZE + size, TAG_SIZE);
    if (!ctx || !EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, secret_bytes(key).p, sealed.p) ||
        (aad.n > 0 && !EVP_DecryptUpdate(ctx, NULL, &n, aad.p, (int)aad.n)) ||
        (size > 0 && !EVP_DecryptUpdate(ctx, p, &n, sealed.p + NONCE_SIZE, (int)size)) ||
        !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag)) {
        err = FAIL(E_INTERNAL, "", "aead_open: AES-256-GCM failed");
        goto out;
    }
    if (EVP_DecryptFinal_ex(ctx, p + size, &n) <= 0) {
        err = FAIL(E_INPUT, "", "aead_open: tag does not fit");
        goto out;
    }
    err = E_OK;
out:
    EVP_CIPHER_CTX_free(ctx);
    return err;
}

static bool openable(const struct secret *key, struct bytes aad, struct bytes sealed)
{
    return secret_size(key) == KEY_SIZE && sealed.p && sealed.n >= NONCE_SIZE + TAG_SIZE &&
           sealed.n <= INT_MAX && aad.n <= INT_MAX;
}

enum err aead_open(const struct secret *key, struct bytes aad, struct bytes sealed,
                   struct secret **plain)
{
    if (!openable(key, aad, sealed))
        return FAIL(E_INPUT, "", "aead_open: key or text of wrong size");
    /* GCM may write a block's worth only up to the text's size; Final writes nothing */
    struct secret *s = secret_new(sealed.n - NONCE_SIZE - TAG_SIZE);
    enum err err = open_into(secret_data(s), key, aad, sealed);
    if (err != E_OK) {
        secret_free(s);
        return err;
    }
    *plain = s;
    return E_OK;
}

enum err aead_open_arena(struct arena *a, const struct secret *key, struct bytes aad,
                         struct bytes sealed, struct bytes *plain)
{
    if (!openable(key, aad, sealed))
        return FAIL(E_INPUT, "", "aead_open: key or text of wrong size");
    size_t size = sealed.n - NONCE_SIZE - TAG_SIZE;
    uint8_t *p = arena_alloc(a, size);
    TRY(open_into(p, key, aad, sealed));
    *plain = (struct bytes){ p, size };
    return E_OK;
}

enum err password_hash(struct arena *a, struct bytes password, struct str *encoded)
{
    uint8_t salt[SALT_SIZE];
    char text[128];

    random_bytes(salt, sizeof salt);
    int rc = argon2id_hash_encoded(PASSWORD_T, PASSWORD_M, 1, password.p, password.n, salt,
                                   sizeof salt, KEY_SIZE, text, sizeof text);
    if (rc != ARGON2_OK)
        return FAIL(E_INTERNAL, "", "argon2id: %s", argon2_error_message(rc));
    *encoded = str_of(a, text, strlen(text));
    return E_OK;
}

enum err password_verify(struct str encoded, struct bytes password)
{
    /* a hash of random bytes nobody knows: an unknown account costs what a known one costs */
    static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$c2hvbWVpLW5vLXN1Y2gtYQ$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    bool absent = str_empty(encoded);
    int rc = argon2id_verify(absent ? nobody : encoded.p, password.p, password.n);

    if (rc == ARGON2_OK && !absent)
        return E_OK;
    if (rc == ARGON2_OK || rc == ARGON2_VERIFY_MISMATCH)
        return FAIL(E_AUTH, "", "password does not match");
    return FAIL(E_INTERNAL, "", "argon2id: %s", argon2_error_message(rc));
}

enum err pin_derive(struct bytes pin, struct bytes salt, struct secret **key)
{
    if (salt.n < SALT_SIZE)
        return FAIL(E_INTERNAL, "", "pin_derive: salt of %zu bytes", salt.n);
    struct secret *s = secret_new(KEY_SIZE);
    int rc =
        argon2id_hash_raw(PIN_T, PIN_M, 1, pin.p, pin.n, salt.p, salt.n, secret_data(s), KEY_SIZE);
    if (rc != ARGON2_OK) {
        secret_free(s);
        return FAIL(E_INTERNAL, "", "argon2id: %s", argon2_error_message(rc));
    }
    *key = s;
    return E_OK;
}
