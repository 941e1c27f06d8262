/* tx.c - transactions, see db.h. */
#include "store/private.h"

#include "base/log.h"
#include "base/random.h"

#include <stdlib.h>

enum { TRIES = 5 };

/*
 * The server's transaction begins with the first statement that writes or locks (statement.c). What
 * only reads runs by itself, which is the same at READ COMMITTED, where each statement sees what is
 * committed when it begins; so a page that only shows costs no COMMIT, and a connection that died
 * while idle can be replaced at the first statement.
 */
enum err tx_begin(struct db *db, struct arena *a, struct tx **out)
{
    *out = NULL;
    if (db->tx.open)
        return FAIL(E_INTERNAL, "", "a transaction is already open");
    enum err err = db_connect(db);
    if (err != E_OK)
        return err;
    db->tx = (struct tx){ .db = db, .arena = a, .open = true };
    *out = &db->tx;
    return E_OK;
}

struct arena *tx_arena(struct tx *tx)
{
    return tx->arena;
}

struct arena *tx_swap_arena(struct tx *tx, struct arena *a)
{
    struct arena *before = tx->arena;
    tx->arena = a;
    return before;
}

void tx_at_end(struct tx *tx, void (*undo)(void *arg), void *arg)
{
    struct store_end *end = malloc(sizeof *end); /* not in the arena: that may be gone first */
    if (end == NULL)
        abort();
    *end = (struct store_end){ tx->ends, undo, arg };
    tx->ends = end;
}

static void close_tx(struct tx *tx)
{
    tx->open = false;
    while (tx->ends) {
        struct store_end *end = tx->ends;
        tx->ends = end->next;
        end->undo(end->arg);
        free(end);
    }
}

void tx_mark_audited(struct tx *tx)
{
    tx->audited = true;
}

void tx_after_commit(struct tx *tx, void (*hook)(void *arg), void *arg)
{
    for (size_t i = 0; i < tx->n_hooks; i++)
        if (tx->hooks[i].run == hook && tx->hooks[i].arg == arg)
            return;
    if (tx->n_hooks == STORE_HOOKS_MAX) {
        log_error("after-commit hook dropped: more than %d", STORE_HOOKS_MAX);
        return;
    }
    tx->hooks[tx->n_hooks++] = (struct store_hook){ hook, arg };
}

/* Results of a query that was left by a jump are still on the wire. */
static void settle(struct db *db)
{
    if (db->active)
        mysql_stmt_free_result(db->active);
    db->active = NULL;
}

void tx_rollback(struct tx *tx)
{
    if (!tx || !tx->open)
        return;
    struct db *db = tx->db;
    settle(db);
    if (tx->begun && db->conn && mysql_rollback(db->conn) != 0)
        db_drop(db); /* the server rolls back what it loses */
    close_tx(tx);
}

static enum err commit_failed(struct tx *tx)
{
    struct db *db = tx->db;
    unsigned code = mysql_errno(db->conn);
    if (!db_is_lost(code)) {
        enum err err = db_fault("COMMIT", code, mysql_error(db->conn));
        tx_rollback(tx);
        return err;
    }
    close_tx(tx);
    db_drop(db);
    return FAIL(E_BACKEND, "commit-unknown", "connection lost during COMMIT: MariaDB %u", code);
}

enum err tx_commit(struct tx *tx)
{
    struct db *db = tx->db;
    settle(db);
    if (tx->doomed != E_OK) {
        enum err err = tx->doomed;
        tx_rollback(tx);
        return FAIL(err, err == E_BACKEND ? "database-lost" : "",
                    "commit of a transaction that had already failed");
    }
    if (tx->written && !tx->audited) {
        tx_rollback(tx);
        return FAIL(E_INTERNAL, "unaudited", "commit refused: a write without its audit row");
    }
    if (tx->begun && mysql_commit(db->conn) != 0)
        return commit_failed(tx);
    close_tx(tx);
    for (size_t i = 0; i < tx->n_hooks; i++)
        tx->hooks[i].run(tx->hooks[i].arg);
    return E_OK;
}

static enum err mark_part(struct tx *tx, bool undo)
{
    settle(tx->db);
    enum err err = db_part(tx->db, undo);
    if (err != E_OK) {
        tx->lost = db_is_lost(mysql_errno(tx->db->conn));
        tx->doomed = err;
    }
    return err;
}

enum err tx_part(struct tx *tx, enum err (*work)(struct tx *tx, void *arg), void *arg)
{
    enum err err = E_OK;

    if (!tx->open || tx->doomed != E_OK)
        return FAIL(tx->open ? tx->doomed : E_INTERNAL, "", "a part after the transaction's end");
    if (!tx->begun)
        err = db_connect(tx->db);
    if (err == E_OK && !tx->begun)
        err = db_begin(tx->db);
    if (err != E_OK)
        return tx->doomed = err;
    tx->begun = tx->started = true;
    err = mark_part(tx, false);
    if (err != E_OK)
        return err;
    struct tx before = *tx;
    err = work(tx, arg);
    if (err == E_OK || tx->doomed != E_OK)
        return err;
    struct fault why = *fault_current();
    if (mark_part(tx, true) != E_OK)
        return tx->doomed;
    tx->written = before.written;
    tx->audited = before.audited;
    tx->n_hooks = before.n_hooks;
    return fault_record(err, why.reason, why.file, why.line, "%s", why.detail);
}

static void pause_before_retry(int attempt)
{
    int64_t us = 2000 + (int64_t)random_below(UINT64_C(8000) << attempt);
    struct timespec ts = { us / SECOND_US, us % SECOND_US * 1000 };
    nanosleep(&ts, NULL);
}

enum err tx_run(struct db *db, struct arena *a, enum err (*work)(struct tx *tx, void *arg),
                void *arg)
{
    for (int attempt = 0;; attempt++) {
        struct tx *tx = NULL;
        bool lost = false;
        enum err err = tx_begin(db, a, &tx);
        if (tx) {
            err = work(tx, arg);
            lost = tx->lost;
            if (err == E_OK)
                err = tx_commit(tx);
            else
                tx_rollback(tx);
        }
        bool again = err == E_BUSY || (err == E_BACKEND && lost);
        if (!again || attempt + 1 == TRIES)
            return err;
        pause_before_retry(attempt);
    }
}
