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

static enum err count_months(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                             struct inventory_overview *out)
{
    struct q_inventory_ending_between r;

    for (int i = 0; i < INVENTORY_MONTHS; i++) {
        struct inventory_month *m = &out->month[i];
        m->first = i == 0 ? now : month_start(now, i);
        TRY(q_inventory_ending_between(tx, tenant, m->first, month_start(now, i + 1), &r));
        m->n = r.n;
    }
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
    struct q_inventory_ended s;
    struct q_inventory_applications p;

    TRY(q_inventory_ended(tx, tenant, now, timestamp_add(now, INVENTORY_SOON_DAYS * DAY_US), &s));
    TRY(q_inventory_applications(tx, tenant, &p));
    *out = (struct inventory_overview){
        .state = { [INVENTORY_VALID] = s.valid,
                   [INVENTORY_EXPIRING] = s.expiring,
                   [INVENTORY_SUSPENDED] = s.suspended,
                   [INVENTORY_REVOKED] = s.revoked,
                   [INVENTORY_EXPIRED] = s.expired },
        .waiting = p.waiting,
        .held = p.held,
        .returned = p.returned,
        .approved = p.approved,
    };
    TRY(count_months(tx, tenant, now, out));
    return count_kinds(tx, tenant, now, out);
}
