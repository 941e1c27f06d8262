/* test_keys.c - keys in a real SoftHSM: made, wrapped, unwrapped, signing (P3-100, P3-101, P3-102).
 */
#include "base/crypto.h"
#include "base/random.h"
#include "token.h"
#include "sign/keys_internal.h"
#include "tap.h"

#include <openssl/x509.h>

static struct arena *a;

/* Judge with OpenSSL alone. */
static bool openssl_accepts(struct bytes spki, const uint8_t *digest, size_t n, bool pss,
                            struct bytes sig)
{
    const uint8_t *p = spki.p;
    const EVP_MD *md = n == 32 ? EVP_sha256() : n == 48 ? EVP_sha384() : EVP_sha512();
    EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)spki.n);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool good = EVP_PKEY_verify_init(ctx) > 0 && EVP_PKEY_CTX_set_signature_md(ctx, md) > 0;

    if (pss)
        good = good && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0;
    good = good && EVP_PKEY_verify(ctx, sig.p, sig.n, digest, n) == 1;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good;
}

static CK_RV op_get(struct hsm *h, void *arg)
{
    struct signing_key *k = arg;
    uint8_t value[4096];
    CK_ATTRIBUTE at = { k->kind < KEY_P256 ? CKA_PRIVATE_EXPONENT : CKA_VALUE, value,
                        sizeof(value) };
    CK_BBOOL on = CK_TRUE;
    CK_ATTRIBUTE set = { CKA_EXTRACTABLE, &on, sizeof(on) };
    CK_ATTRIBUTE set2 = { CKA_SENSITIVE, &on, sizeof(on) };
    CK_BBOOL off = CK_FALSE;

    set2.pValue = &off;
    ok(h->module->f->C_GetAttributeValue(h->session, k->handle, &at, 1) == CKR_ATTRIBUTE_SENSITIVE,
       "%s: the private value cannot be read", keys_kind_name(k->kind));
    ok(h->module->f->C_SetAttributeValue(h->session, k->handle, &set, 1) != CKR_OK,
       "%s: cannot be made extractable", keys_kind_name(k->kind));
    ok(h->module->f->C_SetAttributeValue(h->session, k->handle, &set2, 1) != CKR_OK,
       "%s: cannot be made insensitive", keys_kind_name(k->kind));
    return CKR_OK;
}

static CK_RV op_rewrap_refused(struct hsm *h, void *arg)
{
    struct signing_key *k = arg;
    CK_OBJECT_HANDLE kek;
    struct hsm_object_uid uid;
    struct bytes out;

    if (hsm_object_kek(h, TOKEN_KEK, NULL, &kek, &uid) != CKR_OK)
        return CKR_FUNCTION_FAILED;
    ok(hsm_object_wrap(h, kek, k->handle, a, &out) != CKR_OK,
       "%s: an unwrapped key cannot be wrapped out again", keys_kind_name(k->kind));
    return CKR_OK;
}

static CK_RV op_kek_sealed(struct hsm *h, void *arg)
{
    CK_OBJECT_HANDLE kek;
    struct hsm_object_uid uid;
    uint8_t value[64];
    CK_ATTRIBUTE at = { CKA_VALUE, value, sizeof(value) };
    CK_MECHANISM m = { CKM_AES_ECB, NULL, 0 };
    CK_RV rv = hsm_object_kek(h, arg, NULL, &kek, &uid);

    if (rv != CKR_OK)
        return rv;
    ok(h->module->f->C_GetAttributeValue(h->session, kek, &at, 1) == CKR_ATTRIBUTE_SENSITIVE,
       "%s: CKA_VALUE is not readable", (const char *)arg);
    if (strcmp(arg, TOKEN_KEK) == 0)
        ok(h->module->f->C_DecryptInit(h->session, &m, kek) != CKR_OK,
           "%s: cannot decrypt, so cannot reveal what it wraps", (const char *)arg);
    return CKR_OK;
}

