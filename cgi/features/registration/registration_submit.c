/* registration_submit.c - filing an application, the first time and again; see registration.h */
#include "features/registration/registration_inside.h"

#include "base/crypto.h"
#include "base/json.h"
#include "pki/csr.h"
#include "store/db.h"
#include "store/gen/registration.q.h"
#include "store/jobs.h"

enum { RECEIPT_TRIES = 5 };

/* --- names --- */

static struct str first_of(const struct x509_san *san, size_t n, enum x509_san_kind kind)
{
    for (size_t i = 0; i < n; i++)
        if (san[i].kind == kind)
            return san[i].value;
    return STR("");
}

enum err registration_names_of(struct tx *tx, const struct profile *p,
                               const struct profiles_value *values, size_t n,
                               struct registration_names *out)
{
    struct arena *a = tx_arena(tx);
    struct str field;

    TRY(profiles_compose(p, values, n, a, &out->subject, &out->san, &out->san_n, &field));
    TRY(name_build(&out->subject, a, &out->der));
    out->common_name = name_get(&out->subject, OID_CN);
    if (str_absent(out->common_name))
        out->common_name = STR("");
    out->email = first_of(out->san, out->san_n, X509_SAN_EMAIL);
    out->title = out->common_name;
    if (str_empty(out->title) && out->san_n > 0)
        out->title = out->san[0].value;
    if (str_empty(out->title))
        out->title = name_text(a, out->der);
    out->title = str_printable(a, out->title, 200);
    return E_OK;
}

/* --- mails --- */

static const char *const mail_names[] = {
    "received", "returned", "held", "rejected", "collect", "issued", "refused",
};
_Static_assert(sizeof mail_names / sizeof *mail_names == REGISTRATION_MAIL__MAX, "a name each");

const char *registration_mail_name(enum registration_mail mail)
{
    return (unsigned)mail < REGISTRATION_MAIL__MAX ? mail_names[mail] : "";
}

enum err registration_mail_order(struct tx *tx, struct application_id id,
                                 enum registration_mail mail)
{
    struct str payload = str_fmt(tx_arena(tx), "{\"application\":%llu,\"mail\":\"%s\"}",
                                 (unsigned long long)id.v, registration_mail_name(mail));

    return jobs_add(tx, REGISTRATION_JOB_MAIL, payload, TIMESTAMP_NONE, NULL);
}

/* --- filing --- */

/* What goes into the row besides what the caller gave. */
struct filing {
    const struct registration_new *n;
    const struct profile *p;
    struct registration_names names;
    struct account_id subscriber;
    struct bytes csr, spki_hash;
    struct str fields, checks;
};

static const char *first_refusal(const struct profiles_finding *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (f[i].refuses)
            return f[i].code.p;
    return "";
}

static enum err take_request(struct tx *tx, struct filing *f)
{
    struct bytes32 hash;
    struct csr csr;

    f->csr = f->spki_hash = BYTES_ABSENT;
    if (f->n->key_source != PROFILES_CSR && f->n->key_source != PROFILES_HSM && f->n->csr.n == 0)
        return E_OK;
    if (f->n->csr.n == 0)
        return FAIL(E_INPUT, "csr-missing", "no request");
    TRY(csr_parse(f->n->csr, tx_arena(tx), &csr));
    hash = sha256(csr.spki);
    f->csr = csr.der;
    f->spki_hash = bytes_dup(tx_arena(tx), bytes_of_32(&hash));
    return E_OK;
}

static enum err prepare(struct tx *tx, const struct registration_new *n, struct timestamp now,
                        struct filing *f)
{
    struct arena *a = tx_arena(tx);
    struct profiles_finding *findings;
    size_t count;

    f->n = n;
    TRY(profiles_get(tx, n->profile, 0, &f->p));
    f->subscriber = f->p->person ? n->subscriber : (struct account_id){ 0 };
    TRY(registration_check_all(tx, n, f->p, now, &f->names, &findings, &count));
    if (registration_refuses(findings, count)) {
        const char *code = first_refusal(findings, count);
        return FAIL(strcmp(code, "application-renewing") == 0 ? E_CONFLICT : E_INPUT, code,
                    "checks refuse the application");
    }
    TRY(take_request(tx, f));
    f->fields = registration_values_text(a, n->values, n->values_n);
    f->checks = registration_findings_text(a, findings, count);
    if (str_absent(f->fields) || str_absent(f->checks))
        return FAIL(E_INPUT, "value-too-long", "values do not fit");
    return E_OK;
}

