/* hsm.c - the handle of a token, and data keys. */
#include "sign/hsm.h"

#include "base/random.h"
#include "sign/keys_internal.h"

#include <stdlib.h>

#define PIN_PAUSE (30 * SECOND_US)

/* Encoding of a wrapped data key: version, length of the label, label, CKA_ID, nonce, sealed key.
 * All before the nonce is authenticated with it. */
#define DATA_VERSION 1
#define DATA_KEY_SIZE 32
#define GCM_NONCE 12
#define GCM_TAG 16
#define DATA_SEALED (DATA_KEY_SIZE + GCM_TAG)
#define DATA_SUFFIX ".data"

static char *copy_z(const char *z)
{
    char *copy = z ? strdup(z) : NULL;

    if (z && !copy)
        abort();
    return copy;
}

enum err hsm_open(const struct hsm_params *p, struct hsm **out)
{
    struct hsm *h = NULL;
    enum err err;

    if (strlen(p->token_label) > HSM_LABEL_MAX ||
        (p->kek_id && strlen(p->kek_id) > HSM_LABEL_MAX - strlen(DATA_SUFFIX)))
        return FAIL(E_INPUT, "", "label of token or wrapping key too long");
    h = calloc(1, sizeof(*h));
    if (!h)
        return FAIL(E_INTERNAL, "", "out of memory");
    h->label = copy_z(p->token_label);
    h->kek_id = copy_z(p->kek_id);
    h->certificate = copy_z(p->certificate);
    h->pin = secret_from(secret_bytes(p->pin).p, secret_size(p->pin));
    h->writable = p->writable;
    h->pin_pause_base_us = p->pin_pause_us > 0 ? p->pin_pause_us : PIN_PAUSE;
    h->pin_pause_us = h->pin_pause_base_us;
    err = hsm_session_module(p->module, &h->module);
    if (err == E_OK)
        err = hsm_session_open(h);
    if (err != E_OK) {
        hsm_close(h);
        return err;
    }
    *out = h;
    return E_OK;
}

enum err hsm_open_token(const struct settings *c, enum hsm_token which, bool writable,
                        struct hsm **out)
{
    static const struct {
        const char *label, *pin_file;
    } keys[] = {
        [HSM_CA] = { "hsm.ca_label", "hsm.ca_pin_file" },
        [HSM_SIGNING] = { "hsm.signing_label", "hsm.signing_pin_file" },
        [HSM_STATUS] = { "hsm.status_label", "hsm.status_pin_file" },
    };
    struct hsm_params p = { .writable = writable };
    struct str certificate = settings_str(c, "hsm.certificate_number");
    struct secret *pin = NULL;
    enum err err;

    _Static_assert(sizeof(keys) / sizeof(keys[0]) == HSM_TOKEN__MAX, "one row per token");
    err = settings_secret(c, keys[which].pin_file, &pin);
    if (err != E_OK)
        return err;
    p.module = settings_str(c, "hsm.module").p;
    p.token_label = settings_str(c, keys[which].label).p;
    p.kek_id = which == HSM_SIGNING ? settings_str(c, "hsm.kek").p : NULL;
    p.certificate = str_empty(certificate) ? NULL : certificate.p;
    p.pin = pin;
    err = hsm_open(&p, out);
    secret_free(pin);
    return err;
}

void hsm_close(struct hsm *h)
{
    if (!h)
        return;
    if (h->module) {
        keys_cached_free(h);
        hsm_session_close(h);
        hsm_session_leave(h->module);
    }
    free(h->label);
    free(h->kek_id);
    free(h->certificate);
    secret_free(h->pin);
    free(h);
}

/* SoftHSM notices a vanished token directory only when it reads an object: so look the key up. */
static CK_RV op_check(struct hsm *h, void *arg)
{
    CK_OBJECT_HANDLE found;
    struct hsm_object_uid uid;

    (void)arg;
    if (!hsm_session_alive(h))
        return CKR_SESSION_HANDLE_INVALID;
    if (!h->kek_id)
        return hsm_object_find(h, CKO_PRIVATE_KEY, "", &found);
    memset(h->keks, 0, sizeof(h->keks));
    return hsm_object_kek(h, h->kek_id, NULL, &found, &uid);
}

