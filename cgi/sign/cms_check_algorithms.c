/* cms_check_algorithms.c - see cms_check_algorithms.h. */
#include "sign/cms_check_algorithms.h"

#include "pki/der.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

/* RFC 6211: CMSAlgorithmProtection, which OpenSSL 3.0 does not look at. */
#define PROTECTION "1.2.840.113549.1.9.52"

/* Until then the field's validators accept what is weak today (ETSI TS 119 312). */
static struct timestamp end_of(int year, int month)
{
    return timestamp_from_calendar_utc((struct calendar){ .year = year, .month = month, .day = 1 });
}

static void weaken(struct cms_check *c, struct timestamp since)
{
    if (timestamp_is_none(c->weak_since) || timestamp_cmp(since, c->weak_since) < 0)
        c->weak_since = since;
}

static struct bytes item_of(const ASN1_STRING *s)
{
    return (struct bytes){ ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s) };
}

/* AlgorithmIdentifiers are the same when their OIDs are, and their parameters but for NULL. */
static bool same_algorithm(struct der_item item, uint8_t tag, const X509_ALGOR *with)
{
    uint8_t *der = NULL;
    int n = i2d_X509_ALGOR(with, &der);
    struct der given = der_reader(item.whole),
               mine = der_reader((struct bytes){ der, n > 0 ? (size_t)n : 0 });
    struct der l, r;
    struct der_item a, b;
    bool same = n > 0 && der_enter(&given, tag, &l) && der_enter(&mine, DER_SEQUENCE, &r) &&
                der_any(&l, &a) && der_any(&r, &b) && bytes_eq(a.whole, b.whole);

    if (same && der_peek(&l) != 0 && der_peek(&r) != 0)
        same = der_any(&l, &a) && der_any(&r, &b) && bytes_eq(a.whole, b.whole);
    OPENSSL_free(der);
    return same;
}

/* SEQUENCE { digestAlgorithm, signatureAlgorithm [1] OPTIONAL, macAlgorithm [2] OPTIONAL } */
static bool protection_fits(struct cms_check *c, const X509_ALGOR *digest,
                            const X509_ALGOR *signature)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(PROTECTION, 1);
    bool there = CMS_signed_get_attr_by_OBJ(c->info, oid, -1) >= 0;
    const ASN1_STRING *value = CMS_signed_get0_data_by_OBJ(c->info, oid, -3, V_ASN1_SEQUENCE);
    struct der all, in;
    struct der_item one;
    bool fits = !there;

    if (value) {
        all = der_reader(item_of(value));
        fits = der_enter(&all, DER_SEQUENCE, &in) && der_any(&in, &one) &&
               same_algorithm(one, DER_SEQUENCE, digest) && der_any(&in, &one) &&
               same_algorithm(one, DER_CONTEXT(1), signature);
    }
    ASN1_OBJECT_free(oid);
    return fits;
}

static int md_in(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *oid;
    if (!algorithm)
        return NID_sha1; /* RFC 4055 3.1: the default */
    X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
    return OBJ_obj2nid(oid);
}

/* RFC 4056 2.2, RFC 4055 3.1: the digest and the one of the mask are this SignerInfo's. */
static enum err check_pss(struct cms_check *c, const X509_ALGOR *signature, int md)
{
    const void *value;
    int type, mask = NID_undef;

    X509_ALGOR_get0(NULL, &type, &value, signature);
    const ASN1_STRING *s = type == V_ASN1_SEQUENCE ? value : NULL;
    const uint8_t *p = s ? ASN1_STRING_get0_data(s) : NULL;
    RSA_PSS_PARAMS *pss = s ? d2i_RSA_PSS_PARAMS(NULL, &p, ASN1_STRING_length(s)) : NULL;
    if (!pss || md_in(pss->hashAlgorithm) != md) {
        RSA_PSS_PARAMS_free(pss);
        return FAIL(E_INPUT, "cms-malformed", "RFC 4056 2.2: digest of the PSS parameters");
    }
    if (pss->maskGenAlgorithm) {
        X509_ALGOR_get0(NULL, &type, &value, pss->maskGenAlgorithm);
        s = type == V_ASN1_SEQUENCE ? value : NULL;
        p = s ? ASN1_STRING_get0_data(s) : NULL;
        X509_ALGOR *inner = s ? d2i_X509_ALGOR(NULL, &p, ASN1_STRING_length(s)) : NULL;
        mask = inner ? md_in(inner) : NID_undef;
        X509_ALGOR_free(inner);
    } else {
        mask = NID_sha1;
    }
    if (mask != md)
        weaken(c, end_of(2012, 8));
    RSA_PSS_PARAMS_free(pss);
    return E_OK;
}

/* Algorithm confusion: a digest named elsewhere must be the SignerInfo's. */
enum err cms_check_algorithms(struct cms_check *c)
{
    X509_ALGOR *digest, *signature;
    const ASN1_OBJECT *oid;
    int in_signature = NID_undef, md;

    c->weak_since = TIMESTAMP_NONE;
    CMS_SignerInfo_get0_algs(c->info, NULL, NULL, &digest, &signature);
    md = md_in(digest);
    if (md != NID_sha256 && md != NID_sha384 && md != NID_sha512 && md != NID_sha1)
        return FAIL(E_UNSUPPORTED, "digest-unsupported", "%s", OBJ_nid2sn(md));
    if (md == NID_sha1)
        weaken(c, end_of(2012, 8));
    c->md = EVP_get_digestbynid(md);
    X509_ALGOR_get0(&oid, NULL, NULL, signature);
    c->pure = OBJ_obj2nid(oid) == NID_ED25519 || OBJ_obj2nid(oid) == NID_ED448;
    if (OBJ_find_sigid_algs(OBJ_obj2nid(oid), &in_signature, NULL) && in_signature != NID_undef &&
        in_signature != md)
        return FAIL(E_INPUT, "cms-malformed", "digest %s in the signature algorithm, %s beside it",
                    OBJ_nid2sn(in_signature), OBJ_nid2sn(md));
    if (!protection_fits(c, digest, signature))
        return FAIL(E_INPUT, "cms-malformed", "RFC 6211: other algorithms are protected");
    if (!c->md)
        return FAIL(E_UNSUPPORTED, "digest-unsupported", "%s", OBJ_nid2sn(md));
    return OBJ_obj2nid(oid) == NID_rsassaPss ? check_pss(c, signature, md) : E_OK;
}

void cms_check_key(struct cms_check *c)
{
    EVP_PKEY *key = c->signer ? X509_get0_pubkey(c->signer) : NULL;
    int bits = key ? EVP_PKEY_get_bits(key) : 0;

    if (key && EVP_PKEY_is_a(key, "RSA") && bits < 1900)
        weaken(c, bits < 1024 ? end_of(1970, 1) : bits < 1536 ? end_of(2009, 8) : end_of(2016, 8));
    if (key && EVP_PKEY_is_a(key, "EC") && bits < 224)
        weaken(c, end_of(2012, 8));
    ERR_clear_error();
}
