/* tsp.c - see tsp.h */
#include "pki/tsp.h"

#include "base/crypto.h"
#include "pki/der_put.h"

#include <stdlib.h>

/* ---- requests ---- */

/* MessageImprint: a hash that we accept, with a digest of its length (RFC 3161 2.4.1). */
static enum err read_imprint(struct der *d, struct tsp_request *out, enum tsp_failure *failure)
{
    struct der copy = *d, in;
    struct der_item whole, digest;
    struct bytes oid, parameters;
    size_t want = 0;

    *failure = TSP_BAD_DATA_FORMAT;
    if (!der_take(d, DER_SEQUENCE, &whole) || !der_enter(&copy, DER_SEQUENCE, &in) ||
        !der_algorithm(&in, &oid, &parameters) || !der_take(&in, DER_OCTET_STRING, &digest) ||
        !der_at_end(&in))
        return FAIL(E_INPUT, "tsp-refused", "RFC 3161 2.4.1: messageImprint");
    out->hash = oid_find(oid);
    if (out->hash == OID_SHA256)
        want = 32;
    else if (out->hash == OID_SHA384)
        want = 48;
    else if (out->hash == OID_SHA512)
        want = 64;
    bool null = parameters.n == 2 && parameters.p[0] == DER_NULL;
    if (want == 0 || (parameters.p && !null)) {
        *failure = TSP_BAD_ALG;
        return FAIL(E_INPUT, "tsp-refused", "hash algorithm not accepted");
    }
    if (digest.value.n != want)
        return FAIL(E_INPUT, "tsp-refused", "digest of %zu octets", digest.value.n);
    out->message_imprint = whole.whole;
    out->imprint = digest.value;
    return E_OK;
}

enum err tsp_request_parse(struct bytes der, struct tsp_request *out, enum tsp_failure *failure)
{
    struct der top = der_reader(der), d;
    uint64_t version;

    *out = (struct tsp_request){ .hash = OID__MAX };
    *failure = TSP_BAD_DATA_FORMAT;
    if (der.n > TSP_MAX_REQUEST || !der_enter(&top, DER_SEQUENCE, &d) || !der_at_end(&top) ||
        !der_u64(&d, &version))
        return FAIL(E_INPUT, "tsp-refused", "RFC 3161 2.4.1: TimeStampReq");
    if (version != 1) {
        *failure = TSP_BAD_REQUEST;
        return FAIL(E_INPUT, "tsp-refused", "version %llu", (unsigned long long)version);
    }
    enum err err = read_imprint(&d, out, failure);
    if (err != E_OK)
        return err;
    *failure = TSP_BAD_DATA_FORMAT;
    if ((der_peek(&d) == DER_OID && !der_oid(&d, &out->policy)) ||
        (der_peek(&d) == DER_INTEGER && !der_integer(&d, TSP_MAX_NONCE, &out->nonce)) ||
        (der_peek(&d) == DER_BOOLEAN && !der_bool(&d, &out->want_certs)))
        return FAIL(E_INPUT, "tsp-refused", "RFC 3161 2.4.1: policy, nonce or certReq");
    if (der_peek(&d) == DER_CONTEXT(0)) {
        *failure = TSP_UNACCEPTED_EXTENSION; /* none is known, none can be left out of a token */
        return FAIL(E_INPUT, "tsp-refused", "extensions");
    }
    if (!der_at_end(&d))
        return FAIL(E_INPUT, "tsp-refused", "octets behind the request");
    return E_OK;
}

static const char *words(enum tsp_failure failure)
{
    switch (failure) {
    case TSP_BAD_ALG:
        return "hash algorithm not accepted: SHA-256, SHA-384 and SHA-512 are";
    case TSP_BAD_REQUEST:
        return "version of the request not known";
    case TSP_BAD_DATA_FORMAT:
        return "malformed request";
    case TSP_TIME_NOT_AVAILABLE:
        return "no trusted time at the moment";
    case TSP_UNACCEPTED_POLICY:
        return "policy not offered";
    case TSP_UNACCEPTED_EXTENSION:
        return "extension not known";
    case TSP_SYSTEM_FAILURE:
        break;
    }
    return "the service has failed, please try again";
}

struct bytes tsp_reject(enum tsp_failure failure, struct arena *a)
{
    struct buf b = buf_init(1024);
    struct bytes out = BYTES_ABSENT;
    size_t response = der_put_begin(&b, DER_SEQUENCE), status = der_put_begin(&b, DER_SEQUENCE);

    der_put_u64(&b, 2); /* rejection */
    size_t texts = der_put_begin(&b, DER_SEQUENCE);
    der_put_utf8(&b, str_z(words(failure)));
    der_put_end(&b, texts);
    der_put_named_bits(&b, 1u << failure);
    der_put_end(&b, status);
    der_put_end(&b, response);
    if (buf_to_bytes(&b, a, &out) != E_OK)
        out = BYTES_ABSENT;
    buf_free(&b);
    return out;
}

/* ---- tokens ---- */

