/* x509.c - reading certificates; see x509.h */
#include "pki/x509.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/random.h"
#include "pki/der.h"

void x509_serial_new(uint8_t serial[20])
{
    do
        random_bytes(serial, 20);
    while ((serial[0] & 0x7f) == 0);
    serial[0] &= 0x7f;
}

/* GeneralName [6]: an http URL, in the arena. */
static struct str http_url(struct arena *a, const struct der_item *name)
{
    const char *p = (const char *)name->value.p;

    if (name->tag != DER_CONTEXT_PRIMITIVE(6) || name->value.n < 7 || name->value.n > 1024)
        return STR_ABSENT;
    if (!utf8_valid(p, name->value.n))
        return STR_ABSENT;
    struct str url = str_of(a, p, name->value.n);
    return str_starts(str_lower(a, url), STR("http")) ? url : STR_ABSENT;
}

static bool read_basic_constraints(struct bytes value, struct x509 *c)
{
    struct der top = der_reader(value), in;
    uint64_t length;

    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top))
        return false;
    c->has_basic_constraints = true;
    /* cA is DEFAULT FALSE: DER writes it only when true (X.690 11.5) */
    if (der_peek(&in) == DER_BOOLEAN && (!der_bool(&in, &c->ca) || !c->ca))
        return false;
    if (der_at_end(&in))
        return true;
    if (!der_u64(&in, &length) || length > 255 || !der_at_end(&in))
        return false;
    c->path_length = (int)length;
    return true;
}

static bool read_key_usage(struct bytes value, struct x509 *c)
{
    struct der top = der_reader(value);
    struct der_item bits;

    if (!der_take(&top, DER_BIT_STRING, &bits) || !der_at_end(&top) || bits.value.n < 2 ||
        bits.value.n > 3 || bits.value.p[0] > 7)
        return false;
    c->has_key_usage = true;
    for (size_t i = 0; i < (bits.value.n - 1) * 8; i++)
        if (bits.value.p[1 + i / 8] & (0x80 >> (i % 8)))
            c->key_usage |= 1u << i;
    return true;
}

static bool read_eku(struct bytes value, struct x509 *c)
{
    struct der top = der_reader(value), in;
    struct bytes oid;

    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top) || der_at_end(&in))
        return false;
    c->has_eku = true;
    c->eku = in.rest;
    while (!der_at_end(&in))
        if (!der_oid(&in, &oid))
            return false;
    return true;
}

static bool read_aki(struct bytes value, struct x509 *c)
{
    struct der top = der_reader(value), in;
    struct der_item id;

    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top))
        return false;
    if (der_take(&in, DER_CONTEXT_PRIMITIVE(0), &id))
        c->aki = id.value;
    return true;
}

static bool read_aia(struct bytes value, struct arena *a, struct x509 *c)
{
    struct der top = der_reader(value), list, in;
    struct bytes method;
    struct der_item name;

    if (!der_enter(&top, DER_SEQUENCE, &list) || !der_at_end(&top))
        return false;
    while (!der_at_end(&list)) {
        if (!der_enter(&list, DER_SEQUENCE, &in) || !der_oid(&in, &method) || !der_any(&in, &name))
            return false;
        struct str url = http_url(a, &name);
        if (str_absent(c->ocsp_url) && bytes_eq(method, oid_bytes(OID_AD_OCSP)))
            c->ocsp_url = url;
        if (str_absent(c->issuer_url) && bytes_eq(method, oid_bytes(OID_AD_CA_ISSUERS)))
            c->issuer_url = url;
    }
    return true;
}

static bool read_cdp(struct bytes value, struct arena *a, struct x509 *c)
{
    struct der top = der_reader(value), list, point, name, full;
    struct der_item uri;

    if (!der_enter(&top, DER_SEQUENCE, &list) || !der_at_end(&top))
        return false;
    while (!der_at_end(&list)) {
        if (!der_enter(&list, DER_SEQUENCE, &point))
            return false;
        if (!der_enter(&point, DER_CONTEXT(0), &name) || !der_enter(&name, DER_CONTEXT(0), &full))
            continue;
        while (str_absent(c->crl_url) && der_any(&full, &uri))
            c->crl_url = http_url(a, &uri);
    }
    return true;
}

