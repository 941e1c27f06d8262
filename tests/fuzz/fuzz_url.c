/* fuzz_url.c - a URL out of somebody's certificate, and an allow-list. */
#include "net/fetch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(4 << 20);
    struct fetch_allow *w = NULL;
    struct fetch_url u;

    if (size < 4096 && utf8_valid((const char *)data, size)) {
        struct str s = str_of(a, (const char *)data, size);
        if (fetch_url_parse(s, a, &u) == E_OK) {
            /* what is accepted is a plain host, and reads the same again */
            struct fetch_url again;
            struct str text =
                str_fmt(a,
                        u.literal && str_find(u.host, ':', 0) != SIZE_MAX ? "http://[%.*s]:%u/"
                                                                          : "http://%.*s:%u/",
                        STR_ARG(u.host), u.port);
            if (fetch_url_parse(text, a, &again) != E_OK || !str_eq(again.host, u.host) ||
                again.port != u.port || again.literal != u.literal)
                abort();
        }
        if (fetch_allow_parse(s, &w) == E_OK)
            fetch_allow_free(w);
    }
    if (size >= 16)
        (void)fetch_address_public(data);
    arena_free(a);
    return 0;
}
