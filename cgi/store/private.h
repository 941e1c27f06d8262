/* private.h - the inside of store/: for its own .c files only. */
#pragma once

#include "store/statement.h"

#include <mysql.h>

enum { STORE_HOOKS_MAX = 16, STORE_FIELDS_MAX = 64 };

/* An after-commit hook. */
struct store_hook {
    void (*run)(void *arg);
    void *arg;
};

/* What ends with a transaction: tx_at_end(). */
struct store_end {
    struct store_end *next;
    void (*undo)(void *arg);
    void *arg;
};

struct tx {
    struct db *db;
    struct arena *arena;
    bool open;
    bool started; /* the server has answered a statement of this transaction */
    bool begun;   /* START TRANSACTION was sent: something was written or locked */
    bool written; /* by a statement that needs an audit row */
    bool audited;
    bool lost;       /* the connection broke in it */
    enum err doomed; /* E_OK, or why only a rollback can follow */
    struct store_hook hooks[STORE_HOOKS_MAX];
    size_t n_hooks;
    struct store_end *ends;
};

/* A statement prepared on this connection. */
struct store_prepared {
    const struct statement *st;
    MYSQL_STMT *stmt;
};

struct db {
    MYSQL *conn; /* NULL: not connected */
    char *socket, *user, *name;
    struct secret *password;
    enum db_program program;
    unsigned statement_seconds;
    struct store_prepared *prepared; /* open addressing by the description's address */
    size_t prepared_cap, prepared_n;
    MYSQL_STMT *active; /* has results that were not read to the end */
    struct tx tx;
};

/* Connect when not connected. */
enum err db_connect(struct db *db) MUST_CHECK;
/* Drop a connection that is of no use any more. */
void db_drop(struct db *db);
/* The prepared form of `st` on the present connection. */
enum err db_prepare(struct db *db, const struct statement *st, MYSQL_STMT **out) MUST_CHECK;
/* Does this client or server error number mean that the connection is gone? */
bool db_is_lost(unsigned code);
/* Begin the server's transaction on a live connection. */
enum err db_begin(struct db *db) MUST_CHECK;
/* Mark where a part of it begins, or undo what came since. */
enum err db_part(struct db *db, bool undo) MUST_CHECK;
/* Record the fault for a MariaDB error: the contract's mapping, without data in the detail. */
enum err db_fault(const char *what, unsigned code, const char *message) MUST_CHECK;
