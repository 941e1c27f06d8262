/* provider_signature.c - provider-signature(7): the digest is computed here, the token signs it.
 * Verification goes to OpenSSL's own implementation with the public half. */
#include "sign/provider_internal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdlib.h>

#define DEFAULT_DIGEST "SHA256"
#define DIGEST_NAME_MAX 32

struct context {
    struct provider_keydata *data; /* OpenSSL keeps the key as long as the context */
    EVP_MD_CTX *md_ctx;
    EVP_MD *md, *mgf1;
    int padding;  /* RSA only */
    int salt_len; /* PSS: >= 0 or RSA_PSS_SALTLEN_* */
};

static void *new_context(void *provider, const char *properties)
{
    struct context *c = calloc(1, sizeof(*c));

    (void)provider;
    (void)properties;
    if (c) {
        c->padding = RSA_PKCS1_PADDING;
        c->salt_len = RSA_PSS_SALTLEN_DIGEST;
    }
    return c;
}

static void free_context(void *ctx)
{
    struct context *c = ctx;

    if (!c)
        return;
    EVP_MD_CTX_free(c->md_ctx);
    EVP_MD_free(c->md);
    EVP_MD_free(c->mgf1);
    free(c);
}

static void *dup_context(void *ctx)
{
    const struct context *from = ctx;
    struct context *to = new_context(NULL, NULL);

    if (!to)
        return NULL;
    to->data = from->data;
    to->padding = from->padding;
    to->salt_len = from->salt_len;
    if (from->md && EVP_MD_up_ref(from->md))
        to->md = from->md;
    if (from->mgf1 && EVP_MD_up_ref(from->mgf1))
        to->mgf1 = from->mgf1;
    if (from->md_ctx) {
        to->md_ctx = EVP_MD_CTX_new();
        if (!to->md_ctx || !EVP_MD_CTX_copy_ex(to->md_ctx, from->md_ctx)) {
            free_context(to);
            return NULL;
        }
    }
    return to;
}

static int set_digest(EVP_MD **md, const char *name)
{
    EVP_MD_free(*md);
    *md = EVP_MD_fetch(NULL, name, PROVIDER_DEFAULT);
    return *md != NULL;
}

static int set_padding(struct context *c, const OSSL_PARAM *p)
{
    if (p->data_type == OSSL_PARAM_UTF8_STRING) {
        if (strcmp(p->data, OSSL_PKEY_RSA_PAD_MODE_PSS) == 0)
            c->padding = RSA_PKCS1_PSS_PADDING;
        else if (strcmp(p->data, OSSL_PKEY_RSA_PAD_MODE_PKCSV15) == 0)
            c->padding = RSA_PKCS1_PADDING;
        else
            return 0;
        return 1;
    }
    return OSSL_PARAM_get_int(p, &c->padding) &&
           (c->padding == RSA_PKCS1_PADDING || c->padding == RSA_PKCS1_PSS_PADDING);
}