static bool read_san(struct bytes value, struct x509 *c)
{
    struct der top = der_reader(value), in;

    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top) || der_at_end(&in))
        return false;
    c->san = value;
    return true;
}

/* Other people's may be odd: what cannot be read is as if it were absent, and never critical. */
static void read_policies(struct bytes value, struct x509 *c)
{
    struct der top = der_reader(value), in;

    if (der_enter(&top, DER_SEQUENCE, &in) && der_at_end(&top))
        c->policies = in.rest;
}

static bool read_ski(struct bytes value, struct x509 *c)
{
    struct der top = der_reader(value);
    struct der_item id;

    if (!der_take(&top, DER_OCTET_STRING, &id) || !der_at_end(&top))
        return false;
    c->ski = id.value;
    return true;
}

/* One extension by its identifier; critical ones that we do not know are remembered. */
static bool read_extension(enum oid type, bool critical, struct bytes value, struct arena *a,
                           struct x509 *c)
{
    if (type == OID_BASIC_CONSTRAINTS) {
        c->basic_constraints_critical = critical;
        return !c->has_basic_constraints && read_basic_constraints(value, c);
    }
    if (type == OID_KEY_USAGE) {
        c->key_usage_critical = critical;
        return !c->has_key_usage && read_key_usage(value, c);
    }
    if (type == OID_EKU) {
        c->eku_critical = critical;
        return !c->has_eku && read_eku(value, c);
    }
    if (type == OID_SKI)
        return !c->ski.p && read_ski(value, c);
    if (type == OID_AKI)
        return !c->aki.p && read_aki(value, c);
    if (type == OID_AIA)
        return read_aia(value, a, c);
    if (type == OID_CDP)
        return read_cdp(value, a, c);
    if (type == OID_SAN) {
        c->san_critical = critical;
        return !c->san.p && read_san(value, c);
    }
    if (type == OID_CERTIFICATE_POLICIES) {
        read_policies(value, c);
        return true;
    }
    if (type == OID_OCSP_NOCHECK)
        c->ocsp_nocheck = true;
    else if (critical)
        c->unknown_critical = true;
    return true;
}

static bool read_extensions(struct der *tbs, struct arena *a, struct x509 *c)
{
    struct der wrapper, list, in;
    struct bytes oid;
    struct der_item value;

    if (der_at_end(tbs))
        return true;
    if (!der_enter(tbs, DER_CONTEXT(3), &wrapper) || !der_enter(&wrapper, DER_SEQUENCE, &list) ||
        !der_at_end(&wrapper) || der_at_end(&list))
        return false;
    while (!der_at_end(&list)) {
        bool critical = false;
        if (!der_enter(&list, DER_SEQUENCE, &in) || !der_oid(&in, &oid))
            return false;
        if (der_peek(&in) == DER_BOOLEAN && !der_bool(&in, &critical))
            return false;
        if (!der_take(&in, DER_OCTET_STRING, &value) || !der_at_end(&in))
            return false;
        if (!read_extension(oid_find(oid), critical, value.value, a, c))
            return false;
    }
    return true;
}

static bool read_spki(struct der *tbs, struct x509 *c)
{
    struct der copy = *tbs, in;
    struct der_item whole, algorithm;

    if (!der_take(tbs, DER_SEQUENCE, &whole) || !der_enter(&copy, DER_SEQUENCE, &in))
        return false;
    c->spki = whole.whole;
    return der_take(&in, DER_SEQUENCE, &algorithm) && der_bits(&in, &c->public_key) &&
           der_at_end(&in);
}

