/* pdf_kit.c - see pdf_kit.h. */
#include "pdf_kit.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define OCSP_URL "http://pki.test/ocsp"
#define CRL_URL "http://pki.test/ca.crl"
#define ROOT_CRL_URL "http://pki.test/root.crl"
#define CA_URL "http://pki.test/ca.cer"

static void need(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "kit: %s\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

static EVP_PKEY *make_key(enum kit_key kind)
{
    EVP_PKEY *key = kind == KIT_RSA2048   ? EVP_RSA_gen(2048)
                    : kind == KIT_RSA3072 ? EVP_RSA_gen(3072)
                    : kind == KIT_P384    ? EVP_EC_gen("P-384")
                                          : EVP_EC_gen("P-256");
    need(key, "key");
    return key;
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    need(e && X509_add_ext(x, e, -1), value);
    X509_EXTENSION_free(e);
}

static struct bytes der_of(struct arena *a, X509 *x)
{
    int n = i2d_X509(x, NULL);
    uint8_t *out = arena_alloc(a, (size_t)n), *p = out;
    need(i2d_X509(x, &p) == n, "DER");
    return (struct bytes){ out, (size_t)n };
}

struct usage {
    const char *cn, *key_usage, *eku, *urls;
    bool ca, nocheck;
    long years; /* 0: one */
};

static void certify(struct arena *a, struct kit_identity *who, const struct kit_identity *by,
                    const struct usage *u)
{
    uint8_t serial[8];
    X509 *x = X509_new();
    BIGNUM *bn;

    who->cert = x;
    X509_set_version(x, 2);
    need(RAND_bytes(serial, sizeof serial) == 1, "serial");
    serial[0] = (uint8_t)((serial[0] & 0x7f) | 1);
    bn = BN_bin2bn(serial, sizeof serial, NULL);
    BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x));
    BN_free(bn);
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "C", MBSTRING_UTF8, (const uint8_t *)"JP", -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const uint8_t *)"証明テスト", -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)u->cn, -1, -1, 0);
    X509 *issuer = by ? by->cert : x;
    X509_set_issuer_name(x, X509_get_subject_name(issuer));
    X509_gmtime_adj(X509_getm_notBefore(x), -86400);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400 * (u->years ? u->years : 1) * 365L);
    X509_set_pubkey(x, who->key);
    extend(x, issuer, NID_basic_constraints, u->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(x, issuer, NID_key_usage, u->key_usage);
    extend(x, issuer, NID_subject_key_identifier, "hash");
    extend(x, issuer, NID_authority_key_identifier, "keyid:always");
    if (u->eku)
        extend(x, issuer, NID_ext_key_usage, u->eku);
    if (u->urls) {
        extend(x, issuer, NID_crl_distribution_points, u->urls);
        extend(x, issuer, NID_info_access,
               u->ca ? "caIssuers;URI:" CA_URL : "OCSP;URI:" OCSP_URL ",caIssuers;URI:" CA_URL);
    }
    if (u->nocheck)
        extend(x, issuer, NID_id_pkix_OCSP_noCheck, "NULL");
    need(X509_sign(x, by ? by->key : who->key, EVP_sha256()) > 0, "X509_sign");
    who->der = der_of(a, x);
}

static void issue(struct arena *a, struct kit_identity *who, enum kit_key kind,
                  const struct kit_identity *by, const struct usage *u)
{
    who->key = make_key(kind);
    certify(a, who, by, u);
}

enum err kit_sign(void *arg, struct bytes digest, struct arena *a, struct bytes *signature)
{
    EVP_PKEY *key = arg;
    size_t n = (size_t)EVP_PKEY_get_size(key);
    uint8_t *out = arena_alloc(a, n);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool done =
        ctx && EVP_PKEY_sign_init(ctx) > 0 &&
        EVP_PKEY_CTX_set_signature_md(ctx, digest.n == 48 ? EVP_sha384() : EVP_sha256()) > 0 &&
        EVP_PKEY_sign(ctx, out, &n, digest.p, digest.n) > 0;
    EVP_PKEY_CTX_free(ctx);
    *signature = (struct bytes){ out, n };
    return done ? E_OK : FAIL(E_BACKEND, "", "EVP_PKEY_sign");
}

/* ---- services ---- */

