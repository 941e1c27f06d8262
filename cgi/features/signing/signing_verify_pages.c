/*
 * signing_verify_pages.c - verify a signed PDF: one verdict line, details below; as a page, as
 * JSON, or as a signed report to keep. Open to everyone; the file is gone with the request.
 */
#include "features/signing/signing_pages.h"

#include "features/signing/signing_verify_report_pages.h"
#include "features/signing/signing_verify_view_pages.h"
#include "http/ratelimit.h"

#define UPLOAD_MAX (1024u << 20) /* the setting upload.max_bytes says less */
#define REPORT_MAX (32u << 20)

static const struct rate verify_rate = { "signing.verify", RATE_ADDRESS, 30, 10 * MINUTE_US };

enum answer { ANSWER_PAGE, ANSWER_PDF, ANSWER_JSON };

static const struct choice answers[] = {
    { "page", ANSWER_PAGE },
    { "pdf", ANSWER_PDF },
    { "json", ANSWER_JSON },
    { NULL, 0 },
};

struct verify_form {
    struct upload file;
    struct secret *password;
    enum answer as;
};

static const struct param verify_params[] = {
    PARAM_FILE(struct verify_form, file, UPLOAD_MAX),
    PARAM_SECRET_OPT(struct verify_form, password, 1, 127),
    PARAM_CHOICE_OPT(struct verify_form, as, answers, ANSWER_PAGE),
    PARAM_END,
};

static enum err show(struct req *rq, struct resp *rs)
{
    return signing_verify_view_show(rq, rs, STR(""), NULL);
}

static enum err answer_pdf(struct req *rq, struct resp *rs, const struct verify_form *f,
                           const struct signing_verification *r)
{
    struct buf *out = signing_reasons_buf(rq, REPORT_MAX);
    struct audit_by by = AUDIT_BY(rq);
    struct signing_report *report =
        signing_verify_report_make(req_arena(rq), req_lang(rq), f->file.filename, r);
    enum err e =
        signing_report_sign(req_tx(rq), report, STR("Verification report"), &by, req_now(rq), out);

    if (e != E_OK)
        return signing_reasons_show(rq) ? show(rq, rs) : e;
    return resp_file(rs, "application/pdf", STR("verification-report.pdf"), buf_bytes(out),
                     DISPOSITION_ATTACHMENT);
}

static enum err verify(struct req *rq, struct resp *rs)
{
    const struct verify_form *f = req_form(rq);
    struct signing_verification r;
    enum err e;

    if (req_invalid(rq))
        return show(rq, rs);
    struct signing_verify_request ask = { .pdf = f->file.data,
                                          .password = f->password,
                                          .at = req_now(rq) };
    e = signing_verify(&ask, req_arena(rq), &r);
    if (e != E_OK)
        return signing_reasons_show(rq) ? show(rq, rs) : e;
    switch (f->as) {
    case ANSWER_PDF:
        return answer_pdf(rq, rs, f, &r);
    case ANSWER_JSON:
        resp_header(rs, "Content-Disposition",
                    STR("attachment; filename=\"verification-report.json\""));
        return resp_json(rs, 200, signing_verify_json(&r));
    case ANSWER_PAGE:
        break;
    }
    return signing_verify_view_show(rq, rs, f->file.filename, &r);
}

const struct route signing_verify_routes[] = {
    { GET, "/verify", show, WHO_ANYONE, NULL, 0, 0, NULL, NULL },
    { POST, "/verify", verify, WHO_ANYONE, FORM(verify_params, struct verify_form),
      ROUTE_READ_ONLY_POST | ROUTE_COSTLY, UPLOAD_MAX, NULL, &verify_rate },
    { 0 },
};
