/* certificates_decode.h - what a certificate says, in pieces to show; and as files to take away. */
#pragma once

#include "features/certificates/certificates.h"
#include "pki/x509.h"

struct certificates_name {
    const char *kind; /* "CN", "O" ... of a subject; "DNS", "mail", "IP", "URI" of the others */
    struct str value;
};

/* Bounded: what does not fit is left out, the file has all of it. */
enum { CERTIFICATES_NAMES_MAX = 64, CERTIFICATES_OIDS_MAX = 16 };

struct certificates_decoded {
    struct x509 x;
    struct str issuer; /* RFC 4514 */
    struct certificates_name *subject, *names;
    size_t subject_n, names_n;
    struct str key, signature;   /* "ECDSA P-256", "RSA 2048"; "ECDSA, SHA-256" */
    struct str fingerprint;      /* SHA-256, lower-case hex */
    struct str *ekus, *policies; /* dotted */
    size_t ekus_n, policies_n;
};

/* E_INPUT when it is no certificate. Everything lives in `a`. */
enum err certificates_decode(struct arena *a, struct bytes der,
                             struct certificates_decoded *out) MUST_CHECK;

/* The certificate and those above it, PEM one after the other. */
struct str certificates_pem(struct arena *a, struct bytes der, const struct bytes *chain, size_t n);
/* All of them as a degenerate SignedData without signers (RFC 2315 9.1, RFC 5652 5.1), DER. */
enum err certificates_pkcs7(struct arena *a, struct bytes der, const struct bytes *chain, size_t n,
                            struct bytes *out) MUST_CHECK;
/* File name without extension: the name in the certificate, in whatever script, made harmless. */
struct str certificates_filename(struct arena *a, struct str common_name, struct str serial);
