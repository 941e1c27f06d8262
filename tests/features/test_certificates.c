/*
 * test_certificates.c - certificates after their issue: who may see and do what, revoking,
 * suspending, releasing with openssl(1) as judge of OCSP and lists, a race, dating back, files, and
 * renewal (P1-30, P3-32, P3-44, P3-136, P3-147).
 */
#include "lifecycle_kit.h"

#include "base/encoding.h"
#include "base/log.h"
#include "features/certificates/certificates_decode.h"
#include "features/certificates/certificates_reason.h"
#include "features/registration/registration.h"
#include "features/status/status.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static bool because(const char *reason)
{
    if (strcmp(fault_current()->reason, reason) == 0)
        return true;
    tap_note("reason is %s", fault_current()->reason);
    return false;
}

/* --- short forms: one act in a transaction of its own --- */

static enum err end(struct tx *tx, enum err e)
{
    if (e == E_OK)
        return tx_commit(tx);
    people_undo(tx);
    return e;
}

static enum err end_it(struct account_id id, struct certificate_id c, uint32_t reason,
                       struct timestamp when)
{
    const struct certificates_change change = { CERTIFICATES_PAGE, reason, when };
    struct certificates_who who = lifecycle_kit_who(id);
    struct audit_by by = lifecycle_kit_by(id);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    return end(tx, certificates_revoke(tx, &by, &who, c, &change, clock_now(), NULL));
}

static enum err hold(struct account_id id, struct certificate_id c, bool release)
{
    struct certificates_who who = lifecycle_kit_who(id);
    struct audit_by by = lifecycle_kit_by(id);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    return end(
        tx, release ? certificates_release(tx, &by, &who, c, CERTIFICATES_PAGE, clock_now(), NULL)
                    : certificates_suspend(tx, &by, &who, c, CERTIFICATES_PAGE, clock_now(), NULL));
}

static enum err see(struct account_id id, struct certificate_id c, uint32_t *may)
{
    struct certificates_who who = lifecycle_kit_who(id);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct certificates_certificate out;
    enum err e = certificates_get(tx, &who, c, clock_now(), &out);

    people_undo(tx);
    if (e == E_OK && may != NULL)
        *may = out.may;
    return e;
}

/* --- who --- */

static void scopes(void)
{
    struct certificate_id mine = lifecycle_kit_issue("scope", "smime", kit.hanako, kit.hanako);
    struct certificate_id device =
        lifecycle_kit_issue("scope-device", "device", kit.admin, (struct account_id){ 0 });
    uint32_t may = 0;

    is_err(see(kit.hanako, mine, &may), E_OK, "one's own certificate");
    ok((may & CERTIFICATES_MAY_REVOKE) != 0 && (may & CERTIFICATES_MAY_WITHDRAW) == 0,
       "may be revoked, but not with the reason that is the authority's");
    is_err(see(kit.jiro, mine, NULL), E_ABSENT, "not another person's");
    is_err(see(kit.hanako, device, NULL), E_ABSENT, "nor a device that somebody else asked for");
    is_err(see(kit.lra, mine, &may), E_OK, "an LRA operator sees those of the customer");
    ok((may & CERTIFICATES_MAY_WITHDRAW) != 0, "and may withdraw the right");
    is_err(see(kit.admin, device, NULL), E_OK, "and so does the administrator");
    is_err(see(kit.midori, mine, NULL), E_ABSENT, "but not another customer's");
    is_err(see(kit.support, mine, &may), E_OK, "support looks at all");
    is_int(may, 0, "and may do nothing");
    is_err(end_it(kit.support, mine, CERTIFICATES_UNSPECIFIED, TIMESTAMP_NONE), E_DENIED,
           "also not by force");
    is_err(hold(kit.support, mine, false), E_DENIED, "nor suspend");
    is_err(end_it(kit.midori, mine, CERTIFICATES_UNSPECIFIED, TIMESTAMP_NONE), E_ABSENT,
           "another customer's administrator revokes nothing");
    is_err(end_it(kit.jiro, mine, CERTIFICATES_UNSPECIFIED, TIMESTAMP_NONE), E_ABSENT,
           "nor does another person");
    is_err(end_it(kit.hanako, mine, CERTIFICATES_WITHDRAWN, TIMESTAMP_NONE), E_INPUT,
           "privilegeWithdrawn is not a subscriber's reason (BR 7.2.2)");
    is_err(end_it(kit.hanako, mine, CERTIFICATES_HOLD, TIMESTAMP_NONE), E_INPUT,
           "and a suspension is no revocation");
    is_err(end_it(kit.hanako, mine, 10, TIMESTAMP_NONE), E_INPUT, "nor is a CA's reason given");
    is_err(end_it(kit.sysadmin, device, CERTIFICATES_CESSATION, TIMESTAMP_NONE), E_OK,
           "the provider's system administrator revokes any");
}

