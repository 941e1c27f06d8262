/* fuzz_crl.c - certificate revocation lists. */
#include "pki/crl.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct crl c;
    struct crl_entry e;

    if (crl_parse((struct bytes){ data, size }, &c) != E_OK)
        return 0;
    /* a number that cannot occur: the whole list is read */
    enum err err = crl_find(&c, (struct bytes){ (const uint8_t *)"", 0 }, &e);
    if (err != E_ABSENT && err != E_INPUT)
        abort();
    return 0;
}
