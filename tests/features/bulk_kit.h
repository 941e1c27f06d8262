/*
 * bulk_kit.h - for tests of the bulk slice: database, CA, profiles, two customers with people, the
 * slice's pages, and a worker with the jobs that a run needs.
 */
#pragma once

#include "portal_kit.h"

#include "features/bulk/bulk.h"
#include "store/worker.h"

struct bulk_kit {
    struct people p;
    struct hsm *ca;
    struct worker *worker;
    struct account_id admin, second, operator, user, alice; /* alice: of the other customer */
};
extern struct bulk_kit bulk_kit;

/* False when there is no SoftHSM. `users`: so many people user001 … of the first customer. */
bool bulk_kit_start(unsigned users);
void bulk_kit_stop(void);
/* For a process of its own: a worker with its own connections. */
struct worker *bulk_kit_worker(const struct db_params *with, struct hsm *ca, const char *instance);

/* Do what is due until nothing is, or the run has this state; waits for jobs that are due later. */
void bulk_kit_work(const char *run, const char *state);
/* A number out of the database. */
int64_t bulk_kit_count(const char *format, ...) PRINTF_LIKE(1, 2);
void bulk_kit_sql(const char *format, ...) PRINTF_LIKE(1, 2);
struct str bulk_kit_text(const char *sql);
/* A certificate request in PEM, of a fresh P-256 key, quoted for CSV. */
struct str bulk_kit_csr(void);

/* Somebody signed in, who reads English. */
struct fake *bulk_kit_browser(const char *login);
/* Upload a file for user-auth; the public id of the run that the answer leads to. */
struct fake_reply bulk_kit_upload(struct fake *who, const char *name, struct str text);
struct str bulk_kit_run_of(struct fake *who, const struct fake_reply *r);
/* Upload and let it be checked. */
struct str bulk_kit_checked(struct fake *who, const char *name, struct str text);
/* Rows of a run in that state. */
int64_t bulk_kit_rows(struct str run, const char *state);
