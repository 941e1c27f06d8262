/*
 * migrate_grants.c - give each program's user exactly the rights of the generated file, see
 * migrate.h. Differences are applied, so that programs which are running lose nothing they need.
 */
#include "store/migrate_private.h"

#include "base/log.h"

#include <errno.h>

enum { VERBS = 4, TABLES_MAX = 512 };

static const char *const verbs[VERBS] = { "SELECT", "INSERT", "UPDATE", "DELETE" };

/* A line of the file, or of mysql.tables_priv. */
struct right {
    char program[16];
    char table[65];
    unsigned has; /* bit i: verbs[i] */
};

static bool parse_verbs(const char *list, bool strict, unsigned *has)
{
    *has = 0;
    while (*list) {
        size_t n = strcspn(list, ",");
        bool known = false;
        for (unsigned i = 0; i < VERBS; i++)
            if (strlen(verbs[i]) == n && strncasecmp(list, verbs[i], n) == 0) {
                *has |= 1u << i;
                known = true;
            }
        if (!known && strict)
            return false;
        if (!known)
            *has |= 1u << VERBS; /* something that no program ever gets */
        list += n + (list[n] == ',');
    }
    return true;
}

static enum err parse_line(char *line, struct right *out)
{
    char *table = strchr(line, '\t');
    char *list = table ? strchr(table + 1, '\t') : NULL;
    line[strcspn(line, "\n")] = '\0';
    if (!list)
        return FAIL(E_INPUT, "", "grants file: malformed line");
    *table++ = '\0';
    *list++ = '\0';
    if (!migrate_word_ok(line, strlen(line)) || !migrate_word_ok(table, strlen(table)) ||
        strlen(line) >= sizeof out->program || !parse_verbs(list, true, &out->has))
        return FAIL(E_INPUT, "", "grants file: malformed line for %s", line);
    snprintf(out->program, sizeof out->program, "%s", line);
    snprintf(out->table, sizeof out->table, "%s", table);
    return E_OK;
}

static enum err read_rights(const char *path, struct arena *a, struct right **out, size_t *n)
{
    enum err err = E_OK;
    char line[512];
    const size_t max = TABLES_MAX * 7;
    *out = ARENA_ARRAY(a, max, struct right);
    *n = 0;
    FILE *f = fopen(path, "re");
    if (!f)
        return FAIL(E_INPUT, "", "%s: %s", path, strerror(errno));
    while (err == E_OK && fgets(line, sizeof line, f)) {
        if (*n == max)
            err = FAIL(E_LIMIT, "", "%s is too long", path);
        else
            err = parse_line(line, &(*out)[(*n)++]);
    }
    if (err == E_OK && (ferror(f) || *n == 0))
        err = FAIL(E_INPUT, "", "%s cannot be read, or is empty", path);
    (void)fclose(f);
    return err;
}

/* GRANT or REVOKE the verbs in `mask`. */
static enum err change(struct db *db, const char *database, const char *program, const char *table,
                       unsigned mask, bool grant)
{
    struct buf sql = buf_init(1024);
    const char *comma = "";
    buf_add_z(&sql, grant ? "GRANT " : "REVOKE ");
    if (mask & 1u << VERBS) {
        buf_add_z(&sql, "ALL PRIVILEGES"); /* the wanted ones are granted again right after */
    } else {
        for (unsigned i = 0; i < VERBS; i++)
            if (mask & 1u << i) {
                buf_fmt(&sql, "%s%s", comma, verbs[i]);
                comma = ", ";
            }
    }
    buf_fmt(&sql, " ON %s.%s %s 'shomei_%s'@'localhost'", database, table, grant ? "TO" : "FROM",
            program);
    enum err err = migrate_exec(db, (const char *)sql.p);
    buf_free(&sql);
    return err;
}

