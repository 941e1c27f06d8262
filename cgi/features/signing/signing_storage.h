/*
 * signing_storage.h - documents at rest, coming in and going out, piece by piece: memory does not
 * grow with the document. Part of signing.h; implemented in signing_crypt_work.c and
 * signing_arrive_work.c, works after signing_setup().
 */
#pragma once

#include "base/ids.h"
#include "base/str.h"

struct pdf_source;
struct signing_document;
struct signing_owner;
struct signing_request;
struct signing_receipt;
struct audit_by;
struct tx;
struct arena;

/* A piece at rest, and the unit in which resumable uploads go on. */
#define SIGNING_PIECE (UINT32_C(1) << 20)
/* The most that signing_document_piece() takes at once. */
#define SIGNING_PIECES_AT_ONCE (8 * SIGNING_PIECE)

/* The largest document that is taken at all. */
uint64_t signing_upload_max(void);

/*
 * The current version for reading at any place; a few pieces are decrypted and kept at a time. Good
 * until `tx` ends (tx_at_end() releases its key). Not from the deadline on: E_STATE
 * "document-deleted". Reading gives E_BACKEND "document-damaged" when a piece is missing, moved,
 * changed or cut off.
 */
enum err signing_document_source(struct tx *tx, const struct signing_document *d, struct arena *a,
                                 struct pdf_source *out) MUST_CHECK;
/* It is complete and its time is not over: E_STATE "document-deleted", "upload-incomplete". */
enum err signing_document_readable(const struct signing_document *d) MUST_CHECK;
/*
 * Hand all bytes over in order, each piece read in a transaction of its own on the side connection:
 * for answers that are sent after the request's transaction. Stops at the first error of `write`.
 */
enum err signing_document_send(const struct signing_document *d,
                               enum err (*write)(void *arg, struct bytes piece),
                               void *arg) MUST_CHECK;

/* The same for several, as one ZIP made while it is sent; a name in UTF-8 for each. */
enum err signing_document_send_zip(const struct signing_document *d, const struct str *names,
                                   size_t n, struct timestamp now,
                                   enum err (*write)(void *arg, struct bytes piece),
                                   void *arg) MUST_CHECK;

/* --- a document that arrives in several requests --- */

/*
 * Announce a file of `expected` bytes. It is "receiving" until signing_document_finish(), and is
 * erased like any document, 8 hours after this. E_LIMIT "document-too-large", "quota-account",
 * "quota-tenant". Writes its audit row.
 */
enum err signing_document_begin(struct tx *tx, struct signing_owner owner, struct str filename,
                                uint64_t expected, const struct audit_by *by, struct timestamp now,
                                struct signing_document *out) MUST_CHECK;
/*
 * The next bytes, at `offset`: a multiple of SIGNING_PIECE, or what ends the file. E_CONFLICT
 * "upload-offset" when that is not where it stands (d->size says where, when found again), E_INPUT
 * "upload-piece" on a wrong size, E_STATE "document-deleted" and "upload-finished".
 */
enum err signing_document_piece(struct tx *tx, const struct signing_document *d, uint64_t offset,
                                struct bytes data) MUST_CHECK;
/*
 * All has arrived: check that it is a PDF, digest it, and make it a document like any other.
 * E_STATE "upload-incomplete"; E_INPUT pdf-*. Writes its audit row.
 */
enum err signing_document_finish(struct tx *tx, const struct signing_document *d,
                                 const struct audit_by *by, struct timestamp now,
                                 struct signing_document *out) MUST_CHECK;

/* --- a document that arrives inside one request --- */

/*
 * Takes a file as it comes. Up to one piece stays in memory; what is larger is encrypted piece by
 * piece and kept on the side connection, as a document in state "receiving" that goes at once when
 * the request comes to nothing, and after an hour when the process died.
 */
struct signing_intake;

/* `limit`: the most that the caller's contract admits; upload.max_bytes and the quotas hold
 * besides. */
enum err signing_intake_new(const struct signing_owner *owner, struct str filename, uint64_t limit,
                            const struct audit_by *by, struct timestamp now,
                            struct signing_intake **out) MUST_CHECK;
enum err signing_intake_add(struct signing_intake *in, struct bytes data) MUST_CHECK;
/* All has come. */
enum err signing_intake_end(struct signing_intake *in) MUST_CHECK;
/* Forget it; erases what nobody kept. NULL is fine. */
void signing_intake_free(struct signing_intake *in);

uint64_t signing_intake_size(const struct signing_intake *in);
struct bytes32 signing_intake_digest(const struct signing_intake *in);
struct str signing_intake_filename(const struct signing_intake *in);
/* Good until `tx` ends and while `in` lives. */
enum err signing_intake_source(struct tx *tx, struct signing_intake *in, struct arena *a,
                               struct pdf_source *out) MUST_CHECK;
/* Make it a document as uploaded: E_INPUT pdf-*. Writes its audit row. */
enum err signing_intake_store(struct tx *tx, struct signing_intake *in,
                              struct signing_document *out) MUST_CHECK;
/* signing_sign_bytes() for what arrived so: stored and signed in one step; signing_document_send()
 * gives the result. */
enum err signing_intake_sign(struct tx *tx, const struct signing_request *rq,
                             struct signing_intake *in, struct str key,
                             struct signing_receipt *out) MUST_CHECK;

/* What signing made of it, or made of an earlier request with that key; from memory when it is
 * small. */
uint64_t signing_intake_result_size(const struct signing_intake *in);
enum err signing_intake_send(const struct signing_intake *in,
                             enum err (*write)(void *arg, struct bytes piece),
                             void *arg) MUST_CHECK;

/* --- holding periods beyond 8 hours, for contract envelopes --- */

/* Hold until `until`, as the parties agreed, at most 90 days from its creation (E_STATE beyond).
 * Needs the caller's audit row. */
enum err signing_document_agree(struct tx *tx, const struct signing_document *d,
                                struct timestamp until) MUST_CHECK;
/* What it was held for is done: 8 hours from `now`, never later than before. Needs the caller's
 * audit row. */
enum err signing_document_complete(struct tx *tx, const struct signing_document *d,
                                   struct timestamp now) MUST_CHECK;

/* The next version of a document: `tail`, as signing_provider_sign() made it, behind what is there;
 * `digest` is of the whole. E_CONFLICT "document-changed". Needs the caller's audit row. */
enum err signing_document_append(struct tx *tx, const struct signing_document *d, struct bytes tail,
                                 const struct bytes32 *digest) MUST_CHECK;
