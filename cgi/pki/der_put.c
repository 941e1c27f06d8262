/* der_put.c - writing DER; see der_put.h */
#include "pki/der_put.h"

size_t der_put_begin(struct buf *b, uint8_t tag)
{
    buf_add_char(b, (char)tag);
    size_t mark = b->n;
    buf_add_char(b, 0); /* short length, widened by der_put_end where it does not suffice */
    return mark;
}

/* Octets of a long-form length, 0 for the short form. */
static size_t length_octets(size_t n)
{
    size_t octets = 0;

    if (n < 0x80)
        return 0;
    for (; n > 0; n >>= 8)
        octets++;
    return octets;
}

void der_put_end(struct buf *b, size_t mark)
{
    if (!buf_ok(b))
        return;
    size_t n = b->n - mark - 1;
    size_t octets = length_octets(n);
    if (octets > 0 && !buf_extend(b, octets))
        return;
    uint8_t *p = b->p + mark;
    if (octets == 0) {
        p[0] = (uint8_t)n;
        return;
    }
    memmove(p + 1 + octets, p + 1, n);
    p[0] = (uint8_t)(0x80 | octets);
    for (size_t i = 0; i < octets; i++)
        p[1 + i] = (uint8_t)(n >> (8 * (octets - 1 - i)));
}

void der_put(struct buf *b, uint8_t tag, struct bytes contents)
{
    uint8_t head[1 + 1 + sizeof(size_t)];
    size_t octets = length_octets(contents.n);

    head[0] = tag;
    head[1] = (uint8_t)(octets == 0 ? contents.n : 0x80 | octets);
    for (size_t i = 0; i < octets; i++)
        head[2 + i] = (uint8_t)(contents.n >> (8 * (octets - 1 - i)));
    buf_add(b, head, 2 + octets);
    buf_add_bytes(b, contents);
}

void der_put_oid(struct buf *b, struct bytes oid_contents)
{
    der_put(b, DER_OID, oid_contents);
}

void der_put_unsigned(struct buf *b, struct bytes v)
{
    while (v.n > 1 && v.p[0] == 0)
        v = (struct bytes){ v.p + 1, v.n - 1 };
    size_t mark = der_put_begin(b, DER_INTEGER);
    if (v.n == 0 || v.p[0] >= 0x80)
        buf_add_char(b, 0);
    buf_add_bytes(b, v);
    der_put_end(b, mark);
}

void der_put_u64(struct buf *b, uint64_t v)
{
    uint8_t be[8];

    for (int i = 0; i < 8; i++)
        be[i] = (uint8_t)(v >> (56 - 8 * i));
    der_put_unsigned(b, (struct bytes){ be, sizeof be });
}

void der_put_bool(struct buf *b, bool v)
{
    uint8_t octet = v ? 0xff : 0;

    der_put(b, DER_BOOLEAN, (struct bytes){ &octet, 1 });
}

void der_put_null(struct buf *b)
{
    der_put(b, DER_NULL, (struct bytes){ (const uint8_t *)"", 0 });
}

void der_put_octets(struct buf *b, struct bytes v)
{
    der_put(b, DER_OCTET_STRING, v);
}

void der_put_bits(struct buf *b, struct bytes v)
{
    size_t mark = der_put_begin(b, DER_BIT_STRING);

    buf_add_char(b, 0);
    buf_add_bytes(b, v);
    der_put_end(b, mark);
}

void der_put_named_bits(struct buf *b, uint32_t bits)
{
    uint8_t out[5] = { 0 };
    size_t last = 0, n = 1;

    for (size_t i = 0; i < 32; i++) {
        if ((bits >> i & 1) == 0)
            continue;
        out[1 + i / 8] |= (uint8_t)(0x80 >> (i % 8));
        last = i;
        n = 2 + i / 8;
    }
    out[0] = (uint8_t)(n == 1 ? 0 : 7 - last % 8);
    der_put(b, DER_BIT_STRING, (struct bytes){ out, n });
}

void der_put_utf8(struct buf *b, struct str v)
{
    der_put(b, DER_UTF8_STRING, bytes_of_str(v));
}

void der_put_generalized(struct buf *b, struct timestamp t, bool fraction)
{
    struct calendar c = calendar_utc(t);
    char text[40];
    int n = snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02d", c.year, c.month, c.day, c.hour,
                     c.minute, c.second);
    int64_t ms = (t.us - timestamp_to_unix(t) * SECOND_US) / 1000;

    if (fraction && ms > 0) {
        n += snprintf(text + n, sizeof text - (size_t)n, ".%03d", (int)ms);
        while (text[n - 1] == '0') /* X.690 11.7.3 */
            n--;
    }
    text[n++] = 'Z';
    der_put(b, DER_GENERALIZED_TIME, (struct bytes){ (const uint8_t *)text, (size_t)n });
}

void der_put_time(struct buf *b, struct timestamp t)
{
    struct calendar c = calendar_utc(t);
    char text[40];

    if (c.year < 1950 || c.year > 2049) {
        der_put_generalized(b, t, false);
        return;
    }
    int n = snprintf(text, sizeof text, "%02d%02d%02d%02d%02d%02dZ", c.year % 100, c.month, c.day,
                     c.hour, c.minute, c.second);
    der_put(b, DER_UTC_TIME, (struct bytes){ (const uint8_t *)text, (size_t)n });
}

void der_put_algorithm(struct buf *b, struct bytes oid, bool null_parameters)
{
    size_t mark = der_put_begin(b, DER_SEQUENCE);

    der_put_oid(b, oid);
    if (null_parameters)
        der_put_null(b);
    der_put_end(b, mark);
}
