/* hsm_admin.c - initialising tokens, wrapping keys and token keys. */
#include "sign/hsm_admin.h"

#include "base/encoding.h"
#include "base/random.h"
#include "sign/keys_internal.h"

#include <openssl/err.h>

#include <stdlib.h>

#define DATA_SUFFIX ".data"

/* A slot with a token that is not initialised yet; SoftHSM always offers one. */
static CK_RV free_slot(struct hsm_module *m, CK_SLOT_ID *slot)
{
    CK_SLOT_ID *slots = NULL;
    CK_TOKEN_INFO info;
    CK_ULONG n = 0, i;
    CK_RV rv = m->f->C_GetSlotList(CK_TRUE, NULL, &n);

    if (rv != CKR_OK)
        return rv;
    slots = calloc(n + 1, sizeof(*slots));
    if (!slots)
        return CKR_HOST_MEMORY;
    rv = m->f->C_GetSlotList(CK_TRUE, slots, &n);
    for (i = 0; rv == CKR_OK && i < n; i++) {
        if (m->f->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            !(info.flags & CKF_TOKEN_INITIALIZED))
            break;
    }
    if (rv == CKR_OK && i < n)
        *slot = slots[i];
    else if (rv == CKR_OK)
        rv = CKR_TOKEN_NOT_PRESENT;
    free(slots);
    return rv;
}

/* C_InitToken, then as security officer C_InitPIN. */
static CK_RV init_token(struct hsm_module *m, const struct hsm_admin_token *t, CK_SLOT_ID slot)
{
    struct secret *so = secret_from(secret_bytes(t->so_pin).p, secret_size(t->so_pin));
    struct secret *user = secret_from(secret_bytes(t->user_pin).p, secret_size(t->user_pin));
    CK_UTF8CHAR label[HSM_LABEL_MAX];
    CK_SESSION_HANDLE session;
    CK_RV rv;

    memset(label, ' ', sizeof(label));
    memcpy(label, t->label, strlen(t->label));
    rv = m->f->C_InitToken(slot, secret_data(so), secret_size(so), label);
    if (rv != CKR_OK)
        goto out;
    /* SoftHSM may number the slot anew once its token is initialised */
    rv = hsm_session_find_slot(m, t->label, &slot);
    if (rv != CKR_OK && hsm_session_restart(m) == CKR_OK)
        rv = hsm_session_find_slot(m, t->label, &slot);
    if (rv == CKR_OK)
        rv = m->f->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
    if (rv != CKR_OK)
        goto out;
    rv = m->f->C_Login(session, CKU_SO, secret_data(so), secret_size(so));
    if (rv == CKR_OK)
        rv = m->f->C_InitPIN(session, secret_data(user), secret_size(user));
    (void)m->f->C_CloseSession(session);
out:
    secret_free(so);
    secret_free(user);
    ERR_clear_error();
    return rv;
}

enum err hsm_admin_init_token(const struct hsm_admin_token *t)
{
    struct hsm_module *m = NULL;
    CK_SLOT_ID slot = 0;
    enum err err;
    CK_RV rv;

    if (strlen(t->label) == 0 || strlen(t->label) > HSM_LABEL_MAX)
        return FAIL(E_INPUT, "", "token label of 1 to %d bytes", HSM_LABEL_MAX);
    err = hsm_session_module(t->module, &m);
    if (err != E_OK)
        return err;
    if (hsm_session_find_slot(m, t->label, &slot) == CKR_OK) {
        err = FAIL(E_CONFLICT, "hsm-label-taken", "a token labelled %s exists", t->label);
        goto out;
    }
    rv = free_slot(m, &slot);
    if (rv != CKR_OK) {
        err = FAIL(E_ABSENT, "hsm-no-slot", "no free slot: 0x%lx %s", rv, hsm_session_rv_name(rv));
        goto out;
    }
    rv = init_token(m, t, slot);
    if (rv != CKR_OK)
        err = FAIL(E_BACKEND, "hsm-failed", "initialising token %s: 0x%lx %s", t->label, rv,
                   hsm_session_rv_name(rv));
    /* what was made must be seen by later handles of this process */
    else if (hsm_session_restart(m) != CKR_OK)
        err = FAIL(E_BACKEND, "hsm-module", "restart after initialising %s", t->label);
out:
    hsm_session_leave(m);
    return err;
}

static enum err label_check(struct str label, size_t max)
{
    size_t i;

    if (label.n == 0 || label.n > max)
        return FAIL(E_INPUT, "", "label of 1 to %zu characters", max);
    for (i = 0; i < label.n; i++) {
        char c = label.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return FAIL(E_INPUT, "", "character in label");
    }
    return E_OK;
}

