/*
 * test_accounts_admin.c - administrators and the schema's separation of duties (P3-60, P3-61,
 * P3-62, P3-63, P3-64, P3-66, P3-140, P3-141, P3-143), dormancy (P3-144), end of contract (P3-145),
 * tenants kept apart (P2-12).
 */
#include "people.h"

#include "features/accounts/accounts_admin.h"
#include "features/accounts/accounts_tasks.h"

static struct people p;
static struct audit_by boss;

static enum err sql(const char *text)
{
    struct str out;
    return harness_sql(p.h, text, &out);
}

static enum err roles_set(struct account_id id, uint32_t roles)
{
    struct tx *tx = people_tx(&p, p.ctl);
    enum err err = accounts_roles_set(tx, &boss, id, roles, p.now);
    if (err == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return err;
}

/* Both directions, by the rules and by the schema itself (as the database's owner). */
static void test_separation(void)
{
    struct account_id manager = people_add(&p, p.provider, "manager", ROLE_SERVICE_MANAGER, false);
    struct account_id desk = people_add(&p, p.provider, "desk", ROLE_SUPPORT, false);

    is_err(roles_set(manager, ROLE_SERVICE_MANAGER | ROLE_SYSTEM_ADMIN), E_STATE,
           "a service manager gets no other role (P3-66)");
    is_err(roles_set(desk, ROLE_SUPPORT | ROLE_SERVICE_MANAGER), E_STATE,
           "nobody with another role becomes service manager");
    is_err(roles_set(desk, ROLE_AUDITOR | ROLE_SUPPORT), E_STATE, "an auditor is nothing else");
    is_err(roles_set(desk, ROLE_OPERATIONS_ASSISTANT | ROLE_SYSTEM_ADMIN), E_STATE,
           "an operations assistant has no system rights (P3-63)");
    is_err(roles_set(desk, ROLE_SYSTEM_MANAGER), E_OK, "a system manager is staff (P3-61)");
    struct account_id theirs = people_add(&p, p.sakura, "ambitious", ROLE_CUSTOMER_ADMIN, false);
    is_err(roles_set(theirs, ROLE_SYSTEM_ADMIN), E_STATE, "nobody of a customer becomes one");
    is_err(roles_set(theirs, ROLE_SERVICE_MANAGER), E_STATE, "nor service manager (P3-60)");
    is_err(roles_set(desk, ROLE_SUPPORT), E_OK, "back at the desk");
    is_err(roles_set(desk, ROLE_END_USER), E_STATE, "staff roles and customers' roles stay apart");
    is_err(roles_set(desk, ROLE_SUPPORT | ROLE_PRIVACY_DESK), E_OK, "two desks are fine");
    is_err(roles_set(desk, ROLE_SERVICE_MANAGER), E_OK, "and so is a change of family, whole");
    is_err(roles_set(desk, ROLE_SUPPORT), E_OK, "and back");
    is_err(
        sql(str_fmt(p.a,
                    "INSERT INTO shomei.account_role SELECT %llu, 'system_admin', 'staff', NOW(6), "
                    "NULL",
                    (unsigned long long)manager.v)
                .p),
        E_BACKEND, "the schema itself refuses a second role of a service manager");
    is_err(sql(str_fmt(p.a,
                       "INSERT INTO shomei.account_role SELECT %llu, 'system_admin', "
                       "'service_manager', NOW(6), NULL",
                       (unsigned long long)manager.v)
                   .p),
           E_BACKEND, "under whatever family");
    is_err(sql(str_fmt(p.a,
                       "INSERT INTO shomei.account_role SELECT %llu, 'service_manager', "
                       "'service_manager', NOW(6), NULL",
                       (unsigned long long)desk.v)
                   .p),
           E_BACKEND, "and makes nobody else service manager");
    is_err(sql(str_fmt(p.a,
                       "UPDATE shomei.account SET role_family = 'service_manager' WHERE id = %llu",
                       (unsigned long long)desk.v)
                   .p),
           E_BACKEND, "nor by moving the account");
    is_int(harness_count(p.h, str_fmt(p.a,
                                      "SELECT COUNT(*) FROM shomei.account_role WHERE account_id = "
                                      "%llu",
                                      (unsigned long long)manager.v)
                                  .p),
           1, "one role it stays");
}

static enum err suspend(struct tenant_id scope, struct account_id id)
{
    struct tx *tx = people_tx(&p, p.portal);
    enum err err = accounts_admin_suspend(tx, &boss, scope, id, "leak", p.now);
    if (err == E_OK)
        people_end(tx);
    else
        people_undo(tx);
    return err;
}

static void test_two_admins(void)
{
    /* P3-62 */
    struct account_id one = people_add(&p, p.provider, "root1", ROLE_SYSTEM_ADMIN, false);
    struct account_id two = people_add(&p, p.provider, "root2", ROLE_SYSTEM_ADMIN, false);
    struct account_id three = people_add(&p, p.provider, "root3", ROLE_SYSTEM_ADMIN, false);

    is_err(suspend((struct tenant_id){ 0 }, three), E_OK, "one of three may be suspended");
    is_err(suspend((struct tenant_id){ 0 }, two), E_STATE, "one of two may not (P3-64)");
    is_err(roles_set(one, ROLE_SUPPORT), E_STATE, "nor lose the role");
    is_err(roles_set(one, ROLE_SYSTEM_ADMIN | ROLE_SUPPORT), E_OK,
           "nor keeps one from getting more");
    is_str(people_state(&p, two), "active", "both stay");
}

static void test_tenants(void)
{
    struct account_id theirs = people_add(&p, p.midori, "theirs", ROLE_END_USER, false);
    struct accounts_filter f = { .tenant = p.sakura, .q = STR("THE"), .state = -1 };
    struct accounts_info *rows, who;
    uint64_t total;
    size_t n;
    struct tx *tx;

    is_err(suspend(p.sakura, theirs), E_ABSENT, "another tenant's person is not there (P2-12)");
    tx = people_tx(&p, p.portal);
    is_err(accounts_get(tx, p.sakura, theirs, &who), E_ABSENT, "not even to be seen");
    is_err(accounts_admin_unlock(tx, &boss, p.sakura, theirs, p.now), E_ABSENT, "nor unlocked");
    is_err(accounts_admin_resume(tx, &boss, p.sakura, theirs, p.now), E_ABSENT, "nor resumed");
    is_err(accounts_admin_profile(tx, &boss, p.sakura, theirs, STR("x"), STR("x@y.z"), p.now),
           E_ABSENT, "nor corrected");
    is_err(accounts_admin_link(tx, &boss, p.sakura, theirs), E_ABSENT, "nor mailed");
    is_err(accounts_admin_list(tx, &f, 1, 50, &rows, &n, &total), E_OK, "a list");
    is_int((int64_t)total, 0, "holds the own tenant only");
    f.tenant = p.midori;
    is_err(accounts_admin_list(tx, &f, 1, 50, &rows, &n, &total), E_OK, "their list");
    ok(total == 1 && n == 1 && rows[0].id.v == theirs.v, "holds them, whatever case is typed");
    f.q = STR("%");
    is_err(accounts_admin_list(tx, &f, 1, 50, &rows, &n, &total), E_OK, "a per cent sign");
    is_int((int64_t)total, 0, "means itself");
    people_undo(tx);
}

static void test_list(void)
{
    struct accounts_filter f = { .tenant = p.sakura, .state = -1 };
    struct accounts_info *rows;
    uint64_t total;
    size_t n;
    struct tx *tx;

    for (int i = 0; i < 7; i++)
        (void)people_add(&p, p.sakura, str_fmt(p.a, "lister%d", i).p,
                         i % 2 ? ROLE_END_USER : ROLE_LRA_OPERATOR, false);
    tx = people_tx(&p, p.portal);
    f.q = STR("lister");
    is_err(accounts_admin_list(tx, &f, 2, 3, &rows, &n, &total), E_OK, "the second page");
    ok(total == 7 && n == 3 && str_eq_z(rows[0].login, "lister3"), "by name, three a page");
    f.sort = ACCOUNTS_BY_NAME_DOWN;
    is_err(accounts_admin_list(tx, &f, 1, 3, &rows, &n, &total), E_OK, "the other way round");
    is_str(rows[0].login, "lister6", "begins at the end");
    f.role = ROLE_LRA_OPERATOR;
    is_err(accounts_admin_list(tx, &f, 1, 50, &rows, &n, &total), E_OK, "those with a role");
    is_int((int64_t)total, 4, "are four");
    f.state = ACCOUNTS_LOCKED;
    is_err(accounts_admin_list(tx, &f, 1, 50, &rows, &n, &total), E_OK, "those locked");
    is_int((int64_t)total, 0, "are none");
    people_undo(tx);
}

static void dormancy(int64_t days, uint64_t *warned, uint64_t *suspended)
{
    struct tx *tx = people_tx(&p, p.worker);
    is_err(accounts_task_dormancy(tx, timestamp_add(p.now, days * DAY_US), warned, suspended), E_OK,
           "the dormancy task runs");
    people_end(tx);
}

static void test_dormancy(void)
{
    struct account_id sleeper = people_add(&p, p.midori, "sleeper", ROLE_END_USER, false);
    uint64_t warned, suspended;

    dormancy(100, &warned, &suspended);
    ok(warned == 0 && suspended == 0, "a hundred days are nothing");
    dormancy(167, &warned, &suspended);
    ok(warned > 0 && suspended == 0, "two weeks before the end people are warned (P3-144)");
    is_int(people_mails(&p, "dormant", sleeper), 1, "by mail");
    dormancy(168, &warned, &suspended);
    is_int((int64_t)warned, 0, "once");
    is_err(sql("UPDATE shomei.account SET login_at = NOW(6) + INTERVAL 170 DAY, warned_at = NULL "
               "WHERE login = 'theirs'"),
           E_OK, "somebody signs in");
    dormancy(182, &warned, &suspended);
    ok(suspended > 0, "the others are suspended");
    is_str(people_state(&p, sleeper), "suspended", "the sleeper too");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.account WHERE login = 'theirs' AND "
                              "state = 'active'"),
           1, "who signed in is not");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.account a JOIN shomei.account_role r ON "
                              "r.account_id = a.id WHERE r.role = 'system_admin' AND "
                              "a.state = 'active'"),
           2, "nor are the last two system administrators (P3-64)");
    is_int(harness_count(p.h,
                         "SELECT COUNT(*) FROM shomei.account WHERE state_reason = 'dormant'") > 0,
           1, "the reason is kept");
}