static int set_salt(struct context *c, const OSSL_PARAM *p)
{
    uint64_t n;

    if (p->data_type != OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_get_int(p, &c->salt_len);
    if (strcmp(p->data, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST) == 0)
        c->salt_len = RSA_PSS_SALTLEN_DIGEST;
    else if (str_to_u64(str_z(p->data), 64, &n) == E_OK)
        c->salt_len = (int)n;
    else
        c->salt_len = RSA_PSS_SALTLEN_AUTO;
    return 1;
}

static int set_digest_param(EVP_MD **md, const OSSL_PARAM *p)
{
    return p->data_type == OSSL_PARAM_UTF8_STRING && set_digest(md, p->data);
}

static int set_params(void *ctx, const OSSL_PARAM params[])
{
    struct context *c = ctx;
    const OSSL_PARAM *p;

    for (p = params; p && p->key; p++) {
        int good = 1;
        if (strcmp(p->key, OSSL_SIGNATURE_PARAM_DIGEST) == 0)
            good = set_digest_param(&c->md, p);
        else if (!c->data || !c->data->rsa)
            continue;
        else if (strcmp(p->key, OSSL_SIGNATURE_PARAM_PAD_MODE) == 0)
            good = set_padding(c, p);
        else if (strcmp(p->key, OSSL_SIGNATURE_PARAM_PSS_SALTLEN) == 0)
            good = set_salt(c, p);
        else if (strcmp(p->key, OSSL_SIGNATURE_PARAM_MGF1_DIGEST) == 0)
            good = set_digest_param(&c->mgf1, p);
        if (!good)
            return 0;
    }
    return 1;
}

/* Salt length that will be used; -1 for PKCS#1 v1.5 and ECDSA. "max" and "auto" mean the digest's
 * length too: RFC 4055 recommends it, and it is what the keys_ functions make. */
static int salt_of(const struct context *c)
{
    if (!c->data->rsa || c->padding != RSA_PKCS1_PSS_PADDING || !c->md)
        return -1;
    return c->salt_len >= 0 ? c->salt_len : EVP_MD_get_size(c->md);
}

/* RSASSA-PSS-params (RFC 4055 3.1) as the parameter of the AlgorithmIdentifier. */
static int pss_algorithm(const struct context *c, X509_ALGOR *out)
{
    RSA_PSS_PARAMS *pss = RSA_PSS_PARAMS_new();
    X509_ALGOR *hash = X509_ALGOR_new();
    ASN1_STRING *packed = NULL, *hash_packed = NULL;
    int good = 0;

    if (!pss || !hash)
        goto out;
    pss->hashAlgorithm = X509_ALGOR_new();
    pss->maskGenAlgorithm = X509_ALGOR_new();
    pss->saltLength = ASN1_INTEGER_new();
    if (!pss->hashAlgorithm || !pss->maskGenAlgorithm || !pss->saltLength ||
        !ASN1_INTEGER_set(pss->saltLength, salt_of(c)))
        goto out;
    X509_ALGOR_set_md(pss->hashAlgorithm, c->md);
    X509_ALGOR_set_md(hash, c->md);
    hash_packed = ASN1_item_pack(hash, ASN1_ITEM_rptr(X509_ALGOR), NULL);
    if (!hash_packed || !X509_ALGOR_set0(pss->maskGenAlgorithm, OBJ_nid2obj(NID_mgf1),
                                         V_ASN1_SEQUENCE, hash_packed))
        goto out;
    hash_packed = NULL;
    packed = ASN1_item_pack(pss, ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
    if (!packed || !X509_ALGOR_set0(out, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, packed))
        goto out;
    packed = NULL;
    good = 1;
out:
    ASN1_STRING_free(packed);
    ASN1_STRING_free(hash_packed);
    X509_ALGOR_free(hash);
    RSA_PSS_PARAMS_free(pss);
    return good;
}

/* DER AlgorithmIdentifier: with NULL for RSA (RFC 4055 5), without parameter for ECDSA (RFC
 * 5758 3.2). */
static int get_algorithm(const struct context *c, OSSL_PARAM *p)
{
    X509_ALGOR *algorithm = X509_ALGOR_new();
    uint8_t *der = NULL;
    int nid = NID_undef, n = -1, good = 0;

    if (!algorithm || !c->data || !c->md)
        goto out;
    if (salt_of(c) >= 0)
        good = pss_algorithm(c, algorithm);
    else
        good = OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(c->md),
                                      c->data->rsa ? EVP_PKEY_RSA : EVP_PKEY_EC) &&
               X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid),
                               c->data->rsa ? V_ASN1_NULL : V_ASN1_UNDEF, NULL);
    n = good ? i2d_X509_ALGOR(algorithm, &der) : -1;
    good = n > 0 && OSSL_PARAM_set_octet_string(p, der, (size_t)n);