static void serials(void)
{
    struct certificate_id id = lifecycle_kit_issue("serial", "smime", kit.hanako, kit.hanako);
    struct certificates_certificate c = lifecycle_kit_look(id, clock_now()), found;
    struct certificates_who who = lifecycle_kit_who(kit.admin),
                            other = lifecycle_kit_who(kit.midori);
    struct str typed = str_fmt(kit.a, "%.2s:%.4s %s", c.serial.p, c.serial.p + 2, c.serial.p + 6);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    is_err(certificates_by_serial(tx, &who, typed, clock_now(), &found), E_OK,
           "found by its number, however it is written");
    is_int((int64_t)found.id.v, (int64_t)id.v, "the right one");
    is_err(certificates_by_serial(tx, &other, c.serial, clock_now(), &found), E_ABSENT,
           "not by another customer");
    is_err(certificates_by_serial(tx, &who, STR("00aa"), clock_now(), &found), E_ABSENT,
           "a number that does not exist");
    is_err(certificates_by_serial(tx, &who, STR("xyz"), clock_now(), &found), E_INPUT,
           "and one that is none");
    people_undo(tx);
}

/* --- status, as openssl(1) sees it --- */

static void save_authorities(void)
{
    struct status_file f;
    struct tx *tx = people_tx(&kit.p, lifecycle_kit_repository());

    is_err(status_ca(tx, STR("root"), &f), E_OK, "root");
    lifecycle_kit_save("root.pem", bytes_of_str(x509_pem(kit.a, "CERTIFICATE", f.data)));
    is_err(status_ca(tx, STR("access"), &f), E_OK, "issuing CA");
    lifecycle_kit_save("access.pem", bytes_of_str(x509_pem(kit.a, "CERTIFICATE", f.data)));
    people_undo(tx);
}

/* What the responder says now: "good", "revoked" with this reason. */
static bool ocsp(const char *name, const char *word)
{
    struct status_ocsp answer;

    usleep(20000); /* the responder looks for changes every 10 ms */
    if (!lifecycle_kit_openssl("ocsp -no_nonce -issuer access.pem -cert %s.pem -reqout q.der",
                               name) ||
        status_work_ocsp(kit.a, lifecycle_kit_load("q.der"), clock_now(), &answer) != E_OK)
        return false;
    lifecycle_kit_save("r.der", answer.response);
    return lifecycle_kit_openssl("ocsp -no_nonce -respin r.der -CAfile root.pem -verify_other "
                                 "access.pem -issuer access.pem -cert %s.pem",
                                 name) &&
           lifecycle_kit_printed("Response verify OK") && lifecycle_kit_printed(word);
}

/* Whether the newest list, which the worker makes when it is its turn, names it. */
static bool listed(const char *name)
{
    struct status_file f;
    struct tx *tx;

    lifecycle_kit_work();
    tx = people_tx(&kit.p, lifecycle_kit_repository());
    is_err(status_crl(tx, STR("access"), 0, &f), E_OK, "a list");
    people_undo(tx);
    lifecycle_kit_save("list.der", f.data);
    ok(lifecycle_kit_openssl("crl -inform DER -in list.der -out list.pem -CAfile access.pem"),
       "that openssl reads");
    (void)lifecycle_kit_openssl(
        "verify -crl_check -CAfile root.pem -untrusted access.pem -CRLfile list.pem %s.pem", name);
    return lifecycle_kit_printed("certificate revoked");
}

