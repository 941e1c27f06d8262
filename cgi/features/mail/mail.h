/*
 * mail.h - what became of mails: for those who look after people, and for the mail server that
 * hands back what could not be delivered. Never a body: those are for their readers alone.
 */
#pragma once

#include "features/audit/audit.h"

struct tx;

enum mail_state { MAIL_QUEUED, MAIL_SENT, MAIL_FAILED, MAIL_BOUNCED, MAIL_STATE__MAX };

struct mail_filter {
    struct tenant_id tenant; /* 0: of everybody, for the provider's own staff */
    struct str q;            /* beginning of the address; empty: all */
    int state;               /* enum mail_state, or -1 */
};
#define MAIL_COUNT_MAX 1000

struct mail_row {
    struct mail_id id;
    struct str recipient, template_name, error, tenant_name;
    enum mail_state state;
    bool body;    /* still there: it can be sent again */
    bool stopped; /* nothing more is sent to this address */
    struct timestamp created, sent_at, bounced_at;
};
/* Page `page` (from 1), the last first; *total up to MAIL_COUNT_MAX + 1, which means "more". */
enum err mail_admin_list(struct tx *tx, const struct mail_filter *f, uint32_t page,
                         uint32_t per_page, struct mail_row **rows, size_t *n,
                         uint64_t *total) MUST_CHECK;

/*
 * Send a failed mail again, and forget that its address takes none. `scope` 0: of anybody. E_ABSENT
 * when it is outside the scope, E_STATE "mail-not-failed", or "mail-erased" when its body is gone.
 */
enum err mail_admin_resend(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                           struct mail_id id, struct timestamp now) MUST_CHECK;
/* Forget that the address of this mail takes none. E_STATE "mail-not-stopped". */
enum err mail_admin_allow(struct tx *tx, const struct audit_by *by, struct tenant_id scope,
                          struct mail_id id) MUST_CHECK;

/* Whether the last mail to an address failed or came back. `error` as mail_row.error. */
enum err mail_admin_trouble(struct tx *tx, struct tenant_id tenant, struct str address,
                            bool *trouble, struct str *error) MUST_CHECK;
/* Addresses whose last mail of the last 30 days did so, up to 100. Tenant 0: of everybody. */
enum err mail_admin_troubles(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                             uint64_t *n) MUST_CHECK;

/* Does this address take no mail? *status "5.1.1", or "" when it does. */
enum err mail_admin_stopped(struct tx *tx, struct tenant_id tenant, struct str address,
                            struct str *status) MUST_CHECK;

/* What a mail server says of one recipient (RFC 3464 2.3). */
struct mail_report {
    struct str token;           /* out of Message-ID, return path or envelope id */
    struct str final, original; /* the recipient, as the server knows it */
    struct str action, status;  /* "failed", "5.1.1" */
};
enum mail_verdict {
    MAIL_UNKNOWN, /* no mail of ours */
    MAIL_NOTED,   /* nothing to be done: delayed, delivered, or known already */
    MAIL_CAME_BACK,
    MAIL_STOPPED /* and nothing more is sent there */
};
/*
 * Note a report. A mail is found by its token alone, which nobody else can know; its address is
 * stopped only when the report is about that address and says that there is no such one. E_BUSY:
 * the mail is just being sent, ask again.
 */
enum err mail_admin_report(struct tx *tx, const struct audit_by *by, const struct mail_report *r,
                           struct timestamp now, enum mail_verdict *verdict) MUST_CHECK;

/* Erase bodies of failed mails older than `body_days`, forget mails older than `keep_days`. */
enum err mail_admin_purge(struct tx *tx, uint32_t body_days, uint32_t keep_days,
                          struct timestamp now, uint64_t *gone) MUST_CHECK;
