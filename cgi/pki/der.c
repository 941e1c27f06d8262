/* der.c - reading DER; writing is in der_put.c. See der.h */
#include "pki/der.h"

struct der der_reader(struct bytes data)
{
    return (struct der){ .rest = data };
}

bool der_at_end(const struct der *d)
{
    return d->rest.n == 0;
}

/* Length octets at p (n of them left): definite and minimal (X.690 10.1), at most 2^32-1. */
static bool read_length(const uint8_t *p, size_t n, size_t *header, size_t *length)
{
    if (n < 1)
        return false;
    if (p[0] < 0x80) {
        *header = 1;
        *length = p[0];
        return true;
    }
    size_t octets = p[0] & 0x7f;
    if (octets == 0 || octets > 4 || n < 1 + octets || p[1] == 0)
        return false;
    size_t v = 0;
    for (size_t i = 0; i < octets; i++)
        v = v << 8 | p[1 + i];
    if (v < 0x80)
        return false;
    *header = 1 + octets;
    *length = v;
    return true;
}

bool der_any(struct der *d, struct der_item *out)
{
    size_t header, length;

    /* high tag numbers (X.690 8.1.2.4) occur in none of our structures */
    if (d->rest.n < 2 || (d->rest.p[0] & 0x1f) == 0x1f)
        return false;
    if (!read_length(d->rest.p + 1, d->rest.n - 1, &header, &length))
        return false;
    size_t left = d->rest.n - 1 - header;
    if (length > left)
        return false;
    out->tag = d->rest.p[0];
    out->value = (struct bytes){ d->rest.p + 1 + header, length };
    out->whole = (struct bytes){ d->rest.p, 1 + header + length };
    d->rest = (struct bytes){ d->rest.p + out->whole.n, left - length };
    return true;
}

uint8_t der_peek(const struct der *d)
{
    struct der copy = *d;
    struct der_item item;

    return der_any(&copy, &item) ? item.tag : 0;
}

bool der_take(struct der *d, uint8_t tag, struct der_item *out)
{
    struct der copy = *d;

    if (!der_any(&copy, out) || out->tag != tag)
        return false;
    *d = copy;
    return true;
}

bool der_enter(struct der *d, uint8_t tag, struct der *inside)
{
    struct der_item item;

    if (!der_take(d, tag, &item))
        return false;
    *inside = der_reader(item.value);
    return true;
}

bool der_integer(struct der *d, size_t max, struct bytes *out)
{
    struct der copy = *d;
    struct der_item item;

    if (!der_take(&copy, DER_INTEGER, &item) || item.value.n < 1 || item.value.n > max)
        return false;
    const uint8_t *p = item.value.p;
    /* X.690 8.3.2: the first nine bits are not all equal */
    if (item.value.n > 1 && ((p[0] == 0 && p[1] < 0x80) || (p[0] == 0xff && p[1] >= 0x80)))
        return false;
    *out = item.value;
    *d = copy;
    return true;
}

bool der_u64(struct der *d, uint64_t *out)
{
    struct der copy = *d;
    struct bytes v;

    if (!der_integer(&copy, 9, &v) || v.p[0] >= 0x80 || (v.n == 9 && v.p[0] != 0))
        return false;
    *out = 0;
    for (size_t i = 0; i < v.n; i++)
        *out = *out << 8 | v.p[i];
    *d = copy;
    return true;
}

bool der_bool(struct der *d, bool *out)
{
    struct der copy = *d;
    struct der_item item;

    if (!der_take(&copy, DER_BOOLEAN, &item) || item.value.n != 1)
        return false;
    if (item.value.p[0] != 0 && item.value.p[0] != 0xff)
        return false;
    *out = item.value.p[0] != 0;
    *d = copy;
    return true;
}

bool der_oid(struct der *d, struct bytes *out)
{
    struct der copy = *d;
    struct der_item item;

    if (!der_take(&copy, DER_OID, &item) || item.value.n < 1 || item.value.n > 64)
        return false;
    bool first = true; /* of an arc: no leading 0x80 (X.690 8.19.2) */
    for (size_t i = 0; i < item.value.n; i++) {
        if (first && item.value.p[i] == 0x80)
            return false;
        first = item.value.p[i] < 0x80;
    }
    if (!first)
        return false;
    *out = item.value;
    *d = copy;
    return true;
}

