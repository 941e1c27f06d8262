/*
 * signing_once_work.c - the API: a document arrives, is signed or extended and kept as that only,
 * once for each Idempotency-Key.
 */
#include "features/signing/signing_inside_work.h"

#include "sign/pdf_repair.h"
#include "sign/pdf_source.h"

#include <string.h>

/* Begin: find the credential, if one is needed; claim the key. *earlier as in signing_claim(). */
static enum err prepare(struct tx *tx, struct signing_job *j, struct str key, struct bytes32 whole,
                        struct str *earlier)
{
    const char *what = j->extension == SIGNING_JOB_SIGNS ? "sign" : j->kind;
    struct bytes result;

    *earlier = STR_ABSENT;
    if (j->extension == SIGNING_JOB_SIGNS)
        TRY(signing_credential_find(tx, j->rq->owner, j->rq->credential, &j->credential));
    return str_absent(key) ? E_OK : signing_claim(tx, j, key, what, whole, earlier, &result);
}

/* The record of what was signed as a document just kept. */
static enum err record(struct tx *tx, struct signing_job *j, const struct signing_document *d,
                       struct signing_receipt *out)
{
    j->document = d->id;
    j->document_public = d->public_id;
    TRY(signing_record_done(tx, j));
    *out = (struct signing_receipt){ j->public_id, d->public_id, false };
    return E_OK;
}

static enum err join(struct tx *tx, struct signing_job *j, struct bytes pdf, struct buf *signed_pdf)
{
    struct pdf_source source = pdf_source_memory(pdf);
    struct buf tail = buf_init(SIGNING_TAIL_MAX);
    enum err e = signing_job_make(tx, j, &source, &tail);

    buf_add_bytes(signed_pdf, pdf);
    buf_add_bytes(signed_pdf, buf_bytes(&tail));
    buf_free(&tail);
    if (e == E_OK && !buf_ok(signed_pdf))
        e = FAIL(E_LIMIT, "document-too-large", "no room for the signed file");
    return e;
}

static enum err make_new(struct tx *tx, struct signing_job *j, struct str filename,
                         struct bytes pdf, struct buf *signed_pdf, struct signing_document *d,
                         struct signing_receipt *out)
{
    struct signing_new_document n = { j->rq->owner, filename, BYTES_ABSENT, 1, j->rq->now };

    TRY(join(tx, j, pdf, signed_pdf));
    n.data = buf_bytes(signed_pdf);
    TRY(signing_crypt_new(tx, &n, d));
    return record(tx, j, d, out);
}

static enum err once_bytes(struct tx *tx, struct signing_job *j, struct str filename,
                           struct bytes pdf, struct str key, struct buf *out_pdf,
                           struct signing_receipt *out)
{
    struct signing_document d;
    struct str earlier;

    TRY(signing_arrive_room(tx, &j->rq->owner, pdf.n));
    TRY(prepare(tx, j, key, sha256(pdf), &earlier));
    if (str_absent(earlier))
        return make_new(tx, j, filename, pdf, out_pdf, &d, out);
    TRY(signing_claim_replay(tx, j->rq, earlier, &d, out));
    return signing_document_bytes(tx, &d, out_pdf);
}

enum err signing_sign_bytes(struct tx *tx, const struct signing_request *rq, struct str filename,
                            struct bytes pdf, struct str key, struct buf *signed_pdf,
                            struct signing_receipt *out)
{
    struct signing_job j = signing_job_of(tx, rq);
    return once_bytes(tx, &j, filename, pdf, key, signed_pdf, out);
}

enum err signing_extend_bytes(struct tx *tx, const struct signing_request *rq, struct str filename,
                              struct bytes pdf, enum signing_extension kind, struct str key,
                              struct buf *extended, struct signing_receipt *out)
{
    struct signing_job j = signing_job_of(tx, rq);
    signing_extend_job(&j, kind);
    return once_bytes(tx, &j, filename, pdf, key, extended, out);
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

/* The client's word: what is damaged is written anew, and that is signed in its place. */
static enum err make_repaired(struct tx *tx, struct signing_job *j, struct signing_intake *in,
                              const struct pdf_source *source, struct signing_receipt *out)
{
    struct buf whole = buf_init((size_t)signing_upload_max());
    struct buf both = buf_init((size_t)signing_upload_max() + SIGNING_TAIL_MAX);
    struct signing_document d;
    enum err e = pdf_repair(source, j->rq->password, tx_arena(tx), &whole);

    if (e == E_OK)
        e = signing_arrive_room(tx, &j->rq->owner, whole.n);
    if (e == E_OK)
        e = make_new(tx, j, signing_intake_filename(in), buf_bytes(&whole), &both, &d, out);
    if (e == E_OK)
        signing_intake_result(in, &d);
    buf_free(&both);
    buf_free(&whole);
    return e;
}

static enum err make_intake(struct tx *tx, struct signing_job *j, struct signing_intake *in,
                            struct buf *tail, struct signing_receipt *out)
{
    struct pdf_source source;
    struct signing_document d;

    TRY(signing_intake_source(tx, in, tx_arena(tx), &source));
    if (j->rq->repair && j->extension == SIGNING_JOB_SIGNS) {
        enum err e = make_repaired(tx, j, in, &source, out);
        if (e != E_STATE || strcmp(fault_current()->reason, "repair-needless") != 0)
            return e;
        fault_clear();
    }
    TRY(signing_job_make(tx, j, &source, tail));
    TRY(keep_signed(tx, j, in, buf_bytes(tail), &d));
    signing_intake_result(in, &d);
    return record(tx, j, &d, out);
}

static enum err once_intake(struct tx *tx, struct signing_job *j, struct signing_intake *in,
                            struct str key, struct signing_receipt *out)
{
    struct buf tail = buf_init(SIGNING_TAIL_MAX);
    struct signing_document d;
    struct str earlier;
    enum err e;

    if (!signing_intake_spooled(in))
        TRY(signing_arrive_room(tx, &j->rq->owner, signing_intake_size(in)));
    TRY(prepare(tx, j, key, signing_intake_digest(in), &earlier));
    if (!str_absent(earlier)) {
        TRY(signing_claim_replay(tx, j->rq, earlier, &d, out));
        signing_intake_result(in, &d);
        return E_OK;
    }
    e = make_intake(tx, j, in, &tail, out);
    buf_free(&tail);
    return e;
}

enum err signing_intake_sign(struct tx *tx, const struct signing_request *rq,
                             struct signing_intake *in, struct str key, struct signing_receipt *out)
{
    struct signing_job j = signing_job_of(tx, rq);
    return once_intake(tx, &j, in, key, out);
}

enum err signing_intake_extend(struct tx *tx, const struct signing_request *rq,
                               struct signing_intake *in, enum signing_extension kind,
                               struct str key, struct signing_receipt *out)
{
    struct signing_job j = signing_job_of(tx, rq);
    signing_extend_job(&j, kind);
    return once_intake(tx, &j, in, key, out);
}
