/* test_base.c - the promises of cgi/base. */
#include "tap.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/random.h"
#include "base/roles.h"
#include "base/settings.h"

#include <stdlib.h>
#include <unistd.h>

static struct arena *a;

static void text(void)
{
    ok(str_absent(STR_ABSENT) && !str_absent(STR("")), "absent is not empty");
    is_str(str_trim(a, STR(" \xE3\x80\x80 x y\t\xE3\x80\x80")), "x y",
           "full-width space is trimmed");
    is_str(str_sub(a, STR("abcdef"), 2, 99), "cdef", "a slice is clamped");
    ok(str_eq_ci(STR("Content-TYPE"), STR("content-type")), "header names compare without case");
    ok(!str_eq(STR("a"), STR_ABSENT) && str_eq(STR_ABSENT, STR_ABSENT),
       "absent equals only absent");
    ok(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0, "order by bytes");
    uint64_t u;
    is_err(str_to_u64(STR("18446744073709551615"), UINT64_MAX, &u), E_OK, "largest number");
    is_err(str_to_u64(STR("18446744073709551616"), UINT64_MAX, &u), E_INPUT, "overflow is refused");
    is_err(str_to_u64(STR("+1"), 10, &u), E_INPUT, "sign is refused");
    int64_t i;
    ok(str_to_i64(STR("-12"), -20, 0, &i) == E_OK && i == -12, "negative number in range");
    is_err(str_to_i64(STR("-"), -20, 0, &i), E_INPUT, "a lone minus is no number");
}

static void utf8(void)
{
    ok(utf8_valid("\xE7\xBD\xB2\xE5\x90\x8D", 6), "Japanese is valid");
    ok(!utf8_valid("\xC0\x80", 2), "overlong NUL is refused");
    ok(!utf8_valid("\xED\xA0\x80", 3), "a surrogate is refused");
    ok(!utf8_valid("\xF4\x90\x80\x80", 4), "above U+10FFFF is refused");
    ok(!utf8_valid("a\0b", 3), "an inner NUL is refused");
    ok(!utf8_valid("\xE7\xBD", 2), "a cut sequence is refused");
    is_int((int64_t)utf8_length(STR("署名x")), 3, "characters, not bytes");
    size_t at = 0;
    is_int(utf8_next(STR("署"), &at), 0x7F72, "code point");
}

static void buffers(void)
{
    struct buf b = buf_init(8);
    buf_add_z(&b, "12345678");
    ok(buf_ok(&b) && b.n == 8, "a buffer fills to its maximum");
    buf_add_char(&b, '9');
    buf_add_char(&b, '1');
    struct str s;
    is_err(buf_to_str(&b, a, &s), E_LIMIT, "passing the maximum fails and stays failed");
    ok(buf_str(&b).p == NULL, "a failed buffer has no contents");
    buf_free(&b);
}

static void encodings(void)
{
    struct bytes raw = { (const uint8_t *)"foobar", 6 };
    is_str(base64_encode(a, raw), "Zm9vYmFy", "RFC 4648 10: base64");
    is_str(base32_encode(a, raw), "MZXW6YTBOI", "RFC 4648 10: base32 without padding");
    is_str(hex_encode(a, raw), "666f6f626172", "RFC 4648 10: base16");
    struct bytes out;
    ok(base64_decode(a, STR("Zm9vYg=="), &out) == E_OK && out.n == 4, "padded base64");
    is_err(base64_decode(a, STR("Zm9vYh=="), &out), E_INPUT, "spare bits must be zero");
    is_err(base64url_decode(a, STR("Zm9v+"), &out), E_INPUT, "other alphabet is refused");
    ok(base32_decode(a, STR("mzxw 6ytb oi"), &out) == E_OK && bytes_eq(out, raw),
       "base32 as people type it");
    is_err(hex_decode(a, STR("abc"), &out), E_INPUT, "odd hex is refused");
    struct str s;
    ok(percent_decode(a, STR("%E7%BD%B2+x"), true, &s) == E_OK, "percent decoding");
    is_str(s, "署 x", "plus is a space in a form");
    is_err(percent_decode(a, STR("%00"), true, &s), E_INPUT, "an encoded NUL is refused");
    is_err(percent_decode(a, STR("%E7"), true, &s), E_INPUT, "broken UTF-8 is refused");
    is_err(percent_decode(a, STR("%4"), true, &s), E_INPUT, "a cut escape is refused");
    is_str(percent_encode(a, STR("a/ん~")), "a%2F%E3%82%93~", "percent encoding");
}

