/* signing_together_pages.c - several documents signed in one go: how, then PIN and code once. */
#include "features/signing/signing_pages.h"

#include "features/signing/signing_batch_pages.h"
#include "features/signing/signing_reasons_pages.h"
#include "http/cookie.h"
#include "http/ratelimit.h"

static const struct rate together_rate = { "signing.together", RATE_ACCOUNT, 30, 10 * MINUTE_US };

static const struct choice levels[] = {
    { "ES", SIGNING_ES },
    { "ES-T", SIGNING_ES_T },
    { "ES-LT", SIGNING_ES_LT },
    { "ES-A", SIGNING_ES_A },
    { NULL, 0 },
};

struct together_form {
    struct str *id;
    size_t id_n;
    struct str credential, reason, location, recurring, totp;
    struct secret *pin;
    enum signing_level level;
};

/* --- what the pages show --- */

struct paper_row {
    struct str public_id, filename;
    uint64_t size;
    struct page_badge state;
};

static const struct view_field paper_fields[] = {
    VIEW_TEXT(struct paper_row, public_id),
    VIEW_TEXT(struct paper_row, filename),
    VIEW_SIZE(struct paper_row, size),
    VIEW_STRUCT(struct paper_row, state, page_badge_fields),
    VIEW_END,
};

struct option_row {
    struct str value, label, detail;
    struct page_badge state;
    bool usable, selected;
};

static const struct view_field option_fields[] = {
    VIEW_TEXT(struct option_row, value),
    VIEW_TEXT(struct option_row, label),
    VIEW_TEXT(struct option_row, detail),
    VIEW_STRUCT(struct option_row, state, page_badge_fields),
    VIEW_FLAG(struct option_row, usable),
    VIEW_FLAG(struct option_row, selected),
    VIEW_END,
};

struct together_view {
    struct paper_row *papers;
    size_t papers_count;
    struct option_row *keys, *levels, *recurring;
    size_t keys_count, levels_count, recurring_count;
    struct str reason, location, credential, label, subject, level, recurring_id, recurring_name,
        back;
    uint64_t total;
    bool can_sign;
    struct page_step *steps;
    size_t steps_count;
};

static const struct view_field together_fields[] = {
    VIEW_LIST(struct together_view, papers, papers_count, paper_fields),
    VIEW_COUNT(struct together_view, papers_count),
    VIEW_LIST(struct together_view, keys, keys_count, option_fields),
    VIEW_LIST(struct together_view, levels, levels_count, option_fields),
    VIEW_LIST(struct together_view, recurring, recurring_count, option_fields),
    VIEW_INT(struct together_view, recurring_count),
    VIEW_TEXT(struct together_view, reason),
    VIEW_TEXT(struct together_view, location),
    VIEW_TEXT(struct together_view, credential),
    VIEW_TEXT(struct together_view, label),
    VIEW_TEXT(struct together_view, subject),
    VIEW_TEXT(struct together_view, level),
    VIEW_TEXT(struct together_view, recurring_id),
    VIEW_TEXT(struct together_view, recurring_name),
    VIEW_URL(struct together_view, back),
    VIEW_SIZE(struct together_view, total),
    VIEW_FLAG(struct together_view, can_sign),
    VIEW_LIST(struct together_view, steps, steps_count, page_step_fields),
    VIEW_END,
};

const struct view signing_together_view = { "signing/together.html", "Sign several documents",
                                            together_fields, 0 };
const struct view signing_together_confirm_view = { "signing/together_confirm.html",
                                                    "PIN and one-time code", together_fields, 0 };

static enum err fill_papers(struct req *rq, const struct together_form *f, struct together_view *v)
{
    struct str back = STR("/documents/together");

    v->papers = ARENA_ARRAY(req_arena(rq), f->id_n, struct paper_row);
    v->papers_count = f->id_n;
    for (size_t i = 0; i < f->id_n; i++) {
        struct signing_document d;
        TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id[i], &d));
        TRY(signing_document_readable(&d));
        v->papers[i] = (struct paper_row){ d.public_id, d.filename, d.size,
                                           signing_reasons_document(d.state) };
        v->total += d.size;
        back = str_fmt(req_arena(rq), "%.*s%cid=%.*s", STR_ARG(back), i ? '&' : '?',
                       STR_ARG(d.public_id));
    }
    v->back = back;
    return E_OK;
}

static enum err fill_keys(struct req *rq, struct str chosen, struct together_view *v)
{
    struct signing_credential *c;
    struct signing_certificate x;
    bool any = false;