static void revoking(void)
{
    struct certificate_id id = lifecycle_kit_issue("gone", "smime", kit.hanako, kit.hanako);
    struct certificates_certificate c;
    struct str mails = str_fmt(kit.a, "SELECT COUNT(*) FROM shomei.mail WHERE template = "
                                      "'certificates/notice' AND recipient = 'hanako@example.test' "
                                      "AND subject REGEXP '失効|revoked'");
    int64_t before = lifecycle_kit_count(mails.p);

    ok(ocsp("gone", "good"), "good before");
    is_err(end_it(kit.hanako, id, CERTIFICATES_SUPERSEDED, TIMESTAMP_NONE), E_OK,
           "a subscriber revokes");
    ok(ocsp("gone", "superseded"), "OCSP says so at once, with the reason");
    ok(listed("gone"), "and the next list");
    is_int(lifecycle_kit_count(mails.p), before + 1, "the subscriber gets a mail");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.mail WHERE template = "
                               "'certificates/notice' AND (text_part LIKE '%hanako%' OR text_part "
                               "LIKE '%example.test%')"),
           0, "without personal data in its text (P1-51)");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.audit_event WHERE action = "
                               "'certificates.certificate.revoke' AND detail LIKE '%\"page\"%'"),
           1, "the audit log has it");
    is_err(end_it(kit.hanako, id, CERTIFICATES_CESSATION, TIMESTAMP_NONE), E_STATE,
           "once is enough");
    ok(because("already-revoked"), "and the answer says so");
    is_err(hold(kit.admin, id, false), E_STATE, "what is revoked is not suspended");
    is_err(hold(kit.admin, id, true), E_STATE, "nor released");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.blocked_key"), 0,
           "the key is not blocked for that reason");
    is_err(end_it(kit.admin, id, CERTIFICATES_KEY_COMPROMISE,
                  timestamp_add(clock_now(), -30 * SECOND_US)),
           E_OK, "later it turns out that the key was compromised (BR 7.2.2)");
    c = lifecycle_kit_look(id, clock_now());
    is_int(c.reason, CERTIFICATES_KEY_COMPROMISE, "the reason changes");
    ok(ocsp("gone", "keyCompromise"), "in OCSP as well");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.blocked_key WHERE reason = "
                               "'compromised'"),
           1, "the key is blocked for ever");
    is_err(end_it(kit.admin, id, CERTIFICATES_KEY_COMPROMISE, TIMESTAMP_NONE), E_STATE,
           "it is not changed back, nor again");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.certificate_change WHERE kind IN "
                               "('revoked', 'compromised')"),
           2, "the history holds each");
}

static void dating_back(void)
{
    struct certificate_id id = lifecycle_kit_issue("back", "smime", kit.hanako, kit.hanako);
    struct certificates_certificate c = lifecycle_kit_look(id, clock_now());
    struct timestamp now = clock_now(), early = timestamp_add(c.not_before, -SECOND_US);
    struct str shift;

    is_err(end_it(kit.hanako, id, CERTIFICATES_KEY_COMPROMISE, timestamp_add(now, -MINUTE_US)),
           E_INPUT, "a subscriber does not undo signatures of yesterday");
    ok(because("bad-date"), "and the answer says so");
    is_err(end_it(kit.admin, id, CERTIFICATES_SUPERSEDED, timestamp_add(now, -MINUTE_US)), E_INPUT,
           "only a compromise is dated back");
    is_err(end_it(kit.admin, id, CERTIFICATES_KEY_COMPROMISE, timestamp_add(now, DAY_US)), E_INPUT,
           "never into the future");
    is_err(end_it(kit.sysadmin, id, CERTIFICATES_KEY_COMPROMISE, early), E_INPUT,
           "nor before the certificate's begin, whoever asks");
    is_err(harness_sql(kit.p.h,
                       str_fmt(kit.a,
                               "UPDATE shomei.certificate SET not_before = NOW(6) - INTERVAL 30 "
                               "DAY WHERE id = %llu",
                               (unsigned long long)id.v)
                           .p,
                       &shift),
           E_OK, "a certificate of last month");
    is_err(end_it(kit.admin, id, CERTIFICATES_KEY_COMPROMISE, timestamp_add(now, -8 * DAY_US)),
           E_INPUT, "an administrator goes back seven days at most");
    is_err(end_it(kit.sysadmin, id, CERTIFICATES_KEY_COMPROMISE, timestamp_add(now, -20 * DAY_US)),
           E_OK, "the provider further");
    c = lifecycle_kit_look(id, clock_now());
    ok(c.revoked_at.us == now.us - 20 * DAY_US, "and that is the revocation date");
}