static ASN1_INTEGER *next_serial(struct TS_resp_ctx *ctx, void *arg)
{
    static long serial = 1000;
    (void)ctx;
    (void)arg;
    ASN1_INTEGER *out = ASN1_INTEGER_new();
    ASN1_INTEGER_set(out, ++serial);
    return out;
}

static int tell_time(struct TS_resp_ctx *ctx, void *arg, long *sec, long *usec)
{
    struct kit *k = arg;
    int64_t us = clock_now().us + k->shift_us + (k->tsa_mode == KIT_TSA_LATE ? DAY_US : 0);
    (void)ctx;
    *sec = (long)(us / SECOND_US);
    *usec = (long)(us % SECOND_US);
    return 1;
}

static struct bytes spoil(struct kit *k, struct bytes request, struct arena *a)
{
    uint8_t *copy = arena_alloc(a, request.n);
    memcpy(copy, request.p, request.n);
    if (k->tsa_mode == KIT_TSA_WRONG_NONCE)
        copy[request.n - 4] ^= 1; /* last octet of the nonce, before the BOOLEAN */
    if (k->tsa_mode == KIT_TSA_WRONG_IMPRINT)
        copy[30] ^= 1;
    return (struct bytes){ copy, request.n };
}

static TS_RESP_CTX *responder(struct kit *k)
{
    TS_RESP_CTX *ctx = TS_RESP_CTX_new();
    STACK_OF(X509) *chain = sk_X509_new_null();
    ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4.1", 1);
    for (int i = 0; i < (k->tsa_mode == KIT_TSA_HUGE ? 40 : 1); i++)
        sk_X509_push(chain, i % 2 ? k->root.cert : k->ca.cert);
    TS_RESP_CTX_set_signer_cert(ctx, k->tsa.cert);
    TS_RESP_CTX_set_signer_key(ctx, k->tsa.key);
    TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256());
    TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256());
    TS_RESP_CTX_set_def_policy(ctx, policy);
    TS_RESP_CTX_set_certs(ctx, chain);
    TS_RESP_CTX_add_md(ctx, k->tsa_mode == KIT_TSA_REFUSES ? EVP_sha512() : EVP_sha256());
    TS_RESP_CTX_set_serial_cb(ctx, next_serial, k);
    TS_RESP_CTX_set_time_cb(ctx, tell_time, k);
    ASN1_OBJECT_free(policy);
    sk_X509_free(chain);
    return ctx;
}

static enum err tsa(void *arg, struct bytes request, struct arena *a, struct bytes *reply)
{
    struct kit *k = arg;
    k->tsa_calls++;
    if (k->tsa_mode == KIT_TSA_DOWN)
        return FAIL(E_BACKEND, "", "connection refused");
    if (k->tsa_mode == KIT_TSA_GARBAGE) {
        *reply = bytes_of_str(STR("<html>502</html>"));
        return E_OK;
    }
    request = spoil(k, request, a);
    BIO *in = BIO_new_mem_buf(request.p, (int)request.n);
    TS_RESP_CTX *ctx = responder(k);
    TS_RESP *response = TS_RESP_create_response(ctx, in);
    need(response, "TS_RESP");
    int n = i2d_TS_RESP(response, NULL);
    uint8_t *out = arena_alloc(a, (size_t)n), *p = out;
    i2d_TS_RESP(response, &p);
    *reply = (struct bytes){ out, (size_t)n };
    TS_RESP_free(response);
    TS_RESP_CTX_free(ctx);
    BIO_free(in);
    return E_OK;
}

static bool is_revoked(const struct kit *k, const ASN1_INTEGER *serial)
{
    return k->revoked && ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(k->revoked)) == 0;
}

