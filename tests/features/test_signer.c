/*
 * test_signer.c - the signer's part of the queue, and the seals of the provider itself (issue 3):
 * each program claims its own kinds only, a witness or report seal signs and says what it is.
 */
#include "signing_kit.h"
#include "tap.h"

#include "base/log.h"
#include "features/authority/authority.h"
#include "features/authority/authority_work.h"
#include "features/signing/signing_provider.h"
#include "features/signing/signing_verify.h"
#include "sign/pdf_sign.h"
#include "sign/pdf_source.h"
#include "store/jobs.h"
#include "store/worker.h"

static const struct audit_by by = { .name = { "test", 4 } };
static struct db *signer;

/* --- the queue --- */

static int64_t minute(struct str kind, void *arg)
{
    (void)kind;
    (void)arg;
    return MINUTE_US;
}

static void order(const char *kind)
{
    struct tx *tx;
    is_err(tx_begin(kit.api, kit.a, &tx), E_OK, "begin");
    is_err(jobs_add(tx, kind, STR("{}"), TIMESTAMP_NONE, NULL), E_OK, kind);
    is_err(tx_commit(tx), E_OK, "committed");
}

static void test_queue(void)
{
    struct db *worker = harness_db(kit.p.h, DB_WORKER);
    struct job job;
    struct str none;

    is_err(harness_sql(kit.p.h, "DELETE FROM job", &none), E_OK, "an empty queue");
    order("signer.test");
    is_err(jobs_claim(worker, kit.a, JOBS_QUEUE_WORKER, STR("w"), minute, NULL, &job), E_ABSENT,
           "the worker does not see a job of the signer");
    order("test.signer.like");
    is_err(jobs_claim(signer, kit.a, JOBS_QUEUE_SIGNER, STR("s"), minute, NULL, &job), E_OK,
           "the signer has its own");
    is_str(job.kind, "signer.test", "and only that");
    is_err(jobs_claim(signer, kit.a, JOBS_QUEUE_SIGNER, STR("s"), minute, NULL, &job), E_ABSENT,
           "not the worker's");
    is_err(jobs_claim(worker, kit.a, JOBS_QUEUE_WORKER, STR("w"), minute, NULL, &job), E_OK,
           "which the worker has");
    is_str(job.kind, "test.signer.like", "although it looks alike");
    db_close(worker);
}

static void test_rights(void)
{
    struct str out;
    is_err(harness_sql_as(kit.p.h, DB_SIGNER, "SELECT COUNT(*) FROM session", &out), E_BACKEND,
           "the signer cannot read sessions");
    is_err(harness_sql_as(kit.p.h, DB_SIGNER, "UPDATE certificate SET state = 'issued'", &out),
           E_BACKEND, "nor issue certificates");
    is_err(harness_sql_as(kit.p.h, DB_SIGNER, "DELETE FROM audit_event", &out), E_BACKEND,
           "nor change the log");
}

/* --- the provider's seals --- */

static void make(size_t expected, const char *what)
{
    struct certificate_id made[SIGNING_PROVIDER__MAX];
    struct tenant_id provider;
    struct db *db = harness_db(kit.p.h, DB_CTL);
    struct tx *tx;
    size_t n = 0;

    is_err(tx_begin(db, kit.a, &tx), E_OK, "begin");
    enum err e = accounts_tenant_find(tx, STR("provider"), &provider);
    if (e == E_ABSENT)
        e = accounts_tenant_create(tx, &by, STR("provider"), STR("The provider"), ACCOUNTS_PROVIDER,
                                   TIMESTAMP_NONE, kit.p.now, &provider);
    is_err(e, E_OK, "the provider");
    is_err(signing_provider_make(tx, provider, STR("Shomei"), &by, kit.p.now, made, &n), E_OK,
           what);
    is_err(tx_commit(tx), E_OK, "committed");
    is_int((int64_t)n, (int64_t)expected, what);
    for (size_t i = 0; i < n; i++)
        is_err(authority_work_issue(db, kit.ca, made[i]), E_OK, "issued");
    db_close(db);
}

