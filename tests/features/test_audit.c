/*
 * test_audit.c - the audit log: no commit without a row, append only by grants, seals, and every
 * kind of tampering by the database's owner found (P2-26, P3-74 to P3-81).
 */
#include "people.h"

#include "features/audit/audit_seal.h"
#include "store/db.h"

static struct people p;
static const struct audit_by me = {
    .account = { 7 }, .name = { "山田", 6 }, .address = { "192.0.2.1", 9 }, .request = { "REQ1", 4 }
};

static bool signing_works = true;

/* A signature of our own making: the chain value, turned round. */
static enum err sign(void *arg, struct arena *a, const struct bytes32 *chain,
                     struct bytes *signature)
{
    uint8_t *s = arena_alloc(a, 32);
    (void)arg;
    if (!signing_works)
        return FAIL(E_BACKEND, "hsm-unavailable", "the test's token is away");
    for (size_t i = 0; i < 32; i++)
        s[i] = chain->b[31 - i];
    *signature = (struct bytes){ s, 32 };
    return E_OK;
}

static enum err check(void *arg, struct str key_name, const struct bytes32 *chain,
                      struct bytes signature)
{
    (void)arg;
    for (size_t i = 0; i < 32; i++)
        if (signature.n != 32 || signature.p[i] != chain->b[31 - i])
            return E_INPUT;
    return str_eq_z(key_name, "test-key") ? E_OK : E_INPUT;
}

static const struct audit_sealer sealer = { .key_name = { "test-key", 8 }, .sign = sign };

static void note(const char *action)
{
    struct tx *tx = people_tx(&p, p.portal);
    is_err(audit_note(tx, &me, action, "thing", 42, NULL), E_OK, "a row");
    people_end(tx);
}

static uint64_t seal(struct timestamp now, struct audit_anchor *anchor)
{
    uint64_t n = 0;
    struct tx *tx = people_tx(&p, p.worker);
    is_err(audit_seal_make(tx, &sealer, now, &n, anchor), E_OK, "a seal");
    people_end(tx);
    return n;
}

static unsigned kinds[AUDIT_FOUND__MAX];

static void report(void *arg, const struct audit_finding *f)
{
    (void)arg;
    kinds[f->kind]++;
    tap_note("%s", f->text);
}

static struct audit_verdict judge(const struct audit_anchor *anchor, struct timestamp now)
{
    struct audit_verifier how = { .check_signature = check, .report = report, .anchor = anchor };
    struct audit_verdict v;
    how.now = now;
    memset(kinds, 0, sizeof(kinds));
    is_err(audit_seal_verify(p.ctl, &how, &v), E_OK, "the log is judged");
    return v;
}

/* Tamper as the owner, judge, put it back; the log must be whole again. */
static void tamper(const char *what, const char *sql, const char *undo,
                   enum audit_finding_kind kind, const struct audit_anchor *anchor)
{
    struct str out;
    struct audit_verdict v;
    if (!ok(harness_sql(p.h, sql, &out) == E_OK, "tampering: %s", what))
        return;
    v = judge(anchor, clock_now());
    ok(v.findings > 0 && kinds[kind] > 0, "%s is found", what);
    if (!undo)
        return;
    if (!ok(harness_sql(p.h, undo, &out) == E_OK, "undo"))
        return;
    ok(judge(anchor, clock_now()).findings == 0, "and without it the log is whole");
}

static void test_unaudited(void)
{
    struct tx *tx = people_tx(&p, p.portal);
    struct str out = STR("");
    is_err(accounts_set_lang(tx, &me, (struct account_id){ 1 }, STR("en")), E_OK, "audited");
    people_end(tx);
    is_int(harness_count(p.h,
                         "SELECT COUNT(*) FROM shomei.audit_event WHERE account_id = 7 AND "
                         "actor_name = '山田' AND address = '192.0.2.1' AND request_id = 'REQ1'"),
           1, "time, subject and event are there (P3-74)");
    is_err(harness_sql(p.h, "SELECT detail FROM shomei.audit_event WHERE account_id = 7", &out),
           E_OK, "details");
    ok(strstr(out.p, "\"lang\"") != NULL, "as JSON");
    tx = people_tx(&p, p.portal);
    struct audit_entry bad = { .by = me, .action = "Bad Action" };
    is_err(audit_write(tx, &bad), E_INTERNAL, "actions have one form");
    people_undo(tx);
}

/* Nobody but the owner may change or delete: by the generated grants. */
static void test_grants(void)
{
    const char *const tables[] = { "audit_event", "audit_seal", "audit_seal_member" };
    for (size_t i = 0; i < 3; i++)
        is_int(
            harness_count(p.h, str_fmt(p.a,
                                       "SELECT COUNT(*) FROM information_schema.table_privileges "
                                       "WHERE table_name = '%s' AND privilege_type NOT IN "
                                       "('INSERT', 'SELECT') AND grantee LIKE '%%shomei\\_%%' AND "
                                       "grantee NOT LIKE '%%shomei_owner%%'",
                                       tables[i])
                                   .p),
            0, "no program may change or delete rows");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM information_schema.table_privileges WHERE "
                              "table_name = 'audit_event' AND privilege_type = 'INSERT' AND "
                              "grantee LIKE '%shomei_portal%'"),
           1, "but add them");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM information_schema.schema_privileges WHERE "
                              "privilege_type IN ('UPDATE', 'DELETE') AND grantee LIKE "
                              "'%shomei\\_portal%'"),
           0, "and no right of the whole schema goes around that");
}

