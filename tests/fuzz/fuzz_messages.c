/* fuzz_messages.c - any text as a .po file. */
#include "http/message_po.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err take(void *arg, const struct message_po_entry *entry)
{
    size_t *left = arg;

    if (entry->id.n == 0 || entry->id.p[entry->id.n] != '\0' || entry->text.p == NULL)
        abort();
    return --*left == 0 ? E_LIMIT : E_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(256u << 20);
    size_t left = 1000;

    if (size <= 65536 && memchr(data, 0, size) == NULL)
        (void)!message_po_read(a, "fuzz", str_of(a, size > 0 ? (const char *)data : "", size), take,
                               &left);
    arena_free(a);
    return 0;
}
