/* statement.c - see statement.h: values to the wire and back. */
#include "store/private.h"

/* Room for one value that has a fixed size. */
union cell {
    int64_t i;
    uint64_t u;
    MYSQL_TIME time;
};

/* Memory that the client library looks at while a statement runs. */
struct frame {
    MYSQL_BIND binds[STORE_FIELDS_MAX];
    union cell cells[STORE_FIELDS_MAX];
    unsigned long lengths[STORE_FIELDS_MAX];
    my_bool nulls[STORE_FIELDS_MAX];
    my_bool errors[STORE_FIELDS_MAX];
};

static MYSQL_TIME to_mysql_time(struct timestamp t)
{
    struct calendar c = calendar_utc(t);
    int64_t us = t.us % SECOND_US;
    return (MYSQL_TIME){
        .year = (unsigned)c.year,
        .month = (unsigned)c.month,
        .day = (unsigned)c.day,
        .hour = (unsigned)c.hour,
        .minute = (unsigned)c.minute,
        .second = (unsigned)c.second,
        .second_part = (unsigned long)(us < 0 ? us + SECOND_US : us),
        .time_type = MYSQL_TIMESTAMP_DATETIME,
    };
}

static struct timestamp from_mysql_time(const MYSQL_TIME *m)
{
    struct calendar c = { (int)m->year, (int)m->month,  (int)m->day,
                          (int)m->hour, (int)m->minute, (int)m->second };
    return timestamp_add(timestamp_from_calendar_utc(c), (int64_t)m->second_part);
}

static enum err bind_block(const struct statement *st, const struct statement_field *f,
                           MYSQL_BIND *b, const void *p, size_t n)
{
    if (!p) {
        if (!f->nullable)
            return FAIL(E_INTERNAL, "", "%s: NULL for :%s", st->name, f->name);
        b->buffer_type = MYSQL_TYPE_NULL;
        return E_OK;
    }
    bool text = f->type == STATEMENT_TEXT;
    /* a character has at least one byte: only long ones need counting */
    if (n > f->max && (!text || utf8_length((struct str){ p, n }) > f->max))
        return FAIL(E_INPUT, "too-long", "%s: :%s has more than %zu", st->name, f->name, f->max);
    b->buffer_type = text ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
    memcpy(&b->buffer, &p, sizeof p); /* not written through; the library's member is not const */
    b->buffer_length = (unsigned long)n;
    return E_OK;
}

static void bind_number(MYSQL_BIND *b, union cell *cell, uint64_t value, bool is_unsigned)
{
    cell->u = value;
    b->buffer_type = MYSQL_TYPE_LONGLONG;
    b->buffer = cell;
    b->is_unsigned = is_unsigned;
}

static enum err bind_time(const struct statement *st, const struct statement_field *f,
                          MYSQL_BIND *b, union cell *cell, struct timestamp t)
{
    if (timestamp_is_none(t)) {
        if (!f->nullable)
            return FAIL(E_INTERNAL, "", "%s: no time for :%s", st->name, f->name);
        b->buffer_type = MYSQL_TYPE_NULL;
        return E_OK;
    }
    cell->time = to_mysql_time(t);
    if (cell->time.year < 1 || cell->time.year > 9999)
        return FAIL(E_INPUT, "time-out-of-range", "%s: :%s", st->name, f->name);
    b->buffer_type = MYSQL_TYPE_DATETIME;
    b->buffer = &cell->time;
    b->buffer_length = sizeof cell->time;
    return E_OK;
}

