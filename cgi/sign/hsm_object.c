/* hsm_object.c - templates of our keys, and what is done with the objects. */
#include "sign/hsm_object.h"

#include "base/random.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#define ATTRIBUTE_MAX 4096 /* of what we read: RSA-4096 modulus 512, EC point 133 */
#define WRAPPED_MAX 8192   /* an RSA-4096 key wraps to 2384 bytes */

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

/* DER of the named curve (RFC 5480 2.1.1.1): secp256r1, secp384r1. */
static uint8_t curve_p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static uint8_t curve_p384[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };

static const struct {
    CK_KEY_TYPE type;
    CK_ULONG bits;
    uint8_t *curve;
    CK_ULONG curve_n;
    const char *group;
} kinds[] = {
    [KEY_RSA2048] = { CKK_RSA, 2048, NULL, 0, NULL },
    [KEY_RSA3072] = { CKK_RSA, 3072, NULL, 0, NULL },
    [KEY_P256] = { CKK_EC, 256, curve_p256, sizeof(curve_p256), "P-256" },
    [KEY_P384] = { CKK_EC, 384, curve_p384, sizeof(curve_p384), "P-384" },
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == KEY_KIND__MAX, "one row per kind");

/* A template under construction. */
struct template
{
    CK_ATTRIBUTE at[20];
    CK_ULONG n;
};

static void set(struct template *t, CK_ATTRIBUTE_TYPE type, void *value, size_t n)
{
    if (t->n < sizeof(t->at) / sizeof(t->at[0]))
        t->at[t->n++] = (CK_ATTRIBUTE){ type, value, (CK_ULONG)n };
}

static void set_flag(struct template *t, CK_ATTRIBUTE_TYPE type, bool on)
{
    set(t, type, on ? &yes : &no, sizeof(CK_BBOOL));
}

/* PKCS#11 takes non-const text in templates but does not change it. */
static void set_text(struct template *t, CK_ATTRIBUTE_TYPE type, const char *text, char copy[33])
{
    size_t n = strlen(text);

    n = n > HSM_LABEL_MAX ? HSM_LABEL_MAX : n;
    memcpy(copy, text, n);
    copy[n] = '\0';
    set(t, type, copy, n);
}

static CK_RV find(struct hsm *h, struct template *t, CK_OBJECT_HANDLE *found, CK_ULONG max,
                  CK_ULONG *n)
{
    CK_FUNCTION_LIST *f = h->module->f;
    CK_RV rv, end;

    *n = 0;
    rv = f->C_FindObjectsInit(h->session, t->at, t->n);
    if (rv != CKR_OK)
        return rv;
    rv = f->C_FindObjects(h->session, found, max, n);
    end = f->C_FindObjectsFinal(h->session);
    return rv != CKR_OK ? rv : end;
}

CK_RV hsm_object_find(struct hsm *h, CK_OBJECT_CLASS class, const char *label,
                      CK_OBJECT_HANDLE *out)
{
    struct template t = { .n = 0 };
    char copy[HSM_LABEL_MAX + 1];
    CK_ULONG n;
    CK_RV rv;

    set(&t, CKA_CLASS, &class, sizeof(class));
    set_flag(&t, CKA_TOKEN, true);
    set_text(&t, CKA_LABEL, label, copy);
    rv = find(h, &t, out, 1, &n);
    if (rv == CKR_OK && n == 0)
        *out = CK_INVALID_HANDLE;
    return rv;
}

CK_RV hsm_object_all(struct hsm *h, CK_OBJECT_CLASS class, struct arena *a, CK_OBJECT_HANDLE **out,
                     size_t *n)
{
    struct template t = { .n = 0 };
    CK_ULONG found;
    size_t max = 256;
    CK_RV rv;

    set(&t, CKA_CLASS, &class, sizeof(class));
    set_flag(&t, CKA_TOKEN, true);
    *out = ARENA_ARRAY(a, max, CK_OBJECT_HANDLE);
    rv = find(h, &t, *out, max, &found);
    *n = found;
    return rv;
}

CK_RV hsm_object_read(struct hsm *h, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                      struct arena *a, struct bytes *out)
{
    CK_ATTRIBUTE at = { type, NULL, 0 };
    CK_RV rv = h->module->f->C_GetAttributeValue(h->session, object, &at, 1);
    uint8_t *p;

    *out = BYTES_ABSENT;
    if (rv == CKR_ATTRIBUTE_TYPE_INVALID)
        return CKR_OK;
    if (rv != CKR_OK)
        return rv;
    if (at.ulValueLen > ATTRIBUTE_MAX)
        return CKR_ATTRIBUTE_VALUE_INVALID;
    p = arena_alloc(a, at.ulValueLen);
    at.pValue = p;
    rv = h->module->f->C_GetAttributeValue(h->session, object, &at, 1);
    if (rv == CKR_OK)
        *out = (struct bytes){ p, at.ulValueLen };
    return rv;
}

