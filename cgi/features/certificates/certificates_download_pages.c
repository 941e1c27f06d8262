/*
 * certificates_download_pages.c - behind a mailed one-time link: one file of one certificate.
 * Looking uses nothing up, because mail systems open links too.
 */
#include "features/certificates/certificates_open.h"
#include "features/certificates/certificates_pages.h"
#include "features/certificates/certificates_shared_pages.h"
#include "http/ratelimit.h"

static const struct rate link_rate = { "certificates.link", RATE_ADDRESS, 30, 10 * MINUTE_US };

struct link_form {
    struct str token;
    int format;
};
static const struct param look_params[] = { PARAM_TOKEN(struct link_form, token, 1, 64),
                                            PARAM_END };
static const struct param take_params[] = {
    PARAM_TOKEN(struct link_form, token, 1, 64),
    PARAM_CHOICE_OPT(struct link_form, format, certificates_shared_formats, 0),
    PARAM_END,
};
struct link_view {
    struct str token;
    struct certificates_head head;
};
static const struct view_field link_fields[] = {
    VIEW_TEXT(struct link_view, token),
    VIEW_STRUCT(struct link_view, head, certificates_head_fields),
    VIEW_END,
};
const struct view certificates_link_view = { "certificates/link.html", "Here is your certificate",
                                             link_fields, VIEW_BLANK };

static enum err look(struct req *rq, struct resp *rs)
{
    const struct link_form *f = req_form(rq);
    struct certificates_certificate c;
    struct link_view v = { .token = f->token };

    TRY(certificates_send_find(req_tx(rq), f->token, req_now(rq), &c));
    v.head = certificates_shared_head(rq, &c);
    return resp_page(rs, &certificates_link_view, &v);
}

static enum err take(struct req *rq, struct resp *rs)
{
    const struct link_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct certificates_certificate c;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "link-over", "malformed");
    TRY(certificates_send_use(req_tx(rq), &by, f->token, req_now(rq), &c));
    return certificates_shared_file(rq, rs, &c, f->format);
}

const struct route certificates_download_routes[] = {
    { GET, "/certificates/link/{token}", look, WHO_ANYONE, FORM(look_params, struct link_form), 0,
      0, NULL, &link_rate },
    { POST, "/certificates/link/{token}", take, WHO_ANYONE, FORM(take_params, struct link_form), 0,
      0, NULL, &link_rate },
    { 0 },
};

const struct view *const certificates_views[] = {
    &certificates_detail_view,
    &certificates_act_view,
    &certificates_done_view,
    &certificates_renew_view,
    &certificates_revoke_view,
    &certificates_request_view,
    &certificates_revoked_view,
    &certificates_lost_view,
    &certificates_sent_view,
    &certificates_choose_view,
    &certificates_link_view,
    &certificates_notices_view,
    NULL,
};
