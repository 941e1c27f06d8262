/*
 * test_ceremony.c - several authorities in one installation: made under our root and under somebody
 * else's by four people, and retired; judged by openssl(1) (P3-19, P3-54, P3-64, P3-104, P3-108).
 */
#include "pki_kit.h"
#include "tap.h"

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/authority/authority_ceremony_work.h"
#include "features/authority/authority_inside.h"
#include "features/status/status.h"
#include "pki/crl.h"
#include "pki/csr.h"
#include "store/db.h"

#include <stdlib.h>
#include <unistd.h>

#define openssl pki_kit_openssl
#define printed pki_kit_printed
#define save pki_kit_save
#define load pki_kit_load
#define work pki_kit_work

enum { ADMIN1 = 11, ADMIN2, ADMIN3, MANAGER };

static struct arena *a;
static const struct audit_by by = { .name = { "test", 4 } };
static struct authority_ceremony_means means;

static const char *const staff =
    "USE shomei;"
    "INSERT INTO account (id, tenant_id, login, email, name, role_family, state, state_at,"
    " created_at) VALUES (11, 1, 'sa1', 'sa1@a', 'S', 'customer', 'invited', NOW(6), NOW(6)),"
    " (12, 1, 'sa2', 'sa2@a', 'S', 'customer', 'invited', NOW(6), NOW(6)),"
    " (13, 1, 'sa3', 'sa3@a', 'S', 'customer', 'invited', NOW(6), NOW(6)),"
    " (14, 1, 'sm', 'sm@a', 'S', 'customer', 'invited', NOW(6), NOW(6));";

/* ---- steps ---- */

struct act {
    struct authority_ceremony_order order;
    const char *name;
    uint64_t who;
    struct authority_ceremony_seats seats;
};

static enum err plan(struct tx *tx, void *arg)
{
    const struct act *k = arg;
    return authority_ceremony_plan(tx, &by, (struct account_id){ k->who }, &k->order);
}

static enum err plan_retire(struct tx *tx, void *arg)
{
    const struct act *k = arg;
    return authority_ceremony_plan_retire(tx, &by, (struct account_id){ k->who }, str_z(k->name));
}

static enum err approve(struct tx *tx, void *arg)
{
    const struct act *k = arg;
    return authority_ceremony_approve(tx, &by, (struct account_id){ k->who }, str_z(k->name));
}

static enum err cancel(struct tx *tx, void *arg)
{
    const struct act *k = arg;
    return authority_ceremony_cancel(tx, &by, str_z(k->name));
}

static enum err retire(struct tx *tx, void *arg)
{
    const struct act *k = arg;
    return authority_ceremony_retire(tx, &by, str_z(k->name), k->seats);
}

static enum err run(enum err (*step)(struct tx *, void *), const char *name, uint64_t who)
{
    struct act k = { .name = name, .who = who };
    return tx_run(pki_kit.ctl, a, step, &k);
}

static struct authority_ceremony_seats seats(uint64_t first, uint64_t second)
{
    return (struct authority_ceremony_seats){ { first }, { second } };
}

static enum err make_key(const char *name, uint64_t first, uint64_t second)
{
    return authority_ceremony_make_key(&means, str_z(name), seats(first, second));
}

static struct act planned(const char *name, const char *parent)
{
    return (struct act){ .name = name,
                         .who = ADMIN1,
                         .order = { .name = str_z(name),
                                    .parent = str_z(parent),
                                    .common_name = str_z(name),
                                    .key = KEY_P256,
                                    .crl_days = 7 } };
}

/* ---- certificates of one of the authorities; profiles name theirs, rows are moved ---- */

struct leaf {
    struct signer_key *key;
    uint64_t under;
    struct certificate_id id;
    struct authority_certificate got;
};

static enum err request(struct tx *tx, void *arg)
{
    struct leaf *l = arg;
    struct name name = { .n = 0 };
    struct signer signer = signer_key_signer(l->key);
    struct bytes subject, csr;

    name_add(&name, OID_CN, STR("leaf"));
    TRY(name_build(&name, a, &subject));
    TRY(csr_build(&signer, signer_key_spki(l->key), subject, a, &csr));
    const struct authority_application app = {
        .tenant = { 1 }, .account = { 1 }, .profile = "signing", .subject = &name, .csr = csr
    };
    TRY(authority_request(tx, &app, &l->id));
    return audit_note(tx, &by, "test.request", "certificate", l->id.v, NULL);
}

static enum err look(struct tx *tx, void *arg)
{
    struct leaf *l = arg;
    return authority_certificate(tx, (struct tenant_id){ 1 }, l->id, &l->got);
}

