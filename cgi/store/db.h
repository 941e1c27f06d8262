/*
 * db.h - one MariaDB connection and its transactions. The only SQL that runs through it are the
 * statements generated from sql/queries/ (docs/queries.md); nothing else builds SQL.
 *
 * A session is strict, in UTC, utf8mb4 and READ COMMITTED. Every statement is a native prepared
 * one, prepared on first use and again after a reconnect. A connection that died between
 * transactions is replaced without the caller seeing it. One that dies inside a transaction fails
 * it with E_BACKEND: nothing was committed, unless the fault's reason is "commit-unknown", see
 * tx_commit().
 *
 * Not thread-safe, and not to be carried over a fork: open after it.
 */
#pragma once

#include "base/secret.h"
#include "base/settings.h"

struct db;
struct tx;

/* Programs, as bits of a statement's role line. Each is the MariaDB user "shomei_<program>". */
enum db_program {
    DB_PORTAL = 1u << 0,
    DB_SIGNAPI = 1u << 1,
    DB_ACME = 1u << 2,
    DB_REPOSITORY = 1u << 3,
    DB_WORKER = 1u << 4,
    DB_GATEWAY = 1u << 5,
    DB_CTL = 1u << 6,
    DB_SIGNER = 1u << 7,
    DB__ALL = (1u << 8) - 1
};

/* Where and as whom to connect. Strings are copied, the password too. */
struct db_params {
    const char *socket;            /* path of the server's unix socket */
    const char *user;              /* NULL: "shomei_" and the program's name */
    const struct secret *password; /* NULL: none (unix_socket authentication) */
    const char *name;              /* NULL: "shomei" */
    enum db_program program;       /* which statements may run */
    unsigned statement_seconds;    /* a statement that runs longer is ended; 0: 30 */
};

/* "portal", "signapi" ...; NULL when not exactly one bit. */
const char *db_program_name(enum db_program program);

/* Connect. E_BACKEND when the server is not there, E_INTERNAL when it refuses the user. */
enum err db_open(const struct db_params *p, struct db **out) MUST_CHECK;

/* The same from db.socket, db.name, db.user and db.password_file. */
enum err db_open_settings(const struct settings *c, enum db_program program,
                          struct db **out) MUST_CHECK;

/* Disconnect and release; an open transaction is rolled back. NULL is fine. */
void db_close(struct db *db);

/* Is the server there? Reconnects when needed. For /readyz. Not inside a transaction. */
enum err db_ping(struct db *db) MUST_CHECK;

/*
 * Start-up self-check: prepare every statement of this program's role and compare the number of
 * parameters and the number, type and nullability of the columns with what was generated.
 * E_INTERNAL when any differs (each is logged): the program must not start.
 */
enum err db_check(struct db *db) MUST_CHECK;

/*
 * Begin a transaction. Rows read in it are allocated in `a`, which must outlive it. One at a time
 * per connection. The transaction is part of `db`: it is gone after commit or rollback. E_BACKEND
 * when there is no connection to be had.
 */
enum err tx_begin(struct db *db, struct arena *a, struct tx **out) MUST_CHECK;

/*
 * Commit, then run the tx_after_commit() hooks. On failure the transaction is rolled back and gone.
 *   E_INTERNAL "unaudited"        something was written without an audit row
 *   E_BUSY                        lost to a concurrent transaction: run it again
 *   E_BACKEND "commit-unknown"    the connection broke during COMMIT: it may or may not have
 * happened. Callers that act for a client tell it to repeat the request under its idempotency key;
 * jobs find out because done-ness is a row. E_BACKEND otherwise           nothing was committed
 */
enum err tx_commit(struct tx *tx) MUST_CHECK;

/* Undo. Safe after any failure and after a jump out of a query. NULL is fine. */
void tx_rollback(struct tx *tx);

/*
 * Do `work` as a part of the transaction that can fail alone: when it does, what it wrote is
 * undone, its error is returned with the fault as it was, and the transaction goes on. For several
 * things of which each has its own outcome. When the whole transaction is lost (E_BUSY, E_BACKEND)
 * only a rollback can follow, as ever.
 */
enum err tx_part(struct tx *tx, enum err (*work)(struct tx *tx, void *arg), void *arg) MUST_CHECK;

struct arena *tx_arena(struct tx *tx);

/* Rows read from now on go into `a`, which must outlive their use; gives the arena before. For
 * those who read much and keep little. */
struct arena *tx_swap_arena(struct tx *tx, struct arena *a);
/* Call undo(arg) when the transaction ends in whatever way, the last one first: for what may be
 * used as long as it is open. */
void tx_at_end(struct tx *tx, void (*undo)(void *arg), void *arg);

/* The audit row of this transaction was written. For the audit slice only. */
void tx_mark_audited(struct tx *tx);

/* Call hook(arg) right after a successful commit; dropped at rollback. At most 16 per transaction.
 */
void tx_after_commit(struct tx *tx, void (*hook)(void *arg), void *arg);

/*
 * Begin, work, commit; on E_BUSY, or when the connection broke before COMMIT was sent, again up to
 * 5 times with a growing random pause. `work` must therefore have no effect outside the database.
 * A result of `work` other than E_OK rolls back and is returned.
 */
enum err tx_run(struct db *db, struct arena *a, enum err (*work)(struct tx *tx, void *arg),
                void *arg) MUST_CHECK;
