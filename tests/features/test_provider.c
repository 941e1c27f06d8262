/* test_provider.c - OpenSSL signs certificates, CRLs, requests, OCSP answers, timestamps and CMS
 * with keys of the token, and accepts each after a trip through DER. */
#include "token.h"
#include "sign/provider.h"
#include "tap.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

static struct arena *a;

/* One signer: a key of the token and its self-signed certificate. */
struct signer {
    const char *name;
    struct signing_key *key;
    EVP_PKEY *pkey;
    X509 *cert;
    const EVP_MD *md;
};

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *e;

    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ok(e && X509_add_ext(cert, e, -1), "extension %s", OBJ_nid2sn(nid));
    X509_EXTENSION_free(e);
}

static X509 *certificate(struct signer *s, bool tsa)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_NAME_new();

    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)s->name, -1, -1,
                               0);
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 42);
    X509_set_subject_name(cert, name);
    X509_set_issuer_name(cert, name);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    ok(X509_set_pubkey(cert, s->pkey), "%s: X509_set_pubkey", s->name);
    if (tsa)
        add_extension(cert, NID_ext_key_usage, "critical,timeStamping");
    else
        add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    X509_NAME_free(name);
    return cert;
}

/* Through DER, so that nothing of the signing key's context remains. */
static X509 *again(X509 *cert)
{
    unsigned char *der = NULL;
    const unsigned char *p;
    int n = i2d_X509(cert, &der);
    X509 *out;

    p = der;
    out = n > 0 ? d2i_X509(NULL, &p, n) : NULL;
    OPENSSL_free(der);
    return out;
}

static void x509(struct signer *s)
{
    X509 *cert = certificate(s, false), *read;
    EVP_PKEY *pub;

    ok(X509_sign(cert, s->pkey, s->md) > 0, "%s: X509_sign", s->name);
    read = again(cert);
    pub = X509_get0_pubkey(read);
    ok(X509_verify(read, pub) == 1, "%s: X509_verify", s->name);
    ok(X509_check_private_key(read, s->pkey) == 1, "%s: X509_check_private_key", s->name);
    ok(X509_verify(cert, s->pkey) == 1, "%s: X509_verify with the key of the token", s->name);
    X509_free(cert);
    s->cert = read;
    ERR_clear_error();
}

static void x509_pss(struct signer *s)
{
    X509 *cert = certificate(s, false), *read;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pkey = NULL;

    ok(EVP_DigestSignInit(ctx, &pkey, s->md, NULL, s->pkey) > 0 &&
           EVP_PKEY_CTX_set_rsa_padding(pkey, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(pkey, RSA_PSS_SALTLEN_DIGEST) > 0,
       "%s: PSS context", s->name);
    ok(X509_sign_ctx(cert, ctx) > 0, "%s: X509_sign_ctx with PSS", s->name);
    read = again(cert);
    ok(read && X509_get_signature_nid(read) == NID_rsassaPss, "%s: algorithm is PSS", s->name);
    ok(read && X509_verify(read, X509_get0_pubkey(read)) == 1, "%s: PSS verifies", s->name);
    EVP_MD_CTX_free(ctx);
    X509_free(cert);
    X509_free(read);
}

static void crl(struct signer *s)
{
    X509_CRL *crl = X509_CRL_new(), *read = NULL;
    X509_REVOKED *r = X509_REVOKED_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0), *next = X509_gmtime_adj(NULL, 3600);
    unsigned char *der = NULL;
    const unsigned char *p;
    int n;

    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(s->cert));
    X509_CRL_set1_lastUpdate(crl, now);
    X509_CRL_set1_nextUpdate(crl, next);
    X509_REVOKED_set_serialNumber(r, X509_get_serialNumber(s->cert));
    X509_REVOKED_set_revocationDate(r, now);
    X509_CRL_add0_revoked(crl, r);
    ok(X509_CRL_sign(crl, s->pkey, s->md) > 0, "%s: X509_CRL_sign", s->name);
    n = i2d_X509_CRL(crl, &der);
    p = der;
    read = n > 0 ? d2i_X509_CRL(NULL, &p, n) : NULL;
    ok(read && X509_CRL_verify(read, X509_get0_pubkey(s->cert)) == 1, "%s: CRL verifies", s->name);
    OPENSSL_free(der);
    X509_CRL_free(crl);
    X509_CRL_free(read);
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
}

static void request(struct signer *s)
{
    X509_REQ *req = X509_REQ_new(), *read = NULL;
    unsigned char *der = NULL;
    const unsigned char *p;
    int n;

    X509_REQ_set_subject_name(req, X509_get_subject_name(s->cert));
    ok(X509_REQ_set_pubkey(req, s->pkey), "%s: X509_REQ_set_pubkey", s->name);
    ok(X509_REQ_sign(req, s->pkey, s->md) > 0, "%s: X509_REQ_sign", s->name);
    n = i2d_X509_REQ(req, &der);
    p = der;
    read = n > 0 ? d2i_X509_REQ(NULL, &p, n) : NULL;
    ok(read && X509_REQ_verify(read, X509_REQ_get0_pubkey(read)) == 1, "%s: request verifies",
       s->name);
    OPENSSL_free(der);
    X509_REQ_free(req);
    X509_REQ_free(read);
}

