/* crl.c - see crl.h */
#include "pki/crl.h"

#include "pki/der_put.h"

static const char *const reason_names[] = {
    "unspecified", "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",  "cessationOfOperation", "certificateHold", NULL,
    NULL,          "privilegeWithdrawn",   "aACompromise",
};
_Static_assert(sizeof reason_names / sizeof reason_names[0] == CRL_AA_COMPROMISE + 1,
               "one name per reason");

const char *crl_reason_name(uint32_t reason)
{
    return reason <= CRL_AA_COMPROMISE ? reason_names[reason] : NULL;
}

static void put_entry(struct buf *b, const struct crl_entry *e)
{
    size_t mark = der_put_begin(b, DER_SEQUENCE);

    der_put_unsigned(b, e->serial);
    der_put_time(b, e->revoked_at);
    /* RFC 5280 5.3.1: unspecified is said by leaving the extension out */
    if (e->reason != CRL_UNSPECIFIED) {
        uint8_t code = (uint8_t)e->reason;
        size_t list = der_put_begin(b, DER_SEQUENCE), one = der_put_begin(b, DER_SEQUENCE);
        der_put_oid(b, oid_bytes(OID_REASON_CODE));
        size_t value = der_put_begin(b, DER_OCTET_STRING);
        der_put(b, DER_ENUMERATED, (struct bytes){ &code, 1 });
        der_put_end(b, value);
        der_put_end(b, one);
        der_put_end(b, list);
    }
    der_put_end(b, mark);
}

/* 5.2.5: critical, and the very URL that is in the certificates. */
static void put_point(struct buf *b, struct str url)
{
    size_t one = der_put_begin(b, DER_SEQUENCE);

    der_put_oid(b, oid_bytes(OID_ISSUING_DISTRIBUTION_POINT));
    der_put_bool(b, true);
    size_t value = der_put_begin(b, DER_OCTET_STRING), idp = der_put_begin(b, DER_SEQUENCE);
    size_t point = der_put_begin(b, DER_CONTEXT(0)), full = der_put_begin(b, DER_CONTEXT(0));
    der_put(b, DER_CONTEXT_PRIMITIVE(6), bytes_of_str(url));
    der_put_end(b, full);
    der_put_end(b, point);
    der_put_end(b, idp);
    der_put_end(b, value);
    der_put_end(b, one);
}

static void put_extensions(struct buf *b, const struct crl_request *r)
{
    size_t wrapper = der_put_begin(b, DER_CONTEXT(0)), list = der_put_begin(b, DER_SEQUENCE);
    size_t one = der_put_begin(b, DER_SEQUENCE);

    der_put_oid(b, oid_bytes(OID_AKI));
    size_t value = der_put_begin(b, DER_OCTET_STRING), aki = der_put_begin(b, DER_SEQUENCE);
    der_put(b, DER_CONTEXT_PRIMITIVE(0), r->issuer_ski);
    der_put_end(b, aki);
    der_put_end(b, value);
    der_put_end(b, one);
    one = der_put_begin(b, DER_SEQUENCE);
    der_put_oid(b, oid_bytes(OID_CRL_NUMBER));
    value = der_put_begin(b, DER_OCTET_STRING);
    der_put_u64(b, r->number);
    der_put_end(b, value);
    der_put_end(b, one);
    if (!str_empty(r->point))
        put_point(b, r->point);
    der_put_end(b, list);
    der_put_end(b, wrapper);
}

enum err crl_build(const struct crl_request *r, struct arena *a, struct bytes *der)
{
    /* an entry is at most 22 + 17 + 16 octets */
    struct buf b = buf_init(4096 + r->n * 64);
    struct bytes tbs;
    size_t mark = der_put_begin(&b, DER_SEQUENCE);

    der_put_u64(&b, 1); /* version 2 */
    signer_put_algorithm(&b, r->signer->alg);
    buf_add_bytes(&b, r->issuer);
    der_put_time(&b, r->this_update);
    der_put_time(&b, r->next_update);
    if (r->n > 0) { /* 5.1.2.6: absent when empty */
        size_t list = der_put_begin(&b, DER_SEQUENCE);
        for (size_t i = 0; i < r->n; i++)
            put_entry(&b, &r->entry[i]);
        der_put_end(&b, list);
    }
    put_extensions(&b, r);
    der_put_end(&b, mark);
    enum err err = buf_to_bytes(&b, a, &tbs);
    if (err == E_OK)
        err = signer_wrap(r->signer, tbs, a, der);
    buf_free(&b);
    return err;
}

