/*
 * test_store.c - values both ways, errors, transactions, audit enforcement, rights (issue item 4,
 * DESIGN section 4; P3-140 and the grants of P3-145 rest on it).
 */
#include "sample.h"
#include "tap.h"

#include "base/log.h"
#include "sample.q.h"

static struct harness *h;
static struct arena *a;

static struct tx *begin(struct db *db)
{
    struct tx *tx = NULL;
    if (tx_begin(db, a, &tx) != E_OK)
        ok(false, "transaction begins");
    return tx;
}

static enum err add(struct tx *tx, const char *code, int64_t balance, struct document_id *id)
{
    struct bytes32 hash = { { 7 } };
    struct document_id none;
    return q_sample_add(tx, str_z(code), STR_ABSENT, BYTES_ABSENT, hash, true, 1, 2, balance,
                        TIMESTAMP_NONE, (struct account_id){ 0 }, id ? id : &none);
}

static void test_types(struct db *db)
{
    static const uint8_t octets[] = { 0, 1, 255, 0 };
    struct document_id id, empty;
    struct q_sample_get row;
    struct bytes32 hash;
    struct timestamp at = { INT64_C(1795147509123456) };
    memset(hash.b, 0xA5, sizeof hash.b);
    struct tx *tx = begin(db);
    tx_mark_audited(tx);
    is_err(q_sample_add(tx, STR("署名𠮷"), STR("証明"), (struct bytes){ octets, 4 }, hash, true,
                        UINT32_MAX, UINT64_MAX, INT64_MIN, at, (struct account_id){ 42 }, &id),
           E_OK, "a row of every type is written");
    is_err(q_sample_add(tx, STR("empty"), STR_ABSENT, BYTES_ABSENT, hash, false, 0, 0, 0,
                        TIMESTAMP_NONE, (struct account_id){ 0 }, &empty),
           E_OK, "NULLs are written");
    is_err(tx_commit(tx), E_OK, "and committed");

    tx = begin(db);
    is_err(q_sample_get(tx, id, &row), E_OK, "read back");
    is_str(row.code, "署名𠮷", "text with a character outside the basic plane");
    is_str(row.note, "証明", "nullable text");
    ok(bytes_eq(row.body, (struct bytes){ octets, 4 }), "bytes with NUL inside");
    ok(bytes32_eq(&row.hash, &hash), "32 bytes");
    ok(row.flag && row.small == UINT32_MAX && row.big == UINT64_MAX && row.balance == INT64_MIN,
       "numbers at their limits");
    ok(row.at.us == at.us, "time to the microsecond");
    is_int((int64_t)row.owner.v, 42, "id");
    is_err(q_sample_get(tx, empty, &row), E_OK, "read NULLs back");
    ok(str_absent(row.note) && row.body.p == NULL && timestamp_is_none(row.at) &&
           row.owner.v == 0 && !row.flag,
       "NULL is absent, NONE, 0");
    tx_rollback(tx);
    struct str text;
    is_err(harness_sql(h, "SELECT at FROM sample WHERE owner = 42", &text), E_OK, "time as text");
    is_str(text, "2026-11-20 04:05:09.123456", "is UTC");
}

static void test_refusals(struct db *db)
{
    struct document_id id;
    struct q_sample_get row;
    struct q_sample_wide wide;
    struct q_sample_twice twice;
    struct tx *tx = begin(db);
    tx_mark_audited(tx);
    is_err(add(tx, "123456789012345678901", 0, &id), E_INPUT, "text longer than declared");
    is_str(str_z(fault_current()->reason), "too-long", "with its reason");
    is_err(q_sample_add(tx, STR_ABSENT, STR_ABSENT, BYTES_ABSENT, (struct bytes32){ { 0 } }, true,
                        1, 1, 1, TIMESTAMP_NONE, (struct account_id){ 0 }, &id),
           E_INTERNAL, "NULL where none is declared");
    is_err(add(tx, "refusals", 0, &id), E_OK, "the transaction goes on");
    is_err(q_sample_get(tx, (struct document_id){ 999999 }, &row), E_ABSENT, "no row");
    is_err(add(tx, "refusals", 0, NULL), E_CONFLICT, "a duplicate key");
    ok(!strstr(fault_current()->detail, "refusals"), "the log does not learn the value");
    is_err(add(tx, "check", 13, NULL), E_STATE, "a CHECK");
    is_err(q_sample_log_add(tx, STR("署名")), E_INPUT, "letters that the column does not hold");
    is_str(str_z(fault_current()->reason), "text-characters", "with its reason");
    is_err(q_sample_wide(tx, id, &wide), E_INTERNAL,
           "a column longer than declared is no truncation");
    is_err(q_sample_twice(tx, STR(""), &twice), E_INTERNAL, "two rows where one was promised");
    is_err(q_sample_twice(tx, STR("refusals"), &twice), E_INTERNAL,
           "the connection is still in order");
    is_err(q_sample_get(tx, id, &row), E_OK, "and answers");
    is_err(tx_commit(tx), E_OK, "what was right is committed");
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample WHERE code IN ('refusals', 'check')"), 1,
           "and only that");
}

