/*
 * fuzz_rs.c - what a request to the API says in texts of its own form: a rectangle, an address for
 * notices. An address that is taken must read, for the gateway, as https at a name that is no
 * address.
 */
#include "features/rs/rs_inside.h"
#include "features/rs/rs_job.h"
#include "net/fetch.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 20);
    struct rs_place p;
    struct fetch_url u;

    if (size < 4096 && utf8_valid((const char *)data, size)) {
        struct str s = str_of(a, (const char *)data, size);
        if (rs_place_parse(STR("1"), s, &p) == E_OK &&
            (p.width <= 0 || p.height <= 0 || p.x < 0 || p.y < 0 || p.width > 14401000))
            abort();
        (void)!rs_place_parse(s, STR("1,2,3,4"), &p);
        if (rs_webhook_check(a, s) == E_OK && fetch_url_parse(s, a, &u) == E_OK &&
            (!u.https || u.literal || str_find(u.host, '.', 0) == SIZE_MAX))
            abort();
    }
    arena_free(a);
    return 0;
}
