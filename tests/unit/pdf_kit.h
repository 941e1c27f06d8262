/*
 * pdf_kit.h - what the tests of PDF signing live on: a small PKI with soft keys (root, issuing CA,
 * signers, OCSP responder, TSA) whose services are plain callbacks that can be told to misbehave,
 * and PDF files of each cross-reference form, made on the spot.
 */
#pragma once

#include "sign/pdf_read.h"
#include "sign/pdf_sign.h"
#include "sign/pdf_verify.h"

#include <openssl/x509.h>

enum kit_key { KIT_RSA2048, KIT_RSA3072, KIT_P256, KIT_P384, KIT_KEY__MAX };

/* How the TSA behaves. */
enum kit_tsa {
    KIT_TSA_GOOD,
    KIT_TSA_DOWN,
    KIT_TSA_REFUSES,
    KIT_TSA_WRONG_NONCE,
    KIT_TSA_WRONG_IMPRINT,
    KIT_TSA_GARBAGE,
    KIT_TSA_LATE,
    KIT_TSA_HUGE
};

struct kit_identity {
    EVP_PKEY *key;
    X509 *cert;
    struct bytes der;
};

struct kit {
    struct arena *arena; /* life of the kit */
    struct kit_identity root, ca, ocsp, tsa, stranger, signer[KIT_KEY__MAX];
    struct cms_signer *cms[KIT_KEY__MAX];
    struct pdf_trust *trust; /* root is the anchor for both; fetching goes to the kit */
    struct timestamp_authority authority;
    enum kit_tsa tsa_mode;
    bool revocation_down; /* nothing can be fetched */
    int64_t ocsp_age_us;  /* answers were made so long ago, as some responders do; no nonce then */
    bool ocsp_down;       /* only CRLs */
    X509 *revoked;        /* told as revoked by OCSP and CRL */
    int revoked_reason;
    int64_t revoked_before_us; /* revoked so long ago */
    int64_t shift_us;          /* TSA, OCSP and CRLs live so much later than the clock */
    int tsa_calls, fetch_calls, sign_calls;
};

struct kit *kit_new(void);
void kit_free(struct kit *k);

/* cms_sign_fn with the soft key; arg is an EVP_PKEY. */
enum err kit_sign(void *arg, struct bytes digest, struct arena *a, struct bytes *signature);

/* Parameters to sign `pdf` with that key; change what the test is about. */
struct pdf_sign_params kit_params(struct kit *k, struct bytes pdf, enum pdf_level level,
                                  enum kit_key key);
/* pdf_verify() and pdf_read_open() of a file in memory, without a password. */
enum err kit_verify(struct bytes pdf, const struct pdf_trust *trust, struct timestamp at,
                    struct arena *a, struct pdf_report **out) MUST_CHECK;
enum err kit_open(struct bytes pdf, struct pdf_read *out) MUST_CHECK;
/* A signer with a certificate of the kit's CA for another public key (DER SubjectPublicKeyInfo). */
struct cms_signer *kit_signer_for(struct kit *k, struct bytes spki);
/* PEM of the root, for foreign judges. */
struct str kit_root_pem(struct kit *k);

enum kit_form { KIT_TABLE, KIT_STREAM, KIT_OBJSTM, KIT_FORM__MAX };
/* A PDF of `pages` pages and about `weight` bytes; `acroform`: with a form of one text field. */
struct bytes kit_pdf(struct arena *a, enum kit_form form, int pages, size_t weight, bool acroform);
/* Objects given as text ("<<...>>"), object i+1 each; the first is the catalogue. */
struct bytes kit_pdf_of(struct arena *a, enum kit_form form, const char *const *objects, size_t n);