bool der_bits(struct der *d, struct bytes *out)
{
    struct der copy = *d;
    struct der_item item;

    if (!der_take(&copy, DER_BIT_STRING, &item) || item.value.n < 1 || item.value.p[0] != 0)
        return false;
    *out = (struct bytes){ item.value.p + 1, item.value.n - 1 };
    *d = copy;
    return true;
}

/* Two digits at p, or -1. */
static int two(const uint8_t *p)
{
    if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
        return -1;
    return (p[0] - '0') * 10 + (p[1] - '0');
}

/* ".d{1,6}" without a trailing zero between the seconds and Z: microseconds, or -1. */
static int64_t fraction(const uint8_t *p, size_t n)
{
    if (n == 0)
        return 0;
    if (n < 2 || n > 7 || p[0] != '.' || p[n - 1] == '0')
        return -1;
    int64_t us = 0;
    for (size_t i = 1; i < 7; i++) {
        if (i < n && (p[i] < '0' || p[i] > '9'))
            return -1;
        us = us * 10 + (i < n ? p[i] - '0' : 0);
    }
    return us;
}

static bool calendar_ok(const struct calendar *c)
{
    static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    if (c->month < 1 || c->month > 12 || c->day < 1 || c->day > days[c->month - 1])
        return false;
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;
    if (c->month == 2 && c->day == 29 && !leap)
        return false;
    return c->hour >= 0 && c->hour < 24 && c->minute >= 0 && c->minute < 60 && c->second >= 0 &&
           c->second < 60;
}

bool der_time(struct der *d, struct timestamp *out)
{
    struct der copy = *d;
    struct der_item item;
    struct calendar c = { 0 };

    if (!der_any(&copy, &item))
        return false;
    const uint8_t *p = item.value.p;
    size_t n = item.value.n;
    if (item.tag == DER_UTC_TIME && n == 13) {
        c.year = two(p);
        if (c.year < 0)
            return false;
        c.year += c.year >= 50 ? 1900 : 2000;
        p += 2;
        n -= 2;
    } else if (item.tag == DER_GENERALIZED_TIME && n >= 15) {
        if (two(p) < 0 || two(p + 2) < 0)
            return false;
        c.year = two(p) * 100 + two(p + 2);
        p += 4;
        n -= 4;
    } else {
        return false;
    }
    c.month = two(p);
    c.day = two(p + 2);
    c.hour = two(p + 4);
    c.minute = two(p + 6);
    c.second = two(p + 8);
    int64_t us = fraction(p + 10, n - 11);
    if (p[n - 1] != 'Z' || us < 0 || !calendar_ok(&c))
        return false;
    *out = timestamp_add(timestamp_from_calendar_utc(c), us);
    *d = copy;
    return true;
}

bool der_algorithm(struct der *d, struct bytes *oid, struct bytes *parameters)
{
    struct der copy = *d, in;
    struct der_item item = { 0 };

    if (!der_enter(&copy, DER_SEQUENCE, &in) || !der_oid(&in, oid))
        return false;
    *parameters = BYTES_ABSENT;
    if (!der_at_end(&in)) {
        if (!der_any(&in, &item) || !der_at_end(&in))
            return false;
        *parameters = item.whole;
    }
    *d = copy;
    return true;
}

static bool well_formed(struct der d, int depth)
{
    struct der_item item;

    if (depth > 32)
        return false;
    while (!der_at_end(&d)) {
        if (!der_any(&d, &item))
            return false;
        if ((item.tag & 0x20) != 0 && !well_formed(der_reader(item.value), depth + 1))
            return false;
    }
    return true;
}

bool der_well_formed(struct bytes data)
{
    struct der d = der_reader(data);
    struct der_item item;

    return der_any(&d, &item) && der_at_end(&d) && well_formed(der_reader(data), 0);
}
