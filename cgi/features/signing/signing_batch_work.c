/*
 * signing_batch_work.c - PIN and one-time code once, for a list of documents. Each document is then
 * signed in a transaction of its own, with its own record; the list, the account, the credential
 * and the end are part of what the key is sealed with.
 */
#include "features/signing/signing_batch_seal_work.h"

#include "base/json.h"
#include "base/random.h"
#include "store/gen/signing_batch.q.h"

/* Over public ids and digests, in order. */
static struct bytes32 list_digest(const struct str *ids, const struct bytes32 *digests, size_t n)
{
    struct digest *d = digest_new(DIGEST_SHA256);
    uint8_t out[64];
    struct bytes32 r;

    for (size_t i = 0; i < n; i++) {
        uint64_t size = ids[i].n;
        digest_add(d, &size, sizeof size);
        digest_add(d, ids[i].p, ids[i].n);
        digest_add(d, digests[i].b, sizeof digests[i].b);
    }
    digest_end(d, out);
    memcpy(r.b, out, sizeof r.b);
    return r;
}

/* The documents as they are now; each once, none erased. */
static enum err find_all(struct tx *tx, const struct signing_request *rq, const struct str *ids,
                         size_t n, struct signing_document *docs, struct bytes32 *list)
{
    struct bytes32 *digests = ARENA_ARRAY(tx_arena(tx), n + 1, struct bytes32);

    if (n < 1 || n > SIGNING_BATCH_MAX)
        return FAIL(E_INPUT, "batch-size", "%zu documents", n);
    for (size_t i = 0; i < n; i++) {
        struct signing_job j = { .rq = rq };
        TRY(signing_job_document(tx, &j, ids[i], &docs[i]));
        for (size_t k = 0; k < i; k++)
            if (docs[k].id.v == docs[i].id.v)
                return FAIL(E_INPUT, "batch-twice", "document %zu", i);
        digests[i] = docs[i].digest;
    }
    *list = list_digest(ids, digests, n);
    return E_OK;
}

static enum err write_audit(struct tx *tx, const struct signing_request *rq, struct str batch,
                            const struct signing_document *docs, size_t n)
{
    struct json *detail = json_new_object(), *list = json_new_array();
    struct audit_by by = rq->by;

    json_set_str(detail, "batch", batch);
    json_set_str(detail, "credential", rq->credential);
    json_set_str(detail, "level", str_z(signing_level_name(rq->level)));
    for (size_t i = 0; i < n; i++)
        json_append(list, json_new_str(docs[i].public_id));
    json_set(detail, "documents", list);
    return audit_note(tx, &by, "signing.batch.authorise", NULL, 0, detail);
}

static enum err keep(struct tx *tx, const struct signing_request *rq, struct credential_id key,
                     const struct signing_batch_binding *b, struct bytes sealed,
                     const struct signing_document *docs, size_t n)
{
    struct batch_id id;

    TRY(q_batch_add(tx, b->batch, rq->owner.tenant, rq->owner.account, key, sealed, rq->now,
                    b->expires, &id));
    for (size_t i = 0; i < n; i++)
        TRY(q_batch_item_add(tx, id, (uint32_t)i, docs[i].id, docs[i].digest));
    return write_audit(tx, rq, b->batch, docs, n);
}

enum err signing_batch_authorise(struct tx *tx, const struct signing_request *rq,
                                 const struct str *documents, size_t n, struct str *batch,
                                 struct str *token)
{
    struct arena *a = tx_arena(tx);
    struct signing_document *docs = ARENA_ARRAY(a, SIGNING_BATCH_MAX + 1, struct signing_document);
    struct signing_job j = signing_job_of(tx, rq);
    struct signing_batch_binding b = { .batch = random_token(a, 16),
                                       .credential = rq->credential,
                                       .owner = rq->owner,
                                       .expires = timestamp_add(rq->now, SIGNING_BATCH_US) };
    struct signing_hands h = { 0 };
    struct bytes sealed;
    enum err e;

    TRY(find_all(tx, rq, documents, n, docs, &b.list));
    TRY(signing_credential_find(tx, rq->owner, rq->credential, &j.credential));
    TRY(signing_job_signer(tx, &h, &j));
    if (!j.credential.pin_bound)
        return FAIL(E_INPUT, "batch-credential", "keys without a PIN need no batch");
    *token = random_token(a, 32);
    *batch = b.batch;
    e = signing_job_open(&h, &j);
    if (e == E_OK)
        e = signing_batch_seal(a, *token, &b, rq, h.wrapped, &sealed);
    if (e == E_OK)
        e = keep(tx, rq, j.credential.id, &b, sealed, docs, n);
    signing_job_release(&h);
    return e;
}

/* --- one after the other --- */

static enum err find_open(struct tx *tx, const struct signing_request *rq, struct str public_id,
                          struct q_batch_of *b)
{
    enum err e = q_batch_of(tx, rq->owner.tenant, rq->owner.account, public_id, b);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "batch-unknown", "not one of the owner's");
    if (e != E_OK)
        return e;
    if (!timestamp_is_none(b->ended_at) || b->sealed.p == NULL ||
        timestamp_cmp(rq->now, b->expire_at) >= 0)
        return FAIL(E_STATE, "batch-expired", "ended, or its ten minutes are over");
    return E_OK;
}

