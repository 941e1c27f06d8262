/*
 * signing_job_work.c - from a request to a signature: bind, check, open, sign. Nothing is written
 * but what counts although the request fails.
 */
#include "features/signing/signing_inside_work.h"

#include "base/random.h"
#include "features/accounts/accounts.h"

#define ASSERTION_AGE_US (15 * MINUTE_US)
#define ASSERTION_SKEW_US (5 * MINUTE_US)

struct signing_job signing_job_of(struct tx *tx, const struct signing_request *rq)
{
    return (struct signing_job){ .rq = rq,
                                 .public_id = random_token(tx_arena(tx), 16),
                                 .kind = rq->certify ? "certify" : "sign",
                                 .extension = SIGNING_JOB_SIGNS,
                                 .level = rq->level };
}

void signing_job_release(struct signing_hands *h)
{
    keys_destroy(h->key);
    secret_free(h->wrapped);
    *h = (struct signing_hands){ 0 };
}

static enum err credential_usable(const struct signing_credential *c)
{
    switch (c->state) {
    case SIGNING_CREDENTIAL_ACTIVE:
        return E_OK;
    case SIGNING_CREDENTIAL_HOLD: /* P3-147 */
        return FAIL(E_STATE, "credential-hold", "on hold");
    case SIGNING_CREDENTIAL_LOCKED:
        return FAIL(E_STATE, "credential-locked", "locked");
    case SIGNING_CREDENTIAL_REVOKED:
    case SIGNING_CREDENTIAL_STATE__MAX:
        break;
    }
    return FAIL(E_STATE, "credential-revoked", "revoked");
}

/* P3-148: neither expired nor revoked; asked of the authority at this moment. */
static enum err certificate_usable(const struct authority_certificate *c, struct timestamp now)
{
    switch (c->state) {
    case AUTHORITY_ISSUED:
        break;
    case AUTHORITY_REQUESTED:
    case AUTHORITY_SIGNING:
        return FAIL(E_STATE, "certificate-pending", "not issued yet");
    case AUTHORITY_SUSPENDED:
        return FAIL(E_STATE, "certificate-hold", "suspended");
    case AUTHORITY_REVOKED:
        return FAIL(E_STATE, "certificate-revoked", "revoked");
    case AUTHORITY_REFUSED:
    case AUTHORITY__STATES:
        return FAIL(E_STATE, "certificate-refused", "never issued");
    }
    if (timestamp_cmp(now, c->not_after) > 0)
        return FAIL(E_STATE, "certificate-expired", "its time is over");
    if (timestamp_cmp(now, c->not_before) < 0)
        return FAIL(E_STATE, "certificate-pending", "its time has not begun");
    return E_OK;
}

static enum err take_certificate(struct tx *tx, struct signing_hands *h, struct signing_job *j)
{
    TRY(authority_certificate(tx, j->credential.tenant, j->credential.certificate,
                              &j->certificate));
    TRY(certificate_usable(&j->certificate, j->rq->now));
    return signing_signer_get(tx, h->in, &j->credential, &j->certificate, &h->signer);
}

/* P3-23, P3-45: how the client's system says it identified the person. */
static enum err assertion_enough(struct tx *tx, const struct signing_job *j)
{
    const struct signing_assertion *s = &j->rq->assertion;
    struct signing_client client;

    if (j->rq->owner.client.v == 0 || !j->credential.pin_bound)
        return E_OK;
    TRY(signing_client_get(tx, j->rq->owner.client, &client));
    if (s->level < client.assertion_level)
        return FAIL(E_DENIED, "assertion-level", "level %u, %u agreed", s->level,
                    client.assertion_level);
    if (client.assertion_level > 0 &&
        (timestamp_is_none(s->at) ||
         timestamp_cmp(s->at, timestamp_add(j->rq->now, ASSERTION_SKEW_US)) > 0 ||
         timestamp_cmp(s->at, timestamp_add(j->rq->now, -ASSERTION_AGE_US)) < 0))
        return FAIL(E_DENIED, "assertion-time", "too old, or from the future");
    return E_OK;
}

struct code_check {
    const struct signing_request *rq;
    bool right;
};

static enum err check_code(struct tx *tx, void *arg)
{
    struct code_check *c = arg;
    return accounts_verify_totp(tx, &c->rq->by, c->rq->owner.account, c->rq->totp, c->rq->now,
                                &c->right);
}

/* On the side connection: a wrong code counts although the request fails. */
static enum err code_right(struct signing_inside *in, const struct signing_request *rq)
{
    struct code_check c = { rq, false };
    struct arena *a;
    enum err e;

    if (!rq->ask_totp)
        return E_OK;
    a = arena_new(1 << 20);
    e = tx_run(in->side, a, check_code, &c);
    arena_free(a);
    if (e == E_OK && !c.right)
        e = FAIL(E_AUTH, "totp-wrong", "wrong or used one-time code");
    return e;
}