static void one_kind(struct hsm *h, enum key_kind kind)
{
    const char *name = keys_kind_name(kind);
    struct bytes wrapped, spki, sig, changed, again;
    struct signing_key *k = NULL;
    uint8_t digest[64], *copy;
    size_t sizes[] = { 32, 48, 64 }, i;
    enum key_kind other = kind == KEY_P256 ? KEY_P384 : KEY_P256;

    random_bytes(digest, sizeof(digest));
    is_err(keys_generate(h, a, kind, &wrapped, &spki), E_OK, name);
    tap_note("%s: wrapped %zu bytes, public %zu bytes", name, wrapped.n, spki.n);
    is_err(keys_unwrap(h, wrapped, kind, spki, &k), E_OK, "unwrap");
    if (!k) {
        tap_note("%s", fault_current()->detail);
        return;
    }
    for (i = 0; i < 3; i++) {
        is_err(keys_sign_digest(k, digest, sizes[i], a, &sig), E_OK, "sign");
        ok(openssl_accepts(spki, digest, sizes[i], false, sig), "%s: OpenSSL accepts, digest %zu",
           name, sizes[i]);
        if (kind < KEY_P256) {
            is_err(keys_sign_digest_pss(k, digest, sizes[i], a, &sig), E_OK, "sign PSS");
            ok(openssl_accepts(spki, digest, sizes[i], true, sig), "%s: OpenSSL accepts PSS, %zu",
               name, sizes[i]);
        }
    }
    if (kind >= KEY_P256)
        is_err(keys_sign_digest_pss(k, digest, 32, a, &sig), E_UNSUPPORTED, "no PSS with EC");
    is_err(keys_sign_digest(k, digest, 20, a, &sig), E_INPUT, "a SHA-1 digest is refused");
    is_err(hsm_session_run(h, "test", op_get, k), E_OK, "attributes");
    is_err(hsm_session_run(h, "test", op_rewrap_refused, k), E_OK, "wrap out");
    keys_destroy(k);

    for (i = 0; i < wrapped.n; i += 1 + wrapped.n / 23) {
        copy = arena_alloc(a, wrapped.n);
        memcpy(copy, wrapped.p, wrapped.n);
        copy[i] ^= 0x10;
        changed = (struct bytes){ copy, wrapped.n };
        k = NULL;
        ok(keys_unwrap(h, changed, kind, spki, &k) != E_OK && !k, "%s: changed byte %zu: %s", name,
           i, fault_current()->reason);
    }
    is_str(str_z(fault_current()->reason), "key-damaged", "changed ciphertext has its own reason");
    is_err(keys_unwrap(h, wrapped, other, spki, &k), E_STATE, "not as another kind");
    is_err(keys_rewrap(h, a, wrapped, &again), E_OK, "rewrap");
    is_err(keys_unwrap(h, again, kind, spki, &k), E_OK, "unwrap the rewrapped");
    is_err(keys_sign_digest(k, digest, 32, a, &sig), E_OK, "sign with the rewrapped");
    keys_destroy(k);
}

static void mixed_up(struct hsm *h)
{
    struct bytes wrapped, spki, wrapped2, spki2, sig;
    struct signing_key *k = NULL;
    uint8_t digest[32] = { 1 };

    is_err(keys_generate(h, a, KEY_P256, &wrapped, &spki), E_OK, "first");
    is_err(keys_generate(h, a, KEY_P256, &wrapped2, &spki2), E_OK, "second");
    is_err(keys_unwrap(h, wrapped, KEY_P256, spki2, &k), E_OK, "unwrap");
    is_err(keys_sign_digest(k, digest, 32, a, &sig), E_STATE,
           "a key that does not fit its certificate does not sign");
    is_str(str_z(fault_current()->reason), "key-mismatch", "reason");
    keys_destroy(k);
}