static void suspending(void)
{
    uint32_t may = 0;
    struct certificate_id id = lifecycle_kit_issue("hold", "smime", kit.hanako, kit.hanako);
    struct certificate_id fixed =
        lifecycle_kit_issue("fixed", "tls-private", kit.admin, (struct account_id){ 0 });

    is_err(hold(kit.hanako, id, true), E_STATE, "nothing to release");
    is_err(hold(kit.hanako, id, false), E_OK, "a subscriber suspends (P3-147)");
    ok(ocsp("hold", "certificateHold"), "OCSP says so at once");
    ok(listed("hold"), "and the next list");
    is_err(hold(kit.hanako, id, false), E_STATE, "once");
    is_err(hold(kit.midori, id, true), E_ABSENT, "nobody outside releases it");
    is_err(hold(kit.lra, id, true), E_OK, "the LRA operator releases it");
    ok(ocsp("hold", "good"), "it is good again");
    ok(!listed("hold"), "and on no list");
    is_err(hold(kit.hanako, id, false), E_OK, "what a subscriber suspended");
    is_err(hold(kit.hanako, id, true), E_OK, "the subscriber releases");
    is_err(hold(kit.admin, id, false), E_OK, "suspended once more, by the administrator");
    is_err(hold(kit.hanako, id, true), E_STATE, "the subscriber does not release that");
    is_err(see(kit.hanako, id, &may), E_OK, "but sees it");
    ok((may & CERTIFICATES_MAY_RELEASE) == 0, "without an offer to release it");
    is_err(end_it(kit.admin, id, CERTIFICATES_WITHDRAWN, TIMESTAMP_NONE), E_OK,
           "what is suspended can be revoked");
    ok(ocsp("hold", "revoked"), "for good");
    is_err(hold(kit.admin, fixed, false), E_STATE, "a profile without suspension");
    ok(because("not-suspendable"), "says so");
}

/* --- two at once --- */

static int race_one(struct certificate_id id, uint32_t reason)
{
    const struct certificates_change change = { CERTIFICATES_PAGE, reason, TIMESTAMP_NONE };
    struct certificates_who who = { .tenant = kit.p.sakura,
                                    .account = kit.admin,
                                    .roles = ROLE_CUSTOMER_ADMIN };
    struct audit_by by = { .tenant = kit.p.sakura, .account = kit.admin, .name = STR("race") };
    struct db *db = harness_db(kit.p.h, DB_PORTAL);
    struct arena *a = arena_new(16 << 20);
    struct tx *tx;
    enum err e = tx_begin(db, a, &tx);

    if (e != E_OK)
        return 3;
    e = certificates_revoke(tx, &by, &who, id, &change, clock_now(), NULL);
    if (e == E_OK)
        return tx_commit(tx) == E_OK ? 0 : 3;
    tx_rollback(tx);
    return e == E_STATE ? 1 : 2;
}

static void race(void)
{
    enum { RUNNERS = 6 };
    struct certificate_id id = lifecycle_kit_issue("race", "smime", kit.hanako, kit.hanako);
    int outcome[4] = { 0 }, status;
    struct str sql = str_fmt(kit.a,
                             "SELECT COUNT(*) FROM shomei.certificate_change WHERE certificate_id "
                             "= %llu",
                             (unsigned long long)id.v);

    for (int i = 0; i < RUNNERS; i++)
        if (fork() == 0)
            _exit(race_one(id, CERTIFICATES_SUPERSEDED));
    for (int i = 0; i < RUNNERS; i++)
        if (wait(&status) > 0)
            outcome[WIFEXITED(status) ? WEXITSTATUS(status) & 3 : 3]++;
    is_int(outcome[0], 1, "of many who revoke at once one does");
    is_int(outcome[1], RUNNERS - 1, "the others are told that it was done");
    is_int(lifecycle_kit_count(sql.p), 1, "and it is done once");
}

/* --- files --- */

