/* attack_cms.c - see attack_cms.h. Made by OpenSSL and changed afterwards. */
#include "attack_cms.h"

#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

static void need(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "attack_cms: %s\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

static struct bytes written(CMS_ContentInfo *cms, struct arena *a)
{
    int n = i2d_CMS_ContentInfo(cms, NULL);
    need(n > 0, "i2d_CMS_ContentInfo");
    uint8_t *out = arena_alloc(a, (size_t)n), *p = out;
    i2d_CMS_ContentInfo(cms, &p);
    CMS_ContentInfo_free(cms);
    return (struct bytes){ out, (size_t)n };
}

static void add_ess(CMS_SignerInfo *info, X509 *cert)
{
    ESS_SIGNING_CERT_V2 *sc = OSSL_ESS_signing_cert_v2_new_init(EVP_sha256(), cert, NULL, 0);
    unsigned char *der = NULL;
    int n = i2d_ESS_SIGNING_CERT_V2(sc, &der);
    need(n > 0 && CMS_signed_add1_attr_by_NID(info, NID_id_smime_aa_signingCertificateV2,
                                              V_ASN1_SEQUENCE, der, n),
         "signing-certificate-v2");
    OPENSSL_free(der);
    ESS_SIGNING_CERT_V2_free(sc);
}

struct recipe {
    const EVP_MD *md;
    X509 *cert, *ess; /* NULL: the kit's; whose hash stands in the attribute, NULL: the same */
    EVP_PKEY *key;
    const EVP_MD *mgf1;          /* RSA-PSS */
    struct bytes message_digest; /* absent: the right one */
};

static struct bytes digest_of(struct arena *a, struct bytes data, const EVP_MD *md)
{
    uint8_t *out = arena_alloc(a, EVP_MAX_MD_SIZE);
    unsigned n = 0;
    need(EVP_Digest(data.p, data.n, out, &n, md, NULL), "digest");
    return (struct bytes){ out, n };
}

/* A detached SignedData; whoever calls may still change it before it is written. */
static CMS_ContentInfo *sign_with(struct kit *k, struct arena *a, struct bytes covered,
                                  struct recipe r)
{
    unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    X509 *cert = r.cert ? r.cert : k->signer[KIT_P256].cert;
    EVP_PKEY *key = r.key ? r.key : k->signer[KIT_P256].key;
    CMS_SignerInfo *info =
        cms ? CMS_add1_signer(cms, cert, key, r.md, flags | (r.mgf1 ? CMS_KEY_PARAM : 0)) : NULL;
    struct bytes md = r.message_digest.n ? r.message_digest : digest_of(a, covered, r.md);

    need(info && CMS_add1_cert(cms, k->ca.cert), "CMS_add1_signer");
    if (r.mgf1) {
        EVP_PKEY_CTX *ctx = CMS_SignerInfo_get0_pkey_ctx(info);
        need(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0 &&
                 EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, r.mgf1) > 0,
             "PSS");
    }
    if (!r.mgf1) { /* else CMS_final() does */
        CMS_signed_add1_attr_by_NID(info, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                    OBJ_nid2obj(NID_pkcs7_data), -1);
        CMS_signed_add1_attr_by_NID(info, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, md.p,
                                    (int)md.n);
    }
    add_ess(info, r.ess ? r.ess : cert);
    return cms;
}

static CMS_SignerInfo *info_of(CMS_ContentInfo *cms)
{
    return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
}

static struct bytes signed_by(struct kit *k, struct arena *a, struct bytes covered, struct recipe r)
{
    CMS_ContentInfo *cms = sign_with(k, a, covered, r);
    BIO *data = BIO_new_mem_buf(covered.p, (int)covered.n);
    need(r.mgf1 ? CMS_final(cms, data, NULL, CMS_DETACHED | CMS_BINARY)
                : CMS_SignerInfo_sign(info_of(cms)),
         "signing");
    BIO_free(data);
    return written(cms, a);
}

/* Change the n-th last occurrence of these bytes. */
static struct bytes patched(struct arena *a, struct bytes der, const char *old, size_t n, int which,
                            uint8_t last)
{
    struct bytes out = bytes_dup(a, der);
    for (size_t i = der.n - n; i-- > 0;) {
        if (memcmp(der.p + i, old, n) == 0 && which-- == 0) {
            ((uint8_t *)(uintptr_t)out.p)[i + n - 1] = last;
            return out;
        }
    }
    need(false, "nothing to patch");
    return out;
}

