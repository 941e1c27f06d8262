/* rs_place.c - pages and rectangles as requests say them; see rs_job.h */
#include "features/rs/rs_job.h"

#define POINT_MAX 14400 /* ISO 32000-1 annex C: the greatest page */

static enum err refuse(const char *why)
{
    return FAIL(E_INPUT, "seal-place", "%s", why);
}

/* "12", "12.5": in thousandths. No sign, no exponent. */
static bool thousandths(struct str s, int64_t *out)
{
    int64_t whole = 0, part = 0, unit = 1000;
    size_t i = 0;

    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && whole <= POINT_MAX; i++)
        whole = whole * 10 + (s.p[i] - '0');
    if (i == 0 || whole > POINT_MAX)
        return false;
    if (i < s.n && s.p[i] == '.') {
        if (++i == s.n)
            return false;
        for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && unit > 1; i++) {
            unit /= 10;
            part += (s.p[i] - '0') * unit;
        }
    }
    *out = whole * 1000 + part;
    return i == s.n;
}

enum err rs_place_parse(struct str page, struct str rect, struct rs_place *out)
{
    struct arena *a = arena_new(4096);
    int64_t v[4] = { 0 };
    uint64_t number = 0;
    size_t at = 0, n = 0;
    bool good = rect.n <= 80;

    while (good && n < 4) {
        size_t end = str_find(rect, ',', at);
        if (end == SIZE_MAX)
            end = rect.n;
        good = thousandths(str_trim(a, str_sub(a, rect, at, end)), &v[n++]) &&
               (end < rect.n) == (n < 4);
        at = end + 1;
    }
    arena_free(a);
    if (!good || v[2] == 0 || v[3] == 0)
        return refuse("rect is x,y,width,height in points");
    if (str_to_u64(page, 100000, &number) != E_OK || number == 0)
        return refuse("page is a number from 1");
    *out = (struct rs_place){ .page = (uint32_t)number, v[0], v[1], v[2], v[3], STR_ABSENT };
    return E_OK;
}
