/* signing_claim_work.c - Idempotency-Key: one result for one request, however often it comes. */
#include "features/signing/signing_inside_work.h"

#include "sign/pdf_seal.h"
#include "store/gen/signing.q.h"

static void add_part(struct digest *d, const void *p, size_t size)
{
    uint64_t n = size;
    digest_add(d, &n, sizeof n);
    digest_add(d, p ? p : "", size);
}

static void add_seals(struct digest *d, const struct signing_request *rq)
{
    for (size_t i = 0; i < rq->seals_n; i++) {
        const struct pdf_seal_place *s = &rq->seals[i];
        const double place[] = { s->page, s->x, s->y, s->width, s->height, s->look->kind };
        const struct str text[] = { s->look->text, s->look->name, s->look->reason, s->look->date };
        add_part(d, place, sizeof place);
        add_part(d, s->look->image.p, s->look->image.n);
        for (size_t k = 0; k < sizeof text / sizeof *text; k++)
            add_part(d, text[k].p, text[k].n);
    }
}

struct bytes32 signing_claim_digest(const struct signing_request *rq, const char *what,
                                    struct bytes32 content)
{
    const struct str parts[] = { rq->credential, str_z(signing_level_name(rq->level)),
                                 rq->reason,     rq->location,
                                 rq->contact,    rq->field,
                                 str_z(what) };
    const uint8_t flags[] = { (uint8_t)rq->certify, rq->lock, rq->repair };
    struct digest *d = digest_new(DIGEST_SHA256);
    uint8_t out[64];
    struct bytes32 r;

    digest_add(d, content.b, sizeof content.b);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        add_part(d, parts[i].p, parts[i].n);
    add_part(d, flags, sizeof flags);
    add_seals(d, rq);
    digest_end(d, out);
    memcpy(r.b, out, sizeof r.b);
    return r;
}

/*
 * The insert waits for a request with the same key that is still running, and goes through when
 * that one fails.
 */
enum err signing_claim(struct tx *tx, const struct signing_job *j, struct str key, const char *what,
                       struct bytes32 content, struct str *earlier, struct bytes *result)
{
    const struct signing_request *rq = j->rq;
    struct bytes32 hash = sha256(bytes_of_str(key));
    struct bytes32 digest = signing_claim_digest(rq, what, content);
    struct client_id client = rq->owner.client;
    struct q_idempotency_get row;
    uint64_t dropped;
    enum err e;

    *earlier = STR_ABSENT;
    *result = BYTES_ABSENT;
    TRY(q_idempotency_drop(tx, client, hash, rq->now, &dropped));
    e = q_idempotency_add(tx, client, hash, digest, j->public_id, rq->now,
                          timestamp_add(rq->now, DAY_US));
    if (e != E_CONFLICT)
        return e;
    e = q_idempotency_get(tx, client, hash, &row);
    if (e == E_ABSENT)
        return FAIL(E_BUSY, "", "the other request with this key just failed");
    if (e != E_OK)
        return e;
    if (!bytes32_eq(&row.request_digest, &digest))
        return FAIL(E_CONFLICT, "idempotency-key-reused", "another request has this key");
    *earlier = row.signature;
    *result = row.result;
    return E_OK;
}

enum err signing_claim_result(struct tx *tx, const struct signing_job *j, struct str key,
                              struct bytes result)
{
    uint64_t changed;
    return q_idempotency_result(tx, j->rq->owner.client, sha256(bytes_of_str(key)), result,
                                &changed);
}

enum err signing_claim_replay(struct tx *tx, const struct signing_request *rq, struct str record,
                              struct signing_document *d, struct signing_receipt *out)
{
    struct signing_record r;

    TRY(signing_record_find(tx, rq->owner, record, &r));
    if (!r.document_held)
        return FAIL(E_STATE, "document-deleted", "signed before, and erased since");
    TRY(signing_document_find(tx, rq->owner, r.document_public, d));
    *out = (struct signing_receipt){ r.public_id, d->public_id, true };
    return E_OK;
}
