/* verification.c - rules of bulk verification: sets and findings of a person. */
#include "features/verification/verification.h"

#include "base/crypto.h"
#include "base/random.h"
#include "store/gen/verification.q.h"
#include "store/db.h"

#define KEEP_US (8 * HOUR_US)
#define LIST_MAX 5000

static struct str or_empty(struct str s)
{
    return str_absent(s) ? STR("") : s;
}

enum err verification_set_new(struct tx *tx, struct verification_owner owner, struct str title,
                              const struct audit_by *by, struct timestamp now,
                              struct str *public_id)
{
    struct q_verification_set_count count;

    TRY(q_verification_set_count(tx, owner.tenant, owner.account, now, &count));
    if (count.n >= VERIFICATION_SETS_MAX)
        return FAIL(E_LIMIT, "verification-sets", "%llu sets", (unsigned long long)count.n);
    *public_id = random_token(tx_arena(tx), 16);
    TRY(q_verification_set_add(tx, *public_id, owner.tenant, owner.account, title, now,
                               timestamp_add(now, KEEP_US)));
    struct audit_entry e = { .by = *by,
                             .action = "verification.set.begin",
                             .object_kind = "verification",
                             .object = *public_id };
    return audit_write(tx, &e);
}

enum err verification_set_find(struct tx *tx, struct verification_owner owner, struct str public_id,
                               struct timestamp now, struct verification_set *out)
{
    struct q_verification_set_of row;
    enum err e = q_verification_set_of(tx, owner.tenant, owner.account, public_id, now, &row);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "verification-unknown", "not one of the person's sets");
    if (e == E_OK)
        *out = (struct verification_set){ .id = row.id,
                                          .public_id = row.public_id,
                                          .title = row.title,
                                          .created = row.created_at,
                                          .delete_at = row.delete_at };
    return e;
}

enum err verification_set_list(struct tx *tx, struct verification_owner owner, struct timestamp now,
                               struct verification_set **rows, size_t *n)
{
    struct q_verification_set_list *got;

    TRY(q_verification_set_list(tx, owner.tenant, owner.account, now, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct verification_set);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct verification_set){ .public_id = got[i].public_id,
                                                .title = got[i].title,
                                                .created = got[i].created_at,
                                                .delete_at = got[i].delete_at,
                                                .files = got[i].files,
                                                .passed = got[i].passed,
                                                .failed = got[i].failed };
    return E_OK;
}

enum err verification_set_erase(struct tx *tx, struct verification_owner owner,
                                struct str public_id, const struct audit_by *by)
{
    uint64_t changed;

    TRY(q_verification_set_drop(tx, owner.tenant, owner.account, public_id, &changed));
    if (changed == 0)
        return FAIL(E_ABSENT, "verification-unknown", "not one of the person's sets");
    struct audit_entry e = { .by = *by,
                             .action = "verification.set.erase",
                             .object_kind = "verification",
                             .object = public_id };
    return audit_write(tx, &e);
}

enum err verification_set_room(struct tx *tx, const struct verification_set *set, uint64_t *room)
{
    struct q_verification_item_counts c;

    TRY(q_verification_item_counts(tx, set->id, STR(""), STR(""), TIMESTAMP_NONE, TIMESTAMP_NONE,
                                   &c));
    *room = c.n < VERIFICATION_ITEMS_MAX ? VERIFICATION_ITEMS_MAX - c.n : 0;
    return E_OK;
}

enum err verification_item_put(struct tx *tx, const struct verification_set *set,
                               const struct verification_item *i)
{
    return q_verification_item_put(tx, set->id, sha256(bytes_of_str(i->filename)), i->filename,
                                   i->size, i->digest, i->outcome, i->reason_code,
                                   i->sub_indication, i->signatures, i->signer, i->level,
                                   i->proven_at, i->tsa, i->accredited, i->judged);
}

static struct verification_item item_of(const struct q_verification_item_list *r)
{
    return (struct verification_item){ .id = r->id,
                                       .filename = r->filename,
                                       .size = r->size,
                                       .digest = r->digest,
                                       .outcome = r->outcome,
                                       .reason_code = r->reason_code,
                                       .sub_indication = r->sub_indication,
                                       .signatures = r->signatures,
                                       .signer = r->signer,
                                       .level = r->level,
                                       .proven_at = r->proven_at,
                                       .tsa = r->tsa,
                                       .accredited = r->accredited,
                                       .judged = r->judged_at };
}

enum err verification_item_list(struct tx *tx, const struct verification_set *set,
                                const struct verification_filter *f,
                                struct verification_item **rows, size_t *n,
                                struct verification_counts *counts)
{
    struct str name = or_empty(f->name), outcome = or_empty(f->outcome);
    struct q_verification_item_counts c;
    struct q_verification_item_list *got = NULL;

    TRY(q_verification_item_counts(tx, set->id, name, outcome, f->from, f->to, &c));
    *counts = (struct verification_counts){ c.n,      c.passed, c.indeterminate,
                                            c.failed, c.none,   c.unreadable };
    *n = 0;
    if (f->limit > 0)
        TRY(q_verification_item_list(tx, set->id, name, outcome, f->from, f->to, or_empty(f->sort),
                                     f->offset, f->limit > LIST_MAX ? LIST_MAX : f->limit, &got,
                                     n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct verification_item);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = item_of(&got[i]);
    return E_OK;
}
