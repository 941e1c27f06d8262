/*
 * test_statements.c - every statement of every slice fits the migrated schema, for every program;
 * and what a front program that was taken over must never be able to write.
 */
#include "harness.h"
#include "tap.h"

#include "base/log.h"

/* Rights that would let a front program make itself certificates, accounts or one-time codes. */
static const struct {
    const char *program, *table, *right, *why;
} never[] = {
    { "portal", "certificate", "INSERT", "the worker signs what stands there" },
    { "portal", "certificate", "DELETE", "what was issued stays" },
    { "portal", "application_event", "UPDATE", "the history is added to" },
    { "portal", "application_vetting", "UPDATE", "and so is what was confirmed" },
    { "portal", "blocked_key", "DELETE", "a reported key stays reported" },
    { "portal", "credential", "INSERT", "a key of another's making" },
    { "signapi", "certificate", "INSERT", "the worker signs what stands there" },
    { "signapi", "certificate", "UPDATE", "a revocation would be undone" },
    { "signapi", "account", "UPDATE", "people belong to the portal" },
    { "signapi", "account_totp", "SELECT", "it asks for no codes" },
    { "signapi", "account_role", "INSERT", "nor gives rights" },
    { "signapi", "client_certificate", "INSERT", "nor lets systems in" },
    { "signapi", "mail", "INSERT", "nor writes mails" },
    { "repository", "certificate", "INSERT", "it publishes" },
    { "repository", "crl", "INSERT", "what others made" },
};

static void test_rights(struct harness *h)
{
    ok(harness_count(h, "SELECT COUNT(*) FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE = "
                        "'\\'shomei_signapi\\'@\\'localhost\\'' AND TABLE_NAME = 'signature' AND "
                        "PRIVILEGE_TYPE = 'INSERT'") == 1,
       "rights are found where they are");
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        char sql[300];
        (void)snprintf(sql, sizeof sql,
                       "SELECT COUNT(*) FROM information_schema.TABLE_PRIVILEGES WHERE GRANTEE = "
                       "'\\'shomei_%s\\'@\\'localhost\\'' AND TABLE_NAME = '%s' AND "
                       "PRIVILEGE_TYPE = '%s'",
                       never[i].program, never[i].table, never[i].right);
        is_int(harness_count(h, sql), 0,
               str_fmt(harness_arena(h), "%s: no %s of %s: %s", never[i].program, never[i].right,
                       never[i].table, never[i].why)
                   .p);
    }
}

int main(void)
{
    log_open("test_statements", LOG_LEVEL_WARNING);
    struct harness *h = harness_start();
    for (unsigned bit = 1; bit < DB__ALL; bit <<= 1) {
        struct db *db = harness_db(h, (enum db_program)bit);
        enum err err = db_check(db);
        ok(err == E_OK, "statements of %s fit the schema under its own grants",
           db_program_name((enum db_program)bit));
        db_close(db);
    }
    test_rights(h);
    harness_stop(h);
    return tap_done();
}
