/* keys.c - wrapped keys, PIN blobs, and signing. */
#include "sign/keys.h"

#include "base/crypto.h"
#include "base/random.h"
#include "sign/keys_internal.h"

#include <stdlib.h>

/* A PIN blob: version (which also names the Argon2id costs of pin_derive), salt, AES-256-GCM. */
#define BLOB_VERSION 1
#define BLOB_SALT 16
#define BLOB_OVERHEAD (1 + BLOB_SALT + 12 + 16)
#define PIN_MIN 6
#define PIN_MAX 64

static const struct {
    const char *name;
    size_t digest;
} kinds[] = {
    [KEY_RSA2048] = { "rsa2048", 32 },
    [KEY_RSA3072] = { "rsa3072", 32 },
    [KEY_P256] = { "p256", 32 },
    [KEY_P384] = { "p384", 48 },
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == KEY_KIND__MAX, "one row per kind");

const char *keys_kind_name(enum key_kind kind)
{
    return kinds[kind].name;
}

enum err keys_kind_from(struct str name, enum key_kind *out)
{
    int i;

    for (i = 0; i < KEY_KIND__MAX; i++) {
        if (str_eq_z(name, kinds[i].name)) {
            *out = (enum key_kind)i;
            return E_OK;
        }
    }
    return FAIL(E_INPUT, "key-kind", "no such kind of key");
}

size_t keys_digest_size(enum key_kind kind)
{
    return kinds[kind].digest;
}

enum err keys_kek_of(struct arena *a, struct bytes wrapped, struct str *kek_id)
{
    struct keys_wrap_parts p;
    enum err err = keys_wrap_parse(wrapped, &p);

    if (err == E_OK)
        *kek_id = str_dup(a, str_z(p.label));
    return err;
}

struct generate_op {
    enum key_kind kind;
    struct arena *a;
    struct bytes wrapped, spki;
};

static CK_RV op_generate(struct hsm *h, void *arg)
{
    struct generate_op *o = arg;
    struct hsm_object_pair pair;
    struct keys_wrap_parts p = { .kind = o->kind };
    CK_OBJECT_HANDLE kek;
    enum key_kind made;
    CK_RV rv;

    if (!h->kek_id)
        return HSM_RV_KEK_ABSENT;
    (void)snprintf(p.label, sizeof(p.label), "%s", h->kek_id);
    rv = hsm_object_kek(h, p.label, NULL, &kek, &p.uid);
    if (rv != CKR_OK)
        return rv;
    rv = hsm_object_generate(h, o->kind, NULL, &pair);
    if (rv != CKR_OK)
        return rv;
    rv = hsm_object_spki(h, pair.public_key, o->a, &made, &o->spki);
    if (rv == CKR_OK && made != o->kind)
        rv = HSM_RV_INTERNAL;
    if (rv == CKR_OK)
        rv = hsm_object_wrap(h, kek, pair.private_key, o->a, &p.cipher);
    if (rv == CKR_OK)
        o->wrapped = keys_wrap_compose(o->a, &p);
    hsm_object_destroy(h, pair.public_key);
    hsm_object_destroy(h, pair.private_key);
    return rv;
}

enum err keys_generate(struct hsm *h, struct arena *a, enum key_kind kind, struct bytes *wrapped,
                       struct bytes *spki_der)
{
    struct generate_op o = { .kind = kind, .a = a };
    struct signing_key *proof = NULL;
    struct bytes signature;
    uint8_t digest[32];
    enum err err;

    err = hsm_session_run(h, "generate key", op_generate, &o);
    if (err != E_OK)
        return err;
    /* A certificate is issued for what is stored now: prove that the stored copy is that key. */
    random_bytes(digest, sizeof(digest));
    err = keys_unwrap(h, o.wrapped, kind, o.spki, &proof);
    if (err == E_OK)
        err = keys_sign_digest(proof, digest, sizeof(digest), a, &signature);
    keys_destroy(proof);
    if (err != E_OK)
        return err;
    *wrapped = o.wrapped;
    *spki_der = o.spki;
    return E_OK;
}

struct rewrap_op {
    struct keys_wrap_parts from;
    struct arena *a;
    struct bytes again;
};

static CK_RV op_rewrap(struct hsm *h, void *arg)
{
    struct rewrap_op *o = arg;
    struct keys_wrap_parts to = { .kind = o->from.kind };
    CK_OBJECT_HANDLE kek, key;
    CK_RV rv;

    if (!h->kek_id)
        return HSM_RV_KEK_ABSENT;
    (void)snprintf(to.label, sizeof(to.label), "%s", h->kek_id);
    rv = hsm_object_kek(h, to.label, NULL, &kek, &to.uid);
    if (rv != CKR_OK)
        return rv;
    rv = keys_wrap_unwrap(h, &o->from, true, &key);
    if (rv != CKR_OK)
        return rv;
    rv = hsm_object_wrap(h, kek, key, o->a, &to.cipher);
    if (rv == CKR_OK)
        o->again = keys_wrap_compose(o->a, &to);
    hsm_object_destroy(h, key);
    return rv;
}

