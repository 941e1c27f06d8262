/*
 * operators.h - the customers' LRA operators (オペレータ様), who come by client certificate to a
 * port of their own: who is behind a certificate, what is written about visits, and the
 * certificates for administrators to look after. Not the provider's operations assistants
 * (base/roles.h).
 */
#pragma once

#include "features/audit/audit.h"
#include "features/authority/authority.h"
#include "features/profiles/profiles.h"

#define OPERATORS_PROFILE PROFILES_OPERATOR

/* Behind a certificate. Strings live in the transaction's arena. */
struct operators_person {
    struct certificate_id certificate;
    struct account_id account;
    struct tenant_id tenant;
    struct str login, name, lang, tenant_name;
    uint32_t held; /* all roles of the person */
    struct timestamp not_after;
    struct str serial; /* lower-case hex */
};

/*
 * Who asks with this certificate (PEM; the web server verified its chain)? Asked anew for each
 * request. E_AUTH "client-certificate-unknown" (not issued here, of another profile, of a system),
 * "-revoked", "-suspended", "-expired"; "operator-stopped" when the account is not active or the
 * contract does not run; "operator-role" when the person is no LRA operator (any more). E_INPUT
 * when the PEM cannot be read. After E_AUTH, *out names the certificate if it is an operator's,
 * for operators_refused(); else its certificate is 0.
 */
enum err operators_by_certificate(struct tx *tx, struct str pem, struct timestamp now,
                                  struct operators_person *out) MUST_CHECK;

/*
 * Note the use of the certificate from by->address: nothing within the same minute; and the
 * beginning of a visit (half an hour's pause, or another address) is a sign-in: audited, in the
 * person's own history, and against dormancy (P3-144).
 */
enum err operators_visit(struct tx *tx, const struct operators_person *p, const struct audit_by *by,
                         struct timestamp now) MUST_CHECK;
/*
 * A certificate of an operator was refused for `reason`: an audit row, but one in ten minutes for
 * each certificate at most.
 */
enum err operators_refused(struct tx *tx, const struct operators_person *p,
                           const struct audit_by *by, const char *reason,
                           struct timestamp now) MUST_CHECK;

/* --- for administrators --- */

struct operators_certificate {
    struct certificate_id id;
    enum authority_state state;
    bool over; /* issued, and past its end */
    struct str serial;
    struct timestamp not_after, seen_at, revoked_at; /* NONE: not yet, never, not */
};

struct operators_row {
    struct account_id id;
    struct str login, name, email;
    struct str state; /* "active", "invited" ... as the account's row tells */
    struct operators_certificate *certificates;
    size_t certificates_n;
};

/* Page `page` (from 1) of a tenant's operators by name, each with the newest certificates. */
enum err operators_list(struct tx *tx, struct tenant_id tenant, uint32_t page, uint32_t per_page,
                        struct timestamp now, struct operators_row **rows, size_t *n,
                        uint64_t *total) MUST_CHECK;

/* The certificates of row->id alone. */
enum err operators_own(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                       struct operators_row *row) MUST_CHECK;

/* One operator certificate of a tenant with its person, to ask before revoking. E_ABSENT. */
struct operators_one {
    struct operators_certificate c;
    struct account_id account;
    struct str name, login;
};
enum err operators_one(struct tx *tx, struct tenant_id tenant, struct certificate_id id,
                       struct timestamp now, struct operators_one *out) MUST_CHECK;

enum operators_why {
    OPERATORS_UNSTATED,
    OPERATORS_LOST,    /* key or device: keyCompromise */
    OPERATORS_LEFT,    /* affiliationChanged */
    OPERATORS_REPLACED /* superseded */
};
/*
 * Revoke the operator certificate of a person of by->tenant, with the audit row; `roles` are those
 * of who asks. E_ABSENT when it is none; otherwise as certificates_revoke().
 */
enum err operators_revoke(struct tx *tx, const struct audit_by *by, uint32_t roles,
                          struct certificate_id id, enum operators_why why,
                          struct timestamp now) MUST_CHECK;

/* The active LRA operator of that tenant. E_ABSENT; E_STATE "operator-role", "operator-stopped". */
enum err operators_find(struct tx *tx, struct tenant_id tenant, struct account_id account,
                        struct timestamp now, struct operators_person *out,
                        struct str *email) MUST_CHECK;

/*
 * Ask for an operator certificate without an application and its review: for demonstration data and
 * for an installation's first operator, from the command line (as ctl; no page does this). Names
 * come from the account and the tenant as the profile says, the key from the CSR (DER). The worker
 * issues it. E_ABSENT, E_STATE as operators_find(); else as profiles_get(), profiles_compose() and
 * authority_request().
 */
enum err operators_request(struct tx *tx, const struct audit_by *by, struct tenant_id tenant,
                           struct account_id account, struct bytes csr, struct timestamp now,
                           struct certificate_id *id) MUST_CHECK;
