/* x509_build.c - the to-be-signed bytes of a certificate; see x509.h */
#include "pki/x509.h"

#include "pki/der_put.h"

#include <arpa/inet.h>

/* Extension ::= SEQUENCE { OID, critical DEFAULT FALSE, OCTET STRING { ... } } */
struct extension {
    size_t outer, value;
};

static struct extension begin(struct buf *b, enum oid type, bool critical)
{
    struct extension e;

    e.outer = der_put_begin(b, DER_SEQUENCE);
    der_put_oid(b, oid_bytes(type));
    if (critical)
        der_put_bool(b, true);
    e.value = der_put_begin(b, DER_OCTET_STRING);
    return e;
}

static void end(struct buf *b, struct extension e)
{
    der_put_end(b, e.value);
    der_put_end(b, e.outer);
}

static void put_key_ids(struct buf *b, const struct x509_request *r, struct bytes ski)
{
    struct extension e;

    if (r->issuer_ski.p) {
        e = begin(b, OID_AKI, false);
        size_t mark = der_put_begin(b, DER_SEQUENCE);
        der_put(b, DER_CONTEXT_PRIMITIVE(0), r->issuer_ski);
        der_put_end(b, mark);
        end(b, e);
    }
    if (!r->profile->no_ski) {
        e = begin(b, OID_SKI, false);
        der_put_octets(b, ski);
        end(b, e);
    }
}

static void put_usage(struct buf *b, const struct x509_profile *p, enum signer_alg key)
{
    struct extension e = begin(b, OID_KEY_USAGE, true);

    der_put_named_bits(b, x509_key_usage(p, key));
    end(b, e);
    if (p->eku_n > 0) {
        e = begin(b, OID_EKU, p->eku_critical);
        size_t mark = der_put_begin(b, DER_SEQUENCE);
        for (size_t i = 0; i < p->eku_n; i++)
            der_put_oid(b, oid_bytes(p->eku[i]));
        der_put_end(b, mark);
        end(b, e);
    }
    if (p->ca) {
        e = begin(b, OID_BASIC_CONSTRAINTS, true);
        size_t mark = der_put_begin(b, DER_SEQUENCE);
        der_put_bool(b, true);
        if (p->path_length >= 0)
            der_put_u64(b, (uint64_t)p->path_length);
        der_put_end(b, mark);
        end(b, e);
    }
}

/* PolicyInformation ::= SEQUENCE { OID, SEQUENCE OF { id-qt-cps, IA5String } OPTIONAL } */
static enum err put_policy(struct buf *b, const struct x509_policy *p, struct arena *a)
{
    struct bytes oid;
    enum err err = oid_parse(a, str_z(p->oid), &oid);

    if (err != E_OK)
        return err;
    size_t one = der_put_begin(b, DER_SEQUENCE);
    der_put_oid(b, oid);
    if (p->cps) {
        size_t list = der_put_begin(b, DER_SEQUENCE), qualifier = der_put_begin(b, DER_SEQUENCE);
        der_put_oid(b, oid_bytes(OID_CPS_QUALIFIER));
        der_put(b, DER_IA5_STRING, bytes_of_str(str_z(p->cps)));
        der_put_end(b, qualifier);
        der_put_end(b, list);
    }
    der_put_end(b, one);
    return E_OK;
}

/* RFC 5280 4.2.1.4 */
static enum err put_policies(struct buf *b, const struct x509_profile *p, struct arena *a)
{
    enum err err = E_OK;

    if (p->policies_n == 0)
        return E_OK;
    struct extension e = begin(b, OID_CERTIFICATE_POLICIES, false);
    size_t list = der_put_begin(b, DER_SEQUENCE);
    for (size_t i = 0; i < p->policies_n && err == E_OK; i++)
        err = put_policy(b, &p->policies[i], a);
    der_put_end(b, list);
    end(b, e);
    return err;
}

static bool ascii(struct str v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] <= 0x20 || v.p[i] >= 0x7f)
            return false;
    return v.n > 0 && v.n <= 255;
}

/* One GeneralName (RFC 5280 4.2.1.6). */
static enum err put_general_name(struct buf *b, const struct x509_san *san)
{
    uint8_t ip[16];

    if (!ascii(san->value))
        return FAIL(E_INPUT, "san-malformed", "alternative name is not short ASCII");
    switch (san->kind) {
    case X509_SAN_EMAIL:
        if (str_find(san->value, '@', 0) == SIZE_MAX)
            return FAIL(E_INPUT, "san-malformed", "mail address without @");
        der_put(b, DER_CONTEXT_PRIMITIVE(1), bytes_of_str(san->value));
        return E_OK;
    case X509_SAN_DNS:
        der_put(b, DER_CONTEXT_PRIMITIVE(2), bytes_of_str(san->value));
        return E_OK;
    case X509_SAN_URI:
        der_put(b, DER_CONTEXT_PRIMITIVE(6), bytes_of_str(san->value));
        return E_OK;
    case X509_SAN_IP:
        if (inet_pton(AF_INET, san->value.p, ip) == 1)
            der_put(b, DER_CONTEXT_PRIMITIVE(7), (struct bytes){ ip, 4 });
        else if (inet_pton(AF_INET6, san->value.p, ip) == 1)
            der_put(b, DER_CONTEXT_PRIMITIVE(7), (struct bytes){ ip, 16 });
        else
            return FAIL(E_INPUT, "san-malformed", "not an IP address");
        return E_OK;
    }
    return FAIL(E_INTERNAL, "", "unknown kind of alternative name");
}

