/*
 * ctl_certificate.c - `shomeictl certificate`: issue from a request file with the CA token, for the
 * web server, for connecting systems whose operators bring a request, and for a customer's first
 * LRA operator.
 */
#include "main/ctl.h"

#include "features/accounts/accounts.h"
#include "features/audit/audit.h"
#include "features/authority/authority.h"
#include "features/authority/authority_work.h"
#include "features/operators/operators.h"
#include "pki/csr.h"
#include "pki/x509.h"
#include "sign/hsm.h"
#include "store/db.h"

struct order {
    struct ctl *c;
    struct authority_application app;
    struct str tenant; /* code, or absent: the installation's own */
    struct str login;  /* of an LRA operator, or absent: not a person's */
    struct certificate_id id;
    struct str pem; /* leaf and chain */
};

static enum err request(struct tx *tx, void *arg)
{
    struct order *o = arg;
    const struct audit_by by = { .name = STR("shomeictl") };

    if (!str_absent(o->login)) {
        struct accounts_info person;
        TRY(accounts_find(tx, o->login, &person));
        o->app.tenant = person.tenant;
        return operators_request(tx, &by, person.tenant, person.id, o->app.csr, clock_now(),
                                 &o->id);
    }
    if (!str_absent(o->tenant))
        TRY(accounts_tenant_find(tx, o->tenant, &o->app.tenant));
    TRY(authority_request(tx, &o->app, &o->id));
    return audit_note(tx, &by, "authority.certificate.request", "certificate", o->id.v, NULL);
}

static enum err collect(struct tx *tx, void *arg)
{
    struct order *o = arg;
    struct authority_certificate cert;
    struct bytes *chain;
    size_t n;

    TRY(authority_certificate(tx, o->app.tenant, o->id, &cert));
    if (cert.state != AUTHORITY_ISSUED)
        return FAIL(E_STATE, "not-issued", "%s %s", authority_state_name(cert.state),
                    cert.refused.p ? cert.refused.p : "");
    o->pem = x509_pem(o->c->arena, "CERTIFICATE", cert.der);
    TRY(authority_chain(tx, o->id, &chain, &n));
    /* the root is the verifier's to have: a server does not send it */
    for (size_t i = 0; i + 1 < n; i++)
        o->pem = str_fmt(o->c->arena, "%s%s", o->pem.p,
                         x509_pem(o->c->arena, "CERTIFICATE", chain[i]).p);
    return E_OK;
}

static enum err issue(struct ctl *c, struct order *o)
{
    struct db *db = NULL;
    struct hsm *ca = NULL;
    struct secret *master = NULL;

    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    enum err err = hsm_open_token(c->settings, HSM_CA, false, &ca);
    if (err == E_OK)
        err = tx_run(db, c->arena, request, o);
    if (err == E_OK)
        err = authority_work_issue(db, ca, o->id);
    if (err == E_OK)
        err = tx_run(db, c->arena, collect, o);
    hsm_close(ca);
    db_close(db);
    return err;
}

enum err ctl_certificate(struct ctl *c)
{
    const char *profile, *csr_path, *out, *common_name = NULL, *dns = ctl_option(c, "--dns");
    struct order o = { .c = c,
                       .tenant = str_z(ctl_option(c, "--tenant")),
                       .login = str_z(ctl_option(c, "--account")) };
    struct name subject = { .n = 0 };
    struct x509_san san = { X509_SAN_DNS, str_z(dns) };
    struct str text;
    struct csr csr;

    TRY(ctl_required(c, "--profile", &profile));
    TRY(ctl_required(c, "--csr", &csr_path));
    TRY(ctl_required(c, "--out", &out));
    if (str_absent(o.login))
        TRY(ctl_required(c, "--name", &common_name));
    else if (strcmp(profile, OPERATORS_PROFILE) != 0)
        return FAIL(E_INPUT, "profile", "--account is for %s only", OPERATORS_PROFILE);
    TRY(ctl_read(c, csr_path, &text));
    TRY(csr_parse(bytes_of_str(text), c->arena, &csr));
    name_add(&subject, OID_C, STR("JP"));
    if (str_absent(o.login))
        name_add(&subject, OID_CN, str_z(common_name));
    o.app = (struct authority_application){
        .profile = profile,
        .subject = &subject,
        .san = &san,
        .san_n = dns ? 1 : 0,
        .csr = csr.der,
    };
    TRY(issue(c, &o));
    return ctl_write(out, o.pem, 0644);
}
