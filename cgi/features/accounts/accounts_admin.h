/*
 * accounts_admin.h - administrators look after the people of their tenant. `scope` is the tenant
 * that the caller may see; 0 is for provider staff. What is outside it is E_ABSENT (P2-12).
 */
#pragma once

#include "features/accounts/accounts.h"

enum accounts_sort {
    ACCOUNTS_BY_NAME,
    ACCOUNTS_BY_NAME_DOWN,
    ACCOUNTS_BY_SEEN,
    ACCOUNTS_BY_SEEN_DOWN
};

struct accounts_filter {
    struct tenant_id tenant;
    struct str q;  /* beginning of login, mail address or name; empty: all */
    int state;     /* enum accounts_state, or -1 */
    uint32_t role; /* one ROLE_*, or 0 */
    enum accounts_sort sort;
};

/* Counting ends here: a tenant may have a hundred thousand people. */
#define ACCOUNTS_COUNT_MAX 1000

/*
 * Page `page` (from 1) of `per_page` people; *total counts what the filter finds, up to
 * ACCOUNTS_COUNT_MAX + 1, which means "more". With a role the order is by name, whatever `sort`
 * says.
 */
enum err accounts_admin_list(struct tx *tx, const struct accounts_filter *f, uint32_t page,
                             uint32_t per_page, struct accounts_info **rows, size_t *n,
                             uint64_t *total) MUST_CHECK;

struct accounts_tenant {
    struct tenant_id id;
    struct str code, name;
    enum accounts_tenant_kind kind;
    struct timestamp contract_end, ended_at;
};
/* The provider itself; E_ABSENT before it was made. */
enum err accounts_admin_provider(struct tx *tx, struct tenant_id *id) MUST_CHECK;
enum err accounts_admin_tenant(struct tx *tx, struct tenant_id id,
                               struct accounts_tenant *out) MUST_CHECK;

/* Locked -> active (P3-141). E_STATE when it is not locked; E_DENIED for the own account. */
enum err accounts_admin_unlock(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                               struct account_id id, struct timestamp now) MUST_CHECK;
/*
 * Active, locked or invited -> suspended (P3-140); sessions end. `reason`: "administrator" or
 * "leak". E_STATE "system-admins" when fewer than two would remain (P3-64); E_DENIED for the own
 * account.
 */
enum err accounts_admin_suspend(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                                struct account_id id, const char *reason,
                                struct timestamp now) MUST_CHECK;
/* Suspended -> active (or invited, when no password was ever set). */
enum err accounts_admin_resume(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                               struct account_id id, struct timestamp now) MUST_CHECK;
/*
 * Any state -> closed: sessions end, mailed links are void, a mail tells the person. Login name and
 * address stay taken, so that history keeps its meaning. E_DENIED for the own account, E_STATE
 * "already-stopped", "system-admins" (P3-64).
 */
enum err accounts_admin_remove(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                               struct account_id id, struct timestamp now) MUST_CHECK;
/* Closed -> invited, with neither password nor second factor of before. E_STATE "not-removed",
 * "contract-ended". */
enum err accounts_admin_reopen(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                               struct account_id id, struct timestamp now) MUST_CHECK;
/* Certificates of a person that are valid now, the last first. */
#define ACCOUNTS_CERTIFICATES_SHOWN 50
struct accounts_certificate {
    struct certificate_id id;
    struct str subject;
    bool suspended;
    struct timestamp until;
};
enum err accounts_admin_certificates(struct tx *tx, struct tenant_id tenant, struct account_id id,
                                     struct timestamp now, struct accounts_certificate **rows,
                                     size_t *n) MUST_CHECK;
/* Correct name and mail address (P3-143). A new address voids mailed links and is told to the old.
 */
enum err accounts_admin_profile(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                                struct account_id id, struct str name, struct str email,
                                struct timestamp now) MUST_CHECK;
/* Mail a new invitation or reset link. E_STATE when the account is stopped. */
enum err accounts_admin_link(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                             struct account_id id) MUST_CHECK;
/*
 * Remove the second factor of somebody who lost device and recovery codes; sessions end, a mail
 * goes out. Staff must enrol anew at their next sign-in. E_STATE when there is none, E_DENIED for
 * the own.
 */
enum err accounts_admin_second_reset(struct tx *tx, const struct audit_by *by,
                                     struct tenant_id scope, struct account_id id,
                                     struct timestamp now) MUST_CHECK;