static enum err unseal(struct tx *tx, const struct signing_request *rq, const struct q_batch_of *b,
                       struct str token, struct signing_batch_unsealed *u)
{
    struct arena *a = tx_arena(tx);
    struct q_batch_items *rows;
    size_t n;

    TRY(q_batch_items(tx, b->id, &rows, &n));
    struct str *ids = ARENA_ARRAY(a, n + 1, struct str);
    struct bytes32 *digests = ARENA_ARRAY(a, n + 1, struct bytes32);
    for (size_t i = 0; i < n; i++) {
        ids[i] = rows[i].document;
        digests[i] = rows[i].digest;
    }
    struct signing_batch_binding binding = { .batch = b->public_id,
                                             .credential = b->credential,
                                             .owner = rq->owner,
                                             .expires = b->expire_at,
                                             .list = list_digest(ids, digests, n) };
    TRY(signing_batch_unseal(a, token, &binding, b->sealed, u));
    u->rq.owner = rq->owner;
    u->rq.by = rq->by;
    u->rq.now = rq->now;
    u->rq.credential = b->credential;
    return E_OK;
}

/* What a document itself is refused with does not stop the others; the rest is tried again. */
static bool documents_fault(enum err e)
{
    return e == E_INPUT || e == E_STATE || e == E_UNSUPPORTED || e == E_LIMIT || e == E_DENIED ||
           e == E_ABSENT;
}

static enum err sign_item(struct tx *tx, struct signing_job *j, const struct q_batch_next *next,
                          struct str document, struct buf *tail, struct signing_document *d)
{
    struct pdf_source source;

    TRY(signing_job_document(tx, j, document, d));
    if (!bytes32_eq(&d->digest, &next->digest))
        return FAIL(E_STATE, "document-changed", "not what was authorised");
    TRY(signing_document_source(tx, d, tx_arena(tx), &source));
    return signing_job_make(tx, j, &source, tail);
}

static enum err finish_item(struct tx *tx, struct signing_job *j, const struct q_batch_of *b,
                            const struct q_batch_next *next, const struct signing_document *d,
                            struct bytes tail, struct signing_batch_item *item)
{
    uint64_t changed;

    TRY(signing_crypt_append(tx, d, tail, &j->result.digest_out));
    TRY(signing_record_done(tx, j));
    item->state = SIGNING_BATCH_SIGNED;
    item->record = j->public_id;
    return q_batch_item_done(tx, b->id, next->seq, STR("signed"), STR_ABSENT, j->public_id,
                             &changed);
}

static enum err fail_item(struct tx *tx, const struct q_batch_of *b,
                          const struct q_batch_next *next, enum err e,
                          struct signing_batch_item *item)
{
    const char *reason = fault_current()->reason;
    uint64_t changed;

    item->state = SIGNING_BATCH_FAILED;
    item->reason = str_dup(tx_arena(tx), str_z(reason[0] ? reason : err_name(e)));
    fault_clear();
    return q_batch_item_done(tx, b->id, next->seq, STR("failed"), item->reason, STR_ABSENT,
                             &changed);
}

static enum err document_of(struct tx *tx, const struct q_batch_of *b,
                            const struct q_batch_next *next, struct signing_batch_item *item,
                            bool *last)
{
    struct q_batch_items *rows;
    size_t n, waiting = 0;

    TRY(q_batch_items(tx, b->id, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        waiting += str_eq_z(rows[i].state, "waiting");
        if (rows[i].seq == next->seq)
            *item = (struct signing_batch_item){ .document = rows[i].document,
                                                 .filename = rows[i].filename };
    }
    *last = waiting <= 1;
    return E_OK;
}

static enum err sign_next(struct tx *tx, const struct q_batch_of *b,
                          const struct signing_batch_unsealed *u, struct signing_batch_item *item)
{
    struct signing_job j = signing_job_of(tx, &u->rq);
    struct buf tail = buf_init(SIGNING_TAIL_MAX);
    struct q_batch_next next;
    struct signing_document d;
    bool last = false;
    uint64_t changed;
    enum err e = q_batch_next(tx, b->id, &next);

    if (e == E_ABSENT)
        return FAIL(E_ABSENT, "batch-done", "nothing waits");
    if (e != E_OK)
        return e;
    j.opened = u->wrapped;
    e = document_of(tx, b, &next, item, &last);
    if (e == E_OK)
        e = signing_credential_find(tx, u->rq.owner, u->rq.credential, &j.credential);
    if (e == E_OK)
        e = sign_item(tx, &j, &next, item->document, &tail, &d);
    if (e == E_OK)
        e = finish_item(tx, &j, b, &next, &d, buf_bytes(&tail), item);
    else if (documents_fault(e))
        e = fail_item(tx, b, &next, e, item);
    buf_free(&tail);
    return e == E_OK && last ? q_batch_end(tx, b->id, u->rq.now, &changed) : e;
}

enum err signing_batch_next(struct tx *tx, const struct signing_request *rq, struct str batch,
                            struct str token, struct signing_batch_item *item)
{
    struct signing_batch_unsealed u = { .wrapped = NULL };
    struct q_batch_of b;
    enum err e;

    *item = (struct signing_batch_item){ .state = SIGNING_BATCH_WAITING };
    TRY(find_open(tx, rq, batch, &b));
    e = unseal(tx, rq, &b, token, &u);
    if (e == E_OK)
        e = sign_next(tx, &b, &u, item);
    signing_batch_unsealed_free(&u);
    return e;
}
