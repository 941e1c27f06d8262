/* signing_token_work.c - see signing_token.h */
#include "features/signing/signing_token.h"

#include "features/signing/signing_inside_work.h"
#include "sign/timestamp.h"

struct wanted {
    const struct pdf_trust *trust;
    enum digest_kind kind;
    struct bytes digest;
    struct arena *a;
    struct pdf_sign_result result; /* the runner learns the token's size from it */
};

static enum err ask(void *arg, const struct timestamp_authority *tsa)
{
    struct wanted *w = arg;
    return timestamp_obtain(tsa, w->trust, w->kind, w->digest, w->a, &w->result.token);
}

static enum err kind_of(struct bytes digest, enum digest_kind *out)
{
    if (digest.n != 32 && digest.n != 48 && digest.n != 64)
        return FAIL(E_INPUT, "digest-length", "%zu bytes", digest.n);
    *out = digest.n == 32 ? DIGEST_SHA256 : digest.n == 48 ? DIGEST_SHA384 : DIGEST_SHA512;
    return E_OK;
}

enum err signing_token_make(struct tx *tx, struct signing_owner owner, struct bytes digest,
                            const struct audit_by *by, struct signing_token *out)
{
    struct wanted w = { .digest = digest, .a = tx_arena(tx) };
    struct signing_tsa_task task = { ask, &w, &w.result };
    const struct signing_tsa *used;
    struct signing_inside *in;

    TRY(kind_of(digest, &w.kind));
    TRY(signing_inside_get(&in));
    TRY(signing_inside_trust(in, &w.trust));
    TRY(signing_tsa_run(in, &task, &used));
    *out = (struct signing_token){ w.result.token.der, w.result.token.time, w.result.token.serial,
                                   w.result.token.authority };
    struct audit_entry e = { .by = *by,
                             .tenant = owner.tenant,
                             .action = "signing.timestamp.make",
                             .object_kind = "timestamp",
                             .object = out->serial };
    return audit_write(tx, &e);
}
