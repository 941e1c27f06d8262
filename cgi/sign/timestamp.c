/* timestamp.c - see timestamp.h. RFC 3161, RFC 5816. */
#include "sign/timestamp.h"

#include "base/random.h"
#include "sign/cms_check.h"
#include "sign/cms_der.h"
#include "sign/pdf_x509.h"

#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#define SKEW_US (5 * MINUTE_US)

static const uint8_t oid_sha256[] = { 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1 };
static const uint8_t oid_sha384[] = { 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2 };
static const uint8_t oid_sha512[] = { 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3 };
static const uint8_t der_null[] = { DER_NULL, 0 };
static const uint8_t der_true[] = { 0x01, 1, 0xff };

static struct bytes digest_oid(enum digest_kind kind)
{
    switch (kind) {
    case DIGEST_SHA384:
        return (struct bytes){ oid_sha384, sizeof oid_sha384 };
    case DIGEST_SHA512:
        return (struct bytes){ oid_sha512, sizeof oid_sha512 };
    case DIGEST_SHA256:
    default:
        return (struct bytes){ oid_sha256, sizeof oid_sha256 };
    }
}

/* DER of a dotted OID; absent for the absent one. */
static struct bytes policy_oid(struct str dotted, struct arena *a)
{
    ASN1_OBJECT *oid = str_empty(dotted) ? NULL : OBJ_txt2obj(dotted.p, 1);
    int n = oid ? i2d_ASN1_OBJECT(oid, NULL) : 0;
    struct bytes out = BYTES_ABSENT;

    if (n > 0) {
        uint8_t *der = arena_alloc(a, (size_t)n), *p = der;
        i2d_ASN1_OBJECT(oid, &p);
        out = (struct bytes){ der, (size_t)n };
    }
    ASN1_OBJECT_free(oid);
    ERR_clear_error();
    return out;
}

struct bytes timestamp_request(enum digest_kind kind, struct bytes digest, struct str policy,
                               struct arena *a, uint64_t *nonce)
{
    *nonce = random_u64();
    struct bytes algorithm =
        CMS_DER(a, DER_SEQUENCE, digest_oid(kind), { der_null, sizeof der_null });
    return CMS_DER(a, DER_SEQUENCE, cms_der_integer(a, 1),
                   CMS_DER(a, DER_SEQUENCE, algorithm, CMS_DER(a, DER_OCTET_STRING, digest)),
                   policy_oid(policy, a), cms_der_integer(a, *nonce),
                   { der_true, sizeof der_true });
}

static bool kind_of(int nid, enum digest_kind *kind)
{
    *kind = nid == NID_sha384 ? DIGEST_SHA384 : nid == NID_sha512 ? DIGEST_SHA512 : DIGEST_SHA256;
    return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

/* RFC 3161 2.3: extendedKeyUsage critical, and timeStamping its only purpose. */
static bool is_tsa(X509 *x)
{
    int at = X509_get_ext_by_NID(x, NID_ext_key_usage, -1);
    return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(x, at)) &&
           X509_get_extended_key_usage(x) == XKU_TIMESTAMP;
}

/* The signature over the TSTInfo, by a certificate for time-stamping that the token names. */
static enum err check_token(struct cms_check *c)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (!c->content.n || !EVP_Digest(c->content.p, c->content.n, hash, &n, c->md, NULL))
        return FAIL(E_INPUT, "timestamp-malformed", "RFC 3161 2.4.2: no TSTInfo");
    if (cms_check_verify(c, (struct bytes){ hash, n }) != E_OK) {
        struct fault f = *fault_current();
        return FAIL(E_INPUT, "timestamp-signature", "%s: %s", f.reason, f.detail);
    }
    if (!is_tsa(c->signer))
        return FAIL(E_INPUT, "timestamp-certificate", "RFC 3161 2.3: extended key usage");
    if (CMS_signed_get_attr_by_NID(c->info, NID_id_smime_aa_signingCertificate, -1) < 0 &&
        !c->signing_cert_v2)
        return FAIL(E_INPUT, "timestamp-certificate", "RFC 3161 2.4.2: no ESSCertID");
    return E_OK;
}

