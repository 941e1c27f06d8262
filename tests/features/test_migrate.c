/* test_migrate.c - migrations go forward only, tell before they act, and notice tampering; grants
 * are applied as differences; the start-up check notices a schema that does not fit. */
#include "harness.h"
#include "tap.h"

#include "base/log.h"
#include "store/statement.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct harness *h;
static struct arena *a;
static struct migrate_params owner;

/* Three statements of this test's own: the generated list is not linked here. */
static const struct statement_field columns[] = {
    { "id", STATEMENT_ID, false, 0, 0 },
    { "name", STATEMENT_TEXT, false, 20, 8 },
};
static const struct statement fits = { .name = "t.fits",
                                       .sql = "SELECT id, name FROM thing",
                                       .programs = DB_CTL,
                                       .columns = columns,
                                       .n_columns = 2,
                                       .row_size = 24 };
static const struct statement nullable = { .name = "t.nullable",
                                           .sql = "SELECT id, note FROM thing",
                                           .programs = DB_PORTAL,
                                           .columns = columns,
                                           .n_columns = 2,
                                           .row_size = 24 };
static const struct statement type = { .name = "t.type",
                                       .sql = "SELECT id, id FROM thing",
                                       .programs = DB_SIGNAPI,
                                       .columns = columns,
                                       .n_columns = 2,
                                       .row_size = 24 };
static const struct statement count = { .name = "t.count",
                                        .sql = "SELECT id FROM thing",
                                        .programs = DB_ACME,
                                        .columns = columns,
                                        .n_columns = 2,
                                        .row_size = 24 };
static const struct statement parameter = { .name = "t.parameter",
                                            .sql = "SELECT id, name FROM thing WHERE id = ?",
                                            .programs = DB_GATEWAY,
                                            .columns = columns,
                                            .n_columns = 2,
                                            .row_size = 24 };
static const struct statement absent = { .name = "t.absent",
                                         .sql = "SELECT id, gone FROM thing",
                                         .programs = DB_WORKER,
                                         .columns = columns,
                                         .n_columns = 2,
                                         .row_size = 24 };
const struct statement *const q_all[] = {
    &fits, &nullable, &type, &count, &parameter, &absent, NULL
};

static void write_file(const char *name, const char *text)
{
    const char *path = str_fmt(a, "%s/%s", harness_dir(h), name).p;
    FILE *f = fopen(path, "we");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        ok(false, "%s", path);
}

static int64_t tables(void)
{
    return harness_count(h, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema ="
                            " 'shomei' AND table_name <> 'schema_migration'");
}

static int told;

static void tell(const struct migrate_step *step, void *arg)
{
    (void)arg;
    told += (int)step->number;
}

static void test_fresh(void)
{
    struct migrate_step *steps = NULL;
    size_t n = 0;
    write_file("schema/0001_thing.sql",
               "-- a comment; with a semicolon\n"
               "CREATE TABLE thing (id BIGINT UNSIGNED NOT NULL PRIMARY KEY,\n"
               " name VARCHAR(20) NOT NULL, note VARCHAR(20) NULL);\n\n"
               "INSERT INTO thing (id, name) VALUES (1, 'one;');\n");
    write_file("schema/0002_more.sql",
               "CREATE TABLE more (id INT PRIMARY KEY);\n"
               "CREATE TRIGGER more_none BEFORE INSERT ON more FOR EACH ROW\nBEGIN\n"
               " IF NEW.id < 0 THEN\n SIGNAL SQLSTATE '45000';\n END IF;\nEND;\n"
               "INSERT INTO more VALUES (1);\n");
    is_err(migrate_run(&owner, true, tell, NULL), E_OK, "a dry run");
    is_int(told, 3, "tells of both");
    is_int(tables(), 0, "and does nothing");
    is_err(migrate_status(&owner, a, &steps, &n), E_OK, "status");
    ok(n == 2 && !steps[0].applied && !steps[1].applied, "both are to be done");
    is_err(migrate_run(&owner, false, NULL, NULL), E_OK, "the run");
    is_int(tables(), 2, "makes the tables");
    is_int(harness_count(h, "SELECT COUNT(*) FROM thing WHERE name = 'one;'"), 1,
           "and runs each statement");
    told = 0;
    is_err(migrate_run(&owner, false, tell, NULL), E_OK, "a second run");
    is_int(told, 0, "has nothing to do");
    is_err(migrate_status(&owner, a, &steps, &n), E_OK, "status");
    ok(n == 2 && steps[1].applied && !steps[1].changed && !timestamp_is_none(steps[1].at),
       "both are applied");
}

