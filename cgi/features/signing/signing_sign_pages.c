/*
 * signing_sign_pages.c - the third screen of signing: the exact result as a picture, what is known
 * about the file, PIN and code; then the signature.
 */
#include "features/signing/signing_options_pages.h"
#include "features/signing/signing_pages.h"

#include "base/encoding.h"
#include "base/log.h"
#include "http/ratelimit.h"

#define PREVIEW_MAX (4u << 20)
#define PREVIEW_WIDTH 900

static const struct rate sign_rate = { "signing.sign", RATE_ACCOUNT, 60, 10 * MINUTE_US };
static const struct rate preview_rate = { "signing.preview", RATE_ACCOUNT, 300, 10 * MINUTE_US };

struct sign_form {
    struct signing_options o;
    struct str totp;
    struct secret *pin;
};

struct confirm_view {
    struct str public_id, filename, label, subject, reason, location, level, field, preview;
    struct msg level_note, kind;
    uint64_t size;
    struct timestamp delete_at;
    unsigned page, pages_more;
    bool certifies, seen;
    struct signing_warning_row *warnings;
    size_t warnings_n;
    struct signing_hidden *hidden;
    size_t hidden_n;
    struct page_step *steps;
    size_t steps_n;
};

static const struct view_field confirm_fields[] = {
    VIEW_TEXT(struct confirm_view, public_id),
    VIEW_TEXT(struct confirm_view, filename),
    VIEW_TEXT(struct confirm_view, label),
    VIEW_TEXT(struct confirm_view, subject),
    VIEW_TEXT(struct confirm_view, reason),
    VIEW_TEXT(struct confirm_view, location),
    VIEW_TEXT(struct confirm_view, level),
    VIEW_TEXT(struct confirm_view, field),
    VIEW_TEXT(struct confirm_view, preview),
    VIEW_MSG(struct confirm_view, level_note),
    VIEW_MSG(struct confirm_view, kind),
    VIEW_SIZE(struct confirm_view, size),
    VIEW_TIME(struct confirm_view, delete_at),
    VIEW_COUNT(struct confirm_view, page),
    VIEW_COUNT(struct confirm_view, pages_more),
    VIEW_FLAG(struct confirm_view, certifies),
    VIEW_FLAG(struct confirm_view, seen),
    VIEW_COUNT(struct confirm_view, warnings_n),
    VIEW_LIST(struct confirm_view, warnings, warnings_n, signing_warning_fields),
    VIEW_LIST(struct confirm_view, hidden, hidden_n, signing_hidden_fields),
    VIEW_LIST(struct confirm_view, steps, steps_n, page_step_fields),
    VIEW_END,
};

const struct view signing_confirm_view = { "signing/confirm.html", "Sign {{filename}}",
                                           confirm_fields, VIEW_WIDE };

/* All that both handlers need of a document and of what is to be done with it. */
struct plan {
    struct signing_document d;
    struct signing_look look;
    struct signing_placement placement;
    struct signing_request ask;
};

/* False: an error stands beside a field. `search`: also for what is to be known of the file. */
static enum err make_plan(struct req *rq, const struct signing_options *o, bool search,
                          struct plan *p, bool *fine)
{
    const struct secret *password;
    enum err e;

    *fine = false;
    TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), o->id, &p->d));
    TRY(signing_picture_password(rq, &p->d, &password));
    if (p->d.state == SIGNING_DELETED)
        return E_OK;
    e = search ? signing_look_document(req_tx(rq), &p->d, password, &p->look)
               : signing_look_pages(req_tx(rq), &p->d, password, &p->look);
    if (e != E_OK)
        return signing_reasons_show(rq) ? E_OK : e;
    p->ask = signing_options_request(rq, o, password);
    if (!signing_options_placement(rq, o, p->look.pages, &p->placement))
        return E_OK;
    e = signing_look_place(req_tx(rq), &p->look, req_who(rq)->name, &p->placement, &p->ask);
    if (e != E_OK)
        return signing_reasons_show(rq) ? E_OK : e;
    *fine = true;
    return E_OK;
}

/* A picture of the result as base64, where there is a renderer. A refusal comes before the PIN. */
static enum err preview(struct req *rq, const struct plan *p, struct confirm_view *v)
{
    struct buf *png = signing_reasons_buf(rq, PREVIEW_MAX);
    unsigned page = p->placement.first > 0 ? p->placement.first : 1;
    enum err e = signing_look_preview(req_tx(rq), &p->d, &p->ask, page, PREVIEW_WIDTH, png);

