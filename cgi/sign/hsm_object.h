/*
 * hsm_object.h - inside sign/ only: key objects of a session. All functions run within an operation
 * of hsm_session_run() and answer CKR codes (or HSM_RV_*); they clean up what they made when they
 * fail.
 */
#pragma once

#include "sign/hsm_session.h"
#include "sign/keys.h"

/* What tells keys of one label apart. */
struct hsm_object_uid {
    uint8_t b[HSM_UID_SIZE];
};

/* First object of that class and label, or CK_INVALID_HANDLE (then still CKR_OK). */
CK_RV hsm_object_find(struct hsm *h, CK_OBJECT_CLASS class, const char *label,
                      CK_OBJECT_HANDLE *out);

/* Every object of the class, in the arena. */
CK_RV hsm_object_all(struct hsm *h, CK_OBJECT_CLASS class, struct arena *a, CK_OBJECT_HANDLE **out,
                     size_t *n);

/* Value of an attribute in the arena; absent (p NULL) when the object does not have it. */
CK_RV hsm_object_read(struct hsm *h, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                      struct arena *a, struct bytes *out);

/* Wrapping key by label and, when `uid` is given, by that CKA_ID; `found` gets its CKA_ID. The
 * answer is remembered for the life of the session. HSM_RV_KEK_ABSENT. */
CK_RV hsm_object_kek(struct hsm *h, const char *label, const struct hsm_object_uid *uid,
                     CK_OBJECT_HANDLE *out, struct hsm_object_uid *found);

/* Generate an AES-256 token object that can only wrap and unwrap, or (data) encrypt and decrypt. */
CK_RV hsm_object_create_kek(struct hsm *h, const char *label, const struct hsm_object_uid *uid,
                            bool data);

struct hsm_object_pair {
    CK_OBJECT_HANDLE public_key, private_key;
};
/* Generate a signing pair: with a label as token objects that are not extractable, without one as
 * session objects that can be wrapped out. */
CK_RV hsm_object_generate(struct hsm *h, enum key_kind kind, const char *label,
                          struct hsm_object_pair *out);

/* SubjectPublicKeyInfo of a public key object, and its kind. */
CK_RV hsm_object_spki(struct hsm *h, CK_OBJECT_HANDLE public_key, struct arena *a,
                      enum key_kind *kind, struct bytes *spki);

/* CKM_AES_KEY_WRAP_PAD (RFC 5649). */
CK_RV hsm_object_wrap(struct hsm *h, CK_OBJECT_HANDLE kek, CK_OBJECT_HANDLE key, struct arena *a,
                      struct bytes *out);
/* Inverse, as a sensitive session object for signing; extractable only to be wrapped again. */
CK_RV hsm_object_unwrap(struct hsm *h, CK_OBJECT_HANDLE kek, enum key_kind kind,
                        struct bytes wrapped, bool extractable, CK_OBJECT_HANDLE *out);

/* Destroy an object; what is not there is fine. */
void hsm_object_destroy(struct hsm *h, CK_OBJECT_HANDLE object);
