/* keys_public.c - SubjectPublicKeyInfo to an EVP_PKEY. */
#include "sign/keys_internal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/x509.h>

/* RFC 5480 2: SEQUENCE { AlgorithmIdentifier, BIT STRING } up to the point, uncompressed. */
static const uint8_t p256_head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
static const uint8_t p384_head[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                     0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                     0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00 };

/* Without OpenSSL's decoders: 20 us instead of 120, a sixth of a cold P-256 signature. OpenSSL
 * still checks that the point is on the curve. NULL when it is not laid out as we make it. */
static EVP_PKEY *ec_key(struct bytes spki, bool small)
{
    const uint8_t *head = small ? p256_head : p384_head;
    size_t head_n = small ? sizeof(p256_head) : sizeof(p384_head);
    char group[8];
    uint8_t point[97];
    OSSL_PARAM params[3];
    EVP_PKEY_CTX *ctx = NULL;
    EVP_PKEY *key = NULL;

    if (spki.n != head_n + (small ? 65 : 97) || memcmp(spki.p, head, head_n) != 0)
        return NULL;
    (void)snprintf(group, sizeof(group), "%s", small ? "P-256" : "P-384");
    memcpy(point, spki.p + head_n, spki.n - head_n);
    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, spki.n - head_n);
    params[2] = OSSL_PARAM_construct_end();
    ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", "?provider=default");
    if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

enum err keys_public(struct signing_key *k, EVP_PKEY **out)
{
    const uint8_t *p = k->spki;

    if (!k->public_key && k->kind >= KEY_P256)
        k->public_key = ec_key(keys_spki(k), k->kind == KEY_P256);
    if (!k->public_key) {
        k->public_key = d2i_PUBKEY(NULL, &p, (long)k->spki_n);
        if (k->public_key && p != k->spki + k->spki_n) { /* trailing bytes */
            EVP_PKEY_free(k->public_key);
            k->public_key = NULL;
        }
    }
    ERR_clear_error();
    if (!k->public_key)
        return FAIL(E_STATE, "key-damaged", "SubjectPublicKeyInfo of %zu bytes", k->spki_n);
    *out = k->public_key;
    return E_OK;
}