enum err hsm_check(struct hsm *h)
{
    return hsm_session_run(h, "check", op_check, NULL);
}

struct str hsm_kek_id(const struct hsm *h)
{
    return h->kek_id ? str_z(h->kek_id) : STR("");
}

/* Blank-padded text of a PKCS#11 structure. */
static struct str padded(struct arena *a, const CK_UTF8CHAR *p, size_t n)
{
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\0'))
        n--;
    return str_fmt(a, "%.*s", (int)n, (const char *)p);
}

struct info_op {
    struct arena *a;
    struct hsm_info *out;
};

static CK_RV op_info(struct hsm *h, void *arg)
{
    struct info_op *o = arg;
    struct arena *a = o->a;
    CK_TOKEN_INFO token;
    CK_SLOT_INFO slot;
    CK_INFO module;
    CK_RV rv;

    rv = h->module->f->C_GetInfo(&module);
    if (rv == CKR_OK)
        rv = h->module->f->C_GetSlotInfo(h->slot, &slot);
    if (rv == CKR_OK)
        rv = h->module->f->C_GetTokenInfo(h->slot, &token);
    if (rv != CKR_OK)
        return rv;
    o->out->label = padded(a, token.label, sizeof(token.label));
    o->out->serial = padded(a, token.serialNumber, sizeof(token.serialNumber));
    o->out->model = padded(a, token.model, sizeof(token.model));
    o->out->manufacturer = padded(a, token.manufacturerID, sizeof(token.manufacturerID));
    o->out->module =
        str_fmt(a, "%.*s %u.%u",
                STR_ARG(padded(a, module.libraryDescription, sizeof(module.libraryDescription))),
                module.libraryVersion.major, module.libraryVersion.minor);
    o->out->firmware =
        str_fmt(a, "%u.%u", token.firmwareVersion.major, token.firmwareVersion.minor);
    o->out->hardware =
        str_fmt(a, "%u.%u", token.hardwareVersion.major, token.hardwareVersion.minor);
    o->out->certificate = h->certificate ? str_fmt(a, "%s", h->certificate) : STR_ABSENT;
    o->out->software = !(slot.flags & CKF_HW_SLOT) || str_starts(o->out->model, STR("SoftHSM")) ||
                       str_starts(o->out->manufacturer, STR("SoftHSM"));
    return CKR_OK;
}

enum err hsm_info(struct hsm *h, struct arena *a, struct hsm_info *out)
{
    struct info_op o = { a, out };

    return hsm_session_run(h, "info", op_info, &o);
}

/* A wrapped data key, taken apart or to be put together. */
struct data_op {
    bool seal;
    char label[HSM_LABEL_MAX + 1];
    struct hsm_object_uid uid;
    uint8_t header[2 + HSM_LABEL_MAX + HSM_UID_SIZE];
    size_t header_n;
    uint8_t nonce[GCM_NONCE];
    uint8_t sealed[DATA_SEALED];
    uint8_t *key; /* 32 bytes of a secret */
};

static void data_header(struct data_op *o)
{
    size_t n = strlen(o->label);

    o->header[0] = DATA_VERSION;
    o->header[1] = (uint8_t)n;
    memcpy(o->header + 2, o->label, n);
    memcpy(o->header + 2 + n, o->uid.b, HSM_UID_SIZE);
    o->header_n = 2 + n + HSM_UID_SIZE;
}

