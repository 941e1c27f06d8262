/*
 * signing_once_work.c - the API: a document arrives, is signed and kept as signed only, once for
 * each Idempotency-Key.
 */
#include "features/signing/signing_inside_work.h"

#include "base/random.h"
#include "sign/pdf_source.h"
#include "store/gen/signing.q.h"

/* What makes two requests with one idempotency key the same. The PIN is no part of it. */
static struct bytes32 request_digest(const struct signing_request *rq, const struct bytes32 *whole)
{
    const struct str parts[] = { rq->credential, str_z(signing_level_name(rq->level)), rq->reason,
                                 rq->location, rq->contact };
    struct digest *d = digest_new(DIGEST_SHA256);
    uint8_t out[64];
    struct bytes32 r;

    digest_add(d, whole->b, sizeof whole->b);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint64_t n = parts[i].n;
        digest_add(d, &n, sizeof n);
        digest_add(d, parts[i].p ? parts[i].p : "", parts[i].n);
    }
    digest_end(d, out);
    memcpy(r.b, out, sizeof r.b);
    return r;
}

static enum err replay(struct tx *tx, const struct signing_request *rq, struct str record,
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

/*
 * Claim the key for `record`, or find whose it is: then *earlier is that record. The insert waits
 * for a request with the same key that is still running, and goes through when that one fails.
 */
static enum err claim(struct tx *tx, const struct signing_request *rq, struct str key,
                      const struct bytes32 *whole, struct str record, struct str *earlier)
{
    struct bytes32 hash = sha256(bytes_of_str(key)), digest = request_digest(rq, whole);
    struct timestamp end = timestamp_add(rq->now, DAY_US);
    struct client_id client = rq->owner.client;
    struct q_idempotency_get row;
    uint64_t dropped;
    enum err e;

    *earlier = STR_ABSENT;
    TRY(q_idempotency_drop(tx, client, hash, rq->now, &dropped));
    e = q_idempotency_add(tx, client, hash, digest, record, rq->now, end);
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
    return E_OK;
}

/* Begin: find the credential, claim the key. *earlier as in claim(). */
static enum err prepare(struct tx *tx, struct signing_job *j, struct str key,
                        const struct bytes32 *whole, struct str *earlier)
{
    *earlier = STR_ABSENT;
    TRY(signing_credential_find(tx, j->rq->owner, j->rq->credential, &j->credential));
    return str_absent(key) ? E_OK : claim(tx, j->rq, key, whole, j->public_id, earlier);
}

/* The record of what was signed as a document just kept. */
static enum err record(struct tx *tx, struct signing_job *j, const struct signing_document *d,
                       struct signing_receipt *out)
{
    j->document = d->id;
    TRY(signing_record_done(tx, j));
    *out = (struct signing_receipt){ j->public_id, d->public_id, false };
    return E_OK;
}

static enum err join(struct tx *tx, struct signing_job *j, struct bytes pdf, struct buf *signed_pdf)
{
    struct pdf_source source = pdf_source_memory(pdf);
    struct buf tail = buf_init(SIGNING_TAIL_MAX);
    enum err e = signing_sign_source(tx, j, &source, &tail);

    buf_add_bytes(signed_pdf, pdf);
    buf_add_bytes(signed_pdf, buf_bytes(&tail));
    buf_free(&tail);
    if (e == E_OK && !buf_ok(signed_pdf))
        e = FAIL(E_LIMIT, "document-too-large", "no room for the signed file");
    return e;
}

static enum err sign_new(struct tx *tx, struct signing_job *j, struct str filename,
                         struct bytes pdf, struct buf *signed_pdf, struct signing_receipt *out)
{
    struct signing_new_document n = { j->rq->owner, filename, BYTES_ABSENT, 1, j->rq->now };
    struct signing_document d;

    TRY(join(tx, j, pdf, signed_pdf));
    n.data = buf_bytes(signed_pdf);
    TRY(signing_crypt_new(tx, &n, &d));
    return record(tx, j, &d, out);
}

enum err signing_sign_bytes(struct tx *tx, const struct signing_request *rq, struct str filename,
                            struct bytes pdf, struct str key, struct buf *signed_pdf,
                            struct signing_receipt *out)
{
    struct signing_job j = { .rq = rq, .public_id = random_token(tx_arena(tx), 16) };
    struct bytes32 whole = sha256(pdf);
    struct signing_document d;
    struct str earlier;

    TRY(signing_arrive_room(tx, &rq->owner, pdf.n));
    TRY(prepare(tx, &j, key, &whole, &earlier));
    if (str_absent(earlier))
        return sign_new(tx, &j, filename, pdf, signed_pdf, out);
    TRY(replay(tx, rq, earlier, &d, out));
    return signing_document_bytes(tx, &d, signed_pdf);
}

/* What stayed in memory is stored with its tail as one; to what was spooled the tail is added. */
static enum err keep_signed(struct tx *tx, struct signing_job *j, struct signing_intake *in,
                            struct bytes tail, struct signing_document *d)
{
    if (signing_intake_spooled(in)) {
        struct signing_document base;
        TRY(signing_intake_keep(tx, in, &base));
        return signing_crypt_append_to(tx, &base, tail, &j->result.digest_out, d);
    }
    struct signing_new_document n = { j->rq->owner, signing_intake_filename(in),
                                      signing_intake_join(in, tail), 1, j->rq->now };
    return n.data.p ? signing_crypt_new(tx, &n, d) : FAIL(E_BUSY, "memory", "no memory for a tail");
}

static enum err sign_intake(struct tx *tx, struct signing_job *j, struct signing_intake *in,
                            struct buf *tail, struct signing_receipt *out)
{
    struct pdf_source source;
    struct signing_document d;

    TRY(signing_intake_source(tx, in, tx_arena(tx), &source));
    TRY(signing_sign_source(tx, j, &source, tail));
    TRY(keep_signed(tx, j, in, buf_bytes(tail), &d));
    signing_intake_result(in, &d);
    return record(tx, j, &d, out);
}

enum err signing_intake_sign(struct tx *tx, const struct signing_request *rq,
                             struct signing_intake *in, struct str key, struct signing_receipt *out)
{
    struct signing_job j = { .rq = rq, .public_id = random_token(tx_arena(tx), 16) };
    struct bytes32 whole = signing_intake_digest(in);
    struct buf tail = buf_init(SIGNING_TAIL_MAX);
    struct signing_document d;
    struct str earlier;
    enum err e;

    if (!signing_intake_spooled(in))
        TRY(signing_arrive_room(tx, &rq->owner, signing_intake_size(in)));
    TRY(prepare(tx, &j, key, &whole, &earlier));
    if (!str_absent(earlier)) {
        TRY(replay(tx, rq, earlier, &d, out));
        signing_intake_result(in, &d);
        return E_OK;
    }
    e = sign_intake(tx, &j, in, &tail, out);
    buf_free(&tail);
    return e;
}
