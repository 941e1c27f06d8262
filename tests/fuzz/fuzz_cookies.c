/* fuzz_cookies.c - the Cookie header, and Accept-Language on the way. */
#include "http/cookie.h"
#include "http/lang.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64u << 20);
    char *text = arena_alloc(a, size + 1);
    struct cookie c;
    size_t n = 0;
    while (n < size && data[n] != 0)
        n++;
    if (n)
        memcpy(text, data, n);
    struct str header = { text, n };
    for (size_t at = 0; cookie_next(a, header, &at, &c);)
        if (c.name.n == 0 || memchr(c.name.p, ';', c.name.n) || memchr(c.value.p, ';', c.value.n))
            abort();
    (void)cookie_get(a, header, "__Host-session");
    (void)lang_accept(header);
    arena_free(a);
    return 0;
}
