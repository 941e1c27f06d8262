/* form.c - see form.h */
#include "http/form.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

size_t form_decode(char *p, size_t n, bool plus)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        char c = p[i];
        if (c == '%') {
            int high = n - i > 2 ? hex_value(p[i + 1]) : -1;
            int low = n - i > 2 ? hex_value(p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return SIZE_MAX;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0')
            return SIZE_MAX;
        p[out++] = c;
    }
    p[out] = '\0';
    return utf8_valid(p, out) ? out : SIZE_MAX;
}

static enum err decode(char *p, size_t n, struct str *out)
{
    size_t length = form_decode(p, n, true);
    if (length == SIZE_MAX)
        return FAIL(E_INPUT, "parameter-encoding", "bad escape, NUL or UTF-8 in a form value");
    *out = (struct str){ p, length };
    return E_OK;
}

static enum err add_pair(struct arena *a, char *p, size_t n, struct raws *out)
{
    struct raw raw = { .kind = RAW_TEXT };
    char *equals = memchr(p, '=', n);
    size_t name_n = equals ? (size_t)(equals - p) : n;
    TRY(decode(p, name_n, &raw.name));
    if (equals)
        TRY(decode(equals + 1, n - name_n - 1, &raw.text));
    else
        raw.text = STR("");
    return raw_add(a, out, &raw);
}

enum err form_parse(struct arena *a, char *text, size_t n, struct raws *out)
{
    size_t at = 0;
    while (at < n) {
        char *ampersand = memchr(text + at, '&', n - at);
        size_t length = ampersand ? (size_t)(ampersand - text) - at : n - at;
        if (length > 0)
            TRY(add_pair(a, text + at, length, out));
        at += length + 1;
    }
    return E_OK;
}
