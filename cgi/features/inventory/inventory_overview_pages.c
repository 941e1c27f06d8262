/* inventory_overview_pages.c - a customer's certificates at a glance: counts, what ends when, what
 * waits. Charts are drawn in the template as SVG, each with its table. */
#include "features/inventory/inventory_inside_pages.h"
#include "features/inventory/inventory_pages.h"

#include "base/encoding.h"

/* Of the charts, in units of their viewBox. */
enum { BAR = 40, GAP = 16, TALL = 120, WIDE = 360 };

struct month {
    struct str label, url;
    uint64_t n;
    uint32_t x, middle, y, height;
};
static const struct view_field month_fields[] = {
    VIEW_TEXT(struct month, label), VIEW_URL(struct month, url),
    VIEW_COUNT(struct month, n),    VIEW_INT(struct month, x),
    VIEW_INT(struct month, y),      VIEW_INT(struct month, middle),
    VIEW_INT(struct month, height), VIEW_END,
};

struct kind {
    struct str title, url;
    uint64_t n;
    uint32_t y, text, width;
};
static const struct view_field kind_fields[] = {
    VIEW_TEXT(struct kind, title),
    VIEW_URL(struct kind, url),
    VIEW_COUNT(struct kind, n),
    VIEW_INT(struct kind, y),
    VIEW_INT(struct kind, text),
    VIEW_INT(struct kind, width),
    VIEW_END,
};

struct overview_view {
    struct tenant_id tenant;
    struct str prefix; /* "/certificates?", with the customer when it is somebody else's */
    uint64_t valid, expiring, suspended, revoked, expired, waiting, held, returned, approved;
    bool review;
    struct month *months;
    size_t months_n;
    struct kind *kinds;
    size_t kinds_n;
    uint32_t kinds_height;
};
static const struct view_field overview_fields[] = {
    VIEW_ID(struct overview_view, tenant),
    VIEW_URL(struct overview_view, prefix),
    VIEW_COUNT(struct overview_view, valid),
    VIEW_COUNT(struct overview_view, expiring),
    VIEW_COUNT(struct overview_view, suspended),
    VIEW_COUNT(struct overview_view, revoked),
    VIEW_COUNT(struct overview_view, expired),
    VIEW_COUNT(struct overview_view, waiting),
    VIEW_COUNT(struct overview_view, held),
    VIEW_COUNT(struct overview_view, returned),
    VIEW_COUNT(struct overview_view, approved),
    VIEW_FLAG(struct overview_view, review),
    VIEW_LIST(struct overview_view, months, months_n, month_fields),
    VIEW_LIST(struct overview_view, kinds, kinds_n, kind_fields),
    VIEW_INT(struct overview_view, kinds_n),
    VIEW_INT(struct overview_view, kinds_height),
    VIEW_END,
};
const struct view inventory_overview_view = { "inventory/overview.html", "Overview",
                                              overview_fields, VIEW_WIDE };

struct overview_form {
    struct tenant_id tenant;
};
static const struct param overview_params[] = { PARAM_ID_OPT(struct overview_form, tenant),
                                                PARAM_END };

/* How long a bar is, at least visible when it stands for anything. */
static uint32_t scaled(uint64_t n, uint64_t most, uint32_t length)
{
    uint64_t v = most == 0 ? 0 : n * length / most;
    return n > 0 && v < 2 ? 2 : (uint32_t)v;
}

static struct str day(struct arena *a, struct timestamp t)
{
    return str_sub(a, timestamp_rfc3339_jst(a, t), 0, 10);
}

static void fill_months(struct req *rq, const struct inventory_overview *o, struct overview_view *v)
{
    struct arena *a = req_arena(rq);
    uint64_t most = 0;

    for (int i = 0; i < INVENTORY_MONTHS; i++)
        most = o->month[i].n > most ? o->month[i].n : most;
    v->months = ARENA_ARRAY(a, INVENTORY_MONTHS, struct month);
    v->months_n = INVENTORY_MONTHS;
    for (uint32_t i = 0; i < INVENTORY_MONTHS; i++) {
        struct timestamp first = o->month[i].first;
        struct calendar c = calendar_jst(first);
        struct timestamp next =
            i + 1 < INVENTORY_MONTHS ? o->month[i + 1].first : timestamp_add(first, 31 * DAY_US);
        uint32_t height = scaled(o->month[i].n, most, TALL);
        v->months[i] = (struct month){
            .label = str_fmt(a, "%04d-%02d", c.year, c.month),
            .url = str_fmt(a, "%sstate=valid&from=%s&to=%s&sort=end", v->prefix.p, day(a, first).p,
                           day(a, timestamp_add(next, -SECOND_US)).p),
            .n = o->month[i].n,
            .x = GAP + i * (BAR + GAP),
            .middle = GAP + i * (BAR + GAP) + BAR / 2,
            .y = TALL + 20 - height,
            .height = height,
        };
    }
}

static void fill_kinds(struct req *rq, const struct inventory_overview *o, struct overview_view *v)
{
    struct arena *a = req_arena(rq);

    v->kinds = ARENA_ARRAY(a, o->kinds, struct kind);
    v->kinds_n = o->kinds;
    for (uint32_t i = 0; i < o->kinds; i++)
        v->kinds[i] = (struct kind){
            .title = inventory_inside_title(rq, o->kind[i].profile),
            .url = str_fmt(a, "%sprofile=%s", v->prefix.p, percent_encode(a, o->kind[i].profile).p),
            .n = o->kind[i].n,
            .y = i * 32 + 18,
            .text = i * 32 + 12,
            .width = scaled(o->kind[i].n, o->kind[0].n, WIDE),
        };
    v->kinds_height = (uint32_t)o->kinds * 32 + 4;
}

static enum err overview(struct req *rq, struct resp *rs)
{
    const struct overview_form *f = req_form(rq);
    struct inventory_overview o;
    struct tenant_id tenant;
    struct overview_view v = { .tenant = f->tenant, .prefix = STR("/certificates?") };

    TRY(inventory_inside_tenant(rq, f->tenant, &tenant));
    TRY(inventory_overview(req_tx(rq), tenant, req_now(rq), &o));
    if (f->tenant.v != 0)
        v.prefix =
            str_fmt(req_arena(rq), "/certificates?tenant=%llu&", (unsigned long long)f->tenant.v);
    v.valid = o.state[INVENTORY_VALID];
    v.expiring = o.state[INVENTORY_EXPIRING];
    v.suspended = o.state[INVENTORY_SUSPENDED];
    v.revoked = o.state[INVENTORY_REVOKED];
    v.expired = o.state[INVENTORY_EXPIRED];
    v.waiting = o.waiting;
    v.held = o.held;
    v.returned = o.returned;
    v.approved = o.approved;
    v.review = (req_who(rq)->roles & INVENTORY_ADMINS) != 0;
    fill_months(rq, &o, &v);
    fill_kinds(rq, &o, &v);
    return resp_page(rs, &inventory_overview_view, &v);
}

const struct route inventory_overview_routes[] = {
    { GET, "/overview", overview, INVENTORY_ADMINS | INVENTORY_STAFF,
      FORM(overview_params, struct overview_form), 0, 0, NULL, NULL, NULL },
    { 0 },
};
