/*
 * envelopes_draft_pages.c - the first screen of a new envelope: title, message, deadline, order,
 * documents. One form: adding a file keeps what was typed.
 */
#include "features/envelopes/envelopes_reasons_pages.h"

#include "features/envelopes/envelopes_pages.h"
#include "http/ratelimit.h"

#define UPLOAD_MAX (110u << 20)         /* of one request: it is in memory as a whole */
#define DAY_END_US (DAY_US - SECOND_US) /* a day begins at midnight in Japan */

static const struct rate upload_rate = { "envelopes.upload", RATE_ACCOUNT, 60, 10 * MINUTE_US };

struct edit_form {
    struct str id, title, message;
    struct timestamp deadline; /* a day */
    int order, then;
    int64_t remind;
    struct upload *files;
    size_t files_n;
};

enum { ORDER_ANY, ORDER_IN_TURN };
enum { THEN_STAY, THEN_GO_ON };
static const struct choice orders[] = { { "any", ORDER_ANY },
                                        { "turn", ORDER_IN_TURN },
                                        { NULL, 0 } };
static const struct choice thens[] = { { "stay", THEN_STAY }, { "go", THEN_GO_ON }, { NULL, 0 } };

#define TERMS                                                                                      \
    PARAM_TEXT_OPT(struct edit_form, title, 120),                                                  \
        PARAM_MULTILINE_OPT(struct edit_form, message, 2000),                                      \
        PARAM_DATE_OPT(struct edit_form, deadline),                                                \
        PARAM_CHOICE_OPT(struct edit_form, order, orders, ORDER_IN_TURN),                          \
        PARAM_CHOICE_OPT(struct edit_form, then, thens, THEN_GO_ON),                               \
        PARAM_INT_OPT(struct edit_form, remind, 0, 30, 3),                                         \
        PARAM_FILES(struct edit_form, files, files_n, UPLOAD_MAX, ENVELOPES_DOCUMENTS_MAX)

static const struct param new_params[] = { TERMS, PARAM_END };
static const struct param edit_params[] = { PARAM_TOKEN(struct edit_form, id, 1, 64), TERMS,
                                            PARAM_END };
static const struct param id_params[] = { PARAM_TOKEN(struct edit_form, id, 1, 64), PARAM_END };

struct edit_view {
    struct str public_id, title, message, deadline, remind, longest;
    bool in_turn;
    struct envelopes_paper *papers;
    size_t papers_count;
    struct page_step *steps;
    size_t steps_count;
};
static const struct view_field edit_fields[] = {
    VIEW_TEXT(struct edit_view, public_id),
    VIEW_TEXT(struct edit_view, title),
    VIEW_TEXT(struct edit_view, message),
    VIEW_TEXT(struct edit_view, deadline),
    VIEW_TEXT(struct edit_view, remind),
    VIEW_TEXT(struct edit_view, longest),
    VIEW_FLAG(struct edit_view, in_turn),
    VIEW_LIST(struct edit_view, papers, papers_count, envelopes_paper_fields),
    VIEW_INT(struct edit_view, papers_count),
    VIEW_LIST(struct edit_view, steps, steps_count, page_step_fields),
    VIEW_END,
};
const struct view envelopes_edit_view = { "envelopes/edit.html", "New envelope", edit_fields, 0 };

static struct str day_text(struct arena *a, struct timestamp t)
{
    if (timestamp_is_none(t))
        return STR_ABSENT;
    return str_sub(a, timestamp_rfc3339_jst(a, t), 0, 10);
}

/* `e` NULL: nothing is stored yet. */
static enum err show(struct req *rq, struct resp *rs, const struct envelopes_envelope *e)
{
    struct arena *a = req_arena(rq);
    struct timestamp now = req_now(rq);
    struct edit_view v = { .remind = STR("3"),
                           .in_turn = true,
                           .deadline = day_text(a, timestamp_add(now, 7 * DAY_US)),
                           .longest = timestamp_human_date(
                               a, timestamp_add(now, (ENVELOPES_DAYS_MAX - 1) * DAY_US),
                               req_lang(rq) == LANG_JA),
                           .steps_count = ENVELOPES_STEPS };

    if (e != NULL) {
        v.public_id = e->public_id;
        v.title = e->title;
        v.message = e->message;
        v.in_turn = e->ordered;
        v.remind = str_fmt(a, "%u", e->remind_days);
        if (!timestamp_is_none(e->deadline))
            v.deadline = day_text(a, e->deadline);
        TRY(envelopes_reasons_papers(rq, e, &v.papers, &v.papers_count));
    }
    if (!str_absent(req_raw(rq, "order"))) { /* what was typed */
        v.title = req_raw(rq, "title");
        v.message = req_raw(rq, "message");
        v.deadline = req_raw(rq, "deadline");
        v.remind = req_raw(rq, "remind");
        v.in_turn = !str_eq_z(req_raw(rq, "order"), "any");
    }
    v.steps = envelopes_reasons_steps(rq, 0);
    return resp_page(rs, &envelopes_edit_view, &v);
}

static enum err show_new(struct req *rq, struct resp *rs)
{
    return show(rq, rs, NULL);
}

static enum err show_edit(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct envelopes_envelope e;

    TRY(envelopes_reasons_find(rq, f->id, &e));
    if (e.state != ENVELOPES_DRAFT)
        return resp_seeother_text(rs, "/envelopes/{id}", e.public_id);
    return show(rq, rs, &e);
}