static enum err sign(struct db *db, enum signing_provider_purpose purpose, enum signing_level level,
                     struct bytes pdf, struct bytes *out)
{
    struct signing_provider_request rq = { .purpose = purpose,
                                           .tenant = kit.hanako.tenant,
                                           .by = by,
                                           .object = STR("envelope-1"),
                                           .level = level,
                                           .name = STR("山田 花子"),
                                           .now = kit.p.now };
    struct pdf_source source = pdf_source_memory(pdf);
    struct pdf_sign_result result;
    struct buf tail = buf_init(1 << 20);
    struct tx *tx;
    enum err e = tx_begin(db, kit.a, &tx);

    if (e == E_OK)
        e = signing_provider_sign(tx, &rq, &source, &tail, &result);
    if (e == E_OK)
        e = tx_commit(tx);
    else
        tx_rollback(tx);
    if (e == E_OK) {
        uint8_t *p = arena_alloc(kit.a, pdf.n + tail.n);
        memcpy(p, pdf.p, pdf.n);
        memcpy(p + pdf.n, tail.p, tail.n);
        *out = (struct bytes){ p, pdf.n + tail.n };
    }
    buf_free(&tail);
    return e;
}

static void test_seals(void)
{
    struct bytes one, two;
    struct str level;
    size_t n = 0;

    is_err(sign(signer, SIGNING_PROVIDER_REPORT, SIGNING_ES, kit.pdf, &one), E_BACKEND,
           "before init: no seal");
    is_str(str_z(fault_current()->reason), "provider-seal-missing", "which is said");
    make(2, "a witness and a report seal are made");
    make(0, "once");
    is_err(sign(signer, SIGNING_PROVIDER_WITNESS, SIGNING_ES_T, kit.pdf, &one), E_OK,
           "the witness signs in the signer");
    is_err(sign(signer, SIGNING_PROVIDER_REPORT, SIGNING_ES_A, one, &two), E_OK,
           "the report seal after it, up to ES-A");
    is_str(signing_kit_verdict(two, &level, &n), "total-passed", "both verify");
    is_str(level, "ES-T", "at the level of each");
    ok(harness_count(kit.p.h, "SELECT COUNT(*) FROM audit_event WHERE action = "
                              "'signing.provider.sign' AND object_id = 'envelope-1'") == 2,
       "each is in the audit log");
    is_int(harness_count(kit.p.h, "SELECT COUNT(*) FROM credential WHERE purpose IS NOT NULL "
                                  "AND (pin_bound = 1 OR account_id IS NOT NULL)"),
           0, "no person's key among them");
}

static void test_not_for_clients(void)
{
    struct str id, out;
    struct db *db = harness_db(kit.p.h, DB_CTL);
    struct tx *tx;

    is_err(harness_sql(kit.p.h, "SELECT public_id FROM credential WHERE purpose = 'witness'", &out),
           E_OK, "its id");
    id = str_trim(kit.a, out);
    is_err(harness_sql(kit.p.h,
                       "UPDATE client SET tenant_id = (SELECT id FROM tenant WHERE code = "
                       "'provider')",
                       &out),
           E_OK, "even a client of the provider");
    is_err(tx_begin(db, kit.a, &tx), E_OK, "begin");
    is_err(signing_client_allow(tx, kit.client.client, id, &by), E_ABSENT,
           "cannot be given the provider's own seal");
    tx_rollback(tx);
    db_close(db);
}

int main(int argc, char **argv)
{
    log_open("test_signer", LOG_LEVEL_ERROR);
    if (!signing_kit_start(argc, argv)) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    signing_kit_as_api();
    signer = harness_db(kit.p.h, DB_SIGNER);
    is_err(db_check(signer), E_OK, "the signer's statements fit the schema");
    test_queue();
    test_rights();
    test_seals();
    test_not_for_clients();
    db_close(signer);
    signing_kit_stop();
    return tap_done();
}