static void test_seals(struct audit_anchor *anchor)
{
    struct timestamp now = clock_now();
    struct audit_verdict v;
    uint64_t n, none = 0;
    struct tx *tx;

    v = judge(NULL, now);
    ok(v.findings == 0 && v.seals == 0 && v.unsealed > 0, "a young log waits for its seal");
    n = seal(now, anchor);
    ok(n > 5 && anchor->number == 1, "the first seal takes all rows");
    is_int((int64_t)seal(now, anchor), 0, "then there is nothing to seal");
    for (int i = 0; i < 12; i++)
        note("test.thing.do");
    is_int((int64_t)seal(timestamp_add(now, MINUTE_US), anchor), 12, "the second takes the rest");
    signing_works = false;
    note("test.thing.do");
    tx = people_tx(&p, p.worker);
    is_err(audit_seal_make(tx, &sealer, now, &none, anchor), E_BACKEND, "without the key");
    people_undo(tx);
    signing_works = true;
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.audit_seal"), 2, "nothing is sealed");
    is_int((int64_t)seal(timestamp_add(now, 2 * MINUTE_US), anchor), 1, "the row waited");
    v = judge(anchor, clock_now());
    ok(v.findings == 0 && v.seals == 3 && v.unsealed == 0, "the log is whole");
}

/* A row whose transaction was slow: its id is smaller than its neighbours', and that is fine. */
static void test_late_commit(struct audit_anchor *anchor)
{
    struct db *slow_db = harness_db(p.h, DB_PORTAL);
    struct tx *slow = people_tx(&p, slow_db);
    struct audit_verdict v;

    is_err(audit_note(slow, &me, "test.slow.do", NULL, 0, NULL), E_OK, "a slow transaction");
    note("test.fast.do");
    is_int((int64_t)seal(timestamp_add(clock_now(), 3 * MINUTE_US), anchor), 1,
           "the fast row is sealed before it");
    people_end(slow);
    is_int((int64_t)seal(timestamp_add(clock_now(), 4 * MINUTE_US), anchor), 1,
           "the slow row by the next seal");
    v = judge(anchor, clock_now());
    ok(v.findings == 0 && v.unsealed == 0, "nothing is wrong with that");
    db_close(slow_db);
}

static void test_tampering(struct audit_anchor *anchor)
{
    tamper("a changed name", "UPDATE shomei.audit_event SET actor_name = 'X' WHERE id = 9",
           "UPDATE shomei.audit_event SET actor_name = '山田' WHERE id = 9",
           AUDIT_FOUND_ROW_CHANGED, anchor);
    tamper("a changed time",
           "UPDATE shomei.audit_event SET at = at + INTERVAL 1 MICROSECOND WHERE id = 9",
           "UPDATE shomei.audit_event SET at = at - INTERVAL 1 MICROSECOND WHERE id = 9",
           AUDIT_FOUND_ROW_CHANGED, anchor);
    tamper("a changed outcome", "UPDATE shomei.audit_event SET outcome = 1 WHERE id = 9",
           "UPDATE shomei.audit_event SET outcome = 0 WHERE id = 9", AUDIT_FOUND_ROW_CHANGED,
           anchor);
    tamper("NULL made empty", "UPDATE shomei.audit_event SET detail = '{}' WHERE id = 9",
           "UPDATE shomei.audit_event SET detail = NULL WHERE id = 9", AUDIT_FOUND_ROW_CHANGED,
           anchor);
    tamper("a missing row",
           "CREATE TABLE shomei.kept AS SELECT * FROM shomei.audit_event WHERE id = 8; "
           "DELETE FROM shomei.audit_event WHERE id = 8",
           "INSERT INTO shomei.audit_event SELECT * FROM shomei.kept; DROP TABLE shomei.kept",
           AUDIT_FOUND_ROW_MISSING, anchor);
    tamper(
        "a row missing together with its membership",
        "CREATE TABLE shomei.kept AS SELECT * FROM shomei.audit_event WHERE id = 8; "
        "CREATE TABLE shomei.kept2 AS SELECT * FROM shomei.audit_seal_member WHERE event_id = 8; "
        "DELETE FROM shomei.audit_event WHERE id = 8; "
        "DELETE FROM shomei.audit_seal_member WHERE event_id = 8",
        "INSERT INTO shomei.audit_event SELECT * FROM shomei.kept; DROP TABLE shomei.kept; "
        "INSERT INTO shomei.audit_seal_member SELECT * FROM shomei.kept2; "
        "DROP TABLE shomei.kept2",
        AUDIT_FOUND_SEAL_CHANGED, anchor);
    tamper("two rows exchanged",
           "UPDATE shomei.audit_event SET id = 100000 WHERE id = 8; "
           "UPDATE shomei.audit_event SET id = 8 WHERE id = 9; "
           "UPDATE shomei.audit_event SET id = 9 WHERE id = 100000",
           "UPDATE shomei.audit_event SET id = 100000 WHERE id = 8; "
           "UPDATE shomei.audit_event SET id = 8 WHERE id = 9; "
           "UPDATE shomei.audit_event SET id = 9 WHERE id = 100000",
           AUDIT_FOUND_SEAL_CHANGED, anchor);
    tamper("a row added at the end",
           "INSERT INTO shomei.audit_event SELECT 90001, RANDOM_BYTES(16), NOW(6), category, "
           "tenant_id, account_id, client_id, actor_name, action, object_kind, object_id, outcome, "
           "address, request_id, detail, row_hash FROM shomei.audit_event WHERE id = 9",
           "DELETE FROM shomei.audit_event WHERE id = 90001", AUDIT_FOUND_ROW_CHANGED, anchor);
    tamper("a changed seal",
           "UPDATE shomei.audit_seal SET event_count = event_count + 1 WHERE number = 2",
           "UPDATE shomei.audit_seal SET event_count = event_count - 1 WHERE number = 2",
           AUDIT_FOUND_SEAL_CHANGED, anchor);
    tamper("a missing signature",
           "CREATE TABLE shomei.kept AS SELECT number, signature FROM shomei.audit_seal; "
           "UPDATE shomei.audit_seal SET signature = NULL WHERE number = 2",
           "UPDATE shomei.audit_seal s JOIN shomei.kept k ON k.number = s.number "
           "SET s.signature = k.signature; DROP TABLE shomei.kept",
           AUDIT_FOUND_SEAL_SIGNATURE, anchor);
    tamper("a wrong signature",
           "CREATE TABLE shomei.kept AS SELECT number, signature FROM shomei.audit_seal; "
           "UPDATE shomei.audit_seal SET signature = RANDOM_BYTES(32) WHERE number = 2",
           "UPDATE shomei.audit_seal s JOIN shomei.kept k ON k.number = s.number "
           "SET s.signature = k.signature; DROP TABLE shomei.kept",
           AUDIT_FOUND_SEAL_SIGNATURE, anchor);
}

