/* ctl_tenant.c - `shomeictl tenant`: add a customer or the provider, set the end of a contract. */
#include "main/ctl.h"

#include "features/accounts/accounts.h"
#include "features/customers/customers.h"
#include "store/db.h"

struct order {
    struct str code, name;
    uint32_t services;
    bool provider, dated;
    struct timestamp contract_end;
};

static const struct audit_by by = { .name = { "shomeictl", 9 } };

/* The customer with its services; an administrator is invited by `shomeictl account`. */
static enum err make_customer(struct tx *tx, const struct order *o, struct tenant_id *id)
{
    const struct customers_new n = {
        .code = o->code,
        .terms = { o->name, CUSTOMERS_PROVIDER, clock_now(), o->contract_end, o->services },
        .word = { CUSTOMERS_BY_CONTRACT, STR("shomeictl tenant") },
    };
    struct customers_made made;

    TRY(customers_create(tx, &by, &n, clock_now(), &made));
    *id = made.tenant;
    return E_OK;
}

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
    if (o->provider)
        TRY(accounts_tenant_create(tx, &by, o->code, o->name, ACCOUNTS_PROVIDER, o->contract_end,
                                   clock_now(), &id));
    else
        TRY(make_customer(tx, o, &id));
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

/* "mpki,rs" */
static enum err parse_services(struct arena *a, const char *text, uint32_t *bits)
{
    struct str list = str_z(text ? text : "mpki,rs");

    for (size_t at = 0; at <= list.n;) {
        size_t end = str_find(list, ',', at);
        struct str word = str_sub(a, list, at, end == SIZE_MAX ? list.n : end);
        uint32_t bit = customers_service_from(word);
        if (bit == 0)
            return FAIL(E_INPUT, "", "unknown service: %s", word.p);
        *bits |= bit;
        at = end == SIZE_MAX ? list.n + 1 : end + 1;
    }
    return E_OK;
}

enum err ctl_tenant(struct ctl *c)
{
    struct order o = { .provider = ctl_flag(c, "--provider") };
    const char *code, *name = ctl_option(c, "--name");
    struct secret *master = NULL;
    struct db *db = NULL;

    TRY(ctl_required(c, "--code", &code));
    TRY(parse_end(ctl_option(c, "--contract-end"), &o));
    TRY(parse_services(c->arena, ctl_option(c, "--services"), &o.services));
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
