/* p12.c - see p12.h */
#include "pki/p12.h"

#include "base/random.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

enum { KEY_ROUNDS = 200000, MAC_ROUNDS = 10000, NAME_MAX_BYTES = 200, GROUPS = 4, GROUP = 5 };

static X509 *certificate_of(struct bytes der)
{
    const unsigned char *p = der.p;

    return d2i_X509(NULL, &p, (long)der.n);
}

static EVP_PKEY *key_of(const struct secret *pkcs8)
{
    struct bytes b = secret_bytes(pkcs8);
    const unsigned char *p = b.p;

    return d2i_AutoPrivateKey(NULL, &p, (long)b.n);
}

/* The certificates above the first one; NULL when one of them cannot be read. */
static STACK_OF(X509) * chain_of(const struct bytes *chain, size_t n)
{
    STACK_OF(X509) *all = sk_X509_new_null();

    for (size_t i = 1; all && i < n; i++) {
        X509 *one = certificate_of(chain[i]);
        if (!one || sk_X509_push(all, one) <= 0) {
            X509_free(one);
            sk_X509_pop_free(all, X509_free);
            return NULL;
        }
    }
    return all;
}

/* A NUL behind it, as OpenSSL wants passwords. */
static struct secret *with_nul(const struct secret *password)
{
    struct bytes b = secret_bytes(password);
    struct secret *s = secret_new(b.n + 1);

    memcpy(secret_data(s), b.p, b.n);
    return s;
}

static enum err write_out(PKCS12 *p12, struct arena *a, struct bytes *der)
{
    unsigned char *p = NULL;
    int n = i2d_PKCS12(p12, &p);

    if (n <= 0)
        return FAIL(E_INTERNAL, "", "cannot encode a PKCS#12");
    *der = bytes_dup(a, (struct bytes){ p, (size_t)n });
    OPENSSL_clear_free(p, (size_t)n);
    return E_OK;
}

static enum err build(const struct secret *pkcs8, const struct bytes *chain, size_t n,
                      const struct secret *password, struct str name, const int rounds[2],
                      struct arena *a, struct bytes *der)
{
    EVP_PKEY *key = key_of(pkcs8);
    X509 *leaf = n > 0 ? certificate_of(chain[0]) : NULL;
    STACK_OF(X509) *above = chain_of(chain, n);
    struct secret *pass = with_nul(password);
    struct str shown = str_printable(a, name, NAME_MAX_BYTES);
    PKCS12 *p12 = NULL;
    enum err err;

    if (!key || !leaf || !above)
        err = FAIL(E_INTERNAL, "", "key or certificate cannot be read");
    else if (X509_check_private_key(leaf, key) != 1)
        err = FAIL(E_INPUT, "p12-mismatch", "the key is not that of the certificate");
    else {
        p12 = PKCS12_create((const char *)secret_data(pass), shown.p, key, leaf, above,
                            NID_aes_256_cbc, NID_aes_256_cbc, rounds[0], rounds[1], 0);
        err = p12 ? write_out(p12, a, der) : FAIL(E_INTERNAL, "", "PKCS12_create");
    }
    PKCS12_free(p12);
    secret_free(pass);
    sk_X509_pop_free(above, X509_free);
    X509_free(leaf);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return err;
}

enum err p12_build(const struct secret *pkcs8, const struct bytes *chain, size_t n,
                   const struct secret *password, struct str name, struct arena *a,
                   struct bytes *der)
{
    static const int rounds[2] = { KEY_ROUNDS, MAC_ROUNDS };

    return build(pkcs8, chain, n, password, name, rounds, a, der);
}

enum err p12_build_rounds(const struct secret *pkcs8, const struct bytes *chain, size_t n,
                          const struct secret *password, struct str name, unsigned rounds,
                          struct arena *a, struct bytes *der)
{
    const int both[2] = { (int)rounds, (int)rounds };

    return build(pkcs8, chain, n, password, name, both, a, der);
}

struct secret *p12_password(void)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32: no l, o, 0, 1 */
    struct secret *s = secret_new((size_t)GROUPS * GROUP + GROUPS - 1);
    uint8_t *p = secret_data(s);

    for (size_t i = 0; i < secret_size(s); i++)
        p[i] =
            (uint8_t)(i % (GROUP + 1) == GROUP ? '-' : letters[random_below(sizeof letters - 1)]);
    return s;
}
