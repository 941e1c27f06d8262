/* certificates_decode.c - see certificates_decode.h */
#include "features/certificates/certificates_decode.h"

#include "base/encoding.h"
#include "pki/der_put.h"

#include <arpa/inet.h>

enum { NAME_CHARACTERS = 60, PKCS7_MAX = 1 << 20 };

static const struct {
    enum oid type;
    const char *word;
} attributes[] = {
    { OID_CN, "CN" },        { OID_SERIAL_NUMBER, "serialNumber" },
    { OID_C, "C" },          { OID_L, "L" },
    { OID_ST, "ST" },        { OID_O, "O" },
    { OID_OU, "OU" },        { OID_TITLE, "title" },
    { OID_SN, "SN" },        { OID_GIVEN_NAME, "GN" },
    { OID_EMAIL, "E-mail" }, { OID_ORGANIZATION_IDENTIFIER, "organizationIdentifier" },
};

static const char *attribute_word(enum oid type)
{
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (attributes[i].type == type)
            return attributes[i].word;
    return "?";
}

static enum err take_subject(struct arena *a, struct certificates_decoded *out)
{
    struct name n;

    TRY(name_parse(out->x.subject, a, &n));
    out->subject = ARENA_ARRAY(a, n.n, struct certificates_name);
    out->subject_n = n.n;
    for (size_t i = 0; i < n.n; i++)
        out->subject[i] =
            (struct certificates_name){ attribute_word(n.attribute[i].type), n.attribute[i].value };
    return E_OK;
}

/* RFC 5280 4.2.1.6: four octets or sixteen. */
static struct str address_text(struct arena *a, struct bytes b)
{
    char text[INET6_ADDRSTRLEN];
    int family = b.n == 4 ? AF_INET : AF_INET6;

    if ((b.n != 4 && b.n != 16) || inet_ntop(family, b.p, text, sizeof text) == NULL)
        return hex_encode(a, b);
    return str_of(a, text, strlen(text));
}

static const char *general_word(uint8_t tag)
{
    switch (tag) {
    case DER_CONTEXT_PRIMITIVE(1):
        return "mail";
    case DER_CONTEXT_PRIMITIVE(2):
        return "DNS";
    case DER_CONTEXT_PRIMITIVE(6):
        return "URI";
    case DER_CONTEXT_PRIMITIVE(7):
        return "IP";
    default:
        return "?";
    }
}

static void take_names(struct arena *a, struct certificates_decoded *out)
{
    struct der top = der_reader(out->x.san), in;
    struct der_item item;

    out->names = ARENA_ARRAY(a, CERTIFICATES_NAMES_MAX, struct certificates_name);
    if (!der_enter(&top, DER_SEQUENCE, &in))
        return;
    while (out->names_n < CERTIFICATES_NAMES_MAX && der_any(&in, &item)) {
        struct str value = item.tag == DER_CONTEXT_PRIMITIVE(7) ? address_text(a, item.value)
                           : utf8_valid((const char *)item.value.p, item.value.n)
                               ? str_of(a, (const char *)item.value.p, item.value.n)
                               : hex_encode(a, item.value);
        out->names[out->names_n++] =
            (struct certificates_name){ general_word(item.tag), str_printable(a, value, 253) };
    }
}

/* Contents of the extension of that type; absent when there is none (RFC 5280 4.1). */
static struct bytes extension(struct bytes tbs, enum oid type)
{
    struct der top = der_reader(tbs), in, list, one;
    struct der_item item;
    struct bytes oid;
    bool critical;

    if (!der_enter(&top, DER_SEQUENCE, &in))
        return BYTES_ABSENT;
    while (der_any(&in, &item))
        if (item.tag == DER_CONTEXT(3)) {
            struct der wrapped = der_reader(item.value);
            if (!der_enter(&wrapped, DER_SEQUENCE, &list))
                return BYTES_ABSENT;
            while (der_enter(&list, DER_SEQUENCE, &one)) {
                if (!der_oid(&one, &oid) ||
                    (der_peek(&one) == DER_BOOLEAN && !der_bool(&one, &critical)) ||
                    !der_take(&one, DER_OCTET_STRING, &item))
                    return BYTES_ABSENT;
                if (bytes_eq(oid, oid_bytes(type)))
                    return item.value;
            }
        }
    return BYTES_ABSENT;
}

static void take_oids(struct arena *a, struct certificates_decoded *out)
{
    struct der d = der_reader(out->x.eku), list, one;
    struct bytes oid;

    out->ekus = ARENA_ARRAY(a, CERTIFICATES_OIDS_MAX, struct str);
    while (out->ekus_n < CERTIFICATES_OIDS_MAX && der_oid(&d, &oid))
        out->ekus[out->ekus_n++] = oid_text(a, oid);
    out->policies = ARENA_ARRAY(a, CERTIFICATES_OIDS_MAX, struct str);
    d = der_reader(extension(out->x.tbs, OID_CERTIFICATE_POLICIES));
    if (!der_enter(&d, DER_SEQUENCE, &list))
        return;
    while (out->policies_n < CERTIFICATES_OIDS_MAX && der_enter(&list, DER_SEQUENCE, &one) &&
           der_oid(&one, &oid))
        out->policies[out->policies_n++] = oid_text(a, oid);
}

