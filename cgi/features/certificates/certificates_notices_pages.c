/* certificates_notices_pages.c - a person's choice about all notices before the end. */
#include "features/certificates/certificates_notice.h"
#include "features/certificates/certificates_pages.h"
#include "features/certificates/certificates_shared_pages.h"

struct notices_form {
    bool off;
};
static const struct param notices_params[] = { PARAM_FLAG(struct notices_form, off), PARAM_END };

struct notices_view {
    bool muted, admin;
};
static const struct view_field notices_fields[] = { VIEW_FLAG(struct notices_view, muted),
                                                    VIEW_FLAG(struct notices_view, admin),
                                                    VIEW_END };
const struct view certificates_notices_view = { "certificates/notices.html",
                                                "Notices before the end", notices_fields, 0 };

static enum err show(struct req *rq, struct resp *rs)
{
    struct notices_view v = { .admin = (req_who(rq)->roles & ROLE_CUSTOMER_ADMIN) != 0 };
    bool none;

    TRY(certificates_muted(req_tx(rq), req_account(rq), (struct certificate_id){ 0 }, &none,
                           &v.muted));
    return resp_page(rs, &certificates_notices_view, &v);
}

static enum err change(struct req *rq, struct resp *rs)
{
    const struct notices_form *f = req_form(rq);
    const struct certificates_who who = certificates_shared_who(rq);
    struct audit_by by = AUDIT_BY(rq);

    if (req_invalid(rq))
        return FAIL(E_INPUT, "", "malformed");
    TRY(certificates_mute(req_tx(rq), &by, &who, (struct certificate_id){ 0 }, f->off,
                          req_now(rq)));
    resp_flash(rs, "success", MSG("Your choice about notices is kept."), STR_ABSENT);
    return resp_seeother(rs, "/certificates/notices", 0);
}

const struct route certificates_notices_routes[] = {
    { GET, "/certificates/notices", show, WHO_ACCOUNT, NULL, 0, 0, NULL, NULL },
    { POST, "/certificates/notices", change, WHO_ACCOUNT, FORM(notices_params, struct notices_form),
      0, 0, NULL, NULL },
    { 0 },
};
