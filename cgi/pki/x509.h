/*
 * x509.h - certificates (RFC 5280): build the to-be-signed bytes from a profile, read, lint.
 */
#pragma once

#include "base/clock.h"
#include "pki/name.h"
#include "pki/signer.h"

/* Key usage bits, numbered as in RFC 5280 4.2.1.3. */
enum x509_key_usage {
    X509_DIGITAL_SIGNATURE = 1 << 0,
    X509_NON_REPUDIATION = 1 << 1,
    X509_KEY_ENCIPHERMENT = 1 << 2,  /* left out for EC keys, which encipher nothing */
    X509_DATA_ENCIPHERMENT = 1 << 3, /* the same */
    X509_KEY_AGREEMENT = 1 << 4,     /* left out for RSA keys, which agree on nothing */
    X509_KEY_CERT_SIGN = 1 << 5,
    X509_CRL_SIGN = 1 << 6,
};

enum x509_san_kind { X509_SAN_EMAIL, X509_SAN_DNS, X509_SAN_URI, X509_SAN_IP };

struct x509_san {
    enum x509_san_kind kind;
    struct str value; /* IP: dotted or colon text */
};

enum { X509_MAX_EKU = 4, X509_MAX_SAN = 32, X509_MAX_POLICIES = 4 };

/* One of certificatePolicies (RFC 5280 4.2.1.4). */
struct x509_policy {
    const char *oid; /* dotted text */
    const char *cps; /* URL of the practice statement, NULL for none */
};

/* What a certificate of one kind looks like. All fields constant for the kind. */
struct x509_profile {
    const char *name;      /* stable code: "signing", "client" ... */
    const char *authority; /* name of the authority that issues it by default */
    int64_t validity_us;   /* notAfter = notBefore + validity - 1 s (the limit is inclusive) */
    uint32_t key_usage;    /* always critical; see x509_key_usage() */
    enum oid eku[X509_MAX_EKU];
    size_t eku_n;
    bool eku_critical; /* RFC 3161 2.3 for timeStamping */
    bool ca;
    int path_length;   /* -1: absent */
    bool ocsp_nocheck; /* RFC 6960 4.2.2.2.1 */
    bool aia_ocsp, aia_issuer, cdp;
    /* Places of this profile's own instead of those in the request; NULL: the request's. */
    const char *ocsp_url, *issuer_url, *crl_url;
    bool no_ski; /* no subjectKeyIdentifier (BR 7.1.2.7.6: not recommended) */
    struct x509_policy policies[X509_MAX_POLICIES];
    size_t policies_n;
    uint32_t algs;    /* accepted subject keys: bits 1 << enum signer_alg */
    bool suspendable; /* certificateHold allowed */
};

/* Everything that goes into one certificate. Slices are borrowed. */
struct x509_request {
    const struct x509_profile *profile;
    enum signer_alg signature_alg; /* of the issuer's key */
    struct bytes serial;           /* unsigned big endian, at most 20 octets as an INTEGER */
    struct bytes issuer;           /* DER name, byte for byte the issuer's subject */
    struct bytes issuer_ski;       /* for AKI; absent for a self-signed root */
    struct bytes subject;          /* DER name; empty ("30 00") only with alternative names */
    struct bytes spki;             /* DER */
    struct timestamp not_before, not_after;
    const struct x509_san *san;
    size_t san_n;
    struct str ocsp_url, issuer_url, crl_url;
};

/* A certificate (or CSR-independent view of it). Slices point into `der`, times are decoded. */
struct x509 {
    struct bytes der, tbs;
    struct bytes serial;          /* INTEGER contents */
    struct bytes issuer, subject; /* DER names */
    struct bytes spki;            /* whole SubjectPublicKeyInfo */
    struct bytes public_key;      /* contents of its BIT STRING: what key hashes are made over */
    struct bytes signature_algorithm, signature;
    struct timestamp not_before, not_after;
    bool ca, has_basic_constraints, basic_constraints_critical;
    int path_length; /* -1: none */
    bool has_key_usage, key_usage_critical;
    uint32_t key_usage;
    bool has_eku, eku_critical;
    struct bytes eku;                         /* contents of the EKU SEQUENCE; see x509_has_eku */
    struct bytes ski, aki;                    /* key identifiers, absent when none */
    struct str ocsp_url, issuer_url, crl_url; /* first http URL of each, absent when none */
    struct bytes san;                         /* whole GeneralNames, absent when none */
    bool san_critical;
    struct bytes policies; /* contents of the certificatePolicies SEQUENCE, absent when none */
    bool ocsp_nocheck;
    bool unknown_critical;      /* an extension we do not know is critical */
    struct bytes32 fingerprint; /* SHA-256 of der */
};

/* 20 random octets of which 159 bits are random and the first is 0x01..0x7f: positive, never short.
 */
void x509_serial_new(uint8_t serial[20]);

/* The profile's key usage for a key of that kind. */
uint32_t x509_key_usage(const struct x509_profile *p, enum signer_alg key);

/* RFC 5280 4.2.1.2 method 1: SHA-1 over the key bits. E_INPUT when spki is malformed. */
enum err x509_key_id(struct bytes spki, uint8_t id[20]) MUST_CHECK;

/* The TBSCertificate. E_INPUT for names or keys that do not fit the profile. */
enum err x509_build(const struct x509_request *r, struct arena *a, struct bytes *tbs) MUST_CHECK;

/* Parse one DER certificate, nothing behind it. E_INPUT "certificate-malformed". */
enum err x509_parse(struct bytes der, struct arena *a, struct x509 *out) MUST_CHECK;
bool x509_has_eku(const struct x509 *c, enum oid purpose);
/* serial INTEGER contents as unsigned (leading zero dropped), as stored in the database. */
struct bytes x509_serial(const struct x509 *c);

/*
 * Is the finished certificate what the profile and RFC 5280 ask for? E_INTERNAL "lint" with the
 * clause in the detail; `issuer` NULL for a self-signed one. The signature is not checked.
 */
enum err x509_lint(const struct x509 *c, const struct x509_profile *p,
                   const struct x509 *issuer) MUST_CHECK;
/* Key strength: RSA 2048..4096 (multiple of 8), e odd > 65536-1, no small factor, not ROCA, not
 * close primes; P-256, P-384 valid points. E_INPUT "key-weak" or E_UNSUPPORTED "key-unsupported".
 */
enum err x509_key_check(struct bytes spki) MUST_CHECK;
/*
 * How lists of weak RSA keys name a modulus (Debian's openssl-blacklist): the last 80 bits of SHA-1
 * over "Modulus=", capital hex, line feed. False for other keys.
 */
bool x509_key_modulus_print(struct bytes spki, uint8_t print[10]);
/* notBefore <= t <= notAfter. */
bool x509_valid_at(const struct x509 *c, struct timestamp t);

/* PEM with the label, e.g. "CERTIFICATE"; and back: first block of that label, else E_INPUT "pem".
 */
struct str x509_pem(struct arena *a, const char *label, struct bytes der);
enum err x509_from_pem(struct arena *a, const char *label, struct str text,
                       struct bytes *der) MUST_CHECK;
