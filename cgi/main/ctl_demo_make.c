/*
 * ctl_demo_make.c - a case of the demonstration: applied for, decided on, ended, by the rules that
 * the pages use, in the name of its people. What was made is in the audit log and nowhere else, so
 * a case is made once, whatever becomes of it.
 */
#include "main/ctl_demo.h"

#include "base/log.h"
#include "features/audit/audit.h"
#include "features/authority/authority.h"
#include "features/certificates/certificates.h"
#include "features/registration/registration_draft.h"
#include "pki/csr.h"
#include "pki/name.h"
#include "store/gen/demo.q.h"

/* A certificate begins five minutes before it is issued (authority_issue_work.c). */
#define BRIEF_US (5 * MINUTE_US + 6 * SECOND_US)
enum { MADE_MAX = 500 };

static const struct registration_vetting vetting[REGISTRATION_ITEM__MAX] = {
    { REGISTRATION_IDENTITY, REGISTRATION_REGISTER, { "", 0 } },
    { REGISTRATION_AUTHORITY, REGISTRATION_REGISTER, { "", 0 } },
    { REGISTRATION_CONTENT, REGISTRATION_REGISTER, { "", 0 } },
};

/* ------------------------------------------------------------------ what was made before */

enum err ctl_demo_made_load(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    struct q_demo_made *rows;
    size_t n;

    TRY(q_demo_made(tx, MADE_MAX, &rows, &n));
    d->made = ARENA_ARRAY(d->c->arena, n, struct demo_made);
    for (size_t i = 0; i < n; i++) {
        d->made[i] = (struct demo_made){ .name = str_dup(d->c->arena, rows[i].name),
                                         .kind = str_dup(d->c->arena, rows[i].kind) };
        TRY(str_to_u64(rows[i].object, INT64_MAX, &d->made[i].id));
    }
    d->made_n = n;
    return E_OK;
}

const struct demo_made *ctl_demo_made(const struct demo *d, struct str name)
{
    for (size_t i = 0; i < d->made_n; i++)
        if (str_eq(d->made[i].name, name))
            return &d->made[i];
    return NULL;
}

enum err ctl_demo_mark(struct tx *tx, struct str name, const char *kind, uint64_t id)
{
    const struct audit_entry e = {
        .by = { .name = STR("shomeictl demo") },
        .action = "demo.case.make",
        .object_kind = kind,
        .object = audit_id(tx_arena(tx), id),
        .detail = str_fmt(tx_arena(tx), "{\"case\":\"%s\"}", name.p),
    };
    return audit_write(tx, &e);
}

/* ------------------------------------------------------------------ applying */

static struct audit_by by_person(const struct accounts_info *p)
{
    return (struct audit_by){ .tenant = p->tenant, .account = p->id, .name = p->login };
}

/* A key of the case's own and its request. */
static enum err new_request(const struct demo *d, const struct demo_case *c, struct bytes *csr)
{
    struct arena *a = d->c->arena;
    struct name nobody = { .may_be_empty = true }; /* the profile has the names */
    struct signer_key *key = NULL;
    struct secret *private = NULL;
    struct bytes der;

    TRY(name_build(&nobody, a, &der));
    TRY(signer_key_new(SIGNER_P256_SHA256, &key));
    struct signer signer = signer_key_signer(key);
    enum err err = csr_build(&signer, signer_key_spki(key), der, a, csr);
    if (err == E_OK && c->keep_key)
        err = signer_key_private(key, &private);
    if (err == E_OK && c->keep_key)
        err = ctl_write(ctl_demo_path(d, str_fmt(a, "%s.key", c->name).p).p,
                        x509_pem(a, "PRIVATE KEY", secret_bytes(private)), 0600);
    secret_free(private);
    signer_key_free(key);
    return err;
}

static enum err fill(struct tx *tx, const struct demo_case *c, struct registration_new *n)
{
    struct profiles_value *known, *values;
    const struct profile *p;
    size_t k;

