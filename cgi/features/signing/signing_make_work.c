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

enum err signing_credential_make(struct tx *tx, struct signing_owner owner, struct str label,
                                 struct str key_kind, const struct secret *pin,
                                 struct str common_name, struct str organisation,
                                 const struct audit_by *by, struct timestamp now,
                                 struct str *public_id)
{
    struct arena *a = tx_arena(tx);
    struct str id = random_token(a, 12);
    struct bytes wrapped = BYTES_ABSENT, spki = BYTES_ABSENT, blob = BYTES_ABSENT,
                 csr = BYTES_ABSENT;
    struct certificate_id certificate;
    struct credential_id row;
    struct signing_inside *in;
    struct name subject = { .n = 0 };
    enum key_kind kind;

    TRY(signing_inside_hsm(&in));
    TRY(keys_kind_from(key_kind, &kind));
    name_add(&subject, OID_C, STR("JP"));
    name_add(&subject, OID_O, organisation);
    name_add(&subject, OID_CN, common_name);
    TRY(keys_generate(in->hsm, a, kind, &wrapped, &spki));
    TRY(make_blob(a, owner, pin, id, wrapped, &blob));
    TRY(build_request(in->hsm, a, kind, wrapped, spki, &subject, &csr));
    TRY(ask_for_certificate(tx, owner, &subject, csr, &certificate));
    TRY(q_credential_add(tx, id, owner.tenant, owner.account, label, key_kind, blob,
                         owner.account.v != 0, spki, sha256(spki), certificate, now, &row));
    *public_id = id;
    struct audit_entry e = { .by = *by,
                             .tenant = owner.tenant,
                             .action = "signing.credential.create",
                             .object_kind = "credential",
                             .object = id };
    return audit_write(tx, &e);
}