/* A label for all classes at once: one name, one key. */
static CK_RV label_free(struct hsm *h, const char *label)
{
    static const CK_OBJECT_CLASS classes[] = { CKO_SECRET_KEY, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY };
    CK_OBJECT_HANDLE found;
    CK_RV rv = CKR_OK;
    size_t i;

    for (i = 0; rv == CKR_OK && i < sizeof(classes) / sizeof(classes[0]); i++) {
        rv = hsm_object_find(h, classes[i], label, &found);
        if (rv == CKR_OK && found != CK_INVALID_HANDLE)
            rv = HSM_RV_CONFLICT;
    }
    return rv;
}

struct kek_op {
    const char *label;
    char data_label[HSM_LABEL_MAX + 1];
    struct hsm_object_uid uid;
};

static CK_RV op_create_kek(struct hsm *h, void *arg)
{
    const struct kek_op *o = arg;
    CK_OBJECT_HANDLE wrap;
    CK_RV rv;

    rv = label_free(h, o->label);
    if (rv == CKR_OK)
        rv = label_free(h, o->data_label);
    if (rv == CKR_OK)
        rv = hsm_object_create_kek(h, o->label, &o->uid, false);
    if (rv != CKR_OK)
        return rv;
    rv = hsm_object_create_kek(h, o->data_label, &o->uid, true);
    if (rv != CKR_OK && hsm_object_find(h, CKO_SECRET_KEY, o->label, &wrap) == CKR_OK)
        hsm_object_destroy(h, wrap); /* both or none */
    return rv;
}

/* The mechanisms differ between modules: find out now, not at the first user's signature. */
static enum err kek_proof(struct hsm *h, struct str kek_id)
{
    struct arena *a = arena_new(256 * 1024);
    struct secret *key = secret_random(32), *back = NULL;
    struct bytes wrapped, spki;
    char *current = h->kek_id;
    enum err err;

    h->kek_id = strdup(kek_id.p);
    if (!h->kek_id)
        abort();
    err = keys_generate(h, a, KEY_P256, &wrapped, &spki);
    if (err == E_OK)
        err = hsm_wrap_data_key(h, a, key, &wrapped);
    if (err == E_OK)
        err = hsm_unwrap_data_key(h, wrapped, &back);
    if (err == E_OK && !bytes_eq_secret(secret_bytes(key), secret_bytes(back)))
        err = FAIL(E_BACKEND, "hsm-failed", "data key changed by wrapping");
    free(h->kek_id);
    h->kek_id = current;
    secret_free(key);
    secret_free(back);
    arena_free(a);
    return err;
}

enum err hsm_admin_create_kek(struct hsm *h, struct str kek_id)
{
    struct kek_op o = { .label = kek_id.p };
    enum err err = label_check(kek_id, HSM_LABEL_MAX - strlen(DATA_SUFFIX));

    if (err != E_OK)
        return err;
    (void)snprintf(o.data_label, sizeof(o.data_label), "%s" DATA_SUFFIX, kek_id.p);
    random_bytes(o.uid.b, sizeof(o.uid.b));
    err = hsm_session_run(h, "create wrapping key", op_create_kek, &o);
    return err == E_OK ? kek_proof(h, kek_id) : err;
}

struct create_op {
    struct arena *a;
    const char *label;
    enum key_kind kind;
    struct bytes spki;
};

static CK_RV op_create_key(struct hsm *h, void *arg)
{
    struct create_op *o = arg;
    struct hsm_object_pair pair;
    enum key_kind made;
    CK_RV rv = label_free(h, o->label);

    if (rv == CKR_OK)
        rv = hsm_object_generate(h, o->kind, o->label, &pair);
    if (rv != CKR_OK)
        return rv;
    rv = hsm_object_spki(h, pair.public_key, o->a, &made, &o->spki);
    if (rv != CKR_OK || made != o->kind) {
        hsm_object_destroy(h, pair.public_key);
        hsm_object_destroy(h, pair.private_key);
        rv = rv != CKR_OK ? rv : HSM_RV_INTERNAL;
    }
    return rv;
}

enum err hsm_admin_create_key(struct hsm *h, struct arena *a, struct str label, enum key_kind kind,
                              struct bytes *spki_der)
{
    struct create_op o = { .a = a, .label = label.p, .kind = kind };
    enum err err = label_check(label, HSM_LABEL_MAX);

    if (err == E_OK)
        err = hsm_session_run(h, "create token key", op_create_key, &o);
    if (err == E_OK)
        *spki_der = o.spki;
    return err;
}

struct list_op {
    struct arena *a;
    struct hsm_admin_object *out;
    size_t n;
};

