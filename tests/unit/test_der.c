/* test_der.c - the DER reader takes what X.690 allows and nothing else; the writer writes just
 * that. */
#include "tap.h"

#include "base/encoding.h"
#include "pki/der_put.h"
#include "pki/name.h"
#include "pki/signer.h"

static struct arena *a;

static struct der from(const char *hex)
{
    struct bytes b = BYTES_ABSENT;

    if (hex_decode(a, str_z(hex), &b) != E_OK)
        b = BYTES_ABSENT;
    return der_reader(b);
}

static void elements(void)
{
    static const struct {
        const char *hex, *why;
        bool good;
    } rows[] = {
        { "0500", "NULL", true },
        { "05", "no length", false },
        { "050100", "one octet of contents", true },
        { "058100", "long form of a short length", false },
        { "05820001aa", "leading zero in the length", false },
        { "0580", "indefinite length", false },
        { "0581ff", "length behind the end", false },
        { "058400000000", "four length octets for nothing", false },
        { "0585000000000100", "five length octets", false },
        { "1f8100", "high tag number", false },
        { "3003020101", "nested", true },
        { "3003020201", "inner length behind the outer end", false },
        { "30030201010500", "octets behind", false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ok(der_well_formed(from(rows[i].hex).rest) == rows[i].good, "%s: %s", rows[i].hex,
           rows[i].why);
}

static void numbers(void)
{
    static const struct {
        const char *hex;
        bool good;
        uint64_t value;
    } rows[] = {
        { "020100", true, 0 },
        { "02017f", true, 127 },
        { "02020080", true, 128 },
        { "0202007f", false, 0 },
        { "0200", false, 0 },
        { "0201ff", false, 0 },
        { "020900ffffffffffffffff", true, UINT64_MAX },
        { "0209010000000000000000", false, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct der d = from(rows[i].hex);
        uint64_t v = 0;
        bool good = der_u64(&d, &v);
        ok(good == rows[i].good && v == rows[i].value, "INTEGER %s", rows[i].hex);
        if (!good)
            continue;
        struct buf b = buf_init(100);
        der_put_u64(&b, v);
        is_str(hex_encode(a, buf_bytes(&b)), rows[i].hex, "written the same");
        buf_free(&b);
    }
    struct der d = from("0101ff");
    bool v = false;
    ok(der_bool(&d, &v) && v, "TRUE is 0xff");
    d = from("010101");
    ok(!der_bool(&d, &v), "nothing else is (X.690 11.1)");
}

static void times(void)
{
    static const struct {
        const char *type, *text, *time; /* NULL: refused */
    } rows[] = {
        { "17", "491231235959Z", "2049-12-31T23:59:59Z" },
        { "17", "500101000000Z", "1950-01-01T00:00:00Z" },
        { "17", "4912312359Z", NULL },
        { "17", "490229000000Z", NULL },
        { "17", "480229000000Z", "2048-02-29T00:00:00Z" },
        { "17", "491231235959+0900", NULL },
        { "18", "20501231235959Z", "2050-12-31T23:59:59Z" },
        { "18", "20501231235959.5Z", "2050-12-31T23:59:59Z" },
        { "18", "20501231235959.50Z", NULL },
        { "18", "20501231235959.Z", NULL },
        { "18", "20501231235960Z", NULL },
        { "18", "20501231240000Z", NULL },
        { "18", "20501301000000Z", NULL },
        { "18", "2050123123595Z", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bytes text = bytes_of_str(str_z(rows[i].text));
        struct der d = from(str_fmt(a, "%s%02zx%s", rows[i].type, text.n, hex_encode(a, text).p).p);
        struct timestamp t;
        bool good = der_time(&d, &t);
        ok(good == (rows[i].time != NULL), "%s", rows[i].text);
        if (good)
            is_str(timestamp_rfc3339(a, t, false), rows[i].time, "read");
    }
    struct buf b = buf_init(1000);
    struct timestamp end = timestamp_from_calendar_utc((struct calendar){
        .year = 2049, .month = 12, .day = 31, .hour = 23, .minute = 59, .second = 59 });
    der_put_time(&b, end);
    ok(b.p[0] == DER_UTC_TIME, "UTCTime through 2049 (RFC 5280 4.1.2.5)");
    buf_reset(&b);
    der_put_time(&b, timestamp_add(end, SECOND_US));
    ok(b.p[0] == DER_GENERALIZED_TIME, "GeneralizedTime from 2050");
    buf_reset(&b);
    der_put_generalized(&b, timestamp_add(end, 120 * 1000), true);
    is_str(str_of(a, (const char *)b.p + 2, b.n - 2), "20491231235959.12Z", "no trailing zeros");
    buf_free(&b);
}

static void lengths(void)
{
    static const size_t sizes[] = { 0, 127, 128, 255, 256, 65535, 65536 };
    static uint8_t zeros[65536];

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buf once = buf_init(1 << 20), nested = buf_init(1 << 20);
        struct bytes contents = { zeros, sizes[i] };
        der_put(&once, DER_OCTET_STRING, contents);
        size_t mark = der_put_begin(&nested, DER_OCTET_STRING);
        buf_add_bytes(&nested, contents);
        der_put_end(&nested, mark);
        ok(bytes_eq(buf_bytes(&once), buf_bytes(&nested)) && der_well_formed(buf_bytes(&once)),
           "%zu octets", sizes[i]);
        buf_free(&once);
        buf_free(&nested);
    }
    struct buf small = buf_init(10);
    size_t mark = der_put_begin(&small, DER_SEQUENCE);
    der_put_octets(&small, (struct bytes){ zeros, 100 });
    der_put_end(&small, mark);
    ok(!buf_ok(&small), "a full buffer stays failed");
    buf_free(&small);
}

static void identifiers(void)
{
    struct bytes b;

    for (size_t i = 0; i < OID__MAX; i++) {
        struct bytes octets = oid_bytes((enum oid)i);
        struct str text = oid_text(a, octets);
        ok(octets.n > 1 && oid_parse(a, text, &b) == E_OK && bytes_eq(b, octets) &&
               oid_find(octets) == (enum oid)i,
           "%s", text.p);
    }
    static const char *const bad[] = { "",     "1",    "1.",   ".1",   "3.1",
                                       "1.40", "1.2.", "1..2", "1.02", "a" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        is_err(oid_parse(a, str_z(bad[i]), &b), E_INPUT, bad[i]);
    struct der d = from("06022a80");
    ok(!der_oid(&d, &b), "an arc that does not end");
    d = from("06032a8001");
    ok(!der_oid(&d, &b), "an arc with a leading zero");
}

static void named_bits(void)
{
    static const struct {
        uint32_t bits;
        const char *hex;
    } rows[] = { { 0, "030100" },      { 1, "03020780" },         { 3, "030206c0" },
                 { 0x60, "03020106" }, { 1u << 8, "0303070080" }, { 1u << 25, "03050600000040" } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b = buf_init(100);
        der_put_named_bits(&b, rows[i].bits);
        is_str(hex_encode(a, buf_bytes(&b)), rows[i].hex, "named bits (X.680 22.7)");
        buf_free(&b);
    }
}

int main(void)
{
    a = arena_new(1 << 20);
    elements();
    numbers();
    times();
    lengths();
    identifiers();
    named_bits();
    arena_free(a);
    return tap_done();
}
