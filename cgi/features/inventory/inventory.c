/*
 * inventory.c - finding certificates. One statement for each order, so that the database reads
 * along one index and stops at the limit, also among a million (decision 0166).
 */
#include "features/inventory/inventory.h"

#include "base/encoding.h"
#include "store/db.h"
#include "store/gen/inventory.q.h"

enum { SERIAL_MAX = 20, SOON_MAX = 5 };

static const char *const names[] = { "valid", "expiring", "suspended", "revoked", "expired" };
_Static_assert(sizeof names / sizeof names[0] == INVENTORY__STATES, "a name per state");

/* The word in the database for each. */
static const char *const stored[] = { "issued", "issued", "suspended", "revoked", "issued" };
_Static_assert(sizeof stored / sizeof stored[0] == INVENTORY__STATES, "a word per state");

const char *inventory_state_name(enum inventory_state s)
{
    return names[s];
}

static enum inventory_state state_of(struct str state, struct timestamp not_after,
                                     struct timestamp now)
{
    if (str_eq_z(state, "revoked"))
        return INVENTORY_REVOKED;
    if (str_eq_z(state, "suspended"))
        return INVENTORY_SUSPENDED;
    if (timestamp_cmp(not_after, now) < 0)
        return INVENTORY_EXPIRED;
    return timestamp_cmp(not_after, timestamp_add(now, INVENTORY_SOON_DAYS * DAY_US)) < 0
               ? INVENTORY_EXPIRING
               : INVENTORY_VALID;
}

enum err inventory_serial(struct arena *a, struct str text, struct bytes *serial)
{
    char digits[2 * SERIAL_MAX];
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == ' ' || c == ':')
            continue;
        if (n == sizeof digits)
            return FAIL(E_INPUT, "serial-malformed", "more than 20 octets");
        digits[n++] = c;
    }
    n -= n % 2;
    return n == 0 ? FAIL(E_INPUT, "serial-malformed", "less than an octet")
                  : hex_decode(a, str_of(a, digits, n), serial);
}

/* A filter as the statements want it. */
struct wanted {
    struct str state, profile, begin;
    struct timestamp from, upto;
    uint8_t first[SERIAL_MAX], last[SERIAL_MAX];
};

static struct timestamp later(struct timestamp a, struct timestamp b)
{
    return timestamp_is_none(a) || timestamp_cmp(b, a) > 0 ? b : a;
}

static struct timestamp sooner(struct timestamp a, struct timestamp b)
{
    return timestamp_is_none(a) || timestamp_cmp(b, a) < 0 ? b : a;
}

/* What begins so, for LIKE with | as escape. */
static struct str beginning(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, 2 * s.n + 2);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%' || s.p[i] == '_' || s.p[i] == '|')
            p[n++] = '|';
        p[n++] = s.p[i];
    }
    p[n++] = '%';
    p[n] = '\0';
    return (struct str){ p, n };
}

static void want(struct tx *tx, const struct inventory_filter *f, struct wanted *w)
{
    struct timestamp soon = timestamp_add(f->now, INVENTORY_SOON_DAYS * DAY_US);
    struct str begin = str_empty(f->name) ? f->mail : f->name;

    *w = (struct wanted){ .state = f->state < 0 ? STR("") : str_z(stored[f->state]),
                          .profile = str_empty(f->profile) ? STR("") : f->profile,
                          .begin = str_empty(begin) ? STR("") : beginning(tx_arena(tx), begin),
                          .from = f->from,
                          .upto = f->upto };
    if (f->state == INVENTORY_VALID || f->state == INVENTORY_EXPIRING)
        w->from = later(w->from, f->now);
    if (f->state == INVENTORY_EXPIRING || f->state == INVENTORY_EXPIRED)
        w->upto = sooner(w->upto, f->state == INVENTORY_EXPIRED ? f->now : soon);
    memset(w->last, 0xff, sizeof w->last);
    if (f->serial.n > 0 && f->serial.n <= SERIAL_MAX) {
        memcpy(w->first, f->serial.p, f->serial.n);
        memcpy(w->last, f->serial.p, f->serial.n);
    }
}

/* The rows of one statement, all of which have the same columns under types of their own. */
#define TAKE(r)                                                                                    \
    do {                                                                                           \
        *rows = ARENA_ARRAY(tx_arena(tx), *n, struct inventory_row);                               \
        for (size_t i = 0; i < *n; i++)                                                            \
            (*rows)[i] = (struct inventory_row){                                                   \
                .id = (r)[i].id,                                                                   \
                .name = (r)[i].name,                                                               \
                .email = (r)[i].email,                                                             \
                .serial = (r)[i].serial.p ? hex_encode(tx_arena(tx), (r)[i].serial) : STR(""),     \
                .profile = (r)[i].profile,                                                         \
                .account = (r)[i].account.p ? (r)[i].account : STR(""),                            \
                .requester = (r)[i].requester.p ? (r)[i].requester : STR(""),                      \
                .state = state_of((r)[i].state, (r)[i].not_after, f->now),                         \
                .not_before = (r)[i].not_before,                                                   \
                .not_after = (r)[i].not_after,                                                     \
                .revoked_at = (r)[i].revoked_at,                                                   \
                .issued_at = (r)[i].issued_at,                                                     \
                .reason = (r)[i].reason,                                                           \
            };                                                                                     \
        return E_OK;                                                                               \
    } while (0)

