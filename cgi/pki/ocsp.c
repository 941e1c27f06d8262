/* ocsp.c - see ocsp.h */
#include "pki/ocsp.h"

#include "base/crypto.h"
#include "pki/der_put.h"

#include <openssl/sha.h>

/* CertID (RFC 6960 4.1.1). */
static bool read_certid(struct der *request, struct ocsp_certid *out)
{
    struct der copy = *request, in;
    struct der_item whole, name, key;
    struct bytes oid, parameters, serial;

    /* the whole of it goes into our answer: also what is not read here must be DER */
    if (!der_take(request, DER_SEQUENCE, &whole) || !der_well_formed(whole.whole) ||
        !der_enter(&copy, DER_SEQUENCE, &in) || !der_algorithm(&in, &oid, &parameters) ||
        !der_take(&in, DER_OCTET_STRING, &name) || !der_take(&in, DER_OCTET_STRING, &key) ||
        !der_integer(&in, 21, &serial) || !der_at_end(&in))
        return false;
    if (serial.n > 1 && serial.p[0] == 0)
        serial = (struct bytes){ serial.p + 1, serial.n - 1 };
    *out = (struct ocsp_certid){ whole.whole, oid_find(oid), name.value, key.value, serial };
    return true;
}

static bool read_list(struct der *tbs, struct ocsp_request *out)
{
    struct der list, in;
    struct der_item extensions;

    if (!der_enter(tbs, DER_SEQUENCE, &list) || der_at_end(&list))
        return false;
    while (!der_at_end(&list)) {
        if (out->n == OCSP_MAX_CERTIDS || !der_enter(&list, DER_SEQUENCE, &in) ||
            !read_certid(&in, &out->certid[out->n]))
            return false;
        out->n++;
        if (!der_at_end(&in) && (!der_take(&in, DER_CONTEXT(0), &extensions) || !der_at_end(&in)))
            return false;
    }
    return true;
}

/* requestExtensions: the nonce; others are skipped unless critical (RFC 6960 4.4). */
static bool read_extensions(struct der *tbs, struct ocsp_request *out)
{
    struct der wrapper, list, in;
    struct bytes oid;
    struct der_item value;

    if (!der_enter(tbs, DER_CONTEXT(2), &wrapper) || !der_enter(&wrapper, DER_SEQUENCE, &list) ||
        !der_at_end(&wrapper))
        return false;
    while (!der_at_end(&list)) {
        bool critical = false;
        if (!der_enter(&list, DER_SEQUENCE, &in) || !der_oid(&in, &oid))
            return false;
        if (der_peek(&in) == DER_BOOLEAN && !der_bool(&in, &critical))
            return false;
        if (!der_take(&in, DER_OCTET_STRING, &value) || !der_at_end(&in))
            return false;
        if (!bytes_eq(oid, oid_bytes(OID_OCSP_NONCE))) {
            if (critical)
                return false;
            continue;
        }
        /* RFC 9654 2.1: 1 to 128 octets in an OCTET STRING; old clients leave that wrapper out */
        if (out->nonce.p || value.value.n == 0 || value.value.n > OCSP_MAX_NONCE)
            return false;
        out->nonce = value.value;
    }
    return true;
}

enum err ocsp_request_parse(struct bytes der, struct ocsp_request *out)
{
    struct der top = der_reader(der), in, tbs, version;
    struct der_item skipped;
    uint64_t v;

    out->n = 0;
    out->nonce = BYTES_ABSENT;
    if (der.n > OCSP_MAX_REQUEST || !der_enter(&top, DER_SEQUENCE, &in) || !der_at_end(&top) ||
        !der_enter(&in, DER_SEQUENCE, &tbs))
        goto malformed;
    if (!der_at_end(&in) && (!der_take(&in, DER_CONTEXT(0), &skipped) || !der_at_end(&in)))
        goto malformed; /* only a signature may follow */
    if (der_enter(&tbs, DER_CONTEXT(0), &version) && (!der_u64(&version, &v) || v != 0))
        goto malformed;
    if (der_peek(&tbs) == DER_CONTEXT(1) && !der_take(&tbs, DER_CONTEXT(1), &skipped))
        goto malformed; /* requestorName */
    if (!read_list(&tbs, out))
        goto malformed;
    if (!der_at_end(&tbs) && (!read_extensions(&tbs, out) || !der_at_end(&tbs)))
        goto malformed;
    return E_OK;
malformed:
    return FAIL(E_INPUT, "ocsp-malformed", "RFC 6960 4.1.1: OCSPRequest");
}

void ocsp_issuer_of(const struct x509 *issuer, struct ocsp_issuer *out)
{
    struct bytes32 h = sha256(issuer->subject);

    memcpy(out->name_sha256, h.b, sizeof h.b);
    h = sha256(issuer->public_key);
    memcpy(out->key_sha256, h.b, sizeof h.b);
    SHA1(issuer->subject.p, issuer->subject.n, out->name_sha1);
    SHA1(issuer->public_key.p, issuer->public_key.n, out->key_sha1);
}

