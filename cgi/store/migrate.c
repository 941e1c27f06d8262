/* migrate.c - see migrate.h. */
#include "store/migrate_private.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "store/migrate_file.h"

#include <mysqld_error.h>

enum err migrate_connect(const struct migrate_params *p, const char *user, const char *name,
                         struct db **out)
{
    const char *database = p->name ? p->name : "shomei";
    *out = NULL;
    if (!migrate_word_ok(database, strlen(database))) {
        (void)FAIL(E_INPUT, "", "database name %s", database);
        return E_INPUT;
    }
    struct db_params dp = {
        .socket = p->socket,
        .user = p->user ? p->user : user,
        .password = p->password,
        .name = name ? name : database,
        .program = DB_CTL,
        .statement_seconds = MIGRATE_STATEMENT_SECONDS,
    };
    return db_open(&dp, out);
}

bool migrate_word_ok(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_'))
            return false;
    }
    return n > 0 && n <= 64;
}

enum err migrate_exec(struct db *db, const char *sql)
{
    if (mysql_query(db->conn, sql) != 0)
        return db_fault("migrate", mysql_errno(db->conn), mysql_error(db->conn));
    MYSQL_RES *res = mysql_store_result(db->conn);
    if (res)
        mysql_free_result(res);
    return E_OK;
}

enum err migrate_query(struct db *db, const char *sql, MYSQL_RES **res)
{
    *res = NULL;
    if (mysql_query(db->conn, sql) != 0 || !(*res = mysql_store_result(db->conn)))
        return db_fault("migrate", mysql_errno(db->conn), mysql_error(db->conn));
    return E_OK;
}

enum err migrate_password_ok(const struct secret *password)
{
    struct bytes b = secret_bytes(password);
    for (size_t i = 0; i < b.n; i++) {
        const char c = (char)b.p[i];
        if (c != '-' && !migrate_word_ok(&c, 1))
            return FAIL(E_INPUT, "", "a database password may hold letters, digits, '-' and '_'");
    }
    if (b.n < 16 || b.n > 128)
        return FAIL(E_INPUT, "", "a database password has 16 to 128 characters");
    return E_OK;
}

enum err migrate_user(struct db *db, const char *user, const struct secret *password)
{
    struct buf sql = buf_init(512);
    buf_fmt(&sql,
            "CREATE USER IF NOT EXISTS '%s'@'localhost' IDENTIFIED VIA mysql_native_password "
            "USING 'invalid'",
            user);
    enum err err = migrate_exec(db, (const char *)sql.p);
    if (err != E_OK || !password)
        goto out;
    err = migrate_password_ok(password);
    if (err != E_OK)
        goto out;
    struct bytes word = secret_bytes(password);
    buf_reset(&sql);
    buf_fmt(&sql, "ALTER USER '%s'@'localhost' IDENTIFIED BY '%.*s'", user, (int)word.n,
            (const char *)word.p);
    err = migrate_exec(db, (const char *)sql.p);
out:
    buf_free(&sql);
    return err;
}

enum err migrate_bootstrap(const struct migrate_params *root, const struct secret *owner_password)
{
    struct db *db = NULL;
    struct buf sql = buf_init(512);
    enum err err = migrate_connect(root, "root", "mysql", &db);
    if (err != E_OK)
        goto out;
    const char *name = root->name ? root->name : "shomei";
    buf_fmt(&sql, "CREATE DATABASE IF NOT EXISTS %s CHARACTER SET utf8mb4", name);
    err = migrate_exec(db, (const char *)sql.p);
    if (err == E_OK)
        err = migrate_user(db, "shomei_owner", owner_password);
    buf_reset(&sql);
    buf_fmt(&sql, "GRANT ALL PRIVILEGES ON %s.* TO shomei_owner@localhost WITH GRANT OPTION", name);
    if (err == E_OK)
        err = migrate_exec(db, (const char *)sql.p);
    /* the users' accounts, and a look at the rights they have */
    static const char *const rest[] = {
        "GRANT CREATE USER ON *.* TO shomei_owner@localhost",
        "GRANT SELECT ON mysql.tables_priv TO shomei_owner@localhost",
        "GRANT SELECT ON mysql.db TO shomei_owner@localhost",
    };
    for (size_t i = 0; err == E_OK && i < sizeof rest / sizeof rest[0]; i++)
        err = migrate_exec(db, rest[i]);
out:
    buf_free(&sql);
    db_close(db);
    return err;
}

