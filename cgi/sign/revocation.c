/* revocation.c - see revocation.h. RFC 6960, RFC 5280 5 and 6.3. */
#include "sign/revocation.h"

#include "sign/pdf_x509.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#define SKEW_US (5 * MINUTE_US)
#define AGE_MAX_US (7 * DAY_US) /* of an answer that does not tell its end */
#define URLS_MAX 3
#define EVIDENCE_MAX 32

/* RFC 6960 4.2.2.2: the issuer itself, or a certificate it issued for this purpose. */
static bool may_answer(X509 *responder, X509 *issuer, struct timestamp produced)
{
    time_t at = (time_t)timestamp_to_unix(produced);
    if (X509_cmp(responder, issuer) == 0)
        return true;
    return (X509_get_extended_key_usage(responder) & XKU_OCSP_SIGN) &&
           X509_get_extended_key_usage(responder) != UINT32_MAX &&
           X509_check_issued(issuer, responder) == X509_V_OK &&
           X509_verify(responder, X509_get0_pubkey(issuer)) == 1 &&
           X509_cmp_time(X509_get0_notBefore(responder), &at) < 0 &&
           X509_cmp_time(X509_get0_notAfter(responder), &at) > 0;
}

/* The answer about `cert`: the CertID is made again with the responder's choice of digest. */
static OCSP_SINGLERESP *find_single(OCSP_BASICRESP *basic, X509 *cert, X509 *issuer)
{
    int n = OCSP_resp_count(basic);

    for (int i = 0; i < n && i < 64; i++) {
        OCSP_SINGLERESP *one = OCSP_resp_get0(basic, i);
        OCSP_CERTID *given = (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(one);
        ASN1_OBJECT *oid;
        OCSP_id_get0_info(NULL, &oid, NULL, NULL, given);
        const EVP_MD *md = EVP_get_digestbyobj(oid);
        OCSP_CERTID *wanted = md ? OCSP_cert_to_id(md, cert, issuer) : NULL;
        bool same = wanted && OCSP_id_cmp(given, wanted) == 0;
        OCSP_CERTID_free(wanted);
        if (same)
            return one;
    }
    return NULL;
}

/* Signature and right to answer. The responder's certificate, borrowed; NULL when not verified. */
static X509 *verify_answer(OCSP_BASICRESP *basic, X509 *issuer, struct timestamp produced)
{
    X509 *responder = NULL, *out = NULL;
    STACK_OF(X509) *own = sk_X509_new_null();

    if (own && sk_X509_push(own, issuer) && OCSP_resp_get0_signer(basic, &responder, own) == 1 &&
        responder && may_answer(responder, issuer, produced) &&
        OCSP_basic_verify(basic, own, NULL, OCSP_NOVERIFY) == 1)
        out = responder;
    sk_X509_free(own);
    return out;
}

static void single_status(OCSP_SINGLERESP *one, struct revocation_evidence *e)
{
    ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *to = NULL;
    int reason = -1;
    int status = OCSP_single_get0_status(one, &reason, &revoked, &from, &to);

    e->this_update = pdf_x509_time(from);
    e->next_update = pdf_x509_time(to);
    e->status = status == V_OCSP_CERTSTATUS_GOOD      ? REVOCATION_GOOD
                : status == V_OCSP_CERTSTATUS_REVOKED ? REVOCATION_REVOKED
                                                      : REVOCATION_UNKNOWN;
    if (e->status == REVOCATION_REVOKED) {
        e->revoked_at = pdf_x509_time(revoked);
        e->reason = reason;
    }
}

static OCSP_BASICRESP *basic_of(struct bytes der)
{
    const uint8_t *p = der.p;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
    OCSP_BASICRESP *basic = NULL;

    if (response && p == der.p + der.n &&
        OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
        basic = OCSP_response_get1_basic(response);
    OCSP_RESPONSE_free(response);
    return basic;
}

/* Judge one OCSPResponse; `request` NULL where the nonce does not matter. */
static bool judge_ocsp(struct bytes der, OCSP_REQUEST *request, X509 *cert, X509 *issuer,
                       struct arena *a, struct revocation_evidence *e)
{
    OCSP_BASICRESP *basic = basic_of(der);
    OCSP_SINGLERESP *one;
    X509 *responder;
    bool good = false;

    *e = (struct revocation_evidence){
        .kind = PDF_FETCH_OCSP, .der = der, .revoked_at = TIMESTAMP_NONE, .reason = -1
    };
    if (!basic || (request && OCSP_check_nonce(request, basic) == 0))
        goto out;
    e->produced = pdf_x509_time(OCSP_resp_get0_produced_at(basic));
    if (timestamp_is_none(e->produced) || !(one = find_single(basic, cert, issuer)) ||
        !(responder = verify_answer(basic, issuer, e->produced)))
        goto out;
    single_status(one, e);
    if (X509_cmp(responder, issuer) != 0)
        e->responder = pdf_x509_der(responder, a);
    good = e->status != REVOCATION_UNKNOWN && !timestamp_is_none(e->this_update);
out:
    OCSP_BASICRESP_free(basic);
    ERR_clear_error();
    return good;
}

/* RFC 5280 5.2.5: a list for other certificates than this one says nothing about it. */
static bool in_scope(X509_CRL *crl, X509 *cert)
{
    int critical;
    bool ca = X509_check_ca(cert) > 0, fits = true;
    ISSUING_DIST_POINT *idp =
        X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &critical, NULL);
    if (idp)
        fits = !idp->indirectCRL && !idp->onlyattr && !idp->onlysomereasons &&
               !(idp->onlyuser > 0 && ca) && !(idp->onlyCA > 0 && !ca);
    ISSUING_DIST_POINT_free(idp);
    return fits && X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) < 0;
}

