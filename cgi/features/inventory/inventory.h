/*
 * inventory.h - a customer's certificates to look through: filters, orders, counts, for lists and
 * the overview. Who may see what is part of each statement: a person's own certificates, or those
 * of one customer (P2-12).
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"

struct tx;

/* What a certificate is to people, by its state and the clock. */
enum inventory_state {
    INVENTORY_VALID,
    INVENTORY_EXPIRING, /* valid, and ends within INVENTORY_SOON_DAYS; VALID finds these as well */
    INVENTORY_SUSPENDED,
    INVENTORY_REVOKED,
    INVENTORY_EXPIRED,
    INVENTORY__STATES
};
#define INVENTORY_SOON_DAYS 30
/* "valid", "expiring" …: stable, in URLs and files. */
const char *inventory_state_name(enum inventory_state s);

enum inventory_sort {
    INVENTORY_NEWEST,
    INVENTORY_BY_END,
    INVENTORY_BY_END_DOWN,
    INVENTORY_BY_NAME,
    INVENTORY_BY_NAME_DOWN
};

/*
 * What to look for. Of name, mail, serial and requester one at a time orders the result by itself
 * (by name, address, serial number, the newest first); the first of them that is set is taken, the
 * others must be empty.
 */
struct inventory_filter {
    struct tenant_id tenant;
    struct account_id own; /* only what is this person's; 0: all of the customer's */
    int state;             /* an enum inventory_state, or -1 */
    struct str profile;    /* "": any */
    struct str name;       /* beginning of the name */
    struct str mail;       /* beginning of the mail address */
    struct bytes serial;   /* beginning of the serial number */
    bool requested;        /* by `requester` */
    struct account_id requester;
    struct timestamp from, upto; /* of notAfter: from <= it < upto; NONE: open */
    enum inventory_sort sort;
    struct timestamp now;
};

struct inventory_row {
    struct certificate_id id;
    struct str name, email, serial /* lower-case hex */, profile, account, requester;
    enum inventory_state state;
    struct timestamp not_before, not_after, revoked_at, issued_at;
    uint32_t reason; /* enum crl_reason */
};

/* Counting, and paging, end here. */
#define INVENTORY_COUNT_MAX 1000

/* `limit` rows from `offset` on. */
enum err inventory_find(struct tx *tx, const struct inventory_filter *f, uint32_t limit,
                        uint32_t offset, struct inventory_row **rows, size_t *n) MUST_CHECK;
/* How many a filter finds; `most` says that there are as many or more. */
enum err inventory_count(struct tx *tx, const struct inventory_filter *f, uint32_t most,
                         uint64_t *n) MUST_CHECK;

/* The first characters of a serial number in hex, as people copy them: with spaces, colons, of any
 * case, an odd one at the end dropped. E_INPUT "serial-malformed"; at most 20 octets. */
enum err inventory_serial(struct arena *a, struct str text, struct bytes *serial) MUST_CHECK;

/* ---- the overview ---- */

/* This month and twelve more: a certificate of a year, made today, ends in the last. */

enum { INVENTORY_MONTHS = 13, INVENTORY_KINDS = 12 };

struct inventory_month {
    struct timestamp first; /* of the month, in Japan's time; the first one: now */
    uint64_t n;             /* valid certificates that end in it */
};
struct inventory_kind {
    struct str profile;
    uint64_t n; /* valid certificates */
};

struct inventory_overview {
    uint64_t state[INVENTORY__STATES];          /* VALID with the EXPIRING ones */
    uint64_t waiting, held, returned, approved; /* applications */
    struct inventory_month month[INVENTORY_MONTHS];
    struct inventory_kind *kind;
    size_t kinds;
};
enum err inventory_overview(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                            struct inventory_overview *out) MUST_CHECK;

/* A person's own certificates that end within INVENTORY_SOON_DAYS and have no successor. */
struct inventory_soon {
    struct certificate_id id;
    struct str name;
    struct timestamp not_after;
};
enum err inventory_own_soon(struct tx *tx, struct tenant_id tenant, struct account_id own,
                            struct timestamp now, struct inventory_soon **rows,
                            size_t *n) MUST_CHECK;
