/* profiles_text.c - characters of a name: deceptive ones, mixed scripts, Punycode */
#include "features/profiles/profiles_inside.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define BAD(reason, ...) FAIL(E_INPUT, "value-" reason, __VA_ARGS__)

/* Scripts as bits. Those that are written together in one word are listed in `together`. */
enum {
    LATIN = 1 << 0,
    GREEK = 1 << 1,
    CYRILLIC = 1 << 2,
    HAN = 1 << 3,
    KANA = 1 << 4,
    HANGUL = 1 << 5,
    BOPOMOFO = 1 << 6,
    WIDE = 1 << 7, /* full-width Latin: looks like Latin, is not */
    ARMENIAN = 1 << 8,
    HEBREW = 1 << 9,
    ARABIC = 1 << 10,
    INDIC = 1 << 11,
    SOUTH_EAST = 1 << 12,
    GEORGIAN = 1 << 13,
    CHEROKEE = 1 << 14,
    ETHIOPIC = 1 << 15,
    STYLED = 1 << 16, /* letters drawn in a style, for formulas: never in a name */
};

/* Letters of Unicode 15 by block; what is in none is common to all scripts. */
static const struct {
    uint32_t first, last, script;
} blocks[] = {
    { 0x41, 0x5a, LATIN },        { 0x61, 0x7a, LATIN },          { 0xaa, 0xaa, STYLED },
    { 0xba, 0xba, STYLED },       { 0xc0, 0xd6, LATIN },          { 0xd8, 0xf6, LATIN },
    { 0xf8, 0x2b8, LATIN },       { 0x370, 0x3ff, GREEK },        { 0x400, 0x52f, CYRILLIC },
    { 0x531, 0x58f, ARMENIAN },   { 0x591, 0x5f4, HEBREW },       { 0x600, 0x77f, ARABIC },
    { 0x8a0, 0x8ff, ARABIC },     { 0x900, 0xdff, INDIC },        { 0xe00, 0x109f, SOUTH_EAST },
    { 0x10a0, 0x10ff, GEORGIAN }, { 0x1100, 0x11ff, HANGUL },     { 0x1200, 0x139f, ETHIOPIC },
    { 0x13a0, 0x13ff, CHEROKEE }, { 0x1780, 0x17ff, SOUTH_EAST }, { 0x1c80, 0x1c8f, CYRILLIC },
    { 0x1d00, 0x1dbf, STYLED },   { 0x1e00, 0x1eff, LATIN },      { 0x1f00, 0x1fff, GREEK },
    { 0x2071, 0x209c, STYLED },   { 0x2100, 0x218b, STYLED },     { 0x249c, 0x24e9, STYLED },
    { 0x2c60, 0x2c7f, LATIN },    { 0x2c80, 0x2cff, GREEK },      { 0x2d00, 0x2d2f, GEORGIAN },
    { 0x2de0, 0x2dff, CYRILLIC }, { 0x2e80, 0x2fd5, HAN },        { 0x3005, 0x3007, HAN },
    { 0x3041, 0x30ff, KANA },     { 0x3100, 0x312f, BOPOMOFO },   { 0x3131, 0x318e, HANGUL },
    { 0x31f0, 0x31ff, KANA },     { 0x3400, 0x4dbf, HAN },        { 0x4e00, 0x9fff, HAN },
    { 0xa640, 0xa69f, CYRILLIC }, { 0xa720, 0xa7ff, LATIN },      { 0xab30, 0xab6f, LATIN },
    { 0xab70, 0xabbf, CHEROKEE }, { 0xac00, 0xd7ff, HANGUL },     { 0xf900, 0xfaff, HAN },
    { 0xfb00, 0xfb06, STYLED },   { 0xfb1d, 0xfb4f, HEBREW },     { 0xfb50, 0xfdff, ARABIC },
    { 0xfe70, 0xfefe, ARABIC },   { 0xff21, 0xff3a, WIDE },       { 0xff41, 0xff5a, WIDE },
    { 0xff66, 0xff9f, KANA },     { 0x1aff0, 0x1b16f, KANA },     { 0x1d400, 0x1d7ff, STYLED },
    { 0x1f100, 0x1f1ff, STYLED }, { 0x20000, 0x3ffff, HAN },
};

/* UTS #39 5.2, "highly restrictive". */
static const uint32_t together[] = { LATIN | HAN | KANA, WIDE | HAN | KANA, LATIN | HAN | BOPOMOFO,
                                     LATIN | HAN | HANGUL };

static uint32_t script_of(uint32_t c)
{
    if (c == 0x30fb || c == 0x30fc) /* middle dot and long vowel mark */
        return 0;
    for (size_t i = 0; i < COUNT(blocks) && blocks[i].first <= c; i++)
        if (c <= blocks[i].last)
            return blocks[i].script;
    return 0;
}

static bool may_mix(uint32_t scripts)
{
    if (scripts & STYLED)
        return false;
    if ((scripts & (scripts - 1)) == 0)
        return true;
    for (size_t i = 0; i < COUNT(together); i++)
        if ((scripts & ~together[i]) == 0)
            return true;
    return false;
}