enum err signing_job_signer(struct tx *tx, struct signing_hands *h, struct signing_job *j)
{
    TRY(signing_inside_get(&h->in));
    TRY(credential_usable(&j->credential));
    TRY(take_certificate(tx, h, j));
    return assertion_enough(tx, j);
}

/* The PIN first: a person who mistypes it can use the same one-time code again. */
enum err signing_job_open(struct signing_hands *h, const struct signing_job *j)
{
    TRY(signing_pin_open(h->in, &j->credential, j->rq->pin, &j->rq->by, &h->wrapped));
    return code_right(h->in, j->rq);
}

enum err signing_job_take(struct tx *tx, struct signing_hands *h, struct signing_job *j)
{
    const struct signing_credential *c = &j->credential;
    const struct secret *wrapped = j->opened;
    enum key_kind kind;

    TRY(signing_job_signer(tx, h, j));
    TRY(keys_kind_from(c->key_kind, &kind));
    TRY(signing_inside_hsm(&h->in));
    if (!c->pin_bound)
        return keys_cached_unwrap(h->in->hsm, c->key_blob, kind, c->spki, &h->key);
    if (wrapped == NULL) {
        TRY(signing_job_open(h, j));
        wrapped = h->wrapped;
    }
    return keys_unwrap(h->in->hsm, secret_bytes(wrapped), kind, c->spki, &h->key);
}

static enum err sign_with_key(void *arg, struct bytes digest, struct arena *a,
                              struct bytes *signature)
{
    return keys_sign_digest(arg, digest.p, digest.n, a, signature);
}

struct pdf_sign_params signing_job_params(const struct signing_job *j,
                                          const struct signing_hands *h,
                                          const struct pdf_source *source)
{
    static const enum pdf_level level[] = { [SIGNING_ES] = PDF_LEVEL_ES,
                                            [SIGNING_ES_T] = PDF_LEVEL_ES_T,
                                            [SIGNING_ES_LT] = PDF_LEVEL_ES_LT,
                                            [SIGNING_ES_A] = PDF_LEVEL_ES_A };
    const struct signing_request *rq = j->rq;
    return (struct pdf_sign_params){ .source = *source,
                                     .password = rq->password,
                                     .level = level[j->level],
                                     .signer = h->signer,
                                     .sign = sign_with_key,
                                     .sign_arg = h->key,
                                     .when = rq->now,
                                     .reason = rq->reason,
                                     .location = rq->location,
                                     .contact = rq->contact,
                                     .field = rq->field,
                                     .certify = rq->certify,
                                     .lock = rq->lock,
                                     .seals = rq->seals,
                                     .seals_n = rq->seals_n,
                                     .tail_only = true };
}

static enum err run(struct tx *tx, struct signing_hands *h, struct signing_job *j,
                    const struct pdf_source *source, struct buf *tail)
{
    struct pdf_sign_params p;

    TRY(signing_job_take(tx, h, j));
    p = signing_job_params(j, h, source);
    if (j->level != SIGNING_ES)
        TRY(signing_inside_trust(h->in, &p.trust));
    TRY(signing_tsa_sign(h->in, &p, tx_arena(tx), tail, &j->result, &j->tsa));
    if (j->result.certify) /* the field may have asked for it */
        j->kind = "certify";
    return E_OK;
}

enum err signing_job_make(struct tx *tx, struct signing_job *j, const struct pdf_source *source,
                          struct buf *tail)
{
    struct signing_hands h = { 0 };
    struct signing_inside *in;
    enum err e;

    TRY(signing_inside_get(&in));
    j->size_in = source->size;
    e = j->extension == SIGNING_JOB_SIGNS ? run(tx, &h, j, source, tail)
                                          : signing_extend_source(tx, j, source, tail);
    signing_job_release(&h);
    /* a collision in the database is tried again by the framework: no failure yet */
    return e == E_OK || e == E_BUSY ? e : signing_record_failed(in, j, e);
}

/* What is there stays; only the tail is written, whatever the size. */
enum err signing_job_make_stored(struct tx *tx, struct signing_job *j,
                                 const struct signing_document *d)
{
    struct buf tail = buf_init(SIGNING_TAIL_MAX);
    struct pdf_source source;
    enum err e = signing_document_source(tx, d, tx_arena(tx), &source);

    if (e == E_OK)
        e = signing_job_make(tx, j, &source, &tail);
    if (e == E_OK)
        e = signing_crypt_append(tx, d, buf_bytes(&tail), &j->result.digest_out);
    if (e == E_OK)
        e = signing_record_done(tx, j);
    buf_free(&tail);
    return e;
}

enum err signing_job_document(struct tx *tx, struct signing_job *j, struct str public_id,
                              struct signing_document *d)
{
    const struct signing_request *rq = j->rq;

    TRY(signing_document_find(tx, rq->holder ? *rq->holder : rq->owner, public_id, d));
    if (d->state == SIGNING_DELETED || timestamp_cmp(rq->now, d->delete_at) >= 0)
        return FAIL(E_STATE, "document-deleted", "erased, or about to be");
    j->document = d->id;
    j->document_public = d->public_id;
    return E_OK;
}
