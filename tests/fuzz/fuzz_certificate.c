/* fuzz_certificate.c - certificates that strangers paste into /revoke, taken apart for showing. */
#include "features/certificates/certificates_decode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void shown(struct str s)
{
    if (!str_absent(s) && !utf8_valid(s.p, s.n))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(1 << 20);
    struct certificates_decoded d;
    struct bytes der = { data, size }, p7;

    if (certificates_decode(a, der, &d) == E_OK) {
        if (d.names_n > CERTIFICATES_NAMES_MAX || d.ekus_n > CERTIFICATES_OIDS_MAX ||
            d.policies_n > CERTIFICATES_OIDS_MAX || d.fingerprint.n != 64)
            abort();
        shown(d.issuer);
        shown(d.key);
        for (size_t i = 0; i < d.names_n; i++)
            shown(d.names[i].value);
        for (size_t i = 0; i < d.policies_n; i++)
            shown(d.policies[i]);
        struct str name = certificates_filename(a, d.issuer, STR("00"));
        if (!utf8_valid(name.p, name.n) || strpbrk(name.p, "/\\\"") != NULL)
            abort();
        if (certificates_pkcs7(a, der, &der, 1, &p7) != E_OK || p7.n <= 2 * der.n)
            abort();
    }
    arena_free(a);
    return 0;
}