    TRY(profiles_get(tx, n->profile, 0, &p));
    TRY(profiles_prefill(tx, p, n->tenant, n->subscriber, &known, &k));
    values = ARENA_ARRAY(tx_arena(tx), k + DEMO_FIELDS, struct profiles_value);
    memcpy(values, known, k * sizeof *values);
    for (size_t i = 0; i < DEMO_FIELDS && c->fields[i].name; i++)
        values[k++] =
            (struct profiles_value){ str_z(c->fields[i].name), str_z(c->fields[i].value) };
    n->values = values;
    n->values_n = k;
    return E_OK;
}

static enum err begin(struct tx *tx, const struct demo *d, const struct demo_case *c,
                      struct accounts_info *applicant, struct registration_new *n)
{
    struct accounts_info subscriber = { .id = { 0 } };

    TRY(accounts_find(tx, str_z(c->applicant), applicant));
    if (c->subscriber)
        TRY(accounts_find(tx, str_z(c->subscriber), &subscriber));
    *n = (struct registration_new){ .tenant = applicant->tenant,
                                    .applicant = applicant->id,
                                    .subscriber = subscriber.id,
                                    .via = STR("page"),
                                    .profile = str_z(c->profile),
                                    .key_source = c->source ? c->source : PROFILES_CSR,
                                    .validity_days = c->days,
                                    .contact = applicant->email,
                                    .lang = applicant->lang };
    if (n->key_source == PROFILES_CSR)
        TRY(new_request(d, c, &n->csr));
    return fill(tx, c, n);
}

/* Straight from the authority: an application asks for whole days. */
static enum err brief(struct tx *tx, const struct registration_new *n, const struct audit_by *by,
                      struct certificate_id *id)
{
    struct arena *a = tx_arena(tx);
    const struct profile *p;
    struct name subject;
    struct x509_san *san;
    struct str field;
    struct csr csr;

    TRY(profiles_get(tx, n->profile, 0, &p));
    TRY(csr_parse(n->csr, a, &csr));
    struct authority_application app = { .tenant = n->tenant,
                                         .account = n->subscriber,
                                         .profile = n->profile.p,
                                         .profile_version = p->version,
                                         .subject = &subject,
                                         .csr = csr.der,
                                         .validity_us = BRIEF_US,
                                         .requested_by = n->applicant };
    TRY(profiles_compose(p, n->values, n->values_n, a, &subject, &san, &app.san_n, &field));
    app.san = san;
    TRY(authority_request(tx, &app, id));
    return audit_note(tx, by, "authority.certificate.request", "certificate", id->v, NULL);
}

/* ------------------------------------------------------------------ deciding */

static enum err decide(struct tx *tx, const struct demo_case *c, const struct registration *r,
                       struct timestamp now)
{
    struct accounts_info who;

    if (c->fate == DEMO_WAITING)
        return E_OK;
    TRY(accounts_find(tx, str_z(c->fate == DEMO_WITHDRAWN ? c->applicant : c->reviewer), &who));
    struct audit_by by = by_person(&who);
    if (c->fate == DEMO_WITHDRAWN)
        return registration_withdraw(tx, &by, r->tenant, r->id, r->generation, now);
    if (c->fate == DEMO_RETURNED)
        return registration_return(tx, &by, r->tenant, r->id, r->generation, str_z(c->note), now);
    if (c->fate == DEMO_HELD)
        return registration_hold(tx, &by, r->tenant, r->id, r->generation, str_z(c->note), now);
    if (c->fate == DEMO_REJECTED)
        return registration_reject(tx, &by, r->tenant, r->id, r->generation, str_z(c->note), now);
    return registration_approve(tx, &by, r->tenant, r->id, r->generation, vetting,
                                REGISTRATION_ITEM__MAX, now);
}

