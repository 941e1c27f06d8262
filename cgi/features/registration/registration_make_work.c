/*
 * registration_make_work.c - keys that this program makes: in the signing token for credentials
 * (registration_key_make), and in memory for a PKCS#12. The latter is sealed at once under a key
 * that comes from the password, shown once, and the token of the link: the database has neither.
 */
#include "features/registration/registration_collect.h"
#include "features/registration/registration_inside.h"
#include "features/registration/registration_keys.h"

#include "base/crypto.h"
#include "base/random.h"
#include "features/signing/signing.h"
#include "pki/csr.h"
#include "pki/p12.h"
#include "store/db.h"
#include "store/gen/registration.q.h"

#define SEALED_US (30 * MINUTE_US)
enum { SALT = 16 };

/* --- keys of the signing token --- */

enum err registration_key_make(struct tx *tx, const struct registration_draft *d, struct str label,
                               const struct secret *pin, struct timestamp now, struct bytes *csr,
                               struct str *credential)
{
    const struct signing_owner owner = { .tenant = d->tenant, .account = d->subscriber };
    struct registration_names names;
    struct signing_made_key key;
    const struct profile *p;

    TRY(profiles_get(tx, d->profile, 0, &p));
    TRY(registration_names_of(tx, p, d->values, d->values_n, &names));
    TRY(signing_key_make(tx, owner, STR("p256"), pin, &names.subject, &key));
    TRY(q_registration_key_put(tx, d->id, d->tenant, key.public_id, label, key.key_kind, key.blob,
                               key.spki, now));
    *csr = key.csr;
    *credential = key.public_id;
    return E_OK;
}

/* --- PKCS#12 --- */

static enum signer_alg kind_for(const struct profile *p)
{
    static const enum signer_alg order[] = { SIGNER_P256_SHA256, SIGNER_RSA_SHA256,
                                             SIGNER_P384_SHA384 };

    /* mail programs and older systems know RSA best */
    if ((p->x509.key_usage & X509_KEY_ENCIPHERMENT) && (p->x509.algs & (1u << SIGNER_RSA_SHA256)))
        return SIGNER_RSA_SHA256;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (p->x509.algs & (1u << order[i]))
            return order[i];
    return SIGNER_P256_SHA256;
}

/* Password and token together: who has one of them has nothing. */
static enum err sealing_key(const struct secret *password, struct str token, struct bytes salt,
                            struct secret **key)
{
    struct bytes p = secret_bytes(password);
    struct secret *both = secret_new(p.n + token.n);
    enum err e;

    memcpy(secret_data(both), p.p, p.n);
    memcpy(secret_data(both) + p.n, token.p, token.n);
    e = pin_derive(secret_bytes(both), salt, key);
    secret_free(both);
    return e;
}

static enum err seal(struct arena *a, const struct secret *password, struct str token,
                     struct bytes salt, const struct secret *private, struct bytes *out)
{
    struct secret *key = NULL;

    TRY(sealing_key(password, token, salt, &key));
    enum err e = aead_seal(a, key, bytes_of_str(STR("collect")), secret_bytes(private), out);
    secret_free(key);
    return e;
}

static enum err make_and_take(struct tx *tx, const struct audit_by *by,
                              struct registration_link *link, const struct profile *p,
                              const struct secret *password, struct timestamp now)
{
    struct arena *a = tx_arena(tx);
    uint8_t salt[SALT];
    struct registration_names names;
    struct signer_key *key = NULL;
    struct secret *private = NULL;
    struct bytes csr = BYTES_ABSENT, sealed = BYTES_ABSENT, salted = { salt, sizeof salt };
    enum err e;

    random_bytes(salt, sizeof salt);
    TRY(registration_names_of(tx, p, link->r.values, link->r.values_n, &names));
    TRY(signer_key_new(kind_for(p), &key));
    struct signer signer = signer_key_signer(key);
    e = csr_build(&signer, signer_key_spki(key), names.der, a, &csr);
    if (e == E_OK)
        e = signer_key_private(key, &private);
    signer_key_free(key);
    if (e == E_OK)
        e = seal(a, password, link->token, salted, private, &sealed);
    secret_free(private);
    TRY(e);
    return registration_collect_take(tx, by, link, csr, salted, sealed,
                                     timestamp_add(now, SEALED_US), now);
}

enum err registration_collect_make(struct tx *tx, const struct audit_by *by,
                                   struct registration_link *link, struct timestamp now,
                                   struct secret **password)
{
    const struct profile *p;

    TRY(profiles_get(tx, link->r.profile, link->r.profile_version, &p));
    if (!(p->keys & (uint32_t)PROFILES_PKCS12))
        return FAIL(E_DENIED, "key-source", "profile %s has no keys made by the server", p->name.p);
    *password = p12_password();
    enum err e = make_and_take(tx, by, link, p, *password, now);
    if (e != E_OK) {
        secret_free(*password);
        *password = NULL;
    }
    return e;
}

static enum err open_sealed(struct tx *tx, const struct registration_link *link,
                            const struct secret *password, struct secret **private)
{
    struct secret *key = NULL;
    enum err e;

    TRY(sealing_key(password, link->token, link->salt, &key));
    e = aead_open(key, bytes_of_str(STR("collect")), link->sealed_key, private);
    secret_free(key);
    if (e != E_INPUT)
        return e;
    TRY(registration_collect_wrong(tx, link, link->failures));
    return FAIL(E_AUTH, "password-wrong", "the sealed key does not open");
}

enum err registration_collect_file(struct tx *tx, const struct audit_by *by,
                                   struct registration_link *link, const struct secret *password,
                                   struct bytes *p12)
{
    struct secret *private = NULL;
    struct bytes *chain;
    size_t n;

    if (!link->sealed)
        return FAIL(E_STATE, "link-ended", "nothing is left to fetch");
    TRY(registration_collect_chain(tx, &link->r, &chain, &n));
    if (n == 0)
        return FAIL(E_BUSY, "certificate-pending", "not issued yet");
    TRY(open_sealed(tx, link, password, &private));
    enum err e = p12_build(private, chain, n, password, link->r.title, tx_arena(tx), p12);
    secret_free(private);
    TRY(e);
    return registration_collect_finish(tx, by, link);
}
