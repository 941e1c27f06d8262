/* authority_crl_work.c - making revocation lists; see authority_work.h */
#include "features/authority/authority_inside.h"

#include "base/crypto.h"
#include "base/log.h"
#include "features/audit/audit.h"
#include "pki/crl.h"
#include "store/db.h"
#include "store/gen/authority.q.h"

enum { CRL_MAX_ENTRIES = 1000000, AUTHORITIES_MAX = 100, RUNS_KEPT = 10 };

/* All lists of one authority: the complete one (part 0) and those of its partitions. */
struct lists {
    struct authority_id id;
    struct q_crl_lock row;
    struct timestamp since; /* certificates that ended before are left out */
    struct timestamp now;
};

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

static enum err read_entries(struct tx *tx, const struct lists *l, uint32_t part,
                             struct crl_request *r)
{
    struct q_crl_entries *all = NULL;
    struct q_crl_entries_part *some = NULL;

    if (part == 0)
        TRY(q_crl_entries(tx, l->id, l->since, CRL_MAX_ENTRIES, &all, &r->n));
    else
        TRY(q_crl_entries_part(tx, l->id, part, l->since, CRL_MAX_ENTRIES, &some, &r->n));
    if (r->n == CRL_MAX_ENTRIES)
        return FAIL(E_LIMIT, "crl-too-large", "authority %s", l->row.name.p);
    struct crl_entry *list = ARENA_ARRAY(tx_arena(tx), r->n, struct crl_entry);
    for (size_t i = 0; all && i < r->n; i++)
        list[i] = (struct crl_entry){ all[i].serial, all[i].revoked_at, all[i].reason };
    for (size_t i = 0; some && i < r->n; i++)
        list[i] = (struct crl_entry){ some[i].serial, some[i].revoked_at, some[i].reason };
    r->entry = list;
    return E_OK;
}

/* One list, numbered behind those before it. */
static enum err make_list(struct tx *tx, struct hsm *ca, const struct lists *l, uint32_t part,
                          size_t *entries)
{
    const struct q_crl_lock *row = &l->row;
    struct crl_request r = { .issuer = row->subject,
                             .issuer_ski = row->ski,
                             .number = row->crl_number + 1 + (row->crl_parts - part),
                             .this_update = l->now,
                             .next_update = timestamp_add(l->now, row->crl_days * DAY_US) };
    struct bytes der;

    if (part > 0)
        r.point = authority_crl_url(tx_arena(tx), row->url, row->name, part);
    TRY(read_entries(tx, l, part, &r));
    TRY(sign_list(tx, ca, row, &r, &der));
    *entries = r.n;
    return q_crl_add(tx, l->id, part, r.number, row->changes, (uint32_t)r.n, r.this_update,
                     r.next_update, sha256(der), der);
}

/* The complete list last: its number is the authority's, so that it tells of all of them. */
static enum err number_lists(struct tx *tx, const struct lists *l, size_t entries)
{
    struct audit_entry e = { .by = { .name = STR("certification authority") },
                             .action = "authority.crl.make",
                             .object_kind = "authority",
                             .object = audit_id(tx_arena(tx), l->id.v) };
    uint64_t changed, made = (uint64_t)l->row.crl_parts + 1, last = l->row.crl_number + made;

    TRY(q_crl_numbered(tx, l->id, l->row.crl_number, last, &changed));
    if (changed != 1)
        return FAIL(E_BUSY, "", "another worker made list %llu", (unsigned long long)last);
    if (last > made * RUNS_KEPT)
        TRY(q_crl_forget(tx, l->id, last - made * RUNS_KEPT + 1, &changed));
    e.detail = str_fmt(tx_arena(tx), "{\"number\":%llu,\"entries\":%zu,\"parts\":%u}",
                       (unsigned long long)last, entries, l->row.crl_parts);
    return audit_write(tx, &e);
}

/*
 * BR 4.10.1 and RFC 5280 5: an expired certificate stays until it was on a regular list made after
 * its end. Lists also come between the regular ones; whoever fetches a list when the one he has
 * ends has seen the entry when it stayed for the life of a list, and that is what it does.
 */
static struct timestamp keep_since(const struct lists *l)
{
    struct timestamp life = timestamp_add(l->now, -(int64_t)l->row.crl_days * DAY_US);

    if (timestamp_is_none(l->row.previous))
        return timestamp_from_unix(0);
    return timestamp_cmp(l->row.previous, life) < 0 ? l->row.previous : life;
}

static enum err make_lists(struct tx *tx, struct hsm *ca, struct authority_id id)
{
    struct lists l = { .id = id, .now = timestamp_from_unix(timestamp_to_unix(clock_now())) };
    size_t entries = 0;

    TRY(q_crl_lock(tx, id, &l.row));
    l.since = keep_since(&l);
    for (uint32_t part = l.row.crl_parts; part > 0; part--)
        TRY(make_list(tx, ca, &l, part, &entries));
    TRY(make_list(tx, ca, &l, 0, &entries));
    return number_lists(tx, &l, entries);
}

enum err authority_make_crls(struct tx *tx, struct hsm *ca)
{
    struct q_crl_authorities *due;
    size_t n;

    TRY(q_crl_authorities(tx, clock_now(), AUTHORITIES_MAX, &due, &n));
    for (size_t i = 0; i < n; i++)
        TRY(make_lists(tx, ca, due[i].id));
    return E_OK;
}
