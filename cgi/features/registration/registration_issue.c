/*
 * registration_issue.c - what follows the last approval: the request to the authority, or the link
 * with which the key is made first; and how it ended, as the authority's hooks tell (P3-20, P3-32).
 */
#include "features/registration/registration_inside.h"

#include "base/crypto.h"
#include "features/authority/authority.h"
#include "features/registration/registration_review.h"
#include "pki/csr.h"
#include "store/db.h"
#include "store/gen/registration.q.h"
#include "store/jobs.h"

/* How an application ended: told once, whoever comes first. */
static enum err end(struct tx *tx, const struct registration *r, enum registration_state state,
                    struct str reason, enum registration_mail mail)
{
    const struct audit_by by = { .name = STR("certification authority") };
    const char *name = registration_state_name(state);
    struct timestamp now = clock_now();
    uint64_t changed;

    TRY(q_application_ended(tx, r->id, r->tenant, str_z(name), reason, now, &changed));
    if (changed == 0)
        return E_OK;
    TRY(registration_event_add(tx, r, (struct account_id){ 0 }, name, STR_ABSENT, now));
    TRY(audit_note(tx, &by, str_fmt(tx_arena(tx), "registration.application.%s", name).p,
                   "application", r->id.v, NULL));
    return registration_mail_order(tx, r->id, mail);
}

/* The request to the authority, of an application as its row stands now. */
static enum err request(struct tx *tx, const struct registration *r, struct certificate_id *id)
{
    struct authority_application app = { .tenant = r->tenant,
                                         .account = r->subscriber,
                                         .profile = r->profile.p,
                                         .profile_version = r->profile_version,
                                         .csr = r->csr,
                                         .validity_us = (int64_t)r->validity_days * DAY_US,
                                         .application = r->id,
                                         .requested_by = r->applicant,
                                         .renews = r->renews };
    struct registration_names names;
    const struct profile *p;

    TRY(profiles_get(tx, r->profile, r->profile_version, &p));
    TRY(registration_names_of(tx, p, r->values, r->values_n, &names));
    app.subject = &names.subject;
    app.san = names.san;
    app.san_n = names.san_n;
    app.common_name = names.title;
    app.email = names.email;
    return authority_request(tx, &app, id);
}

enum err registration_ask(struct tx *tx, const struct audit_by *by, const struct registration *r,
                          struct bytes request_der, struct timestamp now)
{
    struct str payload =
        str_fmt(tx_arena(tx), "{\"application\":%llu}", (unsigned long long)r->id.v);
    struct csr csr;
    uint64_t changed;

    TRY(csr_parse(request_der, tx_arena(tx), &csr));
    TRY(q_application_csr(tx, r->id, r->tenant, csr.der, sha256(csr.spki), now, &changed));
    if (changed != 1)
        return FAIL(E_STATE, "application-state", "not approved, or asked for already");
    TRY(audit_note(tx, by, "registration.certificate.request", "application", r->id.v, NULL));
    return jobs_add(tx, REGISTRATION_JOB_ISSUE, payload, TIMESTAMP_NONE, NULL);
}

static enum err ask_now(struct tx *tx, void *arg)
{
    const struct audit_by by = { .name = STR("worker") };
    const struct registration *r = arg;
    struct certificate_id id;
    uint64_t changed;

    TRY(request(tx, r, &id));
    TRY(q_application_certificate(tx, r->id, r->tenant, id, clock_now(), &changed));
    if (changed != 1)
        return FAIL(E_STATE, "application-state", "asked for already");
    return audit_note(tx, &by, "registration.certificate.ask", "application", r->id.v, NULL);
}

/* Everything once more (P3-44): the approval may be days old, or a row that nobody approved. ""
 * when nothing stands against it. */
static enum err objection(struct tx *tx, const struct registration *r, struct str *code)
{
    struct profiles_finding *f;
    size_t n;

    *code = STR("");
    TRY(registration_review_recheck(tx, r, clock_now(), &f, &n));
    for (size_t i = 0; i < n && str_empty(*code); i++)
        if (f[i].refuses)
            *code = f[i].code;
    return E_OK;
}

enum err registration_ask_authority(struct tx *tx, struct tenant_id tenant,
                                    struct application_id id)
{
    struct registration r;
    struct str reason;
    enum err e;

    TRY(registration_get(tx, tenant, id, &r));
    if (r.state != REGISTRATION_APPROVED || r.certificate.v != 0 || r.csr.n == 0)
        return E_OK; /* withdrawn meanwhile, or done by an earlier attempt */
    TRY(objection(tx, &r, &reason));
    e = str_empty(reason) ? tx_part(tx, ask_now, &r) : E_INPUT;
    if (e != E_INPUT && e != E_UNSUPPORTED)
        return e;
    if (str_empty(reason))
        reason = str_dup(tx_arena(tx), str_z(fault_current()->reason));
    fault_clear();
    return end(tx, &r, REGISTRATION_REFUSED, reason, REGISTRATION_MAIL_REFUSED);
}

enum err registration_proceed(struct tx *tx, const struct audit_by *by,
                              const struct registration *r, struct timestamp now)
{
    struct profiles_finding *f;
    const struct profile *p;
    size_t n;

    TRY(profiles_get(tx, r->profile, r->profile_version, &p));
    TRY(profiles_namespace(tx, r->tenant, p, r->values, r->values_n, &f, &n));
    if (registration_refuses(f, n))
        return FAIL(E_INPUT, f[0].code.p, "a name is outside of the namespace now");
    if (r->key_source == PROFILES_CSR || r->key_source == PROFILES_HSM || r->csr.n > 0)
        return registration_ask(tx, by, r, r->csr, now);
    return registration_mail_order(tx, r->id, REGISTRATION_MAIL_COLLECT);
}

/* --- hooks --- */

static enum err ended(struct tx *tx, struct certificate_id certificate,
                      enum registration_state state, struct str reason, enum registration_mail mail)
{
    struct q_application_by_certificate row;
    struct registration r;
    enum err e = q_application_by_certificate(tx, certificate, &row);

    if (e == E_ABSENT) {
        fault_clear();
        return E_OK;
    }
    TRY(e);
    TRY(registration_get(tx, row.tenant, row.id, &r));
    return end(tx, &r, state, reason, mail);
}

enum err registration_released(struct tx *tx, struct certificate_id certificate)
{
    TRY(ended(tx, certificate, REGISTRATION_ISSUED, STR(""), REGISTRATION_MAIL_ISSUED));
    return registration_key_adopt(tx, certificate);
}

enum err registration_refused(struct tx *tx, struct certificate_id certificate)
{
    struct q_certificate_refusal why;
    enum err e = q_certificate_refusal(tx, certificate, &why);

    TRY(e);
    return ended(tx, certificate, REGISTRATION_REFUSED, why.refused, REGISTRATION_MAIL_REFUSED);
}
