/* accounts_create.c - new tenants, new people, and the roles that they hold. */
#include "features/accounts/accounts_core.h"
#include "features/accounts/accounts_tasks.h"
#include "features/accounts/accounts_totp.h"

#include "base/json.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"

static bool all_of(struct str s, const char *allowed)
{
    return s.p && strspn(s.p, allowed) == s.n;
}

enum err accounts_tenant_create(struct tx *tx, const struct audit_by *by, struct str code,
                                struct str name, enum accounts_tenant_kind kind,
                                struct timestamp contract_end, struct timestamp now,
                                struct tenant_id *id)
{
    struct json *detail;

    if (code.n < 2 || code.n > 40 || !all_of(code, "abcdefghijklmnopqrstuvwxyz0123456789-"))
        return FAIL(E_INPUT, "tenant-code", "malformed tenant code");
    if (str_empty(name) || utf8_length(name) > 120)
        return FAIL(E_INPUT, "tenant-name", "malformed tenant name");
    TRY(q_tenant_add(tx, code, name, kind == ACCOUNTS_PROVIDER ? STR("provider") : STR("customer"),
                     contract_end, now, id));
    detail = json_new_object();
    json_set_str(detail, "code", code);
    json_set_time(detail, "contract_end", contract_end);
    return audit_note(tx, by, "accounts.tenant.create", "tenant", id->v, detail);
}

enum err accounts_tenant_find(struct tx *tx, struct str code, struct tenant_id *id)
{
    struct q_tenant_by_code q;
    TRY(q_tenant_by_code(tx, code, &q));
    *id = q.id;
    return E_OK;
}

enum err accounts_tenant_contract(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                  struct timestamp contract_end)
{
    struct json *detail = json_new_object();

    json_set_time(detail, "contract_end", contract_end);
    enum err err = q_tenant_set_contract(tx, id, contract_end);
    if (err != E_OK) {
        json_free(detail);
        return err;
    }
    return audit_note(tx, by, "accounts.tenant.contract", "tenant", id.v, detail);
}

static enum err tenant_kind(struct tx *tx, struct tenant_id tenant, enum accounts_tenant_kind *kind)
{
    struct q_tenant_by_id q;
    TRY(q_tenant_by_id(tx, tenant, &q));
    *kind = str_eq_z(q.kind, "provider") ? ACCOUNTS_PROVIDER : ACCOUNTS_CUSTOMER;
    if (!timestamp_is_none(q.ended_at))
        return FAIL(E_STATE, "contract-ended", "tenant %llu has ended",
                    (unsigned long long)tenant.v);
    return E_OK;
}

/* Something before and after one '@', no spaces: the rest is for the mail server to judge. */
static bool email_good(struct str s)
{
    size_t at = str_find(s, '@', 0);
    return s.n >= 3 && s.n <= 254 && at != SIZE_MAX && at > 0 && at + 1 < s.n &&
           str_find(s, '@', at + 1) == SIZE_MAX && str_find(s, ' ', 0) == SIZE_MAX;
}

static enum err judge_new(const struct accounts_new *n, struct str login)
{
    if (login.n < 3 || login.n > 64 || !all_of(login, "abcdefghijklmnopqrstuvwxyz0123456789._@+-"))
        return FAIL(E_INPUT, "login-malformed", "malformed login name");
    if (!email_good(n->email))
        return FAIL(E_INPUT, "email-malformed", "malformed mail address");
    if (str_empty(n->name) || utf8_length(n->name) > 120)
        return FAIL(E_INPUT, "name-malformed", "malformed name");
    if (!str_eq_z(n->lang, "ja") && !str_eq_z(n->lang, "en"))
        return FAIL(E_INPUT, "lang", "unknown language");
    if (n->password) {
        switch (accounts_password_judge(n->password, login, n->email, n->name)) {
        case ACCOUNTS_PASSWORD_GOOD:
            break;
        case ACCOUNTS_PASSWORD_SHORT:
            return FAIL(E_INPUT, "password-short", "password policy");
        case ACCOUNTS_PASSWORD_COMMON:
            return FAIL(E_INPUT, "password-common", "password policy");
        case ACCOUNTS_PASSWORD_SIMILAR:
        case ACCOUNTS_PASSWORD_SAME:
        case ACCOUNTS_PASSWORD_WRONG:
            return FAIL(E_INPUT, "password-similar", "password policy");
        }
    }
    return E_OK;
}