static int reason_of(X509_REVOKED *entry)
{
    int reason = -1;
    ASN1_ENUMERATED *value = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
    if (value)
        reason = (int)ASN1_ENUMERATED_get(value);
    ASN1_ENUMERATED_free(value);
    return reason;
}

/* Judge one CertificateList. */
static bool judge_crl(struct bytes der, X509 *cert, X509 *issuer, struct revocation_evidence *e)
{
    const uint8_t *p = der.p;
    X509_REVOKED *entry = NULL;
    X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.n);
    bool good = false;

    *e = (struct revocation_evidence){
        .kind = PDF_FETCH_CRL, .der = der, .revoked_at = TIMESTAMP_NONE, .reason = -1
    };
    if (!crl || p != der.p + der.n ||
        X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(cert)) != 0 ||
        X509_CRL_verify(crl, X509_get0_pubkey(issuer)) != 1 || !in_scope(crl, cert))
        goto out;
    e->this_update = e->produced = pdf_x509_time(X509_CRL_get0_lastUpdate(crl));
    e->next_update = pdf_x509_time(X509_CRL_get0_nextUpdate(crl));
    e->status = REVOCATION_GOOD;
    if (X509_CRL_get0_by_cert(crl, &entry, cert) == 1) {
        e->status = REVOCATION_REVOKED;
        e->revoked_at = pdf_x509_time(X509_REVOKED_get0_revocationDate(entry));
        e->reason = reason_of(entry);
    }
    good = !timestamp_is_none(e->this_update);
out:
    X509_CRL_free(crl);
    ERR_clear_error();
    return good;
}

/* Proof of revocation, then freshness, then OCSP. */
static bool better(const struct revocation_evidence *e, const struct revocation_evidence *than)
{
    if (than->status == REVOCATION_UNKNOWN)
        return true;
    if (e->status != than->status)
        return e->status == REVOCATION_REVOKED;
    int c = timestamp_cmp(e->this_update, than->this_update);
    return c > 0 || (c == 0 && e->kind == PDF_FETCH_OCSP && than->kind != PDF_FETCH_OCSP);
}

