/* signing_token.h - a timestamp alone: RFC 3161 over a digest, for the API. Part of signing.h. */
#pragma once

#include "features/signing/signing_service.h"

/* A verified token, in the transaction's arena. */
struct signing_token {
    struct bytes der; /* TimeStampToken: a CMS ContentInfo */
    struct timestamp time;
    struct str serial; /* hexadecimal */
    struct str tsa;    /* subject of its certificate */
};

/*
 * A token of the configured TSA over `digest` (SHA-256, -384 or -512 by its length: E_INPUT
 * "digest-length"). One audit row ("signing.timestamp.make") in this transaction. E_BACKEND
 * "tsa-*".
 */
enum err signing_token_make(struct tx *tx, struct signing_owner owner, struct bytes digest,
                            const struct audit_by *by, struct signing_token *out) MUST_CHECK;
