/*
 * ctl_account.c - `shomeictl account`: the first people of an installation, staff roles, and the
 * way back in when nobody is left who could unlock. Passwords are never given here: people are
 * invited by mail and choose their own.
 */
#include "main/ctl.h"

#include "features/accounts/accounts_admin.h"
#include "store/db.h"

struct order {
    struct ctl *c;
    struct str login;
    enum err (*run)(struct tx *tx, const struct order *o);
};

static const struct audit_by by = { .name = { "shomeictl", 9 } };
static const struct tenant_id all = { 0 };

/* "support,privacy_desk" */
static enum err parse_roles(struct ctl *c, uint32_t *roles)
{
    const char *text;
    struct str list;

    TRY(ctl_required(c, "--roles", &text));
    list = str_z(text);
    *roles = 0;
    for (size_t from = 0; from <= list.n;) {
        size_t comma = str_find(list, ',', from), to = comma == SIZE_MAX ? list.n : comma;
        struct str word = str_sub(c->arena, list, from, to);
        if (role_from_name(word) == 0)
            return FAIL(E_INPUT, "", "no role %s", word.p);
        *roles |= role_from_name(word);
        from = to + 1;
    }
    return E_OK;
}

static enum err invite(struct tx *tx, const struct order *o)
{
    const char *tenant, *name, *email, *lang = ctl_option(o->c, "--lang");
    struct accounts_new n = { .login = o->login, .lang = str_z(lang ? lang : "ja") };
    struct account_id id;

    TRY(ctl_required(o->c, "--tenant", &tenant));
    TRY(ctl_required(o->c, "--name", &name));
    TRY(ctl_required(o->c, "--email", &email));
    TRY(parse_roles(o->c, &n.roles));
    n.name = str_z(name);
    n.email = str_z(email);
    TRY(accounts_tenant_find(tx, str_z(tenant), &n.tenant));
    TRY(accounts_create(tx, &by, &n, clock_now(), &id));
    (void)printf("account %llu, invited by mail\n", (unsigned long long)id.v);
    return E_OK;
}

static enum err show(struct tx *tx, const struct order *o)
{
    static const char *const states[] = { "invited", "active", "locked", "suspended", "closed" };
    struct accounts_info who;

    TRY(accounts_find(tx, o->login, &who));
    (void)printf("account %llu %s (%s), %s: %s%s%s, second factor %s, roles:",
                 (unsigned long long)who.id.v, who.login.p, who.name.p, who.tenant_name.p,
                 who.state < ACCOUNTS_STATE__MAX ? states[who.state] : "?",
                 who.state_reason.n ? " by " : "", who.state_reason.p, who.totp ? "yes" : "no");
    for (uint32_t bit = 1; bit & ROLE__ALL; bit <<= 1)
        if (who.roles & bit)
            (void)printf(" %s", role_name(bit));
    (void)printf("\n");
    return E_OK;
}

static enum err unlock(struct tx *tx, const struct order *o)
{
    struct accounts_info who;
    TRY(accounts_find(tx, o->login, &who));
    return accounts_admin_unlock(tx, &by, all, who.id, clock_now());
}

static enum err second_reset(struct tx *tx, const struct order *o)
{
    struct accounts_info who;
    TRY(accounts_find(tx, o->login, &who));
    return accounts_admin_second_reset(tx, &by, all, who.id, clock_now());
}

static enum err set_roles(struct tx *tx, const struct order *o)
{
    struct accounts_info who;
    uint32_t wanted;
    TRY(parse_roles(o->c, &wanted));
    TRY(accounts_find(tx, o->login, &who));
    return accounts_roles_set(tx, &by, who.id, wanted, clock_now());
}

static const struct {
    const char *verb;
    enum err (*run)(struct tx *tx, const struct order *o);
} verbs[] = {
    { "invite", invite },   { "show", show },
    { "unlock", unlock },   { "second-factor-reset", second_reset },
    { "roles", set_roles },
};

static enum err work(struct tx *tx, void *arg)
{
    const struct order *o = arg;
    return o->run(tx, o);
}

static enum err init_slices(struct ctl *c)
{
    struct secret *master = NULL;

    TRY(settings_secret(c->settings, "http.secret_file", &master));
    audit_init(master);
    accounts_init(&(struct accounts_config){
        .master = master, .portal_url = settings_str(c->settings, "url.portal") });
    secret_free(master);
    return E_OK;
}

enum err ctl_account(struct ctl *c)
{
    struct order o = { .c = c };
    struct db *db = NULL;

    for (size_t i = 0; c->argc > 0 && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(c->argv[0], verbs[i].verb) == 0)
            o.run = verbs[i].run;
    if (!o.run || c->argc < 2)
        return FAIL(E_INPUT, "",
                    "say invite, show, unlock, roles or second-factor-reset, and LOGIN");
    o.login = str_z(c->argv[1]);
    TRY(init_slices(c));
    TRY(db_open_settings(c->settings, DB_CTL, &db));
    enum err err = tx_run(db, c->arena, work, &o);
    db_close(db);
    return err;
}
