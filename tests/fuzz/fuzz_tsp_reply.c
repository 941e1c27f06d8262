/* fuzz_tsp_reply.c - what a TSA answers; none of it may be taken for a token of a trusted TSA. */
#include "sign/timestamp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pdf_trust *nobody;
    static struct arena *a;
    static const uint8_t digest[32] = { 1, 2, 3 };
    struct timestamp_authority tsa = { .policy = STR_ABSENT, .now = TIMESTAMP_NONE };
    struct timestamp_token token;
    struct bytes reply = { data, size }, imprint = { digest, sizeof digest };

    if (!nobody) {
        nobody = pdf_trust_new();
        a = arena_new((size_t)128 << 20);
    }
    if (timestamp_reply(&tsa, nobody, DIGEST_SHA256, imprint, 1, reply, a, &token) == E_OK)
        abort();
    if (timestamp_verify(reply, imprint, nobody, a, &token) == E_OK && token.trusted)
        abort();
    arena_reset(a);
    return 0;
}
