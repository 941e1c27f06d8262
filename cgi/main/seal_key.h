/*
 * seal_key.h - the key that seals the audit log, and the anchor file that remembers the newest seal
 * outside the database. Used by the worker (seals) and shomeictl (makes the key, verifies).
 */
#pragma once

#include "base/settings.h"
#include "features/audit/audit_seal.h"

/* Label of the P-256 key pair in the ca token. */
#define SEAL_KEY_LABEL "audit-seal"

struct hsm;

/* Make the key when it is missing; `ca` must be writable. */
enum err seal_key_init(struct hsm *ca, struct arena *a) MUST_CHECK;
/* The public half, as SubjectPublicKeyInfo. */
enum err seal_key_spki(struct hsm *ca, struct arena *a, struct bytes *spki) MUST_CHECK;
/* For audit_sealer.sign: `arg` is the struct hsm of the ca token. ECDSA over SHA-256 of `chain`. */
enum err seal_key_sign(void *arg, struct arena *a, const struct bytes32 *chain,
                       struct bytes *signature);

/*
 * The anchor: setting audit.anchor_file, one line `number chain-in-hex`, replaced atomically.
 * *known is false when there is no file (or no setting): a log that was never sealed, or a lost
 * anchor.
 */
enum err seal_key_anchor_read(const struct settings *settings, struct arena *a,
                              struct audit_anchor *anchor, bool *known) MUST_CHECK;
enum err seal_key_anchor_write(const struct settings *settings,
                               const struct audit_anchor *anchor) MUST_CHECK;
