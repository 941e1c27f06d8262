/* db_check.c - does every statement of this program fit the schema? See db.h. */
#include "store/private.h"

#include "base/log.h"

enum { BINARY_CHARSET = 63 };

static bool type_fits(enum statement_type want, const MYSQL_FIELD *got)
{
    switch ((int)got->type) { /* not every value of the enum: most do not fit */
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
        return want == STATEMENT_U32 || want == STATEMENT_U64 || want == STATEMENT_I64 ||
               want == STATEMENT_BOOL || want == STATEMENT_ID;
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        return want == STATEMENT_TIME;
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_ENUM:
        return want == (got->charsetnr == BINARY_CHARSET ? STATEMENT_BYTES : STATEMENT_TEXT) ||
               (want == STATEMENT_BYTES32 && got->charsetnr == BINARY_CHARSET);
    default: /* decimals, floats, dates without time: cast them in the SQL */
        return false;
    }
}

static bool column_fits(const struct statement *st, const struct statement_field *f,
                        const MYSQL_FIELD *got)
{
    if (!type_fits(f->type, got)) {
        log_error("%s: column %s: type %d, character set %u does not fit", st->name, f->name,
                  (int)got->type, got->charsetnr);
        return false;
    }
    if (!f->nullable && !(got->flags & NOT_NULL_FLAG)) {
        log_error("%s: column %s may be NULL: declare it with ?, or COALESCE it", st->name,
                  f->name);
        return false;
    }
    return true;
}

static bool columns_fit(const struct statement *st, MYSQL_STMT *stmt)
{
    bool fits = true;
    MYSQL_RES *res = mysql_stmt_result_metadata(stmt);
    if (!res)
        return false;
    for (size_t i = 0; i < st->n_columns; i++)
        if (!column_fits(st, &st->columns[i], mysql_fetch_field_direct(res, (unsigned)i)))
            fits = false;
    mysql_free_result(res);
    return fits;
}

static enum err check_one(struct db *db, const struct statement *st, bool *fits)
{
    MYSQL_STMT *stmt = mysql_stmt_init(db->conn);
    enum err err = E_OK;
    *fits = false;
    if (!stmt)
        return FAIL(E_BACKEND, "database-failed", "mysql_stmt_init");
    if (mysql_stmt_prepare(stmt, st->sql, strlen(st->sql)) != 0) {
        err = db_fault(st->name, mysql_stmt_errno(stmt), mysql_stmt_error(stmt));
        log_fault("statement check");
        goto out;
    }
    /* a writing statement tells its RETURNING columns when it is executed, not before */
    const bool told = !st->writes || mysql_stmt_field_count(stmt) > 0;
    if (st->n_params > STORE_FIELDS_MAX || st->n_columns > STORE_FIELDS_MAX ||
        mysql_stmt_param_count(stmt) != st->n_params ||
        (told && mysql_stmt_field_count(stmt) != st->n_columns)) {
        log_error("%s: %lu parameters and %u columns, generated for %zu and %zu", st->name,
                  mysql_stmt_param_count(stmt), mysql_stmt_field_count(stmt), st->n_params,
                  st->n_columns);
        goto out;
    }
    *fits = st->n_columns == 0 || !told || columns_fit(st, stmt);
out:
    mysql_stmt_close(stmt);
    return err;
}

enum err db_check(struct db *db)
{
    size_t checked = 0, bad = 0;
    enum err err = db_ping(db);
    if (err != E_OK)
        return err;
    for (size_t i = 0; q_all[i]; i++) {
        bool fits;
        if (!(q_all[i]->programs & db->program))
            continue;
        err = check_one(db, q_all[i], &fits);
        if (err == E_BACKEND)
            return err;
        checked++;
        bad += !fits;
    }
    /* closed again: a server limits how many statements all connections keep prepared */
    if (bad)
        return FAIL(E_INTERNAL, "schema-mismatch", "%zu of %zu statements do not fit", bad,
                    checked);
    return E_OK;
}
