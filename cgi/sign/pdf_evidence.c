/* pdf_evidence.c - see pdf_evidence.h. ETSI EN 319 142-1 5.4, EN 319 102-1 5.6. */
#include "sign/pdf_evidence.h"

#include "sign/cms_check.h"
#include "sign/pdf_form.h"
#include "sign/pdf_range.h"
#include "sign/pdf_x509.h"

#include <openssl/objects.h>
#include <stdlib.h>

enum { SIGNATURES_MAX = 100, GIVEN_MAX = 128 };

/* One signature or document time-stamp of the document. */
struct item {
    struct pdf_read_ref value;
    struct pdf_range range;
    bool stamp;
    struct cms_check cms;         /* open when cms.cms is not NULL */
    struct timestamp_token token; /* of a stamp itself, or of a signature's time-stamp */
};

struct work {
    struct pdf_update *u;
    struct timestamp at;
    struct item *items; /* by the end of what they cover */
    size_t n;
    struct revocation_pool pool; /* of the document's DSS */
    struct bytes *certs;
    size_t certs_n;
    struct pdf_dss *dss;
    bool renew;
};

static enum err broken(const char *what)
{
    char reason[64];
    (void)snprintf(reason, sizeof reason, "%s", fault_current()->reason);
    return FAIL(E_STATE, "extend-broken", "%s: %s", what, reason);
}

static enum err check_stamp(struct work *k, struct item *it)
{
    static const EVP_MD *(*const kinds[])(void) = { EVP_sha256, EVP_sha384, EVP_sha512 };
    struct bytes digest;
    enum err rc = E_OK;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        rc = pdf_range_digest(&k->u->source, &it->range, kinds[i](), k->u->a, &digest);
        if (rc != E_OK)
            return rc;
        rc = timestamp_verify_digest(it->range.contents, digest, k->u->trust, k->u->a, &it->token);
        if (rc == E_OK || strcmp(fault_current()->reason, "timestamp-imprint") != 0)
            break;
    }
    if (rc != E_OK)
        return broken("document time-stamp");
    rc = cms_check_open(it->range.contents, NID_id_smime_ct_TSTInfo, k->u->a, &it->cms);
    return rc == E_OK ? E_OK : broken("document time-stamp");
}

static enum err check_signature(struct work *k, struct item *it, struct str format)
{
    struct bytes digest;
    enum err rc;

    if (!str_eq_z(format, "ETSI.CAdES.detached") && !str_eq_z(format, "adbe.pkcs7.detached"))
        return FAIL(E_UNSUPPORTED, "extend-format", "/SubFilter %.40s",
                    str_absent(format) ? "" : format.p);
    if ((rc = cms_check_open(it->range.contents, NID_pkcs7_data, k->u->a, &it->cms)) != E_OK)
        return rc == E_UNSUPPORTED ? rc : broken("signature");
    rc = pdf_range_digest(&k->u->source, &it->range, it->cms.md, k->u->a, &digest);
    if (rc != E_OK)
        return rc;
    if (cms_check_verify(&it->cms, digest) != E_OK)
        return broken("signature");
    if (it->cms.token.n && timestamp_verify(it->cms.token, it->cms.signature, k->u->trust, k->u->a,
                                            &it->token) != E_OK)
        return broken("signature time-stamp");
    return E_OK;
}

static enum err check_item(struct work *k, struct item *it)
{
    struct pdf_read *d = &k->u->doc;
    struct str format = pdf_read_name(d, pdf_read_get(d, it->value, "/SubFilter"), k->u->a);

    if (pdf_range_read(d, it->value, k->u->a, &it->range) != E_OK)
        return broken("what a signature covers");
    it->stamp = str_eq_z(format, "ETSI.RFC3161");
    return it->stamp ? check_stamp(k, it) : check_signature(k, it, format);
}

static int by_end(const void *left, const void *right)
{
    const struct item *l = left, *r = right;
    return l->range.end < r->range.end ? -1 : l->range.end > r->range.end;
}

static enum err read_items(struct work *k)
{
    struct pdf_form_field *fields;
    size_t n;
    enum err rc = pdf_form_signatures(&k->u->doc, k->u->a, &fields, &n);

    if (rc != E_OK)
        return rc;
    k->items = ARENA_ARRAY(k->u->a, SIGNATURES_MAX, struct item);
    for (size_t i = 0; i < n; i++) {
        if (!fields[i].filled)
            continue;
        if (k->n == SIGNATURES_MAX)
            return FAIL(E_LIMIT, "pdf-too-complex", "more than %d signatures", SIGNATURES_MAX);
        k->items[k->n].value = fields[i].value;
        if ((rc = check_item(k, &k->items[k->n++])) != E_OK)
            return rc;
    }
    if (k->n == 0)
        return FAIL(E_STATE, "extend-unsigned", "no signature, no time-stamp");
    qsort(k->items, k->n, sizeof *k->items, by_end);
    return E_OK;
}

/* ---- time ---- */

static struct timestamp earlier(struct timestamp l, struct timestamp r)
{
    return timestamp_cmp(l, r) < 0 ? l : r;
}

