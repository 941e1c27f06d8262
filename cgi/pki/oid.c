/* oid.c - see oid.h */
#include "pki/oid.h"

enum { OID_MAX_OCTETS = 16 };

static const char *const texts[] = {
#define OID_TEXT(name, text) text,
    OID_LIST(OID_TEXT)
#undef OID_TEXT
};
_Static_assert(sizeof texts / sizeof texts[0] == OID__MAX, "one text per identifier");

static struct {
    uint8_t octet[OID_MAX_OCTETS];
    size_t n;
} encoded[OID__MAX];
static bool encoded_ready;

/* Append one arc in base 128. Returns the new length, 0 when it does not fit. */
static size_t put_arc(uint8_t *out, size_t n, size_t max, uint64_t arc)
{
    size_t octets = 1;

    for (uint64_t v = arc >> 7; v > 0; v >>= 7)
        octets++;
    if (octets > max - n)
        return 0;
    for (size_t i = octets; i-- > 0; arc >>= 7)
        out[n + i] = (uint8_t)((arc & 0x7f) | (i + 1 < octets ? 0x80 : 0));
    return n + octets;
}

/* Dotted text to contents octets; 0 when malformed or longer than max. */
static size_t encode(struct str text, uint8_t *out, size_t max)
{
    uint64_t arcs[2] = { 0, 0 };
    size_t n = 0, at = 0;

    for (size_t count = 0; at <= text.n; count++) {
        uint64_t v = 0;
        size_t start = at;
        for (; at < text.n && text.p[at] != '.'; at++) {
            if (text.p[at] < '0' || text.p[at] > '9' || v > (UINT64_MAX - 9) / 10)
                return 0;
            v = v * 10 + (uint64_t)(text.p[at] - '0');
        }
        if (at == start || (text.p[start] == '0' && at - start > 1))
            return 0;
        at++;
        if (count < 2)
            arcs[count] = v;
        if (count == 1 && (arcs[0] > 2 || v > 1u << 30 || (arcs[0] < 2 && v > 39)))
            return 0;
        if (count >= 1)
            n = put_arc(out, n, max, count == 1 ? arcs[0] * 40 + v : v);
        if (count >= 1 && n == 0)
            return 0;
    }
    return n;
}

static void encode_all(void)
{
    for (size_t i = 0; i < OID__MAX; i++)
        encoded[i].n = encode(str_z(texts[i]), encoded[i].octet, OID_MAX_OCTETS);
    encoded_ready = true;
}

struct bytes oid_bytes(enum oid oid)
{
    if (!encoded_ready)
        encode_all();
    return (struct bytes){ encoded[oid].octet, encoded[oid].n };
}

enum oid oid_find(struct bytes contents)
{
    for (size_t i = 0; i < OID__MAX; i++)
        if (bytes_eq(contents, oid_bytes((enum oid)i)))
            return (enum oid)i;
    return OID__MAX;
}

struct str oid_text(struct arena *a, struct bytes contents)
{
    struct str text = STR_ABSENT;
    uint64_t v = 0;

    for (size_t i = 0; i < contents.n; i++) {
        if (v > UINT64_MAX >> 7)
            return STR("?");
        v = v << 7 | (contents.p[i] & 0x7f);
        if (contents.p[i] >= 0x80)
            continue;
        if (str_absent(text)) {
            uint64_t top = v < 40 ? 0 : v < 80 ? 1 : 2;
            text = str_fmt(a, "%llu.%llu", (unsigned long long)top,
                           (unsigned long long)(v - top * 40));
        } else {
            text = str_fmt(a, "%.*s.%llu", STR_ARG(text), (unsigned long long)v);
        }
        v = 0;
    }
    return str_absent(text) ? STR("?") : text;
}

enum err oid_parse(struct arena *a, struct str dotted, struct bytes *out)
{
    uint8_t octet[64];
    size_t n = str_absent(dotted) ? 0 : encode(dotted, octet, sizeof octet);

    if (n == 0)
        return FAIL(E_INPUT, "oid-malformed", "not an object identifier");
    *out = bytes_dup(a, (struct bytes){ octet, n });
    return E_OK;
}
