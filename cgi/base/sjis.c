/* sjis.c - see sjis.h. */
#include "base/sjis.h"

#include <iconv.h>

static iconv_t converter;
static bool started;

enum err sjis_start(void)
{
    if (started)
        return E_OK;
    converter = iconv_open("UTF-8", "CP932"); /* its "MS932" and "Windows-31J" are the same table */
    started = converter != (iconv_t)-1;
    return started ? E_OK : FAIL(E_INTERNAL, "", "the C library cannot read code page 932");
}

enum err sjis_decode(struct arena *a, struct bytes text, struct str *out)
{
    /* at most three bytes of UTF-8 for one of the source */
    size_t room = 3 * text.n + 1, left = room, n = text.n;
    char *made = arena_alloc(a, room), *to = made;
    uint8_t *copy = arena_alloc(a, n + 1);
    char *from = (char *)copy;

    if (text.n)
        memcpy(copy, text.p, text.n);
    if (sjis_start() != E_OK)
        return E_INTERNAL;
    (void)iconv(converter, NULL, NULL, NULL, NULL);
    if (iconv(converter, &from, &n, &to, &left) == (size_t)-1 ||
        !utf8_valid(made, (size_t)(to - made)))
        return FAIL(E_INPUT, "encoding", "no Windows-31J text");
    *out = str_of(a, made, (size_t)(to - made));
    return E_OK;
}
