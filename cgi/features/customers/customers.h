/*
 * customers.h - customers of the provider: contract, services, contact persons, and the names that
 * they may have certified. Who acts for a customer says first how it was confirmed that the one who
 * asks may ask (P1-10): each change takes that with it and keeps it.
 *
 * Only provider staff call what changes (the routes see to it); a customer sees its own.
 */
#pragma once

#include "base/roles.h"
#include "features/audit/audit.h"

struct tx;

/* Who looks after customers (decision 0148). */
#define CUSTOMERS_STAFF (ROLE_SYSTEM_MANAGER | ROLE_SYSTEM_ADMIN)

enum customers_service {
    CUSTOMERS_MPKI = 1u << 0,
    CUSTOMERS_RS = 1u << 1,
    CUSTOMERS_IDV = 1u << 2,
    CUSTOMERS_ESIGN_CERT = 1u << 3,
    CUSTOMERS_JPRS_TLS = 1u << 4,
    CUSTOMERS_JCERT = 1u << 5,
    CUSTOMERS_SERVICES__ALL = (1u << 6) - 1
};
/* Name of the schema ("mpki" ...) of one bit; NULL when it is none. */
const char *customers_service_name(uint32_t service);
/* The bit of a name, or 0. */
uint32_t customers_service_from(struct str name);

/* Where the service runs for a customer (P2-03). */
enum customers_hosting {
    CUSTOMERS_PROVIDER, /* in the provider's own rooms */
    CUSTOMERS_CLOUD,    /* partly on a commercial cloud */
    CUSTOMERS_DEDICATED /* on machines of its own */
};

/* How it was confirmed that the requester has authority. */
enum customers_authority {
    CUSTOMERS_BY_CONTRACT,    /* the signed contract or order names the person */
    CUSTOMERS_BY_CALLBACK,    /* called back on a number that was known before */
    CUSTOMERS_BY_SIGNED_MAIL, /* a mail signed with a certificate of the customer's */
    CUSTOMERS_BY_MEETING      /* met, with proof of identity and office */
};
struct customers_word {
    enum customers_authority how;
    struct str note; /* 1 to 500 characters: document, order number, whom was called */
};

/* Name, phone and mail address: the only items there are (P1-20). Purpose: mpki.register. */
struct customers_contact {
    struct contact_id id;
    struct str name, phone, email, purpose;
    struct timestamp added_at;
};

struct customers_terms {
    struct str name;
    enum customers_hosting hosting;
    struct timestamp start, end; /* NONE: open */
    uint32_t services;           /* at least one */
};

/* The first administrator: invited by mail with a one-time link. */
struct customers_administrator {
    struct str login, name, email, lang;
};

struct customers_new {
    struct str code;
    struct customers_terms terms;
    const struct customers_contact *contacts;
    size_t contacts_n;
    struct customers_administrator administrator; /* login absent: none yet (command line) */
    struct customers_word word;
};
struct customers_made {
    struct tenant_id tenant;
    struct account_id administrator;
    struct str receipt; /* 受付番号 */
};
/*
 * E_INPUT with reason: "tenant-code", "tenant-name", "tenant-services", "tenant-term",
 * "authority-missing", "contact-name", "contact-phone", "contact-email", and those of
 * accounts_create(). E_CONFLICT "tenant-code" when the code is taken, "account-taken" for the
 * administrator's login or address.
 */
enum err customers_create(struct tx *tx, const struct audit_by *by, const struct customers_new *n,
                          struct timestamp now, struct customers_made *out) MUST_CHECK;
/* What customers_create() would say of these, without doing anything. */
enum err customers_judge(const struct customers_new *n) MUST_CHECK;

struct customers_customer {
    struct tenant_id id;
    struct str code;
    struct customers_terms terms;
    struct timestamp ended_at, created_at;
};
/* E_ABSENT when there is none, or it is the provider itself. */
enum err customers_get(struct tx *tx, struct tenant_id id,
                       struct customers_customer *out) MUST_CHECK;

/*
 * Change name, hosting, term and services to exactly `terms`. When the contract had ended and has
 * no end or a later one now, its accounts stay stopped: accounts_tenant_resume(). `receipt` may be
 * NULL.
 */
enum err customers_terms_set(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                             const struct customers_terms *terms, const struct customers_word *word,
                             struct timestamp now, struct str *receipt) MUST_CHECK;

#define CUSTOMERS_CONTACTS_MAX 20
enum err customers_contacts(struct tx *tx, struct tenant_id id, struct customers_contact **out,
                            size_t *n) MUST_CHECK;
/* E_CONFLICT when the address is there already, E_LIMIT "contacts-many". */
enum err customers_contact_add(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                               const struct customers_contact *c, const struct customers_word *word,
                               struct timestamp now) MUST_CHECK;
/* Deletes the three items; that somebody was there stays as an act without them. */
enum err customers_contact_drop(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                struct contact_id contact, const struct customers_word *word,
                                struct timestamp now) MUST_CHECK;

/* Invite one more administrator: the first one's address was wrong, or the person has left. */
enum err customers_administrator_add(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                     const struct customers_administrator *who,
                                     const struct customers_word *word, struct timestamp now,
                                     struct account_id *out) MUST_CHECK;