/* RSAPublicKey (RFC 8017 A.1.1): the bits of its modulus. */
static size_t rsa_bits(struct bytes key)
{
    struct der top = der_reader(key), in;
    struct bytes n;
    size_t bits;

    if (!der_enter(&top, DER_SEQUENCE, &in) || !der_integer(&in, 2049, &n))
        return 0;
    while (n.n > 0 && n.p[0] == 0)
        n = (struct bytes){ n.p + 1, n.n - 1 };
    bits = n.n * 8;
    for (uint8_t top_octet = n.n ? n.p[0] : 0; top_octet != 0 && (top_octet & 0x80) == 0;
         top_octet = (uint8_t)(top_octet << 1))
        bits--;
    return bits;
}

static struct str key_text(struct arena *a, const struct x509 *x)
{
    enum signer_alg alg;

    if (signer_alg_of_spki(x->spki, &alg) != E_OK)
        return STR("?");
    if (alg == SIGNER_P256_SHA256)
        return STR("ECDSA P-256");
    if (alg == SIGNER_P384_SHA384)
        return STR("ECDSA P-384");
    return str_fmt(a, "RSA %zu", rsa_bits(x->public_key));
}

static const struct {
    enum oid type;
    const char *word;
} signatures[] = {
    { OID_SHA256_RSA, "RSA, SHA-256" },
    { OID_SHA384_RSA, "RSA, SHA-384" },
    { OID_ECDSA_SHA256, "ECDSA, SHA-256" },
    { OID_ECDSA_SHA384, "ECDSA, SHA-384" },
};

static struct str signature_text(const struct x509 *x)
{
    struct der d = der_reader(x->signature_algorithm);
    struct bytes oid, parameters;

    if (!der_algorithm(&d, &oid, &parameters))
        return STR("?");
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (signatures[i].type == oid_find(oid))
            return str_z(signatures[i].word);
    return STR("?");
}

enum err certificates_decode(struct arena *a, struct bytes der, struct certificates_decoded *out)
{
    *out = (struct certificates_decoded){ .issuer = STR_ABSENT };
    TRY(x509_parse(der, a, &out->x));
    out->issuer = name_text(a, out->x.issuer);
    TRY(take_subject(a, out));
    take_names(a, out);
    take_oids(a, out);
    out->key = key_text(a, &out->x);
    out->signature = signature_text(&out->x);
    out->fingerprint = hex_encode(a, bytes_of_32(&out->x.fingerprint));
    return E_OK;
}

/* ------------------------------------------------------------------ files */

struct str certificates_pem(struct arena *a, struct bytes der, const struct bytes *chain, size_t n)
{
    struct str text = x509_pem(a, "CERTIFICATE", der);

    for (size_t i = 0; i < n; i++)
        text = str_fmt(a, "%s%s", text.p, x509_pem(a, "CERTIFICATE", chain[i]).p);
    return text;
}

enum err certificates_pkcs7(struct arena *a, struct bytes der, const struct bytes *chain, size_t n,
                            struct bytes *out)
{
    struct buf b = buf_init(PKCS7_MAX);
    size_t info = der_put_begin(&b, DER_SEQUENCE), wrapped, data, mark;
    enum err e;

    der_put_oid(&b, oid_bytes(OID_CMS_SIGNED_DATA));
    wrapped = der_put_begin(&b, DER_CONTEXT(0));
    data = der_put_begin(&b, DER_SEQUENCE);
    der_put_u64(&b, 1);
    der_put(&b, DER_SET, BYTES_ABSENT); /* no digest algorithms */
    mark = der_put_begin(&b, DER_SEQUENCE);
    der_put_oid(&b, oid_bytes(OID_CMS_DATA));
    der_put_end(&b, mark);
    mark = der_put_begin(&b, DER_CONTEXT(0));
    buf_add_bytes(&b, der);
    for (size_t i = 0; i < n; i++)
        buf_add_bytes(&b, chain[i]);
    der_put_end(&b, mark);
    der_put(&b, DER_SET, BYTES_ABSENT); /* no signers */
    der_put_end(&b, data);
    der_put_end(&b, wrapped);
    der_put_end(&b, info);
    e = buf_to_bytes(&b, a, out);
    buf_free(&b);
    return e;
}

struct str certificates_filename(struct arena *a, struct str common_name, struct str serial)
{
    struct str name = str_printable(a, common_name, NAME_CHARACTERS);
    char *safe;

    if (str_empty(name))
        return str_fmt(a, "certificate-%.*s", (int)(serial.n < 16 ? serial.n : 16), serial.p);
    safe = ARENA_ARRAY(a, name.n + 1, char);
    for (size_t i = 0; i < name.n; i++)
        safe[i] = strchr("/\\:*?\"<>| ", name.p[i]) != NULL ? '-' : name.p[i];
    if (safe[0] == '.')
        safe[0] = '-';
    return str_of(a, safe, name.n);
}