static CK_RV read_flag(struct hsm *h, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool *out)
{
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE at = { type, &value, sizeof(value) };
    CK_RV rv = h->module->f->C_GetAttributeValue(h->session, object, &at, 1);

    *out = value == CK_TRUE;
    return rv;
}

static CK_RV describe(struct hsm *h, CK_OBJECT_HANDLE object, struct arena *a,
                      struct hsm_admin_object *out)
{
    struct bytes label, id, check = BYTES_ABSENT;
    CK_RV rv = hsm_object_read(h, object, CKA_LABEL, a, &label);

    if (rv == CKR_OK)
        rv = hsm_object_read(h, object, CKA_ID, a, &id);
    if (rv == CKR_OK && !out->private_key)
        rv = hsm_object_read(h, object, CKA_CHECK_VALUE, a, &check);
    if (rv == CKR_OK)
        rv = read_flag(h, object, CKA_SENSITIVE, &out->sensitive);
    if (rv == CKR_OK)
        rv = read_flag(h, object, CKA_EXTRACTABLE, &out->extractable);
    if (rv != CKR_OK)
        return rv;
    out->label = str_fmt(a, "%.*s", (int)label.n, (const char *)label.p);
    out->id = hex_encode(a, id);
    out->check_value = check.n > 0 ? hex_encode(a, check) : STR_ABSENT;
    return CKR_OK;
}

static CK_RV op_list(struct hsm *h, void *arg)
{
    struct list_op *o = arg;
    CK_OBJECT_HANDLE *secrets, *privates;
    size_t secrets_n, privates_n, i;
    CK_RV rv;

    rv = hsm_object_all(h, CKO_SECRET_KEY, o->a, &secrets, &secrets_n);
    if (rv == CKR_OK)
        rv = hsm_object_all(h, CKO_PRIVATE_KEY, o->a, &privates, &privates_n);
    if (rv != CKR_OK)
        return rv;
    o->n = secrets_n + privates_n;
    o->out = ARENA_ARRAY(o->a, o->n, struct hsm_admin_object);
    for (i = 0; rv == CKR_OK && i < o->n; i++) {
        o->out[i].private_key = i >= secrets_n;
        rv = describe(h, i < secrets_n ? secrets[i] : privates[i - secrets_n], o->a, &o->out[i]);
    }
    return rv;
}

static int by_label(const void *x, const void *y)
{
    const struct hsm_admin_object *a = x, *b = y;

    return str_cmp(a->label, b->label);
}

enum err hsm_admin_list(struct hsm *h, struct arena *a, struct hsm_admin_object **out, size_t *n)
{
    struct list_op o = { .a = a };
    enum err err = hsm_session_run(h, "list keys", op_list, &o);

    if (err != E_OK)
        return err;
    qsort(o.out, o.n, sizeof(*o.out), by_label);
    *out = o.out;
    *n = o.n;
    return E_OK;
}

struct destroy_op {
    const char *label;
    size_t destroyed;
};

static CK_RV op_destroy(struct hsm *h, void *arg)
{
    static const CK_OBJECT_CLASS classes[] = { CKO_SECRET_KEY, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY };
    struct destroy_op *o = arg;
    CK_OBJECT_HANDLE found;
    CK_RV rv;
    size_t i = 0;

    while (i < sizeof(classes) / sizeof(classes[0])) {
        rv = hsm_object_find(h, classes[i], o->label, &found);
        if (rv != CKR_OK)
            return rv;
        if (found == CK_INVALID_HANDLE) {
            i++;
            continue;
        }
        rv = h->module->f->C_DestroyObject(h->session, found);
        if (rv != CKR_OK)
            return rv;
        o->destroyed++;
    }
    memset(h->keks, 0, sizeof(h->keks));
    return CKR_OK;
}

enum err hsm_admin_destroy(struct hsm *h, struct str label)
{
    struct destroy_op o = { .label = label.p };
    struct destroy_op data = { .label = NULL };
    char data_label[HSM_LABEL_MAX + 1];
    enum err err = label_check(label, HSM_LABEL_MAX);

    if (err != E_OK)
        return err;
    err = hsm_session_run(h, "destroy key", op_destroy, &o);
    if (err == E_OK && o.destroyed == 0)
        return FAIL(E_ABSENT, "hsm-key-absent", "token %s has no key %.*s", h->label,
                    STR_ARG(label));
    if (err == E_OK && label.n + strlen(DATA_SUFFIX) <= HSM_LABEL_MAX) {
        (void)snprintf(data_label, sizeof(data_label), "%s" DATA_SUFFIX, label.p);
        data.label = data_label;
        err = hsm_session_run(h, "destroy data wrapping key", op_destroy, &data);
    }
    return err;
}