/* TBSCertificate (RFC 5280 4.1), version 3 only, without the unique identifiers. */
static bool read_tbs(struct bytes tbs, struct arena *a, struct x509 *c)
{
    struct der top = der_reader(tbs), d, version, validity;
    struct der_item algorithm, issuer, subject;
    uint64_t v;

    if (!der_enter(&top, DER_SEQUENCE, &d) || !der_enter(&d, DER_CONTEXT(0), &version) ||
        !der_u64(&version, &v) || v != 2 || !der_integer(&d, 21, &c->serial) ||
        !der_take(&d, DER_SEQUENCE, &algorithm) ||
        !bytes_eq(algorithm.whole, c->signature_algorithm))
        return false;
    if (!der_take(&d, DER_SEQUENCE, &issuer) || !der_enter(&d, DER_SEQUENCE, &validity) ||
        !der_time(&validity, &c->not_before) || !der_time(&validity, &c->not_after) ||
        !der_at_end(&validity) || !der_take(&d, DER_SEQUENCE, &subject) || !read_spki(&d, c))
        return false;
    c->issuer = issuer.whole;
    c->subject = subject.whole;
    return read_extensions(&d, a, c) && der_at_end(&d);
}

enum err x509_parse(struct bytes der, struct arena *a, struct x509 *out)
{
    struct der top = der_reader(der), in;
    struct der_item tbs, algorithm;

    *out = (struct x509){ .der = der, .path_length = -1 };
    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top) ||
        !der_take(&in, DER_SEQUENCE, &tbs) || !der_take(&in, DER_SEQUENCE, &algorithm) ||
        !der_bits(&in, &out->signature) || !der_at_end(&in))
        return FAIL(E_INPUT, "certificate-malformed", "RFC 5280 4.1: Certificate");
    out->tbs = tbs.whole;
    out->signature_algorithm = algorithm.whole;
    if (!read_tbs(tbs.whole, a, out))
        return FAIL(E_INPUT, "certificate-malformed", "RFC 5280 4.1: TBSCertificate");
    out->fingerprint = sha256(der);
    return E_OK;
}

bool x509_has_eku(const struct x509 *c, enum oid purpose)
{
    struct der d = der_reader(c->eku);
    struct bytes oid;

    while (c->has_eku && der_oid(&d, &oid))
        if (bytes_eq(oid, oid_bytes(purpose)))
            return true;
    return false;
}

struct bytes x509_serial(const struct x509 *c)
{
    if (c->serial.n > 1 && c->serial.p[0] == 0)
        return (struct bytes){ c->serial.p + 1, c->serial.n - 1 };
    return c->serial;
}

bool x509_valid_at(const struct x509 *c, struct timestamp t)
{
    return timestamp_cmp(c->not_before, t) <= 0 &&
           timestamp_cmp(t, timestamp_add(c->not_after, SECOND_US)) < 0;
}

struct str x509_pem(struct arena *a, const char *label, struct bytes der)
{
    struct str text = base64_encode(a, der);
    struct buf b = buf_init(text.n + text.n / 64 + 128);
    struct str out = STR("");

    buf_fmt(&b, "-----BEGIN %s-----\n", label);
    for (size_t i = 0; i < text.n; i += 64) {
        buf_add(&b, text.p + i, text.n - i < 64 ? text.n - i : 64);
        buf_add_char(&b, '\n');
    }
    buf_fmt(&b, "-----END %s-----\n", label);
    if (buf_to_str(&b, a, &out) != E_OK)
        out = STR("");
    buf_free(&b);
    return out;
}

/* Offset of `word` in text at or after `from`, or SIZE_MAX. */
static size_t find_word(struct str text, struct str word, size_t from)
{
    for (size_t i = from; i + word.n <= text.n; i++)
        if (memcmp(text.p + i, word.p, word.n) == 0)
            return i;
    return SIZE_MAX;
}

enum err x509_from_pem(struct arena *a, const char *label, struct str text, struct bytes *der)
{
    struct str begin = str_fmt(a, "-----BEGIN %s-----", label);
    struct str end = str_fmt(a, "-----END %s-----", label);
    size_t from = find_word(text, begin, 0);
    size_t to = from == SIZE_MAX ? SIZE_MAX : find_word(text, end, from);

    if (to == SIZE_MAX)
        return FAIL(E_INPUT, "pem", "no %s block", label);
    char *body = arena_alloc(a, to - from + 1);
    size_t n = 0;
    for (size_t i = from + begin.n; i < to; i++)
        if (!strchr(" \t\r\n", text.p[i]))
            body[n++] = text.p[i];
    if (base64_decode(a, (struct str){ body, n }, der) != E_OK)
        return FAIL(E_INPUT, "pem", "RFC 7468: %s block is not base64", label);
    return E_OK;
}
