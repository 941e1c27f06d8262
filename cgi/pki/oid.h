/* oid.h - the object identifiers that Shomei knows, as DER contents octets, and their text forms.
 */
#pragma once

#include "base/str.h"

/* X(name, dotted text) - see oid.c for the encoded octets, made from the text at first use. */
#define OID_LIST(X)                                                                                \
    X(RSA_ENCRYPTION, "1.2.840.113549.1.1.1")                                                      \
    X(SHA256_RSA, "1.2.840.113549.1.1.11")                                                         \
    X(SHA384_RSA, "1.2.840.113549.1.1.12")                                                         \
    X(SHA512_RSA, "1.2.840.113549.1.1.13")                                                         \
    X(EC_PUBLIC_KEY, "1.2.840.10045.2.1")                                                          \
    X(P256, "1.2.840.10045.3.1.7")                                                                 \
    X(P384, "1.3.132.0.34")                                                                        \
    X(ECDSA_SHA256, "1.2.840.10045.4.3.2")                                                         \
    X(ECDSA_SHA384, "1.2.840.10045.4.3.3")                                                         \
    X(ECDSA_SHA512, "1.2.840.10045.4.3.4")                                                         \
    X(SHA1, "1.3.14.3.2.26")                                                                       \
    X(SHA256, "2.16.840.1.101.3.4.2.1")                                                            \
    X(SHA384, "2.16.840.1.101.3.4.2.2")                                                            \
    X(SHA512, "2.16.840.1.101.3.4.2.3")                                                            \
    X(CN, "2.5.4.3")                                                                               \
    X(SERIAL_NUMBER, "2.5.4.5")                                                                    \
    X(C, "2.5.4.6")                                                                                \
    X(L, "2.5.4.7")                                                                                \
    X(ST, "2.5.4.8")                                                                               \
    X(O, "2.5.4.10")                                                                               \
    X(OU, "2.5.4.11")                                                                              \
    X(TITLE, "2.5.4.12")                                                                           \
    X(SN, "2.5.4.4")                                                                               \
    X(GIVEN_NAME, "2.5.4.42")                                                                      \
    X(ORGANIZATION_IDENTIFIER, "2.5.4.97")                                                         \
    X(EMAIL, "1.2.840.113549.1.9.1")                                                               \
    X(SKI, "2.5.29.14")                                                                            \
    X(KEY_USAGE, "2.5.29.15")                                                                      \
    X(SAN, "2.5.29.17")                                                                            \
    X(BASIC_CONSTRAINTS, "2.5.29.19")                                                              \
    X(CRL_NUMBER, "2.5.29.20")                                                                     \
    X(REASON_CODE, "2.5.29.21")                                                                    \
    X(INVALIDITY_DATE, "2.5.29.24")                                                                \
    X(ISSUING_DISTRIBUTION_POINT, "2.5.29.28")                                                     \
    X(CDP, "2.5.29.31")                                                                            \
    X(CERTIFICATE_POLICIES, "2.5.29.32")                                                           \
    X(ANY_POLICY, "2.5.29.32.0")                                                                   \
    X(AKI, "2.5.29.35")                                                                            \
    X(EKU, "2.5.29.37")                                                                            \
    X(AIA, "1.3.6.1.5.5.7.1.1")                                                                    \
    X(AD_OCSP, "1.3.6.1.5.5.7.48.1")                                                               \
    X(AD_CA_ISSUERS, "1.3.6.1.5.5.7.48.2")                                                         \
    X(OCSP_BASIC, "1.3.6.1.5.5.7.48.1.1")                                                          \
    X(OCSP_NONCE, "1.3.6.1.5.5.7.48.1.2")                                                          \
    X(OCSP_NOCHECK, "1.3.6.1.5.5.7.48.1.5")                                                        \
    X(CPS_QUALIFIER, "1.3.6.1.5.5.7.2.1")                                                          \
    X(EKU_ANY, "2.5.29.37.0")                                                                      \
    X(EKU_CODE_SIGNING, "1.3.6.1.5.5.7.3.3")                                                       \
    X(EKU_SMARTCARD_LOGON, "1.3.6.1.4.1.311.20.2.2")                                               \
    X(EKU_SERVER_AUTH, "1.3.6.1.5.5.7.3.1")                                                        \
    X(EKU_CLIENT_AUTH, "1.3.6.1.5.5.7.3.2")                                                        \
    X(EKU_EMAIL, "1.3.6.1.5.5.7.3.4")                                                              \
    X(EKU_TIME_STAMPING, "1.3.6.1.5.5.7.3.8")                                                      \
    X(EKU_OCSP_SIGNING, "1.3.6.1.5.5.7.3.9")                                                       \
    X(EKU_DOCUMENT_SIGNING, "1.3.6.1.5.5.7.3.36")                                                  \
    X(EKU_ADOBE_PDF_SIGNING, "1.2.840.113583.1.1.5")                                               \
    X(CMS_DATA, "1.2.840.113549.1.7.1")                                                            \
    X(CMS_SIGNED_DATA, "1.2.840.113549.1.7.2")                                                     \
    X(ATTR_CONTENT_TYPE, "1.2.840.113549.1.9.3")                                                   \
    X(ATTR_MESSAGE_DIGEST, "1.2.840.113549.1.9.4")                                                 \
    X(ATTR_SIGNING_TIME, "1.2.840.113549.1.9.5")                                                   \
    X(ATTR_EXTENSION_REQUEST, "1.2.840.113549.1.9.14")                                             \
    X(ATTR_SIGNING_CERTIFICATE, "1.2.840.113549.1.9.16.2.12")                                      \
    X(ATTR_SIGNATURE_TIMESTAMP, "1.2.840.113549.1.9.16.2.14")                                      \
    X(ATTR_SIGNING_CERTIFICATE_V2, "1.2.840.113549.1.9.16.2.47")                                   \
    X(TST_INFO, "1.2.840.113549.1.9.16.1.4")

enum oid {
#define OID_ENUM(name, text) OID_##name,
    OID_LIST(OID_ENUM)
#undef OID_ENUM
        OID__MAX
};

/* DER contents octets; static. */
struct bytes oid_bytes(enum oid oid);
/* Which known identifier these contents are, or OID__MAX. */
enum oid oid_find(struct bytes contents);
/* "2.5.4.3", for any well-formed identifier whose arcs fit 64 bits; else "?". */
struct str oid_text(struct arena *a, struct bytes contents);
/* Dotted text to contents octets. E_INPUT when malformed. */
enum err oid_parse(struct arena *a, struct str dotted, struct bytes *out) MUST_CHECK;
