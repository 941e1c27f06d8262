/*
 * box.h - encrypt to a public key so that only its other half opens it: X25519 (RFC 7748) with a
 * fresh key for each message, HKDF-SHA-256 over the shared secret and both public keys,
 * AES-256-GCM. For what one program makes and only a person's password may open later.
 */
#pragma once

#include "base/secret.h"

enum { BOX_PUBLIC = 32, BOX_PRIVATE = 32, BOX_OVERHEAD = 32 + 12 + 16 };

/* A key pair. */
enum err box_new(uint8_t public[BOX_PUBLIC], struct secret **private) MUST_CHECK;
/* Encrypt; `context` says what it is and must be the same when it is opened. */
enum err box_seal(struct bytes public, struct str context, struct bytes plain, struct arena *a,
                  struct bytes *out) MUST_CHECK;
/* E_INPUT, reason "", when it was made for another key or context, or changed. */
enum err box_open(const struct secret *private, struct str context, struct bytes sealed,
                  struct secret **plain) MUST_CHECK;
