/* keys_signer.h - a key of the token as the signer of pki/: certificates, CRLs, OCSP, timestamps.
 */
#pragma once

#include "pki/signer.h"
#include "sign/keys.h"

/* Borrowed: valid while the key lives. */
struct signer keys_signer(struct signing_key *key);
