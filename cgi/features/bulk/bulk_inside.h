/* bulk_inside.h - what the files of the slice share. */
#pragma once

#include "features/bulk/bulk_order.h"

#define BULK_JOB_CHECK "bulk.check"   /* {"run": id}: the next lines of the file */
#define BULK_JOB_AGAIN "bulk.recheck" /* {"run": id, "after": seq}: the next rows, once more */
#define BULK_JOB_RUN "bulk.run"       /* {"run": id}: the next rows to do */
#define BULK_JOB_SETTLE "bulk.settle" /* {"run": id}: what became of those that were sent */

enum { BULK_PIECE = 256 * 1024 }; /* of a file, as kept */

/* Order one of them. */
enum err bulk_job(struct tx *tx, const char *kind, struct bulk_id run,
                  struct timestamp due) MUST_CHECK;

/* Rows in order, 200 at most, for the result file. */
enum err bulk_rows_after(struct tx *tx, const struct bulk_run *run, uint32_t wanted, uint32_t after,
                         struct bulk_row **rows, size_t *n) MUST_CHECK;

/* A run as its jobs see it, its profile and columns read. */
struct bulk_inside {
    struct bulk_id id;
    struct str public_id, profile_name, encoding;
    struct bulk_who who;          /* the one who uploaded it, roles as of now */
    struct str name, email, lang; /* of the same */
    bool doing;  /* not only checking: what registration checks, it checks itself */
    bool active; /* may still act */
    bool windows31j;
    char separator;
    enum bulk_state state;
    uint32_t size, row_count, read_count, read_at, read_line;
    struct bytes box;
    struct timestamp told;
    const struct profile *profile;
    struct bulk_columns columns;
};

/*
 * Everything about the row that the database knows, added to the order's findings: whose account it
 * is, what registration_check() and the certificate say. `n` is filled for ISSUE and RENEW.
 */
struct registration_new;
enum err bulk_judge(struct tx *tx, const struct bulk_inside *run, struct bulk_order *o,
                    struct timestamp now, struct registration_new *n,
                    struct certificate_id *certificate) MUST_CHECK;
