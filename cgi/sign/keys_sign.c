/* keys_sign.c - signatures over a digest. */
#include "sign/keys_internal.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#define DIGEST_INFO 19 /* bytes before the digest, RFC 8017 9.2 note 1 */

/* Everything that depends on the digest, by its length. */
struct hash {
    size_t n;
    const EVP_MD *(*md)(void);
    CK_MECHANISM_TYPE hash;
    CK_RSA_PKCS_MGF_TYPE mgf;
    uint8_t info[DIGEST_INFO];
};

static const struct hash hashes[] = {
    { 32,
      EVP_sha256,
      CKM_SHA256,
      CKG_MGF1_SHA256,
      { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20 } },
    { 48,
      EVP_sha384,
      CKM_SHA384,
      CKG_MGF1_SHA384,
      { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
        0x05, 0x00, 0x04, 0x30 } },
    { 64,
      EVP_sha512,
      CKM_SHA512,
      CKG_MGF1_SHA512,
      { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
        0x05, 0x00, 0x04, 0x40 } },
};

struct sign_op {
    struct signing_key *k;
    CK_MECHANISM mechanism;
    uint8_t in[DIGEST_INFO + 64];
    CK_ULONG in_n;
    uint8_t out[KEYS_SIGNATURE_MAX];
    CK_ULONG out_n;
};

static bool is_rsa(const struct signing_key *k)
{
    return k->kind == KEY_RSA2048 || k->kind == KEY_RSA3072;
}

static CK_RV op_sign(struct hsm *h, void *arg)
{
    struct sign_op *o = arg;
    CK_RV rv = keys_load(h, o->k);

    if (rv != CKR_OK)
        return rv;
    rv = h->module->f->C_SignInit(h->session, &o->mechanism, o->k->handle);
    if (rv != CKR_OK)
        return rv;
    o->out_n = sizeof(o->out);
    return h->module->f->C_Sign(h->session, o->in, o->in_n, o->out, &o->out_n);
}

/* PKCS#11 gives r || s, everything else wants SEQUENCE { r, s } (RFC 3279 2.2.3). */
static enum err ecdsa_der(const struct sign_op *o, uint8_t *out, size_t *out_n)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(o->out, (int)(o->out_n / 2), NULL);
    BIGNUM *s = BN_bin2bn(o->out + o->out_n / 2, (int)(o->out_n / 2), NULL);
    enum err err = E_OK;
    int n = 0;

    if (sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
        r = s = NULL;
        n = i2d_ECDSA_SIG(sig, NULL);
        if (n > 0 && n <= KEYS_SIGNATURE_MAX)
            n = i2d_ECDSA_SIG(sig, &out);
    }
    if (n <= 0 || n > KEYS_SIGNATURE_MAX)
        err = FAIL(E_INTERNAL, "", "ECDSA signature of %lu bytes not encoded", o->out_n);
    *out_n = (size_t)n;
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    return err;
}

/* The blob, its certificate and the token may have been mixed up in the database, and a faulty RSA
 * signature gives the key away: check once per key. */
static enum err verify(struct signing_key *k, const struct hash *hash, const uint8_t *digest,
                       int pss_salt, const uint8_t *sig, size_t sig_n)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = NULL;
    enum err err = keys_public(k, &key);
    bool good = false;

    if (err != E_OK)
        return err;
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, "?provider=default");
    good = ctx && EVP_PKEY_verify_init(ctx) > 0;
    if (good && is_rsa(k)) {
        good = EVP_PKEY_CTX_set_rsa_padding(ctx, pss_salt < 0 ? RSA_PKCS1_PADDING
                                                              : RSA_PKCS1_PSS_PADDING) > 0 &&
               EVP_PKEY_CTX_set_signature_md(ctx, hash->md()) > 0 &&
               (pss_salt < 0 || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, pss_salt) > 0);
    }
    good = good && EVP_PKEY_verify(ctx, sig, sig_n, digest, hash->n) == 1;
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    if (!good)
        return FAIL(E_STATE, "key-mismatch", "signature does not fit the public key");
    k->verified = true;
    return E_OK;
}

static const struct hash *hash_of(size_t n)
{
    size_t i;

    for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        if (hashes[i].n == n)
            return &hashes[i];
    }
    return NULL;
}

static void prepare(struct sign_op *o, const struct hash *hash, const uint8_t *digest,
                    CK_RSA_PKCS_PSS_PARAMS *pss)
{
    bool info = is_rsa(o->k) && !pss;

    if (info)
        memcpy(o->in, hash->info, DIGEST_INFO);
    memcpy(o->in + (info ? DIGEST_INFO : 0), digest, hash->n);
    o->in_n = (CK_ULONG)(hash->n + (info ? DIGEST_INFO : 0));
    o->mechanism.mechanism = !is_rsa(o->k) ? CKM_ECDSA : pss ? CKM_RSA_PKCS_PSS : CKM_RSA_PKCS;
    o->mechanism.pParameter = pss;
    o->mechanism.ulParameterLen = pss ? sizeof(*pss) : 0;
}

enum err keys_sign_into(struct signing_key *k, const uint8_t *digest, size_t n, int pss_salt,
                        uint8_t *out, size_t *out_n)
{
    const struct hash *hash = hash_of(n);
    CK_RSA_PKCS_PSS_PARAMS pss;
    struct sign_op o = { .k = k };
    enum err err;

    if (!hash)
        return FAIL(E_INPUT, "digest-length", "digest of %zu bytes", n);
    if (k->dead)
        return FAIL(E_STATE, "key-destroyed", "signing key was destroyed");
    if (pss_salt >= 0 && !is_rsa(k))
        return FAIL(E_UNSUPPORTED, "", "RSASSA-PSS with an EC key");
    pss =
        (CK_RSA_PKCS_PSS_PARAMS){ hash->hash, hash->mgf, (CK_ULONG)(pss_salt < 0 ? 0 : pss_salt) };
    prepare(&o, hash, digest, pss_salt < 0 ? NULL : &pss);
    err = hsm_session_run(k->hsm, "sign", op_sign, &o);
    if (err != E_OK)
        return err;
    if (is_rsa(k)) {
        memcpy(out, o.out, o.out_n);
        *out_n = o.out_n;
    } else {
        err = ecdsa_der(&o, out, out_n);
    }
    if (err == E_OK && !k->verified)
        err = verify(k, hash, digest, pss_salt, out, *out_n);
    return err;
}

static enum err sign(struct signing_key *k, const uint8_t *digest, size_t n, int pss_salt,
                     struct arena *a, struct bytes *signature)
{
    uint8_t out[KEYS_SIGNATURE_MAX];
    size_t out_n = 0;
    enum err err = keys_sign_into(k, digest, n, pss_salt, out, &out_n);

    if (err == E_OK)
        *signature = bytes_dup(a, (struct bytes){ out, out_n });
    return err;
}

enum err keys_sign_digest(struct signing_key *k, const uint8_t *digest, size_t n, struct arena *a,
                          struct bytes *signature)
{
    return sign(k, digest, n, -1, a, signature);
}

enum err keys_sign_digest_pss(struct signing_key *k, const uint8_t *digest, size_t n,
                              struct arena *a, struct bytes *signature)
{
    return sign(k, digest, n, (int)n, a, signature);
}