static enum err end(struct tx *tx, void *arg)
{
    struct leaf *l = arg;
    TRY(authority_revoke(tx, (struct tenant_id){ 1 }, l->id, CRL_SUPERSEDED, clock_now()));
    return audit_note(tx, &by, "test.revoke", "certificate", l->id.v, NULL);
}

static uint64_t number_of(const char *name)
{
    return (uint64_t)harness_count(
        pki_kit.h, str_fmt(a, "SELECT id FROM shomei.authority WHERE name='%s'", name).p);
}

static void sql(const char *text)
{
    struct str none;
    if (harness_sql(pki_kit.h, text, &none) != E_OK)
        abort();
}

/* Ask, as a profile of that authority would; issue. */
static void issue(struct leaf *l, const char *under)
{
    if (tx_run(pki_kit.ctl, a, request, l) != E_OK)
        abort();
    sql(str_fmt(a, "UPDATE shomei.certificate SET authority_id = %llu WHERE id = %llu",
                (unsigned long long)number_of(under), (unsigned long long)l->id.v)
            .p);
    work();
    if (tx_run(pki_kit.ctl, a, look, l) != E_OK)
        abort();
}

/* ---- lists as relying parties get them ---- */

struct fetch {
    const char *name;
    uint32_t part;
    struct status_file ca, list;
};

static enum err fetch(struct tx *tx, void *arg)
{
    struct fetch *f = arg;
    TRY(status_ca(tx, str_z(f->name), &f->ca));
    return status_crl(tx, str_z(f->name), f->part, &f->list);
}

static struct crl list(const char *name, uint32_t part)
{
    struct fetch f = { .name = name, .part = part };
    struct crl c = { .number = 0 };

    if (tx_run(pki_kit.repository, a, fetch, &f) != E_OK || crl_parse(f.list.data, &c) != E_OK)
        return (struct crl){ .number = 0 };
    save("list.pem", bytes_of_str(x509_pem(a, "X509 CRL", f.list.data)));
    save(str_fmt(a, "%s.pem", name).p, bytes_of_str(status_pem(a, &f.ca)));
    return c;
}

/* ---- the tests ---- */

static void seating(void)
{
    struct act k = planned("tls", "root");

    is_err(run(approve, "tls", MANAGER), E_STATE, "nothing to approve");
    is_err(make_key("tls", ADMIN2, ADMIN3), E_STATE, "nor to perform");
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_OK, "a system administrator plans");
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_CONFLICT, "once");
    is_err(make_key("tls", ADMIN2, ADMIN3), E_STATE, "not before it is approved");
    is_err(run(approve, "tls", ADMIN1), E_DENIED, "who asked does not approve");
    is_err(run(approve, "tls", MANAGER), E_OK, "the system manager approves");
    is_err(run(approve, "tls", MANAGER), E_STATE, "once");
    is_err(make_key("tls", ADMIN2, ADMIN2), E_DENIED, "one person is not two");
    is_err(make_key("tls", ADMIN1, ADMIN2), E_DENIED, "who asked does not perform");
    is_err(make_key("tls", ADMIN2, MANAGER), E_DENIED, "nor who approved");
    is_str(str_z(fault_current()->reason), "seat-taken", "with the reason");
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.authority"), 3, "nothing is made");
    struct str none;
    ok(harness_sql(pki_kit.h,
                   "UPDATE shomei.authority_ceremony SET first_by=11, second_by=12,"
                   " performed_at=NOW(6), state='performed'",
                   &none) != E_OK,
       "the schema does not seat them either");
    is_err(make_key("tls", ADMIN2, ADMIN3), E_OK, "two others make the key");
    is_err(make_key("tls", ADMIN2, ADMIN3), E_STATE, "once");
    struct crl c = list("tls", 0);
    ok(c.number == 1 && openssl("verify -x509_strict -CAfile root.pem tls.pem"),
       "it is under our root, with a first list");
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.service_key WHERE kind='ocsp'"), 3,
           "and has a responder");
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.audit_event WHERE action IN"
                                    " ('authority.ceremony.plan', 'authority.ceremony.approve',"
                                    " 'authority.ceremony.perform', 'authority.key.make')"),
           4, "each step is in the audit log");
}

static void refused_plans(void)
{
    struct act k = planned("x", "root");
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_INPUT, "a name that is too short");
    k = planned("a/b", "root");
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_INPUT, "a name that is no path");
    k = planned("signing", "root");
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_CONFLICT, "a name that is taken");
    k = planned("below", "signing");
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_STATE, "path length 0 has no authority below it");
    k = planned("below", "none-such");
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_STATE, "no such parent");
    k = planned("below", "root");
    k.order.crl_days = 11;
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_INPUT, "lists of more than ten days (BR 7.2)");
    k.order.crl_days = 10;
    k.order.crl_parts = 257;
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_INPUT, "too many partitions");
    k.order.crl_parts = 0;
    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_OK, "a plan");
    is_err(run(cancel, "below", 0), E_OK, "can be given up");
    is_err(run(approve, "below", MANAGER), E_STATE, "then nobody approves it");
    is_err(run(cancel, "below", 0), E_STATE, "once");
}

