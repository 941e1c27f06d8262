/* fuzz_csr.c - certification requests, as an applicant sends them. */
#include "pki/csr.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(8 << 20);
    struct csr c;
    struct name n;
    uint8_t id[20];

    if (csr_parse((struct bytes){ data, size }, a, &c) == E_OK) {
        (void)!csr_verify(&c);
        (void)!x509_key_check(c.spki);
        (void)!x509_key_id(c.spki, id);
        struct str text = name_text(a, c.subject);
        if (!utf8_valid(text.p, text.n))
            abort();
        (void)!name_parse(c.subject, a, &n);
        struct str names[20];
        for (size_t i = csr_names(&c, a, names, 20); i > 0; i--)
            if (!utf8_valid(names[i - 1].p, names[i - 1].n))
                abort();
        (void)csr_key_text(a, c.spki);
    }
    arena_free(a);
    return 0;
}