static void test_rows(struct db *db)
{
    struct q_sample_list *rows = NULL;
    struct q_sample_returning made;
    size_t n = 0;
    char code[16];
    struct tx *tx = begin(db);
    tx_mark_audited(tx);
    for (int i = 0; i < 100; i++) {
        snprintf(code, sizeof code, "list-%03d", i);
        if (add(tx, code, 0, NULL) != E_OK)
            ok(false, "row %d", i);
    }
    is_err(q_sample_list(tx, STR("list-"), 70, &rows, &n), E_OK, "a list");
    ok(n == 70 && str_eq_z(rows[0].code, "list-000") && str_eq_z(rows[69].code, "list-069"),
       "in order and limited");
    is_err(q_sample_list(tx, STR("\U0010FFFF"), 70, &rows, &n), E_OK, "an empty list is no error");
    is_int((int64_t)n, 0, "and is empty");
    is_err(q_sample_returning(tx, STR("returning"), (struct bytes32){ { 1 } }, &made), E_OK,
           "INSERT ... RETURNING");
    ok(made.id.v > 0 && str_eq_z(made.code, "returning"), "yields its row");
    tx_rollback(tx);
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample WHERE code LIKE 'list-%'"), 0,
           "rolled back, all are gone");
}

static enum err part_of(struct tx *tx, void *arg)
{
    struct document_id id;
    const char *code = arg;

    tx_mark_audited(tx);
    TRY(add(tx, code, 0, &id));
    return strcmp(code, "part-bad") == 0 ? FAIL(E_INPUT, "bad", "of its own") : E_OK;
}

static void test_parts(struct db *db)
{
    char good[] = "part-good", bad[] = "part-bad", last[] = "part-last";
    struct document_id id;
    struct tx *tx = begin(db);

    is_err(tx_part(tx, part_of, good), E_OK, "a part, before anything else was written");
    is_err(tx_part(tx, part_of, bad), E_INPUT, "another one fails");
    is_str(str_z(fault_current()->reason), "bad", "with its own reason");
    is_err(tx_part(tx, part_of, last), E_OK, "one more");
    is_err(tx_part(tx, part_of, good), E_CONFLICT, "one that the database refuses");
    is_err(tx_commit(tx), E_OK, "the transaction goes on to its commit");
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample WHERE code LIKE 'part-%'"), 2,
           "only the part that failed is undone");
    tx = begin(db);
    is_err(tx_part(tx, part_of, bad), E_INPUT, "a failed part");
    is_err(add(tx, "part-unaudited", 0, &id), E_OK, "and a write without audit row");
    is_err(tx_commit(tx), E_INTERNAL, "the audit row of the failed part does not count");
}

static void test_audit(struct db *db)
{
    struct document_id id = { 0 };
    uint64_t changed = 0;
    struct tx *tx = begin(db);
    is_err(add(tx, "unaudited", 0, &id), E_OK, "a write");
    is_err(tx_commit(tx), E_INTERNAL, "without its audit row does not commit");
    is_str(str_z(fault_current()->reason), "unaudited", "and says why");
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample WHERE code = 'unaudited'"), 0,
           "it is gone");
    tx = begin(db);
    is_err(add(tx, "audited", 0, &id), E_OK, "a write");
    tx_mark_audited(tx);
    is_err(tx_commit(tx), E_OK, "with its audit row commits");
    tx = begin(db);
    is_err(q_sample_touch(tx, id, &changed), E_OK, "an exempt write");
    is_err(tx_commit(tx), E_OK, "needs none");
    tx = begin(db);
    is_err(q_sample_change(tx, (struct document_id){ 999999 }, 5, &changed), E_OK,
           "no row changed");
    is_int((int64_t)changed, 0, "says so");
    is_err(tx_commit(tx), E_OK, "nothing written, nothing to audit");
    tx = begin(db);
    tx_mark_audited(tx);
    is_err(q_sample_change(tx, id, 0, &changed), E_OK, "the same value again");
    is_int((int64_t)changed, 1, "counts as matched");
    tx_rollback(tx);
    struct q_sample_returning made;
    tx = begin(db);
    is_err(q_sample_returning(tx, STR("returned"), (struct bytes32){ { 1 } }, &made), E_OK,
           "a write that yields a row");
    is_err(tx_commit(tx), E_INTERNAL, "is a write");
}

