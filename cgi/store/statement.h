/*
 * statement.h - what the generated query functions are made of: a constant description of each
 * statement, and four ways to run one. Only generated code (tools/sqlgen) includes this.
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "store/db.h"

enum statement_type {
    STATEMENT_U32,
    STATEMENT_U64,
    STATEMENT_I64,
    STATEMENT_BOOL,
    STATEMENT_TIME,
    STATEMENT_TEXT,
    STATEMENT_BYTES,
    STATEMENT_BYTES32,
    STATEMENT_ID
};

/* A parameter or a column. */
struct statement_field {
    const char *name;
    enum statement_type type;
    bool nullable;
    size_t max;    /* STATEMENT_TEXT: characters; STATEMENT_BYTES: bytes */
    size_t offset; /* of the member in the row struct; 0 for parameters */
};

struct statement {
    const char *name;  /* "slice.statement" */
    const char *sql;   /* with ? for each parameter */
    uint32_t programs; /* enum db_program bits */
    bool writes;
    bool locks; /* SELECT ... FOR UPDATE */
    bool audit_exempt;
    const struct statement_field *params;
    size_t n_params;
    const struct statement_field *columns;
    size_t n_columns;
    size_t row_size;
};

/* All statements of all slices; the last entry is NULL. Defined by the generated code. */
extern const struct statement *const q_all[];

/* `in` holds a pointer to each parameter's value, in the order of st->params. */
enum err statement_exec(struct tx *tx, const struct statement *st, const void *const *in,
                        uint64_t *changed, uint64_t *id) MUST_CHECK;
/* Zero or one row into `row`; E_ABSENT when none, E_INTERNAL when more than one. */
enum err statement_row(struct tx *tx, const struct statement *st, const void *const *in,
                       void *row) MUST_CHECK;
/* All rows as an array in the transaction's arena. */
enum err statement_rows(struct tx *tx, const struct statement *st, const void *const *in,
                        void **rows, size_t *n) MUST_CHECK;