/* DistributionPointName: the first URL of fullName; a relative name says nothing to us. */
static bool read_point(struct der name, struct crl *out)
{
    struct der full;
    struct der_item uri;

    if (!der_enter(&name, DER_CONTEXT(0), &full))
        return der_take(&name, DER_CONTEXT(1), &uri) && der_at_end(&name);
    if (!der_at_end(&name) || der_at_end(&full))
        return false;
    while (!der_at_end(&full)) {
        if (!der_any(&full, &uri))
            return false;
        if (!out->point.p && uri.tag == DER_CONTEXT_PRIMITIVE(6))
            out->point = uri.value;
    }
    return true;
}

/* BOOLEAN DEFAULT FALSE with an implicit tag: DER leaves out what is false. */
static bool read_flag(struct der *in, uint8_t number, bool *flag)
{
    struct der_item item;

    if (der_peek(in) != DER_CONTEXT_PRIMITIVE(number))
        return true;
    *flag = true;
    return der_take(in, DER_CONTEXT_PRIMITIVE(number), &item) && item.value.n == 1 &&
           item.value.p[0] == 0xff;
}

/* IssuingDistributionPoint (5.2.5). */
static bool read_scope(struct bytes value, struct crl *out)
{
    struct der top = der_reader(value), in, name;
    struct der_item reasons;
    bool attributes = false, indirect = false, some = false;

    if (out->has_scope || !der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top) ||
        der_at_end(&in))
        return false;
    out->has_scope = true;
    if (der_peek(&in) == DER_CONTEXT(0) &&
        (!der_enter(&in, DER_CONTEXT(0), &name) || !read_point(name, out)))
        return false;
    if (!read_flag(&in, 1, &out->only_users) || !read_flag(&in, 2, &out->only_cas))
        return false;
    if (der_peek(&in) == DER_CONTEXT_PRIMITIVE(3)) {
        some = true;
        if (!der_take(&in, DER_CONTEXT_PRIMITIVE(3), &reasons))
            return false;
    }
    if (!read_flag(&in, 4, &indirect) || !read_flag(&in, 5, &attributes) || !der_at_end(&in))
        return false;
    out->only_part_of_the_statuses = some || indirect || attributes;
    return !(out->only_users && out->only_cas);
}

static bool read_extension(struct der *list, struct crl *out)
{
    struct der in, value, aki;
    struct bytes oid;
    struct der_item octets, id;
    bool critical = false;

    if (!der_enter(list, DER_SEQUENCE, &in) || !der_oid(&in, &oid))
        return false;
    if (der_peek(&in) == DER_BOOLEAN && !der_bool(&in, &critical))
        return false;
    if (!der_take(&in, DER_OCTET_STRING, &octets) || !der_at_end(&in))
        return false;
    value = der_reader(octets.value);
    if (bytes_eq(oid, oid_bytes(OID_CRL_NUMBER)))
        return der_u64(&value, &out->number);
    if (bytes_eq(oid, oid_bytes(OID_AKI))) {
        if (!der_enter(&value, DER_SEQUENCE, &aki))
            return false;
        if (der_take(&aki, DER_CONTEXT_PRIMITIVE(0), &id))
            out->aki = id.value;
        return true;
    }
    if (bytes_eq(oid, oid_bytes(OID_ISSUING_DISTRIBUTION_POINT)))
        return read_scope(octets.value, out);
    out->unknown_critical |= critical;
    return true;
}

