/* status.c - CA certificates and lists; see status.h */
#include "features/status/status.h"

#include "pki/x509.h"
#include "store/db.h"
#include "store/gen/status.q.h"

enum err status_ca(struct tx *tx, struct str name, struct status_file *out)
{
    struct q_status_ca row;
    struct x509 c;

    TRY(q_status_ca(tx, name, &row));
    if (!row.certificate.p)
        return FAIL(E_ABSENT, "", "authority %.*s has no certificate yet", STR_ARG(name));
    TRY(x509_parse(row.certificate, tx_arena(tx), &c));
    *out = (struct status_file){ c.der, c.not_before, TIMESTAMP_NONE };
    return E_OK;
}

struct str status_pem(struct arena *a, const struct status_file *ca)
{
    return x509_pem(a, "CERTIFICATE", ca->data);
}

enum err status_crl(struct tx *tx, struct str name, uint32_t part, struct status_file *out)
{
    struct q_status_crl row;

    TRY(q_status_crl(tx, name, part, &row));
    *out = (struct status_file){ row.der, row.this_update, row.next_update };
    return E_OK;
}