static void files(void)
{
    struct certificate_id id =
        lifecycle_kit_issue("file", "device", kit.admin, (struct account_id){ 0 });
    struct certificates_certificate c = lifecycle_kit_look(id, clock_now());
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    struct certificates_decoded d;
    struct bytes *chain, p7;
    size_t n;

    is_err(authority_chain(tx, id, &chain, &n), E_OK, "its chain");
    is_err(certificates_pkcs7(kit.a, c.der, chain, n, &p7), E_OK, "PKCS#7");
    people_undo(tx);
    lifecycle_kit_save("file.p7b", p7);
    ok(lifecycle_kit_openssl("pkcs7 -inform DER -in file.p7b -print_certs -out all.pem") &&
           lifecycle_kit_openssl("storeutl -noout -certs all.pem") &&
           lifecycle_kit_printed("Total found: 3"),
       "openssl finds three certificates in the PKCS#7 file");
    lifecycle_kit_save("chain.pem", bytes_of_str(certificates_pem(kit.a, c.der, chain, n)));
    ok(lifecycle_kit_openssl("verify -CAfile root.pem -untrusted chain.pem file.pem"),
       "the chain verifies");
    is_err(certificates_decode(kit.a, c.der, &d), E_OK, "decoded");
    is_str(d.key, "ECDSA P-256", "its key");
    ok(lifecycle_kit_openssl("x509 -in file.pem -noout -fingerprint -sha256 -serial"), "openssl");
    ok(lifecycle_kit_printed(str_fmt(kit.a, "%.2s:%.2s:%.2s",
                                     hex_encode_upper(kit.a, bytes_of_32(&d.x.fingerprint)).p,
                                     hex_encode_upper(kit.a, bytes_of_32(&d.x.fingerprint)).p + 2,
                                     hex_encode_upper(kit.a, bytes_of_32(&d.x.fingerprint)).p + 4)
                                 .p),
       "has the same fingerprint");
    ok(lifecycle_kit_printed(hex_encode_upper(kit.a, x509_serial(&d.x)).p), "and serial number");
    is_int(d.x.not_after.us - d.x.not_before.us, 730 * DAY_US - SECOND_US,
           "730 days and not a second more: the last one belongs to it (BR 6.3.2)");
    ok(c.not_after.us == d.x.not_after.us && d.x.not_before.us <= clock_now().us, "begun");
    ok(d.ekus_n == 1 && str_eq_z(d.ekus[0], "1.3.6.1.5.5.7.3.2"), "client authentication");
    ok(d.subject_n >= 3 && strcmp(d.subject[0].kind, "C") == 0, "the subject in pieces");
    is_str(certificates_filename(kit.a, STR("山田 花子/営業:1"), STR("01")), "山田-花子-営業-1",
           "a file name in Japanese, made harmless");
    is_str(certificates_filename(kit.a, STR(""), STR("0123456789abcdef01")),
           "certificate-0123456789abcdef", "or the number where there is no name");
}

/* --- renewal --- */

static enum err values(struct account_id who_id, struct certificate_id id, struct timestamp now,
                       struct certificates_renewal *out)
{
    struct certificates_who who = lifecycle_kit_who(who_id);
    struct tx *tx = people_tx(&kit.p, kit.p.portal);
    enum err e = certificates_renew_values(tx, &who, id, now, out);

    people_undo(tx);
    return e;
}

static struct application_id renew(struct certificate_id id, const struct certificates_renewal *v,
                                   struct bytes csr, enum err want)
{
    struct audit_by by = lifecycle_kit_by(kit.admin);
    struct registration_new n = { .tenant = v->tenant,
                                  .applicant = kit.admin,
                                  .subscriber = v->subscriber,
                                  .via = STR("page"),
                                  .profile = v->profile,
                                  .key_source = PROFILES_CSR,
                                  .values = v->values,
                                  .values_n = v->values_n,
                                  .csr = csr,
                                  .renews = id,
                                  .contact = v->contact,
                                  .lang = v->lang };
    struct registration r = { .id = { 0 } };
    struct tx *tx = people_tx(&kit.p, kit.p.portal);

    is_err(end(tx, registration_submit(tx, &by, &n, clock_now(), &r)), want, "a renewal");
    return r.id;
}

