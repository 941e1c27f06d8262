/* customers_inside.h - what the files of the slice share; lists, names and acts for its pages. */
#pragma once

#include "features/customers/customers.h"

struct customers_filter {
    struct str q;     /* beginning of name or code; empty: all */
    uint32_t service; /* one bit, or 0 */
    struct str state; /* "force", "soon", "later", "ended"; empty: all */
    struct str sort;  /* "name", "-name", "code", "-code", "end", "-end" */
    struct timestamp now;
};
#define CUSTOMERS_SOON_US (90 * DAY_US)

struct customers_row {
    struct tenant_id id;
    struct str code, name;
    struct timestamp start, end, ended_at;
    uint64_t people, locked;
};
/* Page `page` (from 1). */
enum err customers_inside_list(struct tx *tx, const struct customers_filter *f, uint32_t page,
                               uint32_t per_page, struct customers_row **rows, size_t *n,
                               uint64_t *total) MUST_CHECK;

enum err customers_inside_contact_judge(const struct customers_contact *c) MUST_CHECK;
/* Without an act: for customers_create(). E_CONFLICT when the address is there already. */
enum err customers_inside_contact_write(struct tx *tx, const struct audit_by *by,
                                        struct tenant_id id, const struct customers_contact *c,
                                        struct timestamp now) MUST_CHECK;

enum customers_name_kind { CUSTOMERS_MAIL, CUSTOMERS_DNS, CUSTOMERS_IP, CUSTOMERS_ORG };
struct customers_name {
    struct namespace_id id;
    enum customers_name_kind kind;
    struct str value, evidence, added_by;
    struct timestamp added_at;
};
#define CUSTOMERS_NAMES_MAX 500
enum err customers_inside_names(struct tx *tx, struct tenant_id id, struct customers_name **out,
                                size_t *n) MUST_CHECK;
/*
 * A name as the schema wants it: domains in lower case, networks in their shortest form. E_INPUT
 * "name-domain", "name-wildcard", "name-address", "name-network" (bits beyond the prefix),
 * "name-wide" (more than a /8 or a /16 of IPv6), "name-org".
 */
enum err customers_inside_name_judge(struct arena *a, enum customers_name_kind kind,
                                     struct str value, struct str *out) MUST_CHECK;
/* E_CONFLICT when it is there already, E_INPUT as above or "name-evidence". */
enum err customers_inside_name_add(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                   enum customers_name_kind kind, struct str value,
                                   struct str evidence, const struct customers_word *word,
                                   struct timestamp now) MUST_CHECK;
enum err customers_inside_name_drop(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                    struct namespace_id name, const struct customers_word *word,
                                    struct timestamp now) MUST_CHECK;

/* What staff did, on whose word. */
struct customers_act {
    struct str receipt, kind, note, object, actor;
    enum customers_authority how;
    struct timestamp at;
};
enum err customers_inside_acts(struct tx *tx, struct tenant_id id, uint32_t limit,
                               struct customers_act **out, size_t *n) MUST_CHECK;
/* Of which kind the act with this receipt number was. E_ABSENT when it is not this customer's. */
enum err customers_inside_act(struct tx *tx, struct tenant_id id, struct str receipt,
                              struct str *kind) MUST_CHECK;
/* Write an act with its audit row. E_INPUT "authority-missing" without a note. */
enum err customers_inside_note(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                               const char *kind, struct str object,
                               const struct customers_word *word, struct timestamp now,
                               struct str *receipt) MUST_CHECK;

/* Name of the schema for each. */
const char *customers_inside_hosting(enum customers_hosting h);
const char *customers_inside_authority(enum customers_authority h);
const char *customers_inside_kind(enum customers_name_kind k);
