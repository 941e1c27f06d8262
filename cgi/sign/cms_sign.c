/* cms_sign.c - see cms_sign.h. RFC 5652 5, RFC 5035 (signing-certificate-v2), RFC 5754 (SHA-2). */
#include "sign/cms_sign.h"

#include "sign/cms_der.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

#define CHAIN_MAX 8

struct cms_signer {
    struct arena *arena;
    struct bytes certs[CHAIN_MAX + 1]; /* DER, signer first */
    size_t certs_n;
    enum digest_kind digest;
    struct timestamp from, to;
    size_t signature_max;
    struct bytes digest_algorithm;    /* AlgorithmIdentifier */
    struct bytes signature_algorithm; /* AlgorithmIdentifier */
    struct bytes issuer_serial;       /* IssuerAndSerialNumber */
    struct bytes attribute_type;      /* the content-type attribute */
    struct bytes attribute_cert;      /* the signing-certificate-v2 attribute */
    struct bytes set_of_certs;        /* [0] IMPLICIT CertificateSet */
};

/* Object identifiers with tag and length. */
static const uint8_t oid_data[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1 };
static const uint8_t oid_signed_data[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2 };
static const uint8_t oid_content_type[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3 };
static const uint8_t oid_message_digest[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4 };
static const uint8_t oid_signing_cert_v2[] = { 6,    11, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                               0x0d, 1,  9,    16,   2,    47 };
static const uint8_t oid_signature_ts[] = { 6,    11, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                            0x0d, 1,  9,    16,   2,    14 };
static const uint8_t oid_sha256[] = { 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1 };
static const uint8_t oid_sha384[] = { 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2 };
static const uint8_t oid_sha256_rsa[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11 };
static const uint8_t oid_ecdsa_sha256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2 };
static const uint8_t oid_ecdsa_sha384[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3 };
static const uint8_t der_null[] = { DER_NULL, 0 };
#define RAW(constant)                                                                              \
    (struct bytes)                                                                                 \
    {                                                                                              \
        (constant), sizeof(constant)                                                               \
    }

static enum err choose_algorithms(struct cms_signer *s, EVP_PKEY *key)
{
    struct arena *a = s->arena;
    int size = EVP_PKEY_get_size(key);
    s->signature_max = size > 0 ? (size_t)size : 0;
    s->digest = DIGEST_SHA256;
    s->digest_algorithm = CMS_DER(a, DER_SEQUENCE, RAW(oid_sha256));
    if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= 2048) {
        s->signature_algorithm = CMS_DER(a, DER_SEQUENCE, RAW(oid_sha256_rsa), RAW(der_null));
    } else if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 256) {
        s->signature_algorithm = CMS_DER(a, DER_SEQUENCE, RAW(oid_ecdsa_sha256));
    } else if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 384) {
        s->digest = DIGEST_SHA384;
        s->digest_algorithm = CMS_DER(a, DER_SEQUENCE, RAW(oid_sha384));
        s->signature_algorithm = CMS_DER(a, DER_SEQUENCE, RAW(oid_ecdsa_sha384));
    } else {
        return FAIL(E_UNSUPPORTED, "key-unsupported",
                    "signing key must be RSA >= 2048, P-256, P-384");
    }
    return E_OK;
}

/* RFC 5035 4: SigningCertificateV2 with the default SHA-256, and issuerSerial. */
static struct bytes signing_certificate_v2(struct arena *a, struct bytes cert, struct bytes issuer,
                                           struct bytes serial)
{
    struct bytes32 hash = sha256(cert);
    struct bytes names = CMS_DER(a, DER_SEQUENCE, CMS_DER(a, DER_CONTEXT(4), issuer));
    struct bytes id = CMS_DER(a, DER_SEQUENCE, CMS_DER(a, DER_OCTET_STRING, bytes_of_32(&hash)),
                              CMS_DER(a, DER_SEQUENCE, names, serial));
    struct bytes value = CMS_DER(a, DER_SEQUENCE, CMS_DER(a, DER_SEQUENCE, id));
    return CMS_DER(a, DER_SEQUENCE, RAW(oid_signing_cert_v2), CMS_DER(a, DER_SET, value));
}