static void test_contract(void)
{
    struct account_id person;
    struct tenant_id ending;
    uint64_t stopped;
    struct tx *tx = people_tx(&p, p.ctl);

    is_err(accounts_tenant_create(tx, &boss, STR("ending"), STR("Ending"), ACCOUNTS_CUSTOMER,
                                  timestamp_add(p.now, DAY_US), p.now, &ending),
           E_OK, "a contract that ends tomorrow");
    people_end(tx);
    person = people_add(&p, ending, "leaver", ROLE_END_USER, false);
    tx = people_tx(&p, p.worker);
    is_err(accounts_task_contracts(tx, p.now, &stopped), E_OK, "today");
    people_end(tx);
    is_int((int64_t)stopped, 0, "nothing stops");
    tx = people_tx(&p, p.worker);
    is_err(accounts_task_contracts(tx, timestamp_add(p.now, 2 * DAY_US), &stopped), E_OK,
           "after it");
    people_end(tx);
    is_int((int64_t)stopped, 1, "its accounts stop (P3-145)");
    is_str(people_state(&p, person), "suspended", "suspended");
    tx = people_tx(&p, p.portal);
    is_err(accounts_admin_resume(tx, &boss, ending, person, p.now), E_STATE,
           "and nobody lifts that");
    people_undo(tx);
    tx = people_tx(&p, p.worker);
    is_err(accounts_task_contracts(tx, timestamp_add(p.now, 3 * DAY_US), &stopped), E_OK, "once");
    people_end(tx);
    is_int((int64_t)stopped, 0, "and for all");
}

