/*
 * pdf_judge_evidence.c - which evidence about revocation counts (ISO 32000-2 12.8.3.4.8, ETSI EN
 * 319 102-1 5.2.5, 5.6.2): fresh enough, from when it still said something about the certificate,
 * and known to have existed while whoever signed it could be believed.
 */
#include "sign/pdf_judge.h"

#include "sign/pdf_x509.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <string.h>

#define TRIES_MAX 16

void pdf_judge_evidence_add(struct pdf_judge *j, enum pdf_fetch kind, struct bytes der,
                            uint64_t end)
{
    struct revocation_pool *p = &j->pool;
    size_t n = p->ocsp_n + p->crl_n;

    if (j->pieces_n == j->pieces_cap) { /* all three lists grow together */
        size_t cap = j->pieces_cap ? j->pieces_cap * 2 : 64;
        struct pdf_judge_piece *pieces = ARENA_ARRAY(j->a, cap, struct pdf_judge_piece);
        struct bytes *ocsp = ARENA_ARRAY(j->a, cap, struct bytes);
        struct bytes *crl = ARENA_ARRAY(j->a, cap, struct bytes);
        if (n) {
            memcpy(pieces, j->pieces, j->pieces_n * sizeof *pieces);
            memcpy(ocsp, p->ocsp, p->ocsp_n * sizeof *ocsp);
            memcpy(crl, p->crl, p->crl_n * sizeof *crl);
        }
        j->pieces = pieces;
        j->pieces_cap = cap;
        p->ocsp = ocsp;
        p->crl = crl;
    }
    j->pieces[j->pieces_n++] = (struct pdf_judge_piece){ der, end, TIMESTAMP_NONE };
    if (kind == PDF_FETCH_OCSP)
        p->ocsp[p->ocsp_n++] = der;
    else
        p->crl[p->crl_n++] = der;
}

void pdf_judge_evidence_prove(struct pdf_judge *j, uint64_t end, struct timestamp time)
{
    for (size_t i = 0; i < j->pieces_n; i++) {
        struct pdf_judge_piece *p = &j->pieces[i];
        if (p->end <= end && (timestamp_is_none(p->proven) || timestamp_cmp(time, p->proven) < 0))
            p->proven = time;
    }
}

struct timestamp pdf_judge_evidence_proven(const struct pdf_judge *j, struct bytes der)
{
    for (size_t i = 0; i < j->pieces_n; i++) {
        if (j->pieces[i].der.p == der.p)
            return j->pieces[i].proven;
    }
    return TIMESTAMP_NONE;
}

/* ---- what counts ---- */

/*
 * ISO 32000-2 12.8.3.4.8: an OCSP answer counts when it was produced after the time in question, a
 * CRL when its nextUpdate is after it.
 */
static bool fresh(const struct revocation_evidence *e, struct timestamp time)
{
    if (timestamp_cmp(e->produced, timestamp_add(time, -SECOND_US)) >= 0) /* whole seconds */
        return true;
    return e->kind == PDF_FETCH_CRL && !timestamp_is_none(e->next_update) &&
           timestamp_cmp(e->next_update, time) >= 0;
}

static struct timestamp end_of(struct bytes cert)
{
    X509 *x = pdf_x509_parse(cert);
    struct timestamp end = x ? pdf_x509_time(X509_get0_notAfter(x)) : TIMESTAMP_NONE;
    X509_free(x);
    return end;
}

/* RFC 6960 4.4.4 archiveCutoff, ISO 9594-8 expiredCertsOnCRL: the ended ones are still told. */
static bool keeps_ended(const struct revocation_evidence *e)
{
    const uint8_t *p = e->der.p;
    bool keeps = false;

    if (e->kind == PDF_FETCH_CRL) {
        X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)e->der.n);
        ASN1_OBJECT *oid = OBJ_txt2obj("2.5.29.60", 1);
        keeps = crl && X509_CRL_get_ext_by_OBJ(crl, oid, -1) >= 0;
        ASN1_OBJECT_free(oid);
        X509_CRL_free(crl);
        return keeps;
    }
    OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)e->der.n);
    OCSP_BASICRESP *basic = r ? OCSP_response_get1_basic(r) : NULL;
    for (int i = 0; basic && i < OCSP_resp_count(basic) && !keeps; i++)
        keeps = OCSP_SINGLERESP_get_ext_by_NID(OCSP_resp_get0(basic, i),
                                               NID_id_pkix_OCSP_archiveCutoff, -1) >= 0;
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(r);
    return keeps;
}

/* Whoever signed it: while its certificate was valid, what it signed can be believed. */
static bool believable(const struct pdf_judge *j, const struct revocation_evidence *e,
                       struct bytes issuer, struct timestamp existed)
{
    struct timestamp end = end_of(e->responder.n ? e->responder : issuer);
    struct timestamp seen = timestamp_is_none(existed) ? j->at : existed;
    return timestamp_is_none(end) || timestamp_cmp(seen, end) <= 0;
}

static bool counts(const struct pdf_judge *j, const struct revocation_evidence *e,
                   const struct pdf_cert_report *c, struct bytes issuer, struct timestamp time,
                   struct timestamp existed)
{
    if (!believable(j, e, issuer, existed))
        return false;
    if (e->status == REVOCATION_REVOKED)
        return true;
    return fresh(e, time) && (timestamp_cmp(e->this_update, c->not_after) <= 0 || keeps_ended(e));
}