/* As if its key were in the key store. */
static void credential(struct certificate_id id)
{
    struct str out;

    is_err(
        harness_sql(kit.p.h,
                    str_fmt(kit.a,
                            "INSERT INTO shomei.credential (public_id, tenant_id, label, "
                            "key_kind, key_blob, pin_bound, spki, key_id, certificate_id, "
                            "created_at) SELECT 'test', tenant_id, 'test', 'p256', 'x', 0, spki, "
                            "spki_sha256, id, NOW(6) FROM shomei.certificate WHERE id = %llu",
                            (unsigned long long)id.v)
                        .p,
                    &out),
        E_OK, "a credential");
}

static void renewal(void)
{
    struct certificate_id id =
        lifecycle_kit_issue("old", "device", kit.admin, (struct account_id){ 0 });
    struct certificates_certificate c = lifecycle_kit_look(id, clock_now());
    struct timestamp soon = timestamp_add(c.not_after, -50 * DAY_US);
    struct certificates_renewal v;
    struct application_id application;

    is_err(values(kit.admin, id, clock_now(), &v), E_STATE, "two years before its end");
    ok(because("too-early"), "it is too early");
    is_err(values(kit.midori, id, soon, &v), E_ABSENT, "another customer renews nothing");
    is_err(values(kit.support, id, soon, &v), E_DENIED, "nor does the provider");
    is_err(values(kit.admin, id, timestamp_add(c.not_after, DAY_US), &v), E_STATE,
           "what has ended is not renewed");
    is_err(values(kit.admin, id, soon, &v), E_OK, "in time");
    ok(v.same_key && v.csr.p != NULL && v.values_n >= 2, "with all values and the old request");
    credential(id);
    application = renew(id, &v, v.csr, E_OK);
    is_err(values(kit.admin, id, soon, &v), E_STATE, "one at a time");
    ok(because("renewed-already"), "and the answer says so");
    struct certificate_id next = lifecycle_kit_approve(application);
    c = lifecycle_kit_look(id, clock_now());
    is_int((int64_t)c.replaced_by.v, (int64_t)next.v, "the old one names its successor");
    is_int(c.state, AUTHORITY_ISSUED, "and stays valid until its own end");
    is_int(lifecycle_kit_count(
               str_fmt(kit.a, "SELECT COUNT(*) FROM shomei.credential WHERE certificate_id = %llu",
                       (unsigned long long)next.v)
                   .p),
           1, "a key in the key store goes on with the new one");
    is_int((int64_t)lifecycle_kit_look(next, clock_now()).replaces.v, (int64_t)id.v,
           "and the new one what it renews");
    is_int(lifecycle_kit_count(
               str_fmt(kit.a,
                       "SELECT COUNT(*) FROM shomei.certificate c JOIN shomei.application p ON "
                       "p.id = c.application_id JOIN shomei.profile f ON f.name = c.profile AND "
                       "f.version = c.profile_version WHERE c.id = %llu AND c.cps = f.cps AND "
                       "c.cps LIKE '%%CPS%%' AND c.requested_by = p.applicant_id AND "
                       "p.profile_version = f.version",
                       (unsigned long long)next.v)
                   .p),
           1, "each remembers version of the profile, practice statement, and who asked (P3-43)");
    is_int(lifecycle_kit_count("SELECT COUNT(*) FROM shomei.certificate_change WHERE kind = "
                               "'replaced'"),
           1, "the history has it");
    is_err(values(kit.admin, id, soon, &v), E_STATE, "it is not renewed twice");
    id = lifecycle_kit_issue("person", "smime", kit.hanako, kit.hanako);
    c = lifecycle_kit_look(id, clock_now());
    soon = timestamp_add(c.not_after, -50 * DAY_US);
    is_err(values(kit.hanako, id, soon, &v), E_OK, "a person's own");
    ok(!v.same_key, "where the profile wants a new key");
    (void)renew(id, &v, v.csr, E_INPUT);
    is_err(end_it(kit.hanako, id, CERTIFICATES_UNSPECIFIED, TIMESTAMP_NONE), E_OK, "revoked");
    is_err(values(kit.hanako, id, soon, &v), E_STATE, "what is revoked is not renewed");
}

int main(void)
{
    log_open("test_certificates", LOG_LEVEL_ERROR);
    if (!lifecycle_kit_start()) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    save_authorities();
    revoking();
    scopes();
    serials();
    dating_back();
    suspending();
    race();
    files();
    renewal();
    lifecycle_kit_stop();
    return tap_done();
}