static void times(void)
{
    struct timestamp t = timestamp_from_unix(1795151109); /* 2026-11-20 05:05:09 UTC */
    is_str(timestamp_rfc3339(a, t, false), "2026-11-20T05:05:09Z", "RFC 3339");
    is_str(timestamp_rfc3339_jst(a, t), "2026-11-20T14:05:09+09:00", "Japanese time");
    is_str(timestamp_pdf(a, t), "D:20261120050509Z", "PDF date");
    is_str(timestamp_http(a, t), "Fri, 20 Nov 2026 05:05:09 GMT", "HTTP date");
    is_str(timestamp_human(a, t, true), "2026年11月20日(令和8年) 14:05 JST", "for people, ja");
    is_str(timestamp_human(a, t, false), "20 Nov 2026, 14:05 JST", "for people, en");
    struct calendar eve = { 2019, 4, 30, 0, 0, 0 };
    is_str(timestamp_human_date(a, timestamp_from_calendar_utc(eve), true),
           "2019年4月30日(平成31年)", "last day of Heisei");
    struct timestamp back;
    ok(timestamp_parse_rfc3339(STR("2026-11-20T14:05:09.5+09:00"), &back) == E_OK &&
           back.us == t.us + SECOND_US / 2,
       "RFC 3339 with offset and fraction");
    is_err(timestamp_parse_rfc3339(STR("2026-02-29T00:00:00Z"), &back), E_INPUT, "no such day");
    is_err(timestamp_parse_rfc3339(STR("2026-11-20 05:05:09Z"), &back), E_INPUT, "T is needed");
    struct timestamp before = { -1 };
    is_str(timestamp_rfc3339(a, before, true), "1969-12-31T23:59:59.999999Z", "before 1970");
}

static void crypto(void)
{
    is_str(hex_encode(a, bytes_of_32(&(struct bytes32[]){ sha256(bytes_of_str(STR("abc"))) }[0])),
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
           "FIPS 180-4: SHA-256 of abc");
    struct secret *key = secret_random(32), *other = secret_random(32), *plain = NULL;
    struct bytes sealed, aad = bytes_of_str(STR("context"));
    is_err(aead_seal(a, key, aad, bytes_of_str(STR("hello")), &sealed), E_OK, "seal");
    is_err(aead_open(key, aad, sealed, &plain), E_OK, "open");
    ok(plain && bytes_eq(secret_bytes(plain), bytes_of_str(STR("hello"))), "same text comes back");
    secret_free(plain);
    is_err(aead_open(other, aad, sealed, &plain), E_INPUT, "another key does not open");
    is_err(aead_open(key, bytes_of_str(STR("other")), sealed, &plain), E_INPUT,
           "another context does not open");
    struct bytes changed = bytes_dup(a, sealed);
    ((uint8_t *)(uintptr_t)changed.p)[14] ^= 1;
    is_err(aead_open(key, aad, changed, &plain), E_INPUT, "a changed byte does not open");
    is_err(aead_open(key, aad, (struct bytes){ sealed.p, 27 }, &plain), E_INPUT, "a cut text");
    secret_free(key);
    secret_free(other);
    struct str hash;
    is_err(password_hash(a, bytes_of_str(STR("correct horse")), &hash), E_OK, "hash a password");
    ok(str_starts(hash, STR("$argon2id$v=19$m=19456,t=2,p=1$")), "Argon2id with our costs");
    is_err(password_verify(hash, bytes_of_str(STR("correct horse"))), E_OK, "right password");
    is_err(password_verify(hash, bytes_of_str(STR("correct horsf"))), E_AUTH, "wrong password");
    is_err(password_verify(STR_ABSENT, bytes_of_str(STR("x"))), E_AUTH, "no such account");
    struct bytes key20 = {
        (const uint8_t *)"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
                         "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
        22
    };
    struct secret *okm = hkdf_sha256(key20, STR(""), 42);
    is_str(hex_encode(a, secret_bytes(okm)),
           "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
           "RFC 5869 A.3: HKDF without salt and info");
    secret_free(okm);
}