static const struct hsm_kek *remembered(const struct hsm *h, const char *label,
                                        const struct hsm_object_uid *uid)
{
    size_t i;

    for (i = 0; i < HSM_KEK_CACHE; i++) {
        const struct hsm_kek *k = &h->keks[i];
        if (k->epoch != 0 && k->epoch == h->epoch && strcmp(k->label, label) == 0 &&
            (!uid || memcmp(k->uid, uid->b, sizeof(k->uid)) == 0))
            return k;
    }
    return NULL;
}

static void remember(struct hsm *h, const char *label, const struct hsm_object_uid *uid,
                     CK_OBJECT_HANDLE handle)
{
    struct hsm_kek *k = &h->keks[h->kek_next];

    h->kek_next = (h->kek_next + 1) % HSM_KEK_CACHE;
    (void)snprintf(k->label, sizeof(k->label), "%s", label);
    memcpy(k->uid, uid->b, sizeof(k->uid));
    k->handle = handle;
    k->epoch = h->epoch;
}

/* A blob may name a wrapping key that was destroyed; only when the current one is missing too has
 * something happened to the token, which a new start of the module may cure. */
static CK_RV absent_or_lost(struct hsm *h, const char *label, const struct hsm_object_uid *uid)
{
    CK_OBJECT_HANDLE current = CK_INVALID_HANDLE;

    if (!h->kek_id || (!uid && strcmp(label, h->kek_id) == 0))
        return HSM_RV_KEK_LOST;
    if (hsm_object_find(h, CKO_SECRET_KEY, h->kek_id, &current) != CKR_OK ||
        current == CK_INVALID_HANDLE)
        return HSM_RV_KEK_LOST;
    return HSM_RV_KEK_ABSENT;
}

CK_RV hsm_object_kek(struct hsm *h, const char *label, const struct hsm_object_uid *uid,
                     CK_OBJECT_HANDLE *out, struct hsm_object_uid *found)
{
    const struct hsm_kek *known = remembered(h, label, uid);
    struct template t = { .n = 0 };
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    char copy[HSM_LABEL_MAX + 1];
    struct hsm_object_uid id = { { 0 } };
    CK_ATTRIBUTE at = { CKA_ID, id.b, sizeof(id.b) };
    CK_ULONG n;
    CK_RV rv;

    if (known) {
        memcpy(found->b, known->uid, sizeof(found->b));
        *out = known->handle;
        return CKR_OK;
    }
    set(&t, CKA_CLASS, &class, sizeof(class));
    set_flag(&t, CKA_TOKEN, true);
    set_text(&t, CKA_LABEL, label, copy);
    if (uid) {
        id = *uid;
        set(&t, CKA_ID, id.b, sizeof(id.b));
    }
    rv = find(h, &t, out, 1, &n);
    if (rv != CKR_OK)
        return rv;
    if (n == 0)
        return absent_or_lost(h, label, uid);
    rv = h->module->f->C_GetAttributeValue(h->session, *out, &at, 1);
    if (rv != CKR_OK || at.ulValueLen != sizeof(id.b))
        return rv != CKR_OK ? rv : HSM_RV_KEK_ABSENT;
    *found = id;
    remember(h, label, &id, *out);
    return CKR_OK;
}

CK_RV hsm_object_create_kek(struct hsm *h, const char *label, const struct hsm_object_uid *uid,
                            bool data)
{
    CK_MECHANISM m = { CKM_AES_KEY_GEN, NULL, 0 };
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_ULONG size = 32; /* AES-256 (P3-102) */
    struct hsm_object_uid id = *uid;
    struct template t = { .n = 0 };
    char copy[HSM_LABEL_MAX + 1];
    CK_OBJECT_HANDLE made;

    set(&t, CKA_CLASS, &class, sizeof(class));
    set(&t, CKA_KEY_TYPE, &type, sizeof(type));
    set(&t, CKA_VALUE_LEN, &size, sizeof(size));
    set_text(&t, CKA_LABEL, label, copy);
    set(&t, CKA_ID, id.b, sizeof(id.b));
    set_flag(&t, CKA_TOKEN, true);
    set_flag(&t, CKA_PRIVATE, true);
    set_flag(&t, CKA_SENSITIVE, true);
    set_flag(&t, CKA_EXTRACTABLE, false);
    set_flag(&t, CKA_MODIFIABLE, false);
    /* one use per key: who can both unwrap and decrypt can read the keys it wraps */
    set_flag(&t, CKA_WRAP, !data);
    set_flag(&t, CKA_UNWRAP, !data);
    set_flag(&t, CKA_ENCRYPT, data);
    set_flag(&t, CKA_DECRYPT, data);
    set_flag(&t, CKA_SIGN, false);
    set_flag(&t, CKA_VERIFY, false);
    set_flag(&t, CKA_DERIVE, false);
    return h->module->f->C_GenerateKey(h->session, &m, t.at, t.n, &made);
}

