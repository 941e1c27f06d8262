/*
 * signing_sign_work.c - one signature from request to record: bind, check, open, sign, store. Whole
 * or not at all: everything that stays is written in the caller's transaction at the end.
 */
#include "features/signing/signing_inside_work.h"

#include "base/random.h"
#include "features/accounts/accounts.h"
#include "store/gen/signing.q.h"

#define ASSERTION_AGE_US (15 * MINUTE_US)
#define ASSERTION_SKEW_US (5 * MINUTE_US)

/* What is owned while signing; released in one place. */
struct hands {
    struct signing_inside *in;
    struct secret *wrapped; /* opened with the PIN */
    struct signing_key *key;
    const struct cms_signer *signer; /* borrowed */
};

static void let_go(struct hands *h)
{
    keys_destroy(h->key);
    secret_free(h->wrapped);
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

static enum err take_certificate(struct tx *tx, struct hands *h, struct signing_job *j)
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

/* The PIN first: a person who mistypes it can use the same one-time code again. */
static enum err take_key(struct hands *h, struct signing_job *j)
{
    const struct signing_credential *c = &j->credential;
    enum key_kind kind;

    TRY(keys_kind_from(c->key_kind, &kind));
    TRY(signing_inside_hsm(&h->in));
    if (!c->pin_bound)
        return keys_cached_unwrap(h->in->hsm, c->key_blob, kind, c->spki, &h->key);
    TRY(signing_pin_open(h->in, c, j->rq->pin, &j->rq->by, &h->wrapped));
    TRY(code_right(h->in, j->rq));
    return keys_unwrap(h->in->hsm, secret_bytes(h->wrapped), kind, c->spki, &h->key);
}

static enum err sign_with_key(void *arg, struct bytes digest, struct arena *a,
                              struct bytes *signature)
{
    return keys_sign_digest(arg, digest.p, digest.n, a, signature);
}

static enum err make_signature(struct tx *tx, struct hands *h, struct signing_job *j,
                               const struct pdf_source *source, struct buf *tail)
{
    static const enum pdf_level level[] = { [SIGNING_ES] = PDF_LEVEL_ES,
                                            [SIGNING_ES_T] = PDF_LEVEL_ES_T,
                                            [SIGNING_ES_LT] = PDF_LEVEL_ES_LT,
                                            [SIGNING_ES_A] = PDF_LEVEL_ES_A };
    struct pdf_sign_params p = { .source = *source,
                                 .tail_only = true,
                                 .level = level[j->rq->level],
                                 .signer = h->signer,
                                 .sign = sign_with_key,
                                 .sign_arg = h->key,
                                 .when = j->rq->now,
                                 .reason = j->rq->reason,
                                 .location = j->rq->location,
                                 .contact = j->rq->contact };

    if (j->rq->level != SIGNING_ES)
        TRY(signing_inside_trust(h->in, &p.trust));
    return signing_tsa_sign(h->in, &p, tx_arena(tx), tail, &j->result, &j->tsa);
}

/* From the credential to what is appended; nothing is written. */
static enum err run(struct tx *tx, struct hands *h, struct signing_job *j,
                    const struct pdf_source *source, struct buf *tail)
{
    TRY(credential_usable(&j->credential));
    TRY(take_certificate(tx, h, j));
    TRY(assertion_enough(tx, j));
    TRY(take_key(h, j));
    return make_signature(tx, h, j, source, tail);
}

/* run(), with everything released after it and a record of a failure. */
enum err signing_sign_source(struct tx *tx, struct signing_job *j, const struct pdf_source *source,
                             struct buf *tail)
{
    struct hands h = { 0 };
    enum err e;

    TRY(signing_inside_get(&h.in));
    j->size_in = source->size;
    e = run(tx, &h, j, source, tail);
    let_go(&h);
    /* a collision in the database is tried again by the framework: no failure yet */
    return e == E_OK || e == E_BUSY ? e : signing_record_failed(h.in, j, e);
}

/* What is there stays; only the tail is written, whatever the size. */
static enum err sign_stored(struct tx *tx, struct signing_job *j, const struct signing_document *d)
{
    struct buf tail = buf_init(SIGNING_TAIL_MAX);
    struct pdf_source source;
    enum err e = signing_document_source(tx, d, tx_arena(tx), &source);

    if (e == E_OK)
        e = signing_sign_source(tx, j, &source, &tail);
    if (e == E_OK)
        e = signing_crypt_append(tx, d, buf_bytes(&tail), &j->result.digest_out);
    if (e == E_OK)
        e = signing_record_done(tx, j);
    buf_free(&tail);
    return e;
}

enum err signing_sign_document(struct tx *tx, const struct signing_request *rq,
                               struct str document_public_id, struct signing_receipt *out)
{
    struct signing_job j = { .rq = rq, .public_id = random_token(tx_arena(tx), 16) };
    struct signing_document d;

    TRY(signing_document_find(tx, rq->holder ? *rq->holder : rq->owner, document_public_id, &d));
    if (d.state == SIGNING_DELETED || timestamp_cmp(rq->now, d.delete_at) >= 0)
        return FAIL(E_STATE, "document-deleted", "erased, or about to be");
    TRY(signing_credential_find(tx, rq->owner, rq->credential, &j.credential));
    j.document = d.id;
    TRY(sign_stored(tx, &j, &d));
    *out = (struct signing_receipt){ j.public_id, d.public_id, false };
    return E_OK;
}