static void test_purge(void)
{
    uint64_t gone;
    struct tx *tx = people_tx(&p, p.worker);
    is_err(accounts_task_purge(tx, timestamp_add(p.now, 700 * DAY_US), &gone), E_OK,
           "what is over is forgotten");
    people_end(tx);
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.login_event"), 0, "old history too");
}

/* Whoever redirects a person's mail must not be the only one to hear of what follows. */
static void test_address(void)
{
    struct account_id id = people_add(&p, p.sakura, "moved", ROLE_END_USER, false);
    struct str out = STR("");
    struct tx *tx;

    is_err(harness_sql(p.h,
                       "INSERT INTO shomei.password_link (token_hash, account_id, purpose, "
                       "created_at, expires_at) SELECT UNHEX(SHA2('x', 256)), id, 'reset', "
                       "UTC_TIMESTAMP(6), '2099-01-01' FROM shomei.account WHERE login = 'moved'",
                       &out),
           E_OK, "a mailed link");
    tx = people_tx(&p, p.portal);
    is_err(accounts_admin_profile(tx, &boss, p.sakura, id, STR("動いた 人"),
                                  STR("moved@example.test"), p.now),
           E_OK, "a name is corrected");
    people_end(tx);
    is_int(people_mails(&p, "address", id), 0, "of which no mail tells");
    tx = people_tx(&p, p.portal);
    is_err(accounts_admin_profile(tx, &boss, p.sakura, id, STR("動いた 人"),
                                  STR("elsewhere@example.test"), p.now),
           E_OK, "the mail address is changed");
    people_end(tx);
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.job WHERE kind = 'accounts.mail' AND "
                              "JSON_VALUE(payload, '$.mail') = 'address' AND "
                              "JSON_VALUE(payload, '$.to') = 'moved@example.test'"),
           1, "a notice goes to the old one");
    is_int(harness_count(p.h, "SELECT COUNT(*) FROM shomei.password_link l JOIN shomei.account a "
                              "ON a.id = l.account_id WHERE a.login = 'moved' AND "
                              "l.used_at IS NULL"),
           0, "and links in the old mailbox are void");
}

int main(void)
{
    people_start(&p);
    boss = (struct audit_by){ .tenant = p.sakura, .account = { 999999 }, .name = STR("boss") };
    test_separation();
    test_two_admins();
    test_tenants();
    test_list();
    test_dormancy();
    test_contract();
    test_purge();
    test_address();
    people_stop(&p);
    return tap_done();
}