static enum err add_row(struct tx *tx, const struct filing *f, struct str receipt,
                        struct timestamp now, struct application_id *id)
{
    const struct registration_new *n = f->n;

    return q_application_add(tx, receipt, n->tenant, n->applicant, f->subscriber, n->via,
                             n->renews.v ? STR("renew") : STR("new"), f->p->name, f->p->version,
                             str_z(profiles_key_name(n->key_source)), f->names.title, f->fields,
                             f->csr, f->spki_hash, n->credential, n->validity_days, f->checks,
                             n->contact, n->lang, f->p->approvals, n->renews, now, id);
}

static enum err send_draft(struct tx *tx, const struct filing *f, struct str receipt,
                           struct timestamp now)
{
    const struct registration_new *n = f->n;
    uint64_t changed;

    TRY(q_application_send(tx, n->draft, n->tenant, n->applicant, receipt, f->subscriber,
                           f->p->version, str_z(profiles_key_name(n->key_source)), f->names.title,
                           f->fields, f->csr, f->spki_hash, n->credential, n->validity_days,
                           f->checks, n->contact, n->lang, f->p->approvals, now, &changed));
    if (changed != 1)
        return FAIL(E_STATE, "application-state", "the draft is sent already");
    return E_OK;
}

/* A number that is taken already is very unlikely, not impossible. */
static enum err file_it(struct tx *tx, const struct filing *f, struct timestamp now,
                        struct application_id *id)
{
    enum err e = E_CONFLICT;

    *id = f->n->draft;
    for (int i = 0; i < RECEIPT_TRIES && e == E_CONFLICT; i++) {
        struct str receipt = registration_receipt_new(tx_arena(tx));
        e = f->n->draft.v ? send_draft(tx, f, receipt, now) : add_row(tx, f, receipt, now, id);
    }
    return e;
}

static enum err after(struct tx *tx, const struct audit_by *by, const struct filing *f,
                      struct application_id id, const char *event, const char *action,
                      struct timestamp now, struct registration *out)
{
    struct json *detail = json_new_object();

    json_set_str(detail, "profile", f->p->name);
    json_set_i64(detail, "version", f->p->version);
    json_set_str(detail, "key", str_z(profiles_key_name(f->n->key_source)));
    TRY(audit_note(tx, by, action, "application", id.v, detail));
    TRY(registration_get(tx, f->n->tenant, id, out));
    TRY(registration_event_add(tx, out, by->account, event, STR_ABSENT, now));
    if (str_eq_z(f->n->via,
                 "bulk")) /* its applicant reads the run's page, not thousands of mails */
        return E_OK;
    return registration_mail_order(tx, id, REGISTRATION_MAIL_RECEIVED);
}

enum err registration_submit(struct tx *tx, const struct audit_by *by,
                             const struct registration_new *n, struct timestamp now,
                             struct registration *out)
{
    struct application_id id;
    struct filing f;

    TRY(prepare(tx, n, now, &f));
    TRY(file_it(tx, &f, now, &id));
    return after(tx, by, &f, id, "submitted", "registration.application.submit", now, out);
}

enum err registration_resubmit(struct tx *tx, const struct audit_by *by, struct application_id id,
                               uint32_t generation, const struct registration_new *n,
                               struct timestamp now, struct registration *out)
{
    struct registration_new again = *n;
    struct registration old;
    struct filing f;
    uint64_t changed;

    TRY(registration_get(tx, n->tenant, id, &old));
    if (old.state != REGISTRATION_RETURNED || old.applicant.v != n->applicant.v)
        return FAIL(E_STATE, "application-state", "not returned to its applicant");
    again.draft = id;
    again.profile = old.profile;
    again.renews = old.renews;
    again.subscriber = old.subscriber;
    TRY(prepare(tx, &again, now, &f));
    TRY(q_application_send_again(tx, id, n->tenant, generation, f.p->version,
                                 str_z(profiles_key_name(again.key_source)), f.names.title,
                                 f.fields, f.csr, f.spki_hash, again.credential,
                                 again.validity_days, f.checks, f.p->approvals, now, &changed));
    if (changed != 1)
        return FAIL(E_CONFLICT, "changed-meanwhile", "generation %u", generation);
    return after(tx, by, &f, id, "resubmitted", "registration.application.resubmit", now, out);
}
