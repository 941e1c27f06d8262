/*
 * pdf_extend.h - extends a signed PDF, whoever signed it, without any key: a document time-stamp,
 * validation data, or both (ETSI EN 319 142-1 5.4, 5.5). By incremental update; all or nothing: on
 * any error `out` is left empty.
 */
#pragma once

#include "sign/pdf_sign.h"

enum pdf_extend_kind {
    PDF_EXTEND_TIMESTAMP,  /* a document time-stamp alone; the file need not be signed */
    PDF_EXTEND_VALIDATION, /* DSS: chains and revocation data of all signatures and time-stamps */
    PDF_EXTEND_ARCHIVE,    /* the same, then a document time-stamp over it: renewal as well */
    PDF_EXTEND__MAX
};

struct pdf_extend_params {
    struct pdf_source source;      /* the document as it is */
    const struct secret *password; /* of an encrypted one; NULL: the empty one */
    enum pdf_extend_kind kind;
    const struct timestamp_authority *tsa; /* not needed for PDF_EXTEND_VALIDATION */
    const struct pdf_trust *trust;         /* anchors, and how evidence is fetched */
    struct timestamp when;                 /* 0 or TIMESTAMP_NONE: clock_now() */
    bool tail_only;                        /* out gets only what is appended */
};

/*
 * Extend. Of the result `archive` is the document time-stamp made, `level` what that amounts to;
 * digests and sizes are as for pdf_sign(). Refusals: those of reading (pdf_sign.h), and E_STATE
 * "extend-unsigned" (nothing is signed: validation data of what?), "extend-broken" (a signature in
 * it does not verify: no evidence would mend it), "extend-nothing" (all evidence is there),
 * "certificate-revoked" (before it was used); E_UNSUPPORTED "extend-format" (SHA-1 or raw RSA);
 * E_INPUT "chain-*" (no way from a certificate to its root), E_BACKEND "tsa-*",
 * "revocation-unavailable": what cannot be had is not left out, nothing is written then.
 */
enum err pdf_extend(const struct pdf_extend_params *params, struct arena *a, struct buf *out,
                    struct pdf_sign_result *result) MUST_CHECK;

/* "timestamp", "validation", "archive"; and back (E_INPUT "extension-unknown"). */
const char *pdf_extend_name(enum pdf_extend_kind kind);
enum err pdf_extend_parse(struct str name, enum pdf_extend_kind *out) MUST_CHECK;
