/*
 * pdf_changes_streams.c - object streams (ISO 32000-2 7.5.7): some readers go by the index in the
 * cross-reference, some by the numbers in the stream. Both have to find the same.
 */
#include "sign/pdf_changes_inside.h"

#include <stdlib.h>

#define STREAM_MAX ((size_t)64 << 20)

static bool number(struct bytes s, size_t *at, uint32_t *out)
{
    size_t digits = 0;
    uint64_t v = 0;

    while (*at < s.n && (s.p[*at] == ' ' || (s.p[*at] >= 9 && s.p[*at] <= 13) || s.p[*at] == 0))
        ++*at;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && digits < 10; digits++)
        v = v * 10 + (uint64_t)(s.p[(*at)++] - '0');
    *out = (uint32_t)v;
    return digits > 0 && v < UINT32_MAX;
}

/* Each number once, and each object that the cross-reference puts here at its index. */
static bool head_fits(struct pdf_changes_compare *c, const struct pdf_objects_place *places,
                      uint32_t stream, struct bytes data, int64_t n)
{
    uint8_t *seen = calloc(c->places_n, 1);
    bool fits = seen != NULL && n >= 0 && (uint64_t)n <= data.n;
    size_t at = 0;

    for (int64_t i = 0; fits && i < n; i++) {
        uint32_t id, offset;
        fits = number(data, &at, &id) && number(data, &at, &offset);
        if (!fits || id >= c->places_n) /* what nobody refers to */
            continue;
        fits = !seen[id];
        seen[id] = 1;
        if (places[id].where == PDF_OBJECTS_IN_STREAM && places[id].offset == stream)
            fits = fits && places[id].index == i;
    }
    for (uint32_t id = 0; fits && id < c->places_n; id++) {
        if (places[id].where == PDF_OBJECTS_IN_STREAM && places[id].offset == stream)
            fits = seen[id];
    }
    free(seen);
    return fits;
}

bool pdf_changes_streams(struct pdf_changes_compare *c, const struct pdf_objects_place *places,
                         uint32_t stream)
{
    struct pdf_read_ref s = pdf_read_object_newest(c->n, (int)stream);
    int64_t n = pdf_read_int(c->n, pdf_read_get(c->n, s, "/N"), -1);
    struct arena *a = arena_new(STREAM_MAX + 65536);
    struct bytes data = pdf_read_stream(c->n, s, STREAM_MAX, a);
    bool fits = data.n > 0 && head_fits(c, places, stream, data, n);

    arena_free(a);
    return fits;
}