static void ocsp(struct signer *s)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new(), *read = NULL;
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), s->cert, s->cert);
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0), *next = X509_gmtime_adj(NULL, 3600);
    X509_STORE *store = X509_STORE_new();
    unsigned char *der = NULL;
    const unsigned char *p;
    int n;

    X509_STORE_add_cert(store, s->cert);
    OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, NULL, now, next);
    ok(OCSP_basic_sign(basic, s->cert, s->pkey, s->md, NULL, 0) > 0, "%s: OCSP_basic_sign",
       s->name);
    n = i2d_OCSP_BASICRESP(basic, &der);
    p = der;
    read = n > 0 ? d2i_OCSP_BASICRESP(NULL, &p, n) : NULL;
    ok(read && OCSP_basic_verify(read, NULL, store, 0) > 0, "%s: OCSP answer verifies", s->name);
    OPENSSL_free(der);
    X509_STORE_free(store);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    OCSP_BASICRESP_free(read);
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
}

static ASN1_INTEGER *serial(struct TS_resp_ctx *ctx, void *arg)
{
    ASN1_INTEGER *n = ASN1_INTEGER_new();

    (void)ctx;
    (void)arg;
    ASN1_INTEGER_set(n, 7);
    return n;
}

static TS_REQ *timestamp_request(void)
{
    TS_REQ *req = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    unsigned char digest[32] = { 5 };

    X509_ALGOR_set_md(algorithm, EVP_sha256());
    TS_MSG_IMPRINT_set_algo(imprint, algorithm);
    TS_MSG_IMPRINT_set_msg(imprint, digest, sizeof(digest));
    TS_REQ_set_version(req, 1);
    TS_REQ_set_msg_imprint(req, imprint);
    TS_REQ_set_cert_req(req, 1);
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    return req;
}

static void tsp(struct signer *s)
{
    X509 *cert = certificate(s, true);
    TS_RESP_CTX *ctx = TS_RESP_CTX_new();
    TS_REQ *req = timestamp_request();
    BIO *in = BIO_new(BIO_s_mem());
    ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
    X509_STORE *store = X509_STORE_new();
    TS_VERIFY_CTX *verify = NULL;
    TS_RESP *resp, *read = NULL;
    unsigned char *der = NULL;
    const unsigned char *p;
    int n;

    X509_sign(cert, s->pkey, s->md);
    i2d_TS_REQ_bio(in, req);
    ok(TS_RESP_CTX_set_signer_cert(ctx, cert) && TS_RESP_CTX_set_signer_key(ctx, s->pkey) &&
           TS_RESP_CTX_set_signer_digest(ctx, s->md) && TS_RESP_CTX_set_def_policy(ctx, policy) &&
           TS_RESP_CTX_add_md(ctx, EVP_sha256()) &&
           TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256()),
       "%s: TSA context", s->name);
    TS_RESP_CTX_set_serial_cb(ctx, serial, NULL);
    resp = TS_RESP_create_response(ctx, in);
    n = resp ? i2d_TS_RESP(resp, &der) : -1;
    p = der;
    read = n > 0 ? d2i_TS_RESP(NULL, &p, n) : NULL;
    ok(read && TS_RESP_get_token(read), "%s: TS_RESP_create_response gives a token", s->name);
    X509_STORE_add_cert(store, cert);
    verify = TS_REQ_to_TS_VERIFY_CTX(req, NULL);
    TS_VERIFY_CTX_add_flags(verify, TS_VFY_SIGNATURE);
    TS_VERIFY_CTX_set_store(verify, store);
    ok(read && TS_RESP_verify_response(verify, read) == 1, "%s: timestamp verifies", s->name);
    OPENSSL_free(der);
    TS_VERIFY_CTX_free(verify);
    TS_RESP_free(resp);
    TS_RESP_free(read);
    TS_RESP_CTX_free(ctx);
    TS_REQ_free(req);
    BIO_free(in);
    ASN1_OBJECT_free(policy);
    X509_free(cert);
}

static CMS_ContentInfo *cms_again(CMS_ContentInfo *cms)
{
    unsigned char *der = NULL;
    const unsigned char *p;
    int n = i2d_CMS_ContentInfo(cms, &der);
    CMS_ContentInfo *out;

    p = der;
    out = n > 0 ? d2i_CMS_ContentInfo(NULL, &p, n) : NULL;
    OPENSSL_free(der);
    return out;
}

