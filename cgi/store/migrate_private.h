/* migrate_private.h - shared by migrate.c and migrate_grants.c. */
#pragma once

#include "store/migrate.h"
#include "base/buf.h"
#include "store/private.h"

enum { MIGRATE_STATEMENT_SECONDS = 3600 };

/* A connection for `p`; `user` and `name` are used where p names none. */
enum err migrate_connect(const struct migrate_params *p, const char *user, const char *name,
                         struct db **out) MUST_CHECK;
/* Run one statement of text that is constant, from a migration file, or made of checked words. */
enum err migrate_exec(struct db *db, const char *sql) MUST_CHECK;
/* The same for one that yields rows; the caller frees *res. */
enum err migrate_query(struct db *db, const char *sql, MYSQL_RES **res) MUST_CHECK;
/* 16 to 128 of [A-Za-z0-9_-]: may stand between quotes as it is. */
enum err migrate_password_ok(const struct secret *password) MUST_CHECK;
/* CREATE USER IF NOT EXISTS, then set its password (NULL: leave; a new user cannot log in then). */
enum err migrate_user(struct db *db, const char *user, const struct secret *password) MUST_CHECK;
/* [A-Za-z0-9_]{1,64}: may stand as an identifier. */
bool migrate_word_ok(const char *p, size_t n);
