/*
 * test_authority.c - the private PKI with real tokens and a real database, judged by openssl(1):
 * authorities, issuing with crashes in between, lists, OCSP (P3-13, P3-20 to P3-24, P3-47, P3-136,
 * P3-147, P3-148).
 */
#include "pki_kit.h"
#include "tap.h"

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/authority/authority_inside.h"
#include "features/status/status.h"
#include "pki/csr.h"
#include "pki/ocsp.h"

#include <stdlib.h>
#include <unistd.h>

#define openssl pki_kit_openssl
#define printed pki_kit_printed
#define save pki_kit_save
#define load pki_kit_load
#define work pki_kit_work

static struct arena *a;
static struct db *portal;
static struct tenant_id tenant = { 1 };

/* ---- steps ---- */

struct ask {
    struct signer_key *key;
    const char *profile, *cn;
    uint64_t account;
    struct certificate_id id;
    struct authority_certificate got;
    uint32_t reason;
    int64_t earlier_us;
    bool release;
};

static const struct audit_by by = { .name = { "test", 4 } };

static enum err request(struct tx *tx, void *arg)
{
    struct ask *k = arg;
    struct name name = { .n = 0 };
    struct signer signer = signer_key_signer(k->key);
    struct bytes subject, csr;

    name_add(&name, OID_C, STR("JP"));
    name_add(&name, OID_CN, str_z(k->cn));
    TRY(name_build(&name, a, &subject));
    TRY(csr_build(&signer, signer_key_spki(k->key), subject, a, &csr));
    const struct authority_application app = { .tenant = tenant,
                                               .account = { k->account },
                                               .profile = k->profile,
                                               .subject = &name,
                                               .csr = csr };
    TRY(authority_request(tx, &app, &k->id));
    return audit_note(tx, &by, "test.request", "certificate", k->id.v, NULL);
}

static enum err look(struct tx *tx, void *arg)
{
    struct ask *k = arg;

    return authority_certificate(tx, tenant, k->id, &k->got);
}

static enum err end(struct tx *tx, void *arg)
{
    struct ask *k = arg;

    if (k->release)
        TRY(authority_release(tx, tenant, k->id));
    else
        TRY(authority_revoke(tx, tenant, k->id, k->reason,
                             timestamp_add(clock_now(), -k->earlier_us)));
    return audit_note(tx, &by, "test.revoke", "certificate", k->id.v, NULL);
}

static enum authority_state state_of(struct ask *k)
{
    if (tx_run(portal, a, look, k) != E_OK)
        abort();
    return k->got.state;
}

static void issue(struct ask *k)
{
    is_err(tx_run(pki_kit.ctl, a, request, k), E_OK, "a certificate is requested");
    work();
    ok(state_of(k) == AUTHORITY_ISSUED, "and issued by the worker");
    save("leaf.pem", bytes_of_str(x509_pem(a, "CERTIFICATE", k->got.der)));
}

/* ---- what relying parties see ---- */

static enum err save_files(struct tx *tx, void *arg)
{
    static const char *const names[] = { "root", "signing", "access" };
    struct buf lists = buf_init(1 << 20);
    struct status_file f;

    (void)arg;
    for (size_t i = 0; i < 3; i++) {
        TRY(status_ca(tx, str_z(names[i]), &f));
        save(str_fmt(a, "%s.pem", names[i]).p, bytes_of_str(status_pem(a, &f)));
        TRY(status_crl(tx, str_z(names[i]), 0, &f));
        buf_add_str(&lists, x509_pem(a, "X509 CRL", f.data));
    }
    save("all.crl", buf_bytes(&lists));
    buf_free(&lists);
    return E_OK;
}

static bool crl_check(void)
{
    return tx_run(pki_kit.repository, a, save_files, NULL) == E_OK &&
           openssl("verify -x509_strict -crl_check_all -CAfile root.pem -untrusted signing.pem "
                   "-untrusted access.pem -CRLfile all.crl leaf.pem");
}