enum err keys_rewrap(struct hsm *h, struct arena *a, struct bytes wrapped, struct bytes *again)
{
    struct rewrap_op o = { .a = a };
    enum err err = keys_wrap_parse(wrapped, &o.from);

    if (err == E_OK)
        err = hsm_session_run(h, "rewrap key", op_rewrap, &o);
    if (err == E_OK)
        *again = o.again;
    return err;
}

enum err keys_pin_check(const struct secret *pin)
{
    struct bytes b = secret_bytes(pin);
    bool same = true, up = true, down = true;
    size_t i;

    if (b.n < PIN_MIN)
        return FAIL(E_INPUT, "pin-short", "PIN under %d characters", PIN_MIN);
    if (b.n > PIN_MAX)
        return FAIL(E_INPUT, "pin-long", "PIN over %d characters", PIN_MAX);
    for (i = 0; i < b.n; i++) {
        if (b.p[i] < 0x20 || b.p[i] > 0x7e)
            return FAIL(E_INPUT, "pin-characters", "PIN with other than printable ASCII");
        if (i > 0) {
            same = same && b.p[i] == b.p[i - 1];
            up = up && b.p[i] == b.p[i - 1] + 1;
            down = down && b.p[i] + 1 == b.p[i - 1];
        }
    }
    if (same)
        return FAIL(E_INPUT, "pin-repeated", "PIN of one character");
    /* 1234567890 goes on after 9 */
    if (up || down || (b.n == 10 && memcmp(b.p, "1234567890", 10) == 0) ||
        (b.n == 10 && memcmp(b.p, "0987654321", 10) == 0))
        return FAIL(E_INPUT, "pin-sequence", "PIN is a sequence");
    return E_OK;
}

/* What the seal is bound to: purpose, version, and the caller's context. */
static struct bytes blob_aad(struct arena *a, struct bytes context)
{
    static const char purpose[] = "shomei pin blob 1"; /* with its NUL */
    uint8_t *p = arena_alloc(a, sizeof(purpose) + context.n);

    memcpy(p, purpose, sizeof(purpose));
    if (context.n > 0)
        memcpy(p + sizeof(purpose), context.p, context.n);
    return (struct bytes){ p, sizeof(purpose) + context.n };
}

enum err keys_bind_pin(struct arena *a, struct bytes wrapped, const struct secret *pin,
                       struct bytes context, struct bytes *blob)
{
    struct secret *key = NULL;
    struct bytes sealed;
    uint8_t salt[BLOB_SALT], *out;
    enum err err;

    err = keys_pin_check(pin);
    if (err != E_OK)
        goto out;
    random_bytes(salt, sizeof(salt));
    err = pin_derive(secret_bytes(pin), (struct bytes){ salt, sizeof(salt) }, &key);
    if (err != E_OK)
        goto out;
    err = aead_seal(a, key, blob_aad(a, context), wrapped, &sealed);
    if (err != E_OK)
        goto out;
    out = arena_alloc(a, 1 + sizeof(salt) + sealed.n);
    out[0] = BLOB_VERSION;
    memcpy(out + 1, salt, sizeof(salt));
    memcpy(out + 1 + sizeof(salt), sealed.p, sealed.n);
    *blob = (struct bytes){ out, 1 + sizeof(salt) + sealed.n };
out:
    secret_free(key);
    return err;
}

enum err keys_open_pin(struct bytes blob, const struct secret *pin, struct bytes context,
                       struct secret **wrapped)
{
    struct arena *a = NULL;
    struct secret *key = NULL;
    struct bytes sealed;
    enum err err;

    if (blob.n <= BLOB_OVERHEAD || blob.p[0] != BLOB_VERSION)
        return FAIL(E_STATE, "key-damaged", "PIN blob of %zu bytes", blob.n);
    sealed = (struct bytes){ blob.p + 1 + BLOB_SALT, blob.n - 1 - BLOB_SALT };
    a = arena_new(context.n + 4096);
    err = pin_derive(secret_bytes(pin), (struct bytes){ blob.p + 1, BLOB_SALT }, &key);
    if (err == E_OK) {
        err = aead_open(key, blob_aad(a, context), sealed, wrapped);
        if (err == E_INPUT)
            err = FAIL(E_AUTH, "pin-wrong", "PIN, context or blob does not fit");
    }
    arena_free(a);
    secret_free(key);
    return err;
}

enum err keys_change_pin(struct arena *a, struct bytes blob, const struct secret *old_pin,
                         const struct secret *new_pin, struct bytes context, struct bytes *new_blob)
{
    struct secret *wrapped = NULL;
    enum err err;

    err = keys_pin_check(new_pin);
    if (err == E_OK)
        err = keys_open_pin(blob, old_pin, context, &wrapped);
    if (err == E_OK)
        err = keys_bind_pin(a, secret_bytes(wrapped), new_pin, context, new_blob);
    secret_free(wrapped);
    return err;
}