static enum err bind_param(const struct statement *st, const struct statement_field *f,
                           const void *in, MYSQL_BIND *b, union cell *cell)
{
    switch (f->type) {
    case STATEMENT_U32:
        bind_number(b, cell, *(const uint32_t *)in, true);
        return E_OK;
    case STATEMENT_BOOL:
        bind_number(b, cell, *(const bool *)in, true);
        return E_OK;
    case STATEMENT_U64:
        bind_number(b, cell, *(const uint64_t *)in, true);
        return E_OK;
    case STATEMENT_I64:
        bind_number(b, cell, (uint64_t) * (const int64_t *)in, false);
        return E_OK;
    case STATEMENT_ID: /* every id type is a struct of one uint64_t (base/ids.h) */
        bind_number(b, cell, ((const struct job_id *)in)->v, true);
        if (f->nullable && cell->u == 0)
            b->buffer_type = MYSQL_TYPE_NULL;
        return E_OK;
    case STATEMENT_TIME:
        return bind_time(st, f, b, cell, *(const struct timestamp *)in);
    case STATEMENT_TEXT:
        return bind_block(st, f, b, ((const struct str *)in)->p, ((const struct str *)in)->n);
    case STATEMENT_BYTES:
        return bind_block(st, f, b, ((const struct bytes *)in)->p, ((const struct bytes *)in)->n);
    case STATEMENT_BYTES32:
        b->buffer_type = MYSQL_TYPE_BLOB;
        memcpy(&b->buffer, &in, sizeof in);
        b->buffer_length = 32;
        return E_OK;
    }
    return FAIL(E_INTERNAL, "", "%s: unknown type", st->name);
}

static enum err bind_params(const struct statement *st, const void *const *in, struct frame *fr)
{
    memset(fr->binds, 0, st->n_params * sizeof fr->binds[0]);
    for (size_t i = 0; i < st->n_params; i++) {
        enum err err = bind_param(st, &st->params[i], in[i], &fr->binds[i], &fr->cells[i]);
        if (err != E_OK)
            return err;
    }
    return E_OK;
}

static enum err fault_of(const struct statement *st, MYSQL_STMT *stmt)
{
    return db_fault(st->name, mysql_stmt_errno(stmt), mysql_stmt_error(stmt));
}

/* One try on the present connection. */
static enum err execute(struct db *db, const struct statement *st, struct frame *fr,
                        MYSQL_STMT **out)
{
    MYSQL_STMT *stmt = NULL;
    enum err err = db_connect(db);
    if (err == E_OK)
        err = db_prepare(db, st, &stmt);
    if (err != E_OK)
        return err;
    if (mysql_stmt_param_count(stmt) != st->n_params)
        return FAIL(E_INTERNAL, "", "%s: the schema does not fit the program", st->name);
    if ((st->n_params && mysql_stmt_bind_param(stmt, fr->binds) != 0) ||
        mysql_stmt_execute(stmt) != 0)
        return fault_of(st, stmt);
    *out = stmt;
    /* the columns of INSERT ... RETURNING are only known now */
    if (mysql_stmt_field_count(stmt) != st->n_columns) {
        mysql_stmt_free_result(stmt);
        return FAIL(E_INTERNAL, "", "%s: the schema does not fit the program", st->name);
    }
    return E_OK;
}

/* Was the current fault the loss of the connection? */
static bool lost(void)
{
    return strcmp(fault_current()->reason, "database-lost") == 0;
}

/* A statement error that has cost, or costs, the whole transaction. */
static enum err doom(struct tx *tx, enum err err)
{
    if (err != E_BUSY && err != E_BACKEND)
        return err;
    tx->doomed = err;
    if (lost()) {
        tx->lost = true;
        db_drop(tx->db);
    }
    return err;
}

/* The server's transaction begins with the first statement that writes or locks, see tx.c. */
static enum err begin_and_execute(struct tx *tx, const struct statement *st, struct frame *fr,
                                  MYSQL_STMT **out)
{
    struct db *db = tx->db;
    enum err err = db_connect(db);
    if (err != E_OK)
        return err;
    if ((st->writes || st->locks) && !tx->begun) {
        err = db_begin(db);
        if (err != E_OK)
            return err;
        tx->begun = true;
    }
    return execute(db, st, fr, out);
}

static enum err start(struct tx *tx, const struct statement *st, const void *const *in,
                      struct frame *fr, MYSQL_STMT **out)
{
    struct db *db = tx->db;
    if (!tx->open || tx->doomed != E_OK)
        return FAIL(tx->open ? tx->doomed : E_INTERNAL, "", "%s after the transaction's end",
                    st->name);
    if (!(st->programs & db->program))
        return FAIL(E_INTERNAL, "", "%s is not for %s", st->name, db_program_name(db->program));
    enum err err = bind_params(st, in, fr);
    if (err != E_OK)
        return err;
    err = begin_and_execute(tx, st, fr, out);
    if (err == E_BACKEND && !tx->started && lost()) {
        /* the connection died while idle: what was begun is gone, nothing can have happened yet */
        db_drop(db);
        tx->begun = false;
        err = begin_and_execute(tx, st, fr, out);
    }
    tx->started = true;
    if (err != E_OK)
        return doom(tx, err);
    db->active = st->n_columns ? *out : NULL;
    return E_OK;
}

