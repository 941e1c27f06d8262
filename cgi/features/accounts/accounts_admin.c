/* accounts_admin.c - administrators' view of people, and what they may do with them. */
#include "features/accounts/accounts_admin.h"

#include "base/json.h"
#include "features/accounts/accounts_core.h"
#include "features/accounts/accounts_tasks.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"

#define RESUMED_AT_ONCE 1000

/* Beginning of a text for LIKE ... ESCAPE '|'; empty stays empty. */
static struct str beginning(struct arena *a, struct str q)
{
    struct buf b = buf_init(1024);
    struct str out = STR("");

    q = accounts_cut(a, q, 100);
    for (size_t i = 0; i < q.n; i++) {
        if (q.p[i] == '|' || q.p[i] == '%' || q.p[i] == '_')
            buf_add_char(&b, '|');
        buf_add_char(&b, q.p[i]);
    }
    if (q.n)
        buf_add_char(&b, '%');
    if (buf_to_str(&b, a, &out) != E_OK)
        out = STR("");
    buf_free(&b);
    return out;
}

#define INFO(a, q, f)                                                                              \
    ((struct accounts_info){ .id = (q)->id,                                                        \
                             .tenant = (f)->tenant,                                                \
                             .login = (q)->login,                                                  \
                             .name = (q)->name,                                                    \
                             .email = (q)->email,                                                  \
                             .state = accounts_state_from((q)->state),                             \
                             .login_at = (q)->login_at,                                            \
                             .roles = accounts_roles_from((a), (q)->roles),                        \
                             .totp = (q)->totp })

