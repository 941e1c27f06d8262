/* registration_request.c - requests that people bring (RFC 2986), read and shown. */
#include "features/registration/registration_keys.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "features/registration/registration_inside.h"
#include "pki/csr.h"
#include "store/db.h"

enum { NAMES_MAX = 20, SUBJECT_MAX = 300 };

enum err registration_request_read(struct arena *a, struct bytes data,
                                   struct registration_request *out)
{
    struct str *names = ARENA_ARRAY(a, NAMES_MAX, struct str);
    struct bytes32 hash;
    struct csr csr;

    TRY(csr_parse(data, a, &csr));
    hash = sha256(csr.spki);
    *out = (struct registration_request){ .der = csr.der,
                                          .subject = STR(""),
                                          .names = names,
                                          .names_n = csr_names(&csr, a, names, NAMES_MAX),
                                          .key = csr_key_text(a, csr.spki),
                                          .fingerprint = hex_encode(a, bytes_of_32(&hash)) };
    if (csr.subject.n > 2) /* an empty SEQUENCE has two octets */
        out->subject = str_printable(a, name_text(a, csr.subject), SUBJECT_MAX);
    return E_OK;
}

enum err registration_request_key(struct tx *tx, struct bytes request, struct bytes *spki)
{
    struct csr csr;

    TRY(csr_parse(request, tx_arena(tx), &csr));
    TRY(csr_verify(&csr));
    *spki = csr.spki;
    return E_OK;
}
