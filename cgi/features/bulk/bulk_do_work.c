/* bulk_do_work.c - one row done: as every application goes, and as every revocation. */
#include "features/bulk/bulk_inside_work.h"

#include "features/bulk/bulk_box.h"
#include "features/certificates/certificates.h"
#include "features/registration/registration.h"
#include "pki/box.h"
#include "pki/csr.h"
#include "pki/signer.h"
#include "store/db.h"
#include "store/gen/bulk.q.h"

static struct audit_by person(const struct bulk_inside *run)
{
    return (struct audit_by){ .tenant = run->who.tenant,
                              .account = run->who.account,
                              .name = run->name,
                              .request = run->public_id };
}

/* --- keys that are made here --- */

static enum signer_alg algorithm(const struct profile *p)
{
    /* mail programs know RSA best */
    if (p->x509.key_usage & X509_KEY_ENCIPHERMENT && p->x509.algs & 1u << SIGNER_RSA_SHA256)
        return SIGNER_RSA_SHA256;
    if (p->x509.algs & 1u << SIGNER_P256_SHA256)
        return SIGNER_P256_SHA256;
    return p->x509.algs & 1u << SIGNER_RSA_SHA256 ? SIGNER_RSA_SHA256 : SIGNER_P384_SHA384;
}

static enum err keep_key(struct tx *tx, const struct bulk_inside *run, uint32_t seq,
                         const struct signer_key *key)
{
    struct arena *a = tx_arena(tx);
    struct secret *private = NULL;
    struct bytes sealed = BYTES_ABSENT;
    enum err e = signer_key_private(key, &private);

    if (e == E_OK)
        e = box_seal(run->box, bulk_box_context(a, run->public_id, seq), secret_bytes(private), a,
                     &sealed);
    secret_free(private);
    return e == E_OK ? q_bulk_key_put(tx, run->id, seq, sealed) : e;
}

/* The request that an applicant would have sent; its names do not count, so it has none. */
static enum err make_key(struct tx *tx, const struct bulk_inside *run, uint32_t seq,
                         struct registration_new *n)
{
    static const uint8_t nobody[] = { 0x30, 0x00 };
    struct signer_key *key = NULL;
    enum err e;

    if (run->box.n == 0)
        return FAIL(E_STATE, "bulk-no-password", "started before its rows asked for keys");
    e = signer_key_new(algorithm(run->profile), &key);
    if (e == E_OK) {
        struct signer s = signer_key_signer(key);
        e = csr_build(&s, signer_key_spki(key), (struct bytes){ nobody, sizeof nobody },
                      tx_arena(tx), &n->csr);
    }
    if (e == E_OK)
        e = keep_key(tx, run, seq, key);
    signer_key_free(key);
    return e;
}

/* --- applications --- */

/* The uploader answers for what the file says about people: the page says so before the start. */
static enum err approve(struct tx *tx, const struct bulk_inside *run, const struct registration *r,
                        struct timestamp now)
{
    const struct audit_by by = person(run);
    struct registration_vetting v[REGISTRATION_ITEM__MAX];

    for (int i = 0; i < REGISTRATION_ITEM__MAX; i++)
        v[i] = (struct registration_vetting){ .item = (enum registration_item)i,
                                              .method = REGISTRATION_BATCH,
                                              .note = run->public_id };
    return registration_approve(tx, &by, run->who.tenant, r->id, r->generation, v,
                                REGISTRATION_ITEM__MAX, now);
}

static enum err apply(struct tx *tx, const struct bulk_inside *run, uint32_t seq,
                      const struct bulk_order *o, struct registration_new *n, struct timestamp now,
                      struct bulk_done *out)
{
    const struct audit_by by = person(run);
    struct registration r;

    if (o->key == PROFILES_PKCS12)
        TRY(make_key(tx, run, seq, n));
    TRY(registration_submit(tx, &by, n, now, &r));
    TRY(approve(tx, run, &r, now));
    out->application = r.id;
    out->receipt = r.receipt;
    out->state =
        r.approvals_needed == 1 && o->key != PROFILES_BROWSER ? BULK_ROW_SENT : BULK_ROW_REVIEW;
    return E_OK;
}

/* --- certificates --- */

static enum err change(struct tx *tx, const struct bulk_inside *run, const struct bulk_order *o,
                       struct certificate_id id, struct timestamp now, struct bulk_done *out)
{
    const struct certificates_who who = { run->who.tenant, run->who.account, run->who.roles };
    const struct certificates_change c = { CERTIFICATES_BULK, o->reason, TIMESTAMP_NONE };
    const struct audit_by by = person(run);

    out->certificate = id;
    out->state = BULK_ROW_DONE;
    if (o->operation == BULK_REVOKE)
        return certificates_revoke(tx, &by, &who, id, &c, now, &out->receipt);
    if (o->operation == BULK_SUSPEND)
        return certificates_suspend(tx, &by, &who, id, CERTIFICATES_BULK, now, &out->receipt);
    return certificates_release(tx, &by, &who, id, CERTIFICATES_BULK, now, &out->receipt);
}

enum err bulk_work_do(struct tx *tx, const struct bulk_inside *run, uint32_t seq,
                      struct bulk_order *o, struct registration_new *n,
                      struct certificate_id certificate, struct timestamp now,
                      struct bulk_done *out)
{
    *out = (struct bulk_done){ .state = BULK_ROW_FAILED, .receipt = STR("") };
    if (o->operation == BULK_ISSUE || o->operation == BULK_RENEW)
        return apply(tx, run, seq, o, n, now, out);
    return change(tx, run, o, certificate, now, out);
}