bool ocsp_issuer_is(const struct ocsp_issuer *issuer, const struct ocsp_certid *id)
{
    if (id->hash == OID_SHA1)
        return bytes_eq(id->name_hash, (struct bytes){ issuer->name_sha1, 20 }) &&
               bytes_eq(id->key_hash, (struct bytes){ issuer->key_sha1, 20 });
    return id->hash == OID_SHA256 &&
           bytes_eq(id->name_hash, (struct bytes){ issuer->name_sha256, 32 }) &&
           bytes_eq(id->key_hash, (struct bytes){ issuer->key_sha256, 32 });
}

static void put_single(struct buf *b, const struct ocsp_response *r, const struct ocsp_single *s)
{
    size_t mark = der_put_begin(b, DER_SEQUENCE);

    buf_add_bytes(b, s->certid);
    if (s->status == OCSP_REVOKED) {
        size_t revoked = der_put_begin(b, DER_CONTEXT(1));
        der_put_generalized(b, s->revoked_at, false);
        if (s->reason != CRL_UNSPECIFIED) {
            uint8_t code = (uint8_t)s->reason;
            size_t reason = der_put_begin(b, DER_CONTEXT(0));
            der_put(b, DER_ENUMERATED, (struct bytes){ &code, 1 });
            der_put_end(b, reason);
        }
        der_put_end(b, revoked);
    } else {
        /* good [0] IMPLICIT NULL, unknown [2] IMPLICIT UnknownInfo */
        uint8_t tag = s->status == OCSP_GOOD ? 0 : 2;
        der_put(b, DER_CONTEXT_PRIMITIVE(tag), (struct bytes){ (const uint8_t *)"", 0 });
    }
    der_put_generalized(b, r->this_update, false);
    size_t next = der_put_begin(b, DER_CONTEXT(0));
    der_put_generalized(b, r->next_update, false);
    der_put_end(b, next);
    der_put_end(b, mark);
}

/* ResponseData (RFC 6960 4.2.1). */
static void put_data(struct buf *b, const struct ocsp_response *r)
{
    size_t mark = der_put_begin(b, DER_SEQUENCE);
    size_t responder = der_put_begin(b, DER_CONTEXT(2));

    der_put_octets(b, r->responder_key_id);
    der_put_end(b, responder);
    der_put_generalized(b, r->produced_at, false);
    size_t list = der_put_begin(b, DER_SEQUENCE);
    for (size_t i = 0; i < r->n; i++)
        put_single(b, r, &r->single[i]);
    der_put_end(b, list);
    if (r->nonce.p) {
        size_t wrapper = der_put_begin(b, DER_CONTEXT(1)), all = der_put_begin(b, DER_SEQUENCE);
        size_t one = der_put_begin(b, DER_SEQUENCE);
        der_put_oid(b, oid_bytes(OID_OCSP_NONCE));
        der_put_octets(b, r->nonce);
        der_put_end(b, one);
        der_put_end(b, all);
        der_put_end(b, wrapper);
    }
    der_put_end(b, mark);
}

/* OCSPResponse around a signed ResponseData. */
static void put_response(struct buf *b, const struct ocsp_response *r, struct bytes data,
                         struct bytes signature)
{
    uint8_t successful = OCSP_SUCCESSFUL;
    size_t outer = der_put_begin(b, DER_SEQUENCE);

    der_put(b, DER_ENUMERATED, (struct bytes){ &successful, 1 });
    size_t wrapper = der_put_begin(b, DER_CONTEXT(0)), bytes = der_put_begin(b, DER_SEQUENCE);
    der_put_oid(b, oid_bytes(OID_OCSP_BASIC));
    size_t octets = der_put_begin(b, DER_OCTET_STRING), basic = der_put_begin(b, DER_SEQUENCE);
    buf_add_bytes(b, data);
    signer_put_algorithm(b, r->signer->alg);
    der_put_bits(b, signature);
    if (r->cert.p) {
        size_t certs = der_put_begin(b, DER_CONTEXT(0)), list = der_put_begin(b, DER_SEQUENCE);
        buf_add_bytes(b, r->cert);
        der_put_end(b, list);
        der_put_end(b, certs);
    }
    der_put_end(b, basic);
    der_put_end(b, octets);
    der_put_end(b, bytes);
    der_put_end(b, wrapper);
    der_put_end(b, outer);
}

enum err ocsp_response_build(const struct ocsp_response *r, struct arena *a, struct bytes *der)
{
    struct buf b = buf_init(65536);
    struct bytes data, signature;

    put_data(&b, r);
    enum err err = buf_to_bytes(&b, a, &data);
    if (err != E_OK)
        goto out;
    err = signer_sign(r->signer, data, a, &signature);
    if (err != E_OK)
        goto out;
    buf_reset(&b);
    put_response(&b, r, data, signature);
    err = buf_to_bytes(&b, a, der);
out:
    buf_free(&b);
    return err;
}

struct bytes ocsp_response_error(enum ocsp_outcome outcome, struct arena *a)
{
    uint8_t der[] = { DER_SEQUENCE, 3, DER_ENUMERATED, 1, (uint8_t)outcome };

    return bytes_dup(a, (struct bytes){ der, sizeof der });
}
