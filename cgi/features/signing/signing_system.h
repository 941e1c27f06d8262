/*
 * signing_system.h - the inventory of a customer's systems: API clients and their connection
 * certificates, to look at, to stop and to revoke (P3-13, P3-47). Part of signing.h.
 */
#pragma once

#include "features/signing/signing.h"

/* A connection certificate. */
struct signing_system_certificate {
    struct certificate_id id;
    struct client_id client;
    struct str subject, serial, state; /* state as in struct signing_certificate */
    struct timestamp not_before, not_after;
    bool ends_soon; /* valid, and for less than SIGNING_SYSTEM_SOON_US */
};
#define SIGNING_SYSTEM_SOON_US (30 * DAY_US)

/* A client with its certificates, newest first. */
struct signing_system {
    struct client_id id;
    struct str name;
    bool active, personal;
    uint32_t assertion_level, per_minute;
    struct timestamp created;
    struct signing_system_certificate *certificates;
    size_t certificates_n;
};

/* The tenant's systems, at most 200. */
enum err signing_system_list(struct tx *tx, struct tenant_id tenant, struct timestamp now,
                             struct signing_system **rows, size_t *n) MUST_CHECK;
/* One of them; E_ABSENT when unknown or another tenant's. */
enum err signing_system_find(struct tx *tx, struct tenant_id tenant, struct client_id id,
                             struct timestamp now, struct signing_system *out) MUST_CHECK;
/* Labels of the seals that it may use. */
enum err signing_system_seals(struct tx *tx, struct tenant_id tenant, struct client_id id,
                              struct str **labels, size_t *n) MUST_CHECK;

/* Suspend (all its requests are refused from the next on) or resume. E_STATE when it is so already.
 */
enum err signing_system_suspend(struct tx *tx, struct tenant_id tenant, struct client_id id,
                                bool suspend, const struct audit_by *by) MUST_CHECK;
/*
 * Its key may be known to somebody else: revoke the certificate at once (RFC 5280 keyCompromise).
 * E_ABSENT when it is none of that client; E_STATE as authority_revoke().
 */
enum err signing_system_revoke(struct tx *tx, struct tenant_id tenant, struct client_id id,
                               struct certificate_id certificate, struct timestamp now,
                               const struct audit_by *by) MUST_CHECK;
