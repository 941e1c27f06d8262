/* text.c - see text.h */
#include "http/text.h"

bool text_clean(struct str s, bool lines)
{
    for (size_t at = 0; at < s.n;) {
        uint32_t c = utf8_next(s, &at);
        if (lines && (c == '\n' || c == '\t'))
            continue;
        if (utf8_deceptive(c))
            return false;
    }
    return true;
}

static bool alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool text_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!alphanumeric(s.p[i]) && strchr("._~-", s.p[i]) == NULL)
            return false;
    return true;
}

/* RFC 5321 4.1.2 Dot-string of RFC 5322 3.2.3 atext. */
static bool local_part(const char *p, size_t n)
{
    if (n == 0 || n > 64 || p[0] == '.' || p[n - 1] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '.' && p[i - 1] == '.')
            return false;
        if (!alphanumeric(p[i]) && strchr(".!#$%&'*+-/=?^_`{|}~", p[i]) == NULL)
            return false;
    }
    return true;
}

static bool domain(const char *p, size_t n)
{
    size_t label = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '.') {
            if (label == 0 || p[i - 1] == '-')
                return false;
            label = 0;
        } else if (alphanumeric(p[i]) || (p[i] == '-' && label > 0)) {
            if (++label > 63)
                return false;
        } else {
            return false;
        }
    }
    return label > 0 && p[n - 1] != '-';
}

bool text_email(struct str s)
{
    size_t at = str_find(s, '@', 0);
    return s.n <= 254 && at != SIZE_MAX && local_part(s.p, at) &&
           domain(s.p + at + 1, s.n - at - 1);
}

bool text_local_path(struct str s)
{
    if (s.n == 0 || s.p[0] != '/' || (s.n > 1 && (s.p[1] == '/' || s.p[1] == '\\')))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= 0x20 || s.p[i] >= 0x7f || strchr("\\\"<>`{}|^", s.p[i]))
            return false;
    return true;
}