static struct bytes answer_ocsp(struct kit *k, struct bytes der, struct arena *a)
{
    const uint8_t *q = der.p;
    OCSP_REQUEST *request = d2i_OCSP_REQUEST(NULL, &q, (long)der.n);
    need(request && OCSP_request_onereq_count(request) == 1, "OCSP request");
    OCSP_CERTID *id = OCSP_onereq_get0_id(OCSP_request_onereq_get0(request, 0));
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    long shift = (long)(k->shift_us / SECOND_US);
    long age = (long)(k->ocsp_age_us / SECOND_US) - shift;
    ASN1_TIME *from = X509_gmtime_adj(NULL, -age), *to = X509_gmtime_adj(NULL, 3600 + shift);
    ASN1_TIME *when = X509_gmtime_adj(NULL, -(long)(k->revoked_before_us / SECOND_US));
    ASN1_INTEGER *serial;
    OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
    bool revoked = is_revoked(k, serial);
    OCSP_basic_add1_status(basic, id, revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD,
                           k->revoked_reason, when, from, to);
    if (!k->ocsp_age_us)
        OCSP_copy_nonce(basic, request);
    /* OpenSSL only knows answers of this moment */
    X509_gmtime_adj((ASN1_TIME *)(uintptr_t)OCSP_resp_get0_produced_at(basic), -age);
    need(OCSP_basic_sign(basic, k->ocsp.cert, k->ocsp.key, EVP_sha256(), NULL, OCSP_NOTIME),
         "OCSP");
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    int n = i2d_OCSP_RESPONSE(response, NULL);
    uint8_t *out = arena_alloc(a, (size_t)n), *p = out;
    i2d_OCSP_RESPONSE(response, &p);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_REQUEST_free(request);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    ASN1_TIME_free(when);
    return (struct bytes){ out, (size_t)n };
}

static struct bytes make_crl(struct kit *k, const struct kit_identity *by, struct arena *a)
{
    X509_CRL *crl = X509_CRL_new();
    long shift = (long)(k->shift_us / SECOND_US);
    ASN1_TIME *from = X509_gmtime_adj(NULL, shift), *to = X509_gmtime_adj(NULL, shift + 86400);
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(by->cert));
    X509_CRL_set1_lastUpdate(crl, from);
    X509_CRL_set1_nextUpdate(crl, to);
    if (k->revoked &&
        X509_NAME_cmp(X509_get_issuer_name(k->revoked), X509_get_subject_name(by->cert)) == 0) {
        X509_REVOKED *entry = X509_REVOKED_new();
        ASN1_TIME *when = X509_gmtime_adj(NULL, -(long)(k->revoked_before_us / SECOND_US));
        ASN1_INTEGER *serial = ASN1_INTEGER_dup(X509_get0_serialNumber(k->revoked));
        ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
        ASN1_ENUMERATED_set(reason, k->revoked_reason);
        X509_REVOKED_set_serialNumber(entry, serial);
        X509_REVOKED_set_revocationDate(entry, when);
        X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0);
        X509_CRL_add0_revoked(crl, entry);
        ASN1_ENUMERATED_free(reason);
        ASN1_INTEGER_free(serial);
        ASN1_TIME_free(when);
    }
    need(X509_CRL_sign(crl, by->key, EVP_sha256()) > 0, "CRL");
    int n = i2d_X509_CRL(crl, NULL);
    uint8_t *out = arena_alloc(a, (size_t)n), *p = out;
    i2d_X509_CRL(crl, &p);
    X509_CRL_free(crl);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    return (struct bytes){ out, (size_t)n };
}

static enum err fetch(void *arg, enum pdf_fetch kind, struct str url, struct bytes request,
                      struct arena *a, struct bytes *reply)
{
    struct kit *k = arg;
    k->fetch_calls++;
    if (k->revocation_down || (k->ocsp_down && kind == PDF_FETCH_OCSP))
        return FAIL(E_BACKEND, "", "connection refused");
    if (kind == PDF_FETCH_OCSP && str_eq_z(url, OCSP_URL))
        *reply = answer_ocsp(k, request, a);
    else if (kind == PDF_FETCH_CRL && str_eq_z(url, CRL_URL))
        *reply = make_crl(k, &k->ca, a);
    else if (kind == PDF_FETCH_CRL && str_eq_z(url, ROOT_CRL_URL))
        *reply = make_crl(k, &k->root, a);
    else if (kind == PDF_FETCH_CERT && str_eq_z(url, CA_URL))
        *reply = k->ca.der;
    else
        return FAIL(E_BACKEND, "", "no such URL");
    return E_OK;
}

/* ---- the kit ---- */

#define SIGNING "critical,digitalSignature,nonRepudiation"

