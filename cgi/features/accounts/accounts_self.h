/*
 * accounts_self.h - what people do with their own account: sign in, change the password, set up the
 * second factor, look after their sessions. For the slice's pages and tests; refusals are results,
 * not errors (see accounts.h).
 */
#pragma once

#include "features/accounts/accounts.h"

/* ------------------------------------------------------------------ sign-in */

enum accounts_step {
    ACCOUNTS_REFUSED, /* wrong, or this account cannot sign in: never say which */
    ACCOUNTS_CODE,    /* password right, a one-time code is due */
    ACCOUNTS_ENROL,   /* password right, staff must set up a second factor first (P3-65) */
    ACCOUNTS_IN       /* signed in */
};

struct accounts_login {
    enum accounts_step step;
    struct account_id account;
    struct tenant_id tenant;
    struct str name;
    bool second_factor; /* a code was given */
};

/*
 * First step. Unknown, locked and stopped accounts take the same time and the same statements as a
 * wrong password. Failures count towards the lock (P3-141).
 */
enum err accounts_login_password(struct tx *tx, const struct accounts_from *from, struct str login,
                                 const struct secret *password,
                                 struct accounts_login *out) MUST_CHECK;

/*
 * Second step: a one-time code or a recovery code, for an account whose password was right. *step
 * is IN or REFUSED.
 */
enum err accounts_login_code(struct tx *tx, const struct accounts_from *from,
                             struct account_id account, struct str code,
                             struct accounts_login *out) MUST_CHECK;

/*
 * All steps are done: forget failures, write history and audit. Called by the two above; and by the
 * page on which staff complete their sign-in by setting up the second factor.
 */
enum err accounts_login_complete(struct tx *tx, const struct accounts_from *from,
                                 const struct accounts_login *l) MUST_CHECK;

/*
 * Store the session that `l` allows, under the hash of a new token. `replaces` (0: none) is the row
 * of the session that it continues, ended here: a token never outlives a change of privilege.
 */
enum err accounts_session_open(struct tx *tx, const struct accounts_from *from,
                               const struct accounts_login *l, const struct bytes32 *token_hash,
                               struct session_id replaces, struct session_id *id) MUST_CHECK;

/* ------------------------------------------------------------------ sessions and history */

struct accounts_session_row {
    struct session_id id;
    struct timestamp created, seen, second_at;
    struct str address, user_agent;
};
enum err accounts_session_list(struct tx *tx, struct account_id account, struct timestamp now,
                               struct accounts_session_row **rows, size_t *n) MUST_CHECK;
/* End all sessions but `keep` (0: all). *ended may be NULL. */
enum err accounts_session_end_all(struct tx *tx, const struct audit_by *by,
                                  struct account_id account, struct session_id keep,
                                  struct timestamp now, uint64_t *ended) MUST_CHECK;

struct accounts_event {
    struct timestamp at;
    struct str kind; /* "signed-in", "password-failure", "code-failure", "locked" ... */
    struct str address, user_agent;
};
enum err accounts_history(struct tx *tx, struct account_id account, uint32_t limit,
                          struct accounts_event **rows, size_t *n) MUST_CHECK;

enum err accounts_set_lang(struct tx *tx, const struct audit_by *by, struct account_id account,
                           struct str lang) MUST_CHECK;

/* ------------------------------------------------------------------ password */

enum accounts_password {
    ACCOUNTS_PASSWORD_GOOD,
    ACCOUNTS_PASSWORD_WRONG,   /* the current password is not right */
    ACCOUNTS_PASSWORD_SHORT,   /* fewer than 12 characters */
    ACCOUNTS_PASSWORD_COMMON,  /* on the list of common ones, or a simple pattern */
    ACCOUNTS_PASSWORD_SIMILAR, /* contains login, name or mail address */
    ACCOUNTS_PASSWORD_SAME     /* as the current one */
};

/* The policy alone. login, email and name may be absent. */
enum accounts_password accounts_password_judge(const struct secret *password, struct str login,
                                               struct str email, struct str name);

/*
 * Change the own password. Anything but GOOD changes nothing; WRONG is counted. When GOOD all
 * sessions are ended; the caller opens a new one for this browser. A notice mail is ordered.
 */
enum err accounts_password_change(struct tx *tx, const struct accounts_from *from,
                                  struct account_id account, const struct secret *current,
                                  const struct secret *wanted,
                                  enum accounts_password *verdict) MUST_CHECK;

/* Order a link for whoever has this login name; the worker finds out whether anybody does. */
enum err accounts_link_request(struct tx *tx, const struct accounts_from *from,
                               struct str login) MUST_CHECK;

struct accounts_link {
    struct account_id account;
    struct tenant_id tenant;
    bool invitation;
    struct str login, name;
};
/* E_ABSENT when the link is unknown, used or over. */
enum err accounts_link_find(struct tx *tx, struct str token, struct timestamp now,
                            struct accounts_link *out) MUST_CHECK;
/*
 * Use the link up and set the password; all sessions end; an invited account becomes active. A
 * locked one stays locked (P3-141: an administrator releases it). Nothing is used when *verdict is
 * not GOOD.
 */
enum err accounts_link_use(struct tx *tx, const struct accounts_from *from, struct str token,
                           const struct secret *wanted, enum accounts_password *verdict) MUST_CHECK;
