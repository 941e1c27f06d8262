/*
 * provider_internal.h - inside sign/ only: the key object that our provider hands to OpenSSL.
 */
#pragma once

#include "sign/keys_internal.h"

#include <openssl/core_dispatch.h>

#define PROVIDER_NAME "shomei-hsm"
#define PROVIDER_PROPERTY "provider=" PROVIDER_NAME
/* Never give our RSA and EC to anybody who did not ask: SoftHSM itself uses this libcrypto. */
#define PROVIDER_DEFAULT "?provider=default"
/* Parameter of EVP_PKEY_fromdata: pointer to a struct signing_key of this process. */
#define PROVIDER_PARAM_KEY "shomei-signing-key"

struct provider_keydata {
    bool rsa;
    struct signing_key *key; /* held; NULL for an imported public key */
    EVP_PKEY *public_key;    /* OpenSSL's own, public half only; owned */
};

/* Dispatch tables, for RSA and for EC. */
extern const OSSL_DISPATCH provider_keymgmt_rsa[], provider_keymgmt_ec[];
extern const OSSL_DISPATCH provider_signature_rsa[], provider_signature_ec[];
