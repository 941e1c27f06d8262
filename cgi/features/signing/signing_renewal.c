/* signing_renewal.c - see signing_renewal.h. */
#include "features/signing/signing_renewal.h"

#include "base/random.h"
#include "store/gen/signing_renewal.q.h"

#define DUE_MAX 100
#define PURGE_MAX 1000

struct timestamp signing_renewal_next(struct timestamp ends, struct timestamp now)
{
    static const int64_t before[] = { 90 * DAY_US, 30 * DAY_US, 7 * DAY_US };
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        struct timestamp t = timestamp_add(ends, -before[i]);
        if (timestamp_cmp(t, now) > 0)
            return t;
    }
    return TIMESTAMP_NONE;
}

enum err signing_renewal_wanted(struct tx *tx, struct signing_owner owner, bool *reminders)
{
    struct q_renewal_choice_get row;
    enum err e = q_renewal_choice_get(tx, owner.tenant, owner.account, &row);

    *reminders = e == E_OK ? row.reminders : true;
    return e == E_ABSENT ? E_OK : e;
}

enum err signing_renewal_keep(struct tx *tx, struct signing_owner owner,
                              const struct bytes32 *before, const struct bytes32 *after,
                              struct timestamp archived, struct timestamp ends,
                              struct timestamp now)
{
    struct q_renewal_by_digest old;
    struct str note = STR_ABSENT;
    uint64_t changed;
    bool wanted;
    enum err e;

    TRY(signing_renewal_wanted(tx, owner, &wanted));
    e = q_renewal_by_digest(tx, owner.tenant, owner.account, *before, &old);
    if (e == E_OK) {
        note = old.note;
        wanted = wanted && !timestamp_is_none(old.remind_at);
        TRY(q_renewal_drop(tx, owner.tenant, owner.account, old.id, &changed));
    } else if (e != E_ABSENT) {
        return e;
    }
    return q_renewal_put(tx, random_token(tx_arena(tx), 12), owner.tenant, owner.account, *after,
                         note, archived, ends,
                         wanted ? signing_renewal_next(ends, now) : TIMESTAMP_NONE, &changed);
}

enum err signing_renewal_list(struct tx *tx, struct signing_owner owner, uint32_t offset,
                              uint32_t limit, struct signing_renewal **rows, size_t *n,
                              uint64_t *total)
{
    struct q_renewal_list *got;
    struct q_renewal_count count;

    TRY(q_renewal_count(tx, owner.tenant, owner.account, &count));
    *total = count.n;
    TRY(q_renewal_list(tx, owner.tenant, owner.account, offset, limit, &got, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n + 1, struct signing_renewal);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct signing_renewal){ .id = got[i].id,
                                               .public_id = got[i].public_id,
                                               .digest = got[i].digest,
                                               .note = got[i].note,
                                               .archived = got[i].archived_at,
                                               .ends = got[i].tsa_end,
                                               .remind = got[i].remind_at };
    return E_OK;
}

static enum err find(struct tx *tx, struct signing_owner owner, struct str public_id,
                     struct q_renewal_of *row)
{
    enum err e = q_renewal_of(tx, owner.tenant, owner.account, public_id, row);
    return e == E_ABSENT ? FAIL(E_ABSENT, "renewal-unknown", "not one of the owner's") : e;
}

enum err signing_renewal_find(struct tx *tx, struct signing_owner owner, struct str public_id,
                              struct signing_renewal *out)
{
    struct q_renewal_of row;

    TRY(find(tx, owner, public_id, &row));
    *out = (struct signing_renewal){ .id = row.id,
                                     .public_id = row.public_id,
                                     .digest = row.digest,
                                     .note = row.note,
                                     .archived = row.archived_at,
                                     .ends = row.tsa_end,
                                     .remind = row.remind_at };
    return E_OK;
}

enum err signing_renewal_set(struct tx *tx, struct signing_owner owner, struct str public_id,
                             struct str note, bool remind, struct timestamp now)
{
    struct q_renewal_of row;
    struct timestamp at = TIMESTAMP_NONE;
    uint64_t changed;

    TRY(find(tx, owner, public_id, &row));
    if (remind)
        at = signing_renewal_next(row.tsa_end, now);
    return q_renewal_set(tx, owner.tenant, owner.account, row.id,
                         str_empty(note) ? STR_ABSENT : note, at, &changed);
}

enum err signing_renewal_forget(struct tx *tx, struct signing_owner owner, struct str public_id)
{
    struct q_renewal_of row;
    uint64_t changed;

    TRY(find(tx, owner, public_id, &row));
    return q_renewal_drop(tx, owner.tenant, owner.account, row.id, &changed);
}

enum err signing_renewal_choose(struct tx *tx, struct signing_owner owner, bool reminders,
                                struct timestamp now)
{
    struct q_renewal_list *rows;
    uint64_t changed;
    size_t n;

    TRY(q_renewal_choice_set(tx, owner.tenant, owner.account, reminders, now, &changed));
    if (!reminders)
        return q_renewal_silence(tx, owner.tenant, owner.account, &changed);
    TRY(q_renewal_list(tx, owner.tenant, owner.account, 0, 1000, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(q_renewal_set(tx, owner.tenant, owner.account, rows[i].id, rows[i].note,
                          signing_renewal_next(rows[i].tsa_end, now), &changed));
    return E_OK;
}

enum err signing_renewal_take(struct tx *tx, struct timestamp now,
                              struct signing_renewal_due **rows, size_t *n)
{
    struct q_renewal_due *due;
    size_t all;

    *n = 0;
    TRY(q_renewal_due(tx, now, DUE_MAX, &due, &all));
    *rows = ARENA_ARRAY(tx_arena(tx), all + 1, struct signing_renewal_due);
    for (size_t i = 0; i < all; i++) {
        uint64_t changed;
        TRY(q_renewal_reminded(tx, due[i].id, due[i].remind_at,
                               signing_renewal_next(due[i].tsa_end, now), &changed));
        if (changed == 1)
            (*rows)[(*n)++] =
                (struct signing_renewal_due){ .renewal = { .id = due[i].id,
                                                           .public_id = due[i].public_id,
                                                           .archived = due[i].archived_at,
                                                           .ends = due[i].tsa_end },
                                              .tenant = due[i].tenant_id,
                                              .account = due[i].account_id };
    }
    return E_OK;
}

enum err signing_renewal_purge(struct tx *tx, struct timestamp now)
{
    uint64_t changed;
    return q_renewal_purge(tx, timestamp_add(now, -365 * DAY_US), PURGE_MAX, &changed);
}
