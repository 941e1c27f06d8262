/*
 * people.h - for tests of the accounts slice and of those that need somebody to act: a database
 * with the provider and two customers, people made through the real rules, transactions in one
 * line.
 */
#pragma once

#include "harness.h"
#include "tap.h"

#include "features/accounts/accounts_self.h"
#include "features/accounts/accounts_totp.h"

#define PEOPLE_PASSWORD "wisteria-42-lantern"

struct people {
    struct harness *h;
    struct arena *a;
    struct db *portal, *worker, *ctl;
    struct tenant_id provider, sakura, midori;
    struct timestamp now; /* the test's clock */
};

/* Start the database, configure both slices (lock after 5 failures), make the three tenants. */
void people_start(struct people *p);
void people_stop(struct people *p);

/* A transaction of its own; people_end commits and reports a failure, people_undo rolls back. */
struct tx *people_tx(struct people *p, struct db *db);
void people_end(struct tx *tx);
void people_undo(struct tx *tx);

/* Make a person with PEOPLE_PASSWORD; mail address login@example.test. */
struct account_id people_add(struct people *p, struct tenant_id tenant, const char *login,
                             uint32_t roles, bool totp);
/* The one-time code that this person's device shows at p->now; the secret is derived from login. */
struct str people_code(struct people *p, const char *login);
struct bytes people_totp(struct people *p, const char *login);

/* From 192.0.2.7 at p->now. */
struct accounts_from people_from(struct people *p);
struct secret *people_secret(const char *text);
/* State of an account as a word. */
struct str people_state(struct people *p, struct account_id id);
/* Number of jobs "accounts.mail" of this mail for the account. */
int64_t people_mails(struct people *p, const char *mail, struct account_id id);
