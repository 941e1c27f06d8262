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
/* A document of the envelope: for the sender or a seat, which the caller has checked. Its bytes are
 * had with signing_document_bytes(), its pictures with signing_look_picture(). */
enum err envelopes_document_open(struct tx *tx, const struct envelopes_envelope *e,
                                 struct paper_id id, struct envelopes_document *d,
                                 struct signing_document *file) MUST_CHECK;
/* The signed report of a completed envelope. E_ABSENT "report-none". */
enum err envelopes_report_open(struct tx *tx, const struct envelopes_envelope *e,
                               struct signing_document *file) MUST_CHECK;

struct envelopes_sign_request {
    const struct envelopes_seat *seat;
    struct audit_by by;
    struct str credential;    /* own certificate: its public id */
    const struct secret *pin; /* and its PIN */
    struct str totp;
    /* the words of the signature's reason, in the signer's language */
    struct str reason;
    struct timestamp now;
};
/*
 * Sign all documents of the envelope in one act. All or nothing: the order, the deadline, every
 * signature, the record and the next signer's invitation are one transaction. E_STATE "party-done",
 * "not-your-turn", "envelope-ended", "envelope-expired"; those of signing_sign_document().
 */
enum err envelopes_sign(struct tx *tx, const struct envelopes_sign_request *rq) MUST_CHECK;
