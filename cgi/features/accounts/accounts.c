/* accounts.c - configuration, words of states and roles, finding people. */
#include "features/accounts/accounts_core.h"

#include "base/log.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"

#include <stdlib.h>

static struct accounts_config config;
static struct secret *totp_key, *recovery_key;

void accounts_init(const struct accounts_config *c)
{
    struct bytes master = secret_bytes(c->master);

    config = *c;
    config.master = NULL;
    config.failures_max = c->failures_max ? c->failures_max : 10;
    config.idle_minutes = c->idle_minutes ? c->idle_minutes : 30;
    config.absolute_hours = c->absolute_hours ? c->absolute_hours : 12;
    config.dormant_days = c->dormant_days ? c->dormant_days : 180;
    config.dormant_warn_days = c->dormant_warn_days ? c->dormant_warn_days : 14;
    secret_free(totp_key);
    secret_free(recovery_key);
    totp_key = hkdf_sha256(master, STR("shomei accounts totp v1"), 32);
    recovery_key = hkdf_sha256(master, STR("shomei accounts recovery v1"), 32);
}

const struct accounts_config *accounts_config(void)
{
    if (!totp_key) {
        log_error("accounts_init() was not called");
        abort();
    }
    return &config;
}

const struct secret *accounts_totp_key(void)
{
    (void)accounts_config();
    return totp_key;
}

const struct secret *accounts_recovery_key(void)
{
    (void)accounts_config();
    return recovery_key;
}

static const char *const state_names[] = { "invited", "active", "locked", "suspended", "closed" };
_Static_assert(sizeof(state_names) / sizeof(state_names[0]) == ACCOUNTS_STATE__MAX, "states");

const char *accounts_state_name(enum accounts_state s)
{
    return (unsigned)s < ACCOUNTS_STATE__MAX ? state_names[s] : "closed";
}

enum accounts_state accounts_state_from(struct str word)
{
    for (unsigned i = 0; i < ACCOUNTS_STATE__MAX; i++)
        if (str_eq_z(word, state_names[i]))
            return (enum accounts_state)i;
    return ACCOUNTS_STATE__MAX;
}

uint32_t accounts_roles_from(struct arena *a, struct str list)
{
    uint32_t roles = 0;
    size_t from = 0;
    while (from < list.n) {
        size_t comma = str_find(list, ',', from);
        size_t to = comma == SIZE_MAX ? list.n : comma;
        roles |= role_from_name(str_sub(a, list, from, to));
        from = to + 1;
    }
    return roles;
}

/* The same families as the schema's account_role_separation. */
const char *accounts_roles_family(uint32_t roles)
{
    const uint32_t customer =
        ROLE_END_USER | ROLE_CUSTOMER_ADMIN | ROLE_LRA_OPERATOR | ROLE_DESIGNATED_OPERATOR;
    const uint32_t apart = ROLE_SERVICE_MANAGER | ROLE_AUDITOR;

    if (roles == 0 || (roles & ~(uint32_t)ROLE__ALL))
        return NULL;
    if (roles == ROLE_SERVICE_MANAGER)
        return "service_manager";
    if (roles == ROLE_AUDITOR)
        return "auditor";
    if ((roles & ~customer) == 0)
        return "customer";
    if ((roles & (customer | apart)) != 0)
        return NULL;
    /* P3-63: the operations assistant has no system rights, so holds no role that has them. */
    if ((roles & ROLE_OPERATIONS_ASSISTANT) && (roles & (ROLE_SYSTEM_ADMIN | ROLE_SYSTEM_MANAGER)))
        return NULL;
    return "staff";
}

enum err accounts_roles_check(uint32_t roles, enum accounts_tenant_kind kind)
{
    const char *family = accounts_roles_family(roles);
    bool customer = family && strcmp(family, "customer") == 0;

    if (!family)
        return FAIL(E_STATE, "roles-exclusive", "roles 0x%x exclude each other (P3-66)", roles);
    if (customer != (kind == ACCOUNTS_CUSTOMER))
        return FAIL(E_STATE, "roles-tenant", "roles 0x%x do not fit the tenant's kind", roles);
    return E_OK;
}

enum err accounts_get(struct tx *tx, struct tenant_id tenant, struct account_id id,
                      struct accounts_info *out)
{
    struct q_account_by_id q;
    TRY(q_account_by_id(tx, tenant.v, id, &q));
    *out = (struct accounts_info){ .id = q.id,
                                   .tenant = q.tenant,
                                   .tenant_name = q.tenant_name,
                                   .login = q.login,
                                   .email = q.email,
                                   .name = q.name,
                                   .lang = q.lang,
                                   .state = accounts_state_from(q.state),
                                   .state_reason = q.state_reason,
                                   .state_at = q.state_at,
                                   .created_at = q.created_at,
                                   .login_at = q.login_at,
                                   .password_at = q.password_at,
                                   .roles = accounts_roles_from(tx_arena(tx), q.roles),
                                   .failed = q.failed,
                                   .totp = q.totp };
    return E_OK;
}

enum err accounts_find(struct tx *tx, struct str login, struct accounts_info *out)
{
    struct q_account_by_login q;
    TRY(q_account_by_login(tx, str_lower(tx_arena(tx), login), &q));
    return accounts_get(tx, (struct tenant_id){ 0 }, q.id, out);
}

struct audit_by accounts_by(const struct accounts_from *from, struct account_id account,
                            struct tenant_id tenant, struct str name)
{
    return (struct audit_by){ .tenant = tenant,
                              .account = account,
                              .name = name,
                              .address = from->address,
                              .request = from->request };
}

struct str accounts_cut(struct arena *a, struct str s, size_t n)
{
    size_t at = 0;
    if (!s.p || !utf8_valid(s.p, s.n))
        return STR("");
    if (s.n <= n || utf8_length(s) <= n)
        return s;
    for (size_t i = 0; i < n; i++)
        (void)utf8_next(s, &at);
    return str_sub(a, s, 0, at);
}

enum err accounts_admins_remain(struct tx *tx, struct account_id leaving)
{
    struct q_system_admins *admins;
    size_t n, left = 0;
    bool is_one = false;

    TRY(q_system_admins(tx, &admins, &n));
    for (size_t i = 0; i < n; i++) {
        if (admins[i].id.v == leaving.v)
            is_one = true;
        else
            left++;
    }
    if (is_one && left < 2)
        return FAIL(E_STATE, "system-admins", "only %zu system administrators would remain (P3-64)",
                    left);
    return E_OK;
}
