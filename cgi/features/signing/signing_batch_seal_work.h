/*
 * signing_batch_seal_work.h - what a batch keeps between two requests, sealed under a key that only
 * the browser's token gives: the opened wrapped key, the password of the documents, all options.
 * Part of the batch's work file, and of no other.
 */
#pragma once

#include "features/signing/signing_inside_work.h"

/* What the seal is bound to: moved to another batch, account, credential or list it does not open.
 */
struct signing_batch_binding {
    struct str batch, credential; /* public ids */
    struct signing_owner owner;
    struct timestamp expires;
    struct bytes32 list; /* digest over the documents and their digests, in order */
};

/* E_LIMIT "batch-options" when the options (pictures of seals) are too large. */
enum err signing_batch_seal(struct arena *a, struct str token,
                            const struct signing_batch_binding *binding,
                            const struct signing_request *rq, const struct secret *wrapped,
                            struct bytes *sealed) MUST_CHECK;

/* What comes out; free with signing_batch_unsealed_free(). */
struct signing_batch_unsealed {
    struct secret *wrapped, *password; /* password: NULL without */
    struct signing_request rq;         /* the options; owner, by and now are the caller's to fill */
};
/* E_AUTH "batch-token". */
enum err signing_batch_unseal(struct arena *a, struct str token,
                              const struct signing_batch_binding *binding, struct bytes sealed,
                              struct signing_batch_unsealed *out) MUST_CHECK;
void signing_batch_unsealed_free(struct signing_batch_unsealed *u);