static enum err add_roles(struct tx *tx, struct account_id id, uint32_t roles, const char *family,
                          struct account_id by, struct timestamp now)
{
    for (uint32_t bit = 1; bit & ROLE__ALL; bit <<= 1)
        if (roles & bit)
            TRY(q_account_role_add(tx, id, str_z(role_name(bit)), str_z(family), now, by));
    return E_OK;
}

static struct json *roles_json(uint32_t roles)
{
    struct json *list = json_new_array();
    for (uint32_t bit = 1; bit & ROLE__ALL; bit <<= 1)
        if (roles & bit)
            json_append(list, json_new_str(str_z(role_name(bit))));
    return list;
}

enum err accounts_create(struct tx *tx, const struct audit_by *by, const struct accounts_new *n,
                         struct timestamp now, struct account_id *id)
{
    struct arena *a = tx_arena(tx);
    struct str login = str_lower(a, n->login), hash = STR_ABSENT;
    const char *family = accounts_roles_family(n->roles);
    enum accounts_tenant_kind kind;
    struct audit_entry e;
    struct json *detail;

    TRY(judge_new(n, login));
    if (n->roles == 0)
        return FAIL(E_INPUT, "role-missing", "no role");
    TRY(tenant_kind(tx, n->tenant, &kind));
    TRY(accounts_roles_check(n->roles, kind));
    if (n->password)
        TRY(password_hash(a, secret_bytes(n->password), &hash));
    TRY(q_account_add(tx, n->tenant, login, str_lower(a, n->email), n->name, n->lang, str_z(family),
                      n->password ? STR("active") : STR("invited"), hash, now, id));
    TRY(add_roles(tx, *id, n->roles, family, by->account, now));
    if (n->totp_secret.p)
        TRY(accounts_totp_store(tx, *id, n->totp_secret, now));
    if (!n->password)
        TRY(accounts_mail_order(tx, ACCOUNTS_MAIL_INVITE, *id));
    detail = json_new_object();
    json_set(detail, "roles", roles_json(n->roles));
    json_set_bool(detail, "invited", n->password == NULL);
    e = (struct audit_entry){ .by = *by, .tenant = n->tenant };
    e.by.tenant = n->tenant;
    return audit_note(tx, &e.by, "accounts.account.create", "account", id->v, detail);
}

enum err accounts_roles_set(struct tx *tx, const struct audit_by *by, struct account_id id,
                            uint32_t roles, struct timestamp now)
{
    const char *family = accounts_roles_family(roles);
    enum accounts_tenant_kind kind;
    struct accounts_info was;
    struct json *detail;
    uint64_t changed;

    TRY(accounts_get(tx, (struct tenant_id){ 0 }, id, &was));
    TRY(tenant_kind(tx, was.tenant, &kind));
    TRY(accounts_roles_check(roles, kind));
    if ((was.roles & ROLE_SYSTEM_ADMIN) && !(roles & ROLE_SYSTEM_ADMIN))
        TRY(accounts_admins_remain(tx, id));
    for (uint32_t bit = 1; bit & ROLE__ALL; bit <<= 1)
        if (was.roles & bit & (strcmp(family, accounts_roles_family(was.roles)) ? bit : ~roles))
            TRY(q_account_role_drop(tx, id, str_z(role_name(bit)), &changed));
    if (strcmp(family, accounts_roles_family(was.roles)) != 0) {
        TRY(q_account_set_family(tx, id, str_z(family)));
        was.roles = 0;
    }
    TRY(add_roles(tx, id, roles & ~was.roles, family, by->account, now));
    /* The next request of an open session must not run with rights that are gone: all end. */
    TRY(q_session_end_all(tx, id, 0, now, STR("roles"), &changed));
    detail = json_new_object();
    json_set(detail, "roles", roles_json(roles));
    return audit_note(tx, by, "accounts.account.roles", "account", id.v, detail);
}
