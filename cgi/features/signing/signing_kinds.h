/*
 * signing_kinds.h - what is signed otherwise than one stored document with one PIN: extensions,
 * previews, digests of documents that the client keeps, batches. Part of signing_service.h;
 * implemented in work files.
 */
#pragma once

#include "features/signing/signing_service.h"

/* --- extension: no key is used; `credential`, `pin` and the level of the request are not read ---
 */

enum signing_extension {
    SIGNING_EXTEND_TIMESTAMP,  /* a document timestamp only */
    SIGNING_EXTEND_VALIDATION, /* certificates and revocation data of all signatures */
    SIGNING_EXTEND_ARCHIVE,    /* the same and a document timestamp: ES-A, or its renewal */
    SIGNING_EXTENSION__MAX
};
/* "timestamp", "validation", "archive"; parse gives E_INPUT "extension-unknown". */
const char *signing_extension_name(enum signing_extension kind);
enum err signing_extension_parse(struct str name, enum signing_extension *out) MUST_CHECK;

/*
 * Extend a stored document: its current version is replaced by the extended one. Refusals:
 * pdf_extend()'s; E_STATE "document-deleted". A failure leaves a record of its own.
 */
enum err signing_extend_document(struct tx *tx, const struct signing_request *rq,
                                 struct str document_public_id, enum signing_extension kind,
                                 struct signing_receipt *out) MUST_CHECK;
/* Store and extend in one step, for the API: as signing_sign_bytes(). */
enum err signing_extend_bytes(struct tx *tx, const struct signing_request *rq, struct str filename,
                              struct bytes pdf, enum signing_extension kind, struct str key,
                              struct buf *extended, struct signing_receipt *out) MUST_CHECK;

struct signing_intake;
/* The same for what arrived piece by piece: as signing_intake_sign(). */
enum err signing_intake_extend(struct tx *tx, const struct signing_request *rq,
                               struct signing_intake *in, enum signing_extension kind,
                               struct str key, struct signing_receipt *out) MUST_CHECK;

/*
 * What signing would append to a stored document, but for the signature's value: to be rendered
 * before the PIN is asked for. Refusals as for signing; nothing is written, no key is used.
 */
enum err signing_preview_document(struct tx *tx, const struct signing_request *rq,
                                  struct str document_public_id, struct buf *tail) MUST_CHECK;

/*
 * Sign a digest (of the length that the credential's key uses: 32 bytes, P-384 48) of what the
 * client will put around the signature; ES or ES-T. The CMS is in the transaction's arena. `key` as
 * for signing_sign_bytes(); a repeated request gets the same CMS for as long as the key lives.
 * E_INPUT "digest-length", "level-digest" (evidence for ES-LT and ES-A belongs into the file).
 */
enum err signing_sign_digest(struct tx *tx, const struct signing_request *rq, struct bytes digest,
                             struct str key, struct bytes *cms,
                             struct signing_receipt *out) MUST_CHECK;

/* --- batch: PIN and one-time code once for a list of documents --- */

#define SIGNING_BATCH_MAX 100
#define SIGNING_BATCH_US (10 * MINUTE_US)

/*
 * Authorise: PIN (and one-time code) of `rq` for exactly these documents as they are now (by
 * digest), with all options of `rq`. The wrapped key as the PIN opened it, and the options, are
 * kept for ten minutes sealed under a key derived from *token, which is kept nowhere: neither the
 * database nor the server can sign without the browser. Refusals as for signing; E_INPUT
 * "batch-size", "batch-twice".
 */
enum err signing_batch_authorise(struct tx *tx, const struct signing_request *rq,
                                 const struct str *documents, size_t n, struct str *batch,
                                 struct str *token) MUST_CHECK;

enum signing_batch_item_state {
    SIGNING_BATCH_WAITING,
    SIGNING_BATCH_SIGNED,
    SIGNING_BATCH_FAILED,
    SIGNING_BATCH__STATES
};

struct signing_batch_item {
    struct str document; /* public id */
    struct str filename; /* absent once erased */
    enum signing_batch_item_state state;
    struct str reason; /* code, when failed */
    struct str record; /* public id, when signed */
};

struct signing_batch {
    struct str public_id;
    struct timestamp created, expires;
    bool open; /* it may go on: not ended, not expired, something waits */
    struct signing_batch_item *items;
    size_t n, signed_n, failed_n;
};

/* The owner's batch, for a progress page. E_ABSENT "batch-unknown". */
enum err signing_batch_find(struct tx *tx, struct signing_owner owner, struct str batch,
                            struct timestamp now, struct signing_batch *out) MUST_CHECK;

/*
 * Sign the next document that waits; *item is what became of it. Of `rq` only `owner`, `by` and
 * `now` are read. A document that cannot be signed fails alone: then this is E_OK with its state
 * and reason. E_ABSENT "batch-done" when nothing waits; E_STATE "batch-expired"; E_AUTH
 * "batch-token"; E_BACKEND: the document still waits, try again. Two calls at once sign two
 * documents.
 */
enum err signing_batch_next(struct tx *tx, const struct signing_request *rq, struct str batch,
                            struct str token, struct signing_batch_item *item) MUST_CHECK;

/* End it now: what is sealed is deleted, what waits stays unsigned. */
enum err signing_batch_stop(struct tx *tx, struct signing_owner owner, struct str batch,
                            const struct audit_by *by, struct timestamp now) MUST_CHECK;