out:
    OPENSSL_free(der);
    X509_ALGOR_free(algorithm);
    return good;
}

static int get_padding(const struct context *c, OSSL_PARAM *p)
{
    if (p->data_type == OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_set_utf8_string(p, c->padding == RSA_PKCS1_PSS_PADDING
                                                 ? OSSL_PKEY_RSA_PAD_MODE_PSS
                                                 : OSSL_PKEY_RSA_PAD_MODE_PKCSV15);
    return OSSL_PARAM_set_int(p, c->padding);
}

static int get_salt(const struct context *c, OSSL_PARAM *p)
{
    char text[16];

    if (p->data_type != OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_set_int(p, c->salt_len);
    (void)snprintf(text, sizeof(text), "%d", salt_of(c) < 0 ? 0 : salt_of(c));
    return OSSL_PARAM_set_utf8_string(
        p, c->salt_len == RSA_PSS_SALTLEN_DIGEST ? OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST : text);
}

static int get_params(void *ctx, OSSL_PARAM params[])
{
    const struct context *c = ctx;
    const EVP_MD *mgf1 = c->mgf1 ? c->mgf1 : c->md;
    OSSL_PARAM *p;

    for (p = params; p && p->key; p++) {
        int good = 1;
        if (strcmp(p->key, OSSL_SIGNATURE_PARAM_ALGORITHM_ID) == 0)
            good = get_algorithm(c, p);
        else if (strcmp(p->key, OSSL_SIGNATURE_PARAM_DIGEST) == 0)
            good = OSSL_PARAM_set_utf8_string(p, c->md ? EVP_MD_get0_name(c->md) : "");
        else if (strcmp(p->key, OSSL_SIGNATURE_PARAM_MGF1_DIGEST) == 0)
            good = OSSL_PARAM_set_utf8_string(p, mgf1 ? EVP_MD_get0_name(mgf1) : "");
        else if (strcmp(p->key, OSSL_SIGNATURE_PARAM_PAD_MODE) == 0)
            good = get_padding(c, p);
        else if (strcmp(p->key, OSSL_SIGNATURE_PARAM_PSS_SALTLEN) == 0)
            good = get_salt(c, p);
        if (!good)
            return 0;
    }
    return 1;
}

static const OSSL_PARAM *gettable(void *ctx, void *provider)
{
    static const OSSL_PARAM list[] = {
        OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_END,
    };

    (void)ctx;
    (void)provider;
    return list;
}

static const OSSL_PARAM *settable(void *ctx, void *provider)
{
    return gettable(ctx, provider) + 1; /* all but the algorithm identifier */
}

static int init(void *ctx, void *keydata, const OSSL_PARAM params[])
{
    struct context *c = ctx;

    if (keydata)
        c->data = keydata;
    return c->data && c->data->public_key && set_params(c, params);
}

static int digest_init(void *ctx, const char *name, void *keydata, const OSSL_PARAM params[])
{
    struct context *c = ctx;

    if (!init(ctx, keydata, params))
        return 0;
    if (name && *name) {
        if (!set_digest(&c->md, name))
            return 0;
    } else if (!c->md && !set_digest(&c->md, DEFAULT_DIGEST)) {
        return 0;
    }
    if (!c->md_ctx)
        c->md_ctx = EVP_MD_CTX_new();
    return c->md_ctx && EVP_DigestInit_ex2(c->md_ctx, c->md, NULL);
}

static int update(void *ctx, const uint8_t *data, size_t n)
{
    struct context *c = ctx;

    return c->md_ctx && EVP_DigestUpdate(c->md_ctx, data, n);
}

static int sign(void *ctx, uint8_t *sig, size_t *sig_n, size_t size, const uint8_t *digest,
                size_t n)
{
    struct context *c = ctx;
    uint8_t out[KEYS_SIGNATURE_MAX];
    size_t out_n = 0;

    if (!sig) {
        *sig_n = (size_t)EVP_PKEY_get_size(c->data->public_key);
        return 1;
    }
    if (!c->data->key || (c->md && (size_t)EVP_MD_get_size(c->md) != n) ||
        (c->mgf1 && salt_of(c) >= 0 && !EVP_MD_is_a(c->mgf1, EVP_MD_get0_name(c->md))) ||
        keys_sign_into(c->data->key, digest, n, salt_of(c), out, &out_n) != E_OK || out_n > size) {
        ERR_raise_data(ERR_LIB_PROV, ERR_R_OPERATION_FAIL, "token: %s", fault_current()->detail);
        return 0;
    }
    memcpy(sig, out, out_n);
    *sig_n = out_n;
    return 1;
}

static int digest_final(struct context *c, uint8_t digest[EVP_MAX_MD_SIZE], unsigned *n)
{
    return c->md_ctx && EVP_DigestFinal_ex(c->md_ctx, digest, n);
}

static int sign_final(void *ctx, uint8_t *sig, size_t *sig_n, size_t size)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (!sig)
        return sign(ctx, NULL, sig_n, size, NULL, 0);
    return digest_final(ctx, digest, &n) && sign(ctx, sig, sig_n, size, digest, n);
}

static int verify(void *ctx, const uint8_t *sig, size_t sig_n, const uint8_t *digest, size_t n)
{
    struct context *c = ctx;
    EVP_PKEY_CTX *pkey = EVP_PKEY_CTX_new_from_pkey(NULL, c->data->public_key, PROVIDER_DEFAULT);
    bool good = pkey && EVP_PKEY_verify_init(pkey) > 0;

    if (good && c->data->rsa)
        good = EVP_PKEY_CTX_set_rsa_padding(pkey, c->padding) > 0;
    if (good && c->md)
        good = EVP_PKEY_CTX_set_signature_md(pkey, c->md) > 0;
    if (good && salt_of(c) >= 0)
        good = EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, c->salt_len) > 0;
    good = good && EVP_PKEY_verify(pkey, sig, sig_n, digest, n) == 1;
    EVP_PKEY_CTX_free(pkey);
    return good;
}