    TRY(signing_credential_list(req_tx(rq), signing_reasons_owner(rq), &c, &v->keys_count));
    v->keys = ARENA_ARRAY(req_arena(rq), v->keys_count, struct option_row);
    for (size_t i = 0; i < v->keys_count; i++) {
        TRY(signing_credential_certificate(req_tx(rq), &c[i], req_now(rq), &x));
        bool usable = signing_reasons_usable(&c[i], &x);
        bool wanted = str_empty(chosen) ? usable && !any : str_eq(chosen, c[i].public_id);
        v->keys[i] = (struct option_row){ c[i].public_id, c[i].label,
                                          x.subject,      signing_reasons_credential(&c[i], &x),
                                          usable,         wanted };
        any = any || wanted;
        v->can_sign = v->can_sign || usable;
    }
    return E_OK;
}

static enum err fill_recurring(struct req *rq, struct str chosen, struct together_view *v)
{
    struct signing_template *rows;

    TRY(signing_template_list(req_tx(rq), signing_reasons_owner(rq), &rows, &v->recurring_count));
    v->recurring = ARENA_ARRAY(req_arena(rq), v->recurring_count, struct option_row);
    for (size_t i = 0; i < v->recurring_count; i++)
        v->recurring[i] = (struct option_row){ .value = rows[i].public_id,
                                               .label = rows[i].name,
                                               .selected = str_eq(rows[i].public_id, chosen) };
    return E_OK;
}

static void fill_levels(struct req *rq, enum signing_level chosen, struct together_view *v)
{
    v->levels_count = SIGNING_LEVEL__MAX;
    v->levels = ARENA_ARRAY(req_arena(rq), v->levels_count, struct option_row);
    for (size_t i = 0; i < v->levels_count; i++)
        v->levels[i] =
            (struct option_row){ .value = str_z(signing_level_name((enum signing_level)i)),
                                 .selected = i == (size_t)chosen };
}

static enum err show(struct req *rq, struct resp *rs)
{
    const struct together_form *f = req_form(rq);
    struct together_view v = { .reason = f->reason,
                               .location = f->location,
                               .steps_count = SIGNING_STEPS };

    if (f->id_n == 0)
        return resp_seeother(rs, "/documents", 0);
    if (f->id_n == 1)
        return resp_seeother_text(rs, "/documents/{id}", f->id[0]);
    TRY(fill_papers(rq, f, &v));
    TRY(fill_keys(rq, f->credential, &v));
    TRY(fill_recurring(rq, f->recurring, &v));
    fill_levels(rq, f->level, &v);
    v.steps = signing_reasons_steps(rq, 1);
    return resp_page(rs, &signing_together_view, &v);
}

/* --- PIN and code --- */

/* What a recurring placement says goes before what the page says, as where one document is signed.
 */
static enum err recurring(struct req *rq, const struct together_form *f, struct signing_template *t)
{
    *t = (struct signing_template){ .level = f->level, .reason = f->reason };
    if (str_empty(f->recurring))
        return E_OK;
    TRY(signing_template_find(req_tx(rq), signing_reasons_owner(rq), f->recurring, t));
    if (str_empty(t->reason))
        t->reason = f->reason;
    return E_OK;
}

static enum err show_confirm(struct req *rq, struct resp *rs)
{
    const struct together_form *f = req_form(rq);
    struct together_view v = { .location = f->location,
                               .credential = f->credential,
                               .recurring_id = f->recurring,
                               .steps_count = SIGNING_STEPS };
    struct signing_credential c;
    struct signing_certificate x;
    struct signing_template t;

    TRY(fill_papers(rq, f, &v));
    TRY(recurring(rq, f, &t));
    TRY(signing_credential_find(req_tx(rq), signing_reasons_owner(rq), f->credential, &c));
    TRY(signing_credential_certificate(req_tx(rq), &c, req_now(rq), &x));
    v.reason = t.reason;
    v.level = str_z(signing_level_name(t.level));
    v.recurring_name = t.name;
    v.label = c.label;
    v.subject = x.subject;
    v.steps = signing_reasons_steps(rq, 2);
    return resp_page(rs, &signing_together_confirm_view, &v);
}

static enum err confirm(struct req *rq, struct resp *rs)
{
    return req_invalid(rq) ? show(rq, rs) : show_confirm(rq, rs);
}

/*
 * The places of a recurring placement are the same in all documents: where it speaks of the last
 * page, or of all, they must have equally many. E_INPUT "batch-pages".
 */
static enum err same_pages(struct req *rq, const struct together_form *f,
                           const struct signing_template *t, struct signing_look *first)
{
    bool any = t->rule == SIGNING_PAGE_FIRST || t->rule == SIGNING_PAGE_NUMBER;
    for (size_t i = 0; i < f->id_n; i++) {
        struct signing_document d;
        struct signing_look look;
        TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id[i], &d));
        TRY(signing_look_document(req_tx(rq), &d, NULL, i == 0 ? first : &look));
        if (i > 0 && !any && look.pages != first->pages)
            return FAIL(E_INPUT, "batch-pages", "%u and %u pages", first->pages, look.pages);
        if (any)
            break;
    }
    return E_OK;
}

