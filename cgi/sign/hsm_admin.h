/*
 * hsm_admin.h - what `shomeictl init` and key ceremonies do to a token; it must be opened
 * `writable`. Running programs see the token directory read-only and never call these.
 */
#pragma once

#include "sign/keys.h"

struct hsm_admin_token {
    const char *module;
    const char *label; /* at most 32 bytes */
    const struct secret *so_pin;
    const struct secret *user_pin;
};
/* Initialise the first uninitialised slot as a token of that label and set both PINs. E_CONFLICT
 * when a token of that label exists, E_ABSENT when no slot is free. */
enum err hsm_admin_init_token(const struct hsm_admin_token *t) MUST_CHECK;

/* Generate the wrapping keys `kek_id` (1-32 of [A-Za-z0-9._-]): an AES-256 key for WRAP/UNWRAP of
 * signing keys and another, "<kek_id>.data", for data keys; sensitive, not extractable, never
 * leaves the token; checked by use. E_CONFLICT when it exists. */
enum err hsm_admin_create_kek(struct hsm *h, struct str kek_id) MUST_CHECK;

/* Generate a signing key pair that stays in the token (CA, OCSP, TSA keys), not extractable.
 * SubjectPublicKeyInfo in the arena. E_CONFLICT when the label is taken. Use it with keys_find().
 */
enum err hsm_admin_create_key(struct hsm *h, struct arena *a, struct str label, enum key_kind kind,
                              struct bytes *spki_der) MUST_CHECK;

/* One key object of the token. */
struct hsm_admin_object {
    struct str label;
    struct str id;          /* CKA_ID in hex: random, tells keys of the same label apart */
    struct str check_value; /* CKA_CHECK_VALUE of a secret key in hex; absent when not given */
    bool private_key;       /* else secret (wrapping) key */
    bool sensitive, extractable;
};
/* All private and secret key objects, in the arena, ordered by label. */
enum err hsm_admin_list(struct hsm *h, struct arena *a, struct hsm_admin_object **out,
                        size_t *n) MUST_CHECK;

/* Destroy every object of that label (a wrapping key: with its ".data" twin). E_ABSENT when none.
 */
enum err hsm_admin_destroy(struct hsm *h, struct str label) MUST_CHECK;