static int verify_final(void *ctx, const uint8_t *sig, size_t sig_n)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    return digest_final(ctx, digest, &n) && verify(ctx, sig, sig_n, digest, n);
}

#define TABLE(name)                                                                                \
    const OSSL_DISPATCH name[] = {                                                                 \
        { OSSL_FUNC_SIGNATURE_NEWCTX, (void (*)(void))new_context },                               \
        { OSSL_FUNC_SIGNATURE_FREECTX, (void (*)(void))free_context },                             \
        { OSSL_FUNC_SIGNATURE_DUPCTX, (void (*)(void))dup_context },                               \
        { OSSL_FUNC_SIGNATURE_SIGN_INIT, (void (*)(void))init },                                   \
        { OSSL_FUNC_SIGNATURE_SIGN, (void (*)(void))sign },                                        \
        { OSSL_FUNC_SIGNATURE_VERIFY_INIT, (void (*)(void))init },                                 \
        { OSSL_FUNC_SIGNATURE_VERIFY, (void (*)(void))verify },                                    \
        { OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, (void (*)(void))digest_init },                     \
        { OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, (void (*)(void))update },                        \
        { OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, (void (*)(void))sign_final },                     \
        { OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, (void (*)(void))digest_init },                   \
        { OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, (void (*)(void))update },                      \
        { OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, (void (*)(void))verify_final },                 \
        { OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, (void (*)(void))get_params },                        \
        { OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, (void (*)(void))gettable },                     \
        { OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, (void (*)(void))set_params },                        \
        { OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (void (*)(void))settable },                     \
        { 0, NULL },                                                                               \
    }

TABLE(provider_signature_rsa);
TABLE(provider_signature_ec);
