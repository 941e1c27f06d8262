/*
 * fuzz_revocation.c - OCSP answers and CRLs. The first octet says which; certificate and issuer are
 * the kit's, whose keys are made anew in each process, so nothing can be believed.
 */
#include "pdf_kit.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kit *kit;
    static struct arena *a;
    struct revocation_evidence e;

    if (!kit) {
        kit = kit_new();
        a = arena_new((size_t)128 << 20);
    }
    if (size == 0)
        return 0;
    struct bytes der = { data + 1, size - 1 };
    struct revocation_pool pool = {
        .ocsp = &der, .crl = &der, .ocsp_n = data[0] & 1, .crl_n = !(data[0] & 1)
    };
    if (revocation_judge(&pool, kit->signer[KIT_P256].der, kit->ca.der, clock_now(), a, &e) == E_OK)
        abort();
    arena_reset(a);
    return 0;
}
