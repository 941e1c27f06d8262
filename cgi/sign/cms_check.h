/*
 * cms_check.h - reads and judges a CMS SignedData with one SignerInfo (RFC 5652): a PDF signature
 * (detached) or a time-stamp token (with content). Cryptography and the attributes only; chains,
 * revocation and times are others' work.
 */
#pragma once

#include "base/clock.h"
#include "base/crypto.h"

#include <openssl/cms.h>

enum { CMS_CHECK_CERTS_MAX = 32, CMS_CHECK_SIZE_MAX = 4 << 20 };

struct cms_check {
    CMS_ContentInfo *cms;
    CMS_SignerInfo *info;                    /* borrowed from cms */
    X509 *signer;                            /* owned; NULL when the CMS does not carry it */
    struct bytes certs[CMS_CHECK_CERTS_MAX]; /* DER, the signer first if there is one */
    size_t certs_n;
    const EVP_MD *md;            /* of the SignerInfo */
    struct bytes message_digest; /* the attribute */
    struct bytes content;        /* encapsulated, absent when detached */
    struct bytes signature;      /* the value, what a signature time-stamp is over */
    struct bytes token; /* signature-time-stamp attribute (RFC 3161 appendix A), or absent */
    struct bytes ocsp[8], crl[8]; /* carried in Adobe's or the CMS's own place */
    size_t ocsp_n, crl_n;
    bool signing_time;           /* the attribute is there, which PAdES baseline forbids */
    bool signing_cert_v2;        /* signing-certificate-v2 is there */
    bool pure;                   /* EdDSA, over `attributes` (DER) as they are */
    struct bytes attributes;     /* absent unless pure */
    struct timestamp weak_since; /* when an algorithm or key stopped being safe; TIMESTAMP_NONE */
};

/*
 * Parse; zero bytes may follow (the padding of /Contents), nothing else. E_INPUT "cms-malformed"
 * (not one SignerInfo, no signed attributes, no or doubled message-digest, content-type that is not
 * `type`, content inside of a detached one (id-data), a digest in the signature algorithm, in its
 * PSS parameters or in CMSAlgorithmProtection that is not the SignerInfo's), E_UNSUPPORTED
 * "digest-unsupported". Close with cms_check_close() in any case.
 */
enum err cms_check_open(struct bytes der, int type_nid, struct arena *a,
                        struct cms_check *out) MUST_CHECK;
void cms_check_close(struct cms_check *c);

/*
 * Judge against the digest (of c->md's kind) of the content. E_INPUT "digest-mismatch",
 * "signature-invalid", "signer-missing" (certificate not carried), "signing-certificate" (the
 * attribute names another certificate).
 */
enum err cms_check_verify(struct cms_check *c, struct bytes digest) MUST_CHECK;

/* "SHA-256" ... and "RSA", "RSA-PSS", "ECDSA P-256" ... for people. */
struct str cms_check_digest_name(const struct cms_check *c, struct arena *a);
struct str cms_check_algorithm_name(const struct cms_check *c, struct arena *a);
