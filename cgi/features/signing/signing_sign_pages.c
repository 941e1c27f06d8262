/* signing_sign_pages.c - signing in the browser: look and options, PIN and code, result. */
#include "features/signing/signing_pages.h"

#include "base/encoding.h"
#include "features/signing/signing_reasons_pages.h"
#include "http/ratelimit.h"

static const struct rate sign_rate = { "signing.sign", RATE_ACCOUNT, 60, 10 * MINUTE_US };

static const struct choice levels[] = {
    { "ES", SIGNING_ES },
    { "ES-T", SIGNING_ES_T },
    { "ES-LT", SIGNING_ES_LT },
    { "ES-A", SIGNING_ES_A },
    { NULL, 0 },
};

/* One sentence each, for people who do not know the letters. */
static const struct msg level_notes[SIGNING_LEVEL__MAX] = {
    MSG_INIT("Your signature alone. Enough for papers that are checked within the validity of your "
             "certificate."),
    MSG_INIT("With a timestamp that proves when you signed. A good choice for most contracts."),
    MSG_INIT("Also holds the data with which it can be checked after your certificate has ended."),
    MSG_INIT("Also with an archive timestamp over everything, for papers that are kept for many "
             "years."),
};

struct level_choice {
    struct str value;
    struct msg note;
    bool selected;
};

static const struct view_field level_fields[] = {
    VIEW_TEXT(struct level_choice, value),
    VIEW_MSG(struct level_choice, note),
    VIEW_FLAG(struct level_choice, selected),
    VIEW_END,
};

struct key_choice {
    struct str public_id, label, subject;
    struct timestamp not_after;
    struct page_badge state;
    bool usable, selected;
};

static const struct view_field key_fields[] = {
    VIEW_TEXT(struct key_choice, public_id),
    VIEW_TEXT(struct key_choice, label),
    VIEW_TEXT(struct key_choice, subject),
    VIEW_DATE(struct key_choice, not_after),
    VIEW_STRUCT(struct key_choice, state, page_badge_fields),
    VIEW_FLAG(struct key_choice, usable),
    VIEW_FLAG(struct key_choice, selected),
    VIEW_END,
};

/* --- the document: what it is, and how to sign it --- */

struct sign_form {
    struct str id, credential, reason, location, totp;
    struct secret *pin;
    enum signing_level level;
};

struct document_view {
    struct str public_id, filename, reason, location, digest, tsa;
    uint64_t size, version;
    struct timestamp created, delete_at, deleted_at;
    struct page_badge state;
    bool held, is_signed, can_sign;
    struct level_choice *levels;
    size_t levels_count;
    struct key_choice *keys;
    size_t keys_count;
    struct page_step *steps;
    size_t steps_count;
};

static const struct view_field document_fields[] = {
    VIEW_TEXT(struct document_view, public_id),
    VIEW_TEXT(struct document_view, filename),
    VIEW_TEXT(struct document_view, reason),
    VIEW_TEXT(struct document_view, location),
    VIEW_CODE(struct document_view, digest),
    VIEW_TEXT(struct document_view, tsa),
    VIEW_SIZE(struct document_view, size),
    VIEW_COUNT(struct document_view, version),
    VIEW_TIME(struct document_view, created),
    VIEW_TIME(struct document_view, delete_at),
    VIEW_TIME(struct document_view, deleted_at),
    VIEW_STRUCT(struct document_view, state, page_badge_fields),
    VIEW_FLAG(struct document_view, held),
    VIEW_FLAG(struct document_view, is_signed),
    VIEW_FLAG(struct document_view, can_sign),
    VIEW_LIST(struct document_view, levels, levels_count, level_fields),
    VIEW_LIST(struct document_view, keys, keys_count, key_fields),
    VIEW_LIST(struct document_view, steps, steps_count, page_step_fields),
    VIEW_END,
};

const struct view signing_document_view = { "signing/document.html", "Document", document_fields,
                                            0 };

