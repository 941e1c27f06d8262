/*
 * test_bulk_renew.c - renewals from a file, end to end: by an LRA operator and by an administrator,
 * with a key made here and with a request; the old certificate gets its successor, once (P1-09,
 * P3-32).
 */
#include "bulk_kit.h"

#include "base/log.h"

static struct fake *admin, *operator, * alice;
static struct arena *a;

static struct fake_reply act(struct fake *who, struct str run, const char *what)
{
    return fake_post(who, str_fmt(a, "/bulk/%s/%s", run.p, what).p, "");
}

static struct str serial(const char *id)
{
    return bulk_kit_text(
        str_fmt(a,
                "SELECT LOWER(HEX(c.serial)) FROM shomei.bulk_row w JOIN shomei.certificate c ON "
                "c.id = w.certificate_id WHERE w.ref = '%s'",
                id)
            .p);
}

static struct str code_of(struct str run, unsigned seq)
{
    return bulk_kit_text(str_fmt(a,
                                 "SELECT JSON_VALUE(w.findings, '$[0].code') FROM shomei.bulk_row "
                                 "w JOIN shomei.bulk_run r ON r.id = w.run_id WHERE r.public_id = "
                                 "'%s' AND w.seq = %u",
                                 run.p, seq)
                             .p);
}

static void issue(void)
{
    struct str run = bulk_kit_checked(operator, "first.csv",
                                      STR("Operation,ID,Account,Key\nISSUE,R-1,user001,PKCS12\n"
                                          "ISSUE,R-2,user002,PKCS12\n"));

    (void)act(operator, run, "start");
    bulk_kit_work(run.p, "done");
    is_int(bulk_kit_rows(run, "done"), 2, "an LRA operator has two certificates issued");
    bulk_kit_sql("UPDATE shomei.certificate SET not_after = NOW(6) + INTERVAL 30 DAY WHERE "
                 "application_id IS NOT NULL");
}

static int64_t successor(const char *old, const char *new)
{
    return bulk_kit_count("SELECT COUNT(*) FROM shomei.certificate o JOIN shomei.certificate n ON "
                          "o.replaced_by = n.id AND n.renews = o.id WHERE o.state = 'issued' AND "
                          "n.state = 'issued' AND LOWER(HEX(o.serial)) = '%s' AND "
                          "LOWER(HEX(n.serial)) = '%s'",
                          old, new);
}

static void renew(void)
{
    const char *one = serial("R-1").p, *two = serial("R-2").p;
    struct str file = str_fmt(a, "Operation,ID,Serial,Key,CSR\nRENEW,N-1,%s,PKCS12,\n", one), run;

    run = bulk_kit_checked(alice, "theirs.csv", file);
    is_str(code_of(run, 1), "bulk-serial-unknown", "another customer's certificate is unknown");
    run = bulk_kit_checked(operator, "renew.csv", file);
    is_int(bulk_kit_rows(run, "ready"), 1, "a certificate that ends soon may be renewed");
    (void)act(operator, run, "start");
    bulk_kit_work(run.p, "done");
    is_int(bulk_kit_rows(run, "done"), 1, "by an LRA operator, with a key made here");
    is_int(successor(one, serial("N-1").p), 1, "the old one names its successor, and stays valid");
    run = bulk_kit_checked(
        admin, "both.csv",
        str_fmt(a, "Operation,ID,Serial,Key,CSR\nRENEW,N-2,%s,CSR,%s\nRENEW,N-3,%s,PKCS12,\n", two,
                bulk_kit_csr().p, one));
    is_str(code_of(run, 2), "renewed-already", "what has a successor is not renewed again");
    (void)act(admin, run, "start");
    bulk_kit_work(run.p, "done");
    is_int(successor(two, serial("N-2").p), 1, "an administrator renews with a request");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.application WHERE renews IS NOT NULL AND "
                          "state = 'issued' AND via = 'bulk'"),
           2, "each by an application of its own");
    is_int(bulk_kit_count("SELECT COUNT(*) FROM shomei.certificate WHERE profile = 'user-auth'"), 4,
           "and no more certificates than that");
}

int main(void)
{
    if (!bulk_kit_start(3)) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    a = arena_new((size_t)1 << 28);
    log_open("test_bulk_renew", LOG_LEVEL_ERROR);
    admin = bulk_kit_browser("admin");
    operator= bulk_kit_browser("operator");
    alice = bulk_kit_browser("alice");
    issue();
    renew();
    bulk_kit_stop();
    return tap_done();
}