static TS_TST_INFO *read_info(const struct cms_check *c)
{
    const uint8_t *p = c->content.p;
    TS_TST_INFO *info = d2i_TS_TST_INFO(NULL, &p, (long)c->content.n);
    if (info && (p != c->content.p + c->content.n || TS_TST_INFO_get_version(info) != 1)) {
        TS_TST_INFO_free(info);
        info = NULL;
    }
    ERR_clear_error();
    return info;
}

static struct bytes imprint_of(TS_TST_INFO *info, int *nid)
{
    TS_MSG_IMPRINT *m = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OBJECT *oid;
    const ASN1_OCTET_STRING *hash = TS_MSG_IMPRINT_get_msg(m);
    X509_ALGOR_get0(&oid, NULL, NULL, TS_MSG_IMPRINT_get_algo(m));
    *nid = OBJ_obj2nid(oid);
    return (struct bytes){ ASN1_STRING_get0_data(hash), (size_t)ASN1_STRING_length(hash) };
}

/* What is said, once the signature holds; and the chain as of that moment. */
static enum err describe(struct cms_check *c, TS_TST_INFO *info, const struct pdf_trust *trust,
                         struct arena *a, struct timestamp_token *out)
{
    out->time = pdf_x509_time(TS_TST_INFO_get_time(info));
    out->serial = pdf_x509_serial(TS_TST_INFO_get_serial(info), a);
    out->policy = pdf_x509_oid(TS_TST_INFO_get_policy_id(info), a);
    out->authority = pdf_x509_name(X509_get_subject_name(c->signer), a);
    out->until = pdf_x509_time(X509_get0_notAfter(c->signer));
    if (timestamp_is_none(out->time))
        return FAIL(E_INPUT, "timestamp-malformed", "RFC 3161 2.4.2: genTime");
    out->trusted = pdf_trust_chain(trust, PDF_TRUST_TSA, c->certs, c->certs_n, out->time, a,
                                   &out->chain, &out->chain_n) == E_OK;
    if (!out->trusted)
        out->chain_reason = str_fmt(a, "%s", fault_current()->reason);
    fault_clear();
    return E_OK;
}

/* Does the imprint fit? Either the digest itself is given, or the data to be digested. */
static enum err check_imprint(TS_TST_INFO *info, const struct bytes *digest,
                              const struct bytes *data, enum digest_kind *kind)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int nid;
    struct bytes imprint = imprint_of(info, &nid), expected;

    if (!kind_of(nid, kind))
        return FAIL(E_INPUT, "timestamp-imprint", "digest %s", OBJ_nid2sn(nid));
    if (digest) {
        expected = *digest;
    } else {
        if (!EVP_Digest(data->p, data->n, hash, &n, EVP_get_digestbynid(nid), NULL))
            return FAIL(E_INTERNAL, "", "EVP_Digest");
        expected = (struct bytes){ hash, n };
    }
    return bytes_eq(imprint, expected)
               ? E_OK
               : FAIL(E_INPUT, "timestamp-imprint", "RFC 3161 2.4.2: the token is over other data");
}

/* *nonce, when not NULL, receives whether the token carries that nonce. */
static enum err judge(struct bytes token, const struct bytes *digest, const struct bytes *data,
                      const uint64_t *nonce, const struct pdf_trust *trust, struct arena *a,
                      struct timestamp_token *out)
{
    struct cms_check c;
    TS_TST_INFO *info = NULL;
    uint64_t got;
    enum err rc = cms_check_open(token, NID_id_smime_ct_TSTInfo, a, &c);

    *out = (struct timestamp_token){ .der = token, .time = TIMESTAMP_NONE };
    if (rc != E_OK) {
        struct fault f = *fault_current();
        rc = FAIL(E_INPUT, "timestamp-malformed", "%s", f.detail);
        goto out;
    }
    if ((rc = check_token(&c)) != E_OK)
        goto out;
    if (!(info = read_info(&c))) {
        rc = FAIL(E_INPUT, "timestamp-malformed", "RFC 3161 2.4.2: TSTInfo");
        goto out;
    }
    if ((rc = check_imprint(info, digest, data, &out->digest)) != E_OK)
        goto out;
    if (nonce && (!TS_TST_INFO_get_nonce(info) ||
                  !ASN1_INTEGER_get_uint64(&got, TS_TST_INFO_get_nonce(info)) || got != *nonce)) {
        rc = FAIL(E_INPUT, "timestamp-imprint", "RFC 3161 2.4.2: nonce");
        goto out;
    }
    rc = describe(&c, info, trust, a, out);
out:
    TS_TST_INFO_free(info);
    cms_check_close(&c);
    ERR_clear_error();
    return rc;
}

