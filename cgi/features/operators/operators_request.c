/* operators_request.c - a certificate for an operator without an application; see operators.h */
#include "features/operators/operators.h"

#include "features/profiles/profiles.h"
#include "pki/name.h"
#include "pki/x509.h"
#include "store/db.h"

static enum err compose(struct tx *tx, const struct profile *profile,
                        struct authority_application *app, struct name *subject)
{
    struct profiles_value *values;
    struct x509_san *san;
    struct str field;
    size_t n;

    TRY(profiles_prefill(tx, profile, app->tenant, app->account, &values, &n));
    TRY(profiles_compose(profile, values, n, tx_arena(tx), subject, &san, &app->san_n, &field));
    app->subject = subject;
    app->san = san;
    return E_OK;
}

enum err operators_request(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                           struct account_id account, struct bytes csr, struct timestamp now,
                           struct certificate_id *id)
{
    const struct profile *profile;
    struct operators_person p;
    struct str email;
    struct name subject;

    TRY(operators_find(tx, tenant, account, now, &p, &email));
    TRY(profiles_get(tx, STR(OPERATORS_PROFILE), 0, &profile));
    struct authority_application app = { .tenant = tenant,
                                         .account = account,
                                         .profile = OPERATORS_PROFILE,
                                         .profile_version = profile->version,
                                         .csr = csr,
                                         .requested_by = by->account,
                                         .common_name = p.name,
                                         .email = email };
    TRY(compose(tx, profile, &app, &subject));
    TRY(authority_request(tx, &app, id));
    return audit_note(tx, by, "operators.certificate.request", "certificate", id->v, NULL);
}
