/*
 * pdf_update.h - what signing and extending have in common: a document opened and hashed once,
 * updates appended behind it, a document time-stamp as one of them, the evidence for chains, and
 * the result handed over whole or not at all.
 */
#pragma once

#include "sign/pdf_append.h"
#include "sign/pdf_dss.h"
#include "sign/pdf_sign.h"

#define PDF_UPDATE_TOKEN_ROOM 12288 /* for a time-stamp token, unless the TSA's size is known */

struct pdf_update {
    /* set by the caller before pdf_update_open() */
    struct pdf_source source;
    const struct secret *password;
    const struct timestamp_authority *tsa;
    const struct pdf_trust *trust;
    struct arena *a;
    bool sha384; /* hash with it too */
    /* of this module */
    struct pdf_read doc;
    struct pdf_append w;
    struct buf tail;
    EVP_MD_CTX *digest[2]; /* SHA-256, SHA-384, over the document as it came */
};

/* Open and hash. Close in any case. */
enum err pdf_update_open(struct pdf_update *u) MUST_CHECK;
void pdf_update_close(struct pdf_update *u);

/* The digest of everything but the value in the slot, with its brackets (ISO 32000-2 12.8.1). */
enum err pdf_update_digest(const struct pdf_update *u, enum digest_kind kind,
                           const struct pdf_append_slot *slot, struct bytes *out) MUST_CHECK;

/* Room for a token of this TSA. */
size_t pdf_update_token_room(const struct timestamp_authority *tsa);

/*
 * Append a document time-stamp in an update of its own (EN 319 142-1 5.4.3). E_LIMIT
 * "signature-too-large" when the token outgrew its room: *token is it, for the caller to learn
 * from.
 */
enum err pdf_update_timestamp(struct pdf_update *u, struct timestamp_token *token) MUST_CHECK;

/*
 * Into the set: all certificates of a chain (leaf first, anchor last) and revocation data for each
 * that needs some (EN 319 142-1 table 1 r, t, u), fetched now; where the chain joins one that is in
 * the set already, nothing is fetched again. What was revoked before `lived` is E_STATE
 * "certificate-revoked"; `at` is our clock.
 */
enum err pdf_update_gather(const struct pdf_update *u, struct pdf_dss *dss,
                           const struct bytes *chain, size_t n, struct timestamp at,
                           struct timestamp lived) MUST_CHECK;

/* Append an update with what the document's DSS lacks of the set. */
enum err pdf_update_evidence(struct pdf_update *u, const struct pdf_dss *dss) MUST_CHECK;

/* Digests and size into the result, the tail (or all of the file) into `out`. */
enum err pdf_update_deliver(struct pdf_update *u, bool tail_only, struct buf *out,
                            struct pdf_sign_result *result) MUST_CHECK;