enum err timestamp_verify(struct bytes token, struct bytes data, const struct pdf_trust *trust,
                          struct arena *a, struct timestamp_token *out)
{
    return judge(token, NULL, &data, NULL, trust, a, out);
}

enum err timestamp_verify_digest(struct bytes token, struct bytes digest,
                                 const struct pdf_trust *trust, struct arena *a,
                                 struct timestamp_token *out)
{
    return judge(token, &digest, NULL, NULL, trust, a, out);
}

/* RFC 3161 2.4.2: TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken OPTIONAL } */
static enum err take_token(struct bytes reply, struct bytes *token)
{
    struct der all = der_reader(reply), response, info;
    struct der_item whole;
    uint64_t status;

    if (!der_enter(&all, DER_SEQUENCE, &response) || !der_at_end(&all) ||
        !der_enter(&response, DER_SEQUENCE, &info) || !der_u64(&info, &status))
        return FAIL(E_BACKEND, "tsa-reply-malformed", "RFC 3161 2.4.2: TimeStampResp");
    if (status > 1) /* 0 granted, 1 grantedWithMods */
        return FAIL(E_BACKEND, "tsa-refused", "RFC 3161 2.4.2: PKIStatus %llu",
                    (unsigned long long)status);
    if (!der_take(&response, DER_SEQUENCE, &whole) || !der_at_end(&response))
        return FAIL(E_BACKEND, "tsa-reply-malformed", "RFC 3161 2.4.2: granted without a token");
    *token = whole.whole;
    return E_OK;
}

enum err timestamp_reply(const struct timestamp_authority *tsa, const struct pdf_trust *trust,
                         enum digest_kind kind, struct bytes digest, uint64_t nonce,
                         struct bytes reply, struct arena *a, struct timestamp_token *out)
{
    struct bytes token = BYTES_ABSENT;
    struct timestamp now = timestamp_is_none(tsa->now) || tsa->now.us == 0 ? clock_now() : tsa->now;
    int64_t skew = tsa->skew_max_us > 0 ? tsa->skew_max_us : SKEW_US;
    enum err rc = take_token(reply, &token);

    if (rc != E_OK)
        return rc;
    if (judge(bytes_dup(a, token), &digest, NULL, &nonce, trust, a, out) != E_OK) {
        struct fault f = *fault_current();
        bool other = strcmp(f.reason, "timestamp-imprint") == 0;
        return FAIL(E_BACKEND, other ? "tsa-reply-mismatch" : "tsa-reply-malformed", "%s: %s",
                    f.reason, f.detail);
    }
    if (out->digest != kind || (!str_empty(tsa->policy) && !str_eq(tsa->policy, out->policy)))
        return FAIL(E_BACKEND, "tsa-reply-mismatch", "digest kind, or policy %s", out->policy.p);
    if (!out->trusted)
        return FAIL(E_BACKEND, "tsa-untrusted", "%s: %s", out->authority.p, out->chain_reason.p);
    if (out->time.us > now.us + skew || out->time.us < now.us - skew)
        return FAIL(E_BACKEND, "tsa-clock", "genTime differs by %lld s",
                    (long long)((out->time.us - now.us) / SECOND_US));
    return E_OK;
}

enum err timestamp_obtain(const struct timestamp_authority *tsa, const struct pdf_trust *trust,
                          enum digest_kind kind, struct bytes digest, struct arena *a,
                          struct timestamp_token *out)
{
    uint64_t nonce;
    struct bytes reply = BYTES_ABSENT;
    struct bytes request = timestamp_request(kind, digest, tsa->policy, a, &nonce);

    if (tsa->send(tsa->arg, request, a, &reply) != E_OK) {
        struct fault f = *fault_current();
        return FAIL(E_BACKEND, "tsa-unavailable", "%s: %s", f.reason, f.detail);
    }
    return timestamp_reply(tsa, trust, kind, digest, nonce, reply, a, out);
}
