/* signing_record.c - rules of the records that stay for seven years (P3-25, P3-26, P3-87). */
#include "features/signing/signing.h"

#include "base/encoding.h"
#include "store/gen/signing.q.h"

static struct bytes32 digest_of(struct bytes b)
{
    struct bytes32 d = { { 0 } };
    if (b.n == sizeof d.b)
        memcpy(d.b, b.p, sizeof d.b);
    return d;
}

/* As in signing.c: one expression for two generated row types with the same members. */
#define RECORD_OF(a, r)                                                                            \
    ((struct signing_record){                                                                      \
        .id = (r)->id,                                                                             \
        .public_id = (r)->public_id,                                                               \
        .level = (r)->level,                                                                       \
        .kind = (r)->kind,                                                                         \
        .certify = (r)->certify,                                                                   \
        .outcome = (r)->outcome,                                                                   \
        .reason_code = (r)->reason_code,                                                           \
        .requested = (r)->requested_at,                                                            \
        .finished = (r)->finished_at,                                                              \
        .keep_until = (r)->keep_until,                                                             \
        .size_in = (r)->size_in,                                                                   \
        .size_out = (r)->size_out,                                                                 \
        .digest_in = digest_of((r)->digest_in),                                                    \
        .digest_out = digest_of((r)->digest_out),                                                  \
        .key_id = digest_of((r)->key_id),                                                          \
        .certificate_serial = hex_encode((a), (r)->certificate_serial),                            \
        .credential = (r)->credential,                                                             \
        .tsa = (r)->tsa,                                                                           \
        .tsa_serial = (r)->tsa_serial,                                                             \
        .archive_serial = (r)->archive_serial,                                                     \
        .tsa_time = (r)->tsa_time,                                                                 \
        .archive_time = (r)->archive_time,                                                         \
        .auth_method = (r)->auth_method,                                                           \
        .request_id = (r)->request_id,                                                             \
        .auth_level = (r)->auth_level,                                                             \
        .auth_at = (r)->auth_at,                                                                   \
        .document = (r)->document_id,                                                              \
        .document_public = (r)->document,                                                          \
        .document_version = (r)->document_version,                                                 \
        .document_held = !str_absent((r)->document) && !str_eq_z((r)->document_state, "deleted"),  \
        .delete_at = (r)->delete_at,                                                               \
    })

enum err signing_record_list(struct tx *tx, struct signing_owner owner,
                             const struct signing_record_filter *f, struct signing_record **rows,
                             size_t *n, uint64_t *total)
{
    struct str outcome = str_absent(f->outcome) ? STR("") : f->outcome;
    struct str level = str_absent(f->level) ? STR("") : f->level;
    struct q_signature_list *got;
    struct q_signature_count count;

    TRY(q_signature_count(tx, owner.tenant, owner.account, outcome, level, f->from, f->to, &count));
    *total = count.n;
    TRY(q_signature_list(tx, owner.tenant, owner.account, outcome, level, f->from, f->to, f->offset,
                         f->limit, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct signing_record);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = RECORD_OF(tx_arena(tx), &got[i]);
    return E_OK;
}

enum err signing_record_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                             struct signing_record *out)
{
    struct q_signature_of row;
    enum err e = q_signature_of(tx, owner.tenant, owner.account, owner.client, public_id, &row);
    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "record-unknown", "not one of the owner's records");
    if (e == E_OK)
        *out = RECORD_OF(tx_arena(tx), &row);
    return e;
}