/* TBSCertList (RFC 5280 5.1). */
static bool read_tbs(struct der d, struct bytes outer_algorithm, struct crl *out)
{
    struct der_item item;
    struct der wrapper, list;
    uint64_t version;

    if (!der_u64(&d, &version) || version != 1 || !der_take(&d, DER_SEQUENCE, &item) ||
        !bytes_eq(item.whole, outer_algorithm) || !der_take(&d, DER_SEQUENCE, &item))
        return false;
    out->issuer = item.whole;
    if (!der_time(&d, &out->this_update))
        return false;
    if ((der_peek(&d) == DER_UTC_TIME || der_peek(&d) == DER_GENERALIZED_TIME) &&
        !der_time(&d, &out->next_update))
        return false;
    if (der_take(&d, DER_SEQUENCE, &item))
        out->entries = item.value;
    if (der_at_end(&d))
        return true;
    if (!der_enter(&d, DER_CONTEXT(0), &wrapper) || !der_at_end(&d) ||
        !der_enter(&wrapper, DER_SEQUENCE, &list) || !der_at_end(&wrapper))
        return false;
    while (!der_at_end(&list))
        if (!read_extension(&list, out))
            return false;
    return true;
}

enum err crl_parse(struct bytes der, struct crl *out)
{
    struct der top = der_reader(der), in, tbs;
    struct der_item algorithm;
    struct bytes signature;

    *out = (struct crl){ .der = der, .next_update = TIMESTAMP_NONE };
    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top) ||
        !der_enter(&in, DER_SEQUENCE, &tbs) || !der_take(&in, DER_SEQUENCE, &algorithm) ||
        !der_bits(&in, &signature) || !der_at_end(&in) || !read_tbs(tbs, algorithm.whole, out))
        return FAIL(E_INPUT, "crl-malformed", "RFC 5280 5.1: CertificateList");
    return E_OK;
}

enum err crl_verify(const struct crl *c, const struct x509 *issuer)
{
    if (!bytes_eq(c->issuer, issuer->subject))
        return FAIL(E_INPUT, "crl-issuer", "another authority's list");
    return signer_verify_wrapped(issuer->spki, c->der);
}

enum err crl_covers(const struct crl *c, const struct x509 *certificate)
{
    struct bytes url = bytes_of_str(certificate->crl_url);

    if (c->unknown_critical || c->only_part_of_the_statuses)
        return FAIL(E_INPUT, "crl-scope", "RFC 5280 5.2: not a list of all reasons");
    if (certificate->ca ? c->only_users : c->only_cas)
        return FAIL(E_INPUT, "crl-scope", "RFC 5280 5.2.5: of the other kind of certificates");
    if (c->has_scope && c->point.p && !bytes_eq(c->point, url))
        return FAIL(E_INPUT, "crl-scope", "RFC 5280 6.3.3: another distribution point's list");
    return E_OK;
}

/* The reason in the extensions of an entry; false when malformed. */
static bool read_reason(struct der *entry, uint32_t *reason)
{
    struct der list, in, value;
    struct bytes oid;
    struct der_item octets, code;
    bool critical;

    *reason = CRL_UNSPECIFIED;
    if (der_at_end(entry))
        return true;
    if (!der_enter(entry, DER_SEQUENCE, &list) || !der_at_end(entry))
        return false;
    while (!der_at_end(&list)) {
        if (!der_enter(&list, DER_SEQUENCE, &in) || !der_oid(&in, &oid))
            return false;
        if (der_peek(&in) == DER_BOOLEAN && !der_bool(&in, &critical))
            return false;
        if (!der_take(&in, DER_OCTET_STRING, &octets))
            return false;
        if (!bytes_eq(oid, oid_bytes(OID_REASON_CODE)))
            continue;
        value = der_reader(octets.value);
        if (!der_take(&value, DER_ENUMERATED, &code) || code.value.n != 1)
            return false;
        *reason = code.value.p[0];
    }
    return true;
}

enum err crl_find(const struct crl *c, struct bytes serial, struct crl_entry *out)
{
    struct der list = der_reader(c->entries), entry;

    while (!der_at_end(&list)) {
        struct bytes number;
        if (!der_enter(&list, DER_SEQUENCE, &entry) || !der_integer(&entry, 21, &number) ||
            !der_time(&entry, &out->revoked_at) || !read_reason(&entry, &out->reason))
            return FAIL(E_INPUT, "crl-malformed", "RFC 5280 5.1.2.6: revokedCertificates");
        if (number.n > 1 && number.p[0] == 0)
            number = (struct bytes){ number.p + 1, number.n - 1 };
        out->serial = number;
        if (bytes_eq(number, serial))
            return E_OK;
    }
    return E_ABSENT;
}
