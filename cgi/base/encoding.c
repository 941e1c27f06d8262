/* encoding.c - see encoding.h */
#include "base/encoding.h"

static struct str hex_with(struct arena *a, struct bytes b, const char *digits)
{
    char *p = arena_alloc(a, b.n * 2 + 1);

    for (size_t i = 0; i < b.n; i++) {
        p[2 * i] = digits[b.p[i] >> 4];
        p[2 * i + 1] = digits[b.p[i] & 15];
    }
    return (struct str){ p, b.n * 2 };
}

struct str hex_encode(struct arena *a, struct bytes b)
{
    return hex_with(a, b, "0123456789abcdef");
}

struct str hex_encode_upper(struct arena *a, struct bytes b)
{
    return hex_with(a, b, "0123456789ABCDEF");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum err hex_decode(struct arena *a, struct str s, struct bytes *out)
{
    if (!s.p || s.n % 2 != 0)
        return FAIL(E_INPUT, "", "hex text of odd length");
    uint8_t *p = arena_alloc(a, s.n / 2);
    for (size_t i = 0; i < s.n / 2; i++) {
        int hi = hex_digit(s.p[2 * i]), lo = hex_digit(s.p[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return FAIL(E_INPUT, "", "not a hex digit");
        p[i] = (uint8_t)(hi << 4 | lo);
    }
    *out = (struct bytes){ p, s.n / 2 };
    return E_OK;
}

/* RFC 4648 encodings with `bits` bits a character; a character's value is its place in `alphabet`.
 */
static struct str encode_bits(struct arena *a, struct bytes b, unsigned bits, const char *alphabet,
                              size_t pad_to)
{
    size_t chars = (b.n * 8 + bits - 1) / bits;
    size_t total = pad_to ? (chars + pad_to - 1) / pad_to * pad_to : chars;
    char *p = arena_alloc(a, total + 1);
    uint32_t acc = 0;
    unsigned have = 0;
    size_t n = 0;

    for (size_t i = 0; i < b.n; i++) {
        acc = acc << 8 | b.p[i];
        have += 8;
        while (have >= bits) {
            have -= bits;
            p[n++] = alphabet[acc >> have & ((1u << bits) - 1)];
        }
    }
    if (have > 0)
        p[n++] = alphabet[acc << (bits - have) & ((1u << bits) - 1)];
    while (n < total)
        p[n++] = '=';
    return (struct str){ p, n };
}

static enum err decode_bits(struct arena *a, struct str s, unsigned bits, const char *alphabet,
                            struct bytes *out)
{
    uint8_t *p = arena_alloc(a, s.n * bits / 8 + 1);
    uint32_t acc = 0;
    unsigned have = 0;
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        const char *hit = strchr(alphabet, s.p[i]);
        if (!hit || s.p[i] == '\0')
            return FAIL(E_INPUT, "", "character outside the alphabet");
        acc = acc << bits | (uint32_t)(hit - alphabet);
        have += bits;
        if (have >= 8) {
            have -= 8;
            p[n++] = (uint8_t)(acc >> have);
        }
    }
    /* RFC 4648 section 3.5: left-over bits must be zero, and a whole spare character is an error */
    if (have >= bits || (acc & ((1u << have) - 1)) != 0)
        return FAIL(E_INPUT, "", "text ends inside a byte");
    *out = (struct bytes){ p, n };
    return E_OK;
}

static const char base32_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct str base32_encode(struct arena *a, struct bytes b)
{
    return encode_bits(a, b, 5, base32_alphabet, 0);
}

enum err base32_decode(struct arena *a, struct str s, struct bytes *out)
{
    if (!s.p)
        return FAIL(E_INPUT, "", "no text");
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == ' ' || c == '-' || c == '=')
            continue;
        p[n++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return decode_bits(a, (struct str){ p, n }, 5, base32_alphabet, out);
}

struct str base64_encode(struct arena *a, struct bytes b)
{
    return encode_bits(a, b, 6, base64_alphabet, 4);
}

enum err base64_decode(struct arena *a, struct str s, struct bytes *out)
{
    if (!s.p || s.n % 4 != 0)
        return FAIL(E_INPUT, "", "base64 text of wrong length");
    for (int pad = 0; pad < 2 && s.n > 0 && s.p[s.n - 1] == '='; pad++)
        s.n--;
    return decode_bits(a, s, 6, base64_alphabet, out);
}

struct str base64url_encode(struct arena *a, struct bytes b)
{
    return encode_bits(a, b, 6, base64url_alphabet, 0);
}

enum err base64url_decode(struct arena *a, struct str s, struct bytes *out)
{
    if (!s.p)
        return FAIL(E_INPUT, "", "no text");
    return decode_bits(a, s, 6, base64url_alphabet, out);
}

static bool unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

struct str percent_encode(struct arena *a, struct str s)
{
    static const char digits[] = "0123456789ABCDEF";
    char *p = arena_alloc(a, s.n * 3 + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (unreserved(s.p[i])) {
            p[n++] = s.p[i];
            continue;
        }
        p[n++] = '%';
        p[n++] = digits[c >> 4];
        p[n++] = digits[c & 15];
    }
    return (struct str){ p, n };
}

static enum err percent_decode_raw(struct arena *a, struct str s, bool form, struct bytes *out)
{
    uint8_t *p = arena_alloc(a, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '+' && form) {
            p[n++] = ' ';
        } else if (s.p[i] == '%') {
            int hi = s.n - i > 2 ? hex_digit(s.p[i + 1]) : -1;
            int lo = s.n - i > 2 ? hex_digit(s.p[i + 2]) : -1;
            if (hi < 0 || lo < 0)
                return FAIL(E_INPUT, "", "bad percent escape");
            p[n++] = (uint8_t)(hi << 4 | lo);
            i += 2;
        } else {
            p[n++] = (uint8_t)s.p[i];
        }
    }
    *out = (struct bytes){ p, n };
    return E_OK;
}

enum err percent_decode(struct arena *a, struct str s, bool form, struct str *out)
{
    struct bytes raw;

    TRY(percent_decode_raw(a, s, form, &raw));
    if (!utf8_valid((const char *)raw.p, raw.n))
        return FAIL(E_INPUT, "", "not UTF-8, or a NUL inside");
    *out = (struct str){ (const char *)raw.p, raw.n };
    return E_OK;
}

enum err percent_decode_bytes(struct arena *a, struct str s, struct bytes *out)
{
    return percent_decode_raw(a, s, false, out);
}