/* Everything of the SignedData that does not depend on the document. */
static enum err prepare(struct cms_signer *s, X509 *x)
{
    struct arena *a = s->arena;
    uint8_t *issuer = NULL, *serial = NULL;
    struct tm from, to;
    struct bytes set[CHAIN_MAX + 1];
    enum err rc = choose_algorithms(s, X509_get0_pubkey(x));
    int issuer_n = i2d_X509_NAME(X509_get_issuer_name(x), &issuer);
    int serial_n = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &serial);

    if (rc != E_OK)
        goto out;
    if (issuer_n <= 0 || serial_n <= 0 || !ASN1_TIME_to_tm(X509_get0_notBefore(x), &from) ||
        !ASN1_TIME_to_tm(X509_get0_notAfter(x), &to)) {
        rc = FAIL(E_INPUT, "certificate-malformed", "issuer, serial number or validity");
        goto out;
    }
    s->from = timestamp_from_unix(timegm(&from));
    s->to = timestamp_from_unix(timegm(&to));
    struct bytes name = { issuer, (size_t)issuer_n }, number = { serial, (size_t)serial_n };
    s->issuer_serial = CMS_DER(a, DER_SEQUENCE, name, number);
    s->attribute_type =
        CMS_DER(a, DER_SEQUENCE, RAW(oid_content_type), CMS_DER(a, DER_SET, RAW(oid_data)));
    s->attribute_cert = signing_certificate_v2(a, s->certs[0], name, number);
    memcpy(set, s->certs, sizeof set);
    s->set_of_certs = cms_der_set_of(a, DER_CONTEXT(0), set, s->certs_n);
out:
    OPENSSL_free(issuer);
    OPENSSL_free(serial);
    return rc;
}

static X509 *parse(struct bytes der)
{
    const uint8_t *p = der.p;
    X509 *x = der.n && der.n <= 65536 ? d2i_X509(NULL, &p, (long)der.n) : NULL;
    if (x && (p != der.p + der.n || !X509_get0_pubkey(x))) { /* trailing garbage; unknown key */
        X509_free(x);
        x = NULL;
    }
    ERR_clear_error();
    return x;
}

static enum err add_chain(struct cms_signer *s, const struct bytes *chain, size_t chain_n)
{
    for (size_t i = 0; i < chain_n; i++) {
        X509 *x = parse(chain[i]);
        if (!x)
            return FAIL(E_INPUT, "certificate-malformed", "chain certificate %zu", i + 1);
        /* The anchor itself is the relying party's; it goes to the DSS, not to the CMS. */
        bool self_issued = !X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x));
        X509_free(x);
        if (!self_issued)
            s->certs[s->certs_n++] = bytes_dup(s->arena, chain[i]);
    }
    return E_OK;
}

enum err cms_signer_new(struct bytes cert, const struct bytes *chain, size_t chain_n,
                        struct cms_signer **out)
{
    enum err rc;
    X509 *x = NULL;
    struct cms_signer *s = calloc(1, sizeof *s);

    *out = NULL;
    if (!s)
        return FAIL(E_LIMIT, "", "out of memory");
    s->arena = arena_new((size_t)1 << 20);
    if (chain_n > CHAIN_MAX) {
        rc = FAIL(E_INPUT, "certificate-malformed", "chain of %zu certificates", chain_n);
        goto out;
    }
    if (!(x = parse(cert))) {
        rc = FAIL(E_INPUT, "certificate-malformed", "signer's certificate");
        goto out;
    }
    s->certs[s->certs_n++] = bytes_dup(s->arena, cert);
    if ((rc = add_chain(s, chain, chain_n)) != E_OK)
        goto out;
    if ((rc = prepare(s, x)) != E_OK)
        goto out;
    *out = s;
    s = NULL;
out:
    X509_free(x);
    cms_signer_free(s);
    return rc;
}

