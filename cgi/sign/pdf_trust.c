/* pdf_trust.c - see pdf_trust.h. RFC 5280 6 through OpenSSL. */
#include "sign/pdf_trust.h"

#include "sign/pdf_trust_lists.h"
#include "sign/pdf_x509.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define CHAIN_DEPTH 8
#define ISSUERS_MAX 4 /* fetched for one chain */
#define REPLY_MAX ((size_t)16 << 20)

struct pdf_trust {
    X509_STORE *store[2]; /* by enum pdf_trust_kind */
    STACK_OF(X509) * helpers;
    pdf_fetch_fn *fetch;
    void *arg;
    struct pdf_trust_lists *lists;
};

struct pdf_trust *pdf_trust_new(void)
{
    struct pdf_trust *t = calloc(1, sizeof *t);
    if (!t)
        abort();
    t->store[0] = X509_STORE_new();
    t->store[1] = X509_STORE_new();
    t->helpers = sk_X509_new_null();
    if (!t->store[0] || !t->store[1] || !t->helpers)
        abort();
    return t;
}

void pdf_trust_free(struct pdf_trust *t)
{
    if (!t)
        return;
    X509_STORE_free(t->store[0]);
    X509_STORE_free(t->store[1]);
    sk_X509_pop_free(t->helpers, X509_free);
    pdf_trust_lists_free(t->lists);
    free(t);
}

static enum err add(X509_STORE *store, STACK_OF(X509) * list, struct bytes der)
{
    X509 *x = pdf_x509_parse(der);
    bool done =
        x && (store ? X509_STORE_add_cert(store, x) : X509_add_cert(list, x, X509_ADD_FLAG_UP_REF));
    X509_free(x);
    ERR_clear_error();
    return done ? E_OK : FAIL(E_INPUT, "certificate-malformed", "certificate of %zu bytes", der.n);
}

enum err pdf_trust_add_anchor(struct pdf_trust *t, struct bytes der)
{
    return add(t->store[PDF_TRUST_SIGNER], NULL, der);
}

enum err pdf_trust_add_tsa_anchor(struct pdf_trust *t, struct bytes der)
{
    return add(t->store[PDF_TRUST_TSA], NULL, der);
}

enum err pdf_trust_add_helper(struct pdf_trust *t, struct bytes der)
{
    return add(NULL, t->helpers, der);
}

enum err pdf_trust_add_pem(struct pdf_trust *t, struct str pem)
{
    enum err rc = E_OK;
    size_t n = 0;
    X509 *x;
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);

    while (bio && rc == E_OK && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        if (!X509_STORE_add_cert(t->store[0], x) || !X509_STORE_add_cert(t->store[1], x))
            rc = FAIL(E_INPUT, "certificate-malformed", "PEM certificate %zu", n + 1);
        X509_free(x);
        n++;
    }
    if (rc == E_OK && n == 0)
        rc = FAIL(E_INPUT, "certificate-malformed", "no PEM certificate");
    BIO_free(bio);
    ERR_clear_error(); /* the end of the text is an error to PEM_read_bio */
    return rc;
}

void pdf_trust_set_fetch(struct pdf_trust *t, pdf_fetch_fn *fetch, void *arg)
{
    t->fetch = fetch;
    t->arg = arg;
}

enum err pdf_trust_set_lists(struct pdf_trust *t, struct pdf_trust_lists *lists)
{
    enum err rc = E_OK;

    pdf_trust_lists_free(t->lists);
    t->lists = lists;
    for (size_t i = 0; lists && rc == E_OK && i < pdf_trust_lists_count(lists); i++) {
        const struct pdf_trust_service *s = pdf_trust_lists_service(lists, i);
        bool stamp =
            s->kind == PDF_MARK_QUALIFIED_TIMESTAMP || s->kind == PDF_MARK_ACCREDITED_TIMESTAMP;
        if (s->anchor)
            rc = add(t->store[stamp ? PDF_TRUST_TSA : PDF_TRUST_SIGNER], NULL, s->cert);
    }
    return rc;
}

const struct pdf_trust_lists *pdf_trust_get_lists(const struct pdf_trust *t)
{
    return t->lists;
}

enum err pdf_trust_fetch(const struct pdf_trust *t, enum pdf_fetch kind, struct str url,
                         struct bytes request, struct arena *a, struct bytes *reply)
{
    *reply = BYTES_ABSENT;
    if (!t->fetch)
        return FAIL(E_BACKEND, "", "no way to fetch %s", url.p);
    enum err rc = t->fetch(t->arg, kind, url, request, a, reply);
    if (rc == E_OK && (reply->n == 0 || reply->n > REPLY_MAX))
        rc = FAIL(E_BACKEND, "", "%zu bytes from %s", reply->n, url.p);
    return rc;
}

