/* keys_wrap.c - the encoding of a wrapped key. */
#include "sign/keys_internal.h"

/* A wrapped key: version, kind, length of the label, label and CKA_ID of the wrapping key, RFC 5649
 * ciphertext. */
#define WRAPPED_VERSION 1

enum err keys_wrap_parse(struct bytes wrapped, struct keys_wrap_parts *out)
{
    size_t label_n = wrapped.n > 3 ? wrapped.p[2] : 0, header = 3 + label_n + HSM_UID_SIZE;

    /* RFC 5649 4.1: at least two blocks of eight bytes, and whole blocks */
    if (wrapped.n < 3 || wrapped.p[0] != WRAPPED_VERSION || wrapped.p[1] >= KEY_KIND__MAX ||
        label_n == 0 || label_n > HSM_LABEL_MAX || wrapped.n < header + 16 ||
        (wrapped.n - header) % 8 != 0 || memchr(wrapped.p + 3, 0, label_n))
        return FAIL(E_STATE, "key-damaged", "wrapped key of %zu bytes", wrapped.n);
    memset(out, 0, sizeof(*out));
    out->kind = (enum key_kind)wrapped.p[1];
    memcpy(out->label, wrapped.p + 3, label_n);
    memcpy(out->uid.b, wrapped.p + 3 + label_n, HSM_UID_SIZE);
    out->cipher = (struct bytes){ wrapped.p + header, wrapped.n - header };
    return E_OK;
}

struct bytes keys_wrap_compose(struct arena *a, const struct keys_wrap_parts *p)
{
    size_t label_n = strlen(p->label), header = 3 + label_n + HSM_UID_SIZE;
    uint8_t *out = arena_alloc(a, header + p->cipher.n);

    out[0] = WRAPPED_VERSION;
    out[1] = (uint8_t)p->kind;
    out[2] = (uint8_t)label_n;
    memcpy(out + 3, p->label, label_n);
    memcpy(out + 3 + label_n, p->uid.b, HSM_UID_SIZE);
    memcpy(out + header, p->cipher.p, p->cipher.n);
    return (struct bytes){ out, header + p->cipher.n };
}

CK_RV keys_wrap_unwrap(struct hsm *h, const struct keys_wrap_parts *p, bool extractable,
                       CK_OBJECT_HANDLE *out)
{
    CK_OBJECT_HANDLE kek;
    struct hsm_object_uid uid;
    CK_RV rv;

    rv = hsm_object_kek(h, p->label, &p->uid, &kek, &uid);
    if (rv != CKR_OK)
        return rv;
    rv = hsm_object_unwrap(h, kek, p->kind, p->cipher, extractable, out);
    if (rv == CKR_WRAPPED_KEY_INVALID || rv == CKR_WRAPPED_KEY_LEN_RANGE ||
        rv == CKR_ENCRYPTED_DATA_INVALID)
        return HSM_RV_DAMAGED;
    /* SoftHSM's answer to a changed blob */
    if ((rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED) && hsm_session_alive(h))
        return HSM_RV_DAMAGED;
    return rv;
}
