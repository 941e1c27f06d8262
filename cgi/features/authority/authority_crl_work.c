/* authority_crl_work.c - making revocation lists; see authority.h */
#include "features/authority/authority_inside.h"

#include "base/crypto.h"
#include "base/log.h"
#include "features/audit/audit.h"
#include "pki/crl.h"
#include "store/db.h"
#include "store/gen/authority.q.h"

enum { CRL_MAX_ENTRIES = 1000000, AUTHORITIES_MAX = 100 };

static enum err sign_list(struct tx *tx, struct hsm *ca, const struct q_crl_lock *row,
                          const struct crl_request *r, struct bytes *der)
{
    struct arena *a = tx_arena(tx);
    struct crl_request signing = *r;
    struct signer signer;
    struct x509 issuer;
    struct crl made;

    TRY(authority_keys_signer(ca, row->key_label, &signer));
    signing.signer = &signer;
    TRY(crl_build(&signing, a, der));
    /* what everybody will rely on is read once by ourselves */
    TRY(x509_parse(row->certificate, a, &issuer));
    TRY(crl_parse(*der, &made));
    if (crl_verify(&made, &issuer) == E_OK)
        return E_OK;
    authority_keys_forget();
    return FAIL(E_BACKEND, "ca-key", "the token's key %s is not the authority's", row->key_label.p);
}

static enum err publish(struct tx *tx, struct authority_id id, const struct q_crl_lock *row,
                        const struct crl_request *r, struct bytes der)
{
    struct audit_entry e = { .by = { .name = STR("certification authority") },
                             .action = "authority.crl.make",
                             .object_kind = "authority",
                             .object = audit_id(tx_arena(tx), id.v) };
    uint64_t changed;

    TRY(q_crl_add(tx, id, r->number, row->changes, (uint32_t)r->n, r->this_update, r->next_update,
                  sha256(der), der));
    TRY(q_crl_numbered(tx, id, r->number, &changed));
    if (changed != 1)
        return FAIL(E_BUSY, "", "another worker made list %llu", (unsigned long long)r->number);
    TRY(q_crl_forget(tx, id, r->number, r->this_update, &changed));
    e.detail = str_fmt(tx_arena(tx), "{\"number\":%llu,\"entries\":%zu}",
                       (unsigned long long)r->number, r->n);
    return audit_write(tx, &e);
}

static enum err make_crl(struct tx *tx, struct hsm *ca, struct authority_id id)
{
    struct q_crl_lock row;
    struct q_crl_entries *entries;
    struct crl_request r = { .this_update = clock_now() };
    struct bytes der;

    TRY(q_crl_lock(tx, id, &row));
    /* an expired certificate stays until it was on one list made after its end (BR 4.10.1) */
    struct timestamp since = row.previous;
    if (timestamp_is_none(since))
        since = timestamp_from_unix(0);
    TRY(q_crl_entries(tx, id, since, CRL_MAX_ENTRIES, &entries, &r.n));
    if (r.n == CRL_MAX_ENTRIES)
        return FAIL(E_LIMIT, "crl-too-large", "authority %llu", (unsigned long long)id.v);
    struct crl_entry *list = ARENA_ARRAY(tx_arena(tx), r.n, struct crl_entry);
    for (size_t i = 0; i < r.n; i++)
        list[i] = (struct crl_entry){ entries[i].serial, entries[i].revoked_at, entries[i].reason };
    r.entry = list;
    r.issuer = row.subject;
    r.issuer_ski = row.ski;
    r.number = row.crl_number + 1;
    r.next_update = timestamp_add(r.this_update, row.crl_days * DAY_US);
    TRY(sign_list(tx, ca, &row, &r, &der));
    return publish(tx, id, &row, &r, der);
}

enum err authority_make_crls(struct tx *tx, struct hsm *ca)
{
    struct q_crl_authorities *due;
    size_t n;

    TRY(q_crl_authorities(tx, clock_now(), AUTHORITIES_MAX, &due, &n));
    for (size_t i = 0; i < n; i++)
        TRY(make_crl(tx, ca, due[i].id));
    return E_OK;
}
