/* lang.c - see lang.h */
#include "http/lang.h"

/* q value in thousandths at p..end: ";q=0.8"; 1000 when absent or unreadable. */
static int quality(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == ';'))
        p++;
    if (end - p < 3 || (*p != 'q' && *p != 'Q') || p[1] != '=')
        return 1000;
    p += 2;
    int q = *p == '1' ? 1000 : 0;
    if (end - p > 2 && p[1] == '.' && q == 0) {
        int unit = 100;
        for (p += 2; p < end && *p >= '0' && *p <= '9' && unit > 0; p++, unit /= 10)
            q += (*p - '0') * unit;
    }
    return q;
}

static bool tag_is(const char *p, size_t n, const char *code)
{
    return n >= 2 && (p[0] | 0x20) == code[0] && (p[1] | 0x20) == code[1] &&
           (n == 2 || p[2] == '-');
}

enum lang lang_accept(struct str header)
{
    int ja = -1, en = -1;
    for (size_t at = 0; at < header.n;) {
        size_t comma = str_find(header, ',', at);
        size_t end = comma == SIZE_MAX ? header.n : comma;
        while (at < end && header.p[at] == ' ')
            at++;
        size_t tag = at;
        while (tag < end && header.p[tag] != ';' && header.p[tag] != ' ')
            tag++;
        int q = quality(header.p + tag, header.p + end);
        if (tag_is(header.p + at, tag - at, "ja") && q > ja)
            ja = q;
        else if (tag_is(header.p + at, tag - at, "en") && q > en)
            en = q;
        at = end + 1;
    }
    return en > ja && en > 0 ? LANG_EN : LANG_JA;
}
