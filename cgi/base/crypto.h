/*
 * crypto.h - the few symmetric primitives that every layer may use. Public-key work is in pki/,
 * sign/.
 */
#pragma once

#include "base/secret.h"

/* SHA-256 (FIPS 180-4). */
struct bytes32 sha256(struct bytes data);

/* Streaming SHA-256/384/512. */
struct digest;
enum digest_kind { DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
struct digest *digest_new(enum digest_kind kind); /* aborts when OpenSSL cannot */
void digest_add(struct digest *d, const void *p, size_t n);
/* Writes the digest (32, 48 or 64 bytes) to out, returns its length and frees d. */
size_t digest_end(struct digest *d, uint8_t out[64]);
void digest_free(struct digest *d);

/* HMAC-SHA-256 (RFC 2104). */
struct bytes32 hmac_sha256(struct bytes key, struct bytes data);
/* HMAC-SHA-1, for RFC 6238 time-based codes only. */
void hmac_sha1(struct bytes key, struct bytes data, uint8_t out[20]);
/* HKDF-SHA-256 (RFC 5869) with no salt; at most 8160 bytes. */
struct secret *hkdf_sha256(struct bytes key, struct str info, size_t n);

/* AES-256-GCM (SP 800-38D): out = nonce(12, random) || ciphertext || tag(16), in the arena. */
enum err aead_seal(struct arena *a, const struct secret *key, struct bytes aad, struct bytes plain,
                   struct bytes *out) MUST_CHECK;
/* Inverse. E_INPUT, reason "", when the tag does not fit: wrong key, wrong aad, or changed. */
enum err aead_open(const struct secret *key, struct bytes aad, struct bytes sealed,
                   struct secret **plain) MUST_CHECK;
/* The same into ordinary arena memory, for large contents that are not secrets themselves. */
enum err aead_open_arena(struct arena *a, const struct secret *key, struct bytes aad,
                         struct bytes sealed, struct bytes *plain) MUST_CHECK;

/* Argon2id (RFC 9106). Encoded "$argon2id$v=19$..." string for passwords; t=2, m=19 MiB, p=1. */
enum err password_hash(struct arena *a, struct bytes password, struct str *encoded) MUST_CHECK;
/* E_OK, E_AUTH when it does not match. An absent encoded hash costs the same time and is E_AUTH. */
enum err password_verify(struct str encoded, struct bytes password) MUST_CHECK;
/* Raw Argon2id key: 32 bytes from a PIN and a 16-byte salt, t=3, m=64 MiB, p=1. */
enum err pin_derive(struct bytes pin, struct bytes salt, struct secret **key) MUST_CHECK;
