/* sample.c - see sample.h. */
#include "sample.h"

#include "tap.h"

#include <stdlib.h>

static const char tables[] =
    "CREATE TABLE sample ("
    " id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,"
    " code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL UNIQUE,"
    " note VARCHAR(10) NULL, body VARBINARY(100) NULL, hash BINARY(32) NOT NULL,"
    " flag TINYINT NOT NULL DEFAULT 0, small INT UNSIGNED NOT NULL DEFAULT 0,"
    " big BIGINT UNSIGNED NOT NULL DEFAULT 0, balance BIGINT NOT NULL DEFAULT 0,"
    " at DATETIME(6) NULL, owner BIGINT UNSIGNED NULL,"
    " CONSTRAINT sample_balance CHECK (balance <> 13)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;"
    "CREATE TABLE sample_log (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,"
    " line VARCHAR(100) CHARACTER SET ascii NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
    "COMMENT='append only'";

static const struct secret *no_password(const char *program, void *arg)
{
    (void)program, (void)arg;
    return NULL;
}

struct harness *sample_start_with(const char *const *options)
{
    struct str out;
    struct harness *h = harness_start_with(options);
    struct migrate_params owner = harness_owner(h);
    const char *join = str_fmt(harness_arena(h), "cat '%s' '%s' > '%s/grants.txt'",
                               harness_build(h, "cgi/store/gen/grants.txt"),
                               harness_build(h, "tests/features/gen/grants.txt"), harness_dir(h))
                           .p;
    const char *file = str_fmt(harness_arena(h), "%s/grants.txt", harness_dir(h)).p;
    if (harness_sql(h, tables, &out) != E_OK || system(join) != 0 ||
        migrate_grants(&owner, file, no_password, NULL) != E_OK) {
        printf("Bail out! sample tables: %s\n", fault_current()->detail);
        exit(1);
    }
    return h;
}

struct harness *sample_start(void)
{
    return sample_start_with(NULL);
}