/* Takes no room, or no ink, though no control character (UTR #36 2.10). */
static bool invisible(uint32_t c)
{
    return c == 0xad || c == 0x34f || c == 0x115f || c == 0x1160 || c == 0x17b4 || c == 0x17b5 ||
           (c >= 0x180b && c <= 0x180f) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0x2800 || c == 0x3164 ||
           (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || c == 0xffa0;
}

/* Marks that are drawn over the letter before: the same name would have two spellings (UAX #15). */
static bool combining(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) ||
           (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
           (c >= 0x20d0 && c <= 0x20ff) || c == 0x3099 || c == 0x309a ||
           (c >= 0xfe20 && c <= 0xfe2f);
}

/* Spaces other than those that people type. */
static bool odd_space(uint32_t c)
{
    return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f;
}

static bool space(uint32_t c)
{
    return c == ' ' || c == 0x3000;
}

static bool private_use(uint32_t c)
{
    return (c >= 0xe000 && c <= 0xf8ff) || c >= 0xe0000;
}

enum err profiles_text_check(struct str v)
{
    uint32_t scripts = 0, last = ' ';

    if (v.n == 0 || !utf8_valid(v.p, v.n))
        return BAD("characters", "empty, or not UTF-8");
    for (size_t at = 0; at < v.n;) {
        uint32_t c = utf8_next(v, &at);
        if (utf8_deceptive(c) || invisible(c) || combining(c) || odd_space(c) || private_use(c))
            return BAD("characters", "U+%04X", (unsigned)c);
        if (space(c) && space(last))
            return BAD("spaces", "a space at the beginning, or two together");
        if (space(c))
            scripts = 0;
        scripts |= script_of(c);
        if (!may_mix(scripts))
            return BAD("scripts", "UTS #39 5.2: scripts %x in a word at U+%04X", (unsigned)scripts,
                       (unsigned)c);
        last = c;
    }
    return space(last) ? BAD("spaces", "a space at the end") : E_OK;
}

/* RFC 3492 6.1 */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
    uint32_t k = 0;

    delta = first ? delta / 700 : delta / 2;
    delta += delta / points;
    for (; delta > (36 - 1) * 26 / 2; k += 36)
        delta /= 36 - 1;
    return k + 36 * delta / (delta + 38);
}

static uint32_t digit(char c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0') + 26;
    if (c >= 'a' && c <= 'z')
        return (uint32_t)(c - 'a');
    return c >= 'A' && c <= 'Z' ? (uint32_t)(c - 'A') : 99;
}

/* One number of variable length (RFC 3492 6.2), added to *i; false when it is not one. */
static bool number(const char *p, size_t n, size_t *at, uint32_t bias, uint32_t *i)
{
    uint64_t w = 1, sum = *i;

    for (uint32_t k = 36;; k += 36) {
        if (*at == n)
            return false;
        uint32_t d = digit(p[(*at)++]);
        uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
        if (d >= 36 || w > UINT32_MAX)
            return false;
        sum += d * w;
        if (sum > UINT32_MAX / 2)
            return false;
        if (d < t)
            break;
        w *= 36 - t;
    }
    *i = (uint32_t)sum;
    return true;
}

/* Code points of a Punycode text, not in order (which does not matter here); 0 when malformed. */
static size_t decode(const char *p, size_t n, uint32_t out[64])
{
    uint32_t code = 128, i = 0, bias = 72;
    size_t count = 0, at = 0;

    for (size_t k = n; k > 0; k--)
        if (p[k - 1] == '-') {
            at = k;
            break;
        }
    for (size_t k = 0; k + 1 < at; k++)
        out[count++] = (uint8_t)p[k];
    while (at < n && count < 63) {
        uint32_t before = i, points = (uint32_t)count + 1;
        if (!number(p, n, &at, bias, &i))
            return 0;
        bias = adapt(i - before, points, before == 0);
        code += i / points;
        i %= points;
        if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return 0;
        out[count++] = code;
        i++;
    }
    return at == n ? count : 0;
}

enum err profiles_punycode_check(const char *p, size_t n)
{
    uint32_t points[64], scripts = 0;
    size_t count = decode(p, n, points);
    bool wide = false;

    for (size_t i = 0; i < count; i++) {
        wide = wide || points[i] >= 0x80;
        if (utf8_deceptive(points[i]) || invisible(points[i]) || combining(points[i]) ||
            odd_space(points[i]) || private_use(points[i]) || space(points[i]))
            return BAD("dns-label", "RFC 5892: U+%04X", (unsigned)points[i]);
        scripts |= script_of(points[i]);
    }
    if (count == 0 || !wide)
        return BAD("dns-label", "RFC 3492: not Punycode");
    return may_mix(scripts) ? E_OK : BAD("scripts", "UTS #39 5.2: scripts %x", (unsigned)scripts);
}
