/* audit_seal.c - making a seal: take the rows that have none, fix them, sign, stamp. */
#include "features/audit/audit_seal.h"

#include "base/log.h"
#include "features/audit/audit_chain.h"
#include "store/db.h"
#include "store/gen/audit.q.h"

static void number_bytes(uint8_t be[8], uint64_t v)
{
    for (size_t i = 0; i < 8; i++)
        be[i] = (uint8_t)(v >> (56 - 8 * i));
}

void audit_chain_add(struct digest *d, uint64_t id, struct bytes row, struct bytes row_hash)
{
    uint8_t be[8];
    number_bytes(be, id);
    digest_add(d, be, sizeof(be));
    number_bytes(be, row.n);
    digest_add(d, be, sizeof(be));
    digest_add(d, row.p, row.n);
    digest_add(d, row_hash.p, row_hash.n);
}

enum err audit_chain_value(const struct audit_chain *c, struct bytes32 *out)
{
    const uint64_t numbers[] = { c->number,  (uint64_t)c->sealed_at.us,
                                 c->floor,   c->first_id,
                                 c->last_id, c->count };
    struct digest *d = digest_new(DIGEST_SHA256);
    uint8_t be[8], value[64];

    digest_add(d, "shomei audit seal 1", 19);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        number_bytes(be, numbers[i]);
        digest_add(d, be, sizeof(be));
    }
    digest_add(d, c->digest.b, 32);
    digest_add(d, c->previous.b, 32);
    if (digest_end(d, value) != 32)
        return FAIL(E_INTERNAL, "", "SHA-256 did not give 32 bytes");
    memcpy(out->b, value, 32);
    return E_OK;
}

/* Digest of the rows to be sealed; a row whose own hash is wrong is sealed as it is, and reported.
 */
static enum err digest_rows(struct tx *tx, const struct q_audit_event_unsealed *rows, size_t n,
                            struct bytes32 *out)
{
    struct arena *a = tx_arena(tx);
    struct digest *d = digest_new(DIGEST_SHA256);
    uint8_t value[64];
    uint64_t first = 0;
    size_t bad = 0;
    enum err err = E_OK;

    for (size_t i = 0; i < n && err == E_OK; i++) {
        struct audit_record r = AUDIT_RECORD(&rows[i]);
        struct bytes row;
        struct bytes32 hash;
        err = audit_row_bytes(&r, a, &row);
        if (err == E_OK)
            err = audit_row_hash(row, &hash);
        if (err == E_OK) {
            if (!bytes32_eq(&hash, &rows[i].row_hash) && bad++ == 0)
                first = rows[i].id.v;
            audit_chain_add(d, rows[i].id.v, row, bytes_of_32(&rows[i].row_hash));
        }
    }
    if (err != E_OK) {
        digest_free(d);
        return err;
    }
    if (bad > 0) /* `audit verify` names them all */
        log_error("%zu audit rows do not fit their hash, the first is %llu", bad,
                  (unsigned long long)first);
    (void)digest_end(d, value);
    memcpy(out->b, value, 32);
    return E_OK;
}

/* Store seal and members. A duplicate number means that another worker sealed meanwhile. */
static enum err store(struct tx *tx, const struct audit_chain *c, const struct bytes32 *chain,
                      struct str key_name, struct bytes signature, struct bytes token,
                      const struct q_audit_event_unsealed *rows, size_t n)
{
    TRY(q_audit_seal_add(tx, c->number, c->sealed_at, c->floor, c->first_id, c->last_id, c->count,
                         c->digest, c->previous, *chain, key_name, signature, token));
    for (size_t i = 0; i < n; i++)
        TRY(q_audit_seal_member_add(tx, rows[i].id.v, c->number));
    return E_OK;
}

enum err audit_seal_make(struct tx *tx, const struct audit_sealer *how, struct timestamp now,
                         uint64_t *sealed, struct audit_anchor *anchor)
{
    struct arena *a = tx_arena(tx);
    struct q_audit_seal_last last = { .number = 0 };
    struct q_audit_seal_floor floor;
    struct q_audit_event_unsealed *rows;
    struct bytes signature = BYTES_ABSENT, token = BYTES_ABSENT;
    size_t n;
    enum err err = q_audit_seal_last(tx, &last);

    *sealed = 0;
    if (err != E_OK && err != E_ABSENT)
        return err;
    *anchor = (struct audit_anchor){ last.number, last.chain };
    TRY(q_audit_seal_floor(tx, timestamp_add(now, -AUDIT_GRACE_US), &floor));
    TRY(q_audit_event_unsealed(tx, floor.floor, AUDIT_SEAL_ROWS, &rows, &n));
    if (n == 0)
        return E_OK;
    struct audit_chain c = { .number = last.number + 1,
                             .sealed_at = now,
                             .floor = floor.floor,
                             .first_id = rows[0].id.v,
                             .last_id = rows[n - 1].id.v,
                             .count = n,
                             .previous = last.chain };
    TRY(digest_rows(tx, rows, n, &c.digest));
    TRY(audit_chain_value(&c, &anchor->chain));
    TRY(how->sign(how->arg, a, &anchor->chain, &signature));
    if (how->stamp)
        TRY(how->stamp(how->arg, a, &anchor->chain, &token));
    TRY(store(tx, &c, &anchor->chain, how->key_name, signature, token, rows, n));
    anchor->number = c.number;
    *sealed = n;
    return E_OK;
}
