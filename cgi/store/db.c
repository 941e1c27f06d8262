/* db.c - see db.h: connecting, keeping prepared statements, naming errors. */
#include "store/private.h"

#include "base/log.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>

/* Numbers that Debian 12's client headers do not name. */
enum {
    CODE_CHECK_FAILED = 4025,   /* ER_CONSTRAINT_FAILED */
    CODE_STATEMENT_TIME = 1969, /* ER_STATEMENT_TIMEOUT */
    CODE_KILLED = 1927,         /* ER_CONNECTION_KILLED */
    CODE_SIGNAL = 1644,         /* ER_SIGNAL_EXCEPTION */
    CODE_IDLE = 4031            /* ER_CLIENT_INTERACTION_TIMEOUT */
};

enum { PASSWORD_MAX = 256 };

static const struct {
    enum db_program program;
    const char *name;
} programs[] = {
    { DB_PORTAL, "portal" }, { DB_SIGNAPI, "signapi" },
    { DB_ACME, "acme" },     { DB_REPOSITORY, "repository" },
    { DB_WORKER, "worker" }, { DB_GATEWAY, "gateway" },
    { DB_CTL, "ctl" },       { DB_SIGNER, "signer" },
};

const char *db_program_name(enum db_program program)
{
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (programs[i].program == program)
            return programs[i].name;
    return NULL;
}

bool db_is_lost(unsigned code)
{
    return code == CR_SERVER_GONE_ERROR || code == CR_SERVER_LOST || code == CR_CONNECTION_ERROR ||
           code == CR_CONN_HOST_ERROR || code == ER_SERVER_SHUTDOWN || code == CODE_KILLED ||
           code == CODE_IDLE || code == ER_NORMAL_SHUTDOWN;
}

/* "Duplicate entry 'a@b' for key 'login'" names a value; only what is behind it may be logged. */
static const char *without_data(unsigned code, const char *message)
{
    static const unsigned harmless[] = {
        ER_PARSE_ERROR,           ER_BAD_FIELD_ERROR,
        ER_NO_SUCH_TABLE,         ER_TABLEACCESS_DENIED_ERROR,
        ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR,
        ER_BAD_DB_ERROR,          ER_COLUMNACCESS_DENIED_ERROR,
        ER_DATA_TOO_LONG,         ER_BAD_NULL_ERROR,
        CODE_CHECK_FAILED,        ER_WARN_DATA_OUT_OF_RANGE,
        ER_NO_DEFAULT_FOR_FIELD,  ER_LOCK_DEADLOCK,
    };
    if (code == ER_DUP_ENTRY) {
        const char *key = NULL;
        for (const char *p = message; (p = strstr(p, "for key '")) != NULL; p++)
            key = p;
        return key ? key : "";
    }
    if (code >= CR_MIN_ERROR && code < CR_MIN_ERROR + 1000)
        return message;
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        if (code == harmless[i])
            return message;
    return "";
}

static enum err class_of(unsigned code)
{
    switch (code) {
    case ER_DUP_ENTRY:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
        return E_CONFLICT;
    case CODE_CHECK_FAILED:
    case ER_NO_REFERENCED_ROW_2:
    case ER_ROW_IS_REFERENCED_2:
    case CODE_SIGNAL:
        return E_STATE;
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_CHECKREAD: /* 1020, under innodb_snapshot_isolation */
        return E_BUSY;
    case ER_CANT_AGGREGATE_2COLLATIONS: /* text in which a column of codes cannot be asked for */
    case ER_CANT_AGGREGATE_3COLLATIONS:
    case ER_CANT_AGGREGATE_NCOLLATIONS:
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: /* nor stored */
        return E_INPUT;
    case ER_CON_COUNT_ERROR:
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
    case ER_ERROR_ON_WRITE:
    case ER_ERROR_DURING_COMMIT:
    case ER_GET_ERRNO:
    case ER_OPTION_PREVENTS_STATEMENT: /* 1290, read-only server */
    case ER_UNKNOWN_COM_ERROR:         /* 1047, a Galera node that is not in the cluster */
    case ER_QUERY_INTERRUPTED:
    case CODE_STATEMENT_TIME:
    case ER_OUT_OF_RESOURCES:
    case ER_OUTOFMEMORY:
    case 0: /* seen when the disk is full: the server fails and does not say why */
        return E_BACKEND;
    default:
        return code >= CR_MIN_ERROR && code < CR_MIN_ERROR + 1000 ? E_BACKEND : E_INTERNAL;
    }
}

