/* ctl_tenant.c - `shomeictl tenant`: add a customer or the provider, set the end of a contract. */
#include "main/ctl.h"

#include "features/accounts/accounts.h"
#include "store/db.h"

struct order {
    struct str code, name;
    bool provider, dated;
    struct timestamp contract_end;
};

static const struct audit_by by = { .name = { "shomeictl", 9 } };

static enum err work(struct tx *tx, void *arg)
{
    const struct order *o = arg;
    struct tenant_id id;
    enum err err = accounts_tenant_find(tx, o->code, &id);

    if (err == E_OK) {
        if (!o->dated)
            return FAIL(E_CONFLICT, "", "tenant %s exists", o->code.p);
        return accounts_tenant_contract(tx, &by, id, o->contract_end);
    }
    if (err != E_ABSENT)
        return err;
    fault_clear();
    TRY(accounts_tenant_create(tx, &by, o->code, o->name,
                               o->provider ? ACCOUNTS_PROVIDER : ACCOUNTS_CUSTOMER, o->contract_end,
                               clock_now(), &id));
    (void)printf("tenant %llu\n", (unsigned long long)id.v);
    return E_OK;
}

/* "2027-03-31T15:00:00Z", or "none". */
static enum err parse_end(const char *text, struct order *o)
{
    o->contract_end = TIMESTAMP_NONE;
    if (!text)
        return E_OK;
    o->dated = true;
    return strcmp(text, "none") == 0 ? E_OK
                                     : timestamp_parse_rfc3339(str_z(text), &o->contract_end);
}

enum err ctl_tenant(struct ctl *c)
{
    struct order o = { .provider = ctl_flag(c, "--provider") };
    const char *code, *name = ctl_option(c, "--name");
    struct secret *master = NULL;
    struct db *db = NULL;

    TRY(ctl_required(c, "--code", &code));
    TRY(parse_end(ctl_option(c, "--contract-end"), &o));
    o.code = str_z(code);
    o.name = str_z(name ? name : code);
    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    secret_free(master);
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    enum err err = tx_run(db, c->arena, work, &o);
    db_close(db);
    return err;
}
