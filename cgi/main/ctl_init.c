/*
 * ctl_init.c - `shomeictl init`: everything between an empty directory and a system that can start.
 * Idempotent: what is there stays, a broken run is continued. A production installation does the
 * same steps as ceremonies with its own HSM.
 */
#include "main/ctl_profile.h"

#include "features/audit/audit.h"
#include "features/accounts/accounts_admin.h"
#include "features/authority/authority.h"
#include "features/authority/authority_work.h"
#include "features/signing/signing_provider.h"
#include "main/seal_key.h"
#include "pki/x509.h"
#include "sign/hsm_admin.h"
#include "store/db.h"

static enum err token(struct ctl *c, const char *label_key, const char *pin_key)
{
    struct secret *pin = NULL, *so_pin = NULL;
    struct str label = settings_str(c->settings, label_key);

    TRY(settings_secret(c->settings, pin_key, &pin));
    enum err err = ctl_secret(c, "so_pin", &so_pin);
    if (err == E_OK) {
        const struct hsm_admin_token t = { settings_str(c->settings, "hsm.module").p, label.p,
                                           so_pin, pin };
        err = hsm_admin_init_token(&t);
    }
    secret_free(pin);
    secret_free(so_pin);
    if (err == E_CONFLICT) /* it is there already */
        return E_OK;
    if (err == E_OK)
        (void)printf("token %s\n", label.p);
    return err;
}

static enum err wrapping_key(struct ctl *c)
{
    struct str kek = settings_str(c->settings, "hsm.kek");
    struct hsm *h = NULL;

    TRY(hsm_open_token(c->settings, HSM_SIGNING, true, &h));
    enum err err = hsm_admin_create_kek(h, kek);
    if (err == E_OK)
        (void)printf("wrapping key %s\n", kek.p);
    hsm_close(h);
    return err == E_CONFLICT ? E_OK : err;
}

static enum err authorities(struct ctl *c, struct db *db)
{
    struct hsm *ca = NULL, *status = NULL;
    struct str url = settings_str(c->settings, "url.repository");
    const struct authority_plan plan = {
        .organisation = settings_str(c->settings, "provider.name"),
        .country = STR("JP"),
        .repository_url = str_ends(url, STR("/")) ? str_sub(c->arena, url, 0, url.n - 1) : url,
    };

    enum err err = hsm_open_token(c->settings, HSM_CA, true, &ca);
    if (err == E_OK)
        err = hsm_open_token(c->settings, HSM_STATUS, true, &status);
    if (err == E_OK)
        err = seal_key_init(ca, c->arena);
    if (err == E_OK)
        err = authority_work_init(db, ca, status, &plan);
    hsm_close(status);
    hsm_close(ca);
    return err;
}

struct files {
    struct ctl *c;
    const char *dir;
};

/* root.pem for verifiers, client-ca.pem for the web server that checks client certificates. */
static enum err write_anchors(struct tx *tx, void *arg)
{
    const struct files *f = arg;
    struct bytes *anchors, *all;
    size_t n, all_n;
    struct str roots = STR(""), cas = STR("");

    TRY(authority_anchors(tx, &anchors, &n));
    for (size_t i = 0; i < n; i++)
        roots = str_fmt(f->c->arena, "%s%s", roots.p,
                        x509_pem(f->c->arena, "CERTIFICATE", anchors[i]).p);
    TRY(authority_cas(tx, &all, &all_n));
    for (size_t i = 0; i < all_n; i++)
        cas = str_fmt(f->c->arena, "%s%s", cas.p, x509_pem(f->c->arena, "CERTIFICATE", all[i]).p);
    TRY(ctl_write(str_fmt(f->c->arena, "%s/root.pem", f->dir).p, roots, 0644));
    return ctl_write(str_fmt(f->c->arena, "%s/client-ca.pem", f->dir).p, cas, 0644);
}

/* --- the provider's own seals --- */

struct provider_work {
    struct ctl *c;
    struct certificate_id made[SIGNING_PROVIDER__MAX];
    size_t n;
};

static const struct audit_by init_by = { .name = { "shomeictl init", 14 } };

static enum err make_seals(struct tx *tx, void *arg)
{
    struct provider_work *w = arg;
    struct str name = settings_str(w->c->settings, "provider.name");
    struct timestamp now = clock_now();
    struct tenant_id provider;
    enum err err = accounts_admin_provider(tx, &provider);

    if (err == E_ABSENT) {
        fault_clear();
        err = accounts_tenant_create(tx, &init_by, STR("shomei"), name, ACCOUNTS_PROVIDER,
                                     TIMESTAMP_NONE, now, &provider);
    }
    if (err != E_OK)
        return err;
    return signing_provider_make(tx, provider, name, &init_by, now, w->made, &w->n);
}

/* Made with the signing token, issued here at once with the CA's. */
static enum err provider_seals(struct ctl *c, struct db *db)
{
    struct hsm *ca = NULL, *signing = NULL;
    struct provider_work w = { .c = c };
    struct db *side = NULL;

    enum err err = db_open_settings(c->settings, DB_CTL, &side);
    if (err == E_OK)
        err = hsm_open_token(c->settings, HSM_SIGNING, true, &signing);
    if (err == E_OK)
        err = signing_setup(c->settings, side, signing);
    if (err == E_OK)
        err = tx_run(db, c->arena, make_seals, &w);
    if (err == E_OK && w.n > 0)
        err = hsm_open_token(c->settings, HSM_CA, true, &ca);
    for (size_t i = 0; err == E_OK && i < w.n; i++)
        err = authority_work_issue(db, ca, w.made[i]);
    if (err == E_OK && w.n > 0)
        (void)printf("%zu seals of the provider\n", w.n);
    signing_teardown();
    hsm_close(ca);
    hsm_close(signing);
    db_close(side);
    return err;
}

static enum err with_database(struct ctl *c)
{
    struct db *db = NULL;
    struct secret *master = NULL;
    struct files f = { c, ctl_option(c, "--tls") };

    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    enum err err = authorities(c, db);
    if (err == E_OK)
        err = ctl_profile_shipped(c, db);
    if (err == E_OK)
        err = provider_seals(c, db);
    if (err == E_OK && f.dir)
        err = tx_run(db, c->arena, write_anchors, &f);
    db_close(db);
    return err;
}

enum err ctl_init(struct ctl *c)
{
    TRY(token(c, "hsm.ca_label", "hsm.ca_pin_file"));
    TRY(token(c, "hsm.signing_label", "hsm.signing_pin_file"));
    TRY(token(c, "hsm.status_label", "hsm.status_pin_file"));
    TRY(wrapping_key(c));
    TRY(ctl_migrate(c));
    TRY(ctl_grants(c));
    return with_database(c);
}