/* `...` is the parameters between state and limit. */
#define LIST(order, ...)                                                                           \
    do {                                                                                           \
        struct q_account_list_##order *q;                                                          \
        TRY(q_account_list_##order(__VA_ARGS__, per_page, offset, &q, n));                         \
        *rows = ARENA_ARRAY(a, *n, struct accounts_info);                                          \
        for (size_t i = 0; i < *n; i++)                                                            \
            (*rows)[i] = INFO(a, &q[i], f);                                                        \
    } while (0)

static enum err count(struct tx *tx, const struct accounts_filter *f, struct str text,
                      struct str state, struct str role, uint64_t *total)
{
    struct q_account_count all;
    struct q_account_count_role holders;

    if (str_empty(role)) {
        TRY(q_account_count(tx, f->tenant, text, state, ACCOUNTS_COUNT_MAX + 1, &all));
        *total = all.n;
        return E_OK;
    }
    TRY(q_account_count_role(tx, f->tenant, text, state, role, ACCOUNTS_COUNT_MAX + 1, &holders));
    *total = holders.n;
    return E_OK;
}

enum err accounts_admin_list(struct tx *tx, const struct accounts_filter *f, uint32_t page,
                             uint32_t per_page, struct accounts_info **rows, size_t *n,
                             uint64_t *total)
{
    struct arena *a = tx_arena(tx);
    struct str text = beginning(a, str_lower(a, f->q));
    struct str state = f->state < 0 ? STR("") : str_z(accounts_state_name((unsigned)f->state));
    struct str role = f->role ? str_z(role_name(f->role)) : STR("");
    uint32_t offset = (page > 0 ? page - 1 : 0) * per_page;

    TRY(count(tx, f, text, state, role, total));
    if (f->role)
        LIST(role, tx, f->tenant, text, state, role);
    else if (f->sort == ACCOUNTS_BY_NAME_DOWN)
        LIST(name_down, tx, f->tenant, text, state);
    else if (f->sort == ACCOUNTS_BY_SEEN)
        LIST(seen, tx, f->tenant, text, state);
    else if (f->sort == ACCOUNTS_BY_SEEN_DOWN)
        LIST(seen_down, tx, f->tenant, text, state);
    else
        LIST(name, tx, f->tenant, text, state);
    return E_OK;
}

enum err accounts_admin_provider(struct tx *tx, struct tenant_id *id)
{
    struct q_tenant_provider q;
    TRY(q_tenant_provider(tx, &q));
    *id = q.id;
    return E_OK;
}

enum err accounts_admin_tenant(struct tx *tx, struct tenant_id id, struct accounts_tenant *out)
{
    struct q_tenant_by_id q;
    TRY(q_tenant_by_id(tx, id, &q));
    *out = (struct accounts_tenant){
        .id = id,
        .code = q.code,
        .name = q.name,
        .kind = str_eq_z(q.kind, "provider") ? ACCOUNTS_PROVIDER : ACCOUNTS_CUSTOMER,
        .contract_end = q.contract_end,
        .ended_at = q.ended_at,
    };
    return E_OK;
}

enum err accounts_move(struct tx *tx, const struct audit_by *by, struct account_id id,
                       struct tenant_id tenant, enum accounts_state was, enum accounts_state state,
                       const char *reason, const char *action, struct timestamp now)
{
    struct accounts_from from = { .address = by->address, .request = by->request, .now = now };
    struct arena *a = tx_arena(tx);
    struct audit_entry e = { .by = *by,
                             .tenant = tenant,
                             .action = action,
                             .object_kind = "account",
                             .object = audit_id(a, id.v) };
    uint64_t changed, ended;

    TRY(q_account_set_state(tx, id, str_z(accounts_state_name(was)),
                            str_z(accounts_state_name(state)), str_z(reason), now, &changed));
    if (changed == 0)
        return FAIL(E_CONFLICT, "", "the account was changed meanwhile");
    if (state != ACCOUNTS_ACTIVE)
        TRY(q_session_end_all(tx, id, 0, now, str_z(accounts_state_name(state)), &ended));
    from.address = STR_ABSENT; /* the administrator's address is not the person's business */
    TRY(accounts_event_add(tx, &from, id,
                           state == ACCOUNTS_ACTIVE || state == ACCOUNTS_INVITED
                               ? (was == ACCOUNTS_LOCKED ? "unlocked" : "resumed")
                               : accounts_state_name(state)));
    if (reason[0])
        e.detail = str_fmt(a, "{\"reason\":\"%s\"}", reason);
    return audit_write(tx, &e);
}

/* Find within scope; nobody acts on the own account, and nobody outside the provider on staff. */
static enum err find(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                     struct account_id id, struct accounts_info *who)
{
    TRY(accounts_get(tx, scope, id, who));
    if (by->account.v == id.v)
        return FAIL(E_DENIED, "own-account", "not on the own account");
    return E_OK;
}

enum err accounts_admin_unlock(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                               struct account_id id, struct timestamp now)
{
    struct accounts_info who;
    TRY(find(tx, by, scope, id, &who));
    if (who.state != ACCOUNTS_LOCKED)
        return FAIL(E_STATE, "not-locked", "the account is not locked");
    return accounts_move(tx, by, id, who.tenant, ACCOUNTS_LOCKED, ACCOUNTS_ACTIVE, "",
                         "accounts.account.unlock", now);
}

enum err accounts_admin_suspend(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                                struct account_id id, const char *reason, struct timestamp now)
{
    struct accounts_info who;

    TRY(find(tx, by, scope, id, &who));
    if (who.state == ACCOUNTS_SUSPENDED || who.state == ACCOUNTS_CLOSED)
        return FAIL(E_STATE, "already-stopped", "the account is stopped already");
    if (who.roles & ROLE_SYSTEM_ADMIN)
        TRY(accounts_admins_remain(tx, id));
    TRY(accounts_move(tx, by, id, who.tenant, who.state, ACCOUNTS_SUSPENDED, reason,
                      "accounts.account.suspend", now));
    return accounts_mail_order(tx, ACCOUNTS_MAIL_SUSPENDED, id);
}

enum err accounts_admin_resume(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                               struct account_id id, struct timestamp now)
{
    struct accounts_tenant tenant;
    struct accounts_info who;

    TRY(find(tx, by, scope, id, &who));
    if (who.state != ACCOUNTS_SUSPENDED)
        return FAIL(E_STATE, "not-suspended", "the account is not suspended");
    TRY(accounts_admin_tenant(tx, who.tenant, &tenant));
    if (!timestamp_is_none(tenant.ended_at))
        return FAIL(E_STATE, "contract-ended", "the contract has ended (P3-145)");
    /* login_at would make the sleeper dormant again at once: set_state forgets the warning. */
    return accounts_move(tx, by, id, who.tenant, ACCOUNTS_SUSPENDED,
                         timestamp_is_none(who.password_at) ? ACCOUNTS_INVITED : ACCOUNTS_ACTIVE,
                         "", "accounts.account.resume", now);
}

enum err accounts_tenant_resume(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                struct timestamp now, uint64_t *resumed)
{
    struct q_account_stopped *q;
    struct accounts_tenant tenant;
    size_t n;

    *resumed = 0;
    TRY(accounts_admin_tenant(tx, id, &tenant));
    if (!timestamp_is_none(tenant.ended_at))
        return FAIL(E_STATE, "contract-ended", "the contract has ended (P3-145)");
    TRY(q_account_stopped(tx, id, RESUMED_AT_ONCE, &q, &n));
    for (size_t i = 0; i < n; i++)
        TRY(accounts_move(tx, by, q[i].id, id, ACCOUNTS_SUSPENDED,
                          timestamp_is_none(q[i].password_at) ? ACCOUNTS_INVITED : ACCOUNTS_ACTIVE,
                          "", "accounts.account.resume", now));
    *resumed = n;
    return E_OK;
}

enum err accounts_admin_profile(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                                struct account_id id, struct str name, struct str email,
                                struct timestamp now)
{
    struct accounts_info who;
    struct json *detail;

    TRY(accounts_get(tx, scope, id, &who));
    TRY(q_account_set_profile(tx, who.tenant, id, name, str_lower(tx_arena(tx), email)));
    if (!str_eq_ci(email, who.email)) {
        TRY(q_password_link_drop(tx, id, now)); /* it lies in the old mailbox */
        if (who.state != ACCOUNTS_INVITED)
            TRY(accounts_mail_order_address(tx, id, who.email));
    }
    detail = json_new_object();
    json_set_bool(detail, "name", !str_eq(name, who.name));
    json_set_bool(detail, "email", !str_eq_ci(email, who.email));
    return audit_note(tx, by, "accounts.account.profile", "account", id.v, detail);
}

enum err accounts_admin_link(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                             struct account_id id)
{
    struct accounts_info who;

    TRY(accounts_get(tx, scope, id, &who));
    if (who.state != ACCOUNTS_INVITED && who.state != ACCOUNTS_ACTIVE)
        return FAIL(E_STATE, "already-stopped", "the account is stopped");
    TRY(accounts_mail_order(
        tx, who.state == ACCOUNTS_INVITED ? ACCOUNTS_MAIL_INVITE : ACCOUNTS_MAIL_RESET, id));
    return audit_note(tx, by, "accounts.account.link", "account", id.v, NULL);
}

enum err accounts_admin_second_reset(struct tx *tx, const struct audit_by *by,
                                     struct tenant_id scope, struct account_id id,
                                     struct timestamp now)
{
    struct accounts_from from = { .request = by->request, .now = now };
    struct arena *a = tx_arena(tx);
    struct accounts_info who;
    struct audit_entry e = { .by = *by,
                             .action = "accounts.totp.reset",
                             .object_kind = "account",
                             .object = audit_id(a, id.v) };
    uint64_t changed;

    TRY(find(tx, by, scope, id, &who));
    e.tenant = who.tenant;
    TRY(q_totp_remove(tx, id, &changed));
    if (changed == 0)
        return FAIL(E_STATE, "totp-not-enrolled", "no second factor");
    TRY(q_recovery_drop(tx, id));
    TRY(q_session_end_all(tx, id, 0, now, STR("second-factor"), &changed));
    TRY(accounts_event_add(tx, &from, id, "second-factor-removed"));
    TRY(accounts_mail_order(tx, ACCOUNTS_MAIL_SECOND, id));
    return audit_write(tx, &e);
}