enum err db_fault(const char *what, unsigned code, const char *message)
{
    enum err err = db_is_lost(code) ? E_BACKEND : class_of(code);
    const char *reason = err == E_INPUT     ? "text-characters"
                         : err != E_BACKEND ? ""
                         : db_is_lost(code) ? "database-lost"
                                            : "database-failed";
    return FAIL(err, reason, "%s: MariaDB %u %s", what, code, without_data(code, message));
}

enum err db_begin(struct db *db)
{
    static const char sql[] = "START TRANSACTION";
    if (mysql_real_query(db->conn, sql, sizeof sql - 1) != 0)
        return db_fault(sql, mysql_errno(db->conn), mysql_error(db->conn));
    return E_OK;
}

enum err db_part(struct db *db, bool undo)
{
    const char *sql = undo ? "ROLLBACK TO SAVEPOINT part" : "SAVEPOINT part";
    if (mysql_query(db->conn, sql) != 0)
        return db_fault(sql, mysql_errno(db->conn), mysql_error(db->conn));
    return E_OK;
}

static enum err session_start(struct db *db)
{
    char time_limit[64];
    snprintf(time_limit, sizeof time_limit, "SET SESSION max_statement_time = %u",
             db->statement_seconds);
    const char *const setup[] = {
        "SET SESSION sql_mode = "
        "'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
        "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY',"
        " time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = 10",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        time_limit,
    };
    for (size_t i = 0; i < sizeof setup / sizeof setup[0]; i++)
        if (mysql_query(db->conn, setup[i]) != 0)
            return db_fault("session", mysql_errno(db->conn), mysql_error(db->conn));
    return E_OK;
}

static enum err set_options(struct db *db)
{
    const unsigned connect_s = 5, io_s = db->statement_seconds + 10, off = 0;
    const my_bool no = 0, yes = 1;
    if (mysql_options(db->conn, MYSQL_OPT_RECONNECT, &no) != 0 ||
        mysql_options(db->conn, MYSQL_REPORT_DATA_TRUNCATION, &yes) != 0 ||
        mysql_options(db->conn, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s) != 0 ||
        mysql_options(db->conn, MYSQL_OPT_READ_TIMEOUT, &io_s) != 0 ||
        mysql_options(db->conn, MYSQL_OPT_WRITE_TIMEOUT, &io_s) != 0 ||
        mysql_options(db->conn, MYSQL_OPT_LOCAL_INFILE, &off) != 0 ||
        mysql_options(db->conn, MYSQL_SET_CHARSET_NAME, "utf8mb4") != 0)
        return FAIL(E_INTERNAL, "", "mysql_options");
    return E_OK;
}

/* The client library wants the password NUL-terminated. */
static MYSQL *connect_with_password(struct db *db)
{
    char word[PASSWORD_MAX] = "";
    if (db->password)
        memcpy(word, secret_bytes(db->password).p, secret_size(db->password));
    /* FOUND_ROWS: "changed" counts the rows that matched, so writing the same value is not "absent"
     */
    MYSQL *ok = mysql_real_connect(db->conn, "localhost", db->user, db->password ? word : NULL,
                                   db->name, 0, db->socket, CLIENT_FOUND_ROWS);
    secret_wipe(word, sizeof word);
    return ok;
}

enum err db_connect(struct db *db)
{
    enum err err;

    if (db->conn)
        return E_OK;
    db->conn = mysql_init(NULL);
    if (!db->conn)
        return FAIL(E_BACKEND, "database-failed", "mysql_init: out of memory");
    err = set_options(db);
    if (err != E_OK)
        goto out;
    if (!connect_with_password(db)) {
        err = db_fault("connect", mysql_errno(db->conn), mysql_error(db->conn));
        goto out;
    }
    err = session_start(db);
out:
    if (err != E_OK)
        db_drop(db);
    return err;
}

static void forget_prepared(struct db *db)
{
    for (size_t i = 0; i < db->prepared_cap; i++)
        if (db->prepared[i].stmt)
            mysql_stmt_close(db->prepared[i].stmt);
    free(db->prepared);
    db->prepared = NULL;
    db->prepared_cap = db->prepared_n = 0;
    db->active = NULL;
}

