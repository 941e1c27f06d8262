/*
 * signing_signer_work.c - certificates with their chains, parsed once. A certificate never changes
 * once it is issued; whether it may be used now is asked before, for each signature.
 */
#include "features/signing/signing_inside_work.h"

#include "base/encoding.h"
#include "pki/x509.h"

#define KEPT 32
#define CHAIN_MAX 8

static struct kept {
    struct certificate_id id; /* 0: free */
    struct cms_signer *signer;
    struct bytes32 key,
        issuer; /* SHA-256 of its SubjectPublicKeyInfo, and of the issuing certificate */
} kept[KEPT];
static size_t next;

static enum err load(struct tx *tx, const struct authority_certificate *c, struct kept *out)
{
    struct bytes *chain;
    struct x509 x;
    size_t n;

    TRY(x509_parse(c->der, tx_arena(tx), &x));
    TRY(authority_chain(tx, c->id, &chain, &n));
    if (n == 0 || n > CHAIN_MAX)
        return FAIL(E_INTERNAL, "", "chain of %zu", n);
    out->key = sha256(x.spki);
    out->issuer = sha256(chain[0]);
    TRY(cms_signer_new(c->der, chain, n, &out->signer));
    out->id = c->id;
    return E_OK;
}

static enum err find(struct tx *tx, const struct authority_certificate *c, const struct kept **out)
{
    struct kept fresh = { .signer = NULL };

    for (size_t i = 0; i < KEPT; i++)
        if (kept[i].id.v != 0 && kept[i].id.v == c->id.v) {
            *out = &kept[i];
            return E_OK;
        }
    TRY(load(tx, c, &fresh));
    cms_signer_free(kept[next].signer);
    kept[next] = fresh;
    *out = &kept[next];
    next = (next + 1) % KEPT;
    return E_OK;
}

/* P3-07: only signing certificates, and only from the issuers that the operator lists. */
static enum err issuer_allowed(const struct signing_inside *in, struct arena *a,
                               const struct authority_certificate *c, const struct bytes32 *issuer)
{
    struct str fingerprint = hex_encode(a, bytes_of_32(issuer));

    if (!str_eq_z(c->profile, "signing"))
        return FAIL(E_STATE, "certificate-issuer", "profile %.*s", STR_ARG(c->profile));
    if (str_empty(in->issuers) || strstr(in->issuers.p, fingerprint.p) != NULL)
        return E_OK;
    return FAIL(E_STATE, "certificate-issuer", "issuer %s is not on the list", fingerprint.p);
}

enum err signing_signer_get(struct tx *tx, const struct signing_inside *in,
                            const struct signing_credential *credential,
                            const struct authority_certificate *c, const struct cms_signer **out)
{
    const struct kept *k;

    TRY(find(tx, c, &k));
    if (!bytes32_eq(&k->key, &credential->key_id))
        return FAIL(E_STATE, "key-mismatch", "the certificate holds another key");
    TRY(issuer_allowed(in, tx_arena(tx), c, &k->issuer));
    *out = k->signer;
    return E_OK;
}

void signing_signer_forget(void)
{
    for (size_t i = 0; i < KEPT; i++)
        cms_signer_free(kept[i].signer);
    memset(kept, 0, sizeof kept);
    next = 0;
}