enum err revocation_judge(const struct revocation_pool *pool, struct bytes cert,
                          struct bytes issuer, struct timestamp now, struct arena *a,
                          struct revocation_evidence *out)
{
    X509 *x = pdf_x509_parse(cert), *by = pdf_x509_parse(issuer);
    struct revocation_evidence e;
    struct timestamp latest = timestamp_add(now, SKEW_US);

    *out = (struct revocation_evidence){ .status = REVOCATION_UNKNOWN };
    for (size_t i = 0; x && by && i < pool->ocsp_n; i++) {
        if (judge_ocsp(pool->ocsp[i], NULL, x, by, a, &e) &&
            timestamp_cmp(e.produced, latest) <= 0 && better(&e, out))
            *out = e;
    }
    for (size_t i = 0; x && by && i < pool->crl_n; i++) {
        if (judge_crl(pool->crl[i], x, by, &e) && timestamp_cmp(e.produced, latest) <= 0 &&
            better(&e, out))
            *out = e;
    }
    X509_free(x);
    X509_free(by);
    return out->status == REVOCATION_UNKNOWN ? FAIL(E_ABSENT, "", "no evidence") : E_OK;
}

bool revocation_exempt(struct bytes cert)
{
    X509 *x = pdf_x509_parse(cert);
    bool exempt = x && (X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 ||
                        X509_get_ext_by_NID(x, NID_id_pkix_OCSP_noCheck, -1) >= 0);
    X509_free(x);
    return exempt;
}

/* ---- fetching ---- */

/* RFC 5019 4: an answer is current between thisUpdate and nextUpdate. */
static bool current(const struct revocation_evidence *e, struct timestamp now)
{
    if (e->this_update.us > now.us + SKEW_US)
        return false;
    if (timestamp_is_none(e->next_update))
        return e->this_update.us > now.us - AGE_MAX_US;
    return e->next_update.us > now.us - SKEW_US;
}

static bool url_of(const char *p, size_t n, struct arena *a, struct str *url)
{
    if (n < 8 || n > 2000 || memcmp(p, "http", 4) != 0 || !utf8_valid(p, n))
        return false;
    *url = str_of(a, p, n);
    return true;
}

static bool ask_ocsp(const struct pdf_trust *trust, X509 *cert, X509 *issuer, struct timestamp now,
                     struct arena *a, struct revocation_evidence *e)
{
    STACK_OF(OPENSSL_STRING) *urls = X509_get1_ocsp(cert);
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, issuer); /* RFC 5019 2.1.1 */
    uint8_t *der = NULL;
    int n = 0;
    bool good = false;

    if (request && id && OCSP_request_add0_id(request, id)) {
        id = NULL;
        OCSP_request_add1_nonce(request, NULL, 16);
        n = i2d_OCSP_REQUEST(request, &der);
    }
    for (int i = 0; n > 0 && !good && i < sk_OPENSSL_STRING_num(urls) && i < URLS_MAX; i++) {
        const char *z = sk_OPENSSL_STRING_value(urls, i);
        struct str url;
        struct bytes reply, body = { der, (size_t)n };
        good = url_of(z, strlen(z), a, &url) &&
               pdf_trust_fetch(trust, PDF_FETCH_OCSP, url, body, a, &reply) == E_OK &&
               judge_ocsp(reply, request, cert, issuer, a, e) && current(e, now);
    }
    OPENSSL_free(der);
    OCSP_CERTID_free(id);
    OCSP_REQUEST_free(request);
    X509_email_free(urls);
    ERR_clear_error();
    return good;
}

