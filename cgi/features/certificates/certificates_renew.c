/* certificates_renew.c - what a renewal begins with, and what its issue ends; see certificates.h */
#include "features/certificates/certificates_inside.h"

#include "features/profiles/profiles.h"
#include "features/registration/registration.h"
#include "features/signing/signing.h"
#include "store/db.h"
#include "store/gen/certificates.q.h"

/* Values of fields that the profile of today still has. */
static void take_values(struct arena *a, const struct profile *p, const struct registration *r,
                        struct certificates_renewal *out)
{
    out->values = ARENA_ARRAY(a, r->values_n, struct profiles_value);
    for (size_t i = 0; i < r->values_n; i++)
        if (profiles_field(p, r->values[i].name) != NULL)
            out->values[out->values_n++] = r->values[i];
}

static enum err may_renew(struct tx *tx, const struct certificates_who *who,
                          const struct certificates_certificate *c, struct timestamp now)
{
    struct q_cert_renewing open;

    if (certificates_inside_staff(who->roles))
        return FAIL(E_DENIED, "not-yours-to-renew", "customers apply for themselves");
    if (c->state != AUTHORITY_ISSUED || now.us >= c->not_after.us + SECOND_US)
        return FAIL(E_STATE, "not-issued", "state %s, or over", authority_state_name(c->state));
    if (c->application.v == 0)
        return FAIL(E_STATE, "not-renewable", "not applied for here");
    TRY(q_cert_renewing(tx, c->id, c->tenant, &open));
    if (c->replaced_by.v != 0 || open.found)
        return FAIL(E_STATE, "renewed-already", "it has a successor");
    return E_OK;
}

enum err certificates_renew_values(struct tx *tx, const struct certificates_who *who,
                                   struct certificate_id id, struct timestamp now,
                                   struct certificates_renewal *out)
{
    struct certificates_certificate c;
    const struct profile *p;
    struct registration r;

    TRY(certificates_get(tx, who, id, now, &c));
    TRY(may_renew(tx, who, &c, now));
    TRY(profiles_get(tx, c.profile, 0, &p));
    if (!p->active)
        return FAIL(E_STATE, "not-renewable", "the profile is retired");
    if (now.us < c.not_after.us - (int64_t)p->renew_days * DAY_US)
        return FAIL(E_STATE, "too-early", "more than %u days", p->renew_days);
    TRY(registration_get(tx, c.tenant, c.application, &r));
    *out = (struct certificates_renewal){ .tenant = c.tenant,
                                          .subscriber = r.subscriber,
                                          .profile = p->name,
                                          .key_source = str_z(profiles_key_name(r.key_source)),
                                          .contact = r.contact,
                                          .lang = r.lang,
                                          .profile_version = p->version,
                                          .same_key = p->renew_same_key,
                                          .csr = r.csr,
                                          .credential = r.credential };
    take_values(tx_arena(tx), p, &r, out);
    return E_OK;
}

enum err certificates_released(struct tx *tx, struct certificate_id id)
{
    const struct audit_by by = { .name = STR("worker") };
    struct q_cert_renewed r;
    struct change_id change;
    uint64_t replaced;
    enum err e = q_cert_renewed(tx, id, &r);

    if (e == E_ABSENT)
        return E_OK;
    TRY(e);
    TRY(q_cert_replaced(tx, r.old, r.tenant, id, &replaced));
    if (replaced != 1)
        return E_OK; /* another successor was first */
    TRY(signing_credential_renewed(tx, r.tenant, r.old, id));
    TRY(q_cert_change_add(tx, r.old, r.tenant, clock_now(), by.account, STR("replaced"),
                          STR("worker"), 0, TIMESTAMP_NONE, id, &change));
    const struct audit_entry entry = { .by = by,
                                       .tenant = r.tenant,
                                       .action = "certificates.certificate.replace",
                                       .object_kind = "certificate",
                                       .object = audit_id(tx_arena(tx), r.old.v) };
    return audit_write(tx, &entry);
}