#define SHA256_OID "\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define ECDSA_OID "\x2a\x86\x48\xce\x3d\x04\x03\x02"

/* ---- one each ---- */

static struct bytes plain(struct kit *k, struct arena *a, struct bytes covered)
{
    return signed_by(k, a, covered, (struct recipe){ .md = EVP_sha256() });
}

static struct bytes other_signature_digest(struct kit *k, struct arena *a, struct bytes covered)
{
    return patched(a, plain(k, a, covered), ECDSA_OID, 8, 0, 3);
}

static struct bytes other_digest(struct kit *k, struct arena *a, struct bytes covered)
{
    return patched(a, plain(k, a, covered), SHA256_OID, 9, 0, 2);
}

static struct bytes by_sha1(struct kit *k, struct arena *a, struct bytes covered)
{
    return signed_by(k, a, covered, (struct recipe){ .md = EVP_sha1() });
}

static struct bytes by_md5(struct kit *k, struct arena *a, struct bytes covered)
{
    return signed_by(k, a, covered,
                     (struct recipe){ .md = EVP_md5(),
                                      .cert = k->signer[KIT_RSA2048].cert,
                                      .key = k->signer[KIT_RSA2048].key });
}

static struct recipe pss(struct kit *k, const EVP_MD *mgf1)
{
    return (struct recipe){ .md = EVP_sha256(),
                            .cert = k->signer[KIT_RSA2048].cert,
                            .key = k->signer[KIT_RSA2048].key,
                            .mgf1 = mgf1 };
}

static struct bytes by_pss(struct kit *k, struct arena *a, struct bytes covered)
{
    return signed_by(k, a, covered, pss(k, EVP_sha256()));
}

static struct bytes pss_weak_mask(struct kit *k, struct arena *a, struct bytes covered)
{
    return signed_by(k, a, covered, pss(k, EVP_sha1()));
}

static struct bytes pss_other_digest(struct kit *k, struct arena *a, struct bytes covered)
{
    return patched(a, by_pss(k, a, covered), SHA256_OID, 9, 1, 2);
}

static struct bytes pss_other_mask(struct kit *k, struct arena *a, struct bytes covered)
{
    return patched(a, by_pss(k, a, covered), SHA256_OID, 9, 0, 2);
}

/* A second certificate of the same CA for the same key stands where the signer's should. */
static struct bytes swapped(struct kit *k, struct arena *a, struct bytes covered)
{
    uint8_t *spki = NULL;
    int n = i2d_PUBKEY(k->signer[KIT_P256].key, &spki);
    struct cms_signer *s = kit_signer_for(k, (struct bytes){ spki, (size_t)n });
    struct bytes der = cms_signer_cert(s, 0);
    const uint8_t *p = der.p;
    X509 *other = d2i_X509(NULL, &p, (long)der.n);
    struct bytes out = signed_by(
        k, a, covered,
        (struct recipe){ .md = EVP_sha256(), .cert = other, .ess = k->signer[KIT_P256].cert });
    X509_free(other);
    OPENSSL_free(spki);
    cms_signer_free(s);
    return out;
}

static struct bytes short_key(struct kit *k, struct arena *a, struct bytes covered)
{
    EVP_PKEY *key = EVP_RSA_gen(1024);
    X509 *cert = X509_dup(k->signer[KIT_RSA2048].cert);
    need(cert && X509_set_pubkey(cert, key) && X509_sign(cert, k->ca.key, EVP_sha256()) > 0,
         "certificate");
    struct bytes out =
        signed_by(k, a, covered, (struct recipe){ .md = EVP_sha256(), .cert = cert, .key = key });
    X509_free(cert);
    EVP_PKEY_free(key);
    return out;
}

static struct bytes of_other_content(struct kit *k, struct arena *a, struct bytes covered)
{
    (void)covered;
    return plain(k, a, bytes_of_str(STR("something else")));
}

static struct bytes no_digest(struct kit *k, struct arena *a, struct bytes covered)
{
    return patched(a, plain(k, a, covered), "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04", 9, 0, 0x07);
}

static struct bytes two_digests(struct kit *k, struct arena *a, struct bytes covered)
{
    CMS_ContentInfo *cms = sign_with(k, a, covered, (struct recipe){ .md = EVP_sha256() });
    struct bytes other = digest_of(a, bytes_of_str(STR("other")), EVP_sha256());
    need(CMS_SignerInfo_sign(info_of(cms)), "CMS_SignerInfo_sign");
    CMS_signed_add1_attr_by_NID(info_of(cms), NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, other.p,
                                (int)other.n);
    return written(cms, a);
}

