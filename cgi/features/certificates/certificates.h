/*
 * certificates.h - issued certificates in the hands of their people: who may see one and do what
 * with it, revocation, suspension, release, renewal, notices before the end.
 *
 * A subscriber has his own certificates (and those of devices that he asked for); customer
 * administrators and LRA operators those of their customer; provider staff all of them, to look
 * at, and to revoke those whose role that is. The scope is part of each statement: what is outside
 * of it is E_ABSENT. Nothing here uses a CA key: features/authority does the work.
 */
#pragma once

#include "features/audit/audit.h"
#include "features/authority/authority.h"
#include "features/certificates/certificates_words.h"

struct profile;
struct profiles_value;

struct certificates_config {
    const struct secret *master; /* http.secret_file; a key is derived from it, it is not kept */
    struct str portal_url;       /* "https://host:8443", for links in mails */
    certificates_words_fn words; /* of mails: certificates_words_pages() */
};
/* Once per process, before anything below, after the fork. Strings must stay. */
void certificates_init(const struct certificates_config *c);
void certificates_end(void);

/* Who asks: from the session, or the account bound to a client certificate. */
struct certificates_who {
    struct tenant_id tenant;
    struct account_id account;
    uint32_t roles; /* ROLE_* */
};

struct certificates_certificate {
    struct certificate_id id, replaced_by, replaces; /* 0: none */
    struct tenant_id tenant;
    struct account_id account, requested_by;                   /* whose; 0: of a device or system */
    struct application_id application;                         /* 0: none */
    struct str tenant_name, account_name, receipt, key_source; /* the last two of the application */
    enum authority_state state;
    struct str profile, cps;
    uint32_t profile_version;                /* 0: a profile of the programs themselves */
    struct str subject, common_name, serial; /* RFC 4514 text; lower-case hex */
    struct timestamp requested_at, issued_at, not_before, not_after, revoked_at;
    uint32_t reason; /* enum crl_reason */
    struct str refused;
    struct bytes der; /* absent until issued */
    uint32_t may;     /* CERTIFICATES_MAY_*: what this person may do with it now */
};

enum {
    CERTIFICATES_MAY_REVOKE = 1,
    CERTIFICATES_MAY_SUSPEND = 2,
    CERTIFICATES_MAY_RELEASE = 4,
    CERTIFICATES_MAY_RENEW = 8,
    CERTIFICATES_MAY_UPGRADE = 16,  /* revoked: its reason may become keyCompromise */
    CERTIFICATES_MAY_WITHDRAW = 32, /* with the reason privilegeWithdrawn */
    CERTIFICATES_MAY_MUTE = 64
};

/* E_ABSENT when there is none in the scope of `who`. */
enum err certificates_get(struct tx *tx, const struct certificates_who *who,
                          struct certificate_id id, struct timestamp now,
                          struct certificates_certificate *out) MUST_CHECK;

/* The same by serial number (hex, any case, spaces and colons ignored): for rows of a CSV file. */
enum err certificates_by_serial(struct tx *tx, const struct certificates_who *who,
                                struct str serial, struct timestamp now,
                                struct certificates_certificate *out) MUST_CHECK;

/* By which way a change was asked for. */
enum certificates_how {
    CERTIFICATES_PAGE,
    CERTIFICATES_BULK,
    CERTIFICATES_SIGNED, /* signed with the certificate's own key */
    CERTIFICATES_LINK,   /* one-time link sent to the registered address */
    CERTIFICATES_API,
    CERTIFICATES_WORKER
};

struct certificates_change {
    enum certificates_how how;
    uint32_t reason;       /* revocation only: enum crl_reason, not 6 */
    struct timestamp when; /* keyCompromise may be dated back; NONE: now */
};

/*
 * Revoke; or, when it is revoked, change its reason to keyCompromise. History, audit row, mail to
 * the subscriber; keyCompromise blocks the key for ever. `receipt` (may be NULL) is the receipt
 * number. Shows in OCSP at once and in the next list, within a minute.
 * E_ABSENT; E_DENIED "not-yours-to-revoke"; E_STATE "already-revoked", "not-issued"; E_INPUT
 * "bad-reason", "bad-date" (only keyCompromise is dated back: administrators and LRA operators by
 * CERTIFICATES_BACK_US at most, provider staff until notBefore).
 */
enum err certificates_revoke(struct tx *tx, const struct audit_by *by,
                             const struct certificates_who *who, struct certificate_id id,
                             const struct certificates_change *c, struct timestamp now,
                             struct str *receipt) MUST_CHECK;
#define CERTIFICATES_BACK_US (7 * DAY_US)

/* Suspend where the profile allows, and end a suspension. E_ABSENT, E_DENIED, E_STATE
 * "not-suspendable", "not-suspended", "held-by-others", "not-issued". */
enum err certificates_suspend(struct tx *tx, const struct audit_by *by,
                              const struct certificates_who *who, struct certificate_id id,
                              enum certificates_how how, struct timestamp now,
                              struct str *receipt) MUST_CHECK;
enum err certificates_release(struct tx *tx, const struct audit_by *by,
                              const struct certificates_who *who, struct certificate_id id,
                              enum certificates_how how, struct timestamp now,
                              struct str *receipt) MUST_CHECK;

/* What an application for the successor of a certificate begins with. */
struct certificates_renewal {
    struct tenant_id tenant;
    struct account_id subscriber; /* 0: of a device or system */
    struct str profile, key_source, contact, lang;
    uint32_t profile_version; /* the current one, which the successor falls under */
    struct profiles_value *values;
    size_t values_n;
    bool same_key;         /* the profile allows the old key for the successor */
    struct bytes csr;      /* the old one; absent when there was none */
    struct str credential; /* the old one's key in the HSM; absent when there was none */
};

/*
 * Values for renewing. E_ABSENT; E_DENIED; E_STATE "not-issued" (revoked, suspended, expired),
 * "renewed-already" (it has a successor, or an application for one is open), "too-early" (more
 * than the profile's renew_days before the end), "not-renewable" (not applied for here, or its
 * profile is retired).
 */
enum err certificates_renew_values(struct tx *tx, const struct certificates_who *who,
                                   struct certificate_id id, struct timestamp now,
                                   struct certificates_renewal *out) MUST_CHECK;

/*
 * Hook of the worker, in the transaction that releases a certificate: a renewed one is marked as
 * replaced, its notices stop; when the profile says so it is revoked as superseded.
 */
enum err certificates_released(struct tx *tx, struct certificate_id id) MUST_CHECK;
