/*
 * path.h - build and verify a certification path (RFC 5280 section 6, through OpenSSL) at a given
 * time, and judge revocation from CRLs and OCSP answers at hand. Nothing is fetched.
 */
#pragma once

#include "pki/ocsp.h"

enum path_purpose { PATH_ANY, PATH_SIGNING, PATH_TIMESTAMP, PATH_CLIENT };

enum path_revocation {
    PATH_REVOCATION_NONE, /* no usable evidence */
    PATH_REVOCATION_GOOD,
    PATH_REVOCATION_REVOKED, /* at or before the time of interest */
    PATH_REVOCATION_EXEMPT,  /* a trust anchor, or ocsp-nocheck */
};

struct path_input {
    struct bytes leaf;
    const struct bytes *certs; /* candidates for intermediates, any order */
    size_t certs_n;
    const struct bytes *anchors; /* trusted certificates */
    size_t anchors_n;
    const struct bytes *crls;
    size_t crls_n;
    const struct bytes *ocsps; /* OCSPResponse or bare BasicOCSPResponse */
    size_t ocsps_n;
    struct timestamp when; /* validity is judged at this time */
    enum path_purpose purpose;
};

enum { PATH_MAX_LENGTH = 8 };

struct path_step {
    struct bytes der;
    enum path_revocation revocation;
    struct timestamp revoked_at; /* when revoked */
    uint32_t reason;
    bool by_ocsp;                 /* which evidence decided */
    struct bytes evidence;        /* that CRL or OCSP answer, absent when none */
    struct timestamp evidence_at; /* its producedAt or thisUpdate */
};

struct path {
    struct path_step step[PATH_MAX_LENGTH]; /* leaf first, anchor last */
    size_t n;
    bool trusted;     /* ends at an anchor and every check held at `when` */
    char reason[32];  /* when not: "expired", "not-yet-valid", "unknown-issuer", "untrusted-root",
                         "signature", "purpose", "ca-constraint", "other" */
    char detail[160]; /* OpenSSL's words, for the log */
    enum path_revocation revocation; /* worst over the steps: revoked > none > good */
};

/* Fill *out; an untrusted path is a result, not an error. E_INPUT only when the leaf cannot be
 * read. */
enum err path_verify(const struct path_input *in, struct arena *a, struct path *out) MUST_CHECK;
