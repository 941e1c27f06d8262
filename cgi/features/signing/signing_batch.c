/* signing_batch.c - batches as their owner sees them. */
#include "features/signing/signing.h"

#include "store/gen/signing_batch.q.h"

static enum signing_batch_item_state state_of(struct str s)
{
    return str_eq_z(s, "signed")   ? SIGNING_BATCH_SIGNED
           : str_eq_z(s, "failed") ? SIGNING_BATCH_FAILED
                                   : SIGNING_BATCH_WAITING;
}

enum err signing_batch_find(struct tx *tx, struct signing_owner owner, struct str batch,
                            struct timestamp now, struct signing_batch *out)
{
    struct q_batch_items *rows;
    struct q_batch_of b;
    enum err e = q_batch_of(tx, owner.tenant, owner.account, batch, &b);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "batch-unknown", "not one of the owner's");
    if (e != E_OK)
        return e;
    *out = (struct signing_batch){ .public_id = b.public_id,
                                   .created = b.created_at,
                                   .expires = b.expire_at };
    TRY(q_batch_items(tx, b.id, &rows, &out->n));
    out->items = ARENA_ARRAY(tx_arena(tx), out->n + 1, struct signing_batch_item);
    for (size_t i = 0; i < out->n; i++) {
        enum signing_batch_item_state s = state_of(rows[i].state);
        out->items[i] = (struct signing_batch_item){ .document = rows[i].document,
                                                     .filename = rows[i].filename,
                                                     .state = s,
                                                     .reason = rows[i].reason_code,
                                                     .record = rows[i].signature };
        out->signed_n += s == SIGNING_BATCH_SIGNED;
        out->failed_n += s == SIGNING_BATCH_FAILED;
    }
    out->open = timestamp_is_none(b.ended_at) && timestamp_cmp(now, b.expire_at) < 0 &&
                out->signed_n + out->failed_n < out->n;
    return E_OK;
}

enum err signing_batch_stop(struct tx *tx, struct signing_owner owner, struct str batch,
                            const struct audit_by *by, struct timestamp now)
{
    struct q_batch_of b;
    uint64_t changed;
    enum err e = q_batch_of(tx, owner.tenant, owner.account, batch, &b);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "batch-unknown", "not one of the owner's");
    if (e != E_OK)
        return e;
    TRY(q_batch_end(tx, b.id, now, &changed));
    if (changed == 0)
        return E_OK; /* it had ended */
    struct audit_entry entry = {
        .by = *by, .action = "signing.batch.stop", .object_kind = "batch", .object = b.public_id
    };
    return audit_write(tx, &entry);
}