/* What the private half may do: sign, nothing else. */
static void private_template(struct template *t, bool token, bool extractable)
{
    set_flag(t, CKA_TOKEN, token);
    set_flag(t, CKA_PRIVATE, true);
    set_flag(t, CKA_SENSITIVE, true);
    set_flag(t, CKA_EXTRACTABLE, extractable);
    set_flag(t, CKA_SIGN, true);
    set_flag(t, CKA_DECRYPT, false);
    set_flag(t, CKA_UNWRAP, false);
    set_flag(t, CKA_SIGN_RECOVER, false);
    set_flag(t, CKA_DERIVE, false);
}

CK_RV hsm_object_generate(struct hsm *h, enum key_kind kind, const char *label,
                          struct hsm_object_pair *out)
{
    bool rsa = kinds[kind].type == CKK_RSA, token = label != NULL;
    CK_MECHANISM m = { rsa ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN, NULL, 0 };
    CK_ULONG bits = kinds[kind].bits;
    uint8_t exponent[] = { 1, 0, 1 };
    struct template pub = { .n = 0 }, priv = { .n = 0 };
    struct hsm_object_uid id;
    char copy[2][HSM_LABEL_MAX + 1];

    set_flag(&pub, CKA_TOKEN, token);
    set_flag(&pub, CKA_PRIVATE, false);
    set_flag(&pub, CKA_VERIFY, true);
    set_flag(&pub, CKA_ENCRYPT, false);
    set_flag(&pub, CKA_WRAP, false);
    private_template(&priv, token, !token);
    if (rsa) {
        set(&pub, CKA_MODULUS_BITS, &bits, sizeof(bits));
        set(&pub, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
    } else {
        set(&pub, CKA_EC_PARAMS, kinds[kind].curve, kinds[kind].curve_n);
    }
    if (token) {
        random_bytes(id.b, sizeof(id.b));
        set(&pub, CKA_ID, id.b, sizeof(id.b));
        set(&priv, CKA_ID, id.b, sizeof(id.b));
        set_text(&pub, CKA_LABEL, label, copy[0]);
        set_text(&priv, CKA_LABEL, label, copy[1]);
    }
    return h->module->f->C_GenerateKeyPair(h->session, &m, pub.at, pub.n, priv.at, priv.n,
                                           &out->public_key, &out->private_key);
}

/* Parameters to SubjectPublicKeyInfo through OpenSSL's own key type. */
static CK_RV spki_of(const char *algorithm, OSSL_PARAM_BLD *build, struct arena *a,
                     struct bytes *spki)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, "?provider=default");
    EVP_PKEY *key = NULL;
    uint8_t *der = NULL;
    CK_RV rv = HSM_RV_INTERNAL;
    int n;

    if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        goto out;
    n = i2d_PUBKEY(key, &der);
    if (n <= 0)
        goto out;
    *spki = bytes_dup(a, (struct bytes){ der, (size_t)n });
    rv = CKR_OK;
out:
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return rv;
}

static CK_RV rsa_spki(struct hsm *h, CK_OBJECT_HANDLE object, struct arena *a, enum key_kind *kind,
                      struct bytes *spki)
{
    struct bytes modulus, exponent;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = NULL, *e = NULL;
    CK_RV rv;

