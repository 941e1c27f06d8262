/* signing_sign_work.c - signing what is stored, and looking at what that would give. */
#include "features/signing/signing_inside_work.h"

enum err signing_sign_document(struct tx *tx, const struct signing_request *rq,
                               struct str document_public_id, struct signing_receipt *out)
{
    struct signing_job j = signing_job_of(tx, rq);
    struct signing_document d;

    TRY(signing_job_document(tx, &j, document_public_id, &d));
    TRY(signing_credential_find(tx, rq->owner, rq->credential, &j.credential));
    TRY(signing_job_make_stored(tx, &j, &d));
    *out = (struct signing_receipt){ j.public_id, d.public_id, false };
    return E_OK;
}

enum err signing_preview_document(struct tx *tx, const struct signing_request *rq,
                                  struct str document_public_id, struct buf *tail)
{
    struct signing_job j = signing_job_of(tx, rq);
    struct signing_hands h = { 0 };
    struct signing_document d;
    struct pdf_source source;
    struct pdf_sign_params p;

    TRY(signing_job_document(tx, &j, document_public_id, &d));
    TRY(signing_credential_find(tx, rq->owner, rq->credential, &j.credential));
    TRY(signing_job_signer(tx, &h, &j));
    TRY(signing_document_source(tx, &d, tx_arena(tx), &source));
    p = signing_job_params(&j, &h, &source);
    p.preview = true;
    return pdf_sign(&p, tx_arena(tx), tail, &j.result);
}
