/*
 * provider.h - lets OpenSSL sign with a key of the token: X509_sign, X509_CRL_sign, X509_REQ_sign,
 * OCSP_basic_sign, TS_RESP_create_response, CMS_sign. Everything else stays with OpenSSL's
 * own provider. Not for PAdES attributes, which are signed with keys_sign_digest.
 */
#pragma once

#include "sign/keys.h"

#include <openssl/evp.h>

/*
 * An EVP_PKEY over the key; the caller owns it (EVP_PKEY_free). It can sign until keys_destroy(k),
 * then signing fails. Registers the built-in provider and the default properties at the first call
 * of the process. NULL on failure, with the fault recorded.
 * A failed OpenSSL signing call leaves the token's reason in fault_current().
 */
EVP_PKEY *provider_key(struct signing_key *k);

/* Register the provider now, e.g. before a sandbox. provider_key does so by itself. */
enum err provider_load(void) MUST_CHECK;
