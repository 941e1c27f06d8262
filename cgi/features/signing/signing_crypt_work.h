/*
 * signing_crypt_work.h - stored documents for the work files of this slice: keys, pieces, and what
 * arrives. Not for anybody else.
 */
#pragma once

#include "base/crypto.h"
#include "features/signing/signing.h"

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
