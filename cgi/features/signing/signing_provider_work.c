/* signing_provider_work.c - see signing_provider.h */
#include "features/signing/signing_provider.h"

#include "base/encoding.h"
#include "base/json.h"
#include "features/signing/signing_inside_work.h"
#include "sign/pdf_source.h"
#include "store/gen/signing.q.h"

#define RENEW_US (60 * DAY_US)

static const char *const names[] = { "witness", "report" };
_Static_assert(sizeof names / sizeof *names == SIGNING_PROVIDER__MAX, "a name for each");

const char *signing_provider_name(enum signing_provider_purpose purpose)
{
    return (unsigned)purpose < SIGNING_PROVIDER__MAX ? names[purpose] : NULL;
}

/* Neither pending, nor suspended, nor revoked, and valid at `at`. */
static bool usable(const struct authority_certificate *c, struct timestamp at)
{
    return c->state == AUTHORITY_ISSUED && timestamp_cmp(at, c->not_before) >= 0 &&
           timestamp_cmp(at, c->not_after) <= 0;
}

struct seal {
    struct signing_credential credential;
    struct authority_certificate certificate;
};

/* The newest that can be used at `at`; E_ABSENT. */
static enum err find(struct tx *tx, enum signing_provider_purpose purpose, struct timestamp at,
                     struct seal *out)
{
    struct q_provider_seal_list *rows;
    size_t n;

    TRY(q_provider_seal_list(tx, str_z(signing_provider_name(purpose)), &rows, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(authority_certificate(tx, rows[i].tenant_id, rows[i].certificate_id,
                                  &out->certificate));
        out->credential = (struct signing_credential){ .id = rows[i].id,
                                                       .public_id = rows[i].public_id,
                                                       .label = rows[i].label,
                                                       .key_kind = rows[i].key_kind,
                                                       .tenant = rows[i].tenant_id,
                                                       .certificate = rows[i].certificate_id,
                                                       .key_blob = rows[i].key_blob,
                                                       .spki = rows[i].spki,
                                                       .key_id = rows[i].key_id };
        if (usable(&out->certificate, at))
            return E_OK;
    }
    return FAIL(E_ABSENT, "provider-seal-missing", "no usable %s seal",
                signing_provider_name(purpose));
}

/* --- signing --- */

static enum err write_audit(struct tx *tx, const struct signing_provider_request *rq,
                            const struct seal *seal, const struct pdf_sign_result *result)
{
    struct buf b = buf_init(2048);
    struct json *detail = json_new_object();
    struct str text = STR_ABSENT;
    enum err e;

    json_set_str(detail, "purpose", str_z(signing_provider_name(rq->purpose)));
    json_set_str(detail, "credential", seal->credential.public_id);
    json_set_str(detail, "certificate", seal->certificate.serial);
    json_set_str(detail, "level", str_z(signing_level_name(rq->level)));
    json_set_str(detail, "digest_out", hex_encode(tx_arena(tx), bytes_of_32(&result->digest_out)));
    e = json_write(detail, false, &b);
    if (e == E_OK)
        e = buf_to_str(&b, tx_arena(tx), &text);
    json_free(detail);
    buf_free(&b);
    if (e != E_OK)
        return e;
    struct audit_entry entry = { .by = rq->by,
                                 .tenant = rq->tenant,
                                 .action = "signing.provider.sign",
                                 .object_kind = "signature",
                                 .object = rq->object,
                                 .detail = text };
    return audit_write(tx, &entry);
}

static enum err sign_digest(void *arg, struct bytes digest, struct arena *a,
                            struct bytes *signature)
{
    return keys_sign_digest(arg, digest.p, digest.n, a, signature);
}

static enum err run(struct tx *tx, const struct signing_provider_request *rq,
                    const struct pdf_source *document, const struct seal *seal,
                    struct signing_inside *in, struct signing_key *key, struct buf *tail,
                    struct pdf_sign_result *result)
{
    static const enum pdf_level level[] = { [SIGNING_ES] = PDF_LEVEL_ES,
                                            [SIGNING_ES_T] = PDF_LEVEL_ES_T,
                                            [SIGNING_ES_LT] = PDF_LEVEL_ES_LT,
                                            [SIGNING_ES_A] = PDF_LEVEL_ES_A };
    const struct signing_tsa *tsa;
    struct pdf_sign_params p = { .source = *document,
                                 .password = rq->password,
                                 .level = level[rq->level],
                                 .sign = sign_digest,
                                 .sign_arg = key,
                                 .when = rq->now,
                                 .name = rq->name,
                                 .reason = rq->reason,
                                 .location = rq->location,
                                 .contact = rq->contact,
                                 .field = rq->field,
                                 .certify = rq->certify,
                                 .lock = rq->lock,
                                 .seals = rq->seals,
                                 .seals_n = rq->seals_n,
                                 .tail_only = true };