static void pins(void)
{
    static const struct {
        const char *pin;
        const char *reason; /* NULL: fine */
    } rows[] = {
        { "12345", "pin-short" },
        { "", "pin-short" },
        { "111111", "pin-repeated" },
        { "123456", "pin-sequence" },
        { "654321", "pin-sequence" },
        { "abcdefgh", "pin-sequence" },
        { "1234567890", "pin-sequence" },
        { "12345\x01", "pin-characters" },
        { "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93", "pin-characters" },
        { "271828", NULL },
        { "correct horse battery", NULL },
        { "0123456789012345678901234567890123456789012345678901234567890123", NULL },
        { "01234567890123456789012345678901234567890123456789012345678901234", "pin-long" },
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct secret *pin = secret_from(rows[i].pin, strlen(rows[i].pin));
        enum err err = keys_pin_check(pin);
        ok(rows[i].reason ? err == E_INPUT && strcmp(fault_current()->reason, rows[i].reason) == 0
                          : err == E_OK,
           "PIN row %zu: %s", i, rows[i].reason ? rows[i].reason : "accepted");
        secret_free(pin);
    }
}

static void pin_blobs(struct hsm *h)
{
    struct secret *pin = secret_from("271828", 6), *wrong = secret_from("271829", 6);
    struct secret *fresh = secret_from("31415926", 8), *opened = NULL;
    struct bytes wrapped, spki, blob, blob2, changed;
    struct bytes context = bytes_of_str(STR("credential:7")),
                 other = bytes_of_str(STR("credential:8"));
    uint8_t *copy;

    is_err(keys_generate(h, a, KEY_P256, &wrapped, &spki), E_OK, "generate");
    is_err(keys_bind_pin(a, wrapped, pin, context, &blob), E_OK, "bind");
    ok(!memmem(blob.p, blob.n, wrapped.p, 8), "the blob does not show the wrapped key");
    is_err(keys_open_pin(blob, pin, context, &opened), E_OK, "open");
    ok(bytes_eq(secret_bytes(opened), wrapped), "gives the wrapped key back");
    secret_free(opened);
    opened = NULL;
    is_err(keys_open_pin(blob, wrong, context, &opened), E_AUTH, "wrong PIN");
    is_str(str_z(fault_current()->reason), "pin-wrong", "reason");
    is_err(keys_open_pin(blob, pin, other, &opened), E_AUTH, "the blob of another credential");
    copy = arena_alloc(a, blob.n);
    memcpy(copy, blob.p, blob.n);
    copy[blob.n / 2] ^= 1;
    changed = (struct bytes){ copy, blob.n };
    is_err(keys_open_pin(changed, pin, context, &opened), E_AUTH, "changed blob");
    is_err(keys_open_pin((struct bytes){ blob.p, 40 }, pin, context, &opened), E_STATE, "cut blob");
    is_err(keys_change_pin(a, blob, wrong, fresh, context, &blob2), E_AUTH, "change: wrong PIN");
    is_err(keys_change_pin(a, blob, pin, fresh, context, &blob2), E_OK, "change");
    is_err(keys_open_pin(blob2, pin, context, &opened), E_AUTH, "the old PIN is void");
    is_err(keys_open_pin(blob2, fresh, context, &opened), E_OK, "the new PIN opens");
    secret_free(opened);
    secret_free(pin);
    secret_free(wrong);
    secret_free(fresh);
}

static void data_keys(struct hsm *h)
{
    struct secret *key = secret_random(32), *small = secret_random(16), *back = NULL;
    struct bytes one, two, changed;
    uint8_t *copy;
    size_t i;

    is_err(hsm_wrap_data_key(h, a, key, &one), E_OK, "wrap a data key");
    is_err(hsm_wrap_data_key(h, a, key, &two), E_OK, "wrap it again");
    ok(!bytes_eq(one, two), "two wraps differ");
    is_err(hsm_unwrap_data_key(h, one, &back), E_OK, "unwrap");
    ok(back && bytes_eq(secret_bytes(back), secret_bytes(key)), "same data key");
    secret_free(back);
    back = NULL;
    is_err(hsm_wrap_data_key(h, a, small, &two), E_INPUT, "only AES-256 keys (P3-102)");
    for (i = 0; i < one.n; i += 5) {
        copy = arena_alloc(a, one.n);
        memcpy(copy, one.p, one.n);
        copy[i] ^= 1;
        changed = (struct bytes){ copy, one.n };
        ok(hsm_unwrap_data_key(h, changed, &back) != E_OK && !back, "changed byte %zu: %s", i,
           fault_current()->reason);
    }
    is_err(hsm_unwrap_data_key(h, (struct bytes){ one.p, 1 }, &back), E_STATE, "cut");
    secret_free(key);
    secret_free(small);
}

