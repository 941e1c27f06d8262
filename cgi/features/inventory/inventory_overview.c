/* inventory_overview.c - counting a customer's certificates for the overview. Each count reads a
 * range of an index. */
#include "features/inventory/inventory.h"

#include "store/db.h"
#include "store/gen/inventory.q.h"

#define JST_US (9 * HOUR_US)

/* The beginning of the month in Japan that is `ahead` months after the one of `t`. */
static struct timestamp month_start(struct timestamp t, int ahead)
{
    struct calendar c = calendar_jst(t);
    int month = c.month - 1 + ahead;
    struct calendar first = { .year = c.year + month / 12, .month = month % 12 + 1, .day = 1 };

    return timestamp_add(timestamp_from_calendar_utc(first), -JST_US);
}

static enum err ending(struct tx *tx, struct tenant_id tenant, struct timestamp from,
                       struct timestamp upto, uint64_t *n)
{
    struct q_inventory_ending_between r;

    TRY(q_inventory_ending_between(tx, tenant, from, upto, &r));
    *n = r.n;
    return E_OK;
}

/* The valid ones are those of the months and the later ones: no row is counted twice. */
static enum err count_months(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                             struct inventory_overview *out)
{
    uint64_t *valid = &out->state[INVENTORY_VALID];

    TRY(ending(tx, tenant, month_start(now, INVENTORY_MONTHS), TIMESTAMP_NONE, valid));
    for (int i = 0; i < INVENTORY_MONTHS; i++) {
        struct inventory_month *m = &out->month[i];
        m->first = i == 0 ? now : month_start(now, i);
        TRY(ending(tx, tenant, m->first, month_start(now, i + 1), &m->n));
        *valid += m->n;
    }
    return E_OK;
}

static enum err count_others(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                             struct inventory_overview *out)
{
    struct q_inventory_in_state r;

    TRY(ending(tx, tenant, TIMESTAMP_NONE, now, &out->state[INVENTORY_EXPIRED]));
    TRY(ending(tx, tenant, now, timestamp_add(now, INVENTORY_SOON_DAYS * DAY_US),
               &out->state[INVENTORY_EXPIRING]));
    TRY(q_inventory_in_state(tx, tenant, STR("suspended"), &r));
    out->state[INVENTORY_SUSPENDED] = r.n;
    TRY(q_inventory_in_state(tx, tenant, STR("revoked"), &r));
    out->state[INVENTORY_REVOKED] = r.n;
    return E_OK;
}

static enum err count_kinds(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                            struct inventory_overview *out)
{
    struct q_inventory_kinds *r;

    TRY(q_inventory_kinds(tx, tenant, now, INVENTORY_KINDS, &r, &out->kinds));
    out->kind = ARENA_ARRAY(tx_arena(tx), out->kinds, struct inventory_kind);
    for (size_t i = 0; i < out->kinds; i++)
        out->kind[i] = (struct inventory_kind){ r[i].profile, r[i].n };
    return E_OK;
}

enum err inventory_overview(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                            struct inventory_overview *out)
{
    struct q_inventory_applications p;

    TRY(q_inventory_applications(tx, tenant, &p));
    *out = (struct inventory_overview){
        .waiting = p.waiting, .held = p.held, .returned = p.returned, .approved = p.approved
    };
    TRY(count_months(tx, tenant, now, out));
    TRY(count_others(tx, tenant, now, out));
    return count_kinds(tx, tenant, now, out);
}
