/* fuzz_multipart.c - first byte: size of the pieces that the body comes in; the rest: the body. */
#include "http/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct source {
    const uint8_t *p;
    size_t n, piece;
};

static enum err pull(void *ctx, void *p, size_t n, size_t *got)
{
    struct source *s = ctx;
    n = n < s->piece ? n : s->piece;
    *got = n < s->n ? n : s->n;
    if (*got)
        memcpy(p, s->p, *got);
    s->p += *got;
    s->n -= *got;
    return E_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct multipart m;
    if (size < 1)
        return 0;
    struct source s = { data + 1, size - 1, (size_t)data[0] * 16 + 1 };
    struct arena *a = arena_new(64u << 20);
    struct multipart_part part;
    bool more = true;
    uint8_t chunk[300];
    multipart_open(&m, a, STR("b"), pull, &s);
    while (multipart_next(&m, &part, &more) == E_OK && more) {
        size_t got = 1;
        if (m.parts % 3 == 2)
            continue; /* skip unread */
        while (got > 0 && multipart_read(&m, chunk, sizeof(chunk), &got) == E_OK)
            ;
    }
    char *text = arena_alloc(a, size + 1);
    memcpy(text, data, size);
    if (utf8_valid(text, size))
        (void)multipart_boundary(a, (struct str){ text, size });
    arena_free(a);
    return 0;
}
