/*
 * cms.h - reading SignedData (RFC 5652): one signer, certificates, attributes. Building is tsp.c's
 * (for tokens) and sign/cms_sign's (for documents).
 */
#pragma once

#include "pki/x509.h"

enum { CMS_MAX_CERTS = 16, CMS_MAX_CRLS = 16 };

struct cms {
    struct bytes content_type;        /* OID contents of the encapsulated content */
    struct bytes content;             /* eContent octets, absent when detached */
    struct bytes cert[CMS_MAX_CERTS]; /* DER certificates carried */
    size_t certs;
    struct bytes crl[CMS_MAX_CRLS];
    size_t crls;
    size_t signers; /* how many SignerInfos; the fields below are the first's */
    struct bytes sid_issuer, sid_serial; /* issuerAndSerialNumber (serial unsigned), or: */
    struct bytes sid_key_id;             /* subjectKeyIdentifier */
    enum oid digest;                     /* OID_SHA256 ... */
    struct bytes signed_attributes;      /* contents of [0], absent when none */
    struct bytes signature_algorithm, signature;
    struct bytes unsigned_attributes; /* contents of [1], absent when none */
};

/* Parse a DER ContentInfo that holds SignedData; trailing zeros allowed when `padded` (PDF
 * /Contents). E_INPUT "cms-malformed". */
enum err cms_parse(struct bytes der, bool padded, struct cms *out) MUST_CHECK;
/* The only value of the attribute with that type: whole element. E_ABSENT; E_INPUT when it occurs
 * twice or has not exactly one value. */
enum err cms_attribute(struct bytes attributes, enum oid type, struct bytes *value) MUST_CHECK;
/* The certificate among those carried that the SignerInfo names. E_ABSENT. */
enum err cms_signer(const struct cms *c, struct arena *a, struct x509 *out) MUST_CHECK;
/*
 * Check the signature with the signer's certificate over a content digest of c->digest's kind (the
 * caller hashed the detached content, or `digest` absent to hash c->content). Signed attributes
 * must be present with content-type and message-digest; signing-certificate(-v2), where present,
 * must name `signer`. E_INPUT "signature-invalid", "digest-mismatch", "signing-certificate".
 */
enum err cms_verify(const struct cms *c, const struct x509 *signer, struct bytes digest) MUST_CHECK;
