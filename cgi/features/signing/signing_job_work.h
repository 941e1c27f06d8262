/*
 * signing_job_work.h - one signature or extension on its way from request to record. Not for
 * anybody else; part of signing_inside_work.h.
 */
#pragma once

#include "features/signing/signing_inside_work.h"

enum { SIGNING_JOB_SIGNS = -1 };

/* Filled step by step. */
struct signing_job {
    const struct signing_request *rq;
    struct str public_id; /* of the record */
    const char *kind;     /* of the record: "sign", "certify", "timestamp", ... */
    int extension;        /* an enum signing_extension; SIGNING_JOB_SIGNS: a signature */
    enum signing_level level;
    struct signing_credential credential; /* id 0: no key is used */
    struct authority_certificate certificate;
    const struct secret *opened; /* the wrapped key, when a batch has it open already */
    struct document_id document; /* 0: none yet */
    struct str document_public;  /* of the same */
    uint64_t size_in;
    struct pdf_sign_result result;
    const struct signing_tsa *tsa;
};

/* A job for this request, with a fresh public id. */
struct signing_job signing_job_of(struct tx *tx, const struct signing_request *rq);

/* What is owned while signing. */
struct signing_hands {
    struct signing_inside *in;
    struct secret *wrapped; /* opened with the PIN */
    struct signing_key *key;
    const struct cms_signer *signer; /* borrowed */
};

/*
 * Everything up to the key: state of the credential, certificate, its issuer, assertion; the PIN is
 * not asked for.
 */
enum err signing_job_signer(struct tx *tx, struct signing_hands *h,
                            struct signing_job *j) MUST_CHECK;
/* The same, then PIN, one-time code and key. Release in any case. */
enum err signing_job_take(struct tx *tx, struct signing_hands *h, struct signing_job *j) MUST_CHECK;
void signing_job_release(struct signing_hands *h);
/* PIN and one-time code alone: *h holds the opened wrapped key. */
enum err signing_job_open(struct signing_hands *h, const struct signing_job *j) MUST_CHECK;

/* Parameters of pdf_sign() as the request has them; `h->key` signs. */
struct pdf_sign_params signing_job_params(const struct signing_job *j,
                                          const struct signing_hands *h,
                                          const struct pdf_source *source);

/*
 * Sign or extend the source: what is to be appended goes to `tail`, nothing is written. A failure
 * leaves a record of its own; after that the caller stores, and calls signing_record_done().
 */
enum err signing_job_make(struct tx *tx, struct signing_job *j, const struct pdf_source *source,
                          struct buf *tail) MUST_CHECK;
/* The same with a stored document, which is continued, and the record. */
enum err signing_job_make_stored(struct tx *tx, struct signing_job *j,
                                 const struct signing_document *d) MUST_CHECK;
/* Find the owner's (or holder's) document for a job. E_STATE "document-deleted". */
enum err signing_job_document(struct tx *tx, struct signing_job *j, struct str public_id,
                              struct signing_document *d) MUST_CHECK;

/* --- signing_claim_work.c: Idempotency-Key --- */

/*
 * Claim the key for this job, or find whose it is: then *earlier is that record, and *result what
 * signing_claim_result() kept. `what` is done to what has the digest `content`.
 */
enum err signing_claim(struct tx *tx, const struct signing_job *j, struct str key, const char *what,
                       struct bytes32 content, struct str *earlier,
                       struct bytes *result) MUST_CHECK;
/* Keep a result that is no document. */
enum err signing_claim_result(struct tx *tx, const struct signing_job *j, struct str key,
                              struct bytes result) MUST_CHECK;
/* The document of an earlier record once more. */
enum err signing_claim_replay(struct tx *tx, const struct signing_request *rq, struct str record,
                              struct signing_document *d, struct signing_receipt *out) MUST_CHECK;
/* What a request's options are, as a digest: all but PIN and password. */
struct bytes32 signing_claim_digest(const struct signing_request *rq, const char *what,
                                    struct bytes32 content);

/* --- signing_extend_work.c --- */

/* The request becomes that extension. */
void signing_extend_job(struct signing_job *j, enum signing_extension kind);
/* What is to be appended goes to `tail`; the key is not looked at. */
enum err signing_extend_source(struct tx *tx, struct signing_job *j,
                               const struct pdf_source *source, struct buf *tail) MUST_CHECK;

/* --- signing_record_work.c --- */

/* The record and audit row of a finished job, in the caller's transaction. */
enum err signing_record_done(struct tx *tx, const struct signing_job *j) MUST_CHECK;
/* The record and audit row of an attempt that failed with the current fault; on the side
 * connection. Returns `err`, with the fault as it was. */
enum err signing_record_failed(struct signing_inside *in, const struct signing_job *j,
                               enum err err) MUST_CHECK;