static bool get_crl(const struct pdf_trust *trust, X509 *cert, X509 *issuer, struct timestamp now,
                    struct arena *a, struct revocation_evidence *e)
{
    CRL_DIST_POINTS *points = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);
    bool good = false;

    for (int i = 0; !good && i < sk_DIST_POINT_num(points) && i < URLS_MAX; i++) {
        DIST_POINT *point = sk_DIST_POINT_value(points, i);
        if (!point->distpoint || point->distpoint->type != 0 || point->CRLissuer)
            continue;
        GENERAL_NAMES *names = point->distpoint->name.fullname;
        for (int k = 0; !good && k < sk_GENERAL_NAME_num(names) && k < URLS_MAX; k++) {
            int type;
            const ASN1_STRING *uri =
                GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, k), &type);
            struct str url;
            struct bytes reply;
            good = type == GEN_URI &&
                   url_of((const char *)ASN1_STRING_get0_data(uri), (size_t)ASN1_STRING_length(uri),
                          a, &url) &&
                   pdf_trust_fetch(trust, PDF_FETCH_CRL, url, BYTES_ABSENT, a, &reply) == E_OK &&
                   judge_crl(reply, cert, issuer, e) && current(e, now);
        }
    }
    CRL_DIST_POINTS_free(points);
    ERR_clear_error();
    return good;
}

enum err revocation_fetch(const struct pdf_trust *trust, struct bytes cert, struct bytes issuer,
                          struct timestamp now, struct arena *a, struct revocation_evidence *out)
{
    X509 *x = pdf_x509_parse(cert), *by = pdf_x509_parse(issuer);
    enum err rc = E_OK;

    *out = (struct revocation_evidence){ .status = REVOCATION_UNKNOWN };
    if (!x || !by)
        rc = FAIL(E_INPUT, "certificate-malformed", "certificate or its issuer");
    else if (!ask_ocsp(trust, x, by, now, a, out) && !get_crl(trust, x, by, now, a, out))
        rc = FAIL(E_BACKEND, "revocation-unavailable", "serial %s",
                  pdf_x509_serial(X509_get0_serialNumber(x), a).p);
    else
        fault_clear(); /* of a first place that did not answer */
    X509_free(x);
    X509_free(by);
    return rc;
}

/* A CRL as well, best effort: an answer from before `now` says nothing about what happened since.
 */
static bool also_crl(const struct pdf_trust *trust, struct bytes cert, struct bytes issuer,
                     struct timestamp now, struct arena *a, struct revocation_evidence *e)
{
    X509 *x = pdf_x509_parse(cert), *by = pdf_x509_parse(issuer);
    bool good = x && by && get_crl(trust, x, by, now, a, e);

    X509_free(x);
    X509_free(by);
    fault_clear();
    return good;
}

static enum err collect_one(const struct pdf_trust *trust, struct bytes cert, struct bytes issuer,
                            struct timestamp now, struct arena *a, struct revocation_evidence *list,
                            size_t *n)
{
    struct revocation_evidence *first = &list[*n];
    enum err rc = revocation_fetch(trust, cert, issuer, now, a, first);

    if (rc != E_OK)
        return rc;
    ++*n;
    if (first->kind == PDF_FETCH_OCSP && first->status == REVOCATION_GOOD &&
        first->produced.us < now.us - SECOND_US && also_crl(trust, cert, issuer, now, a, &list[*n]))
        ++*n;
    return E_OK;
}

enum err revocation_collect(const struct pdf_trust *trust, const struct bytes *chain,
                            size_t chain_n, struct timestamp now, struct arena *a,
                            struct revocation_evidence **out, size_t *out_n)
{
    struct revocation_evidence *list = ARENA_ARRAY(a, EVIDENCE_MAX, struct revocation_evidence);
    size_t n = 0;

    for (size_t i = 0; i + 1 < chain_n && n + 4 <= EVIDENCE_MAX; i++) {
        if (revocation_exempt(chain[i]))
            continue;
        size_t at = n;
        enum err rc = collect_one(trust, chain[i], chain[i + 1], now, a, list, &n);
        if (rc != E_OK)
            return rc;
        struct bytes responder = list[at].responder;
        if (!responder.n || revocation_exempt(responder))
            continue;
        rc = collect_one(trust, responder, chain[i + 1], now, a, list, &n);
        if (rc != E_OK)
            return rc;
    }
    *out = list;
    *out_n = n;
    return E_OK;
}