/* Ask about leaf.pem; the word that openssl prints for it. */
static bool ocsp_says(const char *issuer, const char *nonce, const char *digest, const char *word)
{
    struct status_ocsp answer;

    if (!openssl("ocsp %s %s -issuer %s.pem -cert leaf.pem -reqout q.der", nonce, digest, issuer))
        return false;
    (void)usleep(15000); /* longer than a process goes on without looking at the database */
    if (status_work_ocsp(a, load("q.der"), clock_now(), &answer) != E_OK)
        return false;
    save("r.der", answer.response);
    return openssl(
               "ocsp -no_nonce -reqin q.der -respin r.der -CAfile root.pem -verify_other %s.pem "
               "-issuer %s.pem %s -cert leaf.pem",
               issuer, issuer, digest) &&
           printed("Response verify OK") && printed(str_fmt(a, "leaf.pem: %s", word).p);
}

/* ---- the tests ---- */

static void authorities(void)
{
    is_err(pki_kit_init(), E_OK, "the authorities are made");
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.authority WHERE state='active'"),
           3, "root, signing, access");
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.certificate WHERE state='issued'"),
           6, "with two OCSP responders and a timestamp certificate");
    is_err(pki_kit_init(), E_OK, "again");
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.certificate"), 6,
           "changes nothing");
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.crl"), 3,
           "each has its first list");
    work();
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.certificate"), 6,
           "the worker finds nothing left to do");
    is_err(tx_run(pki_kit.repository, a, save_files, NULL), E_OK, "the files can be fetched");
    ok(openssl("verify -x509_strict -CAfile root.pem signing.pem") &&
           openssl("verify -x509_strict -CAfile root.pem access.pem"),
       "openssl accepts the authorities");
    ok(openssl("x509 -in signing.pem -noout -text") && printed("pathlen:0") &&
           printed("http://localhost:1/crl/root.crl") && printed("http://localhost:1/ca/root.cer"),
       "the issuing authority points to its issuer's list and certificate");
}

static void issuing(void)
{
    struct ask k = { .profile = "signing", .cn = "山田 太郎", .account = 1 };

    if (signer_key_new(SIGNER_RSA_SHA256, &k.key) != E_OK)
        abort();
    issue(&k);
    ok(crl_check(), "openssl verify -crl_check_all accepts it");
    ok(ocsp_says("signing", "", "", "good"), "OCSP: good, with a nonce");
    ok(ocsp_says("signing", "-no_nonce", "", "good"), "OCSP: good, without");
    ok(ocsp_says("signing", "-no_nonce", "-sha256", "good"), "OCSP: good, CertID by SHA-256");
    ok(openssl("x509 -in leaf.pem -noout -text") && printed("1.2.840.113583.1.1.5") &&
           printed("Non Repudiation") && printed("http://localhost:1/ocsp"),
       "it is a document-signing certificate");
    k.reason = CRL_HOLD;
    is_err(tx_run(portal, a, end, &k), E_OK, "suspended (P3-147)");
    ok(ocsp_says("signing", "-no_nonce", "", "revoked") && printed("certificateHold"),
       "OCSP says so at once, although an answer was kept");
    k.release = true;
    is_err(tx_run(portal, a, end, &k), E_OK, "released");
    is_err(tx_run(portal, a, end, &k), E_STATE, "only once");
    ok(ocsp_says("signing", "-no_nonce", "", "good"), "good again");
    k.release = false;
    k.reason = CRL_SUPERSEDED;
    is_err(tx_run(portal, a, end, &k), E_OK, "revoked (P3-136)");
    ok(ocsp_says("signing", "-no_nonce", "", "revoked") && printed("superseded"), "OCSP at once");
    ok(crl_check(), "the old list does not know yet");
    work();
    ok(!crl_check(), "the worker has made a new one that does");
    is_err(tx_run(portal, a, end, &k), E_STATE, "revoked is revoked");
    k.reason = CRL_KEY_COMPROMISE;
    k.earlier_us = HOUR_US;
    is_err(tx_run(portal, a, end, &k), E_OK, "but keyCompromise may be added later");
    k.reason = CRL_AA_COMPROMISE;
    is_err(tx_run(portal, a, end, &k), E_INPUT, "reasons of others are refused");
    work();
    signer_key_free(k.key);
}