static void test_rights(struct db *portal, struct db *worker)
{
    struct document_id id = { 2 };
    uint64_t changed, ignored;
    struct q_sample_log_count count;
    struct str out;
    struct tx *tx = begin(portal);
    is_err(q_sample_worker_only(tx, id, &changed), E_INTERNAL, "another program's statement");
    is_err(q_sample_log_add(tx, STR("line")), E_OK, "append to the log");
    is_err(q_sample_log_count(tx, STR("line"), &count), E_OK, "read it");
    is_err(tx_commit(tx), E_OK, "commit");
    tx = begin(worker);
    is_err(q_sample_log_add(tx, STR("line")), E_INTERNAL, "not with the worker's role");
    is_err(q_sample_touch(tx, id, &ignored), E_OK, "its own statement runs");
    tx_rollback(tx);
    /* the server itself refuses, whatever the program tries */
    is_err(harness_sql_as(h, DB_PORTAL, "UPDATE sample_log SET line = 'x'", &out), E_BACKEND,
           "portal cannot UPDATE an append-only table");
    is_err(harness_sql_as(h, DB_PORTAL, "DELETE FROM sample_log", &out), E_BACKEND,
           "nor DELETE from it");
    is_err(harness_sql_as(h, DB_PORTAL, "TRUNCATE sample_log", &out), E_BACKEND, "nor TRUNCATE it");
    is_err(harness_sql_as(h, DB_PORTAL, "ALTER TABLE sample_log DROP COLUMN line", &out), E_BACKEND,
           "nor ALTER it");
    is_err(harness_sql_as(h, DB_PORTAL, "INSERT INTO sample_log (line) VALUES ('y')", &out), E_OK,
           "but INSERT");
    is_err(harness_sql_as(h, DB_GATEWAY, "SELECT * FROM sample", &out), E_BACKEND,
           "the gateway sees nothing of it");
    is_err(harness_sql_as(h, DB_WORKER, "INSERT INTO sample (code, hash) VALUES ('w', '')", &out),
           E_BACKEND, "the worker cannot INSERT what only the portal inserts");
    is_int(harness_count(h, "SELECT COUNT(*) FROM sample_log"), 2,
           "the log holds what was appended");
}

static void count_up(void *arg)
{
    ++*(int *)arg;
}

static void test_hooks(struct db *db)
{
    int n = 0;
    struct tx *tx = begin(db), *second = NULL;
    is_err(tx_begin(db, a, &second), E_INTERNAL, "one transaction at a time");
    tx_after_commit(tx, count_up, &n);
    tx_rollback(tx);
    is_int(n, 0, "no hook after a rollback");
    tx = begin(db);
    tx_after_commit(tx, count_up, &n);
    tx_after_commit(tx, count_up, &n);
    is_err(tx_commit(tx), E_OK, "an empty transaction commits");
    is_int(n, 1, "a hook runs once after the commit");
}

static void test_session(struct db *db)
{
    struct str out;
    struct db_params p = harness_db_params(h, DB_PORTAL);
    struct db *other = NULL;
    struct secret *wrong = secret_from("wrong-database-password", 23);
    is_err(db_ping(db), E_OK, "ping");
    p.password = wrong;
    is_err(db_open(&p, &other), E_INTERNAL, "a wrong password is our mistake, not an outage");
    p.socket = "/nonexistent/socket";
    is_err(db_open(&p, &other), E_BACKEND, "no server");
    secret_free(wrong);
    is_err(harness_sql(h,
                       "SELECT COUNT(*) FROM mysql.global_priv WHERE User LIKE 'shomei%'"
                       " AND JSON_VALUE(Priv, '$.authentication_string') IN ('', 'invalid')",
                       &out),
           E_OK, "users");
    is_str(out, "0", "no user of ours is without a password");
}

int main(void)
{
    log_open("test_store", LOG_LEVEL_ERROR);
    h = sample_start();
    a = harness_arena(h);
    struct db *portal = harness_db(h, DB_PORTAL), *worker = harness_db(h, DB_WORKER);
    test_types(portal);
    test_refusals(portal);
    test_rows(portal);
    test_parts(portal);
    test_audit(portal);
    test_rights(portal, worker);
    test_hooks(portal);
    test_session(portal);
    db_close(portal);
    db_close(worker);
    harness_stop(h);
    return tap_done();
}
