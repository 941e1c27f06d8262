/* name.c - see name.h */
#include "pki/name.h"

#include "pki/der_put.h"

#include <openssl/asn1.h>
#include <openssl/err.h>

#include <stdlib.h>

/* Text names and upper bounds (RFC 5280 A.1; characters, not octets). */
static const struct {
    enum oid type;
    const char *text;
    size_t max;
} known[] = {
    { OID_CN, "CN", 64 },
    { OID_SN, "SN", 64 },
    { OID_GIVEN_NAME, "GN", 64 },
    { OID_SERIAL_NUMBER, "serialNumber", 64 },
    { OID_C, "C", 2 },
    { OID_L, "L", 128 },
    { OID_ST, "ST", 128 },
    { OID_O, "O", 64 },
    { OID_OU, "OU", 64 },
    { OID_TITLE, "title", 64 },
    { OID_ORGANIZATION_IDENTIFIER, "organizationIdentifier", 64 },
    { OID_EMAIL, "emailAddress", 255 },
};
enum { KNOWN = sizeof known / sizeof known[0] };

static size_t known_index(enum oid type)
{
    size_t i = 0;

    while (i < KNOWN && known[i].type != type)
        i++;
    return i;
}

void name_add(struct name *n, enum oid type, struct str value)
{
    if (str_empty(value))
        return;
    if (n->n == NAME_MAX_ATTRIBUTES || known_index(type) == KNOWN)
        abort();
    n->attribute[n->n++] = (struct name_attribute){ type, value };
}

/* Characters that can make a name look like another one, or break a line of a list. */
static bool bad_character(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        return true;
    /* zero width and bidirectional controls, line and paragraph separators (UAX #9, UTR #36) */
    if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
        (c >= 0x2060 && c <= 0x206f) || c == 0x061c || c == 0xfeff || c == 0xad)
        return true;
    if (c >= 0xfff0 && c <= 0xffff)
        return true;
    return (c >= 0xe000 && c <= 0xf8ff) || c >= 0xe0000; /* private use, tags */
}

static enum err check_text(struct str v, size_t max)
{
    if (!utf8_valid(v.p, v.n))
        return FAIL(E_INPUT, "name-bad-character", "not UTF-8");
    if (utf8_length(v) > max)
        return FAIL(E_INPUT, "name-too-long", "more than %zu characters", max);
    for (size_t at = 0; at < v.n;)
        if (bad_character(utf8_next(v, &at)))
            return FAIL(E_INPUT, "name-bad-character", "control character");
    if (v.p[0] == ' ' || v.p[v.n - 1] == ' ')
        return FAIL(E_INPUT, "name-bad-character", "space at an end");
    return E_OK;
}

/* PrintableString characters (X.680 41.4). */
static bool printable(struct str v)
{
    for (size_t i = 0; i < v.n; i++) {
        char c = v.p[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && !strchr(" '()+,-./:=?", c))
            return false;
    }
    return true;
}

static bool email_ok(struct str v)
{
    size_t at = str_find(v, '@', 0);

    if (at == SIZE_MAX || at == 0 || at + 1 >= v.n || str_find(v, '@', at + 1) != SIZE_MAX)
        return false;
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] <= 0x20 || v.p[i] >= 0x7f)
            return false;
    return true;
}

static enum err put_attribute(struct buf *b, const struct name_attribute *at)
{
    uint8_t tag = DER_UTF8_STRING;
    size_t i = known_index(at->type);
    if (i == KNOWN)
        return FAIL(E_INPUT, "name-malformed", "an attribute of a type that we do not write");
    enum err err = check_text(at->value, known[i].max);

    if (err != E_OK)
        return err;
    if (at->type == OID_C) {
        const char *v = at->value.p;
        if (at->value.n != 2 || v[0] < 'A' || v[0] > 'Z' || v[1] < 'A' || v[1] > 'Z')
            return FAIL(E_INPUT, "name-bad-country", "not two capital letters (ISO 3166)");
        tag = DER_PRINTABLE_STRING;
    }
    if (at->type == OID_SERIAL_NUMBER) {
        if (!printable(at->value))
            return FAIL(E_INPUT, "name-bad-character", "serialNumber is not PrintableString");
        tag = DER_PRINTABLE_STRING;
    }
    if (at->type == OID_EMAIL) {
        if (!email_ok(at->value))
            return FAIL(E_INPUT, "name-bad-email", "not an ASCII mail address");
        tag = DER_IA5_STRING;
    }
    size_t rdn = der_put_begin(b, DER_SET);
    size_t pair = der_put_begin(b, DER_SEQUENCE);
    der_put_oid(b, oid_bytes(at->type));
    der_put(b, tag, bytes_of_str(at->value));
    der_put_end(b, pair);
    der_put_end(b, rdn);
    return E_OK;
}

enum err name_build(const struct name *n, struct arena *a, struct bytes *der)
{
    struct buf b = buf_init(8192);
    enum err err = E_OK;

