/* sjis.c - see sjis.h. */
#include "base/sjis.h"

#include <iconv.h>

static iconv_t converter, back;
static bool started;

enum err sjis_start(void)
{
    if (started)
        return E_OK;
    converter = iconv_open("UTF-8", "CP932"); /* its "MS932" and "Windows-31J" are the same table */
    back = iconv_open("CP932", "UTF-8");
    started = converter != (iconv_t)-1 && back != (iconv_t)-1;
    return started ? E_OK : FAIL(E_INTERNAL, "", "the C library does not know code page 932");
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

struct bytes sjis_encode(struct arena *a, struct str text)
{
    /* no character takes more bytes than in UTF-8, but for the 〓 that stands for an ASCII control
     */
    size_t room = 2 * text.n + 2, left = room, n = text.n;
    uint8_t *made = arena_alloc(a, room);
    char *to = (char *)made, *from = (char *)arena_alloc(a, n + 1);

    if (n)
        memcpy(from, text.p, n);
    if (sjis_start() != E_OK)
        return BYTES_ABSENT;
    (void)iconv(back, NULL, NULL, NULL, NULL);
    while (iconv(back, &from, &n, &to, &left) == (size_t)-1 && n > 0 && left >= 2) {
        size_t skip = 1;
        while (skip < n && ((uint8_t)from[skip] & 0xc0) == 0x80)
            skip++;
        from += skip;
        n -= skip;
        *to++ = (char)0x81;
        *to++ = (char)0xac;
        left -= 2;
    }
    return (struct bytes){ made, (size_t)(to - (char *)made) };
}