static void cache(struct hsm *h)
{
    struct bytes wrapped[4], spki[4], sig;
    struct signing_key *k[4] = { NULL }, *held;
    uint8_t digest[32] = { 9 };
    size_t i;

    for (i = 0; i < 4; i++)
        is_err(keys_generate(h, a, KEY_P256, &wrapped[i], &spki[i]), E_OK, "generate");
    keys_cached_limits(h, 2, HOUR_US);
    for (i = 0; i < 4; i++) {
        is_err(keys_cached_unwrap(h, wrapped[i], KEY_P256, spki[i], &k[i]), E_OK, "cached unwrap");
        is_err(keys_sign_digest(k[i], digest, 32, a, &sig), E_OK, "sign");
        keys_destroy(k[i]);
        ok(keys_cached_count(h) <= 2, "bounded after key %zu", i);
    }
    is_err(keys_cached_unwrap(h, wrapped[3], KEY_P256, spki[3], &held), E_OK, "hit");
    ok(held == k[3], "the same key came back");
    is_err(keys_cached_unwrap(h, wrapped[0], KEY_P256, spki[0], &k[0]), E_OK, "a third");
    is_err(keys_cached_unwrap(h, wrapped[1], KEY_P256, spki[1], &k[1]), E_OK, "all in use");
    is_int((int64_t)keys_cached_count(h), 2, "the bound holds with all in use");
    is_err(keys_sign_digest(held, digest, 32, a, &sig), E_OK, "a key in use is not evicted");
    keys_destroy(k[1]);
    keys_destroy(k[0]);
    keys_destroy(held);
    keys_cached_limits(h, 2, 0);
    is_int((int64_t)keys_cached_count(h), 0, "too old are dropped");
    keys_cached_limits(h, 0, HOUR_US);
    is_err(keys_cached_unwrap(h, wrapped[3], KEY_P256, spki[3], &held), E_OK, "cache switched off");
    is_int((int64_t)keys_cached_count(h), 0, "nothing kept");
    keys_destroy(held);
    keys_cached_limits(h, 8, HOUR_US);
    is_err(keys_cached_unwrap(h, wrapped[3], KEY_P256, spki[3], &held), E_OK, "left for the close");
    keys_destroy(held);
}

static void token_keys(void)
{
    struct hsm *h = token_open("ca", true), *ro;
    struct hsm_admin_object *list;
    struct signing_key *k = NULL;
    struct bytes spki, sig;
    struct hsm_info info;
    uint8_t digest[32] = { 3 };
    size_t n, i;

    is_err(hsm_admin_create_key(h, a, STR("root-1"), KEY_P384, &spki), E_OK, "token key");
    is_err(hsm_admin_create_key(h, a, STR("issuing-1"), KEY_RSA3072, &spki), E_OK, "token key");
    is_err(hsm_admin_create_key(h, a, STR("root-1"), KEY_P256, &spki), E_CONFLICT, "label taken");
    is_err(hsm_admin_create_key(h, a, STR("a/b"), KEY_P256, &spki), E_INPUT, "label refused");
    is_err(hsm_admin_list(h, a, &list, &n), E_OK, "list");
    is_int((int64_t)n, 2, "two private keys");
    for (i = 0; i < n; i++)
        ok(list[i].sensitive && !list[i].extractable, "%s is sensitive, not extractable",
           list[i].label.p);
    is_str(list[0].label, "issuing-1", "ordered");
    ro = token_open("ca", false);
    is_err(keys_find(ro, STR("issuing-1"), &k), E_OK, "find");
    ok(bytes_eq(keys_spki(k), spki) && keys_kind(k) == KEY_RSA3072, "public key and kind");
    is_err(keys_sign_digest(k, digest, 32, a, &sig), E_OK, "sign");
    ok(openssl_accepts(spki, digest, 32, false, sig), "OpenSSL accepts");
    keys_destroy(k);
    is_err(keys_find(ro, STR("none"), &k), E_ABSENT, "no such key");
    is_err(hsm_admin_create_key(ro, a, STR("x"), KEY_P256, &spki), E_BACKEND,
           "a handle that is not writable makes no token objects");
    is_err(hsm_info(ro, a, &info), E_OK, "info");
    is_str(info.label, "ca", "label");
    ok(info.serial.n > 0 && info.software, "serial %s, software back end is told: %s",
       info.serial.p, info.module.p);
    is_err(hsm_admin_destroy(h, STR("root-1")), E_OK, "destroy");
    is_err(keys_find(ro, STR("root-1"), &k), E_ABSENT, "is gone");
    hsm_close(ro);
    hsm_close(h);
}