void db_drop(struct db *db)
{
    forget_prepared(db);
    if (db->conn)
        mysql_close(db->conn);
    db->conn = NULL;
}

static char *copy(const char *z)
{
    char *p = strdup(z);
    if (!p)
        abort();
    return p;
}

enum err db_open(const struct db_params *p, struct db **out)
{
    *out = NULL;
    const char *program = db_program_name(p->program);
    if (!program)
        return FAIL(E_INTERNAL, "", "no program %u", (unsigned)p->program);
    if (p->password && secret_size(p->password) >= PASSWORD_MAX)
        return FAIL(E_INPUT, "", "the database password is too long");
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        abort();
    char user[32];
    snprintf(user, sizeof user, "shomei_%s", program);
    db->socket = copy(p->socket);
    db->user = copy(p->user ? p->user : user);
    db->name = copy(p->name ? p->name : "shomei");
    db->program = p->program;
    db->statement_seconds = p->statement_seconds ? p->statement_seconds : 30;
    if (p->password) {
        struct bytes word = secret_bytes(p->password);
        db->password = secret_from(word.p, word.n);
    }
    enum err err = db_connect(db);
    if (err != E_OK) {
        db_close(db);
        return err;
    }
    *out = db;
    return E_OK;
}

enum err db_open_settings(const struct settings *c, enum db_program program, struct db **out)
{
    struct secret *password = NULL;
    enum err err = E_OK;
    *out = NULL;
    if (!str_empty(settings_str(c, "db.password_file")))
        err = settings_secret(c, "db.password_file", &password);
    if (err == E_OK) {
        struct str user = settings_str(c, "db.user");
        struct db_params p = {
            .socket = settings_str(c, "db.socket").p,
            .user = str_empty(user) ? NULL : user.p,
            .password = password,
            .name = settings_str(c, "db.name").p,
            .program = program,
            .statement_seconds = (program & (DB_WORKER | DB_CTL | DB_SIGNER)) ? 300 : 30,
        };
        err = db_open(&p, out);
    }
    secret_free(password);
    return err;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    if (db->tx.open)
        tx_rollback(&db->tx);
    db_drop(db);
    free(db->socket);
    free(db->user);
    free(db->name);
    secret_free(db->password);
    free(db);
}

enum err db_ping(struct db *db)
{
    if (db->tx.open)
        return FAIL(E_INTERNAL, "", "ping inside a transaction");
    if (db->conn && mysql_ping(db->conn) == 0)
        return E_OK;
    db_drop(db);
    return db_connect(db);
}

/* Where `st` is, or belongs, in the table. */
static struct store_prepared *slot(struct store_prepared *table, size_t cap,
                                   const struct statement *st)
{
    size_t i = ((uintptr_t)st >> 4) * 0x9E3779B97F4A7C15u & (cap - 1);
    while (table[i].st && table[i].st != st)
        i = (i + 1) & (cap - 1);
    return &table[i];
}

static void grow(struct db *db)
{
    size_t cap = db->prepared_cap ? db->prepared_cap * 2 : 64;
    struct store_prepared *table = calloc(cap, sizeof *table);
    if (!table)
        abort();
    for (size_t i = 0; i < db->prepared_cap; i++)
        if (db->prepared[i].st)
            *slot(table, cap, db->prepared[i].st) = db->prepared[i];
    free(db->prepared);
    db->prepared = table;
    db->prepared_cap = cap;
}

enum err db_prepare(struct db *db, const struct statement *st, MYSQL_STMT **out)
{
    if ((db->prepared_n + 1) * 2 > db->prepared_cap)
        grow(db);
    struct store_prepared *s = slot(db->prepared, db->prepared_cap, st);
    if (!s->stmt) {
        MYSQL_STMT *stmt = mysql_stmt_init(db->conn);
        if (!stmt)
            return FAIL(E_BACKEND, "database-failed", "mysql_stmt_init");
        if (mysql_stmt_prepare(stmt, st->sql, strlen(st->sql)) != 0) {
            enum err err = db_fault(st->name, mysql_stmt_errno(stmt), mysql_stmt_error(stmt));
            mysql_stmt_close(stmt);
            return err;
        }
        *s = (struct store_prepared){ st, stmt };
        db->prepared_n++;
    }
    *out = s->stmt;
    return E_OK;
}