static void fill_levels(struct arena *a, enum signing_level chosen, struct document_view *v)
{
    v->levels_count = SIGNING_LEVEL__MAX;
    v->levels = ARENA_ARRAY(a, v->levels_count, struct level_choice);
    for (size_t i = 0; i < v->levels_count; i++)
        v->levels[i] = (struct level_choice){ str_z(signing_level_name((enum signing_level)i)),
                                              level_notes[i], i == (size_t)chosen };
}

/* The chosen one, else the first that can sign, is selected. */
static enum err fill_keys(struct req *rq, struct str chosen, struct document_view *v)
{
    struct signing_credential *c;
    struct signing_certificate x;
    bool any = false;

    TRY(signing_credential_list(req_tx(rq), signing_reasons_owner(rq), &c, &v->keys_count));
    v->keys = ARENA_ARRAY(req_arena(rq), v->keys_count, struct key_choice);
    for (size_t i = 0; i < v->keys_count; i++) {
        TRY(signing_credential_certificate(req_tx(rq), &c[i], req_now(rq), &x));
        bool usable = signing_reasons_usable(&c[i], &x);
        bool wanted = str_empty(chosen) ? usable && !any : str_eq(chosen, c[i].public_id);
        v->keys[i] = (struct key_choice){ c[i].public_id,
                                          c[i].label,
                                          x.subject,
                                          x.not_after,
                                          signing_reasons_credential(&c[i], &x),
                                          usable,
                                          wanted };
        any = any || wanted;
        v->can_sign = v->can_sign || usable;
    }
    return E_OK;
}

static void fill_document(struct req *rq, const struct signing_document *d, struct document_view *v)
{
    v->public_id = d->public_id;
    v->filename = d->filename;
    v->digest = hex_encode(req_arena(rq), bytes_of_32(&d->digest));
    v->size = d->size;
    v->version = d->version;
    v->created = d->created;
    v->delete_at = d->delete_at;
    v->deleted_at = d->deleted_at;
    v->state = signing_reasons_document(d->state);
    v->held = d->state != SIGNING_DELETED;
    v->is_signed = d->state == SIGNING_SIGNED;
}

static enum err show_document(struct req *rq, struct resp *rs)
{
    const struct sign_form *f = req_form(rq);
    struct document_view v = { .reason = f->reason,
                               .location = f->location,
                               .tsa = signing_tsa_label() };
    struct signing_document d;

    TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id, &d));
    fill_document(rq, &d, &v);
    fill_levels(req_arena(rq), f->level, &v);
    TRY(fill_keys(rq, f->credential, &v));
    v.steps_count = SIGNING_STEPS;
    v.steps = signing_reasons_steps(rq, v.is_signed ? SIGNING_STEPS : 1);
    return resp_page(rs, &signing_document_view, &v);
}

/* --- PIN and code --- */

struct confirm_view {
    struct str public_id, filename, credential, label, subject, reason, location, level;
    struct msg level_note;
    uint64_t size;
    struct timestamp delete_at;
    struct page_step *steps;
    size_t steps_count;
};

static const struct view_field confirm_fields[] = {
    VIEW_TEXT(struct confirm_view, public_id),
    VIEW_TEXT(struct confirm_view, filename),
    VIEW_TEXT(struct confirm_view, credential),
    VIEW_TEXT(struct confirm_view, label),
    VIEW_TEXT(struct confirm_view, subject),
    VIEW_TEXT(struct confirm_view, reason),
    VIEW_TEXT(struct confirm_view, location),
    VIEW_TEXT(struct confirm_view, level),
    VIEW_MSG(struct confirm_view, level_note),
    VIEW_SIZE(struct confirm_view, size),
    VIEW_TIME(struct confirm_view, delete_at),
    VIEW_LIST(struct confirm_view, steps, steps_count, page_step_fields),
    VIEW_END,
};

const struct view signing_confirm_view = { "signing/confirm.html", "Sign {{filename}}",
                                           confirm_fields, 0 };

static enum err show_confirm(struct req *rq, struct resp *rs)
{
    const struct sign_form *f = req_form(rq);
    struct signing_credential c;
    struct signing_certificate x;
    struct signing_document d;

    TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id, &d));
    if (d.state == SIGNING_DELETED)
        return resp_seeother_text(rs, "/documents/{id}", d.public_id);
    TRY(signing_credential_find(req_tx(rq), signing_reasons_owner(rq), f->credential, &c));
    TRY(signing_credential_certificate(req_tx(rq), &c, req_now(rq), &x));
    struct confirm_view v = { .public_id = d.public_id,
                              .filename = d.filename,
                              .credential = c.public_id,
                              .label = c.label,
                              .subject = x.subject,
                              .reason = f->reason,
                              .location = f->location,
                              .level = str_z(signing_level_name(f->level)),
                              .level_note = level_notes[f->level],
                              .size = d.size,
                              .delete_at = d.delete_at,
                              .steps_count = SIGNING_STEPS };
    v.steps = signing_reasons_steps(rq, 2);
    return resp_page(rs, &signing_confirm_view, &v);
}

/* The options are sent here; wrong ones show the document's page again. */
static enum err confirm(struct req *rq, struct resp *rs)
{
    return req_invalid(rq) ? show_document(rq, rs) : show_confirm(rq, rs);
}

static enum err sign(struct req *rq, struct resp *rs)
{
    const struct sign_form *f = req_form(rq);
    struct signing_receipt receipt;
    struct signing_request ask = { .owner = signing_reasons_owner(rq),
                                   .by = AUDIT_BY(rq),
                                   .credential = f->credential,
                                   .pin = f->pin,
                                   .level = f->level,
                                   .reason = f->reason,
                                   .location = f->location,
                                   .assertion = { STR(SIGNING_PORTAL_METHOD), 2, req_now(rq) },
                                   .ask_totp = true,
                                   .totp = f->totp,
                                   .now = req_now(rq) };
    enum err e;

    if (req_invalid(rq))
        return show_confirm(rq, rs);
    e = signing_sign_document(req_tx(rq), &ask, f->id, &receipt);
    if (e != E_OK)
        return signing_reasons_show(rq) ? show_confirm(rq, rs) : e;
    TRY(signing_notice_send(rq, &receipt));
    return resp_seeother_text(rs, "/signatures/{id}", receipt.record);
}

#define OPTION_PARAMS                                                                              \
    PARAM_TOKEN(struct sign_form, id, 1, 64), PARAM_TOKEN(struct sign_form, credential, 1, 64),    \
        PARAM_CHOICE(struct sign_form, level, levels),                                             \
        PARAM_TEXT_OPT(struct sign_form, reason, 120),                                             \
        PARAM_TEXT_OPT(struct sign_form, location, 120)

static const struct param confirm_params[] = {
    OPTION_PARAMS,
    PARAM_END,
};

static const struct param sign_params[] = {
    OPTION_PARAMS,
    PARAM_SECRET(struct sign_form, pin, 1, 64),
    PARAM_TEXT(struct sign_form, totp, 6, 10),
    PARAM_END,
};

/* Coming back from the PIN page keeps what was chosen. */
static const struct param document_params[] = {
    PARAM_TOKEN(struct sign_form, id, 1, 64),
    PARAM_TOKEN_OPT(struct sign_form, credential, 64),
    PARAM_CHOICE_OPT(struct sign_form, level, levels, SIGNING_ES_T),
    PARAM_TEXT_OPT(struct sign_form, reason, 120),
    PARAM_TEXT_OPT(struct sign_form, location, 120),
    PARAM_END,
};

const struct route signing_sign_routes[] = {
    { GET, "/documents/{id}", show_document, WHO_ACCOUNT, FORM(document_params, struct sign_form),
      0, 0, NULL, NULL },
    { POST, "/documents/{id}/confirm", confirm, WHO_ACCOUNT, FORM(confirm_params, struct sign_form),
      ROUTE_SECOND_FACTOR | ROUTE_READ_ONLY_POST, 0, NULL, NULL },
    { POST, "/documents/{id}/sign", sign, WHO_ACCOUNT, FORM(sign_params, struct sign_form),
      ROUTE_SECOND_FACTOR, 0, NULL, &sign_rate },
    { 0 },
};
