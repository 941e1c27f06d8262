/* signing_extend_work.c - timestamps and validation data for what is signed already: no key. */
#include "features/signing/signing_inside_work.h"

#include "sign/pdf_extend.h"

static const enum pdf_extend_kind kinds[] = { [SIGNING_EXTEND_TIMESTAMP] = PDF_EXTEND_TIMESTAMP,
                                              [SIGNING_EXTEND_VALIDATION] = PDF_EXTEND_VALIDATION,
                                              [SIGNING_EXTEND_ARCHIVE] = PDF_EXTEND_ARCHIVE };
static const enum signing_level levels[] = { [SIGNING_EXTEND_TIMESTAMP] = SIGNING_ES_T,
                                             [SIGNING_EXTEND_VALIDATION] = SIGNING_ES_LT,
                                             [SIGNING_EXTEND_ARCHIVE] = SIGNING_ES_A };
_Static_assert(sizeof kinds / sizeof *kinds == SIGNING_EXTENSION__MAX, "each kind");

const char *signing_extension_name(enum signing_extension kind)
{
    return (unsigned)kind < SIGNING_EXTENSION__MAX ? pdf_extend_name(kinds[kind]) : "";
}

enum err signing_extension_parse(struct str name, enum signing_extension *out)
{
    for (int i = 0; i < SIGNING_EXTENSION__MAX; i++) {
        if (str_eq_z(name, pdf_extend_name(kinds[i]))) {
            *out = (enum signing_extension)i;
            return E_OK;
        }
    }
    return FAIL(E_INPUT, "extension-unknown", "%.20s", str_absent(name) ? "" : name.p);
}

struct extending {
    struct pdf_extend_params params;
    struct arena *a;
    struct buf *tail;
    struct pdf_sign_result *result;
};

static enum err extend(void *arg, const struct timestamp_authority *tsa)
{
    struct extending *x = arg;
    x->params.tsa = tsa;
    buf_reset(x->tail);
    return pdf_extend(&x->params, x->a, x->tail, x->result);
}

void signing_extend_job(struct signing_job *j, enum signing_extension kind)
{
    j->kind = signing_extension_name(kind);
    j->level = levels[kind];
    j->extension = (int)kind;
}

enum err signing_extend_source(struct tx *tx, struct signing_job *j,
                               const struct pdf_source *source, struct buf *tail)
{
    struct extending x = { .params = { .source = *source,
                                       .password = j->rq->password,
                                       .kind = kinds[j->extension],
                                       .when = j->rq->now,
                                       .tail_only = true },
                           .a = tx_arena(tx),
                           .tail = tail,
                           .result = &j->result };
    struct signing_tsa_task task = { extend, &x, &j->result };
    struct signing_inside *in;

    TRY(signing_inside_get(&in));
    TRY(signing_inside_trust(in, &x.params.trust));
    if (j->extension == SIGNING_EXTEND_VALIDATION)
        return extend(&x, NULL);
    return signing_tsa_run(in, &task, &j->tsa);
}

enum err signing_extend_document(struct tx *tx, const struct signing_request *rq,
                                 struct str document_public_id, enum signing_extension kind,
                                 struct signing_receipt *out)
{
    struct signing_job j = signing_job_of(tx, rq);
    struct signing_document d;

    signing_extend_job(&j, kind);
    TRY(signing_job_document(tx, &j, document_public_id, &d));
    TRY(signing_job_make_stored(tx, &j, &d));
    *out = (struct signing_receipt){ j.public_id, d.public_id, false };
    return E_OK;
}
