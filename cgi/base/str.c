/* str.c - see str.h */
#include "base/str.h"

#include <openssl/crypto.h>
#include <stdlib.h>

struct str str_z(const char *z)
{
    return z ? (struct str){ z, strlen(z) } : STR_ABSENT;
}

struct str str_of(struct arena *a, const char *p, size_t n)
{
    char *copy = arena_alloc(a, n + 1);

    if (n > 0)
        memcpy(copy, p, n);
    copy[n] = '\0';
    return (struct str){ copy, n };
}

struct str str_dup(struct arena *a, struct str s)
{
    return s.p ? str_of(a, s.p, s.n) : STR_ABSENT;
}

struct str str_vfmt(struct arena *a, const char *format, va_list ap)
{
    va_list again;

    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0)
        abort(); /* a bad format is our own mistake */
    char *p = arena_alloc(a, (size_t)n + 1);
    (void)vsnprintf(p, (size_t)n + 1, format, ap);
    return (struct str){ p, (size_t)n };
}

struct str str_fmt(struct arena *a, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    struct str s = str_vfmt(a, format, ap);
    va_end(ap);
    return s;
}

struct bytes bytes_dup(struct arena *a, struct bytes b)
{
    if (!b.p)
        return BYTES_ABSENT;
    uint8_t *copy = arena_alloc(a, b.n);
    if (b.n > 0)
        memcpy(copy, b.p, b.n);
    return (struct bytes){ copy, b.n };
}

struct str str_sub(struct arena *a, struct str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return s.p ? str_of(a, s.p + from, to - from) : STR_ABSENT;
}

static bool ascii_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct arena *a, struct str s)
{
    static const char wide[] = "\xE3\x80\x80"; /* U+3000, the Japanese full-width space */
    size_t from = 0, to = s.n;

    for (;;) {
        if (from < to && ascii_space(s.p[from]))
            from++;
        else if (to - from >= 3 && memcmp(s.p + from, wide, 3) == 0)
            from += 3;
        else
            break;
    }
    for (;;) {
        if (to > from && ascii_space(s.p[to - 1]))
            to--;
        else if (to - from >= 3 && memcmp(s.p + to - 3, wide, 3) == 0)
            to -= 3;
        else
            break;
    }
    return str_sub(a, s, from, to);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct str str_lower(struct arena *a, struct str s)
{
    if (!s.p)
        return STR_ABSENT;
    char *p = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        p[i] = lower(s.p[i]);
    return (struct str){ p, s.n };
}

bool str_absent(struct str s)
{
    return s.p == NULL;
}

bool str_empty(struct str s)
{
    return s.p == NULL || s.n == 0;
}

bool str_eq(struct str a, struct str b)
{
    if (!a.p || !b.p)
        return !a.p && !b.p;
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

bool str_eq_z(struct str a, const char *z)
{
    return str_eq(a, str_z(z));
}

bool str_eq_ci(struct str a, struct str b)
{
    if (!a.p || !b.p)
        return !a.p && !b.p;
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.p && prefix.p && s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

bool str_ends(struct str s, struct str suffix)
{
    return s.p && suffix.p && s.n >= suffix.n &&
           memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

size_t str_find(struct str s, char c, size_t from)
{
    if (!s.p || from >= s.n)
        return SIZE_MAX;
    const char *hit = memchr(s.p + from, c, s.n - from);
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

bool bytes_eq(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool bytes_eq_secret(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

bool bytes32_eq(const struct bytes32 *a, const struct bytes32 *b)
{
    return CRYPTO_memcmp(a->b, b->b, sizeof a->b) == 0;
}

struct bytes bytes_of_str(struct str s)
{
    return (struct bytes){ (const uint8_t *)s.p, s.n };
}

struct bytes bytes_of_32(const struct bytes32 *b)
{
    return (struct bytes){ b->b, sizeof b->b };
}

/* Length of the UTF-8 sequence at p (RFC 3629 section 4), 0 when malformed. */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80)
        return p[0] != 0;
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return 0;
    size_t len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (n < len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return len;
}

bool utf8_valid(const char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t len = utf8_sequence((const unsigned char *)p + i, n - i);
        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

size_t utf8_length(struct str s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.n; i++)
        count += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return count;
}

uint32_t utf8_next(struct str s, size_t *at)
{
    if (*at >= s.n)
        return 0;
    const unsigned char *p = (const unsigned char *)s.p + *at;
    size_t len = utf8_sequence(p, s.n - *at);
    if (len <= 1) {
        *at += 1;
        return p[0];
    }
    uint32_t c = p[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++)
        c = c << 6 | (p[i] & 0x3Fu);
    *at += len;
    return c;
}

enum err str_to_u64(struct str s, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;

    if (str_empty(s))
        return FAIL(E_INPUT, "", "empty number");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return FAIL(E_INPUT, "", "not a number");
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return FAIL(E_INPUT, "", "number too large");
        value = value * 10 + digit;
    }
    if (value > max)
        return FAIL(E_INPUT, "", "number above %llu", (unsigned long long)max);
    *out = value;
    return E_OK;
}

enum err str_to_i64(struct str s, int64_t min, int64_t max, int64_t *out)
{
    bool negative = s.p && s.n > 1 && s.p[0] == '-';
    struct str digits = negative ? (struct str){ s.p + 1, s.n - 1 } : s;
    uint64_t magnitude = 0;

    TRY(str_to_u64(digits, INT64_MAX, &magnitude));
    int64_t value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    if (value < min || value > max)
        return FAIL(E_INPUT, "", "number out of range");
    *out = value;
    return E_OK;
}

bool utf8_deceptive(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f)        /* C0, DEL, C1 */
           || c == 0x61c || c == 0x200e || c == 0x200f /* Arabic letter, left and right marks */
           || (c >= 0x2028 && c <= 0x202e)             /* separators, embeddings, overrides */
           || (c >= 0x2060 && c <= 0x206f)             /* word joiner, isolates, deprecated */
           || c == 0xfeff || (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0xfff9 && c <= 0xfffb) ||
           (c & 0xfffe) == 0xfffe             /* non-characters */
           || (c >= 0xe0000 && c <= 0xe007f); /* tags */
}

struct str str_printable(struct arena *a, struct str s, size_t max)
{
    char *out = arena_alloc(a, 3 * s.n + 1); /* U+FFFD takes three bytes */
    size_t n = 0;

    for (size_t at = 0, from = 0; at < s.n && max > 0; from = at, max--) {
        if (utf8_deceptive(utf8_next(s, &at))) {
            out[n++] = '\xef';
            out[n++] = '\xbf';
            out[n++] = '\xbd';
        } else {
            memcpy(out + n, s.p + from, at - from);
            n += at - from;
        }
    }
    return str_of(a, out, n);
}
