/* fuzz_ocsp.c - OCSP requests. */
#include "pki/ocsp.h"

#include "pki/der.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ocsp_request rq;
    struct ocsp_issuer issuer = { { 0 }, { 0 }, { 0 }, { 0 } };

    if (ocsp_request_parse((struct bytes){ data, size }, &rq) != E_OK)
        return 0;
    if (rq.n == 0 || rq.n > OCSP_MAX_CERTIDS || rq.nonce.n > OCSP_MAX_NONCE)
        abort();
    for (size_t i = 0; i < rq.n; i++) {
        const struct ocsp_certid *id = &rq.certid[i];
        /* what is copied into an answer is one well-formed element of the request */
        if (!der_well_formed(id->whole) || id->whole.p < data ||
            id->whole.p + id->whole.n > data + size || id->serial.n == 0 || id->serial.n > 21)
            abort();
        (void)ocsp_issuer_is(&issuer, id);
    }
    return 0;
}