static enum err keep_terms(struct req *rq, const struct edit_form *f,
                           const struct envelopes_envelope *e)
{
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_terms t = { f->title, f->message, f->order == ORDER_IN_TURN,
                                 (uint32_t)f->remind, f->deadline };
    if (!timestamp_is_none(t.deadline)) /* the end of that day in Japan */
        t.deadline = timestamp_add(t.deadline, DAY_END_US);
    return envelopes_terms_set(req_tx(rq), e, &t, &by, req_now(rq));
}

static enum err keep_files(struct req *rq, const struct edit_form *f,
                           const struct envelopes_envelope *e)
{
    struct audit_by by = AUDIT_BY(rq);
    for (size_t i = 0; i < f->files_n; i++)
        TRY(envelopes_document_add(req_tx(rq), e, f->files[i].filename, f->files[i].data, &by,
                                   req_now(rq)));
    return E_OK;
}

/* Asked for only by who goes on; a draft may be kept without. */
static void ask_for_the_rest(struct req *rq, const struct edit_form *f, size_t papers)
{
    if (f->then != THEN_GO_ON)
        return;
    if (str_empty(f->title))
        req_field_error(rq, "title", MSG("Give the envelope a title."));
    if (timestamp_is_none(f->deadline))
        req_field_error(rq, "deadline", MSG("Say until when people can sign."));
    if (papers + f->files_n == 0)
        req_field_error(rq, "files", MSG("Add at least one PDF."));
}

static enum err keep(struct req *rq, struct resp *rs, const struct edit_form *f,
                     struct envelopes_envelope *e)
{
    enum err err = keep_terms(rq, f, e);

    if (err == E_OK)
        err = keep_files(rq, f, e);
    if (err != E_OK)
        return envelopes_reasons_show(rq, rs) ? show(rq, rs, e) : err;
    return resp_seeother_text(
        rs, f->then == THEN_GO_ON ? "/envelopes/{id}/people" : "/envelopes/{id}/edit",
        e->public_id);
}

static enum err create(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;
    enum err err;

    ask_for_the_rest(rq, f, 0);
    if (req_invalid(rq))
        return show(rq, rs, NULL);
    TRY(envelopes_draft(req_tx(rq), envelopes_reasons_owner(rq), req_who(rq)->name, &by,
                        req_now(rq), &e));
    err = keep_terms(rq, f, &e);
    if (err == E_OK)
        err = keep_files(rq, f, &e);
    if (err != E_OK)
        return envelopes_reasons_show(rq, rs) ? show(rq, rs, NULL) : err;
    return resp_seeother_text(
        rs, f->then == THEN_GO_ON ? "/envelopes/{id}/people" : "/envelopes/{id}/edit", e.public_id);
}

static enum err edit(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct envelopes_paper *papers;
    struct envelopes_envelope e;
    size_t n;

    TRY(envelopes_reasons_draft(rq, f->id, &e));
    TRY(envelopes_reasons_papers(rq, &e, &papers, &n));
    ask_for_the_rest(rq, f, n);
    if (req_invalid(rq))
        return show(rq, rs, &e);
    return keep(rq, rs, f, &e);
}

/* --- taking a document out --- */

struct drop_form {
    struct str id;
    struct paper_id document;
};
static const struct param drop_params[] = {
    PARAM_TOKEN(struct drop_form, id, 1, 64),
    PARAM_ID(struct drop_form, document),
    PARAM_END,
};

static enum err drop(struct req *rq, struct resp *rs)
{
    const struct drop_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;
    enum err err;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "document-unknown", "malformed id");
    TRY(envelopes_reasons_draft(rq, f->id, &e));
    err = envelopes_document_drop(req_tx(rq), &e, f->document, &by, req_now(rq));
    if (err != E_OK && err != E_ABSENT) /* gone already: what was asked for is so */
        return err;
    return resp_seeother_text(rs, "/envelopes/{id}/edit", e.public_id);
}

static enum err delete_draft(struct req *rq, struct resp *rs)
{
    const struct edit_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    struct envelopes_envelope e;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "envelope-unknown", "malformed id");
    TRY(envelopes_reasons_draft(rq, f->id, &e));
    TRY(envelopes_draft_drop(req_tx(rq), &e, &by, req_now(rq)));
    resp_flash(rs, "success", MSG("The draft is deleted with its documents."), STR_ABSENT);
    return resp_seeother(rs, "/envelopes", 0);
}

const struct route envelopes_draft_routes[] = {
    { GET, "/envelopes/new", show_new, WHO_ACCOUNT, NULL, 0, 0, NULL, NULL },
    { POST, "/envelopes", create, WHO_ACCOUNT, FORM(new_params, struct edit_form), 0, UPLOAD_MAX,
      NULL, &upload_rate },
    { GET, "/envelopes/{id}/edit", show_edit, WHO_ACCOUNT, FORM(id_params, struct edit_form), 0, 0,
      NULL, NULL },
    { POST, "/envelopes/{id}/edit", edit, WHO_ACCOUNT, FORM(edit_params, struct edit_form), 0,
      UPLOAD_MAX, NULL, &upload_rate },
    { POST, "/envelopes/{id}/documents/{document}/drop", drop, WHO_ACCOUNT,
      FORM(drop_params, struct drop_form), 0, 0, NULL, NULL },
    { POST, "/envelopes/{id}/delete", delete_draft, WHO_ACCOUNT, FORM(id_params, struct edit_form),
      0, 0, NULL, NULL },
    { 0 },
};
