/* authority_status.c - the status of issued certificates: who may use one, revoking; see
 * authority.h */
#include "features/authority/authority_inside.h"

#include "pki/crl.h"
#include "store/db.h"
#include "store/gen/authority.q.h"
#include "store/jobs.h"

enum err authority_find(struct tx *tx, struct str pem, struct authority_certificate *out)
{
    struct arena *a = tx_arena(tx);
    struct q_certificate_by_number r;
    struct bytes der = BYTES_ABSENT;
    struct x509 c;

    TRY(x509_from_pem(a, "CERTIFICATE", pem, &der));
    TRY(x509_parse(der, a, &c));
    if (c.issuer.n > 1024 || x509_serial(&c).n > 20)
        return FAIL(E_ABSENT, "", "not of our making");
    TRY(q_certificate_by_number(tx, c.issuer, x509_serial(&c), &r));
    if (!bytes_eq(r.der, der))
        return FAIL(E_ABSENT, "", "another certificate with that number");
    *out = AUTHORITY_ROW(a, &r, r.id, r.tenant);
    return E_OK;
}

enum err authority_client_certificate(struct tx *tx, struct str pem, const char *profile,
                                      struct timestamp now, struct authority_certificate *out)
{
    *out = (struct authority_certificate){ .id = { 0 } };
    enum err err = authority_find(tx, pem, out);
    unsigned long long id = out->id.v;

    if (err == E_ABSENT || (err == E_OK && !str_eq_z(out->profile, profile)))
        return FAIL(E_AUTH, "client-certificate-unknown", "no such certificate or other profile");
    TRY(err);
    if (out->state == AUTHORITY_REVOKED)
        return FAIL(E_AUTH, "client-certificate-revoked", "certificate %llu", id);
    if (out->state == AUTHORITY_SUSPENDED)
        return FAIL(E_AUTH, "client-certificate-suspended", "certificate %llu", id);
    if (out->state != AUTHORITY_ISSUED || timestamp_cmp(now, out->not_before) < 0 ||
        now.us >= out->not_after.us + SECOND_US)
        return FAIL(E_AUTH, "client-certificate-expired", "certificate %llu", id);
    return E_OK;
}

enum err authority_changed(struct tx *tx, struct authority_id id)
{
    uint64_t changed;

    TRY(q_authority_changed(tx, id, &changed));
    return jobs_add(tx, AUTHORITY_JOB_CRL, STR("{}"), TIMESTAMP_NONE, NULL);
}

/* Reasons that a person may give; the others are a CA's own, or only for delta lists. */
static bool reason_allowed(uint32_t reason)
{
    return reason == CRL_UNSPECIFIED || reason == CRL_KEY_COMPROMISE ||
           reason == CRL_AFFILIATION_CHANGED || reason == CRL_SUPERSEDED ||
           reason == CRL_CESSATION || reason == CRL_HOLD || reason == CRL_PRIVILEGE_WITHDRAWN;
}

/* Does the profile of that certificate allow a suspension? */
static enum err may_suspend(struct tx *tx, const struct q_certificate_lock *row)
{
    struct authority_profile_found profile;

    TRY(authority_profile_of(tx, row->profile, row->profile_version, &profile));
    if (authority_state_from(row->state) == AUTHORITY_SUSPENDED || !profile.x509->suspendable)
        return FAIL(E_STATE, "not-suspendable", "profile %s", row->profile.p);
    return E_OK;
}

static enum err may_revoke(struct tx *tx, const struct q_certificate_lock *row, uint32_t reason,
                           struct timestamp when)
{
    enum authority_state state = authority_state_from(row->state);

    if (state == AUTHORITY_REVOKED) {
        /* BR 7.2.2: a reason may later become keyCompromise, and the date an earlier one */
        if (reason == CRL_KEY_COMPROMISE && row->reason != CRL_KEY_COMPROMISE &&
            timestamp_cmp(when, row->revoked_at) <= 0)
            return E_OK;
        return FAIL(E_STATE, "already-revoked", "revoked before");
    }
    if (state != AUTHORITY_ISSUED && state != AUTHORITY_SUSPENDED)
        return FAIL(E_STATE, "not-issued", "state %s", row->state.p);
    return reason == CRL_HOLD ? may_suspend(tx, row) : E_OK;
}

enum err authority_revoke(struct tx *tx, struct tenant_id tenant, struct certificate_id id,
                          uint32_t reason, struct timestamp when)
{
    struct q_certificate_lock row;
    uint64_t changed;

    if (!reason_allowed(reason))
        return FAIL(E_INPUT, "bad-reason", "reason %u", reason);
    if (timestamp_cmp(when, clock_now()) > 0)
        when = clock_now();
    TRY(q_certificate_lock(tx, id, tenant, &row));
    TRY(may_revoke(tx, &row, reason, when));
    TRY(q_certificate_status(tx, id, tenant, reason == CRL_HOLD ? STR("suspended") : STR("revoked"),
                             when, reason, &changed));
    TRY(authority_changed(tx, row.authority));
    return authority_tell_changed(tx, id,
                                  reason == CRL_HOLD ? AUTHORITY_SUSPENDED : AUTHORITY_REVOKED);
}

enum err authority_release(struct tx *tx, struct tenant_id tenant, struct certificate_id id)
{
    struct q_certificate_lock row;
    uint64_t changed;

    TRY(q_certificate_lock(tx, id, tenant, &row));
    if (authority_state_from(row.state) != AUTHORITY_SUSPENDED)
        return FAIL(E_STATE, "not-suspended", "state %s", row.state.p);
    TRY(q_certificate_status(tx, id, tenant, STR("issued"), TIMESTAMP_NONE, CRL_UNSPECIFIED,
                             &changed));
    TRY(authority_changed(tx, row.authority));
    return authority_tell_changed(tx, id, AUTHORITY_ISSUED);
}