/* What needs a look at seals of another age: rows added below the floor, and seals cut off. */
static void test_old_gap(struct audit_anchor *anchor)
{
    struct str out;
    struct audit_verdict v;
    struct timestamp later = timestamp_add(clock_now(), 2 * HOUR_US);

    note("test.later.do");
    is_int((int64_t)seal(later, anchor), 1, "two hours later, a seal with a floor");
    ok(judge(anchor, later).findings == 0, "the log is whole");
    is_err(harness_sql(p.h,
                       "CREATE TABLE shomei.kept AS SELECT * FROM shomei.audit_event WHERE id = 6; "
                       "DELETE FROM shomei.audit_event WHERE id = 6; "
                       "DELETE FROM shomei.audit_seal_member WHERE event_id = 6; "
                       "INSERT INTO shomei.audit_event SELECT * FROM shomei.kept",
                       &out),
           E_OK, "tampering: a genuine row loses its seal, as if added to an old gap");
    v = judge(anchor, later);
    ok(v.findings > 0 && kinds[AUDIT_FOUND_ROW_ADDED] == 1, "a row below the floor is found");
    is_int((int64_t)seal(timestamp_add(later, MINUTE_US), anchor), 0,
           "and no later seal makes it good");
    is_err(harness_sql(p.h, "INSERT INTO shomei.audit_seal_member VALUES (6, 1)", &out), E_OK,
           "put back");
    ok(judge(anchor, later).findings == 0, "the log is whole");
    tamper("an end that was cut off",
           "SET @n = (SELECT MAX(number) FROM shomei.audit_seal); "
           "DELETE FROM shomei.audit_event WHERE id IN (SELECT event_id FROM "
           "shomei.audit_seal_member WHERE seal_number = @n); "
           "DELETE FROM shomei.audit_seal_member WHERE seal_number = @n; "
           "DELETE FROM shomei.audit_seal WHERE number = @n",
           NULL, AUDIT_FOUND_SEAL_MISSING, anchor);
    tamper("a seal missing in the middle", "DELETE FROM shomei.audit_seal WHERE number = 2", NULL,
           AUDIT_FOUND_SEAL_MISSING, anchor);
}

/* Somebody without the programs' secret cannot write a row that passes, nor judge the log. */
static void test_other_key(void)
{
    struct secret *other = secret_random(32);
    audit_init(other);
    secret_free(other);
    ok(judge(NULL, clock_now()).findings > 10, "under another secret no row is genuine");
}

int main(void)
{
    struct audit_anchor anchor = { 0 };

    people_start(&p);
    (void)people_add(&p, p.sakura, "somebody", ROLE_END_USER, false);
    test_unaudited();
    test_grants();
    for (int i = 0; i < 8; i++)
        note("test.thing.do");
    test_seals(&anchor);
    test_late_commit(&anchor);
    test_tampering(&anchor);
    test_old_gap(&anchor);
    test_other_key();
    people_stop(&p);
    return tap_done();
}
