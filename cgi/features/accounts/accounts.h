/*
 * accounts.h - customers (tenants), people and their roles, passwords, second factors, sessions.
 *
 * The rules; pages are in accounts_*_pages.c. A refused password or code is not an error of the
 * request: the function returns E_OK and says so in its result, because the failure must be counted
 * and therefore committed. Every function here writes its own audit row where one is due.
 */
#pragma once

#include "base/roles.h"
#include "features/audit/audit.h"

struct tx;

struct accounts_config {
    const struct secret *master; /* http.secret_file; keys are derived from it, it is not kept */
    struct str portal_url;       /* "https://host:8443", for links in mails */
    uint32_t failures_max;       /* consecutive failures that lock (P3-141); 0: 10 */
    uint32_t idle_minutes;       /* session time-outs; 0: 30 minutes and 12 hours */
    uint32_t absolute_hours;
    uint32_t dormant_days;      /* without sign-in until suspension (P3-144); 0: 180 */
    uint32_t dormant_warn_days; /* the warning goes out so many days before; 0: 14 */
};

/* Once per process, before anything below, after the fork. Strings must stay. */
void accounts_init(const struct accounts_config *c);

/* ------------------------------------------------------------------ creating */

enum accounts_tenant_kind { ACCOUNTS_CUSTOMER, ACCOUNTS_PROVIDER };

/* E_INPUT on a bad code ([a-z0-9-], 2 to 40) or name, E_CONFLICT when the code is taken. */
enum err accounts_tenant_create(struct tx *tx, const struct audit_by *by, struct str code,
                                struct str name, enum accounts_tenant_kind kind,
                                struct timestamp contract_end, struct timestamp now,
                                struct tenant_id *id) MUST_CHECK;
enum err accounts_tenant_find(struct tx *tx, struct str code, struct tenant_id *id) MUST_CHECK;

/* Set or clear (NONE) the end of the contract. Its accounts stop from then on (P3-145). */
enum err accounts_tenant_contract(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                  struct timestamp contract_end) MUST_CHECK;
/* Those that stopped with it, and no others, run again, at most 1000. E_STATE "contract-ended". */
enum err accounts_tenant_resume(struct tx *tx, const struct audit_by *by, struct tenant_id id,
                                struct timestamp now, uint64_t *resumed) MUST_CHECK;

struct accounts_new {
    struct tenant_id tenant;
    struct str login; /* 3 to 64 of [a-z0-9._@+-], stored in lower case; one per installation */
    struct str email, name;
    struct str lang;               /* "ja" or "en" */
    uint32_t roles;                /* ROLE_* */
    const struct secret *password; /* NULL: state invited, and a mail with a link is queued */
    struct bytes totp_secret;      /* 20 bytes or more: enrolled at once; absent: not enrolled */
};

/*
 * E_INPUT: password policy ("password-..."), malformed login, mail or name, no role. E_STATE: the
 * roles exclude each other (P3-66) or do not fit the tenant's kind. E_CONFLICT: login or mail
 * taken.
 */
enum err accounts_create(struct tx *tx, const struct audit_by *by, const struct accounts_new *n,
                         struct timestamp now, struct account_id *id) MUST_CHECK;

/*
 * Change the roles of an account to exactly `roles`. E_STATE "roles-exclusive" (P3-66), or
 * "system-admins" when fewer than two active system administrators would remain (P3-64).
 */
enum err accounts_roles_set(struct tx *tx, const struct audit_by *by, struct account_id id,
                            uint32_t roles, struct timestamp now) MUST_CHECK;

/* E_OK when one account may hold all of `roles` in a tenant of that kind; else E_STATE. */
enum err accounts_roles_check(uint32_t roles, enum accounts_tenant_kind kind) MUST_CHECK;

/* ------------------------------------------------------------------ looking up */

enum accounts_state {
    ACCOUNTS_INVITED,
    ACCOUNTS_ACTIVE,
    ACCOUNTS_LOCKED,
    ACCOUNTS_SUSPENDED,
    ACCOUNTS_CLOSED,
    ACCOUNTS_STATE__MAX
};

struct accounts_info {
    struct account_id id;
    struct tenant_id tenant;
    struct str tenant_name;
    struct str login, email, name, lang;
    enum accounts_state state;
    struct str state_reason; /* "", "administrator", "failures", "dormant", "contract-end" ... */
    struct timestamp state_at, created_at, login_at, password_at; /* NONE: never */
    uint32_t roles;
    uint32_t failed; /* consecutive failures now */
    bool totp;       /* second factor enrolled */
};

/* E_ABSENT when there is none. By id: also when it is of another tenant; tenant 0 asks for any. */
enum err accounts_get(struct tx *tx, struct tenant_id tenant, struct account_id id,
                      struct accounts_info *out) MUST_CHECK;
enum err accounts_find(struct tx *tx, struct str login, struct accounts_info *out) MUST_CHECK;

/* ------------------------------------------------------------------ sessions (hooks of http/) */

/* From where a request comes. */
struct accounts_from {
    struct str address, user_agent, request; /* user agent may be absent; id for the audit */
    struct timestamp now;
};

struct accounts_session {
    struct session_id id;
    struct account_id account;
    struct tenant_id tenant;
    uint32_t roles;     /* 0 while pending */
    bool second_factor; /* proved in this session */
    bool pending;       /* code due, or enrolment due (staff) */
    bool must_enrol;    /* pending because a second factor must be set up first */
    struct timestamp second_at, created_at, seen_at;
    struct str login, name, lang;
};

/*
 * The live session with this token hash (SHA-256 of the cookie value). E_ABSENT when it is unknown,
 * ended or timed out, or its account is not active (locked accounts count as signed out). *touch
 * says that it is time for accounts_session_touch(): at most once a minute, to keep writes rare.
 */
enum err accounts_session_find(struct tx *tx, const struct bytes32 *token_hash,
                               struct timestamp now, struct accounts_session *out,
                               bool *touch) MUST_CHECK;
/* Note that the session is in use: moves the idle time-out. Needs no audit row. */
enum err accounts_session_touch(struct tx *tx, struct session_id id, struct timestamp t) MUST_CHECK;
/* End one session: sign-out. */
enum err accounts_session_end(struct tx *tx, const struct audit_by *by, struct account_id account,
                              struct session_id id, struct timestamp now) MUST_CHECK;

/* ------------------------------------------------------------------ proof, for other slices */

/*
 * Check a one-time code of a signed-in person, for an act that needs it again (P3-45). *right
 * tells; a code is good once (RFC 6238 5.2). A wrong one is counted and must be committed: show the
 * page again and return E_OK. E_STATE "totp-not-enrolled" when there is none.
 */
enum err accounts_verify_totp(struct tx *tx, const struct audit_by *by, struct account_id account,
                              struct str code, struct timestamp now, bool *right) MUST_CHECK;

/* The same with the own password, for people without a second factor. */
enum err accounts_password_check(struct tx *tx, const struct accounts_from *from,
                                 struct account_id account, const struct secret *password,
                                 bool *right) MUST_CHECK;