static void pool_copy(struct pdf_judge *j, const struct revocation_pool *pool,
                      struct revocation_pool *copy)
{
    *copy = (struct revocation_pool){ .ocsp = ARENA_ARRAY(j->a, pool->ocsp_n + 1, struct bytes),
                                      .crl = ARENA_ARRAY(j->a, pool->crl_n + 1, struct bytes) };
    for (size_t i = 0; i < pool->ocsp_n; i++)
        copy->ocsp[copy->ocsp_n++] = pool->ocsp[i];
    for (size_t i = 0; i < pool->crl_n; i++)
        copy->crl[copy->crl_n++] = pool->crl[i];
}

/* The best of the pool that counts; the pool is asked again without what does not. */
static enum err best_of(struct pdf_judge *j, const struct revocation_pool *pool,
                        const struct pdf_cert_report *c, struct bytes issuer, struct timestamp time,
                        bool inside, struct revocation_evidence *e)
{
    struct revocation_pool left;
    enum err none = E_ABSENT;

    pool_copy(j, pool, &left);
    for (int tries = 0; tries < TRIES_MAX; tries++) { /* the freshest first */
        if (revocation_judge(&left, c->der, issuer, j->at, j->a, e) != E_OK)
            return none;
        struct timestamp existed = inside ? pdf_judge_evidence_proven(j, e->der) : TIMESTAMP_NONE;
        if (counts(j, e, c, issuer, time, existed))
            return E_OK;
        none = E_STATE;
        struct bytes *list = e->kind == PDF_FETCH_OCSP ? left.ocsp : left.crl;
        size_t *n = e->kind == PDF_FETCH_OCSP ? &left.ocsp_n : &left.crl_n, kept = 0;
        for (size_t i = 0; i < *n; i++) {
            if (list[i].p != e->der.p)
                list[kept++] = list[i];
        }
        *n = kept;
    }
    return none;
}

static void pool_of(struct pdf_judge *j, const struct revocation_evidence *list, size_t n,
                    struct revocation_pool *pool)
{
    *pool = (struct revocation_pool){ .ocsp = ARENA_ARRAY(j->a, n + 1, struct bytes),
                                      .crl = ARENA_ARRAY(j->a, n + 1, struct bytes) };
    for (size_t i = 0; i < n; i++) {
        if (list[i].kind == PDF_FETCH_OCSP)
            pool->ocsp[pool->ocsp_n++] = list[i].der;
        else
            pool->crl[pool->crl_n++] = list[i].der;
    }
}

enum err pdf_judge_evidence(struct pdf_judge *j, struct pdf_cert_report *c, struct bytes issuer,
                            struct timestamp time)
{
    const struct bytes chain[] = { c->der, issuer };
    struct revocation_evidence *list, fetched;
    struct revocation_pool pool;
    size_t n;
    enum err rc = best_of(j, &j->pool, c, issuer, time, true, &c->revocation);

    if (rc == E_OK) {
        c->source = PDF_EVIDENCE_DOCUMENT;
        c->evidence_proven = pdf_judge_evidence_proven(j, c->revocation.der);
    } else if (revocation_collect(j->trust, chain, 2, j->at, j->a, &list, &n) == E_OK) {
        pool_of(j, list, n, &pool);
        enum err outside = best_of(j, &pool, c, issuer, time, false, &fetched);
        if (outside == E_OK || rc == E_ABSENT) {
            c->revocation = fetched;
            c->source = PDF_EVIDENCE_FETCHED;
            c->evidence_proven = outside == E_OK ? j->at : TIMESTAMP_NONE;
            rc = outside;
        }
    }
    if (rc != E_OK && c->source != PDF_EVIDENCE_FETCHED)
        c->source = PDF_EVIDENCE_NONE;
    fault_clear();
    return rc;
}

void pdf_judge_evidence_since(struct pdf_judge *j, struct pdf_cert_report *c, struct bytes issuer)
{
    const struct bytes chain[] = { c->der, issuer };
    struct revocation_evidence *list, fetched;
    struct revocation_pool pool;
    size_t n;

    if (revocation_collect(j->trust, chain, 2, j->at, j->a, &list, &n) == E_OK) {
        pool_of(j, list, n, &pool);
        if (revocation_judge(&pool, c->der, issuer, j->at, j->a, &fetched) == E_OK &&
            fetched.status == REVOCATION_REVOKED) {
            c->revocation = fetched;
            c->source = PDF_EVIDENCE_FETCHED;
            c->evidence_proven = j->at;
        }
    }
    fault_clear();
}

static uint64_t place_of(const struct pdf_judge *j, struct bytes der)
{
    for (size_t i = 0; i < j->pieces_n; i++) {
        if (j->pieces[i].der.p == der.p)
            return j->pieces[i].end;
    }
    return UINT64_MAX;
}

static size_t keep_within(const struct pdf_judge *j, struct bytes *list, size_t n, uint64_t within)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (place_of(j, list[i]) <= within)
            list[kept++] = list[i];
    }
    return kept;
}

bool pdf_judge_evidence_inside(struct pdf_judge *j, const struct pdf_cert_report *c,
                               struct bytes issuer, struct timestamp time, uint64_t within)
{
    struct revocation_pool pool;
    struct revocation_evidence e;

    pool_copy(j, &j->pool, &pool);
    pool.ocsp_n = keep_within(j, pool.ocsp, pool.ocsp_n, within);
    pool.crl_n = keep_within(j, pool.crl, pool.crl_n, within);
    bool inside = best_of(j, &pool, c, issuer, time, true, &e) == E_OK;
    fault_clear();
    return inside;
}