struct tsp_authority {
    struct signer signer;
    struct arena *arena;              /* owns all of the following */
    struct bytes policy;              /* OID contents */
    struct bytes accuracy;            /* whole element, absent when not stated */
    struct bytes certs;               /* whole [0] CertificateSet */
    struct bytes sid;                 /* whole IssuerAndSerialNumber */
    struct bytes content_type;        /* whole Attribute */
    struct bytes signing_certificate; /* whole Attribute */
};

static int by_octets(const void *a, const void *b)
{
    const struct bytes *x = a, *y = b;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

    return order ? order : (x->n > y->n) - (x->n < y->n);
}

static struct bytes taken(struct buf *b, struct arena *a)
{
    struct bytes out;

    if (buf_to_bytes(b, a, &out) != E_OK)
        abort(); /* sizes were bounded before */
    buf_reset(b);
    return out;
}

/* Attribute ::= SEQUENCE { type, SET { value } } */
static struct bytes attribute(struct buf *b, enum oid type, struct bytes value, struct arena *a)
{
    size_t mark = der_put_begin(b, DER_SEQUENCE);

    der_put_oid(b, oid_bytes(type));
    der_put(b, DER_SET, value);
    der_put_end(b, mark);
    return taken(b, a);
}

/* SigningCertificateV2 with one ESSCertIDv2, SHA-256 by default (RFC 5035 3). */
static struct bytes signing_certificate(struct buf *b, const struct x509 *cert, struct arena *a)
{
    size_t v2 = der_put_begin(b, DER_SEQUENCE), certs = der_put_begin(b, DER_SEQUENCE);
    size_t one = der_put_begin(b, DER_SEQUENCE);

    der_put_octets(b, bytes_of_32(&cert->fingerprint));
    der_put_end(b, one);
    der_put_end(b, certs);
    der_put_end(b, v2);
    struct bytes value = taken(b, a);
    return attribute(b, OID_ATTR_SIGNING_CERTIFICATE_V2, value, a);
}

/* [0] IMPLICIT SET OF Certificate, in DER order. */
static struct bytes certificate_set(struct buf *b, const struct tsp_params *p, struct arena *a)
{
    struct bytes *list = ARENA_ARRAY(a, p->chain_n + 1, struct bytes);

    list[0] = p->cert;
    for (size_t i = 0; i < p->chain_n; i++)
        list[i + 1] = p->chain[i];
    qsort(list, p->chain_n + 1, sizeof *list, by_octets);
    size_t mark = der_put_begin(b, DER_CONTEXT(0));
    for (size_t i = 0; i <= p->chain_n; i++)
        buf_add_bytes(b, list[i]);
    der_put_end(b, mark);
    return taken(b, a);
}

static struct bytes accuracy(struct buf *b, uint32_t ms, struct arena *a)
{
    uint8_t rest[2] = { (uint8_t)(ms % 1000 >> 8), (uint8_t)(ms % 1000) };
    size_t mark = der_put_begin(b, DER_SEQUENCE);

    if (ms >= 1000)
        der_put_u64(b, ms / 1000);
    if (ms % 1000 != 0) /* millis [0] IMPLICIT INTEGER (1..999) */
        der_put(b, DER_CONTEXT_PRIMITIVE(0),
                rest[0] != 0 || rest[1] >= 0x80 ? (struct bytes){ rest, 2 }
                                                : (struct bytes){ rest + 1, 1 });
    der_put_end(b, mark);
    return taken(b, a);
}

enum err tsp_authority_new(const struct tsp_params *p, struct tsp_authority **out)
{
    enum err err = E_INTERNAL;
    struct buf b = buf_init(65536);
    struct x509 cert;
    struct tsp_authority *t = calloc(1, sizeof *t);

    if (!t)
        abort();
    t->signer = p->signer;
    t->arena = arena_new(1 << 20);
    err = x509_parse(p->cert, t->arena, &cert);
    if (err != E_OK)
        goto out;
    /* RFC 3161 2.3: the key serves this purpose alone, and says so critically */
    if (!cert.eku_critical || !x509_has_eku(&cert, OID_EKU_TIME_STAMPING)) {
        err = FAIL(E_STATE, "tsa-certificate", "RFC 3161 2.3: critical EKU timeStamping missing");
        goto out;
    }
    err = oid_parse(t->arena, p->policy, &t->policy);
    if (err != E_OK)
        goto out;
    size_t sid = der_put_begin(&b, DER_SEQUENCE);
    buf_add_bytes(&b, cert.issuer);
    der_put(&b, DER_INTEGER, cert.serial);
    der_put_end(&b, sid);
    t->sid = taken(&b, t->arena);
    t->certs = certificate_set(&b, p, t->arena);
    if (p->accuracy_ms > 0)
        t->accuracy = accuracy(&b, p->accuracy_ms, t->arena);
    der_put_oid(&b, oid_bytes(OID_TST_INFO));
    t->content_type = attribute(&b, OID_ATTR_CONTENT_TYPE, taken(&b, t->arena), t->arena);
    t->signing_certificate = signing_certificate(&b, &cert, t->arena);
    *out = t;
    t = NULL;
    err = E_OK;
out:
    buf_free(&b);
    tsp_authority_free(t);
    return err;
}

