/*
 * signing_inside_work.h - what the work files of this slice share. Not for anybody else.
 */
#pragma once

#include "base/crypto.h"
#include "features/authority/authority.h"
#include "features/signing/signing.h"
#include "sign/keys.h"
#include "sign/pdf_sign.h"
#include "store/db.h"

#define SIGNING_TSA_MAX 4

/* A time-stamping authority as configured (P3-15). */
struct signing_tsa {
    struct str url;
    struct str accreditation; /* empty: not accredited (the built-in one, for demonstration) */
    struct timestamp accredited_until; /* TIMESTAMP_NONE: no accreditation */
    size_t token_max;                  /* greatest token that came from it; 0: none yet */
};

/* One per process; made by signing_setup(). */
struct signing_inside {
    struct arena *arena; /* life of the process */
    struct db *side;
    struct hsm *hsm;     /* NULL: not to be had */
    struct hsm *own_hsm; /* opened here, because the program could not */
    int64_t hsm_again;   /* monotonic: look for it again from then on */
    const struct settings *settings;
    struct str gateway; /* path of its socket */
    struct str portal;  /* its URL, with "/" at the end */
    struct str anchors_file, trust_lists, issuers, tsa_policy;
    struct pdf_trust *trust;
    int64_t trust_until; /* monotonic */
    int64_t fetch_until; /* monotonic; of the document in work */
    int64_t keep_us;
    uint64_t upload_max, quota_account, quota_tenant; /* 0: no quota */
    struct tenant_id held_tenant;                     /* whose count was read last, */
    uint64_t held_bytes;                              /* the count, */
    int64_t held_until;                               /* and how long it is good; monotonic */
    struct signing_tsa tsa[SIGNING_TSA_MAX];
    size_t tsa_n;
    size_t tsa_first; /* index of the one that answered last */
    bool require_accredited;
};

/* E_INTERNAL before signing_setup(). */
enum err signing_inside_get(struct signing_inside **out) MUST_CHECK;
/* The same, and the HSM: E_BACKEND "hsm-unavailable" without one. */
enum err signing_inside_hsm(struct signing_inside **out) MUST_CHECK;
/* Anchors of all authorities and of the configured file, read again every ten minutes. */
enum err signing_inside_trust(struct signing_inside *in, const struct pdf_trust **out) MUST_CHECK;

/* --- signing_tsa_work.c --- */

/* Read tsa.* into `in`. E_INPUT "tsa-settings". */
enum err signing_tsa_read(struct signing_inside *in, const struct settings *settings) MUST_CHECK;
/* May this one be used now? E_STATE "tsa-unaccredited". */
enum err signing_tsa_usable(const struct signing_inside *in, const struct signing_tsa *tsa,
                            struct timestamp now) MUST_CHECK;
/* What needs a TSA: `result` tells the tokens that came. */
struct signing_tsa_task {
    enum err (*run)(void *arg, const struct timestamp_authority *tsa);
    void *arg;
    const struct pdf_sign_result *result;
};
/*
 * Run it with each usable TSA in turn until one serves; *used is the one. A token that outgrew its
 * room is asked for once more: how large its tokens are is remembered for each TSA.
 */
enum err signing_tsa_run(struct signing_inside *in, const struct signing_tsa_task *task,
                         const struct signing_tsa **used) MUST_CHECK;
/* pdf_sign() so; *used is NULL below ES-T. */
enum err signing_tsa_sign(struct signing_inside *in, struct pdf_sign_params *params,
                          struct arena *a, struct buf *out, struct pdf_sign_result *result,
                          const struct signing_tsa **used) MUST_CHECK;

/* Room for what a signature or an extension adds; the writer refuses what would not fit. */
#define SIGNING_TAIL_MAX (64u << 20)

/* --- signing_pin_work.c --- */

/*
 * Count an attempt, open the blob, forget the count or write the failure down: each committed on
 * the side connection. E_AUTH "pin-wrong", E_STATE "credential-locked", E_INPUT "pin-required".
 */
enum err signing_pin_open(struct signing_inside *in, const struct signing_credential *c,
                          const struct secret *pin, const struct audit_by *by,
                          struct secret **wrapped) MUST_CHECK;
/* What binds a blob to its credential, in the arena. */
struct bytes signing_pin_context(struct arena *a, struct str public_id);

/* --- signing_signer_work.c --- */

/* The certificate and chain of a credential, parsed; borrowed until the next call. E_STATE
 * "key-mismatch", "certificate-issuer". */
enum err signing_signer_get(struct tx *tx, const struct signing_inside *in,
                            const struct signing_credential *credential,
                            const struct authority_certificate *c,
                            const struct cms_signer **out) MUST_CHECK;
void signing_signer_forget(void);

/* --- signing_look_work.c --- */

/* A page of any source, drawn by the renderer. Errors of render_client_page(). */
enum err signing_look_draw(struct tx *tx, struct pdf_source *source, const struct secret *password,
                           unsigned page, unsigned width, struct buf *png) MUST_CHECK;

#include "features/signing/signing_storage_work.h"

#include "features/signing/signing_job_work.h"
