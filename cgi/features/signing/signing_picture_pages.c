/*
 * signing_picture_pages.c - pictures of a document's pages, and the password of an encrypted one:
 * sealed in a cookie of this browser, opened for each request.
 */
#include "features/signing/signing_options_pages.h"
#include "features/signing/signing_pages.h"

#include "http/cookie.h"
#include "http/ratelimit.h"

#define PASSWORD_COOKIE "__Host-document"
#define PASSWORD_LIFE_S (8 * 3600)
#define PICTURE_MAX (24u << 20)

static const struct rate look_rate = { "signing.look", RATE_ACCOUNT, 3000, 10 * MINUTE_US };
static const struct rate unlock_rate = { "signing.unlock", RATE_ACCOUNT, 30, 10 * MINUTE_US };

static void wipe(void *arg)
{
    secret_free(arg);
}

enum err signing_picture_password(struct req *rq, const struct signing_document *d,
                                  const struct secret **out)
{
    struct secret *password = NULL;
    struct str sealed = cookie_get(req_arena(rq), req_header(rq, "Cookie"), PASSWORD_COOKIE);

    TRY(signing_look_kept(req_tx(rq), d, sealed, &password));
    if (password)
        req_defer(rq, wipe, password);
    *out = password;
    return E_OK;
}

/* --- password of a document --- */

struct unlock_form {
    struct str id;
    struct secret *password;
};
static const struct param unlock_params[] = {
    PARAM_TOKEN(struct unlock_form, id, 1, 64),
    PARAM_SECRET(struct unlock_form, password, 1, 127),
    PARAM_END,
};

void signing_picture_forget(struct resp *rs, struct req *rq)
{
    resp_header(rs, "Set-Cookie",
                cookie_make(req_arena(rq), PASSWORD_COOKIE, STR(""), 0, COOKIE_STRICT));
}

/* It is tried here, so that what is remembered opens the document. */
static enum err unlock(struct req *rq, struct resp *rs)
{
    const struct unlock_form *f = req_form(rq);
    const struct signing_options blank = { .id = f->id, .anchor = SIGNING_AT_BOTTOM_RIGHT };
    struct signing_document d;
    struct signing_look look;
    struct str sealed;

    if (req_invalid(rq))
        return signing_look_show(rq, rs, &blank);
    TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id, &d));
    if (d.state == SIGNING_DELETED)
        return resp_seeother_text(rs, "/documents/{id}", d.public_id);
    TRY(signing_look_document(req_tx(rq), &d, f->password, &look));
    if (str_eq_z(look.refused, "pdf-password-wrong")) {
        req_field_error(rq, "password", MSG("The password of the document is not right."));
        return signing_look_show(rq, rs, &blank);
    }
    TRY(signing_look_keep(req_tx(rq), &d, f->password, &sealed));
    resp_header(
        rs, "Set-Cookie",
        cookie_make(req_arena(rq), PASSWORD_COOKIE, sealed, PASSWORD_LIFE_S, COOKIE_STRICT));
    return resp_seeother_text(rs, "/documents/{id}", d.public_id);
}

/* --- repair --- */

struct repair_form {
    struct str id;
};
static const struct param repair_params[] = {
    PARAM_TOKEN(struct repair_form, id, 1, 64),
    PARAM_END,
};

/* On the person's word alone; the new file is looked at like any other. */
static enum err repair(struct req *rq, struct resp *rs)
{
    const struct repair_form *f = req_form(rq);
    const struct signing_options blank = { .id = f->id, .anchor = SIGNING_AT_BOTTOM_RIGHT };
    struct signing_owner owner = signing_reasons_owner(rq);
    struct audit_by by = AUDIT_BY(rq);
    const struct secret *password;
    struct signing_document d, fresh;
    enum err e;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "document-unknown", "malformed id");
    TRY(signing_document_find(req_tx(rq), owner, f->id, &d));
    TRY(signing_picture_password(rq, &d, &password));
    e = signing_look_repair(req_tx(rq), owner, &d, password, &by, req_now(rq), &fresh);
    if (e != E_OK) {
        resp_undo(rs);
        return signing_reasons_show(rq) ? signing_look_show(rq, rs, &blank) : e;
    }
    resp_flash(rs, "success", MSG("The file is repaired. Please look at it before you sign."),
               STR_ABSENT);
    return resp_seeother_text(rs, "/documents/{id}", fresh.public_id);
}

/* --- pictures --- */

struct picture_form {
    struct str id, file;
};
static const struct param picture_params[] = {
    PARAM_TOKEN(struct picture_form, id, 1, 64),
    PARAM_TEXT(struct picture_form, file, 5, 12),
    PARAM_END,
};

/* "12.png" */
static bool page_number(struct arena *a, struct str file, unsigned *out)
{
    uint64_t n = 0;
    if (!str_ends(file, STR(".png")) ||
        str_to_u64(str_sub(a, file, 0, file.n - 4), SIGNING_LOOK_PAGES, &n) != E_OK || n == 0)
        return false;
    *out = (unsigned)n;
    return true;
}

static enum err picture(struct req *rq, struct resp *rs)
{
    const struct picture_form *f = req_form(rq);
    struct buf *png = signing_reasons_buf(rq, PICTURE_MAX);
    const struct secret *password;
    struct signing_document d;
    unsigned page;

    TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id, &d));
    if (!page_number(req_arena(rq), f->file, &page))
        return FAIL(E_ABSENT, "render-no-page", "no such picture");
    TRY(signing_picture_password(rq, &d, &password));
    if (d.size > SIGNING_LOOK_LARGE)
        TRY(req_alone(rq)); /* the renderer gets all of it in memory */
    TRY(signing_look_picture(req_tx(rq), &d, password, page, SIGNING_PICTURE_WIDTH, png));
    return resp_bytes(rs, "image/png", buf_bytes(png));
}

const struct route signing_picture_routes[] = {
    { POST, "/documents/{id}/unlock", unlock, WHO_ACCOUNT, FORM(unlock_params, struct unlock_form),
      ROUTE_READ_ONLY_POST, 0, NULL, &unlock_rate },
    { POST, "/documents/{id}/repair", repair, WHO_ACCOUNT, FORM(repair_params, struct repair_form),
      0, 0, NULL, &unlock_rate },
    { GET, "/documents/{id}/pages/{file}", picture, WHO_ACCOUNT,
      FORM(picture_params, struct picture_form), 0, 0, NULL, &look_rate },
    { 0 },
};