    if (n->n == 0 && !n->may_be_empty)
        return FAIL(E_INPUT, "name-empty", "a name without attributes");
    size_t mark = der_put_begin(&b, DER_SEQUENCE);
    for (size_t i = 0; i < n->n && err == E_OK; i++)
        err = put_attribute(&b, &n->attribute[i]);
    der_put_end(&b, mark);
    if (err == E_OK)
        err = buf_to_bytes(&b, a, der);
    buf_free(&b);
    return err;
}

/* Any string type to UTF-8 in the arena; absent when it cannot be. */
static struct str to_utf8(struct arena *a, const struct der_item *item)
{
    struct str out = STR_ABSENT;
    unsigned char *utf8 = NULL;
    ASN1_STRING *s = NULL;

    if (item->tag == DER_UTF8_STRING || item->tag == DER_PRINTABLE_STRING ||
        item->tag == DER_IA5_STRING) {
        const char *p = (const char *)item->value.p;
        return utf8_valid(p, item->value.n) ? str_of(a, p, item->value.n) : STR_ABSENT;
    }
    if (item->tag > 0x1e || item->value.n > 4096)
        return STR_ABSENT;
    s = ASN1_STRING_type_new(item->tag); /* the octet of a universal string tag is its number */
    if (!s || !ASN1_STRING_set(s, item->value.p, (int)item->value.n))
        goto out;
    int n = ASN1_STRING_to_UTF8(&utf8, s);
    if (n >= 0 && utf8_valid((const char *)utf8, (size_t)n))
        out = str_of(a, (const char *)utf8, (size_t)n);
out:
    OPENSSL_free(utf8);
    ASN1_STRING_free(s);
    ERR_clear_error();
    return out;
}

/* Call `each` for the attributes in order; false when malformed. */
static bool walk(struct bytes der, struct arena *a,
                 bool (*each)(void *arg, struct bytes oid, struct str value), void *arg)
{
    struct der top = der_reader(der), rdns, rdn, pair;
    struct der_item value;
    struct bytes oid;

    if (!der_enter(&top, DER_SEQUENCE, &rdns) || !der_at_end(&top))
        return false;
    while (!der_at_end(&rdns)) {
        if (!der_enter(&rdns, DER_SET, &rdn) || der_at_end(&rdn))
            return false;
        while (!der_at_end(&rdn)) {
            if (!der_enter(&rdn, DER_SEQUENCE, &pair) || !der_oid(&pair, &oid) ||
                !der_any(&pair, &value) || !der_at_end(&pair))
                return false;
            struct str text = to_utf8(a, &value);
            if (!each(arg, oid, text))
                return false;
        }
    }
    return true;
}

static bool collect(void *arg, struct bytes oid, struct str value)
{
    struct name *n = arg;

    if (n->n == NAME_MAX_ATTRIBUTES || str_absent(value))
        return false;
    enum oid type = oid_find(oid);
    n->attribute[n->n++] =
        (struct name_attribute){ known_index(type) < KNOWN ? type : OID__MAX, value };
    return true;
}

enum err name_parse(struct bytes der, struct arena *a, struct name *out)
{
    *out = (struct name){ .n = 0 };
    if (!walk(der, a, collect, out))
        return FAIL(E_INPUT, "name-malformed", "RFC 5280 4.1.2.4: Name cannot be read");
    return E_OK;
}

struct str name_get(const struct name *n, enum oid type)
{
    for (size_t i = 0; i < n->n; i++)
        if (n->attribute[i].type == type)
            return n->attribute[i].value;
    return STR_ABSENT;
}

struct text_state {
    struct arena *a;
    struct str text;
};

/* RFC 4514 2.4: what is escaped in a value. */
static struct str escaped(struct arena *a, struct str v)
{
    char *out = arena_alloc(a, v.n * 3 + 1);
    size_t n = 0;

    for (size_t i = 0; i < v.n; i++) {
        char c = v.p[i];
        bool edge = (i == 0 && (c == ' ' || c == '#')) || (i + 1 == v.n && c == ' ');
        if ((unsigned char)c < 0x20 || c == 0x7f) {
            n += (size_t)snprintf(out + n, 4, "\\%02X", (unsigned)c);
            continue;
        }
        if (edge || strchr("\"+,;<>\\", c))
            out[n++] = '\\';
        out[n++] = c;
    }
    return (struct str){ out, n };
}

static bool prepend(void *arg, struct bytes oid, struct str value)
{
    struct text_state *s = arg;
    size_t i = known_index(oid_find(oid));
    struct str type = i < KNOWN ? str_z(known[i].text) : oid_text(s->a, oid);
    struct str v = str_absent(value) ? STR("?") : escaped(s->a, value);

    if (str_absent(s->text))
        s->text = str_fmt(s->a, "%.*s=%.*s", STR_ARG(type), STR_ARG(v));
    else
        s->text = str_fmt(s->a, "%.*s=%.*s,%.*s", STR_ARG(type), STR_ARG(v), STR_ARG(s->text));
    return s->text.n < 4096;
}

struct str name_text(struct arena *a, struct bytes der)
{
    struct text_state s = { a, STR_ABSENT };

    if (!walk(der, a, prepend, &s) || str_absent(s.text))
        return STR("?");
    return s.text;
}