static const char record_table[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " number INT UNSIGNED NOT NULL, name VARCHAR(64) NOT NULL, sha256 CHAR(64) NOT NULL,"
    " statements_done INT UNSIGNED NOT NULL, began DATETIME(6) NOT NULL, ended DATETIME(6) NULL,"
    " PRIMARY KEY (number)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin";

/* What is recorded about a step. */
struct record {
    uint32_t number, done;
    struct str name, sha256;
    struct timestamp at;
    bool ended;
};

static enum err read_records(struct db *db, struct arena *a, struct record **out, size_t *n)
{
    MYSQL_RES *res = NULL;
    *n = 0;
    *out = NULL;
    enum err err = migrate_query(db, "SHOW TABLES LIKE 'schema\\_migration'", &res);
    if (err != E_OK)
        return err;
    bool none = mysql_num_rows(res) == 0;
    mysql_free_result(res);
    if (none)
        return E_OK;
    err = migrate_query(db,
                        "SELECT number, name, sha256, statements_done, ended IS NOT NULL,"
                        " UNIX_TIMESTAMP(COALESCE(ended, began)) DIV 1 FROM schema_migration"
                        " ORDER BY number",
                        &res);
    if (err != E_OK)
        return err;
    struct record *r = ARENA_ARRAY(a, mysql_num_rows(res), struct record);
    MYSQL_ROW row;
    while (err == E_OK && (row = mysql_fetch_row(res)) != NULL) {
        uint64_t v[2] = { 0, 0 };
        int64_t at = 0;
        err = str_to_u64(str_z(row[0]), UINT32_MAX, &v[0]);
        if (err == E_OK)
            err = str_to_u64(str_z(row[3]), UINT32_MAX, &v[1]);
        if (err == E_OK)
            err = str_to_i64(str_z(row[5]), 0, INT64_MAX / SECOND_US, &at);
        r[(*n)++] = (struct record){ (uint32_t)v[0],
                                     (uint32_t)v[1],
                                     str_dup(a, str_z(row[1])),
                                     str_dup(a, str_z(row[2])),
                                     timestamp_from_unix(at),
                                     row[4][0] == '1' };
    }
    mysql_free_result(res);
    *out = r;
    return err;
}

static const struct record *find_record(const struct record *r, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++)
        if (r[i].number == number)
            return &r[i];
    return NULL;
}

static struct migrate_step step_of(const struct migrate_file *f, const struct record *r)
{
    struct migrate_step s = { .at = TIMESTAMP_NONE };
    if (f) {
        s.number = f->number;
        s.name = f->name;
    } else if (r) {
        s.number = r->number;
        s.name = r->name;
    }
    if (r) {
        s.applied = r->ended;
        s.broken = !r->ended;
        s.changed = !f || !str_eq(f->sha256, r->sha256);
        s.at = r->at;
    }
    return s;
}

/* Files and records merged in the order of their numbers. */
static enum err status(struct db *db, const char *dir, struct arena *a, struct migrate_step **steps,
                       size_t *n)
{
    struct migrate_file *files = NULL;
    struct record *records = NULL;
    size_t n_files = 0, n_records = 0, f = 0, r = 0;
    *n = 0;
    enum err err = migrate_file_list(dir, a, &files, &n_files);
    if (err == E_OK)
        err = read_records(db, a, &records, &n_records);
    if (err != E_OK)
        return err;
    *steps = ARENA_ARRAY(a, n_files + n_records, struct migrate_step);
    while (f < n_files || r < n_records) {
        bool file = f < n_files && (r == n_records || files[f].number <= records[r].number);
        bool record = r < n_records && (f == n_files || records[r].number <= files[f].number);
        (*steps)[(*n)++] = step_of(file ? &files[f] : NULL, record ? &records[r] : NULL);
        f += file;
        r += record;
    }
    return E_OK;
}

enum err migrate_status(const struct migrate_params *p, struct arena *a,
                        struct migrate_step **steps, size_t *n)
{
    struct db *db = NULL;
    enum err err = migrate_connect(p, "shomei_owner", NULL, &db);
    if (err == E_OK)
        err = status(db, p->schema_dir, a, steps, n);
    db_close(db);
    return err;
}

/* Refuse histories that going forward cannot mend. */
static enum err judge(const struct migrate_step *s, size_t n)
{
    bool open = false;
    for (size_t i = 0; i < n; i++) {
        if (s[i].changed)
            return FAIL(E_STATE, s[i].broken ? "migration-broken" : "migration-changed",
                        "%04u_%s is not what was %s", (unsigned)s[i].number, s[i].name.p,
                        s[i].broken ? "begun" : "applied");
        if (s[i].applied && open)
            return FAIL(E_STATE, "migration-order", "%04u_%s is applied, an earlier one is not",
                        (unsigned)s[i].number, s[i].name.p);
        open = open || !s[i].applied;
    }
    return E_OK;
}

