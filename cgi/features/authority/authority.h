/*
 * authority.h - the certification authorities of this installation, their certificates and lists.
 *
 * A certificate's life: requested (row and issuing job, in the caller's transaction) -> signing
 * (serial and to-be-signed bytes stored and committed) -> issued (signature made, linted,
 * released), or refused with a reason. Then valid, suspended, revoked, and expired by the clock.
 * Only the worker and shomeictl init link authority_work.c, which uses the CA keys.
 */
#pragma once

#include "base/clock.h"
#include "base/ids.h"

struct tx;
struct db;
struct hsm;
struct name;
struct x509_san;
struct x509_profile;

/*
 * The certificate profile of that name, NULL when there is none. "signing" (document signing,
 * people and seals), "client" (RS-API connection), "tls-server" (this installation's own servers),
 * "ocsp" and "tsa" (services), "root" and "issuing" (authorities).
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
    const struct name *subject;
    const struct x509_san *san;
    size_t san_n;
    struct bytes csr;    /* DER: its key is used, its proof of possession checked, its names not */
    int64_t validity_us; /* 0: the profile's; otherwise at most that */
};

/*
 * Check an application, store it and add the issuing job, all in the caller's transaction (which
 * still needs its audit row). E_INPUT with a reason from name.h, csr.h or x509_check_key;
 * "key-used" when a certificate of another tenant or account holds the same key. E_STATE when no
 * authority is active.
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
 * cannot be read. Profile "client" only.
 */
enum err authority_client_certificate(struct tx *tx, struct str pem, struct timestamp now,
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

/* ---- with the CA keys: worker and shomeictl only (authority_work.c) ---- */

/* What `shomeictl init` decides. */
struct authority_plan {
    struct str organisation;   /* O of all CA names, e.g. "Shomei Demo" */
    struct str country;        /* "JP" */
    struct str repository_url; /* "http://localhost:8446", no slash at the end */
};

/*
 * Make what is missing of: root CA (P-384) and the issuing CAs "signing" and "access" (P-256) with
 * keys in the ca token; an OCSP responder for each issuing CA and one timestamp certificate with
 * keys in the status token; a first CRL each. Each step commits on its own, so a broken run is
 * continued by the next one. Idempotent.
 */
enum err authority_work_init(struct db *db, struct hsm *ca, struct hsm *status,
                             const struct authority_plan *plan) MUST_CHECK;

/*
 * Issue one requested certificate: commit serial and to-be-signed bytes, sign, lint, release. Safe
 * to repeat after a crash at any point; E_OK when it is issued or refused already (see its state).
 */
enum err authority_work_issue(struct db *db, struct hsm *ca, struct certificate_id id) MUST_CHECK;

/* Make a new list for every authority that has unlisted changes or whose list is past half its
 * life. */
enum err authority_work_crls(struct db *db, struct hsm *ca) MUST_CHECK;
