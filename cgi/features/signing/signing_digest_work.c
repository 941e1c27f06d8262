/*
 * signing_digest_work.c - the client keeps the document and sends its digest: the CMS that goes
 * into /Contents comes back, with a timestamp at ES-T.
 */
#include "features/signing/signing_inside_work.h"

#include "base/crypto.h"

struct stamping {
    const struct pdf_trust *trust;
    struct bytes value; /* of the signature */
    struct arena *a;
    struct pdf_sign_result *result;
};

static enum err stamp(void *arg, const struct timestamp_authority *tsa)
{
    struct stamping *s = arg;
    struct bytes32 imprint = sha256(s->value);
    return timestamp_obtain(tsa, s->trust, DIGEST_SHA256, bytes_of_32(&imprint), s->a,
                            &s->result->token);
}

static enum err add_timestamp(struct tx *tx, struct signing_inside *in, struct signing_job *j,
                              struct bytes value)
{
    struct stamping s = { NULL, value, tx_arena(tx), &j->result };
    struct signing_tsa_task task = { stamp, &s, &j->result };

    TRY(signing_inside_trust(in, &s.trust));
    return signing_tsa_run(in, &task, &j->tsa);
}

/* A digest of 32 bytes as it is; a longer one by its SHA-256 (see the table). */
static struct bytes32 recorded(struct bytes digest)
{
    struct bytes32 r;
    if (digest.n != sizeof r.b)
        return sha256(digest);
    memcpy(r.b, digest.p, sizeof r.b);
    return r;
}

static enum err run(struct tx *tx, struct signing_hands *h, struct signing_job *j,
                    struct bytes digest, struct bytes *cms)
{
    struct pdf_source none = { 0 };
    struct bytes value;
    struct pdf_sign_params p;

    TRY(signing_job_signer(tx, h, j));
    if (digest.n != (cms_signer_digest(h->signer) == DIGEST_SHA384 ? 48 : 32))
        return FAIL(E_INPUT, "digest-length", "%zu bytes", digest.n);
    TRY(signing_job_take(tx, h, j));
    p = signing_job_params(j, h, &none);
    TRY(cms_sign_value(p.signer, digest, p.sign, p.sign_arg, tx_arena(tx), &value));
    if (j->level == SIGNING_ES_T)
        TRY(add_timestamp(tx, h->in, j, value));
    cms_sign_finish(p.signer, digest, value, j->result.token.der, tx_arena(tx), cms);
    j->result.digest_in = recorded(digest);
    j->result.digest_out = sha256(*cms);
    j->result.size_out = cms->n;
    return E_OK;
}

static enum err sign(struct tx *tx, struct signing_job *j, struct bytes digest, struct bytes *cms)
{
    struct signing_hands h = { 0 };
    struct signing_inside *in;
    enum err e;

    TRY(signing_inside_get(&in));
    e = run(tx, &h, j, digest, cms);
    signing_job_release(&h);
    return e == E_OK || e == E_BUSY ? e : signing_record_failed(in, j, e);
}

enum err signing_sign_digest(struct tx *tx, const struct signing_request *rq, struct bytes digest,
                             struct str key, struct bytes *cms, struct signing_receipt *out)
{
    struct signing_job j = signing_job_of(tx, rq);
    struct str earlier;

    if (rq->level > SIGNING_ES_T)
        return FAIL(E_INPUT, "level-digest", "%s needs the file", signing_level_name(rq->level));
    if (rq->certify || rq->lock || rq->seals_n)
        return FAIL(E_INPUT, "option-digest", "belongs into the file");
    j.kind = "digest";
    TRY(signing_credential_find(tx, rq->owner, rq->credential, &j.credential));
    if (!str_absent(key)) {
        TRY(signing_claim(tx, &j, key, "digest", sha256(digest), &earlier, cms));
        *out = (struct signing_receipt){ .record = earlier, .replayed = true };
        if (!str_absent(earlier))
            return E_OK;
    }
    TRY(sign(tx, &j, digest, cms));
    if (!str_absent(key))
        TRY(signing_claim_result(tx, &j, key, *cms));
    TRY(signing_record_done(tx, &j));
    *out = (struct signing_receipt){ .record = j.public_id };
    return E_OK;
}
