/* test_vectors.c - the verification that guards our signatures, and the provider's, on the
 * published vectors of project Wycheproof: forged, malformed and wrongly padded signatures. */
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/json.h"
#include "sign/provider_internal.h"
#include "tap.h"

#include "sign/provider.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdlib.h>

static struct arena *a;

struct file {
    const char *name;
    bool rsa, pss;
    const char *md;
};

static bool read_file(const char *name, struct bytes *out)
{
    const char *src = getenv("SHOMEI_SRCDIR");
    struct str path = str_fmt(a, "%s/../shared/vectors/wycheproof/%s.json", src ? src : ".", name);
    uint8_t *p = arena_alloc(a, 4 * 1024 * 1024);
    FILE *f = fopen(path.p, "rb");

    if (!f)
        return false;
    *out = (struct bytes){ p, fread(p, 1, 4 * 1024 * 1024, f) };
    return fclose(f) == 0 && out->n > 0;
}

/* The public key imported into our provider, so that its verification is what runs. */
static EVP_PKEY *ours(const struct file *file, struct bytes spki)
{
    const uint8_t *p = spki.p;
    EVP_PKEY *plain = d2i_PUBKEY(NULL, &p, (long)spki.n), *key = NULL;
    OSSL_PARAM *params = NULL;
    EVP_PKEY_CTX *ctx =
        EVP_PKEY_CTX_new_from_name(NULL, file->rsa ? "RSA" : "EC", PROVIDER_PROPERTY);

    if (plain && ctx && EVP_PKEY_todata(plain, EVP_PKEY_PUBLIC_KEY, &params) > 0 &&
        EVP_PKEY_fromdata_init(ctx) > 0)
        (void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(plain);
    return key;
}

static bool accepts(const struct file *file, EVP_PKEY *key, struct bytes msg, struct bytes sig)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pkey = NULL;
    bool good =
        EVP_DigestVerifyInit_ex(ctx, &pkey, file->md, NULL, PROVIDER_PROPERTY, key, NULL) > 0;

    if (file->pss)
        good = good && EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, 32) > 0;
    good = good && EVP_DigestVerify(ctx, sig.p, sig.n, msg.p, msg.n) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

static void group(const struct file *file, const struct json *g, size_t *n, size_t *wrong)
{
    const struct json *tests = json_get(g, "tests");
    struct bytes spki, msg, sig;
    EVP_PKEY *key;
    size_t i;

    if (hex_decode(a, json_get_str(g, "publicKeyDer"), &spki) != E_OK)
        return;
    key = ours(file, spki);
    for (i = 0; key && i < json_length(tests); i++) {
        const struct json *t = json_at(tests, i);
        struct str result = json_get_str(t, "result");
        if (hex_decode(a, json_get_str(t, "msg"), &msg) != E_OK ||
            hex_decode(a, json_get_str(t, "sig"), &sig) != E_OK)
            continue;
        (*n)++;
        /* "acceptable" leaves the choice to the implementation */
        if (!str_eq_z(result, "acceptable") &&
            accepts(file, key, msg, sig) != str_eq_z(result, "valid")) {
            (*wrong)++;
            tap_note("%s: %.*s", file->name, STR_ARG(json_get_str(t, "comment")));
        }
    }
    EVP_PKEY_free(key);
}

static void one_file(const struct file *file)
{
    const struct json *groups;
    struct json *root = NULL;
    struct bytes text;
    int64_t total = 0;
    size_t i, n = 0, wrong = 0;

    if (!read_file(file->name, &text)) {
        tap_skip("%s: vectors are not here", file->name);
        return;
    }
    is_err(json_parse(text, &root), E_OK, file->name);
    groups = json_get(root, "testGroups");
    (void)json_get_i64(root, "numberOfTests", &total);
    for (i = 0; i < json_length(groups); i++)
        group(file, json_at(groups, i), &n, &wrong);
    is_int((int64_t)n, total, "all vectors were run");
    is_int((int64_t)wrong, 0, "all as published");
    json_free(root);
}

int main(void)
{
    static const struct file files[] = {
        { "ecdsa_secp256r1_sha256_test", false, false, "SHA256" },
        { "ecdsa_secp384r1_sha384_test", false, false, "SHA384" },
        { "rsa_signature_2048_sha256_test", true, false, "SHA256" },
        { "rsa_pss_2048_sha256_mgf1_32_test", true, true, "SHA256" },
    };
    size_t i;

    a = arena_new(64 * 1024 * 1024);
    is_err(provider_load(), E_OK, "provider");
    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        one_file(&files[i]);
    arena_free(a);
    return tap_done();
}
