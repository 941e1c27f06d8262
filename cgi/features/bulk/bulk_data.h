/* bulk_data.h - runs, rows and their states; see bulk.h. */
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "base/str.h"

enum {
    BULK_SIZE_MAX = 10 << 20, /* octets of a file */
    BULK_ROWS_MAX = 20000,
    BULK_PER_PAGE = 50,
    BULK_KEYS_MAX = 5000, /* rows whose key the worker makes */
    BULK_KEEP_DAYS = 14,  /* cells and keys after the run; drafts after their upload */
};

/* Who acts: an administrator or LRA operator of the tenant. */
struct bulk_who {
    struct tenant_id tenant;
    struct account_id account;
    uint32_t roles; /* ROLE_* */
};

enum bulk_state {
    BULK_CHECKING, /* the worker reads and checks */
    BULK_CHECKED,  /* may be started */
    BULK_RUNNING,
    BULK_PAUSED,
    BULK_STOPPED, /* by a person: what was not done stays undone */
    BULK_DONE,
    BULK__STATES
};

enum bulk_row_state {
    BULK_ROW_BAD,    /* refused by the check */
    BULK_ROW_READY,  /* to be done */
    BULK_ROW_SENT,   /* approved, the certificate is being made */
    BULK_ROW_REVIEW, /* waits for a second person */
    BULK_ROW_DONE,
    BULK_ROW_FAILED,
    BULK_ROW_SAME, /* its id was done before */
    BULK_ROW__STATES
};

enum bulk_operation {
    BULK_NONE,
    BULK_ISSUE,
    BULK_RENEW,
    BULK_REVOKE,
    BULK_SUSPEND,
    BULK_RELEASE,
    BULK__OPERATIONS
};
/* The schema's words; and back, the __ value for an unknown one. */
const char *bulk_state_name(enum bulk_state s);
enum bulk_state bulk_state_from(struct str name);
const char *bulk_row_state_name(enum bulk_row_state s);
enum bulk_row_state bulk_row_state_from(struct str name);
const char *bulk_operation_name(enum bulk_operation o);
enum bulk_operation bulk_operation_from(struct str name);

struct bulk_counts {
    uint64_t rows[BULK_ROW__STATES];
    uint64_t operations[BULK__OPERATIONS]; /* of the rows that are ready */
    uint64_t pkcs12;                       /* ready rows whose key the worker makes */
};

struct bulk_run {
    struct bulk_id id;
    struct str public_id;
    struct tenant_id tenant;
    struct account_id account;
    struct str account_name, profile, filename, encoding, format, lang, pause;
    struct str header; /* JSON array of the titles as uploaded */
    enum bulk_state state;
    uint32_t row_count, read_count, size;
    bool box;    /* keys are made for it */
    bool erased; /* cells and keys are gone */
    struct timestamp created, started, ended, erase;
};

struct bulk_row {
    uint32_t seq, line, tries;
    enum bulk_operation operation;
    enum bulk_row_state state;
    struct str ref, title, receipt, serial; /* "" when none */
    struct str findings;                    /* JSON array of {code, field, detail, refuses} */
    struct str cells;                       /* JSON array; absent when erased */
    struct application_id application;
    struct certificate_id certificate;
};
