/* fuzz_mail_bounce.c - a mail that comes back, from anybody. */
#include "net/mail_bounce.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool plain(struct str s, size_t max)
{
    return s.p != NULL && s.n <= max && strlen(s.p) == s.n && utf8_valid(s.p, s.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new((size_t)64 << 20);
    struct mail_bounce b;

    if (size < 65536 && mail_bounce_parse(a, (struct bytes){ data, size }, &b) == E_OK) {
        for (size_t i = 0; i < b.tokens_n; i++)
            if (!plain(b.tokens[i], 64))
                abort();
        for (size_t i = 0; i < b.recipients_n; i++)
            if (!plain(b.recipients[i].final, 254) || !plain(b.recipients[i].original, 254) ||
                !plain(b.recipients[i].action, 20) || !plain(b.recipients[i].status, 11))
                abort();
    }
    arena_free(a);
    return 0;
}
