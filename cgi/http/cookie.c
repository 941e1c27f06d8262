/* cookie.c - see cookie.h */
#include "http/cookie.h"

static bool space(char c)
{
    return c == ' ' || c == '\t';
}

bool cookie_next(struct arena *a, struct str header, size_t *at, struct cookie *out)
{
    while (*at < header.n) {
        size_t from = *at, end = str_find(header, ';', from);
        if (end == SIZE_MAX)
            end = header.n;
        *at = end + 1;
        while (from < end && space(header.p[from]))
            from++;
        while (end > from && space(header.p[end - 1]))
            end--;
        size_t equals = str_find(header, '=', from);
        if (equals == SIZE_MAX || equals >= end || equals == from)
            continue;
        size_t name_end = equals, value_from = equals + 1;
        while (name_end > from && space(header.p[name_end - 1]))
            name_end--;
        while (value_from < end && space(header.p[value_from]))
            value_from++;
        if (name_end == from)
            continue;
        *out = (struct cookie){ str_of(a, header.p + from, name_end - from),
                                str_of(a, header.p + value_from, end - value_from) };
        return true;
    }
    return false;
}

struct str cookie_get(struct arena *a, struct str header, const char *name)
{
    struct str found = STR_ABSENT;
    struct cookie c;
    for (size_t at = 0; cookie_next(a, header, &at, &c);) {
        if (!str_eq_z(c.name, name))
            continue;
        if (!str_absent(found))
            return STR_ABSENT;
        found = c.value;
    }
    return found;
}

struct str cookie_make(struct arena *a, const char *name, struct str value, int64_t max_age_s,
                       enum cookie_same_site same_site)
{
    struct str age = STR("");
    if (max_age_s >= 0)
        age = str_fmt(a, "; Max-Age=%lld", (long long)max_age_s);
    return str_fmt(a, "%s=%.*s; Path=/; Secure; HttpOnly; SameSite=%s%.*s", name, STR_ARG(value),
                   same_site == COOKIE_STRICT ? "Strict" : "Lax", STR_ARG(age));
}