static void refusals(void)
{
    struct ask k = { .profile = "signing", .cn = "x", .account = 1 };
    struct tenant_id other = { 2 };

    if (signer_key_new(SIGNER_P256_SHA256, &k.key) != E_OK)
        abort();
    issue(&k);
    k.account = 2;
    is_err(tx_run(pki_kit.ctl, a, request, &k), E_INPUT, "a key in another person's certificate");
    is_str(str_z(fault_current()->reason), "key-used", "is refused with the reason");
    tenant = other;
    is_err(tx_run(portal, a, look, &k), E_ABSENT, "another tenant does not see the row");
    is_err(tx_run(portal, a, end, &k), E_ABSENT, "and cannot revoke it");
    tenant = (struct tenant_id){ 1 };
    k.account = 1;
    k.cn = "a\xE2\x80\xAE";
    is_err(tx_run(pki_kit.ctl, a, request, &k), E_INPUT, "a name with a bidi override");
    k.profile = "issuing";
    k.cn = "x";
    is_err(tx_run(pki_kit.ctl, a, request, &k), E_INPUT, "nobody asks for an authority");
    signer_key_free(k.key);
}

static enum err only_prepare(struct tx *tx, void *arg)
{
    struct ask *k = arg;

    return authority_prepare(tx, k->id);
}

static enum err prepare_and_crash(struct tx *tx, void *arg)
{
    struct ask *k = arg;

    TRY(authority_prepare(tx, k->id));
    return FAIL(E_INTERNAL, "", "crash before the commit");
}

static enum err sign_and_crash(struct tx *tx, void *arg)
{
    struct ask *k = arg;

    TRY(authority_sign(tx, pki_kit.ca, k->id));
    return FAIL(E_INTERNAL, "", "crash before the commit");
}

static void crashes(void)
{
    struct ask k = { .profile = "signing", .cn = "crash", .account = 1 };
    struct db *db = harness_db(pki_kit.h, DB_WORKER);

    if (signer_key_new(SIGNER_P256_SHA256, &k.key) != E_OK)
        abort();
    is_err(tx_run(pki_kit.ctl, a, request, &k), E_OK, "requested");
    is_err(tx_run(db, a, prepare_and_crash, &k), E_INTERNAL, "crash while preparing");
    ok(state_of(&k) == AUTHORITY_REQUESTED, "leaves the request");
    is_err(tx_run(db, a, only_prepare, &k), E_OK, "prepared");
    ok(state_of(&k) == AUTHORITY_SIGNING && k.got.serial.n == 40 && !k.got.der.p,
       "serial number and bytes are stored before anything is signed");
    struct str serial = str_dup(a, k.got.serial);
    is_err(tx_run(db, a, sign_and_crash, &k), E_INTERNAL, "crash after signing");
    ok(state_of(&k) == AUTHORITY_SIGNING, "nothing is released");
    work();
    ok(state_of(&k) == AUTHORITY_ISSUED && str_eq(serial, k.got.serial),
       "the worker releases it, with the same serial number");
    work();
    is_int(harness_count(pki_kit.h,
                         "SELECT COUNT(*) FROM shomei.certificate WHERE subject_text LIKE "
                         "'%crash%' AND der IS NOT NULL"),
           1, "there is one");
    db_close(db);
    signer_key_free(k.key);
}

static enum err client(struct tx *tx, void *arg)
{
    struct ask *k = arg;
    struct bytes pem = load("leaf.pem");

    return authority_client_certificate(tx, str_of(a, (const char *)pem.p, pem.n), "client",
                                        timestamp_add(clock_now(), k->earlier_us), &k->got);
}

