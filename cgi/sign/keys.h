/*
 * keys.h - signing keys: made in the token, wrapped out under its AES-256 key, unwrapped for use.
 *
 * A wrapped key names its kind and wrapping key and is useless without the token. PIN-bound keys
 * are encrypted once more under the PIN (keys_bind_pin), so the database and the token together
 * still cannot sign. A struct signing_key is for one authorised signature or batch: destroy it
 * afterwards. Wrong PINs are counted and locked by the signing slice, not here.
 */
#pragma once

#include "sign/hsm.h"

enum key_kind { KEY_RSA2048, KEY_RSA3072, KEY_P256, KEY_P384, KEY_KIND__MAX };

/* "rsa2048" "rsa3072" "p256" "p384": for the database and pages. */
const char *keys_kind_name(enum key_kind kind);
/* E_INPUT when not one of these. */
enum err keys_kind_from(struct str name, enum key_kind *out) MUST_CHECK;
/* Length of the digest to sign: 48 (SHA-384) for P-384, else 32 (SHA-256). */
size_t keys_digest_size(enum key_kind kind);

/* Make a key pair in the token, wrap it out, prove the wrapped copy by a signature, destroy the
 * pair. Both results in the arena. */
enum err keys_generate(struct hsm *h, struct arena *a, enum key_kind kind, struct bytes *wrapped,
                       struct bytes *spki_der) MUST_CHECK;
/* Identifier of the wrapping key of a wrapped key, copied. E_STATE "key-damaged" when malformed. */
enum err keys_kek_of(struct arena *a, struct bytes wrapped, struct str *kek_id) MUST_CHECK;
/* Wrap again under the current wrapping key (rotation); the key is extractable only in between. */
enum err keys_rewrap(struct hsm *h, struct arena *a, struct bytes wrapped,
                     struct bytes *again) MUST_CHECK;

/* E_INPUT with reason pin-short (< 6), pin-long (> 64), pin-characters (not printable ASCII),
 * pin-repeated (all the same) or pin-sequence (123456, fedcba ...). */
enum err keys_pin_check(const struct secret *pin) MUST_CHECK;
/* Encrypt a wrapped key under Argon2id(PIN, random salt); `context` (credential id and the like)
 * must be given again to open it. Also refuses a PIN as keys_pin_check. */
enum err keys_bind_pin(struct arena *a, struct bytes wrapped, const struct secret *pin,
                       struct bytes context, struct bytes *blob) MUST_CHECK;
/* E_AUTH "pin-wrong" (also: other context, changed blob), E_STATE "key-damaged" when malformed. */
enum err keys_open_pin(struct bytes blob, const struct secret *pin, struct bytes context,
                       struct secret **wrapped) MUST_CHECK;
/* Open with the old PIN, bind with the new one. */
enum err keys_change_pin(struct arena *a, struct bytes blob, const struct secret *old_pin,
                         const struct secret *new_pin, struct bytes context,
                         struct bytes *new_blob) MUST_CHECK;

/* A private key in the token that can sign; opaque. */
struct signing_key;

/* Unwrap as a session object that cannot leave the token. spki is that of keys_generate. E_STATE
 * "key-damaged" when the blob was changed or is not of that kind. */
enum err keys_unwrap(struct hsm *h, struct bytes wrapped, enum key_kind kind, struct bytes spki,
                     struct signing_key **out) MUST_CHECK;
/* The same from a cache of recently used keys, for keys without a PIN only. Also to be given to
 * keys_destroy, which returns it to the cache. At most 64 keys for 10 minutes each unless set. */
enum err keys_cached_unwrap(struct hsm *h, struct bytes wrapped, enum key_kind kind,
                            struct bytes spki, struct signing_key **out) MUST_CHECK;
/* Bounds of the cache of this handle; max 0 destroys all that are not in use and switches it off.
 */
void keys_cached_limits(struct hsm *h, size_t max, int64_t max_age_us);
/* Keys in the cache now. */
size_t keys_cached_count(const struct hsm *h);
/* A key pair that lives in the token, by label. E_ABSENT when there is none. */
enum err keys_find(struct hsm *h, struct str label, struct signing_key **out) MUST_CHECK;
/* Destroy the session object at once (cached: give it back; token object: drop the handle).
 * EVP_PKEYs made from it cannot sign any more. NULL is fine. */
void keys_destroy(struct signing_key *k);

enum key_kind keys_kind(const struct signing_key *k);
/* SubjectPublicKeyInfo, borrowed. */
struct bytes keys_spki(const struct signing_key *k);

/* Sign a SHA-256, SHA-384 or SHA-512 digest (n = 32, 48, 64): RSA PKCS#1 v1.5 (RFC 8017 8.2) or
 * ECDSA as DER (RFC 3279 2.2.3), in the arena. The first signature of a key is verified under its
 * public key: E_STATE "key-mismatch". A key lost with its session is unwrapped again. */
enum err keys_sign_digest(struct signing_key *k, const uint8_t *digest, size_t n, struct arena *a,
                          struct bytes *signature) MUST_CHECK;
/* RSASSA-PSS (RFC 8017 8.1), MGF1 and salt length of the same digest. E_UNSUPPORTED for EC keys. */
enum err keys_sign_digest_pss(struct signing_key *k, const uint8_t *digest, size_t n,
                              struct arena *a, struct bytes *signature) MUST_CHECK;
