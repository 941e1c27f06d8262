/* csr.c - see csr.h */
#include "pki/csr.h"

#include "pki/der_put.h"

enum { CSR_MAX = 16384 };

enum err csr_build(const struct signer *key, struct bytes spki, struct bytes subject,
                   struct arena *a, struct bytes *der)
{
    struct buf b = buf_init(CSR_MAX);
    struct bytes tbs;
    size_t mark = der_put_begin(&b, DER_SEQUENCE);

    der_put_u64(&b, 0);
    buf_add_bytes(&b, subject);
    buf_add_bytes(&b, spki);
    der_put(&b, DER_CONTEXT(0), (struct bytes){ (const uint8_t *)"", 0 }); /* no attributes */
    der_put_end(&b, mark);
    enum err err = buf_to_bytes(&b, a, &tbs);
    if (err == E_OK)
        err = signer_wrap(key, tbs, a, der);
    buf_free(&b);
    return err;
}

/* The subjectAltName inside an extensionRequest (RFC 2985 5.4.2). */
static bool read_extensions(struct bytes extensions, struct csr *out)
{
    struct der top = der_reader(extensions), list, in;
    struct bytes oid;
    struct der_item value;
    bool critical;

    if (!der_enter(&top, DER_SEQUENCE, &list) || !der_at_end(&top))
        return false;
    while (!der_at_end(&list)) {
        if (!der_enter(&list, DER_SEQUENCE, &in) || !der_oid(&in, &oid))
            return false;
        if (der_peek(&in) == DER_BOOLEAN && !der_bool(&in, &critical))
            return false;
        if (!der_take(&in, DER_OCTET_STRING, &value) || !der_at_end(&in))
            return false;
        if (bytes_eq(oid, oid_bytes(OID_SAN)))
            out->san = value.value;
    }
    return true;
}

static bool read_attributes(struct der attributes, struct csr *out)
{
    struct der in, values;
    struct bytes oid;
    struct der_item value;

    while (!der_at_end(&attributes)) {
        if (!der_enter(&attributes, DER_SEQUENCE, &in) || !der_oid(&in, &oid) ||
            !der_enter(&in, DER_SET, &values) || !der_at_end(&in))
            return false;
        if (!bytes_eq(oid, oid_bytes(OID_ATTR_EXTENSION_REQUEST)))
            continue;
        if (!der_any(&values, &value) || !der_at_end(&values) || !read_extensions(value.whole, out))
            return false;
    }
    return true;
}

static bool read_info(struct bytes info, struct csr *out)
{
    struct der top = der_reader(info), d, attributes;
    struct der_item subject, spki;
    uint64_t version;

    if (!der_enter(&top, DER_SEQUENCE, &d) || !der_u64(&d, &version) || version != 0 ||
        !der_take(&d, DER_SEQUENCE, &subject) || !der_take(&d, DER_SEQUENCE, &spki))
        return false;
    out->subject = subject.whole;
    out->spki = spki.whole;
    if (der_at_end(&d)) /* [0] is not optional in RFC 2986, but some leave it out */
        return true;
    return der_enter(&d, DER_CONTEXT(0), &attributes) && der_at_end(&d) &&
           read_attributes(attributes, out);
}

enum err csr_parse(struct bytes data, struct arena *a, struct csr *out)
{
    struct der top, in;
    struct der_item info, algorithm;
    struct bytes signature, der = data;

    if (data.n == 0 || data.n > CSR_MAX)
        return FAIL(E_INPUT, "csr-malformed", "%zu octets", data.n);
    if (data.n > 5 && memcmp(data.p, "-----", 5) == 0) {
        struct str text = str_of(a, (const char *)data.p, data.n);
        if (x509_from_pem(a, "CERTIFICATE REQUEST", text, &der) != E_OK &&
            x509_from_pem(a, "NEW CERTIFICATE REQUEST", text, &der) != E_OK)
            return FAIL(E_INPUT, "csr-malformed", "no PEM block of a request");
    }
    *out = (struct csr){ .der = der };
    top = der_reader(der);
    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top) ||
        !der_take(&in, DER_SEQUENCE, &info) || !der_take(&in, DER_SEQUENCE, &algorithm) ||
        !der_bits(&in, &signature) || !der_at_end(&in) || !read_info(info.whole, out))
        return FAIL(E_INPUT, "csr-malformed", "RFC 2986 4: CertificationRequest");
    return E_OK;
}

enum err csr_verify(const struct csr *c)
{
    enum err err = signer_verify_wrapped(c->spki, c->der);

    if (err == E_INPUT)
        return FAIL(E_INPUT, "csr-signature", "RFC 2986 4.2: proof of possession does not hold");
    return err;
}
