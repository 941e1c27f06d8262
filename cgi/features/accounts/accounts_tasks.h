/*
 * accounts_tasks.h - what time does to accounts, and the mails of the slice. Called by the worker
 * (accounts_work.h), and by tests with a clock of their own.
 */
#pragma once

#include "features/accounts/accounts.h"

/* Warn people who will be suspended for dormancy, suspend those who were warned (P3-144). */
enum err accounts_task_dormancy(struct tx *tx, struct timestamp now, uint64_t *warned,
                                uint64_t *suspended) MUST_CHECK;
/* Stop the accounts of tenants whose contract is over (P3-145). */
enum err accounts_task_contracts(struct tx *tx, struct timestamp now, uint64_t *stopped) MUST_CHECK;
/* Forget sessions, links and history that are over. */
enum err accounts_task_purge(struct tx *tx, struct timestamp now, uint64_t *gone) MUST_CHECK;

enum accounts_mail_kind {
    ACCOUNTS_MAIL_LOCKED,
    ACCOUNTS_MAIL_PASSWORD, /* was changed */
    ACCOUNTS_MAIL_RESET,
    ACCOUNTS_MAIL_INVITE,
    ACCOUNTS_MAIL_SECOND, /* second factor set up, changed or removed */
    ACCOUNTS_MAIL_DORMANT,
    ACCOUNTS_MAIL_SUSPENDED,
    ACCOUNTS_MAIL_ADDRESS, /* of mail was changed: goes to the old one */
    ACCOUNTS_MAIL_REMOVED,
    ACCOUNTS_MAIL__MAX
};

/* Order a mail: a job in this transaction; the worker writes the mail and makes links. */
enum err accounts_mail_order(struct tx *tx, enum accounts_mail_kind kind,
                             struct account_id account) MUST_CHECK;

/* Order the notice that mails come to `to` no more: whoever takes an account over by its address
 * must not also be the only one who hears of it. */
enum err accounts_mail_order_address(struct tx *tx, struct account_id account,
                                     struct str to) MUST_CHECK;

/* Order a reset link for whoever has this login name: the same job whether anybody does or not. */
enum err accounts_mail_order_reset(struct tx *tx, struct str login) MUST_CHECK;

/* A mail to be written. No personal data goes in (LOOK section 3). */
struct accounts_mail {
    enum accounts_mail_kind kind;
    struct str lang;     /* "ja", "en" */
    struct str link;     /* where to go: a page, or a one-time link */
    struct timestamp at; /* when it happened; for links and warnings: until when */
    uint64_t number;     /* receipt number: the job's */
};

/* Writes subject, text and HTML; given by main, since templates belong to http/. */
struct accounts_mail_writer {
    enum err (*write)(void *arg, struct arena *a, const struct accounts_mail *m,
                      struct str *subject, struct str *text, struct str *html);
    void *arg;
};

/* The job behind accounts_mail_order(): make links, write, put into the outbox. */
enum err accounts_mail_send(struct tx *tx, const struct accounts_mail_writer *w,
                            enum accounts_mail_kind kind, struct account_id account,
                            uint64_t number, struct timestamp now) MUST_CHECK;
/* The same to an address other than the person's, when one is given. */
enum err accounts_mail_send_to(struct tx *tx, const struct accounts_mail_writer *w,
                               enum accounts_mail_kind kind, struct account_id account,
                               struct str to, uint64_t number, struct timestamp now) MUST_CHECK;
/* The job behind accounts_link_request(): nothing happens when nobody has that login name. */
enum err accounts_mail_reset(struct tx *tx, const struct accounts_mail_writer *w, struct str login,
                             uint64_t number, struct timestamp now) MUST_CHECK;

/* "locked", "password" ...: in job payloads and template names. */
const char *accounts_mail_name(enum accounts_mail_kind kind);
bool accounts_mail_from_name(struct str name, enum accounts_mail_kind *out);