/* When item i is known to have existed: the earliest trusted document time-stamp over it, or now.
 */
static struct timestamp existed(const struct work *k, size_t i)
{
    struct timestamp t = k->at;
    for (size_t s = i + 1; s < k->n; s++) {
        if (k->items[s].stamp && k->items[s].token.trusted)
            t = earlier(t, k->items[s].token.time);
    }
    return t;
}

/* ---- chains ---- */

static bool self_issued(struct bytes der)
{
    X509 *x = pdf_x509_parse(der);
    bool same = x && X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
    X509_free(x);
    return same;
}

/*
 * To an anchor; or to a root that is not ours: whom to believe is for those to decide who will
 * judge the document, and for them the evidence is complete.
 */
static enum err chain_of(struct work *k, enum pdf_trust_kind kind, const struct cms_check *cms,
                         struct timestamp at, struct bytes **chain, size_t *n)
{
    struct bytes given[GIVEN_MAX];
    size_t given_n = 0;

    for (size_t i = 0; i < cms->certs_n && given_n < GIVEN_MAX; i++)
        given[given_n++] = cms->certs[i];
    for (size_t i = 0; i < k->certs_n && given_n < GIVEN_MAX; i++)
        given[given_n++] = k->certs[i];
    enum err rc = pdf_trust_chain(k->u->trust, kind, given, given_n, at, k->u->a, chain, n);
    if (rc == E_INPUT && strcmp(fault_current()->reason, "chain-untrusted") == 0 && *n > 0 &&
        self_issued((*chain)[*n - 1])) {
        fault_clear();
        return E_OK;
    }
    return rc;
}

/* Does the document hold evidence about this certificate, made after `lived`? */
static bool known(const struct work *k, struct bytes cert, struct bytes issuer,
                  struct timestamp lived)
{
    struct revocation_evidence e;

    if (revocation_exempt(cert))
        return true;
    if (revocation_judge(&k->pool, cert, issuer, k->at, k->u->a, &e) != E_OK ||
        timestamp_cmp(e.produced, lived) < 0 || e.status != REVOCATION_GOOD) {
        fault_clear();
        return false;
    }
    return true;
}

static bool all_known(const struct work *k, const struct bytes *chain, size_t n,
                      struct timestamp lived)
{
    for (size_t i = 0; i + 1 < n; i++) {
        if (!known(k, chain[i], chain[i + 1], lived))
            return false;
    }
    return true;
}

/*
 * One chain. Those that need fresh data go first (`fresh`), so that a certificate which is in the
 * set stands for fresh data about it and all above it.
 */
static enum err add_chain(struct work *k, bool fresh, const struct bytes *chain, size_t n,
                          struct timestamp lived)
{
    if (all_known(k, chain, n, lived) == fresh)
        return E_OK;
    if (fresh)
        return pdf_update_gather(k->u, k->dss, chain, n, k->at, lived);
    for (size_t i = 0; i < n; i++)
        pdf_dss_cert(k->dss, chain[i]);
    return E_OK;
}

static enum err add_token(struct work *k, bool fresh, struct bytes der,
                          const struct timestamp_token *token, struct timestamp lived)
{
    struct cms_check cms = { 0 };
    struct bytes *chain;
    size_t n;
    enum err rc = cms_check_open(der, NID_id_smime_ct_TSTInfo, k->u->a, &cms);

    if (rc == E_OK)
        rc = chain_of(k, PDF_TRUST_TSA, &cms, token->time, &chain, &n);
    if (rc == E_OK)
        rc = add_chain(k, fresh, chain, n, k->renew ? lived : earlier(lived, token->time));
    cms_check_close(&cms);
    return rc;
}

static enum err add_item(struct work *k, bool fresh, size_t i)
{
    struct item *it = &k->items[i];
    struct timestamp lived = existed(k, i);
    struct bytes *chain;
    size_t n;
    enum err rc;

    if (it->stamp)
        return add_token(k, fresh, it->range.contents, &it->token, lived);
    if (it->cms.token.n && (rc = add_token(k, fresh, it->cms.token, &it->token, lived)) != E_OK)
        return rc;
    if (it->cms.token.n && it->token.trusted)
        lived = earlier(lived, it->token.time);
    if ((rc = chain_of(k, PDF_TRUST_SIGNER, &it->cms, lived, &chain, &n)) != E_OK)
        return rc;
    return add_chain(k, fresh, chain, n, lived);
}

enum err pdf_evidence_collect(struct pdf_update *u, struct timestamp at, bool renew,
                              struct pdf_dss *dss)
{
    struct work k = { .u = u, .at = at, .dss = dss, .renew = renew };
    enum err rc = read_items(&k);

    if (rc == E_OK)
        pdf_dss_read(&u->doc, u->a, &k.pool, &k.certs, &k.certs_n);
    for (int fresh = 1; fresh >= 0; fresh--) {
        for (size_t i = 0; rc == E_OK && i < k.n; i++)
            rc = add_item(&k, fresh, i);
    }
    for (size_t i = 0; i < k.n; i++)
        cms_check_close(&k.items[i].cms);
    return rc;
}
