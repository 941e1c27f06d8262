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

/* --- signing_crypt_work.c: document keys and pieces --- */

struct signing_new_document {
    struct signing_owner owner;
    struct str filename;
    struct bytes data;
    uint32_t version; /* 0: as uploaded; 1: arrives signed */
    struct timestamp now;
};

/* Where a piece lies. */
struct signing_piece_at {
    uint32_t seq, size;
    uint64_t position;
};

/* A new document under a new key; needs its audit row from the caller. */
enum err signing_crypt_new(struct tx *tx, const struct signing_new_document *n,
                           struct signing_document *out) MUST_CHECK;
/* The next version of a document: what was signed stays as it is, `tail` is added behind it;
 * `digest` is of the whole. E_CONFLICT "document-changed". */
enum err signing_crypt_append(struct tx *tx, const struct signing_document *d, struct bytes tail,
                              const struct bytes32 *digest) MUST_CHECK;
/* The same, and what it is then. */
enum err signing_crypt_append_to(struct tx *tx, const struct signing_document *d, struct bytes tail,
                                 const struct bytes32 *digest,
                                 struct signing_document *next) MUST_CHECK;
/* The same from the whole signed file, which begins with the document as it is. */
enum err signing_crypt_replace(struct tx *tx, const struct signing_document *d,
                               struct bytes data) MUST_CHECK;
/* Public id, name, key and times of a new document; the caller fills the rest and frees *key. */
enum err signing_crypt_begin(struct arena *a, const struct signing_new_document *n,
                             struct signing_document *d, struct secret **key) MUST_CHECK;
/* Its row; d->id is set. */
enum err signing_crypt_add(struct tx *tx, const struct signing_owner *owner,
                           struct signing_document *d) MUST_CHECK;
/* Encrypt `data` as pieces from *at on, which moves behind them. */
enum err signing_crypt_write(struct tx *tx, struct document_id id, struct str public_id,
                             const struct secret *key, struct signing_piece_at *at,
                             struct bytes data) MUST_CHECK;
/* The document's key, from its HSM. E_STATE "document-deleted". */
enum err signing_crypt_key(const struct signing_document *d, struct secret **key) MUST_CHECK;
/* signing_document_source() for what is still arriving as well. */
enum err signing_crypt_source(struct tx *tx, const struct signing_document *d, struct arena *a,
                              struct pdf_source *out) MUST_CHECK;
/* What binds a piece to its place, in the arena. */
struct bytes signing_crypt_aad(struct arena *a, struct str public_id,
                               const struct signing_piece_at *at);
/* What a document's version, size, pieces and digest must be authenticated with. */
struct bytes32 signing_crypt_manifest(struct arena *a, const struct secret *key,
                                      const struct signing_document *d);
/* The last component of a file's name, without what a file system or a header would trip over. */
struct str signing_crypt_name(struct arena *a, struct str name);

/* --- signing_arrive_work.c, signing_intake_work.c --- */

struct pdf_source;
struct signing_intake;

/* Is it a PDF that can be signed, as far as can be said without a password? E_INPUT pdf-*. */
enum err signing_arrive_check(const struct pdf_source *source, struct timestamp now) MUST_CHECK;
/* Is there room for so much more? E_LIMIT "document-too-large", "quota-account", "quota-tenant".
 * The customer's is judged by the worker's last count: some seconds of traffic may go beyond it. */
enum err signing_arrive_room(struct tx *tx, const struct signing_owner *owner,
                             uint64_t more) MUST_CHECK;
enum err signing_arrive_audit(struct tx *tx, const struct audit_by *by, const char *action,
                              struct str document) MUST_CHECK;
/* What arrived becomes a document with this digest; needs the caller's audit row. */
enum err signing_arrive_seal(struct tx *tx, const struct signing_document *d,
                             const struct bytes32 *digest, struct signing_document *out) MUST_CHECK;
/* signing_intake_store() without asking whether it is a PDF, and without an audit row. */
enum err signing_intake_keep(struct tx *tx, struct signing_intake *in,
                             struct signing_document *out) MUST_CHECK;

bool signing_intake_spooled(const struct signing_intake *in);
/* What stayed in memory, and `tail` behind it; absent when there is no room. */
struct bytes signing_intake_join(struct signing_intake *in, struct bytes tail);
/* What signing_intake_send() shall send. */
void signing_intake_result(struct signing_intake *in, const struct signing_document *d);

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

#include "features/signing/signing_job_work.h"
