/* cms_check.c - see cms_check.h. */
#include "sign/cms_check.h"

#include "pki/der.h"
#include "sign/cms_check_algorithms.h"
#include "sign/pdf_x509.h"

#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/rsa.h>

/* Adobe's RevocationInfoArchival (ISO 32000-2 12.8.3.3.2) has an OID that OpenSSL does not name. */
#define ADOBE_REVOCATION "1.2.840.113583.1.1.8"

static enum err parse(struct bytes der, struct cms_check *c)
{
    const uint8_t *p = der.p;

    if (der.n == 0 || der.n > CMS_CHECK_SIZE_MAX)
        return FAIL(E_INPUT, "cms-malformed", "%zu bytes", der.n);
    c->cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.n);
    if (!c->cms)
        return FAIL(E_INPUT, "cms-malformed", "RFC 5652 3: not a ContentInfo");
    for (; p < der.p + der.n; p++) {
        if (*p)
            return FAIL(E_INPUT, "cms-malformed", "bytes behind the ContentInfo");
    }
    if (OBJ_obj2nid(CMS_get0_type(c->cms)) != NID_pkcs7_signed)
        return FAIL(E_INPUT, "cms-malformed", "RFC 5652 5: not SignedData");
    return E_OK;
}

static struct bytes string_bytes(const ASN1_STRING *s, struct arena *a)
{
    if (!s || ASN1_STRING_length(s) <= 0)
        return BYTES_ABSENT;
    return bytes_dup(a, (struct bytes){ ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s) });
}

/* A signed attribute that must be there once, with one value. */
static void *only_attribute(CMS_SignerInfo *info, int nid, int type)
{
    return CMS_signed_get0_data_by_OBJ(info, OBJ_nid2obj(nid), -3, type);
}

/* RFC 5652 5.3, 11: one signer, signed attributes, their content-type and message-digest. */
static enum err read_attributes(struct cms_check *c, int type_nid, struct arena *a)
{
    STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(c->cms);
    if (sk_CMS_SignerInfo_num(infos) != 1)
        return FAIL(E_INPUT, "cms-malformed", "%d SignerInfos", sk_CMS_SignerInfo_num(infos));
    c->info = sk_CMS_SignerInfo_value(infos, 0);
    const ASN1_OBJECT *type = only_attribute(c->info, NID_pkcs9_contentType, V_ASN1_OBJECT);
    if (!type || OBJ_obj2nid(type) != type_nid ||
        OBJ_obj2nid(CMS_get0_eContentType(c->cms)) != type_nid)
        return FAIL(E_INPUT, "cms-malformed", "RFC 5652 11.1: content-type");
    c->message_digest =
        string_bytes(only_attribute(c->info, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING), a);
    if (!c->message_digest.n)
        return FAIL(E_INPUT, "cms-malformed", "RFC 5652 11.2: message-digest");
    c->signing_time = CMS_signed_get_attr_by_NID(c->info, NID_pkcs9_signingTime, -1) >= 0;
    c->signing_cert_v2 =
        CMS_signed_get_attr_by_NID(c->info, NID_id_smime_aa_signingCertificateV2, -1) >= 0;
    ASN1_OCTET_STRING **content = CMS_get0_content(c->cms);
    if (content && *content)
        c->content = string_bytes(*content, a);
    if (content && *content && type_nid == NID_pkcs7_data)
        return FAIL(E_INPUT, "cms-malformed", "ISO 32000-2 12.8.3.3.1: content in a detached one");
    c->signature = string_bytes(CMS_SignerInfo_get0_signature(c->info), a);
    return E_OK;
}

static void read_certificates(struct cms_check *c, struct arena *a)
{
    STACK_OF(X509) *all = CMS_get1_certs(c->cms);
    int n = sk_X509_num(all);

    for (int i = 0; i < n && !c->signer; i++) {
        X509 *x = sk_X509_value(all, i);
        if (CMS_SignerInfo_cert_cmp(c->info, x) == 0) {
            X509_up_ref(x);
            c->signer = x;
            c->certs[c->certs_n++] = pdf_x509_der(x, a);
        }
    }
    for (int i = 0; i < n && c->certs_n < CMS_CHECK_CERTS_MAX; i++) {
        if (sk_X509_value(all, i) != c->signer)
            c->certs[c->certs_n++] = pdf_x509_der(sk_X509_value(all, i), a);
    }
    sk_X509_pop_free(all, X509_free);
}