static void test_tampered(void)
{
    write_file("schema/0002_more.sql", "CREATE TABLE more (id BIGINT PRIMARY KEY);\n");
    write_file("schema/0003_new.sql", "CREATE TABLE new_one (id INT PRIMARY KEY);\n");
    is_err(migrate_run(&owner, false, NULL, NULL), E_STATE, "a file that changed is refused");
    is_str(str_z(fault_current()->reason), "migration-changed", "with its reason");
    is_int(tables(), 2, "before anything is done");
    is_err(migrate_run(&owner, true, NULL, NULL), E_STATE, "a dry run says so too");
}

static void test_broken(void)
{
    struct migrate_step *steps = NULL;
    size_t n = 0;
    const char *path = str_fmt(a, "%s/schema/0002_more.sql", harness_dir(h)).p;
    (void)unlink(path);
    is_err(migrate_run(&owner, false, NULL, NULL), E_STATE, "so is one that is gone");
    write_file("schema/0002_more.sql",
               "CREATE TABLE more (id INT PRIMARY KEY);\n"
               "CREATE TRIGGER more_none BEFORE INSERT ON more FOR EACH ROW\nBEGIN\n"
               " IF NEW.id < 0 THEN\n SIGNAL SQLSTATE '45000';\n END IF;\nEND;\n"
               "INSERT INTO more VALUES (1);\n");
    write_file("schema/0003_new.sql",
               "INSERT INTO more VALUES (2);\nCREATE TABLE new_one (id INT PRIMARY KEY);\n"
               "CREATE TABLE new_one (id INT PRIMARY KEY);\n");
    is_err(migrate_run(&owner, false, NULL, NULL), E_INTERNAL, "a statement fails");
    is_err(migrate_status(&owner, a, &steps, &n), E_OK, "status");
    ok(n == 3 && steps[2].broken && !steps[2].applied, "shows it as begun");
    struct str out;
    is_err(harness_sql(h, "DROP TABLE new_one", &out), E_OK, "the operator makes room");
    is_err(migrate_run(&owner, false, NULL, NULL), E_OK, "the run goes on where it ended");
    is_int(harness_count(h, "SELECT COUNT(*) FROM more"), 2, "and repeats nothing");
    is_err(harness_sql(h,
                       "UPDATE schema_migration SET ended = NULL, statements_done = 2"
                       " WHERE number = 3",
                       &out),
           E_OK, "as if killed between a statement and its record");
    is_err(migrate_run(&owner, false, NULL, NULL), E_OK, "it sees that the table is there");
    write_file("schema/0003_twice.sql", "SELECT 1;\n");
    is_err(migrate_run(&owner, false, NULL, NULL), E_INPUT, "a number used twice");
    (void)unlink(str_fmt(a, "%s/schema/0003_twice.sql", harness_dir(h)).p);
    write_file("schema/notes.sql", "");
    is_err(migrate_run(&owner, false, NULL, NULL), E_INPUT, "a name of another form");
    (void)unlink(str_fmt(a, "%s/schema/notes.sql", harness_dir(h)).p);
    write_file("schema/0004_open.sql", "SELECT 1");
    is_err(migrate_run(&owner, false, NULL, NULL), E_INPUT, "a statement without its end");
    (void)unlink(str_fmt(a, "%s/schema/0004_open.sql", harness_dir(h)).p);
}

static const struct secret *password(const char *program, void *arg)
{
    (void)program;
    return arg;
}

