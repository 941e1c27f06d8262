/*
 * signer.h - public-key signatures over bytes: who signs is a callback over a digest (an HSM key, a
 * test key); who verifies is OpenSSL. The algorithms are the four that this PKI issues with.
 */
#pragma once

#include "base/buf.h"
#include "base/secret.h"

enum signer_alg {
    SIGNER_RSA_SHA256, /* PKCS#1 v1.5, RSA of any accepted size */
    SIGNER_P256_SHA256,
    SIGNER_P384_SHA384,
    SIGNER__MAX
};

/* Something that can sign. `sign` gets the digest of alg's hash and gives an RSA block or ECDSA
 * DER. */
struct signer {
    enum signer_alg alg;
    enum err (*sign)(void *arg, struct bytes digest, struct arena *a, struct bytes *signature);
    void *arg;
};

/* Digest size of the algorithm's hash: 32 or 48. */
size_t signer_digest_size(enum signer_alg alg);
/* Hash `data` with the algorithm's hash into out; returns its size. */
size_t signer_digest(enum signer_alg alg, struct bytes data, uint8_t out[64]);
/* Hash and sign. Errors are those of the callback. */
enum err signer_sign(const struct signer *s, struct bytes data, struct arena *a,
                     struct bytes *signature) MUST_CHECK;
/* Append the signature AlgorithmIdentifier (RFC 4055, RFC 5758). */
void signer_put_algorithm(struct buf *b, enum signer_alg alg);
/* Append the digest AlgorithmIdentifier (parameters absent, RFC 5754). */
void signer_put_digest_algorithm(struct buf *b, enum signer_alg alg);
/* SEQUENCE { tbs, algorithm, BIT STRING signature }: certificates, CRLs, CSRs, basic OCSP answers.
 */
enum err signer_wrap(const struct signer *s, struct bytes tbs, struct arena *a,
                     struct bytes *out) MUST_CHECK;
/* The same from a signature made earlier. */
struct bytes signer_assemble(enum signer_alg alg, struct bytes tbs, struct bytes signature,
                             struct arena *a);

/* What kind of key a SubjectPublicKeyInfo holds, and which algorithm goes with it. */
enum err signer_alg_of_spki(struct bytes spki, enum signer_alg *out) MUST_CHECK;

/*
 * Check a signature over `data`. `algorithm` is the whole AlgorithmIdentifier found beside it;
 * known are RSA PKCS#1 v1.5 and ECDSA with SHA-256/384/512. E_INPUT "signature-invalid" when it
 * does not hold, E_UNSUPPORTED for another algorithm.
 */
enum err signer_verify(struct bytes spki, struct bytes algorithm, struct bytes data,
                       struct bytes signature) MUST_CHECK;
/* The same for SEQUENCE { tbs, algorithm, BIT STRING } as a whole. */
enum err signer_verify_wrapped(struct bytes spki, struct bytes whole) MUST_CHECK;

/* A key in memory: for lint before the real signature, for tests, for PKCS#12. Never stored. */
struct signer_key;
enum err signer_key_new(enum signer_alg alg,
                        struct signer_key **out) MUST_CHECK; /* RSA: 2048 bits */
void signer_key_free(struct signer_key *k);
/* Borrowed: valid while k lives. */
struct signer signer_key_signer(struct signer_key *k);
struct bytes signer_key_spki(const struct signer_key *k);
/* The private key as PKCS#8 (RFC 5958) DER: of a key that is made for somebody else. */
enum err signer_key_private(const struct signer_key *k, struct secret **pkcs8) MUST_CHECK;
