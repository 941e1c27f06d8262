/* signing_make_work.c - new credentials: a key made in the HSM and a certificate asked for it. */
#include "features/signing/signing_inside_work.h"

#include "base/crypto.h"
#include "base/random.h"
#include "pki/csr.h"
#include "store/gen/signing.q.h"

static enum err sign_csr(void *arg, struct bytes digest, struct arena *a, struct bytes *signature)
{
    return keys_sign_digest(arg, digest.p, digest.n, a, signature);
}

/* PKCS#10 signed by the new key: proof of possession for the authority. */
static enum err build_request(struct hsm *hsm, struct arena *a, enum key_kind kind,
                              struct bytes wrapped, struct bytes spki, const struct name *subject,
                              struct bytes *csr)
{
    struct signing_key *key = NULL;
    struct signer signer = { .sign = sign_csr };
    struct bytes dn;
    enum err e;

    TRY(name_build(subject, a, &dn));
    TRY(signer_alg_of_spki(spki, &signer.alg));
    TRY(keys_unwrap(hsm, wrapped, kind, spki, &key));
    signer.arg = key;
    e = csr_build(&signer, spki, dn, a, csr);
    keys_destroy(key);
    return e;
}

static enum err ask_for_certificate(struct tx *tx, struct signing_owner owner,
                                    const struct name *subject, struct bytes csr,
                                    struct certificate_id *id)
{
    struct authority_application app = { .tenant = owner.tenant,
                                         .account = owner.account,
                                         .profile = "signing",
                                         .subject = subject,
                                         .csr = csr };
    return authority_request(tx, &app, id);
}

/* Under the PIN for a person, as it is for a seal. */
static enum err make_blob(struct arena *a, struct signing_owner owner, const struct secret *pin,
                          struct str public_id, struct bytes wrapped, struct bytes *blob)
{
    if (owner.account.v == 0) {
        *blob = wrapped;
        return E_OK;
    }
    if (pin == NULL)
        return FAIL(E_INPUT, "pin-required", "a person's key has a PIN");
    return keys_bind_pin(a, wrapped, pin, signing_pin_context(a, public_id), blob);
}

enum err signing_key_make(struct tx *tx, struct signing_owner owner, struct str key_kind,
                          const struct secret *pin, const struct name *subject,
                          struct signing_made_key *out)
{
    struct arena *a = tx_arena(tx);
    struct bytes wrapped = BYTES_ABSENT;
    struct signing_inside *in;
    enum key_kind kind;

    *out = (struct signing_made_key){ .public_id = random_token(a, 12), .key_kind = key_kind };
    TRY(signing_inside_hsm(&in));
    TRY(keys_kind_from(key_kind, &kind));
    TRY(keys_generate(in->hsm, a, kind, &wrapped, &out->spki));
    TRY(make_blob(a, owner, pin, out->public_id, wrapped, &out->blob));
    return build_request(in->hsm, a, kind, wrapped, out->spki, subject, &out->csr);
}

enum err signing_credential_make(struct tx *tx, struct signing_owner owner, struct str label,
                                 struct str key_kind, const struct secret *pin,
                                 struct str common_name, struct str organisation,
                                 const struct audit_by *by, struct timestamp now,
                                 struct str *public_id)
{
    struct certificate_id certificate;
    struct signing_made_key key;
    struct name subject = { .n = 0 };

    name_add(&subject, OID_C, STR("JP"));
    name_add(&subject, OID_O, organisation);
    name_add(&subject, OID_CN, common_name);
    TRY(signing_key_make(tx, owner, key_kind, pin, &subject, &key));
    TRY(ask_for_certificate(tx, owner, &subject, key.csr, &certificate));
    TRY(signing_credential_adopt(tx, owner, label, &key, certificate, by, now));
    *public_id = key.public_id;
    return E_OK;
}
