/*
 * envelopes_service.h - what needs document keys, the signing token or the worker: part of
 * envelopes.h, implemented in the work files; works after signing_setup().
 */
#pragma once

#include "features/signing/signing.h"

struct envelopes_envelope;
struct envelopes_document;
struct envelopes_seat;

/* Add a file to a draft. As signing_document_store(); E_LIMIT "envelope-documents". */
enum err envelopes_document_add(struct tx *tx, const struct envelopes_envelope *e,
                                struct str filename, struct bytes pdf, const struct audit_by *by,
                                struct timestamp now) MUST_CHECK;
/* The bytes of a document of the envelope, by its public id: for the sender or a seat, which the
 * caller has checked. */
enum err envelopes_document_read(struct tx *tx, const struct envelopes_envelope *e,
                                 struct str document, struct envelopes_document *d,
                                 struct buf *out) MUST_CHECK;
/* The signed report of a completed envelope. E_ABSENT. */
enum err envelopes_report_read(struct tx *tx, const struct envelopes_envelope *e,
                               struct buf *out) MUST_CHECK;

struct envelopes_sign_request {
    const struct envelopes_seat *seat;
    struct audit_by by;
    struct str credential;    /* own certificate: its public id */
    const struct secret *pin; /* and its PIN */
    struct str totp;
    struct timestamp now;
};
/*
 * Sign all documents of the envelope in one act. All or nothing: the order, the deadline, every
 * signature, the record and the next signer's invitation are one transaction. E_STATE "party-done",
 * "not-your-turn", "envelope-ended", "envelope-expired"; those of signing_sign_document().
 */
enum err envelopes_sign(struct tx *tx, const struct envelopes_sign_request *rq) MUST_CHECK;