struct kit *kit_new(void)
{
    static const char *const names[] = { "山田 太郎", "RSA 3072", "P-256", "P-384" };
    struct kit *k = calloc(1, sizeof *k);
    struct arena *a = arena_new((size_t)4 << 20);
    need(k, "memory");
    k->arena = a;
    issue(a, &k->root, KIT_P256, NULL,
          &(struct usage){ "Test Root", "critical,keyCertSign,cRLSign", NULL, NULL, true, false,
                           20 });
    issue(a, &k->ca, KIT_P256, &k->root,
          &(struct usage){ "Test CA", "critical,keyCertSign,cRLSign", NULL, "URI:" ROOT_CRL_URL,
                           true, false, 20 });
    issue(a, &k->ocsp, KIT_P256, &k->ca,
          &(struct usage){ "Test OCSP", "critical,digitalSignature", "OCSPSigning", NULL, false,
                           true, 10 });
    issue(a, &k->tsa, KIT_RSA2048, &k->ca,
          &(struct usage){ "Test TSA", "critical,digitalSignature", "critical,timeStamping",
                           "URI:" CRL_URL, false, false, 10 });
    issue(a, &k->stranger, KIT_P256, NULL,
          &(struct usage){ "Stranger", SIGNING, NULL, NULL, false, false, 0 });
    for (int i = 0; i < KIT_KEY__MAX; i++) {
        issue(a, &k->signer[i], (enum kit_key)i, &k->ca,
              &(struct usage){ names[i], SIGNING, "emailProtection", "URI:" CRL_URL, false, false,
                               0 });
        struct bytes chain[] = { k->ca.der, k->root.der };
        need(cms_signer_new(k->signer[i].der, chain, 2, &k->cms[i]) == E_OK, "cms_signer_new");
    }
    k->trust = pdf_trust_new();
    need(pdf_trust_add_anchor(k->trust, k->root.der) == E_OK, "anchor");
    need(pdf_trust_add_tsa_anchor(k->trust, k->root.der) == E_OK, "anchor");
    pdf_trust_set_fetch(k->trust, fetch, k);
    k->authority = (struct timestamp_authority){ .send = tsa, .arg = k };
    return k;
}

struct cms_signer *kit_signer_for(struct kit *k, struct bytes spki)
{
    const uint8_t *p = spki.p;
    struct kit_identity who = { .key = d2i_PUBKEY(NULL, &p, (long)spki.n) };
    struct bytes chain[] = { k->ca.der, k->root.der };
    struct cms_signer *out = NULL;

    need(who.key, "SubjectPublicKeyInfo");
    certify(
        k->arena, &who, &k->ca,
        &(struct usage){ "Token", SIGNING, "emailProtection", "URI:" CRL_URL, false, false, 0 });
    need(cms_signer_new(who.der, chain, 2, &out) == E_OK, "cms_signer_new");
    EVP_PKEY_free(who.key);
    X509_free(who.cert);
    return out;
}

static void drop(struct kit_identity *who)
{
    EVP_PKEY_free(who->key);
    X509_free(who->cert);
}

void kit_free(struct kit *k)
{
    drop(&k->root);
    drop(&k->ca);
    drop(&k->ocsp);
    drop(&k->tsa);
    drop(&k->stranger);
    for (int i = 0; i < KIT_KEY__MAX; i++) {
        drop(&k->signer[i]);
        cms_signer_free(k->cms[i]);
    }
    pdf_trust_free(k->trust);
    arena_free(k->arena);
    free(k);
}

struct pdf_sign_params kit_params(struct kit *k, struct bytes pdf, enum pdf_level level,
                                  enum kit_key key)
{
    return (struct pdf_sign_params){ .source = pdf_source_memory(pdf),
                                     .level = level,
                                     .signer = k->cms[key],
                                     .sign = kit_sign,
                                     .sign_arg = k->signer[key].key,
                                     .tsa = &k->authority,
                                     .trust = k->trust,
                                     .when = TIMESTAMP_NONE };
}

enum err kit_verify(struct bytes pdf, const struct pdf_trust *trust, struct timestamp at,
                    struct arena *a, struct pdf_report **out)
{
    struct pdf_source source = pdf_source_memory(pdf);
    return pdf_verify(&source, NULL, trust, at, a, out);
}

enum err kit_open(struct bytes pdf, struct pdf_read *out)
{
    struct pdf_source source = pdf_source_memory(pdf);
    return pdf_read_open(&source, NULL, out);
}

struct str kit_root_pem(struct kit *k)
{
    char *p;
    BIO *bio = BIO_new(BIO_s_mem());
    need(PEM_write_bio_X509(bio, k->root.cert), "PEM");
    long n = BIO_get_mem_data(bio, &p);
    struct str out = str_of(k->arena, p, (size_t)n);
    BIO_free(bio);
    return out;
}