/* A certificate by an external root for the request, as its openssl would make it. */
static bool certify(const char *extensions)
{
    save("ext.cnf", bytes_of_str(str_z(extensions)));
    return openssl("x509 -req -in req.pem -CA theirs.pem -CAkey theirs.key -CAcreateserial -days "
                   "900 -extfile ext.cnf -out ours.pem");
}

static enum err install(const char *first, const char *second)
{
    struct bytes pem[2] = { load(first), load(second) }, chain[2];

    for (size_t i = 0; i < 2; i++)
        if (x509_from_pem(a, "CERTIFICATE", str_of(a, (const char *)pem[i].p, pem[i].n),
                          &chain[i]) != E_OK)
            abort();
    return authority_ceremony_install(&means, STR("guest"), seats(ADMIN2, ADMIN3), chain, 2);
}

static void external(void)
{
    static const char good[] = "basicConstraints=critical,CA:TRUE,pathlen:0\n"
                               "keyUsage=critical,keyCertSign,cRLSign\n"
                               "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
    struct act k = planned("guest", "external");
    struct bytes csr;

    is_err(tx_run(pki_kit.ctl, a, plan, &k), E_OK, "an authority under somebody else's root");
    is_err(run(approve, "guest", MANAGER), E_OK, "approved");
    is_err(authority_ceremony_request(&means, STR("guest"), seats(ADMIN2, ADMIN3), &csr), E_STATE,
           "no request without a key");
    is_err(make_key("guest", ADMIN2, ADMIN3), E_OK, "its key is made");
    is_err(authority_ceremony_request(&means, STR("guest"), seats(ADMIN2, ADMIN1), &csr), E_DENIED,
           "a request is made by two as well");
    is_err(authority_ceremony_request(&means, STR("guest"), seats(ADMIN2, ADMIN3), &csr), E_OK,
           "by the two");
    save("req.pem", bytes_of_str(x509_pem(a, "CERTIFICATE REQUEST", csr)));
    ok(openssl("req -in req.pem -verify -noout") && printed("verify OK"), "openssl verifies it");
    ok(openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout theirs.key "
               "-subj '/C=JP/O=Theirs/CN=Their Root' -days 3000 -addext "
               "keyUsage=critical,keyCertSign,cRLSign -out theirs.pem"),
       "their root");
    ok(certify("basicConstraints=critical,CA:FALSE\n"), "a certificate that is no authority's");
    is_err(install("ours.pem", "theirs.pem"), E_INPUT, "is not installed");
    ok(certify(good), "a good one");
    is_err(install("ours.pem", "root.pem"), E_INPUT, "not with another root");
    is_err(install("theirs.pem", "theirs.pem"), E_INPUT, "not their own");
    is_int(harness_count(pki_kit.h, "SELECT COUNT(*) FROM shomei.authority WHERE name='guest' AND"
                                    " state='making'"),
           1, "nothing has changed by that");
    is_err(install("ours.pem", "theirs.pem"), E_OK, "with theirs");
    is_err(install("ours.pem", "theirs.pem"), E_STATE, "once");

    struct leaf l = { .key = NULL };
    if (signer_key_new(SIGNER_P256_SHA256, &l.key) != E_OK)
        abort();
    issue(&l, "guest");
    ok(l.got.state == AUTHORITY_ISSUED, "it issues");
    save("leaf.pem", bytes_of_str(x509_pem(a, "CERTIFICATE", l.got.der)));
    (void)list("guest", 0);
    ok(openssl("verify -x509_strict -crl_check -CAfile theirs.pem -untrusted guest.pem -CRLfile "
               "list.pem leaf.pem"),
       "openssl verify -crl_check, under their root");
    signer_key_free(l.key);
}

static enum err chain_of(struct tx *tx, void *arg)
{
    struct leaf *l = arg;
    struct bytes *chain, *anchors;
    size_t n, roots;

    TRY(authority_chain(tx, l->id, &chain, &n));
    TRY(authority_anchors(tx, &anchors, &roots));
    return n == 2 && roots == 2 ? E_OK : E_STATE;
}

static void chains(void)
{
    struct leaf l = { .id = { (uint64_t)harness_count(
                          pki_kit.h, "SELECT MAX(id) FROM shomei.certificate WHERE profile ="
                                     " 'signing'") } };
    is_err(tx_run(pki_kit.ctl, a, chain_of, &l), E_OK,
           "chains go up to their root, which is an anchor like ours");
}