static enum err as_portal(const char *sql)
{
    struct str out;
    return harness_sql_as(h, DB_PORTAL, sql, &out);
}

static void test_grants(void)
{
    struct str out;
    const char *file = str_fmt(a, "%s/grants", harness_dir(h)).p;
    struct secret *word = secret_from("test-database-password", 22);
    struct secret *poor = secret_from("x'; DROP USER root", 18);
    write_file("grants", "portal\tthing\tINSERT,SELECT\nportal\tmore\tSELECT\n");
    is_err(migrate_grants(&owner, file, password, poor), E_INPUT,
           "a password with a quote is refused");
    is_err(migrate_grants(&owner, file, password, NULL), E_OK, "users without a password");
    is_err(as_portal("SELECT * FROM thing"), E_BACKEND, "nobody can log in as them");
    is_err(migrate_grants(&owner, file, password, word), E_OK, "grants and passwords");
    is_err(as_portal("SELECT * FROM thing"), E_OK, "granted");
    is_err(as_portal("UPDATE thing SET name = 'x'"), E_BACKEND, "not granted");
    is_err(harness_sql(h,
                       "GRANT UPDATE, DELETE ON thing TO shomei_portal@localhost;"
                       "GRANT ALL ON shomei.* TO shomei_portal@localhost",
                       &out),
           E_OK, "somebody grants by hand");
    is_err(as_portal("UPDATE thing SET name = 'x'"), E_OK, "which works");
    write_file("grants", "portal\tthing\tINSERT,SELECT\n");
    is_err(migrate_grants(&owner, file, password, word), E_OK, "until grants are applied again");
    is_err(as_portal("UPDATE thing SET name = 'y'"), E_BACKEND, "taken away");
    is_err(as_portal("SELECT * FROM more"), E_BACKEND, "also what is wanted no more");
    is_err(as_portal("SELECT * FROM thing"), E_OK, "what is wanted stays");
    write_file("grants", "portal\tthing; DROP\tSELECT\n");
    is_err(migrate_grants(&owner, file, password, word), E_INPUT, "a malformed file");
    write_file("grants", "portal\tthing\tSELECT\nsignapi\tthing\tSELECT\nacme\tthing\tSELECT\n"
                         "worker\tthing\tSELECT\ngateway\tthing\tSELECT\nctl\tthing\tSELECT\n");
    is_err(migrate_grants(&owner, file, password, word), E_OK, "rights for the next test");
    secret_free(word);
    secret_free(poor);
}

static void test_check(void)
{
    static const struct {
        enum db_program program;
        enum err want;
        const char *name;
    } cases[] = {
        { DB_CTL, E_OK, "a statement that fits" },
        { DB_PORTAL, E_INTERNAL, "a column that may be NULL stops the start" },
        { DB_SIGNAPI, E_INTERNAL, "a column of another type" },
        { DB_ACME, E_INTERNAL, "a column too few" },
        { DB_GATEWAY, E_INTERNAL, "a parameter too many" },
        { DB_WORKER, E_INTERNAL, "a column that is not there" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct db *db = harness_db(h, cases[i].program);
        is_err(db_check(db), cases[i].want, cases[i].name);
        db_close(db);
    }
}

static void test_lock(void)
{
    struct str out;
    pid_t pid = fork();
    if (pid == 0) {
        (void)!harness_sql(h, "SELECT GET_LOCK('shomei.migrate', 0), SLEEP(5)", &out);
        _exit(0);
    }
    usleep(300000);
    is_err(migrate_run(&owner, false, NULL, NULL), E_BUSY, "one migration at a time");
}

int main(void)
{
    log_open("test_migrate", LOG_LEVEL_ERROR);
    h = harness_start_empty();
    a = harness_arena(h);
    owner = harness_owner(h);
    owner.schema_dir = str_fmt(a, "%s/schema", harness_dir(h)).p;
    if (mkdir(owner.schema_dir, 0700) != 0)
        ok(false, "mkdir");
    test_fresh();
    test_tampered();
    test_broken();
    test_grants();
    test_check();
    test_lock();
    harness_stop(h);
    return tap_done();
}