static struct signing_key *new_key(struct hsm *h, struct bytes spki)
{
    struct signing_key *k = calloc(1, sizeof(*k));

    if (!k)
        abort();
    k->spki = malloc(spki.n + 1);
    if (!k->spki)
        abort();
    memcpy(k->spki, spki.p, spki.n);
    k->spki_n = spki.n;
    k->hsm = h;
    k->refs = 1;
    return k;
}

void keys_hold(struct signing_key *k)
{
    k->refs++;
}

void keys_release(struct signing_key *k)
{
    if (--k->refs > 0)
        return;
    free(k->spki);
    free(k->label);
    secret_free(k->wrapped);
    EVP_PKEY_free(k->public_key);
    free(k);
}

void keys_kill(struct signing_key *k)
{
    struct hsm *h = k->hsm;

    if (!k->dead && k->wrapped && h->open && k->epoch == h->epoch &&
        h->generation == h->module->generation)
        hsm_object_destroy(h, k->handle);
    k->dead = true;
    k->hsm = NULL;
}

void keys_destroy(struct signing_key *k)
{
    if (!k)
        return;
    if (k->cached) {
        keys_cached_return(k);
        return;
    }
    keys_kill(k);
    keys_release(k);
}

CK_RV keys_load(struct hsm *h, struct signing_key *k)
{
    struct keys_wrap_parts p;
    CK_RV rv;

    if (k->epoch == h->epoch)
        return CKR_OK;
    if (k->wrapped) {
        if (keys_wrap_parse(secret_bytes(k->wrapped), &p) != E_OK)
            return HSM_RV_DAMAGED;
        rv = keys_wrap_unwrap(h, &p, false, &k->handle);
    } else {
        rv = hsm_object_find(h, CKO_PRIVATE_KEY, k->label, &k->handle);
        if (rv == CKR_OK && k->handle == CK_INVALID_HANDLE)
            rv = HSM_RV_KEY_ABSENT;
    }
    if (rv == CKR_OK)
        k->epoch = h->epoch;
    return rv;
}

static CK_RV op_load(struct hsm *h, void *arg)
{
    return keys_load(h, arg);
}

enum err keys_unwrap(struct hsm *h, struct bytes wrapped, enum key_kind kind, struct bytes spki,
                     struct signing_key **out)
{
    struct signing_key *k = NULL;
    struct keys_wrap_parts p;
    enum err err = keys_wrap_parse(wrapped, &p);

    if (err != E_OK)
        return err;
    if (p.kind != kind)
        return FAIL(E_STATE, "key-damaged", "wrapped key is %s, not %s", kinds[p.kind].name,
                    kinds[kind].name);
    k = new_key(h, spki);
    k->kind = kind;
    k->wrapped = secret_from(wrapped.p, wrapped.n);
    err = hsm_session_run(h, "unwrap key", op_load, k);
    if (err != E_OK) {
        keys_destroy(k);
        return err;
    }
    *out = k;
    return E_OK;
}

struct find_op {
    const char *label;
    struct arena *a;
    CK_OBJECT_HANDLE private_key;
    enum key_kind kind;
    struct bytes spki;
};

/* E_ABSENT is an ordinary answer here, so an absent key is not a lost one. */
static CK_RV op_find(struct hsm *h, void *arg)
{
    struct find_op *o = arg;
    CK_OBJECT_HANDLE public_key;
    CK_RV rv;

    rv = hsm_object_find(h, CKO_PRIVATE_KEY, o->label, &o->private_key);
    if (rv != CKR_OK || o->private_key == CK_INVALID_HANDLE)
        return rv;
    rv = hsm_object_find(h, CKO_PUBLIC_KEY, o->label, &public_key);
    if (rv == CKR_OK && public_key == CK_INVALID_HANDLE)
        rv = HSM_RV_KEY_ABSENT;
    return rv == CKR_OK ? hsm_object_spki(h, public_key, o->a, &o->kind, &o->spki) : rv;
}

enum err keys_find(struct hsm *h, struct str label, struct signing_key **out)
{
    struct find_op o = { .label = label.p, .a = NULL };
    struct arena *a = arena_new(64 * 1024);
    struct signing_key *k;
    enum err err;

    o.a = a;
    err = hsm_session_run(h, "find key", op_find, &o);
    if (err == E_OK && o.private_key == CK_INVALID_HANDLE)
        err =
            FAIL(E_ABSENT, "hsm-key-absent", "token %s has no key %.*s", h->label, STR_ARG(label));
    if (err == E_OK) {
        k = new_key(h, o.spki);
        k->kind = o.kind;
        k->label = strdup(label.p);
        if (!k->label)
            abort();
        k->handle = o.private_key;
        k->epoch = h->epoch;
        *out = k;
    }
    arena_free(a);
    return err;
}

enum key_kind keys_kind(const struct signing_key *k)
{
    return k->kind;
}

struct bytes keys_spki(const struct signing_key *k)
{
    return (struct bytes){ k->spki, k->spki_n };
}