static bool ocsp_says(const char *word)
{
    struct status_ocsp answer;

    (void)usleep(15000); /* longer than a process goes on without looking at the database */
    if (!openssl("ocsp -issuer tls.pem -cert leaf.pem -reqout q.der") ||
        status_work_ocsp(a, load("q.der"), clock_now(), &answer) != E_OK)
        return false;
    save("r.der", answer.response);
    return openssl("ocsp -no_nonce -reqin q.der -respin r.der -CAfile root.pem -verify_other "
                   "tls.pem -issuer "
                   "tls.pem -cert leaf.pem") &&
           printed("Response verify OK") && printed(word);
}

static void retiring(void)
{
    struct act k = { .name = "tls", .seats = seats(ADMIN2, ADMIN3) };
    struct leaf before = { .key = NULL }, after = { .key = NULL };

    if (signer_key_new(SIGNER_P256_SHA256, &before.key) != E_OK ||
        signer_key_new(SIGNER_P256_SHA256, &after.key) != E_OK)
        abort();
    issue(&before, "tls");
    save("leaf.pem", bytes_of_str(x509_pem(a, "CERTIFICATE", before.got.der)));
    is_err(tx_run(pki_kit.ctl, a, retire, &k), E_STATE, "nobody retires without a plan");
    is_err(run(plan_retire, "tls", ADMIN1), E_OK, "planned");
    is_err(tx_run(pki_kit.ctl, a, retire, &k), E_STATE, "not before it is approved");
    is_err(run(approve, "tls", MANAGER), E_OK, "approved");
    k.seats = seats(ADMIN1, ADMIN2);
    is_err(tx_run(pki_kit.ctl, a, retire, &k), E_DENIED, "by who asked");
    k.seats = seats(ADMIN2, ADMIN3);
    is_err(tx_run(pki_kit.ctl, a, retire, &k), E_OK, "by two others");
    is_err(tx_run(pki_kit.ctl, a, retire, &k), E_STATE, "once");
    issue(&after, "tls");
    ok(after.got.state == AUTHORITY_REFUSED && str_eq_z(after.got.refused, "authority-absent"),
       "a retired authority issues nothing");
    ok(ocsp_says("leaf.pem: good"), "but answers");
    uint64_t number = list("tls", 0).number;
    is_err(tx_run(pki_kit.ctl, a, end, &before), E_OK, "and revokes");
    work();
    (void)list("tls", before.got.crl_part);
    ok(list("tls", 0).number > number && ocsp_says("leaf.pem: revoked"), "and publishes it");
    sql("UPDATE shomei.certificate SET not_before = NOW(6) - INTERVAL 25 DAY, not_after = NOW(6) +"
        " INTERVAL 5 DAY WHERE profile = 'ocsp'; UPDATE shomei.task SET due = NOW(6)");
    int64_t had = harness_count(
        pki_kit.h, "SELECT COUNT(*) FROM shomei.certificate c JOIN shomei.authority a ON a.id ="
                   " c.authority_id WHERE a.name='tls' AND c.profile='ocsp' AND c.state='issued'");
    work();
    is_int(harness_count(
               pki_kit.h,
               "SELECT COUNT(*) FROM shomei.certificate c JOIN shomei.authority a ON a.id ="
               " c.authority_id WHERE a.name='tls' AND c.profile='ocsp' AND c.state='issued'"),
           had + 1, "its responder gets a new certificate all the same");
    signer_key_free(before.key);
    signer_key_free(after.key);
}

static enum err show(struct tx *tx, void *arg)
{
    struct authority_ceremony_row *rows;
    size_t n;

    TRY(authority_ceremony_list(tx, STR("tls"), &rows, &n));
    *(size_t *)arg = n;
    return strstr(rows[0].text.p, "retired") && strstr(rows[n - 1].text.p, "sa2 and sa3") ? E_OK
                                                                                          : E_STATE;
}

int main(void)
{
    size_t lines = 0;

    log_open("test_ceremony", LOG_LEVEL_ERROR);
    if (!pki_kit_start()) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    a = pki_kit.arena;
    sql(staff);
    is_err(pki_kit_init(), E_OK, "root, signing, access");
    means =
        (struct authority_ceremony_means){ pki_kit.ctl,
                                           pki_kit.ca,
                                           pki_kit.status,
                                           a,
                                           { STR("Test"), STR("JP"), STR("http://localhost:1") },
                                           &by };
    status_work_open(pki_kit.status, pki_kit.repository);
    (void)list("root", 0);
    seating();
    refused_plans();
    external();
    chains();
    retiring();
    is_err(tx_run(pki_kit.ctl, a, show, &lines), E_OK, "shown with its ceremonies");
    is_int((int64_t)lines, 4, "line, certificate, two ceremonies");
    status_work_close();
    pki_kit_stop();
    return tap_done();
}