static void note_write(struct tx *tx, const struct statement *st, uint64_t changed)
{
    if (st->writes && !st->audit_exempt && changed > 0)
        tx->written = true;
}

enum err statement_exec(struct tx *tx, const struct statement *st, const void *const *in,
                        uint64_t *changed, uint64_t *id)
{
    struct frame fr;
    MYSQL_STMT *stmt = NULL;
    enum err err = start(tx, st, in, &fr, &stmt);
    if (err != E_OK)
        return err;
    uint64_t n = mysql_stmt_affected_rows(stmt);
    note_write(tx, st, n);
    if (changed)
        *changed = n;
    if (id)
        *id = mysql_stmt_insert_id(stmt);
    return E_OK;
}

static enum err bind_results(const struct statement *st, struct frame *fr, MYSQL_STMT *stmt)
{
    memset(fr->binds, 0, st->n_columns * sizeof fr->binds[0]);
    for (size_t i = 0; i < st->n_columns; i++) {
        MYSQL_BIND *b = &fr->binds[i];
        enum statement_type type = st->columns[i].type;
        b->length = &fr->lengths[i];
        b->is_null = &fr->nulls[i];
        b->error = &fr->errors[i];
        if (type == STATEMENT_TEXT || type == STATEMENT_BYTES || type == STATEMENT_BYTES32) {
            /* fetched when its length is known; until then "truncated" to nothing */
            b->buffer_type = type == STATEMENT_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
            b->buffer = &fr->cells[i];
        } else {
            b->buffer_type = type == STATEMENT_TIME ? MYSQL_TYPE_DATETIME : MYSQL_TYPE_LONGLONG;
            b->buffer = &fr->cells[i];
            b->buffer_length = sizeof fr->cells[i];
            b->is_unsigned = type != STATEMENT_I64;
        }
    }
    return mysql_stmt_bind_result(stmt, fr->binds) == 0 ? E_OK : fault_of(st, stmt);
}

static enum err fetch_block(struct tx *tx, const struct statement *st, size_t i, struct frame *fr,
                            MYSQL_STMT *stmt, void *member)
{
    const struct statement_field *f = &st->columns[i];
    size_t n = fr->lengths[i];
    if (f->type == STATEMENT_BYTES32 ? n != 32 : n > f->max * (f->type == STATEMENT_TEXT ? 4 : 1))
        return FAIL(E_INTERNAL, "", "%s: %s has %zu bytes", st->name, f->name, n);
    char *p = f->type == STATEMENT_BYTES32 ? member : arena_alloc(tx->arena, n + 1);
    unsigned long got = 0;
    my_bool null = 0, error = 0;
    MYSQL_BIND b = { .buffer_type = fr->binds[i].buffer_type,
                     .buffer = p,
                     .buffer_length = n,
                     .length = &got,
                     .is_null = &null,
                     .error = &error };
    if (n && mysql_stmt_fetch_column(stmt, &b, (unsigned)i, 0) != 0)
        return fault_of(st, stmt);
    if (f->type == STATEMENT_TEXT) {
        p[n] = '\0';
        *(struct str *)member = (struct str){ p, n };
        if (utf8_length(*(struct str *)member) > f->max)
            return FAIL(E_INTERNAL, "", "%s: %s is longer than declared", st->name, f->name);
    } else if (f->type == STATEMENT_BYTES) {
        *(struct bytes *)member = (struct bytes){ (const uint8_t *)p, n };
    }
    return E_OK;
}

static enum err store_null(const struct statement *st, const struct statement_field *f,
                           void *member)
{
    if (!f->nullable)
        return FAIL(E_INTERNAL, "", "%s: %s is NULL", st->name, f->name);
    if (f->type == STATEMENT_TIME)
        *(struct timestamp *)member = TIMESTAMP_NONE;
    else if (f->type == STATEMENT_TEXT)
        *(struct str *)member = STR_ABSENT;
    else if (f->type == STATEMENT_BYTES)
        *(struct bytes *)member = BYTES_ABSENT;
    else
        *(uint64_t *)member = 0;
    return E_OK;
}

