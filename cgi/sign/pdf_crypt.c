/* pdf_crypt.c - see pdf_crypt.h. ISO 32000-2 7.6.3 (algorithms 1 and 1.A). */
#include "sign/pdf_crypt.h"

#include "base/random.h"

#include <openssl/evp.h>

#define BLOCK ((size_t)16)

static enum err broken(struct pdf_crypt *c)
{
    return c->rc = FAIL(E_INTERNAL, "", "ISO 32000-2 7.6.3: EVP");
}

/* Algorithm 1: the key of one object, for all but AES-256. */
static bool object_key(struct pdf_crypt *c, bool aes, uint8_t key[32], size_t *n)
{
    const struct pdf_objects_encryption *f = c->file;
    const uint8_t number[] = { (uint8_t)c->id,
                               (uint8_t)(c->id >> 8),
                               (uint8_t)(c->id >> 16),
                               (uint8_t)c->gen,
                               (uint8_t)(c->gen >> 8),
                               's',
                               'A',
                               'l',
                               'T' };
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    uint8_t digest[EVP_MAX_MD_SIZE];
    bool done = md && EVP_DigestInit_ex(md, EVP_md5(), NULL) &&
                EVP_DigestUpdate(md, f->key, f->key_n) &&
                EVP_DigestUpdate(md, number, aes ? 9 : 5) && EVP_DigestFinal_ex(md, digest, NULL);

    *n = f->key_n + 5 < 16 ? f->key_n + 5 : 16;
    memcpy(key, digest, *n);
    secret_wipe(digest, sizeof digest);
    EVP_MD_CTX_free(md);
    return done;
}

/* OpenSSL 3 has RC4 only in a provider that is not loaded. */
static void rc4(const uint8_t *key, size_t key_n, struct bytes in, uint8_t *out)
{
    uint8_t s[256], i = 0, j = 0;

    for (size_t k = 0; k < 256; k++)
        s[k] = (uint8_t)k;
    for (size_t k = 0; k < 256; k++) {
        j = (uint8_t)(j + s[k] + key[k % key_n]);
        uint8_t swap = s[k];
        s[k] = s[j];
        s[j] = swap;
    }
    j = 0;
    for (size_t k = 0; k < in.n; k++) {
        j = (uint8_t)(j + s[++i]);
        uint8_t swap = s[i];
        s[i] = s[j];
        s[j] = swap;
        out[k] = in.p[k] ^ s[(uint8_t)(s[i] + s[j])];
    }
    secret_wipe(s, sizeof s);
}

/* CBC with padding (RFC 8018 6.1.1), the initialisation vector in front. */
static bool aes(const EVP_CIPHER *cipher, const uint8_t *key, struct bytes in, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0, rest = 0;

    random_bytes(out, BLOCK);
    bool done = ctx && in.n <= INT32_MAX && EVP_EncryptInit_ex(ctx, cipher, NULL, key, out) &&
                EVP_EncryptUpdate(ctx, out + BLOCK, &n, in.p, (int)in.n) &&
                EVP_EncryptFinal_ex(ctx, out + BLOCK + n, &rest);
    EVP_CIPHER_CTX_free(ctx);
    return done;
}

static void encrypt(struct pdf_crypt *c, enum pdf_objects_cipher kind, struct bytes in,
                    struct buf *out)
{
    bool blocks = kind == PDF_OBJECTS_AES128 || kind == PDF_OBJECTS_AES256;
    uint8_t key[32] = { 0 };
    size_t key_n = c->file->key_n;
    bool done = false;

    if (kind == PDF_OBJECTS_AES256)
        memcpy(key, c->file->key, sizeof key);
    else if (!object_key(c, blocks, key, &key_n))
        key_n = 0;
    uint8_t *to = buf_extend(out, blocks ? BLOCK + in.n - in.n % BLOCK + BLOCK : in.n);
    if (!to) { /* told by the buffer */
        secret_wipe(key, sizeof key);
        return;
    }
    if (kind == PDF_OBJECTS_RC4 && key_n > 0) {
        rc4(key, key_n, in, to);
        done = true;
    } else if (blocks && key_n == (kind == PDF_OBJECTS_AES256 ? 32 : 16)) {
        done = aes(kind == PDF_OBJECTS_AES256 ? EVP_aes_256_cbc() : EVP_aes_128_cbc(), key, in, to);
    }
    if (!done)
        (void)broken(c);
    secret_wipe(key, sizeof key);
}

void pdf_crypt_string(void *arg, struct bytes value, struct buf *out)
{
    struct pdf_crypt *c = arg;
    struct buf hidden = buf_init(out->max);
    struct bytes b = value;

    if (c->file && c->file->strings != PDF_OBJECTS_PLAIN) {
        encrypt(c, c->file->strings, value, &hidden);
        b = buf_bytes(&hidden);
    }
    buf_add_char(out, '<');
    for (size_t i = 0; i < b.n; i++)
        buf_fmt(out, "%02x", b.p[i]);
    buf_add_char(out, '>');
    buf_free(&hidden);
}

void pdf_crypt_stream(struct pdf_crypt *c, struct bytes data, struct buf *out)
{
    if (c->file && c->file->streams != PDF_OBJECTS_PLAIN)
        encrypt(c, c->file->streams, data, out);
    else
        buf_add_bytes(out, data);
}
