/* pdf_field_certificate.c - which certificates a field's author accepts (ISO 32000-2 table 238). */
#include "sign/pdf_field_certificate.h"

#include "sign/pdf_x509.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

enum {
    LIST_MAX = 64,
    CHAIN_MAX = 16,
    DEMANDS_SUBJECT = 1 << 0,
    DEMANDS_ISSUER = 1 << 1,
    DEMANDS_OID = 1 << 2,
    DEMANDS_SUBJECT_DN = 1 << 3,
    DEMANDS_KEY_USAGE = 1 << 5,
    DEMANDS_URL = 1 << 6,
    DEMANDS_KNOWN = 0x7f
};

/* One check: the signer's certificate against a dictionary. */
struct check {
    struct pdf_read *d;
    struct pdf_read_ref cert; /* the certificate seed value dictionary */
    const struct cms_signer *signer;
    X509 *x;
    struct arena *a;
};

static int list_of(const struct check *c, const char *key, struct pdf_read_ref *list)
{
    *list = pdf_read_get(c->d, c->cert, key);
    int n = pdf_read_length(c->d, *list);
    return n < LIST_MAX ? n : LIST_MAX;
}

/* Is one of the DER certificates listed under `key` number `from` or a later one of the chain? */
static bool listed(const struct check *c, const char *key, size_t from, size_t to)
{
    struct pdf_read_ref list;
    int n = list_of(c, key, &list);

    for (int i = 0; i < n; i++) {
        struct bytes one = pdf_read_string(c->d, pdf_read_item(c->d, list, i), c->a);
        for (size_t k = from; one.n && k < to && cms_signer_cert(c->signer, k).n; k++) {
            if (bytes_eq(one, cms_signer_cert(c->signer, k)))
                return true;
        }
    }
    return n == 0;
}

static bool policy_listed(const struct check *c)
{
    struct pdf_read_ref list;
    int n = list_of(c, "/OID", &list);
    CERTIFICATEPOLICIES *all = X509_get_ext_d2i(c->x, NID_certificate_policies, NULL, NULL);
    bool found = n == 0;

    for (int i = 0; i < sk_POLICYINFO_num(all) && !found; i++) {
        struct str oid = pdf_x509_oid(sk_POLICYINFO_value(all, i)->policyid, c->a);
        for (int k = 0; k < n && !found; k++)
            found = str_eq(oid, pdf_read_text(c->d, pdf_read_item(c->d, list, k), c->a));
    }
    CERTIFICATEPOLICIES_free(all);
    return found;
}

/* Has the subject this attribute ("/CN", or an OID) with this value? */
static bool subject_has(const struct check *c, struct str key, struct str value)
{
    const X509_NAME *name = X509_get_subject_name(c->x);
    ASN1_OBJECT *type = key.n > 1 ? OBJ_txt2obj(key.p + 1, 0) : NULL;
    bool found = false;

    for (int at = -1; type && !found;) {
        unsigned char *text = NULL;
        at = X509_NAME_get_index_by_OBJ(name, type, at);
        if (at < 0)
            break;
        int n = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        found = n >= 0 && (size_t)n == value.n && memcmp(text, value.p, value.n) == 0;
        OPENSSL_free(text);
    }
    ASN1_OBJECT_free(type);
    ERR_clear_error();
    return found;
}

/* All attributes of one of the listed names. */
static bool subject_listed(const struct check *c)
{
    struct pdf_read_ref list;
    int n = list_of(c, "/SubjectDN", &list);

    for (int i = 0; i < n; i++) {
        struct pdf_read_ref one = pdf_read_item(c->d, list, i);
        size_t keys_n;
        struct str *keys = pdf_read_keys(c->d, one, c->a, &keys_n);
        bool all = keys_n > 0 && keys_n <= LIST_MAX;
        for (size_t k = 0; all && k < keys_n; k++) {
            struct str value = pdf_read_text(c->d, pdf_read_get(c->d, one, keys[k].p), c->a);
            all = !str_absent(value) && subject_has(c, keys[k], value);
        }
        if (all)
            return true;
    }
    return n == 0;
}

