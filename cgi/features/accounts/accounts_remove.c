/* accounts_remove.c - removing people, and inviting them again. */
#include "features/accounts/accounts_admin.h"

#include "features/accounts/accounts_core.h"
#include "features/accounts/accounts_tasks.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"
#include "store/gen/accounts_roster.q.h"

enum err accounts_admin_remove(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                               struct account_id id, struct timestamp now)
{
    struct accounts_info who;

    TRY(accounts_get(tx, scope, id, &who));
    if (by->account.v == id.v)
        return FAIL(E_DENIED, "own-account", "not on the own account");
    if (who.state == ACCOUNTS_CLOSED)
        return FAIL(E_STATE, "already-stopped", "the account is removed already");
    if (who.roles & ROLE_SYSTEM_ADMIN)
        TRY(accounts_admins_remain(tx, id));
    TRY(q_password_link_drop(tx, id, now));
    TRY(accounts_move(tx, by, id, who.tenant, who.state, ACCOUNTS_CLOSED, "",
                      "accounts.account.remove", now));
    return accounts_mail_order(tx, ACCOUNTS_MAIL_REMOVED, id);
}

enum err accounts_admin_reopen(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                               struct account_id id, struct timestamp now)
{
    struct accounts_from from = { .request = by->request, .now = now };
    struct accounts_tenant tenant;
    struct accounts_info who;
    uint64_t changed;

    TRY(accounts_get(tx, scope, id, &who));
    TRY(accounts_admin_tenant(tx, who.tenant, &tenant));
    if (!timestamp_is_none(tenant.ended_at))
        return FAIL(E_STATE, "contract-ended", "the contract has ended (P3-145)");
    TRY(q_account_reopen(tx, who.tenant, id, now, &changed));
    if (changed == 0)
        return FAIL(E_STATE, "not-removed", "the account is not removed");
    TRY(q_totp_remove(tx, id, &changed));
    TRY(q_recovery_drop(tx, id));
    TRY(accounts_event_add(tx, &from, id, "reopened"));
    TRY(accounts_mail_order(tx, ACCOUNTS_MAIL_INVITE, id));
    return audit_note(tx, by, "accounts.account.reopen", "account", id.v, NULL);
}

enum err accounts_admin_certificates(struct tx *tx, struct tenant_id tenant, struct account_id id,
                                     struct timestamp now, struct accounts_certificate **rows,
                                     size_t *n)
{
    struct q_account_certificates *q;

    TRY(q_account_certificates(tx, tenant, id, now, ACCOUNTS_CERTIFICATES_SHOWN, &q, n));
    *rows = ARENA_ARRAY(tx_arena(tx), *n, struct accounts_certificate);
    for (size_t i = 0; i < *n; i++)
        (*rows)[i] = (struct accounts_certificate){ q[i].id, q[i].subject,
                                                    str_eq_z(q[i].state, "suspended"), q[i].until };
    return E_OK;
}
