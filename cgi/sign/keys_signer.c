/* keys_signer.c - see keys_signer.h */
#include "sign/keys_signer.h"

static enum err sign_digest(void *arg, struct bytes digest, struct arena *a,
                            struct bytes *signature)
{
    return keys_sign_digest(arg, digest.p, digest.n, a, signature);
}

struct signer keys_signer(struct signing_key *key)
{
    static const enum signer_alg algs[] = { SIGNER_RSA_SHA256, SIGNER_RSA_SHA256,
                                            SIGNER_P256_SHA256, SIGNER_P384_SHA384 };
    _Static_assert(sizeof algs / sizeof algs[0] == KEY_KIND__MAX, "one algorithm per kind");

    return (struct signer){ .alg = algs[keys_kind(key)], .sign = sign_digest, .arg = key };
}