/* AES-256-GCM inside the token (SP 800-38D); random nonces are good for 2^32 data keys per key. */
static CK_RV op_data(struct hsm *h, void *arg)
{
    struct data_op *o = arg;
    CK_FUNCTION_LIST *f = h->module->f;
    CK_GCM_PARAMS gcm;
    CK_MECHANISM m = { CKM_AES_GCM, &gcm, sizeof(gcm) };
    uint8_t opened[DATA_SEALED] = { 0 }; /* some modules write the tag's length too */
    CK_ULONG n = DATA_SEALED;
    CK_OBJECT_HANDLE kek;
    CK_RV rv;

    rv = hsm_object_kek(h, o->label, o->seal ? NULL : &o->uid, &kek, &o->uid);
    if (rv != CKR_OK)
        return rv;
    data_header(o);
    gcm =
        (CK_GCM_PARAMS){ o->nonce, GCM_NONCE, GCM_NONCE * 8, o->header, o->header_n, GCM_TAG * 8 };
    rv = o->seal ? f->C_EncryptInit(h->session, &m, kek) : f->C_DecryptInit(h->session, &m, kek);
    if (rv != CKR_OK)
        return rv;
    if (o->seal) {
        rv = f->C_Encrypt(h->session, o->key, DATA_KEY_SIZE, o->sealed, &n);
        return rv == CKR_OK && n != DATA_SEALED ? CKR_GENERAL_ERROR : rv;
    }
    rv = f->C_Decrypt(h->session, o->sealed, DATA_SEALED, opened, &n);
    if (rv == CKR_OK && n == DATA_KEY_SIZE)
        memcpy(o->key, opened, DATA_KEY_SIZE);
    else if (rv == CKR_OK || rv == CKR_ENCRYPTED_DATA_INVALID ||
             rv == CKR_ENCRYPTED_DATA_LEN_RANGE ||
             ((rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED) && hsm_session_alive(h)))
        rv = HSM_RV_DAMAGED;
    secret_wipe(opened, sizeof(opened));
    return rv;
}

enum err hsm_wrap_data_key(struct hsm *h, struct arena *a, const struct secret *key,
                           struct bytes *wrapped)
{
    struct data_op o = { .seal = true };
    struct secret *copy = NULL;
    enum err err;
    uint8_t *p;

    if (secret_size(key) != DATA_KEY_SIZE)
        return FAIL(E_INPUT, "", "data key of %zu bytes", secret_size(key));
    if (!h->kek_id)
        return FAIL(E_BACKEND, "hsm-kek-absent", "token %s: no wrapping key configured", h->label);
    (void)snprintf(o.label, sizeof(o.label), "%s" DATA_SUFFIX, h->kek_id);
    random_bytes(o.nonce, sizeof(o.nonce));
    copy = secret_from(secret_bytes(key).p, DATA_KEY_SIZE); /* the API takes no const */
    o.key = secret_data(copy);
    err = hsm_session_run(h, "wrap data key", op_data, &o);
    secret_free(copy);
    if (err != E_OK)
        return err;
    p = arena_alloc(a, o.header_n + GCM_NONCE + DATA_SEALED);
    memcpy(p, o.header, o.header_n);
    memcpy(p + o.header_n, o.nonce, GCM_NONCE);
    memcpy(p + o.header_n + GCM_NONCE, o.sealed, DATA_SEALED);
    *wrapped = (struct bytes){ p, o.header_n + GCM_NONCE + DATA_SEALED };
    return E_OK;
}

enum err hsm_unwrap_data_key(struct hsm *h, struct bytes wrapped, struct secret **key)
{
    struct data_op o = { .seal = false };
    struct secret *made = NULL;
    size_t label_n = wrapped.n > 2 ? wrapped.p[1] : 0;
    enum err err;

    if (wrapped.n < 2 || wrapped.p[0] != DATA_VERSION || label_n > HSM_LABEL_MAX ||
        wrapped.n != 2 + label_n + HSM_UID_SIZE + GCM_NONCE + DATA_SEALED)
        return FAIL(E_STATE, "key-damaged", "wrapped data key of %zu bytes", wrapped.n);
    memcpy(o.label, wrapped.p + 2, label_n);
    memcpy(o.uid.b, wrapped.p + 2 + label_n, HSM_UID_SIZE);
    memcpy(o.nonce, wrapped.p + 2 + label_n + HSM_UID_SIZE, GCM_NONCE);
    memcpy(o.sealed, wrapped.p + wrapped.n - DATA_SEALED, DATA_SEALED);
    made = secret_new(DATA_KEY_SIZE);
    o.key = secret_data(made);
    err = hsm_session_run(h, "unwrap data key", op_data, &o);
    if (err == E_OK) {
        *key = made;
        made = NULL;
    }
    secret_free(made);
    return err;
}
