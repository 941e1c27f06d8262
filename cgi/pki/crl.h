/* crl.h - certificate revocation lists (RFC 5280 section 5): build, read, look up. */
#pragma once

#include "pki/x509.h"

/* CRLReason values (RFC 5280 5.3.1). */
enum crl_reason {
    CRL_UNSPECIFIED = 0, /* written as: no extension */
    CRL_KEY_COMPROMISE = 1,
    CRL_CA_COMPROMISE = 2,
    CRL_AFFILIATION_CHANGED = 3,
    CRL_SUPERSEDED = 4,
    CRL_CESSATION = 5,
    CRL_HOLD = 6,
    CRL_REMOVE = 8, /* delta lists only, never built */
    CRL_PRIVILEGE_WITHDRAWN = 9,
    CRL_AA_COMPROMISE = 10,
};
/* "keyCompromise" ..., NULL when there is no such reason. */
const char *crl_reason_name(uint32_t reason);

struct crl_entry {
    struct bytes serial; /* unsigned big endian */
    struct timestamp revoked_at;
    uint32_t reason;
};

struct crl_request {
    const struct signer *signer;
    struct bytes issuer, issuer_ski;
    uint64_t number;
    struct timestamp this_update, next_update;
    const struct crl_entry *entry;
    size_t n;
    struct str point; /* of a partition: the URL in its certificates (5.2.5); absent: all of them */
};

/* Build and sign a list. */
enum err crl_build(const struct crl_request *r, struct arena *a, struct bytes *der) MUST_CHECK;

struct crl {
    struct bytes der;
    struct bytes issuer, aki;
    struct timestamp this_update, next_update; /* next TIMESTAMP_NONE when absent */
    uint64_t number;                           /* 0 when absent */
    struct bytes entries;                      /* contents of revokedCertificates */
    bool unknown_critical;
    /* issuingDistributionPoint (5.2.5): what the list is about; see crl_covers() */
    bool has_scope;
    struct bytes point;             /* first URL of its distribution point, absent when none */
    bool only_users, only_cas;      /* one of them at most */
    bool only_part_of_the_statuses; /* some reasons, indirect, attribute certificates */
};

/* E_INPUT "crl-malformed". Slices point into `der`. */
enum err crl_parse(struct bytes der, struct crl *out) MUST_CHECK;
enum err crl_verify(const struct crl *c, const struct x509 *issuer) MUST_CHECK;
/* E_OK when the list would name that certificate if it were revoked; E_INPUT "crl-scope". */
enum err crl_covers(const struct crl *c, const struct x509 *certificate) MUST_CHECK;
/* E_OK and the entry when that serial (unsigned) is listed, E_ABSENT when not. */
enum err crl_find(const struct crl *c, struct bytes serial, struct crl_entry *out) MUST_CHECK;