/* RFC 5280 4.2.2.1: where the issuer's certificate of `x` can be had. */
static X509 *fetch_issuer(const struct pdf_trust *t, X509 *x, struct arena *a)
{
    X509 *issuer = NULL;
    AUTHORITY_INFO_ACCESS *info = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);

    for (int i = 0; !issuer && i < sk_ACCESS_DESCRIPTION_num(info) && i < ISSUERS_MAX; i++) {
        const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(info, i);
        if (OBJ_obj2nid(one->method) != NID_ad_ca_issuers || one->location->type != GEN_URI)
            continue;
        const ASN1_STRING *uri = one->location->d.uniformResourceIdentifier;
        size_t n = (size_t)ASN1_STRING_length(uri);
        const char *p = (const char *)ASN1_STRING_get0_data(uri);
        struct bytes der;
        if (n > 7 && utf8_valid(p, n) && memcmp(p, "http", 4) == 0 &&
            pdf_trust_fetch(t, PDF_FETCH_CERT, str_of(a, p, n), BYTES_ABSENT, a, &der) == E_OK)
            issuer = pdf_x509_parse(der);
    }
    AUTHORITY_INFO_ACCESS_free(info);
    return issuer;
}

static enum err verdict(int code)
{
    const char *why = X509_verify_cert_error_string(code);
    switch (code) {
    case X509_V_OK:
        return E_OK;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return FAIL(E_INPUT, "chain-expired", "%s", why);
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return FAIL(E_INPUT, "chain-not-yet-valid", "%s", why);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return FAIL(E_INPUT, "chain-incomplete", "%s", why);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        return FAIL(E_INPUT, "chain-untrusted", "%s", why);
    default:
        return FAIL(E_INPUT, "chain-invalid", "%s", why);
    }
}

static void copy_chain(STACK_OF(X509) * from, struct arena *a, struct bytes **chain, size_t *n)
{
    int count = sk_X509_num(from);
    *n = 0;
    *chain = ARENA_ARRAY(a, count > 0 ? (size_t)count : 1, struct bytes);
    for (int i = 0; i < count; i++)
        (*chain)[(*n)++] = pdf_x509_der(sk_X509_value(from, i), a);
}

/* One try. *last is the end of what could be built, owned by the caller. */
static enum err build(const struct pdf_trust *t, enum pdf_trust_kind kind, X509 *leaf,
                      STACK_OF(X509) * others, struct timestamp at, struct arena *a,
                      struct bytes **chain, size_t *n, X509 **last)
{
    enum err rc;
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();

    *last = NULL;
    if (!ctx || !X509_STORE_CTX_init(ctx, t->store[kind], leaf, others)) {
        rc = FAIL(E_INTERNAL, "", "X509_STORE_CTX_init");
        goto out;
    }
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)timestamp_to_unix(at));
    X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH);
    X509_VERIFY_PARAM_set_auth_level(param, 1); /* no SHA-1, no RSA below 1024 */
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    if (kind == PDF_TRUST_TSA) /* RFC 3161 2.3: critical, sole EKU */
        X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_TIMESTAMP_SIGN);
    int good = X509_verify_cert(ctx);
    rc = good == 1 ? E_OK : verdict(X509_STORE_CTX_get_error(ctx));
    if (rc == E_OK && good != 1)
        rc = FAIL(E_INPUT, "chain-invalid", "X509_verify_cert");
    STACK_OF(X509) *built = X509_STORE_CTX_get0_chain(ctx);
    copy_chain(built, a, chain, n);
    if (rc != E_OK && sk_X509_num(built) > 0) {
        *last = sk_X509_value(built, sk_X509_num(built) - 1);
        X509_up_ref(*last);
    }
out:
    X509_STORE_CTX_free(ctx);
    ERR_clear_error();
    return rc;
}

static STACK_OF(X509) * collect(const struct pdf_trust *t, const struct bytes *given, size_t n)
{
    STACK_OF(X509) *out = sk_X509_dup(t->helpers);
    if (!out)
        abort();
    for (int i = 0; i < sk_X509_num(out); i++)
        X509_up_ref(sk_X509_value(out, i));
    for (size_t i = 1; i < n; i++) {
        X509 *x = pdf_x509_parse(given[i]);
        if (x && !sk_X509_push(out, x))
            X509_free(x);
    }
    return out;
}

enum err pdf_trust_chain(const struct pdf_trust *t, enum pdf_trust_kind kind,
                         const struct bytes *given, size_t given_n, struct timestamp at,
                         struct arena *a, struct bytes **chain, size_t *chain_n)
{
    enum err rc;
    X509 *last = NULL, *issuer;
    X509 *leaf = given_n ? pdf_x509_parse(given[0]) : NULL;
    STACK_OF(X509) *others = collect(t, given, given_n);

    *chain = NULL;
    *chain_n = 0;
    if (!leaf) {
        rc = FAIL(E_INPUT, "certificate-malformed", "first certificate of a chain");
        goto out;
    }
    for (int tries = 0;; tries++) {
        rc = build(t, kind, leaf, others, at, a, chain, chain_n, &last);
        if (rc == E_OK || tries == ISSUERS_MAX || !t->fetch || !last ||
            strcmp(fault_current()->reason, "chain-incomplete") != 0)
            goto out;
        struct fault incomplete = *fault_current();
        issuer = fetch_issuer(t, last, a);
        X509_free(last);
        last = NULL;
        if (!issuer || !sk_X509_push(others, issuer)) {
            X509_free(issuer);
            rc = FAIL(E_INPUT, "chain-incomplete", "%s", incomplete.detail);
            goto out;
        }
    }
out:
    X509_free(last);
    X509_free(leaf);
    sk_X509_pop_free(others, X509_free);
    return rc;
}
