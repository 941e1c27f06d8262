/* signing_zip_pages.c - several documents downloaded as one ZIP, made while it is sent. */
#include "features/signing/signing_zip_pages.h"

#include "features/signing/signing_pages.h"
#include "features/signing/signing_reasons_pages.h"

#define CHOSEN_MAX 100

struct archive_job {
    struct signing_document *d;
    struct str *names;
    size_t n;
    struct timestamp now;
};

static enum err into_answer(void *sink, struct bytes piece)
{
    return resp_sink_write(sink, piece);
}

static enum err send_zip(void *arg, struct resp_sink *sink)
{
    const struct archive_job *j = arg;
    return signing_document_send_zip(j->d, j->names, j->n, j->now, into_answer, sink);
}

/* Two files of one name both find their place. */
static struct str own_name(struct arena *a, struct str wanted, const struct str *taken, size_t n)
{
    struct str name = wanted;
    bool pdf = wanted.n > 4 && str_eq_ci(str_sub(a, wanted, wanted.n - 4, wanted.n), STR(".pdf"));
    struct str stem = pdf ? str_sub(a, wanted, 0, wanted.n - 4) : wanted;
    for (size_t k = 2, i = 0; i < n; i++)
        if (str_eq_ci(taken[i], name)) {
            name = str_fmt(a, "%.*s (%zu)%s", STR_ARG(stem), k++, pdf ? ".pdf" : "");
            i = SIZE_MAX; /* from the beginning */
        }
    return name;
}

enum err signing_zip_answer(struct req *rq, struct resp *rs, const struct str *ids, size_t n)
{
    struct arena *a = req_arena(rq);
    struct archive_job *j = ARENA_NEW(a, struct archive_job);

    j->d = ARENA_ARRAY(a, n, struct signing_document);
    j->names = ARENA_ARRAY(a, n, struct str);
    j->now = req_now(rq);
    for (size_t i = 0; i < n; i++, j->n++) {
        TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), ids[i], &j->d[i]));
        TRY(signing_document_readable(&j->d[i]));
        struct str name = signing_reasons_download(a, &j->d[i]);
        j->names[i] = own_name(a, name, j->names, i);
    }
    return resp_stream(rs, "application/zip", STR("documents.zip"), UINT64_MAX, send_zip, j,
                       DISPOSITION_ATTACHMENT);
}

/* --- those chosen in the list --- */

struct chosen_form {
    struct str *id;
    size_t id_n;
};

static const struct param chosen_params[] = {
    PARAM_TEXTS(struct chosen_form, id, id_n, 1, 64, CHOSEN_MAX),
    PARAM_END,
};

static enum err chosen_zip(struct req *rq, struct resp *rs)
{
    const struct chosen_form *f = req_form(rq);
    return f->id_n == 0 ? resp_seeother(rs, "/documents", 0)
                        : signing_zip_answer(rq, rs, f->id, f->id_n);
}

const struct route signing_zip_routes[] = {
    { GET, "/documents/zip", chosen_zip, WHO_ACCOUNT, FORM(chosen_params, struct chosen_form), 0, 0,
      NULL, NULL, NULL },
    { 0 },
};
