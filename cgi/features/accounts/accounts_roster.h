/*
 * accounts_roster.h - many people from one file (issue item 1): CSV or TSV, UTF-8 or Windows-31J,
 * headings in Japanese or English. A file is judged whole and shown; only one without a fault can
 * be started, and the same file of a tenant runs once. Each row has an outcome of its own.
 */
#pragma once

#include "features/accounts/accounts.h"

#define ACCOUNTS_ROSTER_ROWS 5000
#define ACCOUNTS_ROSTER_BYTES (2u << 20)
#define ACCOUNTS_ROSTER_AT_ONCE 50 /* more run in the worker, so many in one transaction */
#define ACCOUNTS_ROSTER_JOB "accounts.roster"

struct accounts_roster {
    struct roster_id id;
    struct tenant_id tenant;
    struct account_id account;
    struct str filename, state; /* "preview", "running", "done" */
    uint32_t rows, bad;
    struct timestamp created_at, started_at, ended_at;
    struct str by; /* lists alone */
};
struct accounts_roster_row {
    uint32_t line;
    struct str operation; /* "INVITE", "SUSPEND", "RESUME", "REMOVE"; "" when it is none */
    struct str login, name, email;
    uint32_t roles;
    struct str problem; /* "": none */
    struct str outcome; /* "", "done", "already", "failed" */
    struct str reason;
    struct account_id account;
};
struct accounts_roster_counts {
    uint64_t open, done, already, failed;
};

/*
 * Judge and keep a file. E_INPUT: "csv-encoding", "csv-quote", "roster-empty", "roster-heading"
 * (*word says which), "roster-columns" (operation and login name are needed); E_LIMIT "csv-rows",
 * "csv-cells". *same: this very file ran already, *id is that run, and nothing was kept.
 */
enum err accounts_roster_upload(struct tx *tx, const struct audit_by *by, struct str filename,
                                struct bytes file, struct timestamp now, struct roster_id *id,
                                bool *same, struct str *word) MUST_CHECK;
/* E_ABSENT: none of this tenant's. */
enum err accounts_roster_get(struct tx *tx, struct tenant_id tenant, struct roster_id id,
                             struct accounts_roster *out) MUST_CHECK;
enum err accounts_roster_list(struct tx *tx, struct tenant_id tenant, uint32_t limit,
                              struct accounts_roster **rows, size_t *n) MUST_CHECK;
/* Faulty and failed ones first. */
enum err accounts_roster_rows(struct tx *tx, struct tenant_id tenant, struct roster_id id,
                              uint32_t offset, uint32_t limit, struct accounts_roster_row **rows,
                              size_t *n) MUST_CHECK;
enum err accounts_roster_counts(struct tx *tx, struct tenant_id tenant, struct roster_id id,
                                struct accounts_roster_counts *out) MUST_CHECK;

/*
 * Start: few rows are done at once, many by the worker. E_STATE "roster-state" when it is no
 * preview any more or has faulty rows, E_CONFLICT "roster-same" when the same file ran meanwhile.
 */
enum err accounts_roster_start(struct tx *tx, const struct audit_by *by, struct roster_id id,
                               struct timestamp now) MUST_CHECK;
/* Run the rows that failed once more. E_STATE "roster-state". */
enum err accounts_roster_again(struct tx *tx, const struct audit_by *by, struct roster_id id,
                               struct timestamp now) MUST_CHECK;
/* Forget a preview. */
enum err accounts_roster_drop(struct tx *tx, const struct audit_by *by,
                              struct roster_id id) MUST_CHECK;

/* The worker: the next rows of a file, and the job for those after them. */
enum err accounts_roster_work(struct tx *tx, struct tenant_id tenant, struct roster_id id,
                              struct timestamp now) MUST_CHECK;
/* Files with personal data do not stay: previews a day, results 30 days. */
enum err accounts_roster_purge(struct tx *tx, struct timestamp now, uint64_t *gone) MUST_CHECK;

/* --- inside (accounts_roster_read.c): text of a row to its meaning --- */

enum accounts_roster_column {
    ACCOUNTS_ROSTER_OPERATION,
    ACCOUNTS_ROSTER_LOGIN,
    ACCOUNTS_ROSTER_NAME,
    ACCOUNTS_ROSTER_EMAIL,
    ACCOUNTS_ROSTER_ROLES,
    ACCOUNTS_ROSTER_LANG,
    ACCOUNTS_ROSTER_COLUMNS
};
struct accounts_roster_file {
    struct accounts_roster_row *rows;
    struct str *langs; /* beside each row */
    size_t n;
};
/* What can be said without the database; errors as accounts_roster_upload(). */
enum err accounts_roster_read(struct arena *a, struct bytes file, struct accounts_roster_file *out,
                              struct str *word) MUST_CHECK;
/* The heading of a column in that language, for the template. */
const char *accounts_roster_heading(enum accounts_roster_column c, bool japanese);
