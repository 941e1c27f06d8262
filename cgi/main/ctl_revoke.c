/*
 * ctl_revoke.c - `shomeictl revoke`: end or suspend a certificate at once, when there is no time
 * for pages: a lost connection key (P3-47), a stopped use (P3-136).
 */
#include "main/ctl.h"

#include "base/clock.h"
#include "features/audit/audit.h"
#include "features/authority/authority.h"
#include "pki/crl.h"
#include "store/db.h"
#include "store/wake.h"

struct order {
    struct str pem;
    uint32_t reason;
    bool release;
};

static enum err reason_of(const char *name, uint32_t *out)
{
    for (uint32_t i = 0; name && i <= CRL_AA_COMPROMISE; i++)
        if (crl_reason_name(i) && strcmp(name, crl_reason_name(i)) == 0) {
            *out = i;
            return E_OK;
        }
    if (!name)
        return E_OK;
    (void)fprintf(stderr, "shomeictl: reasons are keyCompromise, affiliationChanged, superseded, "
                          "cessationOfOperation, certificateHold, privilegeWithdrawn\n");
    return FAIL(E_INPUT, "bad-reason", "reason %s", name);
}

static enum err change(struct tx *tx, void *arg)
{
    const struct order *o = arg;
    const struct audit_by by = { .name = STR("shomeictl") };
    struct authority_certificate c;

    TRY(authority_find(tx, o->pem, &c));
    TRY(o->release ? authority_release(tx, c.tenant, c.id)
                   : authority_revoke(tx, c.tenant, c.id, o->reason, clock_now()));
    const struct audit_entry e = {
        .by = by,
        .tenant = c.tenant,
        .action = o->release ? "authority.certificate.release" : "authority.certificate.revoke",
        .object_kind = "certificate",
        .object = audit_id(tx_arena(tx), c.id.v),
        .detail = str_fmt(tx_arena(tx), "{\"serial\":\"%s\",\"reason\":%u}", c.serial.p, o->reason)
    };
    (void)printf("%s %s\n", c.serial.p, o->release ? "released" : crl_reason_name(o->reason));
    return audit_write(tx, &e);
}

enum err ctl_revoke(struct ctl *c)
{
    struct order o = { .release = ctl_flag(c, "--release") };
    struct db *db = NULL;
    struct secret *master = NULL;
    const char *path;

    TRY(ctl_required(c, "--cert", &path));
    TRY(reason_of(ctl_option(c, "--reason"), &o.reason));
    TRY(ctl_read(c, path, &o.pem));
    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    TRY(wake_open_all(settings_str(c->settings, "run_dir").p));
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    enum err err = tx_run(db, c->arena, change, &o);
    db_close(db);
    return err;
}
