/*
 * authority.h - the certification authorities of this installation, their certificates and lists.
 *
 * A certificate's life: requested (row and issuing job, in the caller's transaction) -> signing
 * (serial and to-be-signed bytes stored and committed) -> issued (signature made, linted,
 * released), or refused with a reason. Then valid, suspended, revoked, and expired by the clock.
 * Only the worker and shomeictl link authority_work.h's functions, which use the CA keys.
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"

struct tx;
struct name;
struct x509_san;
struct x509_profile;

/*
 * The programs' own certificate profile of that name, NULL when there is none. "signing" (document
 * signing, people and seals), "client" (RS-API connection), "tls-server" (this installation's own
 * servers), "ocsp" and "tsa" (services), "root" and "issuing" (authorities).
 */
const struct x509_profile *authority_profile(struct str name);

enum authority_state {
    AUTHORITY_REQUESTED,
    AUTHORITY_SIGNING,
    AUTHORITY_ISSUED, /* valid unless expired: see not_after */
    AUTHORITY_REFUSED,
    AUTHORITY_SUSPENDED,
    AUTHORITY_REVOKED,
    AUTHORITY__STATES
};
const char *authority_state_name(enum authority_state state);

struct authority_application {
    struct tenant_id tenant;   /* 0 only for the installation's own services */
    struct account_id account; /* whose it is; 0 for systems and services */
    const char *profile;
    uint32_t profile_version; /* of a profile in the database; 0: the programs' own */
    const struct name *subject;
    const struct x509_san *san;
    size_t san_n;
    struct bytes csr;    /* DER: its key is used, its proof of possession checked, its names not */
    int64_t validity_us; /* 0: the profile's; otherwise at most that */
    /* what the certificate remembers; none of it is needed */
    struct application_id application; /* one certificate for one application: E_CONFLICT */
    struct account_id requested_by;
    struct certificate_id renews;  /* of the same tenant; gets replaced_by when this is issued */
    struct str common_name, email; /* for finding it; absent: first CN, first e-mail address */
};

/*
 * Check an application, store it and add the issuing job, all in the caller's transaction (which
 * still needs its audit row). Any program may, the portal included. E_INPUT with a reason from
 * name.h, csr.h or x509_check_key; "profile-unknown"; "key-used" when a certificate of another
 * tenant or account holds the same key; "renews-unknown" when there is no such certificate of the
 * tenant. E_STATE "authority-absent" when the profile's authority is not active: there is none, or
 * it is retired; "authority-ends" when the certificate would outlive it.
 */
enum err authority_request(struct tx *tx, const struct authority_application *app,
                           struct certificate_id *id) MUST_CHECK;

/* One certificate as its row tells. Strings and bytes live in the transaction's arena. */
struct authority_certificate {
    struct certificate_id id;
    struct authority_id authority;
    struct tenant_id tenant;
    struct account_id account;
    enum authority_state state;
    struct str profile;
    struct str subject; /* RFC 4514 text */
    struct str serial;  /* lower-case hex, "" before one is assigned */
    struct timestamp requested_at, not_before, not_after; /* the last two NONE before signing */
    struct timestamp revoked_at;                          /* NONE unless revoked or suspended */
    uint32_t reason;                                      /* enum crl_reason */
    struct str refused;                                   /* stable reason code when refused */
    struct bytes der;                                     /* absent until issued */
    uint32_t profile_version;                             /* 0: a profile of the programs */
    struct str cps;                                       /* practice statement (P3-43) */
    struct application_id application;
    struct account_id requested_by;
    struct str common_name, email;
    struct certificate_id renews, replaced_by;
    struct timestamp issued_at; /* NONE until issued */
    uint32_t crl_part;          /* partition of its issuer's lists; 0: the complete one */
};

/* E_ABSENT when unknown or of another tenant. */
enum err authority_certificate(struct tx *tx, struct tenant_id tenant, struct certificate_id id,
                               struct authority_certificate *out) MUST_CHECK;
/* A tenant's certificates, newest first, at most `limit`. */
enum err authority_certificates(struct tx *tx, struct tenant_id tenant, uint32_t limit,
                                struct authority_certificate **out, size_t *n) MUST_CHECK;
/* The certificates above an issued one: its issuer first, root last. */
enum err authority_chain(struct tx *tx, struct certificate_id id, struct bytes **chain,
                         size_t *n) MUST_CHECK;
/* The certificates of all authorities, for a web server that checks client certificates. */
enum err authority_cas(struct tx *tx, struct bytes **cas, size_t *n) MUST_CHECK;
/* Self-signed certificates of all authorities: the anchors that our verifier trusts. */
enum err authority_anchors(struct tx *tx, struct bytes **anchors, size_t *n) MUST_CHECK;

/* The row of a certificate given as PEM, whatever its tenant. E_ABSENT when we did not issue it. */
enum err authority_find(struct tx *tx, struct str pem,
                        struct authority_certificate *out) MUST_CHECK;
/*
 * Who is behind a client certificate that the web server has verified (its chain and its EKU)?
 * Looks it up by issuer and serial, compares the whole certificate, and judges its state itself:
 * E_AUTH "client-certificate-unknown", "-revoked", "-suspended", "-expired"; E_INPUT when the PEM
 * cannot be read. One of that profile only ("client", "lra-operator"), of any version.
 */
enum err authority_client_certificate(struct tx *tx, struct str pem, const char *profile,
                                      struct timestamp now,
                                      struct authority_certificate *out) MUST_CHECK;

/*
 * Revoke (or, with reason 6, suspend where the profile allows). Shows in OCSP at once; a job makes
 * the new list. A revoked certificate may only be revoked again to upgrade its reason to
 * keyCompromise (1) and to date it back. E_ABSENT, E_STATE "already-revoked" / "not-issued",
 * E_INPUT "bad-reason".
 */
enum err authority_revoke(struct tx *tx, struct tenant_id tenant, struct certificate_id id,
                          uint32_t reason, struct timestamp when) MUST_CHECK;
/* End a suspension. E_STATE "not-suspended". Like revoking, it leaves the audit row to the caller.
 */
enum err authority_release(struct tx *tx, struct tenant_id tenant,
                           struct certificate_id id) MUST_CHECK;

/*
 * What slices above want to know, called in the transaction of the change; an error undoes it.
 * released, refused: by the worker, when a requested certificate came to its end. changed: by
 * whoever revokes, suspends or releases.
 */
struct authority_hooks {
    enum err (*released)(struct tx *tx, struct certificate_id id);
    enum err (*refused)(struct tx *tx, struct certificate_id id);
    enum err (*changed)(struct tx *tx, struct certificate_id id, enum authority_state state);
};
/* Add to those called, once per process and before the first transaction; borrowed. NULL members
 * are not called; NULL forgets all. */
void authority_work_hooks(const struct authority_hooks *hooks);
