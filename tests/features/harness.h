/*
 * harness.h - a real MariaDB for a feature test: its own server on a unix socket in a temporary
 * folder, the schema migrated as the owner, a user per program with the generated grants. Works as
 * root (the server then runs as "mysql" where that user exists) and as a plain user. Everything is
 * gone at exit.
 */
#pragma once

#include "store/db.h"
#include "store/migrate.h"

#include <sys/types.h>

struct harness;

/*
 * Start the server, migrate, grant. Aborts the test with a TAP "Bail out!" when that fails. One at
 * a time per process.
 */
struct harness *harness_start(void);
/* The same with more options for the server, NULL-terminated, that outlive the harness. */
struct harness *harness_start_with(const char *const *options);
/* The same without schema and users: an empty database and its owner. */
struct harness *harness_start_empty(void);
/* Stop the server and remove the folder; also done at exit of the process that started it. */
void harness_stop(struct harness *h);

/* A new connection as that program's user; bails out when there is none. Caller closes. */
struct db *harness_db(struct harness *h, enum db_program program);
/* What to connect with, for programs and children. */
struct db_params harness_db_params(struct harness *h, enum db_program program);
/* As the owner, for migrations. */
struct migrate_params harness_owner(struct harness *h);

/* An arena for the test's lifetime. */
struct arena *harness_arena(struct harness *h);
/* The temporary folder: short, for sockets and files of the test. */
const char *harness_dir(struct harness *h);
/* Path of a file below the source or the build tree. */
const char *harness_source(struct harness *h, const char *path);
const char *harness_build(struct harness *h, const char *path);

/*
 * Any SQL as the server's root, by the mariadb command line client: to look behind the scenes, and
 * to tamper. Output (tab separated, no headings) in the arena; E_BACKEND when the client fails.
 */
enum err harness_sql(struct harness *h, const char *sql, struct str *out) MUST_CHECK;
/* The same as a program's user: to prove what the server refuses it. */
enum err harness_sql_as(struct harness *h, enum db_program program, const char *sql,
                        struct str *out) MUST_CHECK;
/* The number that a query yields, -1 when it fails. */
int64_t harness_count(struct harness *h, const char *sql);

/*
 * Another node of a cluster: the first server is stopped, its data copied to a folder `name` below
 * harness_dir(), and both are started, this one with these options: having the same state they join
 * without a transfer. Its socket is <name>/data/s. Ended with the harness.
 */
void harness_add_node(struct harness *h, const char *name, const char *const *options);

/* kill -9 the server; start it again on the same data. */
void harness_kill(struct harness *h);
void harness_restart(struct harness *h);
