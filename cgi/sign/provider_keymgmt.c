/* provider_keymgmt.c - provider-keymgmt(7): the public half is an EVP_PKEY of OpenSSL's own, asked
 * for everything but the private key, which is only a name for a key in the token. */
#include "sign/provider_internal.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <stdlib.h>

static void *new_data(bool rsa)
{
    struct provider_keydata *d = calloc(1, sizeof(*d));

    if (d)
        d->rsa = rsa;
    return d;
}

static void *new_rsa(void *provider)
{
    (void)provider;
    return new_data(true);
}

static void *new_ec(void *provider)
{
    (void)provider;
    return new_data(false);
}

static void free_data(void *keydata)
{
    struct provider_keydata *d = keydata;

    if (!d)
        return;
    EVP_PKEY_free(d->public_key);
    if (d->key)
        keys_release(d->key);
    free(d);
}

static int has(const void *keydata, int selection)
{
    const struct provider_keydata *d = keydata;

    if (!d || !d->public_key)
        return 0;
    return !(selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) || d->key;
}

static int match(const void *keydata1, const void *keydata2, int selection)
{
    const struct provider_keydata *a = keydata1, *b = keydata2;

    if (!a->public_key || !b->public_key)
        return 0;
    if (!(selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY))
        return EVP_PKEY_parameters_eq(a->public_key, b->public_key) == 1;
    return EVP_PKEY_eq(a->public_key, b->public_key) == 1;
}

/* Ours by pointer (provider_key), or anybody's public key, so that it can be compared with ours. */
static int import(void *keydata, int selection, const OSSL_PARAM params[])
{
    struct provider_keydata *d = keydata;
    const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, PROVIDER_PARAM_KEY);
    EVP_PKEY_CTX *ctx = NULL;
    OSSL_PARAM *copy = NULL;
    EVP_PKEY *borrowed = NULL;
    void *pointer;
    int good;

    if (p) {
        if (p->data_size != sizeof(pointer))
            return 0;
        memcpy(&pointer, p->data, sizeof(pointer));
        d->key = pointer;
        keys_hold(d->key);
        if (keys_public(d->key, &borrowed) != E_OK || !EVP_PKEY_up_ref(borrowed))
            return 0;
        d->public_key = borrowed;
        return 1;
    }
    if (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY)
        return 0;
    copy = OSSL_PARAM_dup(params);
    ctx = EVP_PKEY_CTX_new_from_name(NULL, d->rsa ? "RSA" : "EC", "provider=default");
    good = copy && ctx && EVP_PKEY_fromdata_init(ctx) > 0 &&
           EVP_PKEY_fromdata(ctx, &d->public_key, EVP_PKEY_PUBLIC_KEY, copy) > 0;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(copy);
    return good;
}

/* Refusing the private part makes OpenSSL come back to our signature instead of its own. */
static int export(void *keydata, int selection, OSSL_CALLBACK *callback, void *arg)
{
    struct provider_keydata *d = keydata;
    OSSL_PARAM *params = NULL;
    int good;

    if (!d->public_key || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY))
        return 0;
    if (!EVP_PKEY_todata(d->public_key, selection, &params))
        return 0;
    good = callback(params, arg);
    OSSL_PARAM_free(params);
    return good;
}

/* What an import of a public key may hold; private members are not among them. */
static const OSSL_PARAM *types(int selection)
{
    static const OSSL_PARAM public_types[] = {
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_END,
    };

    return selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY ? NULL : public_types;
}

/* Bits, size, security bits, default digest, group ...: whatever OpenSSL knows of the public half.
 */
static int get_params(void *keydata, OSSL_PARAM params[])
{
    struct provider_keydata *d = keydata;

    return d->public_key && EVP_PKEY_get_params(d->public_key, params);
}

static const OSSL_PARAM *gettable(void *provider)
{
    static const OSSL_PARAM list[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_END,
    };

    (void)provider;
    return list;
}

static const char *operation_rsa(int operation)
{
    (void)operation;
    return "RSA";
}

static const char *operation_ec(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? "ECDSA" : "EC";
}

#define TABLE(name, new_fn, operation_fn)                                                          \
    const OSSL_DISPATCH name[] = {                                                                 \
        { OSSL_FUNC_KEYMGMT_NEW, (void (*)(void))new_fn },                                         \
        { OSSL_FUNC_KEYMGMT_FREE, (void (*)(void))free_data },                                     \
        { OSSL_FUNC_KEYMGMT_HAS, (void (*)(void))has },                                            \
        { OSSL_FUNC_KEYMGMT_MATCH, (void (*)(void))match },                                        \
        { OSSL_FUNC_KEYMGMT_IMPORT, (void (*)(void))import },                                      \
        { OSSL_FUNC_KEYMGMT_IMPORT_TYPES, (void (*)(void))types },                                 \
        { OSSL_FUNC_KEYMGMT_EXPORT, (void (*)(void)) export },                                     \
        { OSSL_FUNC_KEYMGMT_EXPORT_TYPES, (void (*)(void))types },                                 \
        { OSSL_FUNC_KEYMGMT_GET_PARAMS, (void (*)(void))get_params },                              \
        { OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, (void (*)(void))gettable },                           \
        { OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, (void (*)(void))operation_fn },                  \
        { 0, NULL },                                                                               \
    }

TABLE(provider_keymgmt_rsa, new_rsa, operation_rsa);
TABLE(provider_keymgmt_ec, new_ec, operation_ec);
