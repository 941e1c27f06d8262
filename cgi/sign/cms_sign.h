/*
 * cms_sign.h - writes the CMS SignedData of a PAdES signature (RFC 5652, ETSI EN 319 122-1,
 * EN 319 142-1 table 1): detached, one SignerInfo, signed attributes content-type, message-digest
 * and signing-certificate-v2, and nothing else; no signing-time (the claimed time is /M of the
 * PDF).
 */
#pragma once

#include "base/clock.h"
#include "base/crypto.h"

/* A signing certificate with its chain, parsed once, used for any number of signatures. */
struct cms_signer;

/*
 * The private key: sign `digest` (32 bytes of SHA-256, or 48 of SHA-384) and put the signature in
 * the arena: RSA PKCS#1 v1.5 over the DigestInfo, or ECDSA as DER. E_BACKEND, E_AUTH ... pass
 * through.
 */
typedef enum err cms_sign_fn(void *arg, struct bytes digest, struct arena *a,
                             struct bytes *signature);

/*
 * `cert` is the signer's certificate, `chain` its issuers (leaf's issuer first; the anchor may be
 * last), all DER. RSA and P-256 sign with SHA-256, P-384 with SHA-384. E_INPUT
 * "certificate-malformed", E_UNSUPPORTED "key-unsupported".
 */
enum err cms_signer_new(struct bytes cert, const struct bytes *chain, size_t chain_n,
                        struct cms_signer **out) MUST_CHECK;
void cms_signer_free(struct cms_signer *s); /* NULL is fine */

enum digest_kind cms_signer_digest(const struct cms_signer *s);
/* Borrowed: the certificate (i = 0) and its chain (i = 1 ...); absent past the end. */
struct bytes cms_signer_cert(const struct cms_signer *s, size_t i);
/* Validity of the signer's certificate. */

void cms_signer_validity(const struct cms_signer *s, struct timestamp *from, struct timestamp *to);

/* Greatest length that cms_sign_finish() gives for this signer with a token of `token_n` bytes. */
size_t cms_sign_size_max(const struct cms_signer *s, size_t token_n);

/*
 * Sign a document digest (of cms_signer_digest's kind): builds the attributes, calls `sign` once
 * over their digest. The signature value is what an RFC 3161 signature-time-stamp is taken over.
 */
enum err cms_sign_value(const struct cms_signer *s, struct bytes document_digest, cms_sign_fn *sign,
                        void *arg, struct arena *a, struct bytes *signature) MUST_CHECK;
/* The DER SignedData around that value; `token` (a TimeStampToken, may be absent) unsigned beside.
 */
void cms_sign_finish(const struct cms_signer *s, struct bytes document_digest,
                     struct bytes signature, struct bytes token, struct arena *a,
                     struct bytes *cms);
