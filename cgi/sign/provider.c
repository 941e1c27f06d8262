/* provider.c - a built-in OpenSSL 3 provider (provider-base(7)) with two key types and two
 * signatures. */
#include "sign/provider.h"

#include "sign/provider_internal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>

static const OSSL_ALGORITHM keymgmts[] = {
    { "RSA:rsaEncryption:1.2.840.113549.1.1.1", PROVIDER_PROPERTY, provider_keymgmt_rsa,
      "RSA key of the token" },
    { "EC:id-ecPublicKey:1.2.840.10045.2.1", PROVIDER_PROPERTY, provider_keymgmt_ec,
      "EC key of the token" },
    { NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM signatures[] = {
    { "RSA:rsaEncryption:1.2.840.113549.1.1.1", PROVIDER_PROPERTY, provider_signature_rsa,
      "RSA signature by the token" },
    { "ECDSA", PROVIDER_PROPERTY, provider_signature_ec, "ECDSA signature by the token" },
    { NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM *query(void *ctx, int operation, int *no_cache)
{
    (void)ctx;
    *no_cache = 0;
    if (operation == OSSL_OP_KEYMGMT)
        return keymgmts;
    return operation == OSSL_OP_SIGNATURE ? signatures : NULL;
}

static const OSSL_DISPATCH functions[] = {
    { OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
    { 0, NULL },
};

static int start(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
                 void **ctx)
{
    static char nothing; /* OpenSSL wants a context that is not NULL */

    (void)handle;
    (void)in;
    *out = functions;
    *ctx = &nothing;
    return 1;
}

enum err provider_load(void)
{
    static OSSL_PROVIDER *ordinary, *ours; /* kept to the end of the process */

    if (ours)
        return E_OK;
    /* Loading any provider by hand switches the automatic loading of the default one off. */
    if (!ordinary)
        ordinary = OSSL_PROVIDER_load(NULL, "default");
    if (ordinary && EVP_set_default_properties(NULL, PROVIDER_DEFAULT) &&
        OSSL_PROVIDER_add_builtin(NULL, PROVIDER_NAME, start))
        ours = OSSL_PROVIDER_load(NULL, PROVIDER_NAME);
    if (!ours)
        return FAIL(E_INTERNAL, "", "provider: %s", ERR_reason_error_string(ERR_peek_error()));
    return E_OK;
}

EVP_PKEY *provider_key(struct signing_key *k)
{
    bool rsa = k->kind == KEY_RSA2048 || k->kind == KEY_RSA3072;
    void *pointer = k;
    OSSL_PARAM params[] = {
        OSSL_PARAM_octet_string(PROVIDER_PARAM_KEY, &pointer, sizeof(void *)),
        OSSL_PARAM_END,
    };
    EVP_PKEY_CTX *ctx = NULL;
    EVP_PKEY *key = NULL;

    if (provider_load() != E_OK)
        return NULL;
    ctx = EVP_PKEY_CTX_new_from_name(NULL, rsa ? "RSA" : "EC", PROVIDER_PROPERTY);
    if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) <= 0) {
        (void)FAIL(E_INTERNAL, "", "provider key: %s", ERR_reason_error_string(ERR_peek_error()));
        key = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return key;
}