static enum err put_san(struct buf *b, const struct x509_request *r)
{
    enum err err = E_OK;

    bool nameless = r->subject.n <= 2;

    if (r->san_n == 0)
        return nameless ? FAIL(E_INPUT, "name-empty", "RFC 5280 4.1.2.6: nobody is named") : E_OK;
    if (r->san_n > X509_MAX_SAN)
        return FAIL(E_INPUT, "san-too-many", "more than %d alternative names", X509_MAX_SAN);
    struct extension e = begin(b, OID_SAN, nameless);
    size_t mark = der_put_begin(b, DER_SEQUENCE);
    for (size_t i = 0; i < r->san_n && err == E_OK; i++)
        err = put_general_name(b, &r->san[i]);
    der_put_end(b, mark);
    end(b, e);
    return err;
}

static void put_access(struct buf *b, enum oid method, struct str url)
{
    size_t mark = der_put_begin(b, DER_SEQUENCE);

    der_put_oid(b, oid_bytes(method));
    der_put(b, DER_CONTEXT_PRIMITIVE(6), bytes_of_str(url));
    der_put_end(b, mark);
}

/* The profile's own place, or the request's. */
static struct str place(const char *own, struct str requested)
{
    return own ? str_z(own) : requested;
}

static void put_pointers(struct buf *b, const struct x509_request *r)
{
    const struct x509_profile *p = r->profile;
    struct extension e;

    if (p->cdp) {
        e = begin(b, OID_CDP, false);
        size_t list = der_put_begin(b, DER_SEQUENCE), point = der_put_begin(b, DER_SEQUENCE);
        size_t name = der_put_begin(b, DER_CONTEXT(0)), full = der_put_begin(b, DER_CONTEXT(0));
        der_put(b, DER_CONTEXT_PRIMITIVE(6), bytes_of_str(place(p->crl_url, r->crl_url)));
        der_put_end(b, full);
        der_put_end(b, name);
        der_put_end(b, point);
        der_put_end(b, list);
        end(b, e);
    }
    if (p->aia_ocsp || p->aia_issuer) {
        e = begin(b, OID_AIA, false);
        size_t list = der_put_begin(b, DER_SEQUENCE);
        if (p->aia_ocsp)
            put_access(b, OID_AD_OCSP, place(p->ocsp_url, r->ocsp_url));
        if (p->aia_issuer)
            put_access(b, OID_AD_CA_ISSUERS, place(p->issuer_url, r->issuer_url));
        der_put_end(b, list);
        end(b, e);
    }
    if (p->ocsp_nocheck) {
        e = begin(b, OID_OCSP_NOCHECK, false);
        der_put_null(b);
        end(b, e);
    }
}

static enum err put_extensions(struct buf *b, const struct x509_request *r, enum signer_alg key,
                               struct arena *a)
{
    uint8_t ski[20];
    enum err err = x509_key_id(r->spki, ski);

    if (err != E_OK)
        return err;
    size_t wrapper = der_put_begin(b, DER_CONTEXT(3));
    size_t list = der_put_begin(b, DER_SEQUENCE);
    put_key_ids(b, r, (struct bytes){ ski, sizeof ski });
    put_usage(b, r->profile, key);
    err = put_policies(b, r->profile, a);
    if (err == E_OK)
        err = put_san(b, r);
    put_pointers(b, r);
    der_put_end(b, list);
    der_put_end(b, wrapper);
    return err;
}

enum err x509_build(const struct x509_request *r, struct arena *a, struct bytes *tbs)
{
    struct buf b = buf_init(65536);
    enum signer_alg subject_alg;
    enum err err = signer_alg_of_spki(r->spki, &subject_alg);

    if (err != E_OK)
        goto out;
    if ((r->profile->algs & 1u << subject_alg) == 0) {
        err = FAIL(E_UNSUPPORTED, "key-unsupported", "profile %s", r->profile->name);
        goto out;
    }
    size_t mark = der_put_begin(&b, DER_SEQUENCE);
    size_t version = der_put_begin(&b, DER_CONTEXT(0));
    der_put_u64(&b, 2);
    der_put_end(&b, version);
    der_put_unsigned(&b, r->serial);
    signer_put_algorithm(&b, r->signature_alg);
    buf_add_bytes(&b, r->issuer);
    size_t validity = der_put_begin(&b, DER_SEQUENCE);
    der_put_time(&b, r->not_before);
    der_put_time(&b, r->not_after);
    der_put_end(&b, validity);
    buf_add_bytes(&b, r->subject);
    buf_add_bytes(&b, r->spki);
    err = put_extensions(&b, r, subject_alg, a);
    der_put_end(&b, mark);
    if (err == E_OK)
        err = buf_to_bytes(&b, a, tbs);
out:
    buf_free(&b);
    return err;
}