    v->page = page;
    v->pages_more = p->placement.first > 0 ? p->placement.last - p->placement.first : 0;
    if (e == E_OK) {
        v->preview = base64_encode(req_arena(rq), buf_bytes(png));
        v->seen = true;
        return E_OK;
    }
    if (strncmp(fault_current()->reason, "render-", 7) != 0)
        return e;
    log_fault("no picture of the result");
    return E_OK;
}

static enum err fill(struct req *rq, const struct signing_options *o, const struct plan *p,
                     struct confirm_view *v)
{
    struct signing_credential c;
    struct signing_certificate x;

    TRY(signing_credential_find(req_tx(rq), signing_reasons_owner(rq), o->credential, &c));
    TRY(signing_credential_certificate(req_tx(rq), &c, req_now(rq), &x));
    *v = (struct confirm_view){ .public_id = p->d.public_id,
                                .filename = p->d.filename,
                                .label = c.label,
                                .subject = x.subject,
                                .reason = o->reason,
                                .location = o->location,
                                .field = o->field,
                                .level = str_z(signing_level_name(o->level)),
                                .level_note = signing_look_level_notes[o->level],
                                .kind = signing_look_kind_words[o->kind],
                                .certifies = o->kind > 0,
                                .size = p->d.size,
                                .delete_at = p->d.delete_at,
                                .warnings_n = p->look.warning_n,
                                .warnings = signing_look_warnings(rq, &p->look),
                                .steps_n = SIGNING_STEPS };
    v->steps = signing_reasons_steps(rq, 2);
    v->hidden = signing_options_hidden(rq, o, &v->hidden_n);
    return E_OK;
}

/* What is wrong with the options is shown beside them, on the page before. */
static enum err show_confirm(struct req *rq, struct resp *rs, const struct signing_options *o)
{
    struct confirm_view v;
    struct plan p;
    bool fine;
    enum err e;

    TRY(make_plan(rq, o, true, &p, &fine));
    if (p.d.state == SIGNING_DELETED)
        return resp_seeother_text(rs, "/documents/{id}", p.d.public_id);
    if (!fine)
        return signing_look_show(rq, rs, o);
    TRY(fill(rq, o, &p, &v));
    e = preview(rq, &p, &v);
    if (e != E_OK)
        return signing_reasons_show(rq) ? signing_look_show(rq, rs, o) : e;
    return resp_page(rs, &signing_confirm_view, &v);
}

static enum err confirm(struct req *rq, struct resp *rs)
{
    const struct signing_options *o = req_form(rq);

    return req_invalid(rq) ? signing_look_show(rq, rs, o) : show_confirm(rq, rs, o);
}

static enum err sign(struct req *rq, struct resp *rs)
{
    const struct sign_form *f = req_form(rq);
    struct signing_receipt receipt;
    struct plan p;
    bool fine;
    enum err e;

    if (req_invalid(rq))
        return show_confirm(rq, rs, &f->o);
    TRY(make_plan(rq, &f->o, false, &p, &fine));
    if (!fine)
        return signing_look_show(rq, rs, &f->o);
    p.ask.pin = f->pin;
    p.ask.ask_totp = true;
    p.ask.totp = f->totp;
    e = signing_sign_document(req_tx(rq), &p.ask, f->o.id, &receipt);
    if (e != E_OK)
        return signing_reasons_show(rq) ? show_confirm(rq, rs, &f->o) : e;
    TRY(signing_notice_send(rq, &receipt));
    if (p.ask.password)
        signing_picture_forget(rs, rq);
    return resp_seeother_text(rs, "/signatures/{id}", receipt.record);
}

#define CHOSEN(s)                                                                                  \
    PARAM_TOKEN(s, id, 1, 64), PARAM_TOKEN(s, credential, 1, 64),                                  \
        PARAM_CHOICE(s, level, signing_options_levels), SIGNING_OPTIONS_PARAMS(s)

static const struct param confirm_params[] = {
    CHOSEN(struct signing_options),
    PARAM_END,
};

/* The members of the options, which come first in the struct. */
static const struct param sign_params[] = {
    CHOSEN(struct signing_options),
    PARAM_SECRET(struct sign_form, pin, 1, 64),
    PARAM_TEXT(struct sign_form, totp, 6, 10),
    PARAM_END,
};

const struct route signing_sign_routes[] = {
    { POST, "/documents/{id}/confirm", confirm, WHO_ACCOUNT,
      FORM(confirm_params, struct signing_options), ROUTE_SECOND_FACTOR | ROUTE_READ_ONLY_POST, 0,
      NULL, &preview_rate },
    { POST, "/documents/{id}/sign", sign, WHO_ACCOUNT, FORM(sign_params, struct sign_form),
      ROUTE_SECOND_FACTOR, 0, NULL, &sign_rate },
    { 0 },
};
