/*
 * bulk_columns.h - columns of an uploaded file, and the words in its cells: Japanese or English,
 * whatever language the page has. They are a file format, not words of a page: both are taken, for
 * ever. For the slice itself.
 */
#pragma once

#include "features/bulk/bulk.h"
#include "features/profiles/profiles.h"

enum bulk_column {
    BULK_COLUMN_OPERATION,
    BULK_COLUMN_ID,
    BULK_COLUMN_ACCOUNT,
    BULK_COLUMN_KEY,
    BULK_COLUMN_CSR,
    BULK_COLUMN_SERIAL,
    BULK_COLUMN_REASON,
    BULK_COLUMN_DAYS,
    /* what we add to a result; passed over when it comes back */
    BULK_COLUMN_OUTCOME,
    BULK_COLUMN_RECEIPT,
    BULK_COLUMN_ISSUED,
    BULK_COLUMN_ERROR,
    BULK_COLUMN__NAMED,
    BULK_COLUMN_FIELD /* a field of the profile */
};

#define BULK_COLUMNS_MAX 100

struct bulk_columns {
    struct {
        enum bulk_column kind;
        const struct profiles_field *field;
    } at[BULK_COLUMNS_MAX];
    size_t n;
};

struct str bulk_columns_title(enum bulk_column c, bool ja);
/* What findings call it ("serial"); and its title by that name, "" when it is none of ours. */
struct str bulk_columns_name(enum bulk_column c);
struct str bulk_columns_named(struct str name, bool ja);

/*
 * What each title means. E_INPUT "bulk-column-unknown", "bulk-column-twice" with its place in *at,
 * "bulk-no-operation".
 */
enum err bulk_columns_read(const struct profile *p, const struct str *titles, size_t n,
                           struct bulk_columns *out, size_t *at) MUST_CHECK;

/* Words of cells; case, white space and full width do not matter. */
enum bulk_operation bulk_columns_operation(struct arena *a, struct str cell);
struct str bulk_columns_operation_word(enum bulk_operation o, bool ja);
/* A bit of enum profiles_key, or 0; keys in the HSM are no matter of files. */
uint32_t bulk_columns_key(struct arena *a, struct str cell);
/* enum crl_reason; false: none that a customer may give. */
bool bulk_columns_reason(struct arena *a, struct str cell, uint32_t *reason);
