/*
 * hsm.h - a token of a hardware security module, reached through any PKCS#11 module.
 *
 * Opening loads the module, logs in and remembers how to do so again: a lost session, a token that
 * was pulled out and put back, or a re-initialised slot is noticed by the call that meets it, tried
 * once more after a new login, and otherwise reported as E_BACKEND with one of the reasons below;
 * the next call tries again, without a restart. Open after the fork, one process one thread. Keys
 * are in keys.h, what only `shomeictl` may do to a token is in hsm_admin.h.
 *
 * Reasons: hsm-module (cannot load or start), hsm-token-absent, hsm-pin-wrong, hsm-pin-locked,
 * hsm-kek-absent, hsm-key-absent, hsm-failed (any other answer; CKR code in the detail).
 */
#pragma once

#include "base/clock.h"
#include "base/secret.h"
#include "base/settings.h"

struct hsm;

struct hsm_params {
    const char *module;       /* path of the PKCS#11 shared library */
    const char *token_label;  /* CKA label of the token */
    const struct secret *pin; /* user PIN; copied */
    const char *kek_id;       /* wrapping key for new wraps; NULL where this token wraps nothing */
    const char *certificate;  /* FIPS 140 certificate number of the module, NULL when unknown */
    bool writable;            /* token objects may be made and destroyed (shomeictl only) */
    int64_t pin_pause_us;     /* pause after a refused PIN, doubled each time; 0: 30 seconds */
};

/* Which of the three tokens of an installation (settings hsm.<name>_label, hsm.<name>_pin_file). */
enum hsm_token { HSM_CA, HSM_SIGNING, HSM_STATUS, HSM_TOKEN__MAX };

/* Load, find the token by label, log in. E_BACKEND with a reason when that fails. */
enum err hsm_open(const struct hsm_params *p, struct hsm **out) MUST_CHECK;
/* The same from the settings; `writable` for shomeictl. */
enum err hsm_open_token(const struct settings *c, enum hsm_token which, bool writable,
                        struct hsm **out) MUST_CHECK;
/* Session objects of this handle are gone afterwards. All its signing keys must be destroyed
 * before. NULL is fine. */
void hsm_close(struct hsm *h);

/* Readiness: session alive, token answers, current wrapping key there. Recovers when it can. */
enum err hsm_check(struct hsm *h) MUST_CHECK;

/* What is known about the token, for the operations page and the records (P3-100). */
struct hsm_info {
    struct str label, serial, model, manufacturer; /* of the token */
    struct str module;                             /* library description and version */
    struct str firmware, hardware;                 /* versions "major.minor" */
    struct str certificate;                        /* from hsm_params; absent when unknown */
    bool software;                                 /* no hardware slot: never FIPS 140 compliant */
};
/* Texts in the arena. */
enum err hsm_info(struct hsm *h, struct arena *a, struct hsm_info *out) MUST_CHECK;

/* Identifier of the wrapping key used for new wraps, "" when none. Borrowed, life of the handle. */
struct str hsm_kek_id(const struct hsm *h);

/* Encrypt a 32-byte data key under the token's data wrapping key (AES-256-GCM inside the token).
 * Deleting the result erases what the key protects. E_INPUT when not 32 bytes. */
enum err hsm_wrap_data_key(struct hsm *h, struct arena *a, const struct secret *key,
                           struct bytes *wrapped) MUST_CHECK;
/* Inverse, also for earlier wrapping keys still in the token. E_STATE "key-damaged" when changed.
 */
enum err hsm_unwrap_data_key(struct hsm *h, struct bytes wrapped, struct secret **key) MUST_CHECK;
