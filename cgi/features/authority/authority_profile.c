/* authority_profile.c - the certificate profiles of this installation; see authority.h */
#include "features/authority/authority.h"

#include "pki/x509.h"

enum {
    RSA = 1u << SIGNER_RSA_SHA256,
    P256 = 1u << SIGNER_P256_SHA256,
    P384 = 1u << SIGNER_P384_SHA384
};

#define YEARS(n) ((n)*365 * DAY_US)

static const struct x509_profile profiles[] = {
    {
        .name = "root",
        .authority = "root",
        .validity_us = YEARS(20),
        .key_usage = X509_KEY_CERT_SIGN | X509_CRL_SIGN,
        .ca = true,
        .path_length = -1,
        .algs = RSA | P256 | P384,
    },
    {
        .name = "issuing",
        .authority = "root",
        .validity_us = YEARS(10),
        .key_usage = X509_KEY_CERT_SIGN | X509_CRL_SIGN,
        .ca = true,
        .path_length = 0,
        .aia_issuer = true,
        .cdp = true,
        .algs = RSA | P256 | P384,
    },
    {
        /* document signing: RFC 9336, and the purpose that Adobe's products look for. The document
         * needs digitalSignature; nonRepudiation is what makes it a person's declaration. NSS,
         * which poppler and LibreOffice judge with, knows no such purpose and asks for e-mail
         * signing. */
        .name = "signing",
        .authority = "signing",
        .validity_us = YEARS(2),
        .key_usage = X509_DIGITAL_SIGNATURE | X509_NON_REPUDIATION,
        .eku = { OID_EKU_DOCUMENT_SIGNING, OID_EKU_ADOBE_PDF_SIGNING, OID_EKU_EMAIL },
        .eku_n = 3,
        .path_length = -1,
        .aia_ocsp = true,
        .aia_issuer = true,
        .cdp = true,
        .algs = RSA | P256 | P384,
        .suspendable = true, /* P3-147 */
    },
    {
        .name = "client", /* RS-API connection (P3-13) */
        .authority = "access",
        .validity_us = YEARS(1),
        .key_usage = X509_DIGITAL_SIGNATURE,
        .eku = { OID_EKU_CLIENT_AUTH },
        .eku_n = 1,
        .path_length = -1,
        .aia_ocsp = true,
        .aia_issuer = true,
        .cdp = true,
        .algs = RSA | P256 | P384,
        .suspendable = true,
    },
    {
        .name = "tls-server",
        .authority = "access",
        .validity_us = YEARS(1),
        .key_usage = X509_DIGITAL_SIGNATURE,
        .eku = { OID_EKU_SERVER_AUTH },
        .eku_n = 1,
        .path_length = -1,
        .aia_ocsp = true,
        .aia_issuer = true,
        .cdp = true,
        .algs = RSA | P256 | P384,
    },
    {
        /* RFC 6960 4.2.2.2.1: nobody asks about the responder, so it lives for a short time */
        .name = "ocsp",
        .authority = "signing",
        .validity_us = 30 * DAY_US,
        .key_usage = X509_DIGITAL_SIGNATURE,
        .eku = { OID_EKU_OCSP_SIGNING },
        .eku_n = 1,
        .path_length = -1,
        .ocsp_nocheck = true,
        .algs = P256,
    },
    {
        .name = "tsa",
        .authority = "signing",
        .validity_us = YEARS(5),
        .key_usage = X509_DIGITAL_SIGNATURE | X509_NON_REPUDIATION,
        .eku = { OID_EKU_TIME_STAMPING },
        .eku_n = 1,
        .eku_critical = true, /* RFC 3161 2.3 */
        .path_length = -1,
        .aia_ocsp = true,
        .aia_issuer = true,
        .cdp = true,
        .algs = RSA | P256,
    },
};

const struct x509_profile *authority_profile(struct str name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++)
        if (str_eq_z(name, profiles[i].name))
            return &profiles[i];
    return NULL;
}