static void rotation(void)
{
    struct hsm *h = token_open("signing", true);
    struct hsm_params p = {
        .module = token_module(), .token_label = "signing", .pin = token_pin(), .kek_id = "kek-2"
    };
    struct bytes wrapped, spki, again, data;
    struct hsm_admin_object *list;
    struct signing_key *k = NULL;
    struct secret *key = secret_random(32), *back = NULL;
    struct str id;
    struct hsm *h2 = NULL;
    size_t n;

    is_err(keys_generate(h, a, KEY_P256, &wrapped, &spki), E_OK, "under the first");
    is_err(hsm_wrap_data_key(h, a, key, &data), E_OK, "data key under the first");
    is_err(hsm_admin_create_kek(h, STR("kek-2")), E_OK, "second wrapping key");
    is_err(hsm_admin_create_kek(h, STR("kek-2")), E_CONFLICT, "not twice");
    is_err(hsm_admin_list(h, a, &list, &n), E_OK, "list");
    is_int((int64_t)n, 4, "two wrapping keys and their data twins");
    ok(list[0].check_value.n == 6, "check value %s", list[0].check_value.p);
    is_err(hsm_open(&p, &h2), E_OK, "open with the second");
    is_err(keys_unwrap(h2, wrapped, KEY_P256, spki, &k), E_OK, "old keys still unwrap");
    keys_destroy(k);
    is_err(keys_rewrap(h2, a, wrapped, &again), E_OK, "rewrap");
    is_err(keys_kek_of(a, again, &id), E_OK, "which");
    is_str(id, "kek-2", "the new one");
    is_err(hsm_unwrap_data_key(h2, data, &back), E_OK, "old data keys too");
    secret_free(back);
    is_err(hsm_admin_destroy(h, STR("kek-1")), E_OK, "destroy the first");
    is_err(keys_unwrap(h2, wrapped, KEY_P256, spki, &k), E_BACKEND, "what it wrapped is gone");
    is_str(str_z(fault_current()->reason), "hsm-kek-absent", "reason");
    is_err(hsm_unwrap_data_key(h2, data, &back), E_BACKEND, "data keys too: erased");
    is_err(hsm_admin_create_kek(h, STR("kek-1")), E_OK, "another key of the old label");
    is_err(keys_unwrap(h2, wrapped, KEY_P256, spki, &k), E_BACKEND, "is not mistaken for it");
    is_err(keys_unwrap(h2, again, KEY_P256, spki, &k), E_OK, "the rewrapped key lives");
    keys_destroy(k);
    hsm_close(h2);
    hsm_close(h);
    secret_free(key);
}

int main(void)
{
    struct hsm *h;
    int kind;

    if (!token_module()) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    a = arena_new(16 * 1024 * 1024);
    token_start();
    token_make_all();
    h = token_open("signing", false);
    is_err(hsm_check(h), E_OK, "ready");
    for (kind = 0; kind < KEY_KIND__MAX; kind++)
        one_kind(h, (enum key_kind)kind);
    is_err(hsm_session_run(h, "test", op_kek_sealed, (char[]){ TOKEN_KEK }), E_OK, "wrapping key");
    is_err(hsm_session_run(h, "test", op_kek_sealed, (char[]){ TOKEN_KEK ".data" }), E_OK, "data");
    mixed_up(h);
    pins();
    pin_blobs(h);
    data_keys(h);
    cache(h);
    hsm_close(h);
    token_keys();
    rotation();
    token_stop();
    arena_free(a);
    return tap_done();
}
