/* test_statements.c - every statement of every slice fits the migrated schema, for every program.
 */
#include "harness.h"
#include "tap.h"

#include "base/log.h"

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
    harness_stop(h);
    return tap_done();
}