void tsp_authority_free(struct tsp_authority *t)
{
    if (!t)
        return;
    arena_free(t->arena);
    free(t);
}

/* TSTInfo (RFC 3161 2.4.2). */
static void put_info(struct buf *b, const struct tsp_authority *t, const struct tsp_request *rq,
                     struct bytes serial, struct timestamp when)
{
    size_t mark = der_put_begin(b, DER_SEQUENCE);

    der_put_u64(b, 1);
    der_put_oid(b, t->policy);
    buf_add_bytes(b, rq->message_imprint);
    der_put_unsigned(b, serial);
    der_put_generalized(b, when, true);
    if (t->accuracy.p)
        buf_add_bytes(b, t->accuracy);
    if (rq->nonce.p)
        der_put(b, DER_INTEGER, rq->nonce);
    der_put_end(b, mark);
}

/* The signed attributes, contents of the SET OF in DER order (X.690 11.6). */
static struct bytes signed_attributes(struct buf *b, const struct tsp_authority *t,
                                      struct bytes info, struct arena *a)
{
    uint8_t digest[64];
    size_t n = signer_digest(t->signer.alg, info, digest);

    der_put_octets(b, (struct bytes){ digest, n });
    struct bytes message_digest = attribute(b, OID_ATTR_MESSAGE_DIGEST, taken(b, a), a);
    struct bytes list[] = { t->content_type, message_digest, t->signing_certificate };
    qsort(list, 3, sizeof list[0], by_octets);
    for (size_t i = 0; i < 3; i++)
        buf_add_bytes(b, list[i]);
    return taken(b, a);
}

static void put_signer_info(struct buf *b, const struct tsp_authority *t, struct bytes attributes,
                            struct bytes signature)
{
    size_t set = der_put_begin(b, DER_SET), info = der_put_begin(b, DER_SEQUENCE);

    der_put_u64(b, 1);
    buf_add_bytes(b, t->sid);
    signer_put_digest_algorithm(b, t->signer.alg);
    der_put(b, DER_CONTEXT(0), attributes);
    signer_put_algorithm(b, t->signer.alg);
    der_put_octets(b, signature);
    der_put_end(b, info);
    der_put_end(b, set);
}

/* TimeStampResp { granted, ContentInfo { SignedData } } (RFC 5652 5.1: version 3). */
static void put_response(struct buf *b, const struct tsp_authority *t, bool certs,
                         struct bytes info, struct bytes attributes, struct bytes signature)
{
    size_t response = der_put_begin(b, DER_SEQUENCE), status = der_put_begin(b, DER_SEQUENCE);

    der_put_u64(b, 0);
    der_put_end(b, status);
    size_t content_info = der_put_begin(b, DER_SEQUENCE);
    der_put_oid(b, oid_bytes(OID_CMS_SIGNED_DATA));
    size_t wrapper = der_put_begin(b, DER_CONTEXT(0)), data = der_put_begin(b, DER_SEQUENCE);
    der_put_u64(b, 3);
    size_t algs = der_put_begin(b, DER_SET);
    signer_put_digest_algorithm(b, t->signer.alg);
    der_put_end(b, algs);
    size_t content = der_put_begin(b, DER_SEQUENCE);
    der_put_oid(b, oid_bytes(OID_TST_INFO));
    size_t explicit = der_put_begin(b, DER_CONTEXT(0));
    der_put_octets(b, info);
    der_put_end(b, explicit);
    der_put_end(b, content);
    if (certs)
        buf_add_bytes(b, t->certs);
    put_signer_info(b, t, attributes, signature);
    der_put_end(b, data);
    der_put_end(b, wrapper);
    der_put_end(b, content_info);
    der_put_end(b, response);
}

enum err tsp_grant(const struct tsp_authority *t, const struct tsp_request *rq, struct bytes serial,
                   struct timestamp when, struct arena *a, struct bytes *response,
                   enum tsp_failure *failure)
{
    struct buf b = buf_init(65536);
    struct bytes signature;
    enum err err;

    if (rq->policy.p && !bytes_eq(rq->policy, t->policy)) {
        *failure = TSP_UNACCEPTED_POLICY;
        return FAIL(E_INPUT, "tsp-refused", "another policy is asked for");
    }
    put_info(&b, t, rq, serial, when);
    struct bytes info = taken(&b, a);
    struct bytes attributes = signed_attributes(&b, t, info, a);
    /* RFC 5652 5.4: signed is the SET OF with its own tag, not the [0] of the message */
    der_put(&b, DER_SET, attributes);
    err = signer_sign(&t->signer, taken(&b, a), a, &signature);
    if (err != E_OK)
        goto out;
    put_response(&b, t, rq->want_certs, info, attributes, signature);
    err = buf_to_bytes(&b, a, response);
out:
    buf_free(&b);
    return err;
}
