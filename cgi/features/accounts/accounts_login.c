/* accounts_login.c - the two steps of signing in, and counting what fails. */
#include "features/accounts/accounts_core.h"
#include "features/accounts/accounts_tasks.h"
#include "features/accounts/accounts_totp.h"

#include "base/json.h"
#include "base/log.h"
#include "store/db.h"
#include "store/gen/accounts.q.h"

enum err accounts_event_add(struct tx *tx, const struct accounts_from *from,
                            struct account_id account, const char *kind)
{
    struct arena *a = tx_arena(tx);
    return q_login_event_add(tx, account, from->now, str_z(kind),
                             from->address.p ? from->address : STR(""),
                             accounts_cut(a, from->user_agent, 255));
}

/* A row of the audit log about a refused or special step of sign-in. */
static enum err note(struct tx *tx, const struct accounts_from *from,
                     const struct accounts_failing *f, const char *action,
                     enum audit_outcome outcome)
{
    struct arena *a = tx_arena(tx);
    struct audit_entry e = { .by = accounts_by(from, f->account, f->tenant, f->name),
                             .action = action,
                             .object_kind = "account",
                             .object = audit_id(a, f->account.v),
                             .outcome = outcome };
    return audit_write(tx, &e);
}

/* The last failure that is allowed: the account stops until somebody releases it (P3-141). */
static enum err lock(struct tx *tx, const struct accounts_from *from,
                     const struct accounts_failing *f)
{
    uint64_t changed, ended;
    struct accounts_info who;

    TRY(q_account_set_state(tx, f->account, STR("active"), STR("locked"), STR("failures"),
                            from->now, &changed));
    if (changed == 0)
        return E_OK;
    TRY(q_session_end_all(tx, f->account, 0, from->now, STR("locked"), &ended));
    TRY(accounts_event_add(tx, from, f->account, "locked"));
    TRY(note(tx, from, f, "accounts.account.lock", AUDIT_OK));
    TRY(accounts_get(tx, (struct tenant_id){ 0 }, f->account, &who));
    if (who.roles & ROLE_SYSTEM_ADMIN)
        log_warning("a system administrator was locked: are two active ones left? (P3-64)");
    return accounts_mail_order(tx, ACCOUNTS_MAIL_LOCKED, f->account);
}

enum err accounts_failure(struct tx *tx, const struct accounts_from *from,
                          const struct accounts_failing *f, const char *kind)
{
    /* Not for stopped accounts: their count starts anew when they are released. */
    struct account_id counted = f->active ? f->account : (struct account_id){ 0 };

    TRY(q_account_failed(tx, counted, from->now));
    TRY(accounts_event_add(tx, from, f->account, kind));
    TRY(note(tx, from, f,
             strcmp(kind, "code-failure") == 0 ? "accounts.login.code" : "accounts.login.password",
             AUDIT_REFUSED));
    if (f->active && f->failed + 1 >= accounts_config()->failures_max)
        return lock(tx, from, f);
    return E_OK;
}

enum err accounts_login_complete(struct tx *tx, const struct accounts_from *from,
                                 const struct accounts_login *l)
{
    struct audit_by by = accounts_by(from, l->account, l->tenant, l->name);
    struct json *detail = json_new_object();

    json_set_bool(detail, "second_factor", l->second_factor);
    TRY(q_account_signed_in(tx, l->account, from->now));
    TRY(accounts_event_add(tx, from, l->account, "signed-in"));
    return audit_note(tx, &by, "accounts.session.begin", "account", l->account.v, detail);
}

/* Password right, more to come: an audit row of its own, since the password was proved. */
static enum err half_way(struct tx *tx, const struct accounts_from *from,
                         const struct accounts_login *l)
{
    struct audit_by by = accounts_by(from, l->account, l->tenant, l->name);
    return audit_note(tx, &by, "accounts.login.password", "account", l->account.v, NULL);
}

enum err accounts_login_password(struct tx *tx, const struct accounts_from *from, struct str login,
                                 const struct secret *password, struct accounts_login *out)
{
    struct arena *a = tx_arena(tx);
    struct q_account_auth q = { .id = { 0 } };
    enum err err = q_account_auth(tx, str_lower(a, str_trim(a, accounts_cut(a, login, 254))), &q);
    bool staff;

    *out = (struct accounts_login){ .step = ACCOUNTS_REFUSED };
    if (err != E_OK && err != E_ABSENT)
        return err;
    bool active = err == E_OK && str_eq_z(q.state, "active");
    /* Always one Argon2id run: with no usable account it is over a dummy hash (crypto.h). */
    err = password_verify(active ? q.password : STR_ABSENT, secret_bytes(password));
    if (err != E_OK && err != E_AUTH)
        return err;
    if (err == E_AUTH) {
        fault_clear();
        return accounts_failure(
            tx, from, &(struct accounts_failing){ q.id, q.tenant, q.name, active, q.failed },
            "password-failure");
    }
    staff = !str_eq_z(q.family, "customer");
    *out = (struct accounts_login){ .step = q.totp  ? ACCOUNTS_CODE
                                            : staff ? ACCOUNTS_ENROL
                                                    : ACCOUNTS_IN,
                                    .account = q.id,
                                    .tenant = q.tenant,
                                    .name = q.name };
    return out->step == ACCOUNTS_IN ? accounts_login_complete(tx, from, out)
                                    : half_way(tx, from, out);
}

enum err accounts_login_code(struct tx *tx, const struct accounts_from *from,
                             struct account_id account, struct str code, struct accounts_login *out)
{
    struct q_account_auth_by_id q;
    struct str digits = accounts_totp_clean(tx_arena(tx), code);
    bool right = false, active;

    TRY(q_account_auth_by_id(tx, account, &q)); /* the lock makes guesses queue up */
    *out = (struct accounts_login){
        .step = ACCOUNTS_REFUSED, .account = q.id, .tenant = q.tenant, .name = q.name
    };
    active = str_eq_z(q.state, "active");
    if (active && digits.p)
        TRY(accounts_totp_check(tx, account, digits, from->now, NULL, &right));
    else if (active)
        TRY(accounts_recovery_check(tx, account, code, from->now, &right));
    if (!right)
        return accounts_failure(
            tx, from, &(struct accounts_failing){ q.id, q.tenant, q.name, active, q.failed },
            "code-failure");
    if (!digits.p) {
        TRY(accounts_event_add(tx, from, account, "recovery-code"));
        TRY(accounts_mail_order(tx, ACCOUNTS_MAIL_SECOND, account));
    }
    out->step = ACCOUNTS_IN;
    out->second_factor = true;
    return accounts_login_complete(tx, from, out);
}

enum err accounts_verify_totp(struct tx *tx, const struct audit_by *by, struct account_id account,
                              struct str code, struct timestamp now, bool *right)
{
    struct accounts_from from = { .address = by->address, .request = by->request, .now = now };
    struct str digits = accounts_totp_clean(tx_arena(tx), code);
    struct q_account_auth_by_id q;
    bool enrolled = false, active;

    *right = false;
    TRY(q_account_auth_by_id(tx, account, &q));
    active = str_eq_z(q.state, "active");
    TRY(accounts_totp_check(tx, account, digits.p ? digits : STR(""), now, &enrolled, right));
    if (!enrolled)
        return FAIL(E_STATE, "totp-not-enrolled", "no second factor");
    *right = *right && active;
    if (*right)
        return E_OK;
    return accounts_failure(tx, &from,
                            &(struct accounts_failing){ q.id, q.tenant, q.name, active, q.failed },
                            "code-failure");
}