static enum err place(struct req *rq, const struct together_form *f,
                      const struct signing_template *t, struct signing_request *ask)
{
    struct signing_placement p = { .seal = t->seal,
                                   .show_name = t->show_name,
                                   .show_date = t->show_date,
                                   .show_reason = t->show_reason,
                                   .japanese = req_lang(rq) == LANG_JA,
                                   .x = t->x,
                                   .y = t->y,
                                   .width = t->width,
                                   .height = t->height };
    struct signing_look look = { 0 };

    if (str_empty(t->public_id))
        return E_OK;
    TRY(same_pages(rq, f, t, &look));
    TRY(signing_template_pages(t, look.pages, &p.first, &p.last));
    return signing_look_place(req_tx(rq), &look, req_who(rq)->name, &p, ask);
}

static enum err authorise(struct req *rq, const struct together_form *f, struct str *batch,
                          struct str *token)
{
    struct signing_template t;
    struct signing_request ask = { .owner = signing_reasons_owner(rq),
                                   .by = AUDIT_BY(rq),
                                   .credential = f->credential,
                                   .pin = f->pin,
                                   .location = f->location,
                                   .assertion = { STR(SIGNING_PORTAL_METHOD), 2, req_now(rq) },
                                   .ask_totp = true,
                                   .totp = f->totp,
                                   .now = req_now(rq) };
    TRY(recurring(rq, f, &t));
    ask.level = t.level;
    ask.reason = t.reason;
    ask.certify = (int)t.certify;
    TRY(place(rq, f, &t, &ask));
    return signing_batch_authorise(req_tx(rq), &ask, f->id, f->id_n, batch, token);
}

static enum err sign(struct req *rq, struct resp *rs)
{
    const struct together_form *f = req_form(rq);
    struct str batch = STR_ABSENT, token = STR_ABSENT;
    enum err e;

    if (req_invalid(rq))
        return show_confirm(rq, rs);
    e = authorise(rq, f, &batch, &token);
    if (e != E_OK)
        return signing_reasons_show(rq) ? show_confirm(rq, rs) : e;
    resp_header(rs, "Set-Cookie",
                cookie_make(req_arena(rq), SIGNING_BATCH_COOKIE,
                            str_fmt(req_arena(rq), "%.*s.%.*s", STR_ARG(batch), STR_ARG(token)),
                            SIGNING_BATCH_US / SECOND_US, COOKIE_STRICT));
    return resp_seeother_text(rs, "/batches/{id}", batch);
}

#define IDS PARAM_TEXTS(struct together_form, id, id_n, 1, 64, SIGNING_BATCH_MAX)

static const struct param show_params[] = {
    IDS,
    PARAM_TOKEN_OPT(struct together_form, credential, 64),
    PARAM_TOKEN_OPT(struct together_form, recurring, 64),
    PARAM_CHOICE_OPT(struct together_form, level, levels, SIGNING_ES_T),
    PARAM_TEXT_OPT(struct together_form, reason, 120),
    PARAM_TEXT_OPT(struct together_form, location, 120),
    PARAM_END,
};

#define OPTIONS                                                                                    \
    IDS, PARAM_TOKEN(struct together_form, credential, 1, 64),                                     \
        PARAM_TOKEN_OPT(struct together_form, recurring, 64),                                      \
        PARAM_CHOICE(struct together_form, level, levels),                                         \
        PARAM_TEXT_OPT(struct together_form, reason, 120),                                         \
        PARAM_TEXT_OPT(struct together_form, location, 120)

static const struct param confirm_params[] = { OPTIONS, PARAM_END };

static const struct param sign_params[] = {
    OPTIONS,
    PARAM_SECRET(struct together_form, pin, 1, 64),
    PARAM_TEXT(struct together_form, totp, 6, 10),
    PARAM_END,
};

const struct route signing_together_routes[] = {
    { GET, "/documents/together", show, WHO_ACCOUNT, FORM(show_params, struct together_form), 0, 0,
      NULL, NULL, NULL },
    { POST, "/documents/together/confirm", confirm, WHO_ACCOUNT,
      FORM(confirm_params, struct together_form), ROUTE_SECOND_FACTOR | ROUTE_READ_ONLY_POST, 0,
      NULL, NULL, NULL },
    { POST, "/documents/together", sign, WHO_ACCOUNT, FORM(sign_params, struct together_form),
      ROUTE_SECOND_FACTOR, 0, NULL, &together_rate, NULL },
    { 0 },
};