/* RevocationInfoArchival ::= SEQUENCE { crl [0] SEQUENCE OF CRL, ocsp [1] SEQUENCE OF OCSPResponse
 * } */
static void read_adobe(struct cms_check *c, struct bytes value)
{
    struct der all = der_reader(value), archive, part, list;
    struct der_item one;

    if (!der_enter(&all, DER_SEQUENCE, &archive))
        return;
    if (der_enter(&archive, DER_CONTEXT(0), &part) && der_enter(&part, DER_SEQUENCE, &list)) {
        while (c->crl_n < 8 && der_any(&list, &one))
            c->crl[c->crl_n++] = one.whole;
    }
    if (der_enter(&archive, DER_CONTEXT(1), &part) && der_enter(&part, DER_SEQUENCE, &list)) {
        while (c->ocsp_n < 8 && der_any(&list, &one))
            c->ocsp[c->ocsp_n++] = one.whole;
    }
}

static void read_evidence(struct cms_check *c, struct arena *a)
{
    ASN1_OBJECT *adobe = OBJ_txt2obj(ADOBE_REVOCATION, 1);
    const ASN1_STRING *s = CMS_signed_get0_data_by_OBJ(c->info, adobe, -3, V_ASN1_SEQUENCE);
    STACK_OF(X509_CRL) *crls = CMS_get1_crls(c->cms);

    if (s)
        read_adobe(c, string_bytes(s, a));
    for (int i = 0; i < sk_X509_CRL_num(crls) && c->crl_n < 8; i++) {
        int n = i2d_X509_CRL(sk_X509_CRL_value(crls, i), NULL);
        uint8_t *der = arena_alloc(a, n > 0 ? (size_t)n : 0), *p = der;
        if (n > 0 && i2d_X509_CRL(sk_X509_CRL_value(crls, i), &p) == n)
            c->crl[c->crl_n++] = (struct bytes){ der, (size_t)n };
    }
    sk_X509_CRL_pop_free(crls, X509_CRL_free);
    ASN1_OBJECT_free(adobe);
    s = CMS_unsigned_get0_data_by_OBJ(c->info, OBJ_nid2obj(NID_id_smime_aa_timeStampToken), -3,
                                      V_ASN1_SEQUENCE);
    c->token = string_bytes(s, a);
}

/*
 * The signed attributes as they were signed: the octets of [0] with the tag of a SET (RFC
 * 5652 5.4). Walks ContentInfo, SignedData, SignerInfo; absent when it is not DER.
 */
static struct bytes attributes_as_signed(struct bytes whole, struct arena *a)
{
    struct der all = der_reader(whole), info, in, data, set, signer;
    struct der_item item = { 0 };

    if (!der_enter(&all, DER_SEQUENCE, &info) || !der_any(&info, &item) ||
        !der_enter(&info, DER_CONTEXT(0), &in) || !der_enter(&in, DER_SEQUENCE, &data))
        return BYTES_ABSENT;
    for (int i = 0; i < 3; i++) { /* version, digestAlgorithms, encapContentInfo */
        if (!der_any(&data, &item))
            return BYTES_ABSENT;
    }
    while (der_peek(&data) == DER_CONTEXT(0) || der_peek(&data) == DER_CONTEXT(1)) {
        if (!der_any(&data, &item))
            return BYTES_ABSENT;
    }
    if (!der_enter(&data, DER_SET, &set) || !der_enter(&set, DER_SEQUENCE, &signer))
        return BYTES_ABSENT;
    do { /* version, sid, digestAlgorithm */
        if (!der_any(&signer, &item))
            return BYTES_ABSENT;
    } while (der_peek(&signer) != DER_CONTEXT(0) && der_peek(&signer) != 0);
    if (!der_take(&signer, DER_CONTEXT(0), &item))
        return BYTES_ABSENT;
    struct bytes copy = bytes_dup(a, item.whole);
    ((uint8_t *)(uintptr_t)copy.p)[0] = DER_SET;
    return copy;
}

enum err cms_check_open(struct bytes der, int type_nid, struct arena *a, struct cms_check *out)
{
    enum err rc;

    *out = (struct cms_check){ 0 };
    ERR_clear_error();
    if ((rc = parse(der, out)) == E_OK && (rc = read_attributes(out, type_nid, a)) == E_OK &&
        (rc = cms_check_algorithms(out)) == E_OK) {
        read_certificates(out, a);
        cms_check_key(out);
        if (out->pure)
            out->attributes = attributes_as_signed(der, a);
        read_evidence(out, a);
    }
    ERR_clear_error();
    return rc;
}

