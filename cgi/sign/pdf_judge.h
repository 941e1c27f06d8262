/*
 * pdf_judge.h - the part of the verifier that knows certificates, revocation and time: ETSI EN
 * 319 102-1 5.2.6 and 5.6 (past signature validation), by proofs of existence from time-stamps.
 */
#pragma once

#include "sign/cms_check.h"
#include "sign/pdf_verify.h"

enum { PDF_JUDGE_REASONS_MAX = 24 };

/* A piece of evidence in the document, and when it is proven to have existed. */
struct pdf_judge_piece {
    struct bytes der;
    uint64_t end;            /* what covers the file up to here covers it */
    struct timestamp proven; /* TIMESTAMP_NONE: not */
};

/* What all signatures of one document are judged with. */
struct pdf_judge {
    const struct pdf_trust *trust;
    struct timestamp at; /* moment of validation */
    struct arena *a;
    struct revocation_pool pool; /* from the DSS and from all CMS */
    struct bytes *certs;         /* from the DSS */
    size_t certs_n;
    struct pdf_judge_piece *pieces; /* of the pool */
    size_t pieces_n, pieces_cap;
};

/* Add to the pool; a time-stamp over the file up to `end` proves it. */
void pdf_judge_evidence_add(struct pdf_judge *j, enum pdf_fetch kind, struct bytes der,
                            uint64_t end);
/* A believed time-stamp of that time covers the file up to `end`: it proves what stands before. */
void pdf_judge_evidence_prove(struct pdf_judge *j, uint64_t end, struct timestamp time);
/* For what stands nowhere in the file, or not yet: TIMESTAMP_NONE. */
struct timestamp pdf_judge_evidence_proven(const struct pdf_judge *j, struct bytes der);

/*
 * The evidence that counts about c->der at `time`: from the document, else from outside. Fills
 * c->revocation and where it came from. E_ABSENT: none; E_STATE: only what is too old, or what
 * nobody can believe any more.
 */
enum err pdf_judge_evidence(struct pdf_judge *j, struct pdf_cert_report *c, struct bytes issuer,
                            struct timestamp time) MUST_CHECK;
/*
 * Has the certificate been revoked since, as far as the outside can tell? Then c->revocation says
 * so. For what no later time-stamp protects.
 */
void pdf_judge_evidence_since(struct pdf_judge *j, struct pdf_cert_report *c, struct bytes issuer);
/* Is there any in the document, up to `within`, that counts? */
bool pdf_judge_evidence_inside(struct pdf_judge *j, const struct pdf_cert_report *c,
                               struct bytes issuer, struct timestamp time, uint64_t within);

/* Add a reason (a code of pdf_verify_reasons) once; it changes no verdict. */
void pdf_judge_note(struct pdf_judge *j, struct pdf_signature_report *r, const char *code);
/* The same, and make the verdict at least as bad; the first sub-indication of the worst counts. */
void pdf_judge_worsen(struct pdf_judge *j, struct pdf_signature_report *r, enum pdf_verdict verdict,
                      const char *sub_indication, const char *code);

/*
 * May a token's time be believed, when it is known to have existed at `existed` (the moment of
 * validation, or the time of a later time-stamp)? Reasons why not go to `r`. Evidence used and the
 * chain go to *chain.
 */
bool pdf_judge_token(struct pdf_judge *j, struct pdf_signature_report *r,
                     const struct timestamp_token *token, struct timestamp existed,
                     struct pdf_cert_report **chain, size_t *chain_n);

/*
 * The signer's chain and its revocation at r->best_time (proven) or at the moment of validation.
 * Fills r->chain and worsens the verdict where needed.
 */
void pdf_judge_signer(struct pdf_judge *j, struct pdf_signature_report *r,
                      const struct cms_check *cms);

/*
 * Does what the document itself carries up to `within` (UINT64_MAX: all of it) suffice for the
 * chain: evidence for each certificate that is young enough for `time`?
 */
bool pdf_judge_self_contained(struct pdf_judge *j, const struct pdf_cert_report *chain, size_t n,
                              struct timestamp time, uint64_t within);
