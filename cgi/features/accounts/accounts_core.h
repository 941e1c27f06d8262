/*
 * accounts_core.h - what the rule files of the slice share. Private to the slice.
 */
#pragma once

#include "base/crypto.h"
#include "features/accounts/accounts.h"
#include "features/accounts/accounts_self.h"

/* The process's configuration with the defaults filled in. Aborts before accounts_init(): our
 * mistake. */
const struct accounts_config *accounts_config(void);
/* Key of the stored one-time-code secrets, and of the recovery codes' hashes. */
const struct secret *accounts_totp_key(void);
const struct secret *accounts_recovery_key(void);

/* "active" ...; ACCOUNTS_STATE__MAX for another word. */
const char *accounts_state_name(enum accounts_state s);
enum accounts_state accounts_state_from(struct str word);
/* Bits of a comma-separated list of role names, as GROUP_CONCAT makes it. */
uint32_t accounts_roles_from(struct arena *a, struct str list);
/* The family that holds all of `roles`; NULL when none does. */
const char *accounts_roles_family(uint32_t roles);

/* `now` and where from, as the audit wants it. */
struct audit_by accounts_by(const struct accounts_from *from, struct account_id account,
                            struct tenant_id tenant, struct str name);
/* At most n characters of text from outside; "" when it is absent or no UTF-8. */
struct str accounts_cut(struct arena *a, struct str s, size_t n);
/* A line of the person's own history. */
enum err accounts_event_add(struct tx *tx, const struct accounts_from *from,
                            struct account_id account, const char *kind) MUST_CHECK;

/* Who failed, read under lock. */
struct accounts_failing {
    struct account_id account; /* 0: unknown; the same statements run without effect */
    struct tenant_id tenant;
    struct str name;
    bool active;
    uint32_t failed;
};
/*
 * Count a failure (kind: "password-failure", "code-failure"), write history and audit, lock the
 * account when it was the last one allowed (P3-141): sessions end, a notice mail is ordered.
 */
enum err accounts_failure(struct tx *tx, const struct accounts_from *from,
                          const struct accounts_failing *f, const char *kind) MUST_CHECK;

/*
 * Check a one-time code against the stored secret and use it up; nothing is counted here. *enrolled
 * (may be NULL) false: there is no secret.
 */
enum err accounts_totp_check(struct tx *tx, struct account_id account, struct str code,
                             struct timestamp now, bool *enrolled, bool *right) MUST_CHECK;
/* Use up a recovery code. */
enum err accounts_recovery_check(struct tx *tx, struct account_id account, struct str code,
                                 struct timestamp now, bool *right) MUST_CHECK;

/* E_STATE "system-admins" when `leaving` is an active system administrator and fewer than two would
 * remain (P3-64). */
enum err accounts_admins_remain(struct tx *tx, struct account_id leaving) MUST_CHECK;
/* One-time link tokens are stored as this. */
struct bytes32 accounts_token_hash(struct str token);
/* Move an account to `state`, ending its sessions unless it becomes active. E_CONFLICT when it is
 * no longer in state `was`. */
enum err accounts_move(struct tx *tx, const struct audit_by *by, struct account_id id,
                       struct tenant_id tenant, enum accounts_state was, enum accounts_state state,
                       const char *reason, const char *action, struct timestamp now) MUST_CHECK;
