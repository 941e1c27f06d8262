/*
 * pdf_sign.h - signs a PDF by incremental update at the PAdES baseline levels (ETSI EN 319 142-1).
 * Needs no database, no token and no network of its own: the key, the TSA and the fetching of
 * revocation data are callbacks. All or nothing: on any error `out` is left empty.
 */
#pragma once

#include "base/buf.h"
#include "base/secret.h"
#include "sign/cms_sign.h"
#include "sign/pdf_source.h"
#include "sign/revocation.h"
#include "sign/timestamp.h"

struct pdf_seal_place;

/* Levels by the names of the practice statement (and PAdES). */
enum pdf_level {
    PDF_LEVEL_ES,    /* B-B */
    PDF_LEVEL_ES_T,  /* B-T: with a signature time-stamp */
    PDF_LEVEL_ES_LT, /* B-LT: with certificates and revocation data in the DSS */
    PDF_LEVEL_ES_A,  /* B-LTA: with a document time-stamp over all that */
    PDF_LEVEL__MAX
};

enum { PDF_SIGN_SEALS_MAX = 200 };

struct pdf_sign_params {
    struct pdf_source source;      /* the document as it is */
    const struct secret *password; /* of an encrypted one; NULL: the empty one */
    enum pdf_level level;
    const struct cms_signer *signer;
    cms_sign_fn *sign; /* called exactly once */
    void *sign_arg;
    const struct timestamp_authority *tsa; /* needed from ES-T on */
    const struct pdf_trust *trust;         /* TSA anchors from ES-T on; fetch from ES-LT on */
    struct timestamp when;                 /* claimed time, /M; 0 or TIMESTAMP_NONE: clock_now() */
    struct str name, reason, location, contact; /* UTF-8; absent or empty: left out */
    struct str field; /* an empty field of that name is filled, else one made; absent: the only
                       * empty one that there is, else a new "Signature<n>" */
    int certify;      /* 0: approval; else the DocMDP permission of a certification: 1, 2 or 3 */
    bool lock; /* no field may be filled in after it, no signature added: FieldMDP over all */
    const struct pdf_seal_place *seals; /* none: invisible; the first is the field's widget, */
    size_t seals_n;                     /* further ones are stamps of the same update */
    bool preview;   /* nothing is signed: all of it but the value, to be looked at; `sign` and `tsa`
                       are not called, the level counts as ES */
    bool tail_only; /* out gets only what is appended: the file is source || out. Use it for all
                     * that is stored: memory then does not grow with the document */
};

struct pdf_sign_result {
    struct bytes32 digest_in;       /* SHA-256 of params->source */
    struct bytes32 digest_out;      /* SHA-256 of the signed file */
    uint64_t size_out;              /* length of the signed file */
    enum pdf_level level;           /* as asked */
    struct timestamp when;          /* the /M that was written */
    struct str field;               /* field name used (arena) */
    int certify;                    /* as asked, or as the field demanded */
    struct timestamp_token token;   /* signature time-stamp; der absent below ES-T */
    struct timestamp_token archive; /* document time-stamp; der absent below ES-A */
};

/*
 * Sign. Refusals are E_INPUT or E_UNSUPPORTED with a stable reason: pdf-not, pdf-empty,
 * pdf-truncated, pdf-damaged, pdf-encrypted, pdf-offset-header, pdf-too-complex, pdf-no-pages,
 * pdf-xfa, certified-no-changes (DocMDP P=1), field-name-used, field-name-malformed,
 * signature-locked, pdf-usage-rights, certified-already and certify-not-first (a
 * certification is the first signature), certified-no-annotations (stamps after an earlier
 * signature), certified-no-seal (a new visible field in a certified document), pdf-permissions (an
 * encrypted file whose owner forbids it), seed-* (what the field's author demands of a signature;
 * pdf_field.h), seal-*. E_LIMIT: pdf-too-large, signature-too-large (the token or chain outgrew its
 * room; nothing is cut). E_STATE: certificate-not-valid (at `when`), certificate-revoked.
 * E_BACKEND: tsa-*, revocation-unavailable, and whatever `sign` failed with. Results that point
 * somewhere live in the arena.
 */
enum err pdf_sign(const struct pdf_sign_params *params, struct arena *a, struct buf *out,
                  struct pdf_sign_result *result) MUST_CHECK;

/* "ES", "ES-T", "ES-LT", "ES-A"; and back (E_INPUT "level-unknown"). */
const char *pdf_sign_level_name(enum pdf_level level);
enum err pdf_sign_level_parse(struct str name, enum pdf_level *out) MUST_CHECK;