static enum err record_begin(struct db *db, const struct migrate_file *f)
{
    struct buf sql = buf_init(1024);
    buf_fmt(&sql,
            "INSERT INTO schema_migration (number, name, sha256, statements_done, began) VALUES "
            "(%u, '%s', '%s', 0, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE number = number",
            (unsigned)f->number, f->name.p, f->sha256.p);
    enum err err = migrate_exec(db, (const char *)sql.p);
    if (err == E_OK)
        err = migrate_exec(db, "COMMIT");
    buf_free(&sql);
    return err;
}

static enum err record_progress(struct db *db, uint32_t number, size_t done, bool ended)
{
    struct buf sql = buf_init(256);
    buf_fmt(&sql, "UPDATE schema_migration SET statements_done = %zu, ended = %s WHERE number = %u",
            done, ended ? "UTC_TIMESTAMP(6)" : "NULL", (unsigned)number);
    enum err err = migrate_exec(db, (const char *)sql.p);
    if (err == E_OK)
        err = migrate_exec(db, "COMMIT");
    buf_free(&sql);
    return err;
}

/* Was a statement of DDL done already, by a run that was killed before it could record it? */
static bool done_before(struct db *db)
{
    unsigned code = mysql_errno(db->conn);
    return code == ER_TABLE_EXISTS_ERROR || code == ER_DUP_FIELDNAME || code == ER_DUP_KEYNAME ||
           code == ER_CANT_DROP_FIELD_OR_KEY || code == ER_BAD_TABLE_ERROR ||
           code == ER_TRG_ALREADY_EXISTS;
}

/* Statements one by one from where an earlier run ended. DML commits with its record; DDL cannot.
 */
static enum err apply(struct db *db, struct arena *a, const struct migrate_file *f, uint32_t done)
{
    struct str *statements = NULL;
    size_t n = 0;
    const uint32_t resumed_at = done;
    enum err err = migrate_file_split(a, f, &statements, &n);
    if (err == E_OK)
        err = record_begin(db, f);
    for (; err == E_OK && done < n; done++) {
        err = migrate_exec(db, statements[done].p);
        if (err != E_OK && done == resumed_at && resumed_at > 0 && done_before(db))
            err = E_OK;
        if (err != E_OK) {
            log_fault("migration");
            return FAIL(err, "migration-broken", "%04u_%s, statement %u of %zu: %s",
                        (unsigned)f->number, f->name.p, (unsigned)done + 1, n,
                        mysql_error(db->conn));
        }
        err = record_progress(db, f->number, done + 1, false);
    }
    return err == E_OK ? record_progress(db, f->number, n, true) : err;
}

static enum err run_steps(struct db *db, const struct migrate_params *p, struct arena *a, bool dry,
                          void (*tell)(const struct migrate_step *step, void *arg), void *arg)
{
    struct migrate_step *steps = NULL;
    struct migrate_file *files = NULL;
    struct record *records = NULL;
    size_t n = 0, n_files = 0, n_records = 0;
    enum err err = status(db, p->schema_dir, a, &steps, &n);
    if (err == E_OK)
        err = judge(steps, n);
    if (err == E_OK)
        err = migrate_file_list(p->schema_dir, a, &files, &n_files);
    if (err == E_OK)
        err = read_records(db, a, &records, &n_records);
    if (err == E_OK && !dry)
        err = migrate_exec(db, record_table);
    for (size_t i = 0; err == E_OK && i < n; i++) {
        if (steps[i].applied)
            continue;
        if (tell)
            tell(&steps[i], arg);
        /* judge() has seen to it that every step has its file, in the same order */
        const struct record *r = find_record(records, n_records, steps[i].number);
        if (!dry)
            err = apply(db, a, &files[i], r ? r->done : 0);
    }
    return err;
}

enum err migrate_run(const struct migrate_params *p, bool dry,
                     void (*tell)(const struct migrate_step *step, void *arg), void *arg)
{
    struct db *db = NULL;
    MYSQL_RES *res = NULL;
    struct arena *a = arena_new(64u * 1024 * 1024);
    enum err err = migrate_connect(p, "shomei_owner", NULL, &db);
    if (err == E_OK)
        err = migrate_query(db, "SELECT GET_LOCK('shomei.migrate', 3)", &res);
    if (err != E_OK)
        goto out;
    MYSQL_ROW row = mysql_fetch_row(res);
    if (!row || !row[0] || row[0][0] != '1') {
        err = FAIL(E_BUSY, "", "another migration is running");
        goto out;
    }
    err = run_steps(db, p, a, dry, tell, arg); /* the lock goes with the connection */
out:
    if (res)
        mysql_free_result(res);
    db_close(db);
    arena_free(a);
    return err;
}