static enum err store_value(struct tx *tx, const struct statement *st, size_t i, struct frame *fr,
                            MYSQL_STMT *stmt, void *row)
{
    const struct statement_field *f = &st->columns[i];
    void *member = (char *)row + f->offset;
    if (fr->nulls[i])
        return store_null(st, f, member);
    bool block =
        f->type == STATEMENT_TEXT || f->type == STATEMENT_BYTES || f->type == STATEMENT_BYTES32;
    if (block)
        return fetch_block(tx, st, i, fr, stmt, member);
    if (fr->errors[i] || (f->type == STATEMENT_U32 && fr->cells[i].u > UINT32_MAX))
        return FAIL(E_INTERNAL, "", "%s: %s is out of range", st->name, f->name);
    if (f->type == STATEMENT_TIME)
        *(struct timestamp *)member = from_mysql_time(&fr->cells[i].time);
    else if (f->type == STATEMENT_U32)
        *(uint32_t *)member = (uint32_t)fr->cells[i].u;
    else if (f->type == STATEMENT_BOOL)
        *(bool *)member = fr->cells[i].u != 0;
    else
        *(uint64_t *)member = fr->cells[i].u;
    return E_OK;
}

/* The next row; E_ABSENT when there is none. */
static enum err fetch(struct tx *tx, const struct statement *st, struct frame *fr, MYSQL_STMT *stmt,
                      void *row)
{
    /* the library only ever sets an error flag of some types; it never clears one */
    memset(fr->errors, 0, st->n_columns * sizeof fr->errors[0]);
    int status = mysql_stmt_fetch(stmt);
    if (status == MYSQL_NO_DATA)
        return E_ABSENT;
    if (status != 0 && status != MYSQL_DATA_TRUNCATED)
        return doom(tx, fault_of(st, stmt));
    for (size_t i = 0; i < st->n_columns; i++) {
        enum err err = store_value(tx, st, i, fr, stmt, row);
        if (err != E_OK)
            return err;
    }
    return E_OK;
}

static void finish(struct tx *tx)
{
    if (tx->db->active)
        mysql_stmt_free_result(tx->db->active);
    tx->db->active = NULL;
}

enum err statement_row(struct tx *tx, const struct statement *st, const void *const *in, void *row)
{
    struct frame fr;
    MYSQL_STMT *stmt = NULL;
    enum err err = start(tx, st, in, &fr, &stmt);
    if (err != E_OK)
        return err;
    err = bind_results(st, &fr, stmt);
    if (err == E_OK)
        err = fetch(tx, st, &fr, stmt, row);
    if (err == E_OK) {
        note_write(tx, st, 1);
        int more = mysql_stmt_fetch(stmt);
        if (more == 0 || more == MYSQL_DATA_TRUNCATED)
            err = FAIL(E_INTERNAL, "", "%s: more than one row", st->name);
        else if (more != MYSQL_NO_DATA)
            err = doom(tx, fault_of(st, stmt));
    } else if (err == E_ABSENT) {
        err = FAIL(E_ABSENT, "", "%s: no row", st->name);
    }
    finish(tx);
    return err;
}

enum err statement_rows(struct tx *tx, const struct statement *st, const void *const *in,
                        void **rows, size_t *n)
{
    struct frame fr;
    MYSQL_STMT *stmt = NULL;
    *rows = NULL;
    *n = 0;
    enum err err = start(tx, st, in, &fr, &stmt);
    if (err != E_OK)
        return err;
    err = bind_results(st, &fr, stmt);
    size_t cap = 16, used = 0;
    char *array = arena_array(tx->arena, cap, st->row_size);
    while (err == E_OK) {
        if (used == cap) {
            char *larger = arena_array(tx->arena, cap * 2, st->row_size);
            memcpy(larger, array, used * st->row_size);
            array = larger;
            cap *= 2;
        }
        err = fetch(tx, st, &fr, stmt, array + used * st->row_size);
        used += err == E_OK;
    }
    finish(tx);
    if (err != E_ABSENT)
        return err;
    note_write(tx, st, used);
    *rows = array;
    *n = used;
    return E_OK;
}