/* The rights that the user of `program` has now. */
static enum err present_rights(struct db *db, const char *database, const char *program,
                               struct right *out, size_t *n)
{
    MYSQL_RES *res = NULL;
    struct buf sql = buf_init(512);
    *n = 0;
    buf_fmt(&sql,
            "SELECT Table_name, Table_priv FROM mysql.tables_priv WHERE Host = 'localhost'"
            " AND User = 'shomei_%s' AND Db = '%s'",
            program, database);
    enum err err = migrate_query(db, (const char *)sql.p, &res);
    buf_free(&sql);
    if (err != E_OK)
        return err;
    MYSQL_ROW row;
    while (err == E_OK && (row = mysql_fetch_row(res)) != NULL) {
        if (*n == TABLES_MAX || !migrate_word_ok(row[0], strlen(row[0]))) {
            err = FAIL(E_STATE, "", "shomei_%s has rights on tables that are not ours", program);
            break;
        }
        struct right *r = &out[(*n)++];
        snprintf(r->table, sizeof r->table, "%s", row[0]);
        (void)parse_verbs(row[1], false, &r->has);
    }
    mysql_free_result(res);
    return err;
}

/* Rights on the whole database are never ours. */
static enum err drop_wide_rights(struct db *db, const char *database, const char *program)
{
    MYSQL_RES *res = NULL;
    struct buf sql = buf_init(512);
    buf_fmt(&sql,
            "SELECT 1 FROM mysql.db WHERE Host = 'localhost' AND User = 'shomei_%s' AND Db = '%s'",
            program, database);
    enum err err = migrate_query(db, (const char *)sql.p, &res);
    if (err == E_OK && mysql_num_rows(res) > 0)
        err = change(db, database, program, "*", 1u << VERBS, false);
    if (res)
        mysql_free_result(res);
    buf_free(&sql);
    return err;
}

static unsigned has_on(const struct right *r, size_t n, const char *program, const char *table)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(r[i].table, table) == 0 && (!program || strcmp(r[i].program, program) == 0))
            return r[i].has;
    return 0;
}

static enum err apply_program(struct db *db, struct arena *a, const char *database,
                              const char *program, const struct right *want, size_t n)
{
    struct right *now = ARENA_ARRAY(a, TABLES_MAX, struct right);
    size_t n_now = 0;
    enum err err = drop_wide_rights(db, database, program);
    if (err == E_OK)
        err = present_rights(db, database, program, now, &n_now);
    for (size_t i = 0; err == E_OK && i < n_now; i++) {
        unsigned extra = now[i].has & ~has_on(want, n, program, now[i].table);
        if (extra) {
            log_info("grants: shomei_%s loses rights on %s", program, now[i].table);
            err = change(db, database, program, now[i].table, extra, false);
            now[i].has &= extra & 1u << VERBS ? 0 : ~extra;
        }
    }
    for (size_t i = 0; err == E_OK && i < n; i++) {
        unsigned missing = want[i].has & ~has_on(now, n_now, NULL, want[i].table);
        if (strcmp(want[i].program, program) == 0 && missing)
            err = change(db, database, program, want[i].table, missing, true);
    }
    return err;
}

enum err migrate_grants(const struct migrate_params *p, const char *grants_file,
                        const struct secret *(*password)(const char *program, void *arg), void *arg)
{
    struct db *db = NULL;
    struct right *want = NULL;
    size_t n = 0;
    struct arena *a = arena_new(16u * 1024 * 1024);
    const char *database = p->name ? p->name : "shomei";
    enum err err = migrate_connect(p, "shomei_owner", NULL, &db);
    if (err == E_OK)
        err = read_rights(grants_file, a, &want, &n);
    for (unsigned bit = 1; err == E_OK && bit < DB__ALL; bit <<= 1) {
        const char *program = db_program_name((enum db_program)bit);
        char user[32];
        snprintf(user, sizeof user, "shomei_%s", program);
        err = migrate_user(db, user, password ? password(program, arg) : NULL);
        if (err == E_OK)
            err = apply_program(db, a, database, program, want, n);
    }
    db_close(db);
    arena_free(a);
    return err;
}
