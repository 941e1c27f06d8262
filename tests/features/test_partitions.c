/*
 * test_partitions.c - lists of partitions: each certificate names the one that will tell of it, the
 * list says of what it is, the union is the complete list; judged by openssl(1) (P3-136; RFC 5280
 * 5.2.5, BR 7.2.2.1).
 */
#include "pki_kit.h"
#include "tap.h"

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/authority/authority_ceremony_work.h"
#include "features/status/status.h"
#include "pki/crl.h"
#include "pki/csr.h"
#include "store/db.h"

#include <stdlib.h>

#define openssl pki_kit_openssl
#define printed pki_kit_printed
#define save pki_kit_save
#define work pki_kit_work

enum { PARTS = 4, LEAVES = 24 };

static struct arena *a;
static const struct audit_by by = { .name = { "test", 4 } };

static void sql(const char *text)
{
    struct str none;
    if (harness_sql(pki_kit.h, text, &none) != E_OK)
        abort();
}

struct leaf {
    struct signer_key *key;
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

static void issue(struct leaf *l)
{
    if (signer_key_new(SIGNER_P256_SHA256, &l->key) != E_OK ||
        tx_run(pki_kit.ctl, a, request, l) != E_OK)
        abort();
    signer_key_free(l->key);
    work();
    if (tx_run(pki_kit.ctl, a, look, l) != E_OK)
        abort();
}

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

static bool verify(const char *chain)
{
    return openssl("verify -x509_strict -crl_check -CAfile root.pem %s -CRLfile list.pem leaf.pem",
                   chain);
}

static enum err parts(struct tx *tx, void *arg)
{
    return authority_ceremony_parts(tx, &by, STR("signing"), *(uint32_t *)arg);
}

/* Each certificate is in the list that it names, and in the complete one. */
static void in_lists(struct leaf *l, size_t n, bool revoked)
{
    size_t right = 0, complete = 0, elsewhere = 0;

    for (size_t i = 0; i < n; i++) {
        struct crl_entry e;
        struct x509 c;
        if (x509_parse(l[i].got.der, a, &c) != E_OK)
            abort();
        for (uint32_t part = 0; part <= PARTS; part++) {
            struct crl got = list("signing", part);
            bool there = crl_find(&got, x509_serial(&c), &e) == E_OK;
            bool its = crl_covers(&got, &c) == E_OK;
            complete += part == 0 && its && there == revoked;
            right += part != 0 && its && there == revoked && part == l[i].got.crl_part;
            elsewhere += part != 0 && !its && there;
        }
    }
    is_int((int64_t)right, (int64_t)n, revoked ? "each is in its list" : "no list names them");
    is_int((int64_t)complete, (int64_t)n, revoked ? "and in the complete one" : "nor the complete");
    is_int((int64_t)elsewhere, 0, "and in no other");
}

static void partitions(void)
{
    uint32_t wanted = PARTS;
    struct leaf *l = ARENA_ARRAY(a, LEAVES, struct leaf);
    uint32_t used = 0;

    is_err(tx_run(pki_kit.ctl, a, parts, &wanted), E_OK, "lists of four partitions");
    wanted = 2;
    is_err(tx_run(pki_kit.ctl, a, parts, &wanted), E_INPUT, "they never become fewer");
    work();
    sql("UPDATE shomei.task SET due = NOW(6)");
    work();
    for (uint32_t part = 1; part <= PARTS; part++) {
        struct crl c = list("signing", part);
        ok(c.has_scope && c.entries.n == 0 &&
               str_ends(str_of(a, (const char *)c.point.p, c.point.n),
                        str_fmt(a, "/crl/signing/%u.crl", part)),
           "an empty list of a partition");
    }
    ok(list("signing", 0).number > list("signing", 1).number && !list("signing", 0).has_scope &&
           list("signing", PARTS + 1).number == 0,
       "numbers differ; the complete list has no scope; there is no fifth");
    for (size_t i = 0; i < LEAVES; i++) {
        issue(&l[i]);
        used |= 1u << l[i].got.crl_part;
    }
    ok((used & 1u) == 0 && (used & (used - 1)) != 0, "certificates spread over the partitions");
    in_lists(l, LEAVES, false);
    save("leaf.pem", bytes_of_str(x509_pem(a, "CERTIFICATE", l[0].got.der)));
    ok(openssl("x509 -in leaf.pem -noout -text") &&
           printed(str_fmt(a, "/crl/signing/%u.crl", l[0].got.crl_part).p),
       "a certificate names the list of its partition");
    (void)list("signing", l[0].got.crl_part);
    ok(verify("-untrusted signing.pem"), "openssl verify -crl_check takes that list");
    (void)list("signing", l[0].got.crl_part % PARTS + 1);
    ok(!verify("-untrusted signing.pem") && printed("different CRL scope"),
       "and no other partition's");
    (void)list("signing", 0);
    ok(verify("-untrusted signing.pem"), "and the complete one");
    for (size_t i = 0; i < LEAVES; i++)
        if (tx_run(pki_kit.ctl, a, end, &l[i]) != E_OK)
            abort();
    work();
    in_lists(l, LEAVES, true);
    (void)list("signing", l[0].got.crl_part);
    ok(openssl("crl -in list.pem -noout -CAfile signing.pem") && printed("verify OK"),
       "openssl crl verifies it");
    ok(!verify("-untrusted signing.pem") && printed("certificate revoked"),
       "openssl verify -crl_check finds it revoked there");
}

int main(void)
{
    log_open("test_partitions", LOG_LEVEL_ERROR);
    if (!pki_kit_start()) {
        tap_skip("no SoftHSM");
        return tap_done();
    }
    a = pki_kit.arena;
    is_err(pki_kit_init(), E_OK, "root, signing, access");
    (void)list("root", 0);
    partitions();
    pki_kit_stop();
    return tap_done();
}