    TRY(signing_signer_get(tx, in, &seal->credential, &seal->certificate, &p.signer));
    if (rq->level != SIGNING_ES)
        TRY(signing_inside_trust(in, &p.trust));
    return signing_tsa_sign(in, &p, tx_arena(tx), tail, result, &tsa);
}

enum err signing_provider_sign(struct tx *tx, const struct signing_provider_request *rq,
                               const struct pdf_source *document, struct buf *tail,
                               struct pdf_sign_result *result)
{
    struct signing_key *key = NULL;
    struct signing_inside *in;
    struct seal seal;
    enum key_kind kind;
    enum err e = find(tx, rq->purpose, rq->now, &seal);

    if (e == E_ABSENT)
        return FAIL(E_BACKEND, "provider-seal-missing", "shomeictl init makes it");
    if (e != E_OK)
        return e;
    TRY(keys_kind_from(seal.credential.key_kind, &kind));
    TRY(signing_inside_hsm(&in));
    TRY(keys_cached_unwrap(in->hsm, seal.credential.key_blob, kind, seal.credential.spki, &key));
    e = run(tx, rq, document, &seal, in, key, tail, result);
    keys_destroy(key);
    if (rq->certificate != NULL)
        *rq->certificate = seal.certificate.serial;
    return e == E_OK ? write_audit(tx, rq, &seal, result) : e;
}

/* --- making them --- */

static enum err make(struct tx *tx, struct tenant_id provider, struct str organisation,
                     enum signing_provider_purpose purpose, const struct audit_by *by,
                     struct timestamp now, struct certificate_id *certificate)
{
    static const char *const what[] = { "witness seal", "report seal" };
    struct signing_owner owner = { .tenant = provider };
    struct str id, name = str_fmt(tx_arena(tx), "%.40s %s", organisation.p, what[purpose]);
    struct q_provider_seal_list *rows;
    uint64_t changed;
    size_t n;

    TRY(signing_credential_make(tx, owner, name, STR("p256"), NULL, name, organisation, by, now,
                                &id));
    TRY(q_provider_seal_set(tx, provider, id, str_z(names[purpose]), &changed));
    TRY(q_provider_seal_list(tx, str_z(names[purpose]), &rows, &n));
    if (changed != 1 || n == 0 || !str_eq(rows[0].public_id, id))
        return FAIL(E_INTERNAL, "", "the new seal is not the newest");
    *certificate = rows[0].certificate_id;
    return E_OK;
}

enum err signing_provider_make(struct tx *tx, struct tenant_id provider, struct str organisation,
                               const struct audit_by *by, struct timestamp now,
                               struct certificate_id made[SIGNING_PROVIDER__MAX], size_t *n)
{
    *n = 0;
    for (unsigned i = 0; i < SIGNING_PROVIDER__MAX; i++) {
        struct seal seal;
        enum err e = find(tx, i, timestamp_add(now, RENEW_US), &seal);
        if (e == E_OK)
            continue;
        if (e != E_ABSENT)
            return e;
        fault_clear();
        TRY(make(tx, provider, organisation, i, by, now, &made[*n]));
        ++*n;
    }
    return E_OK;
}