static void clients(void)
{
    struct ask k = { .profile = "client", .cn = "system 1" };

    if (signer_key_new(SIGNER_P256_SHA256, &k.key) != E_OK)
        abort();
    issue(&k);
    ok(openssl("verify -purpose sslclient -CAfile root.pem -untrusted access.pem leaf.pem"),
       "a connection certificate (P3-13)");
    ok(ocsp_says("access", "", "", "good"), "its own responder answers");
    ok(tx_run(portal, a, client, &k) == E_OK && k.got.id.v == k.id.v && k.got.tenant.v == 1,
       "leads to its row and tenant");
    k.earlier_us = 400 * DAY_US;
    is_err(tx_run(portal, a, client, &k), E_AUTH, "not when it has expired");
    is_str(str_z(fault_current()->reason), "client-certificate-expired", "the reason says so");
    k.earlier_us = 0;
    k.reason = CRL_UNSPECIFIED;
    is_err(tx_run(portal, a, end, &k), E_OK, "revoked");
    is_err(tx_run(portal, a, client, &k), E_AUTH, "is refused at once (P3-148)");
    is_str(str_z(fault_current()->reason), "client-certificate-revoked", "with the reason");
    ok(openssl("req -x509 -newkey rsa:2048 -nodes -keyout k.pem -subj /CN=x -out leaf.pem"), "own");
    is_err(tx_run(portal, a, client, &k), E_AUTH, "a certificate of somebody else is unknown");
    struct status_ocsp answer;
    ok(openssl("ocsp -issuer leaf.pem -cert leaf.pem -reqout q.der") &&
           status_work_ocsp(a, load("q.der"), clock_now(), &answer) == E_OK &&
           answer.response.n == 5 && answer.response.p[4] == OCSP_UNAUTHORIZED,
       "OCSP is not authorised to say anything about it");
    ok(openssl("ocsp -issuer access.pem -serial 0x1234567890 -reqout q.der") &&
           status_work_ocsp(a, load("q.der"), clock_now(), &answer) == E_OK && !answer.cacheable,
       "a number never issued is asked about");
    save("r.der", answer.response);
    ok(openssl("ocsp -no_nonce -reqin q.der -respin r.der -CAfile root.pem -verify_other "
               "access.pem -issuer access.pem -serial 0x1234567890") &&
           printed(": unknown"),
       "and unknown");
    signer_key_free(k.key);
}

/* Let the clock of the worker's periodic tasks run out, and let it work. */
static void hours_later(const char *sql)
{
    struct str none;

    is_err(harness_sql(pki_kit.h, str_fmt(a, "USE shomei; %s; UPDATE task SET due = NOW(6)", sql).p,
                       &none),
           E_OK, "time passes");
    work();
}

/* Nothing outlives its issuer: told when it is asked for, and looked at again when it is issued. */
static void outliving(void)
{
    struct ask k = { .profile = "signing", .cn = "x", .account = 1 };

    if (signer_key_new(SIGNER_P256_SHA256, &k.key) != E_OK)
        abort();
    hours_later("UPDATE shomei.authority SET not_after = not_after - INTERVAL 100 YEAR WHERE name "
                "= 'signing'");
    is_err(tx_run(pki_kit.ctl, a, request, &k), E_STATE, "an authority that ends before");
    is_str(str_z(fault_current()->reason), "authority-ends", "is no issuer");
    hours_later("UPDATE shomei.authority SET not_after = not_after + INTERVAL 100 YEAR WHERE name "
                "= 'signing'");
    is_err(tx_run(pki_kit.ctl, a, request, &k), E_OK, "in time");
    hours_later("UPDATE shomei.certificate SET validity_us = 3000000000000000 WHERE state = "
                "'requested'");
    work();
    ok(state_of(&k) == AUTHORITY_REFUSED, "a promise that cannot be kept is refused, not cut");
    is_str(k.got.refused, "authority-ends", "and the reason is recorded");
    signer_key_free(k.key);
}

