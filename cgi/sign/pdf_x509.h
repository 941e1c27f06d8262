/*
 * pdf_x509.h - small conversions between OpenSSL's certificates and ours, shared by the modules
 * that judge chains, tokens and revocation data.
 */
#pragma once

#include "base/clock.h"

#include <openssl/x509.h>

/* Exactly one DER certificate of at most 64 kB, owned by the caller; NULL when it is not. */
X509 *pdf_x509_parse(struct bytes der);
/* DER in the arena; absent on failure. */
struct bytes pdf_x509_der(const X509 *x, struct arena *a);
/* UTCTime or GeneralizedTime, with its fraction; TIMESTAMP_NONE for NULL or nonsense. */
struct timestamp pdf_x509_time(const ASN1_TIME *t);
/* RFC 4514 text, UTF-8. */
struct str pdf_x509_name(const X509_NAME *name, struct arena *a);
/* Last common name; absent when there is none. */
struct str pdf_x509_common_name(const X509_NAME *name, struct arena *a);
/* Lower-case hexadecimal without leading zeros. */
struct str pdf_x509_serial(const ASN1_INTEGER *serial, struct arena *a);
/* Dotted text of an OID. */
struct str pdf_x509_oid(const ASN1_OBJECT *oid, struct arena *a);