static enum err make(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    const struct demo_case *c = d->making;
    struct accounts_info applicant;
    struct application_id draft;
    struct certificate_id certificate;
    struct registration_new n;
    struct registration r;
    struct timestamp now = clock_now();

    TRY(begin(tx, d, c, &applicant, &n));
    struct audit_by by = by_person(&applicant);
    if (c->fate == DEMO_DRAFT) {
        TRY(registration_draft_new(tx, &n, now, &draft));
        return ctl_demo_mark(tx, str_z(c->name), "application", draft.v);
    }
    if (c->fate == DEMO_BRIEF) {
        TRY(brief(tx, &n, &by, &certificate));
        return ctl_demo_mark(tx, str_z(c->name), "certificate", certificate.v);
    }
    TRY(registration_submit(tx, &by, &n, now, &r));
    TRY(decide(tx, c, &r, now));
    return ctl_demo_mark(tx, str_z(c->name), "application", r.id.v);
}

/* ------------------------------------------------------------------ ending */

/* The certificate of a case; its id is 0 when there is none (yet). */
enum err ctl_demo_certificate(struct tx *tx, const struct demo *d, const struct demo_case *c,
                              struct authority_certificate *out)
{
    const struct demo_made *m = ctl_demo_made(d, str_z(c->name));
    struct certificate_id id = { 0 };
    struct accounts_info applicant;
    struct registration r;

    *out = (struct authority_certificate){ .id = { 0 } };
    if (!m || (c->fate != DEMO_BRIEF && c->fate != DEMO_ISSUED))
        return E_OK;
    TRY(accounts_find(tx, str_z(c->applicant), &applicant));
    if (str_eq_z(m->kind, "certificate")) {
        id.v = m->id;
    } else {
        TRY(registration_get(tx, applicant.tenant, (struct application_id){ m->id }, &r));
        id = r.certificate;
    }
    return id.v ? authority_certificate(tx, applicant.tenant, id, out) : E_OK;
}

static struct str end_name(const struct demo *d, const struct demo_case *c)
{
    return str_fmt(d->c->arena, "%s/end", c->name);
}

static enum err end(struct tx *tx, void *arg)
{
    struct demo *d = arg;
    const struct demo_case *c = d->making;
    struct authority_certificate cert;
    struct accounts_info info;
    struct timestamp now = clock_now();

    TRY(ctl_demo_certificate(tx, d, c, &cert));
    TRY(accounts_find(tx, str_z(c->ender), &info));
    struct audit_by by = by_person(&info);
    const struct certificates_who who = { info.tenant, info.id, info.roles };
    const struct certificates_change change = { CERTIFICATES_PAGE, c->reason, TIMESTAMP_NONE };
    if (c->end == DEMO_SUSPENDED)
        TRY(certificates_suspend(tx, &by, &who, cert.id, CERTIFICATES_PAGE, now, NULL));
    else
        TRY(certificates_revoke(tx, &by, &who, cert.id, &change, now, NULL));
    return ctl_demo_mark(tx, end_name(d, c), "certificate", cert.id.v);
}

/* ------------------------------------------------------------------ all of them */

/*
 * An installation that has been used may refuse a case (an account was stopped, a contract
 * changed): it is left out, and said so.
 */
static enum err step(struct demo *d, const struct demo_case *c,
                     enum err (*what)(struct tx *tx, void *arg))
{
    d->making = c;
    enum err err = tx_run(d->db, d->c->arena, what, d);
    if (err != E_INPUT && err != E_DENIED && err != E_STATE && err != E_CONFLICT &&
        err != E_ABSENT && err != E_LIMIT)
        return err;
    log_fault(str_fmt(d->c->arena, "left out of the demonstration: %s", c->name).p);
    fault_clear();
    return E_OK;
}

enum err ctl_demo_make_cases(struct demo *d)
{
    size_t n;
    const struct demo_case *c = ctl_demo_cases(&n);

    for (size_t i = 0; i < n; i++)
        if (!ctl_demo_made(d, str_z(c[i].name)))
            TRY(step(d, &c[i], make));
    return tx_run(d->db, d->c->arena, ctl_demo_made_load, d);
}

enum err ctl_demo_end_cases(struct demo *d)
{
    size_t n;
    const struct demo_case *c = ctl_demo_cases(&n);

    for (size_t i = 0; i < n; i++)
        if (c[i].end != DEMO_KEPT && !ctl_demo_made(d, end_name(d, &c[i])))
            TRY(step(d, &c[i], end));
    return E_OK;
}