    rv = hsm_object_read(h, object, CKA_MODULUS, a, &modulus);
    if (rv == CKR_OK)
        rv = hsm_object_read(h, object, CKA_PUBLIC_EXPONENT, a, &exponent);
    if (rv != CKR_OK)
        goto out;
    rv = HSM_RV_INTERNAL;
    if (!modulus.p || !exponent.p)
        goto out;
    n = BN_bin2bn(modulus.p, (int)modulus.n, NULL);
    e = BN_bin2bn(exponent.p, (int)exponent.n, NULL);
    if (!build || !n || !e || !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) ||
        !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
        goto out;
    *kind = BN_num_bits(n) == 2048 ? KEY_RSA2048 : KEY_RSA3072;
    if ((CK_ULONG)BN_num_bits(n) != kinds[*kind].bits)
        goto out; /* of a size that we do not make */
    rv = spki_of("RSA", build, a, spki);
out:
    BN_free(n);
    BN_free(e);
    OSSL_PARAM_BLD_free(build);
    return rv;
}

static CK_RV ec_spki(struct hsm *h, CK_OBJECT_HANDLE object, struct arena *a, enum key_kind *kind,
                     struct bytes *spki)
{
    struct bytes curve, point;
    OSSL_PARAM_BLD *build = NULL;
    CK_RV rv;

    rv = hsm_object_read(h, object, CKA_EC_PARAMS, a, &curve);
    if (rv == CKR_OK)
        rv = hsm_object_read(h, object, CKA_EC_POINT, a, &point);
    if (rv != CKR_OK)
        return rv;
    *kind = curve.n == sizeof(curve_p256) ? KEY_P256 : KEY_P384;
    if (!point.p || !bytes_eq(curve, (struct bytes){ kinds[*kind].curve, kinds[*kind].curve_n }))
        return HSM_RV_INTERNAL;
    /* PKCS#11 2.40, 2.3.3: a DER OCTET STRING; some modules give the bare point */
    if (point.n == 2 + 1 + 2 * kinds[*kind].bits / 8 && point.p[0] == 0x04 &&
        point.p[1] == point.n - 2)
        point = (struct bytes){ point.p + 2, point.n - 2 };
    build = OSSL_PARAM_BLD_new();
    rv = HSM_RV_INTERNAL;
    if (build && point.n == 1 + 2 * kinds[*kind].bits / 8 &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, kinds[*kind].group, 0) &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n))
        rv = spki_of("EC", build, a, spki);
    OSSL_PARAM_BLD_free(build);
    return rv;
}

CK_RV hsm_object_spki(struct hsm *h, CK_OBJECT_HANDLE public_key, struct arena *a,
                      enum key_kind *kind, struct bytes *spki)
{
    CK_KEY_TYPE type = 0;
    CK_ATTRIBUTE at = { CKA_KEY_TYPE, &type, sizeof(type) };
    CK_RV rv = h->module->f->C_GetAttributeValue(h->session, public_key, &at, 1);

    if (rv != CKR_OK)
        return rv;
    return type == CKK_RSA ? rsa_spki(h, public_key, a, kind, spki)
                           : ec_spki(h, public_key, a, kind, spki);
}

CK_RV hsm_object_wrap(struct hsm *h, CK_OBJECT_HANDLE kek, CK_OBJECT_HANDLE key, struct arena *a,
                      struct bytes *out)
{
    CK_MECHANISM m = { CKM_AES_KEY_WRAP_PAD, NULL, 0 };
    uint8_t *p = arena_alloc(a, WRAPPED_MAX);
    CK_ULONG n = WRAPPED_MAX;
    CK_RV rv = h->module->f->C_WrapKey(h->session, &m, kek, key, p, &n);

    *out = (struct bytes){ p, n };
    return rv;
}

CK_RV hsm_object_unwrap(struct hsm *h, CK_OBJECT_HANDLE kek, enum key_kind kind,
                        struct bytes wrapped, bool extractable, CK_OBJECT_HANDLE *out)
{
    CK_MECHANISM m = { CKM_AES_KEY_WRAP_PAD, NULL, 0 };
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = kinds[kind].type;
    struct template t = { .n = 0 };
    uint8_t copy[WRAPPED_MAX]; /* the API wants it writable; it is ciphertext */

    if (wrapped.n > sizeof(copy))
        return HSM_RV_DAMAGED;
    memcpy(copy, wrapped.p, wrapped.n);
    set(&t, CKA_CLASS, &class, sizeof(class));
    set(&t, CKA_KEY_TYPE, &type, sizeof(type));
    private_template(&t, false, extractable);
    return h->module->f->C_UnwrapKey(h->session, &m, kek, copy, (CK_ULONG)wrapped.n, t.at, t.n,
                                     out);
}

void hsm_object_destroy(struct hsm *h, CK_OBJECT_HANDLE object)
{
    if (object != CK_INVALID_HANDLE)
        (void)h->module->f->C_DestroyObject(h->session, object);
}