static void cms_judge(struct signer *s, CMS_ContentInfo *cms, const char *what)
{
    X509_STORE *store = X509_STORE_new();
    CMS_ContentInfo *read = cms ? cms_again(cms) : NULL;

    X509_STORE_add_cert(store, s->cert);
    X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
    ok(read && CMS_verify(read, NULL, store, NULL, NULL, CMS_BINARY | CMS_CADES) == 1,
       "%s: %s verifies", s->name, what);
    if (ERR_peek_error())
        ERR_print_errors_fp(stderr);
    X509_STORE_free(store);
    CMS_ContentInfo_free(read);
}

static void cms(struct signer *s)
{
    BIO *data = BIO_new_mem_buf("content", 7);
    CMS_ContentInfo *signed_data = CMS_sign(s->cert, s->pkey, NULL, data, CMS_BINARY | CMS_CADES);

    ok(signed_data, "%s: CMS_sign", s->name);
    cms_judge(s, signed_data, "CMS with CAdES attributes");
    CMS_ContentInfo_free(signed_data);
    BIO_free(data);
}

static void cms_pss(struct signer *s)
{
    BIO *data = BIO_new_mem_buf("content", 7);
    CMS_ContentInfo *c = CMS_sign(NULL, NULL, NULL, data, CMS_BINARY | CMS_PARTIAL);
    CMS_SignerInfo *si = CMS_add1_signer(c, s->cert, s->pkey, s->md,
                                         CMS_BINARY | CMS_CADES | CMS_KEY_PARAM | CMS_PARTIAL);
    EVP_PKEY_CTX *ctx = si ? CMS_SignerInfo_get0_pkey_ctx(si) : NULL;

    ok(ctx && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0, "%s: CMS PSS key",
       s->name);
    ok(CMS_final(c, data, NULL, CMS_BINARY), "%s: CMS_final with PSS", s->name);
    cms_judge(s, c, "CMS with PSS");
    CMS_ContentInfo_free(c);
    BIO_free(data);
}

static void sizes(struct signer *s)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(s->pkey, &der);

    ok(n > 0 && bytes_eq((struct bytes){ der, (size_t)n }, keys_spki(s->key)),
       "%s: i2d_PUBKEY is the public key", s->name);
    OPENSSL_free(der);
    der = NULL;
    ok(i2d_PrivateKey(s->pkey, &der) <= 0, "%s: there is no private key to export", s->name);
    OPENSSL_free(der);
    ERR_clear_error();
    ok(EVP_PKEY_get_bits(s->pkey) >= 256 && EVP_PKEY_get_size(s->pkey) >= 64, "%s: %d bits",
       s->name, EVP_PKEY_get_bits(s->pkey));
}

static void all(struct signer *s, bool rsa)
{
    s->pkey = provider_key(s->key);
    ok(s->pkey, "%s: provider_key", s->name);
    if (!s->pkey)
        return;
    sizes(s);
    x509(s);
    crl(s);
    request(s);
    ocsp(s);
    tsp(s);
    cms(s);
    if (rsa) {
        x509_pss(s);
        cms_pss(s);
    }
}

/* keys_destroy before EVP_PKEY_free: the key can no longer sign, nothing else breaks. */
static void destroyed(struct signer *s)
{
    X509 *cert = certificate(s, false);

    keys_destroy(s->key);
    ok(X509_sign(cert, s->pkey, s->md) <= 0, "%s: a destroyed key does not sign", s->name);
    is_str(str_z(fault_current()->reason), "key-destroyed", "the fault says so");
    ERR_clear_error();
    X509_free(cert);
    X509_free(s->cert);
    EVP_PKEY_free(s->pkey);
}

static void session_keys(struct hsm *h)
{
    int kind;

    for (kind = 0; kind < KEY_KIND__MAX; kind++) {
        struct signer s = { .name = keys_kind_name((enum key_kind)kind),
                            .md = kind == KEY_P384 ? EVP_sha384() : EVP_sha256() };
        struct bytes wrapped, spki;
        is_err(keys_generate(h, a, (enum key_kind)kind, &wrapped, &spki), E_OK, "generate");
        is_err(keys_unwrap(h, wrapped, (enum key_kind)kind, spki, &s.key), E_OK, "unwrap");
        all(&s, kind < KEY_P256);
        destroyed(&s);
    }
}

static void token_keys(void)
{
    struct hsm *h = token_open("ca", true);
    struct signer s = { .name = "token-rsa3072", .md = EVP_sha512() };
    struct bytes spki;

    is_err(hsm_admin_create_key(h, a, STR("root"), KEY_RSA3072, &spki), E_OK, "create");
    is_err(keys_find(h, STR("root"), &s.key), E_OK, "find");
    all(&s, true);
    destroyed(&s);
    hsm_close(h);
}

int main(void)
{
    struct hsm *h;

    if (!token_module()) {
        tap_skip("SoftHSM is not installed");
        return tap_done();
    }
    a = arena_new(16 * 1024 * 1024);
    token_start();
    token_make_all();
    h = token_open("signing", false);
    session_keys(h);
    hsm_close(h);
    token_keys();
    token_stop();
    arena_free(a);
    return tap_done();
}