static void documents(void)
{
    struct json *j = NULL;
    is_err(json_parse(bytes_of_str(STR("{\"a\":1,\"a\":2}")), &j), E_INPUT,
           "duplicate keys refused");
    is_err(json_parse(bytes_of_str(STR("{\"a\":\"x\\u0000\"}")), &j), E_INPUT, "NUL refused");
    struct buf deep = buf_init(1000);
    for (int i = 0; i < 65; i++)
        buf_add_char(&deep, '[');
    is_err(json_parse(buf_bytes(&deep), &j), E_INPUT, "too deep is refused");
    buf_free(&deep);
    is_err(json_parse(bytes_of_str(STR("{\"n\":7,\"s\":\"署\",\"l\":[true]}")), &j), E_OK, "parse");
    int64_t n = 0;
    ok(json_get_i64(j, "n", &n) && n == 7, "number member");
    is_str(json_get_str(j, "s"), "署", "text member");
    ok(str_absent(json_get_str(j, "n")), "member of another type is absent");
    is_int((int64_t)json_length(json_get(j, "l")), 1, "array length");
    struct buf b = buf_init(100);
    is_err(json_write(j, false, &b), E_OK, "write");
    is_str(buf_str(&b), "{\"n\":7,\"s\":\"署\",\"l\":[true]}", "written as read");
    buf_free(&b);
    json_free(j);
}

static void settings(void)
{
    char path[] = "/tmp/shomei-test-settings-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    struct settings *c = NULL;

    if (!ok(f != NULL, "a file to read"))
        return;
    (void)fputs("# comment\nworkers = 3\n mail.from=A <a@example.org>\n", f);
    (void)fflush(f);
    (void)setenv("SHOMEI_URL_PORTAL", "https://other/", 1);
    is_err(settings_load(path, &c), E_OK, "settings load");
    is_int((int64_t)settings_u64(c, "workers"), 3, "value from the file");
    is_str(settings_str(c, "mail.from"), "A <a@example.org>", "spaces around = do not count");
    is_str(settings_str(c, "url.portal"), "https://other/", "the environment wins");
    is_str(settings_str(c, "db.name"), "shomei", "default value");
    settings_free(c);
    (void)fputs("wrokers = 3\n", f);
    (void)fclose(f);
    is_err(settings_load(path, &c), E_INPUT, "an unknown key stops the start");
    (void)unlink(path);
}

static void others(void)
{
    ok(role_from_name(STR("auditor")) == ROLE_AUDITOR && !role_from_name(STR("Auditor")),
       "role names");
    ok(role_name(ROLE_AUDITOR | ROLE_SUPPORT) == NULL, "only a single role has a name");
    ok(random_below(1) == 0 && random_below(7) < 7, "bounded random numbers");
    is_int((int64_t)random_token(a, 16).n, 22, "128-bit token in base64url");
    for (int e = 0; e < ERR__MAX; e++)
        ok(err_http_status((enum err)e) >= 200, "class %s has a status", err_name((enum err)e));
}

int main(void)
{
    a = arena_new(1 << 20);
    text();
    utf8();
    buffers();
    encodings();
    times();
    crypto();
    documents();
    settings();
    others();
    arena_free(a);
    return tap_done();
}
