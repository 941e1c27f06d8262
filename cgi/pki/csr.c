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

/* --- for people --- */

enum { GN_EMAIL = 1, GN_DNS = 2, GN_URI = 6, GN_IP = 7, NAME_SHOWN_MAX = 253 };

static struct str ip_text(struct arena *a, struct bytes b)
{
    struct str s = STR("");

    for (size_t i = 0; i < b.n; i++)
        if (b.n == 4)
            s = str_fmt(a, "%s%s%u", s.p, i ? "." : "", b.p[i]);
        else
            s = str_fmt(a, "%s%s%02x", s.p, i && i % 2 == 0 ? ":" : "", b.p[i]);
    return s;
}

static struct str printable(struct arena *a, const char *kind, struct bytes b)
{
    struct str text = STR("?");

    if (utf8_valid((const char *)b.p, b.n))
        text = str_printable(a, str_of(a, (const char *)b.p, b.n), NAME_SHOWN_MAX);
    return str_fmt(a, "%s:%s", kind, text.p);
}

/* One GeneralName (RFC 5280 4.2.1.6); absent for a kind that is not shown. */
static struct str general_name(struct arena *a, const struct der_item *item)
{
    switch (item->tag) {
    case DER_CONTEXT_PRIMITIVE(GN_EMAIL):
        return printable(a, "email", item->value);
    case DER_CONTEXT_PRIMITIVE(GN_DNS):
        return printable(a, "DNS", item->value);
    case DER_CONTEXT_PRIMITIVE(GN_URI):
        return printable(a, "URI", item->value);
    case DER_CONTEXT_PRIMITIVE(GN_IP):
        if (item->value.n == 4 || item->value.n == 16)
            return str_fmt(a, "IP:%s", ip_text(a, item->value).p);
        return STR_ABSENT;
    default:
        return STR_ABSENT;
    }
}

size_t csr_names(const struct csr *c, struct arena *a, struct str *names, size_t max)
{
    struct der top = der_reader(c->san), list;
    struct der_item item;
    size_t n = 0;

    if (!c->san.p || !der_enter(&top, DER_SEQUENCE, &list))
        return 0;
    while (n < max && der_any(&list, &item)) {
        struct str one = general_name(a, &item);
        if (!str_absent(one))
            names[n++] = one;
    }
    return n;
}

/* Bits of the modulus (RFC 8017 A.1.1); 0 when it cannot be read. */
static size_t modulus_bits(struct bytes spki)
{
    struct der top = der_reader(spki), d, key, in;
    struct der_item algorithm;
    struct bytes bits, n;
    size_t count;

    if (!der_enter(&top, DER_SEQUENCE, &d) || !der_take(&d, DER_SEQUENCE, &algorithm) ||
        !der_bits(&d, &bits))
        return 0;
    key = der_reader(bits);
    if (!der_enter(&key, DER_SEQUENCE, &in) || !der_integer(&in, 2100, &n))
        return 0;
    while (n.n > 0 && n.p[0] == 0)
        n = (struct bytes){ n.p + 1, n.n - 1 };
    count = n.n * 8;
    for (unsigned top_bit = 0x80; n.n > 0 && top_bit && !(n.p[0] & top_bit); top_bit >>= 1)
        count--;
    return count;
}

struct str csr_key_text(struct arena *a, struct bytes spki)
{
    enum signer_alg alg;

    if (signer_alg_of_spki(spki, &alg) != E_OK) {
        fault_clear();
        return STR("?");
    }
    if (alg == SIGNER_RSA_SHA256)
        return str_fmt(a, "RSA %zu", modulus_bits(spki));
    return alg == SIGNER_P256_SHA256 ? STR("P-256") : STR("P-384");
}
