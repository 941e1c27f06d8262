/* signing_extend_pages.c - evidence for signatures that are there: timestamp, validation data,
 * renewal. */
#include "features/signing/signing_options_pages.h"
#include "features/signing/signing_pages.h"

#include "http/ratelimit.h"

static const struct rate extend_rate = { "signing.extend", RATE_ACCOUNT, 60, 10 * MINUTE_US };

static const struct choice kinds[] = {
    { "timestamp", SIGNING_EXTEND_TIMESTAMP },
    { "validation", SIGNING_EXTEND_VALIDATION },
    { "archive", SIGNING_EXTEND_ARCHIVE },
    { NULL, 0 },
};

struct extend_form {
    struct str id;
    enum signing_extension kind;
};
static const struct param extend_params[] = {
    PARAM_TOKEN(struct extend_form, id, 1, 64),
    PARAM_CHOICE(struct extend_form, kind, kinds),
    PARAM_END,
};

static enum err extend(struct req *rq, struct resp *rs)
{
    const struct extend_form *f = req_form(rq);
    struct signing_options blank = { .id = f->id, .level = SIGNING_ES_T, .page = 1 };
    struct signing_request ask = signing_options_request(rq, &blank, NULL);
    struct signing_document d;
    struct signing_receipt receipt;
    enum err e;

    blank.anchor = SIGNING_AT_BOTTOM_RIGHT;
    if (req_invalid(rq))
        return signing_look_show(rq, rs, &blank);
    TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id, &d));
    TRY(signing_picture_password(rq, &d, &ask.password));
    e = signing_extend_document(req_tx(rq), &ask, f->id, f->kind, &receipt);
    if (e != E_OK)
        return signing_reasons_show(rq) ? signing_look_show(rq, rs, &blank) : e;
    return resp_seeother_text(rs, "/signatures/{id}", receipt.record);
}

const struct route signing_extend_routes[] = {
    { POST, "/documents/{id}/extend", extend, WHO_ACCOUNT, FORM(extend_params, struct extend_form),
      ROUTE_SECOND_FACTOR, 0, NULL, &extend_rate },
    { 0 },
};