static void upkeep(void)
{
    struct ask k = { .profile = "signing", .cn = "upkeep", .account = 1 };
    struct str none;

    hours_later("UPDATE certificate SET not_before = NOW(6) - INTERVAL 21 DAY, not_after = NOW(6) "
                "+ INTERVAL 9 DAY WHERE profile='ocsp'");
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.certificate WHERE profile='ocsp'"
                                    " AND state='issued'"),
           4, "responders get new certificates before the old ones end");
    int64_t number = harness_count(pki_kit.h, "SELECT SUM(crl_number) FROM shomei.authority");
    hours_later("UPDATE crl SET this_update = this_update - INTERVAL 4 DAY, next_update ="
                " next_update - INTERVAL 4 DAY WHERE authority_id > 1");
    is_int(harness_count(pki_kit.h, "SELECT SUM(crl_number) FROM shomei.authority"), number + 2,
           "lists are made anew at half their life");
    if (signer_key_new(SIGNER_P256_SHA256, &k.key) != E_OK)
        abort();
    is_err(tx_run(pki_kit.ctl, a, request, &k), E_OK, "a request");
    is_err(harness_sql(pki_kit.h, "DELETE FROM shomei.job WHERE state='ready'", &none), E_OK,
           "whose job is lost");
    hours_later("UPDATE certificate SET requested_at = NOW(6) - INTERVAL 1 HOUR WHERE"
                " state='requested'");
    ok(state_of(&k) == AUTHORITY_ISSUED, "is found and issued");
    is_err(tx_run(portal, a, end, &k), E_OK, "revoked");
    work();
    static const char *const entries =
        "SELECT c.entries FROM shomei.crl c JOIN shomei.authority a ON a.id = c.authority_id AND"
        " a.crl_number = c.number WHERE a.name='signing'";
    int64_t listed = harness_count(pki_kit.h, entries);
    hours_later(str_fmt(a,
                        "UPDATE certificate SET not_before = NOW(6) - INTERVAL 9 DAY, not_after ="
                        " NOW(6) WHERE id=%llu; UPDATE authority SET changes = changes + 1",
                        (unsigned long long)k.id.v)
                    .p);
    is_int(harness_count(pki_kit.h, entries), listed, "an expired certificate is listed once more");
    hours_later(str_fmt(a,
                        "UPDATE certificate SET not_after = NOW(6) - INTERVAL 8 DAY WHERE id=%llu;"
                        " UPDATE crl SET this_update = this_update - INTERVAL 9 DAY;"
                        " UPDATE authority SET changes = changes + 1",
                        (unsigned long long)k.id.v)
                    .p);
    is_int(harness_count(pki_kit.h, entries), listed, "also when nobody made one for long");
    hours_later("UPDATE authority SET changes = changes + 1");
    is_int(harness_count(pki_kit.h, entries), listed - 1,
           "and no longer after the life of a list (BR 4.10.1)");
    signer_key_free(k.key);
}

static void away(void)
{
    struct status_ocsp answer;
    struct bytes q = load("q.der");

    harness_kill(pki_kit.h);
    struct timestamp later = timestamp_add(clock_now(), MINUTE_US);
    ok(status_work_ocsp(a, q, later, &answer) == E_OK && answer.response.n == 5 &&
           answer.response.p[4] == OCSP_TRY_LATER,
       "without the database OCSP says tryLater");
    harness_restart(pki_kit.h);
    ok(status_work_ocsp(a, q, later, &answer) == E_OK && answer.response.n > 100,
       "and answers when it is back");
}

int main(void)
{
    log_open("test_authority", LOG_LEVEL_ERROR);
    if (!pki_kit_start()) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    a = pki_kit.arena;
    portal = pki_kit.portal;
    status_work_open(pki_kit.status, pki_kit.repository);
    authorities();
    issuing();
    refusals();
    outliving();
    crashes();
    clients();
    upkeep();
    away();
    status_work_close();
    pki_kit_stop();
    return tap_done();
}