#define FIND(query, ...)                                                                           \
    do {                                                                                           \
        struct q_inventory_##query *r;                                                             \
        TRY(q_inventory_##query(tx, __VA_ARGS__, &r, n));                                          \
        TAKE(r);                                                                                   \
    } while (0)

#define BROWSED f->tenant, w->state, w->profile, w->from, w->upto
#define FIRST                                                                                      \
    (struct bytes)                                                                                 \
    {                                                                                              \
        w->first, SERIAL_MAX                                                                       \
    }
#define LAST                                                                                       \
    (struct bytes)                                                                                 \
    {                                                                                              \
        w->last, SERIAL_MAX                                                                        \
    }

/* With something to search for, which is the order as well. */
static enum err search(struct tx *tx, const struct inventory_filter *f, const struct wanted *w,
                       uint32_t limit, uint32_t offset, struct inventory_row **rows, size_t *n)
{
    if (!str_empty(f->name))
        FIND(find_name, BROWSED, w->begin, limit, offset);
    if (!str_empty(f->mail))
        FIND(find_mail, BROWSED, w->begin, limit, offset);
    if (f->serial.n > 0)
        FIND(find_serial, BROWSED, FIRST, LAST, limit, offset);
    FIND(find_requester, BROWSED, f->requester, limit, offset);
}

static enum err by_end(struct tx *tx, const struct inventory_filter *f, const struct wanted *w,
                       uint32_t limit, uint32_t offset, struct inventory_row **rows, size_t *n)
{
    uint32_t most = offset + limit;
    bool down = f->sort == INVENTORY_BY_END_DOWN;

    if (w->profile.n > 0 && down)
        FIND(kind_latest, BROWSED, most, limit, offset);
    if (w->profile.n > 0)
        FIND(kind_soonest, BROWSED, most, limit, offset);
    if (down)
        FIND(latest, f->tenant, w->state, w->from, w->upto, most, limit, offset);
    FIND(soonest, f->tenant, w->state, w->from, w->upto, most, limit, offset);
}

static enum err browse(struct tx *tx, const struct inventory_filter *f, const struct wanted *w,
                       uint32_t limit, uint32_t offset, struct inventory_row **rows, size_t *n)
{
    if (f->sort == INVENTORY_BY_NAME)
        FIND(by_name, BROWSED, limit, offset);
    if (f->sort == INVENTORY_BY_NAME_DOWN)
        FIND(by_name_down, BROWSED, limit, offset);
    if (f->sort == INVENTORY_NEWEST)
        FIND(newest, BROWSED, limit, offset);
    return by_end(tx, f, w, limit, offset, rows, n);
}

static bool searched(const struct inventory_filter *f)
{
    return !str_empty(f->name) || !str_empty(f->mail) || f->serial.n > 0 || f->requested;
}

#define OWN_SEARCHED                                                                               \
    str_empty(f->name) ? STR("") : w->begin, str_empty(f->mail) ? STR("") : w->begin,              \
        f->serial.n > 0 ? FIRST : BYTES_ABSENT, LAST, f->own

static enum err own(struct tx *tx, const struct inventory_filter *f, const struct wanted *w,
                    uint32_t limit, uint32_t offset, struct inventory_row **rows, size_t *n)
{
    static const char *const sorts[] = { "", "end", "-end", "name", "-name" };

    FIND(own, BROWSED, OWN_SEARCHED, str_z(sorts[f->sort]), limit, offset);
}

enum err inventory_find(struct tx *tx, const struct inventory_filter *f, uint32_t limit,
                        uint32_t offset, struct inventory_row **rows, size_t *n)
{
    struct wanted w;

    want(tx, f, &w);
    if (f->own.v != 0)
        return own(tx, f, &w, limit, offset, rows, n);
    return searched(f) ? search(tx, f, &w, limit, offset, rows, n)
                       : browse(tx, f, &w, limit, offset, rows, n);
}

#define COUNT(query, ...)                                                                          \
    do {                                                                                           \
        struct q_inventory_##query r;                                                              \
        TRY(q_inventory_##query(tx, __VA_ARGS__, &r));                                             \
        *n = r.n;                                                                                  \
        return E_OK;                                                                               \
    } while (0)

enum err inventory_count(struct tx *tx, const struct inventory_filter *f, uint32_t most,
                         uint64_t *n)
{
    struct wanted wanted;
    const struct wanted *w = &wanted;

    want(tx, f, &wanted);
    if (f->own.v != 0)
        COUNT(count_own, BROWSED, OWN_SEARCHED);
    if (!str_empty(f->name))
        COUNT(count_name, BROWSED, w->begin, most);
    if (!str_empty(f->mail))
        COUNT(count_mail, BROWSED, w->begin, most);
    if (f->serial.n > 0)
        COUNT(count_serial, BROWSED, FIRST, LAST, most);
    if (f->requested)
        COUNT(count_requester, BROWSED, f->requester, most);
    if (w->profile.n > 0)
        COUNT(count_kind, BROWSED, most);
    COUNT(count, BROWSED, most);
}

enum err inventory_own_soon(struct tx *tx, struct tenant_id tenant, struct account_id own,
                            struct timestamp now, struct inventory_soon **rows, size_t *n)
{
    struct q_inventory_own_soon *r;

    TRY(q_inventory_own_soon(tx, tenant, own, now, timestamp_add(now, INVENTORY_SOON_DAYS * DAY_US),
                             SOON_MAX, &r, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct inventory_soon);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct inventory_soon){ r[i].id, r[i].name, r[i].not_after };
    return E_OK;
}
