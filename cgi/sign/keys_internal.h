/*
 * keys_internal.h - inside sign/ only: what a signing key is, for keys.c, keys_cached.c and
 * provider.
 */
#pragma once

#include "sign/hsm_object.h"

#include <openssl/evp.h>

#define KEYS_SIGNATURE_MAX 512 /* RSA-4096; ECDSA P-384 needs at most 104 */

struct signing_key {
    struct hsm *hsm;
    enum key_kind kind;
    unsigned refs; /* the owner's, one per EVP_PKEY, and the cache's */
    bool cached;   /* keys_destroy gives it back to the cache */
    bool dead;     /* destroyed: cannot sign any more, hsm may be gone */
    bool verified; /* its first signature fitted the public key */
    CK_OBJECT_HANDLE handle;
    uint64_t epoch;         /* of the handle; another one: unwrap or find again */
    struct secret *wrapped; /* NULL for a token object */
    char *label;            /* NULL for a wrapped key */
    uint8_t *spki;          /* owned */
    size_t spki_n;
    EVP_PKEY *public_key; /* parsed when first needed */
};

/* A wrapped key taken apart. */
struct keys_wrap_parts {
    enum key_kind kind;
    char label[HSM_LABEL_MAX + 1];
    struct hsm_object_uid uid;
    struct bytes cipher;
};

/* E_STATE "key-damaged" when malformed; cipher borrows from wrapped. */
enum err keys_wrap_parse(struct bytes wrapped, struct keys_wrap_parts *out) MUST_CHECK;
struct bytes keys_wrap_compose(struct arena *a, const struct keys_wrap_parts *p);
/* In an operation: unwrap under the key that the parts name. HSM_RV_DAMAGED, when the blob was
 * changed, is told from a failing token. */
CK_RV keys_wrap_unwrap(struct hsm *h, const struct keys_wrap_parts *p, bool extractable,
                       CK_OBJECT_HANDLE *out);

/* In an operation: have the key in the present session, unwrapped or found again if need be. */
CK_RV keys_load(struct hsm *h, struct signing_key *k);

/* One more, one less reference; the last one frees. */
void keys_hold(struct signing_key *k);
void keys_release(struct signing_key *k);
/* Destroy the session object now and mark the key dead; the reference stays with the caller. */
void keys_kill(struct signing_key *k);

/* The public half, borrowed; E_STATE "key-damaged" when the SPKI is none. */
enum err keys_public(struct signing_key *k, EVP_PKEY **out) MUST_CHECK;

/* keys_sign_digest / _pss into out, which has room for KEYS_SIGNATURE_MAX bytes. pss_salt: salt
 * length, or negative for PKCS#1 v1.5 and ECDSA. */
enum err keys_sign_into(struct signing_key *k, const uint8_t *digest, size_t n, int pss_salt,
                        uint8_t *out, size_t *out_n) MUST_CHECK;

/* Destroy all keys of the cache and the cache itself: the handle closes. */
void keys_cached_free(struct hsm *h);
/* Give a cached key back. */
void keys_cached_return(struct signing_key *k);