void cms_check_close(struct cms_check *c)
{
    X509_free(c->signer);
    CMS_ContentInfo_free(c->cms);
    c->signer = NULL;
    c->cms = NULL;
}

/* RFC 8419: EdDSA signs the attributes themselves; OpenSSL 3.0's CMS cannot. */
static bool verify_pure(struct cms_check *c)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct bytes tbs = c->attributes;
    EVP_PKEY *key = X509_get0_pubkey(c->signer);
    bool good = ctx && tbs.n && key &&
                (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448")) &&
                EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(ctx, c->signature.p, c->signature.n, tbs.p, tbs.n) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

/* RFC 5035 5.4, RFC 2634 5.4: the attribute, where present, must name the signer's certificate. */
static enum err check_signing_certificate(struct cms_check *c)
{
    const ASN1_STRING *v1 =
        only_attribute(c->info, NID_id_smime_aa_signingCertificate, V_ASN1_SEQUENCE);
    const ASN1_STRING *v2 =
        only_attribute(c->info, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE);
    const uint8_t *p1 = v1 ? ASN1_STRING_get0_data(v1) : NULL;
    const uint8_t *p2 = v2 ? ASN1_STRING_get0_data(v2) : NULL;
    ESS_SIGNING_CERT *ss = v1 ? d2i_ESS_SIGNING_CERT(NULL, &p1, ASN1_STRING_length(v1)) : NULL;
    ESS_SIGNING_CERT_V2 *ss2 =
        v2 ? d2i_ESS_SIGNING_CERT_V2(NULL, &p2, ASN1_STRING_length(v2)) : NULL;
    STACK_OF(X509) *one = sk_X509_new_null();
    enum err rc = E_OK;

    if ((v1 && !ss) || (v2 && !ss2) || (c->signing_cert_v2 && !v2) || !one ||
        !sk_X509_push(one, c->signer) ||
        ((ss || ss2) && OSSL_ESS_check_signing_certs(ss, ss2, one, 1) <= 0))
        rc = FAIL(E_INPUT, "signing-certificate", "RFC 5035 5.4: names another certificate");
    ESS_SIGNING_CERT_free(ss);
    ESS_SIGNING_CERT_V2_free(ss2);
    sk_X509_free(one);
    return rc;
}

enum err cms_check_verify(struct cms_check *c, struct bytes digest)
{
    enum err rc = E_OK;

    ERR_clear_error();
    if (!bytes_eq(digest, c->message_digest))
        return FAIL(E_INPUT, "digest-mismatch", "RFC 5652 5.6: message-digest");
    if (!c->signer)
        return FAIL(E_INPUT, "signer-missing", "the CMS carries no certificate of its signer");
    CMS_SignerInfo_set1_signer_cert(c->info, c->signer);
    if (c->pure ? !verify_pure(c) : CMS_SignerInfo_verify(c->info) != 1)
        rc = FAIL(E_INPUT, "signature-invalid", "RFC 5652 5.6: %s",
                  ERR_reason_error_string(ERR_peek_last_error()));
    else
        rc = check_signing_certificate(c);
    ERR_clear_error();
    return rc;
}

struct str cms_check_digest_name(const struct cms_check *c, struct arena *a)
{
    int bits = c->md ? EVP_MD_get_size(c->md) * 8 : 0;
    return bits == 160 ? STR("SHA-1") : str_fmt(a, "SHA-%d", bits);
}

struct str cms_check_algorithm_name(const struct cms_check *c, struct arena *a)
{
    X509_ALGOR *signature;
    const ASN1_OBJECT *oid;
    EVP_PKEY *key = c->signer ? X509_get0_pubkey(c->signer) : NULL;

    CMS_SignerInfo_get0_algs(c->info, NULL, NULL, NULL, &signature);
    X509_ALGOR_get0(&oid, NULL, NULL, signature);
    if (OBJ_obj2nid(oid) == NID_rsassaPss)
        return str_fmt(a, "RSA-PSS %d", key ? EVP_PKEY_get_bits(key) : 0);
    if (key && EVP_PKEY_is_a(key, "RSA"))
        return str_fmt(a, "RSA %d", EVP_PKEY_get_bits(key));
    if (c->pure)
        return OBJ_obj2nid(oid) == NID_ED25519 ? STR("Ed25519") : STR("Ed448");
    if (key && EVP_PKEY_is_a(key, "EC"))
        return str_fmt(a, "ECDSA P-%d", EVP_PKEY_get_bits(key));
    return pdf_x509_oid(oid, a);
}