static struct bytes two_signers(struct kit *k, struct arena *a, struct bytes covered)
{
    CMS_ContentInfo *cms = sign_with(k, a, covered, (struct recipe){ .md = EVP_sha256() });
    CMS_SignerInfo *second =
        CMS_add1_signer(cms, k->signer[KIT_RSA2048].cert, k->signer[KIT_RSA2048].key, EVP_sha256(),
                        CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP);
    struct bytes md = digest_of(a, covered, EVP_sha256());
    need(second, "second signer");
    CMS_signed_add1_attr_by_NID(second, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                OBJ_nid2obj(NID_pkcs7_data), -1);
    CMS_signed_add1_attr_by_NID(second, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, md.p,
                                (int)md.n);
    need(CMS_SignerInfo_sign(info_of(cms)) && CMS_SignerInfo_sign(second), "CMS_SignerInfo_sign");
    return written(cms, a);
}

/* The content that the digest is of is the document, and another one is carried. */
static struct bytes with_content(struct kit *k, struct arena *a, struct bytes covered)
{
    CMS_ContentInfo *cms = sign_with(k, a, covered, (struct recipe){ .md = EVP_sha256() });
    ASN1_OCTET_STRING **content = CMS_get0_content(cms);
    need(CMS_SignerInfo_sign(info_of(cms)), "CMS_SignerInfo_sign");
    *content = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(*content, (const uint8_t *)"another", 7);
    return written(cms, a);
}

/* RFC 6211: the attribute says SHA-384 (or the right one), the SignerInfo SHA-256. */
static struct bytes protected_as(struct kit *k, struct arena *a, struct bytes covered,
                                 uint8_t digest, uint8_t signature)
{
    uint8_t value[] = { 0x30, 0x19, 0x30, 0x0b, 0x06, 0x09,   0x60, 0x86, 0x48,
                        0x01, 0x65, 0x03, 0x04, 0x02, digest, 0xa1, 0x0a, 0x06,
                        0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,   0x04, 0x03, signature };
    CMS_ContentInfo *cms = sign_with(k, a, covered, (struct recipe){ .md = EVP_sha256() });
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.840.113549.1.9.52", 1);
    CMS_signed_add1_attr_by_OBJ(info_of(cms), oid, V_ASN1_SEQUENCE, value, sizeof value);
    ASN1_OBJECT_free(oid);
    need(CMS_SignerInfo_sign(info_of(cms)), "CMS_SignerInfo_sign");
    return written(cms, a);
}

static struct bytes protected_well(struct kit *k, struct arena *a, struct bytes covered)
{
    return protected_as(k, a, covered, 1, 2);
}

static struct bytes protected_badly(struct kit *k, struct arena *a, struct bytes covered)
{
    return protected_as(k, a, covered, 2, 3);
}

const struct attack_cms attack_cms[] = {
    { plain, "", "a CMS by OpenSSL", true },
    { by_pss, "", "RSA-PSS", true },
    { protected_well, "", "algorithms that are protected", true },
    { other_signature_digest, "cms-malformed", "confusion: another digest in the signature",
      false },
    { other_digest, "cms-malformed", "confusion: another digest beside the signature", false },
    { protected_badly, "cms-malformed", "confusion: the protected algorithms are others", false },
    { by_sha1, "algorithm-weak", "a weak digest: SHA-1", false },
    { by_md5, "digest-unsupported", "a weak digest: MD5", false },
    { short_key, "algorithm-weak", "a key that is too short", false },
    { pss_other_digest, "cms-malformed", "PSS: another digest in the parameters", false },
    { pss_other_mask, "total-failed", "PSS: another mask digest in the parameters", false },
    { pss_weak_mask, "algorithm-weak", "PSS: a weak mask digest", false },
    { swapped, "signing-certificate", "another certificate for the same key", false },
    { of_other_content, "digest-mismatch", "the digest of something else", false },
    { no_digest, "cms-malformed", "no digest", false },
    { two_digests, "cms-malformed", "two digests", false },
    { two_signers, "cms-malformed", "two signers", false },
    { with_content, "cms-malformed", "another content inside", false },
    { NULL, NULL, NULL, false },
};
