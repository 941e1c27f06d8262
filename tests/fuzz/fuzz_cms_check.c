/* fuzz_cms_check.c - CMS of signatures and of time-stamp tokens. */
#include "sign/cms_check.h"

#include <openssl/objects.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_as(struct bytes der, int type, struct arena *a)
{
    struct cms_check c;
    static const uint8_t digest[64];

    if (cms_check_open(der, type, a, &c) == E_OK) {
        if (!c.md || !c.message_digest.n || c.certs_n > CMS_CHECK_CERTS_MAX)
            abort();
        (void)cms_check_digest_name(&c, a);
        (void)cms_check_algorithm_name(&c, a);
        /* once with a digest that does not fit, once with the one that is claimed */
        if (cms_check_verify(&c, (struct bytes){ digest, sizeof digest }) == E_OK)
            abort();
        if (cms_check_verify(&c, c.message_digest) == E_OK && !c.signer)
            abort();
    }
    cms_check_close(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *a;
    struct bytes der = { data, size };

    if (!a)
        a = arena_new((size_t)128 << 20);
    try_as(der, NID_pkcs7_data, a);
    try_as(der, NID_id_smime_ct_TSTInfo, a);
    arena_reset(a);
    return 0;
}