/* "1X0..." from digitalSignature on; '1' must be set, '0' must not be (table 238). */
static bool usage_fits(uint32_t usage, struct str wanted)
{
    static const uint32_t bits[] = { X509v3_KU_DIGITAL_SIGNATURE, X509v3_KU_NON_REPUDIATION,
                                     X509v3_KU_KEY_ENCIPHERMENT,  X509v3_KU_DATA_ENCIPHERMENT,
                                     X509v3_KU_KEY_AGREEMENT,     X509v3_KU_KEY_CERT_SIGN,
                                     X509v3_KU_CRL_SIGN,          X509v3_KU_ENCIPHER_ONLY,
                                     X509v3_KU_DECIPHER_ONLY };
    for (size_t i = 0; i < sizeof bits / sizeof *bits && i < wanted.n; i++) {
        bool set = (usage & bits[i]) != 0;
        if ((wanted.p[i] == '1' && !set) || (wanted.p[i] == '0' && set))
            return false;
    }
    return true;
}

static bool usage_listed(const struct check *c)
{
    struct pdf_read_ref list;
    int n = list_of(c, "/KeyUsage", &list);
    uint32_t usage = X509_get_key_usage(c->x);

    for (int i = 0; i < n; i++) {
        struct str one = pdf_read_text(c->d, pdf_read_item(c->d, list, i), c->a);
        if (!str_absent(one) && usage_fits(usage == UINT32_MAX ? 0 : usage, one))
            return true;
    }
    return n == 0;
}

static enum err judge(const struct check *c, int64_t ff)
{
    if ((ff & DEMANDS_SUBJECT) && !listed(c, "/Subject", 0, 1))
        return FAIL(E_INPUT, "seed-certificate", "ISO 32000-2 table 238: /Subject");
    if ((ff & DEMANDS_SUBJECT_DN) && !subject_listed(c))
        return FAIL(E_INPUT, "seed-certificate", "ISO 32000-2 table 238: /SubjectDN");
    if ((ff & DEMANDS_KEY_USAGE) && !usage_listed(c))
        return FAIL(E_INPUT, "seed-certificate", "ISO 32000-2 table 238: /KeyUsage");
    if ((ff & DEMANDS_ISSUER) && !listed(c, "/Issuer", 1, CHAIN_MAX))
        return FAIL(E_INPUT, "seed-certificate", "ISO 32000-2 table 238: /Issuer");
    if ((ff & DEMANDS_OID) && !policy_listed(c))
        return FAIL(E_INPUT, "seed-certificate", "ISO 32000-2 table 238: /OID");
    return E_OK;
}

enum err pdf_field_certificate(struct pdf_read *d, struct pdf_read_ref cert,
                               const struct cms_signer *signer, struct arena *a)
{
    struct check c = { .d = d, .cert = cert, .signer = signer, .a = a };
    int64_t ff = pdf_read_int(d, pdf_read_get(d, cert, "/Ff"), 0);
    enum err rc;

    if (ff < 0 || (ff & ~(int64_t)DEMANDS_KNOWN))
        return FAIL(E_UNSUPPORTED, "seed-unknown", "ISO 32000-2 table 238: /Ff");
    if (!pdf_read_is_null(d, pdf_read_get(d, cert, "/SignaturePolicyOID")))
        return FAIL(E_UNSUPPORTED, "seed-unknown", "ISO 32000-2 table 238: a signature policy");
    if ((ff & DEMANDS_URL) && pdf_read_name_is(d, pdf_read_get(d, cert, "/URLType"), "/ASSP"))
        return FAIL(E_UNSUPPORTED, "seed-service",
                    "ISO 32000-2 table 238: another signing service");
    c.x = pdf_x509_parse(cms_signer_cert(signer, 0));
    rc = c.x ? judge(&c, ff) : FAIL(E_INPUT, "certificate-malformed", "of the signer");
    X509_free(c.x);
    return rc;
}