void cms_signer_free(struct cms_signer *s)
{
    if (!s)
        return;
    arena_free(s->arena);
    free(s);
}

enum digest_kind cms_signer_digest(const struct cms_signer *s)
{
    return s->digest;
}

struct bytes cms_signer_cert(const struct cms_signer *s, size_t i)
{
    return i < s->certs_n ? s->certs[i] : BYTES_ABSENT;
}

void cms_signer_validity(const struct cms_signer *s, struct timestamp *from, struct timestamp *to)
{
    *from = s->from;
    *to = s->to;
}

size_t cms_sign_size_max(const struct cms_signer *s, size_t token_n)
{
    /* 320: OIDs, attributes' frames, lengths; the digest is at most 64 bytes */
    return s->set_of_certs.n + s->issuer_serial.n + s->attribute_cert.n + s->signature_max + 320 +
           (token_n ? token_n + 32 : 0);
}

/* The SET OF signed attributes under `tag`: 0x31 when it is digested, [0] inside the SignerInfo. */
static struct bytes signed_attributes(const struct cms_signer *s, struct bytes digest, unsigned tag,
                                      struct arena *a)
{
    struct bytes set[] = {
        s->attribute_type,
        CMS_DER(a, DER_SEQUENCE, RAW(oid_message_digest),
                CMS_DER(a, DER_SET, CMS_DER(a, DER_OCTET_STRING, digest))),
        s->attribute_cert,
    };
    return cms_der_set_of(a, tag, set, sizeof set / sizeof *set);
}

enum err cms_sign_value(const struct cms_signer *s, struct bytes document_digest, cms_sign_fn *sign,
                        void *arg, struct arena *a, struct bytes *signature)
{
    uint8_t hash[64];
    struct bytes attributes = signed_attributes(s, document_digest, DER_SET, a);
    struct digest *d = digest_new(s->digest);

    digest_add(d, attributes.p, attributes.n);
    struct bytes digest = { hash, digest_end(d, hash) };
    *signature = BYTES_ABSENT;
    enum err rc = sign(arg, digest, a, signature);
    if (rc == E_OK && (signature->n == 0 || signature->n > s->signature_max))
        rc = FAIL(E_BACKEND, "", "signature of %zu bytes", signature->n);
    return rc;
}

void cms_sign_finish(const struct cms_signer *s, struct bytes document_digest,
                     struct bytes signature, struct bytes token, struct arena *a, struct bytes *cms)
{
    struct bytes unsigned_attributes = BYTES_ABSENT;

    if (token.n) {
        struct bytes attribute =
            CMS_DER(a, DER_SEQUENCE, RAW(oid_signature_ts), CMS_DER(a, DER_SET, token));
        unsigned_attributes = CMS_DER(a, DER_CONTEXT(1), attribute);
    }
    struct bytes one = cms_der_integer(a, 1);
    struct bytes info =
        CMS_DER(a, DER_SEQUENCE, one, s->issuer_serial, s->digest_algorithm,
                signed_attributes(s, document_digest, DER_CONTEXT(0), a), s->signature_algorithm,
                CMS_DER(a, DER_OCTET_STRING, signature), unsigned_attributes);
    struct bytes data = CMS_DER(a, DER_SEQUENCE, one, CMS_DER(a, DER_SET, s->digest_algorithm),
                                CMS_DER(a, DER_SEQUENCE, RAW(oid_data)), s->set_of_certs,
                                CMS_DER(a, DER_SET, info));
    *cms = CMS_DER(a, DER_SEQUENCE, RAW(oid_signed_data), CMS_DER(a, DER_CONTEXT(0), data));
}
