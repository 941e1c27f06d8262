/* fuzz_render.c - heads of requests to the renderer and of its answers, and lists of pages. */
#include "net/render_client.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was accepted is within bounds and is written as it was read. */
static void try_request(const uint8_t *data)
{
    struct render_client_request rq;
    uint8_t again[RENDER_CLIENT_HEAD];

    if (render_client_parse(data, &rq) != E_OK)
        return;
    if (rq.password > RENDER_CLIENT_PASSWORD_MAX ||
        (rq.op == RENDER_CLIENT_PAGE && (rq.page < 1 || rq.width > RENDER_CLIENT_WIDTH_MAX)))
        abort();
    render_client_head(&rq, again);
    if (memcmp(again, data, sizeof again) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 20);
    struct render_client_list l;
    uint32_t body = 0;

    if (size >= RENDER_CLIENT_HEAD)
        try_request(data);
    if (size >= RENDER_CLIENT_ANSWER && render_client_answer_parse(data, &body) == E_OK &&
        body > RENDER_CLIENT_PNG_MAX)
        abort();
    if (render_client_get_list((struct bytes){ data, size }, a, &l) == E_OK &&
        l.sizes_n > RENDER_CLIENT_LIST_MAX)
        abort();
    arena_free(a);
    return 0;
}
