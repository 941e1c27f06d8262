/*
 * registration_key.c - keys of the signing token between application and certificate: kept apart
 * from credentials, so that nothing can sign with them before the certificate is there.
 */
#include "features/registration/registration_inside.h"

#include "features/signing/signing.h"
#include "store/db.h"
#include "store/gen/registration.q.h"

enum err registration_key_adopt(struct tx *tx, struct certificate_id certificate)
{
    const struct audit_by by = { .name = STR("certification authority") };
    struct q_registration_key_get key;
    enum err e = q_registration_key_get(tx, certificate, &key);
    uint64_t changed;

    if (e == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(e);
    const struct signing_made_key made = {
        .public_id = key.public_id, .key_kind = key.key_kind, .blob = key.key_blob, .spki = key.spki
    };
    const struct signing_owner owner = { .tenant = key.tenant, .account = key.subscriber };
    TRY(signing_credential_adopt(tx, owner, key.label, &made, certificate, &by, clock_now()));
    return q_registration_key_drop(tx, key.application, &changed);
}
