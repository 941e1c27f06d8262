/* signing_document_pages.c - documents: list, upload, look, download, delete now. */
#include "features/signing/signing_pages.h"
#include "base/encoding.h"
#include "features/signing/signing_reasons_pages.h"

#define PER_PAGE 50

/* --- list --- */

struct list_form {
    struct str name, sort;
    int state;
    int64_t page;
};

enum { STATE_HELD = -1 };

static const struct choice states[] = {
    { "held", STATE_HELD },
    { "uploaded", SIGNING_UPLOADED },
    { "signed", SIGNING_SIGNED },
    { "deleted", SIGNING_DELETED },
    { "receiving", SIGNING_RECEIVING },
    { NULL, 0 },
};

static const struct param list_params[] = {
    PARAM_TEXT_OPT(struct list_form, name, 120),
    PARAM_TOKEN_OPT(struct list_form, sort, 16),
    PARAM_CHOICE_OPT(struct list_form, state, states, STATE_HELD),
    PARAM_INT_OPT(struct list_form, page, 1, 100000, 1),
    PARAM_END,
};

struct list_row {
    struct str public_id, filename;
    uint64_t size;
    bool receiving, usable;
    unsigned percent;
    struct timestamp created, delete_at, deleted_at;
    struct page_badge state;
};

static const struct view_field list_row_fields[] = {
    VIEW_TEXT(struct list_row, public_id),
    VIEW_TEXT(struct list_row, filename),
    VIEW_SIZE(struct list_row, size),
    VIEW_FLAG(struct list_row, receiving),
    VIEW_FLAG(struct list_row, usable),
    VIEW_INT(struct list_row, percent),
    VIEW_TIME(struct list_row, created),
    VIEW_TIME(struct list_row, delete_at),
    VIEW_TIME(struct list_row, deleted_at),
    VIEW_STRUCT(struct list_row, state, page_badge_fields),
    VIEW_END,
};

struct list_view {
    struct list_row *rows;
    size_t rows_count;
    struct page_pager pager;
    struct page_sort by_name, by_time, by_until;
    struct page_choice *states;
    size_t states_count;
    struct str name;
    bool filtered;
};

static const struct view_field list_fields[] = {
    VIEW_LIST(struct list_view, rows, rows_count, list_row_fields),
    VIEW_INT(struct list_view, rows_count),
    VIEW_STRUCT(struct list_view, pager, page_pager_fields),
    VIEW_STRUCT(struct list_view, by_name, page_sort_fields),
    VIEW_STRUCT(struct list_view, by_time, page_sort_fields),
    VIEW_STRUCT(struct list_view, by_until, page_sort_fields),
    VIEW_LIST(struct list_view, states, states_count, page_choice_fields),
    VIEW_TEXT(struct list_view, name),
    VIEW_FLAG(struct list_view, filtered),
    VIEW_END,
};

const struct view signing_documents_view = { "signing/documents.html", "Documents", list_fields,
                                             VIEW_WIDE };

static void fill_states(struct arena *a, const struct list_form *f, struct list_view *v)
{
    static const struct msg labels[] = { MSG_INIT("held now"), MSG_INIT("not signed yet"),
                                         MSG_INIT("signed"), MSG_INIT("deleted"),
                                         MSG_INIT("uploading") };
    v->states_count = 5;
    v->states = ARENA_ARRAY(a, v->states_count, struct page_choice);
    for (size_t i = 0; i < v->states_count; i++)
        v->states[i] = (struct page_choice){ .value = str_z(states[i].word),
                                             .label = labels[i],
                                             .selected = states[i].value == f->state };
}

static void fill_links(struct arena *a, const struct list_form *f, uint64_t total,
                       struct list_view *v)
{
    const char *state = states[f->state + 1].word;
    struct str path = STR("/documents"), sort = str_absent(f->sort) ? STR("-time") : f->sort;
    struct str filter = str_fmt(
        a, "name=%s&state=%s", percent_encode(a, str_absent(f->name) ? STR("") : f->name).p, state);
    struct str sorted = str_fmt(a, "%s&sort=%s", filter.p, sort.p);

    v->pager = page_pager_make(a, path, sorted, (uint64_t)f->page, PER_PAGE, total);
    v->by_name = page_sort_make(a, path, filter, sort, "name");
    v->by_time = page_sort_make(a, path, filter, sort, "time");
    v->by_until = page_sort_make(a, path, filter, sort, "until");
}

static struct list_row make_row(const struct signing_document *d)
{
    bool receiving = d->state == SIGNING_RECEIVING;
    return (struct list_row){ .public_id = d->public_id,
                              .filename = d->filename,
                              .size = receiving ? d->expected : d->size,
                              .receiving = receiving,
                              .usable = !receiving && d->state != SIGNING_DELETED,
                              .percent = signing_reasons_percent(d),
                              .created = d->created,
                              .delete_at = d->delete_at,
                              .deleted_at = d->deleted_at,
                              .state = signing_reasons_document(d->state) };
}

static enum err list(struct req *rq, struct resp *rs)
{
    const struct list_form *f = req_form(rq);
    struct arena *a = req_arena(rq);
    struct signing_filter filter = { .name = f->name,
                                     .state = f->state,
                                     .sort = f->sort,
                                     .offset = (uint32_t)(f->page - 1) * PER_PAGE,
                                     .limit = PER_PAGE };
    struct list_view v = { .name = f->name, .filtered = !str_empty(f->name) || f->state != -1 };
    struct signing_document *rows;
    uint64_t total;

    TRY(signing_document_list(req_tx(rq), signing_reasons_owner(rq), &filter, &rows, &v.rows_count,
                              &total));
    v.rows = ARENA_ARRAY(a, v.rows_count, struct list_row);
    for (size_t i = 0; i < v.rows_count; i++)
        v.rows[i] = make_row(&rows[i]);
    fill_states(a, f, &v);
    fill_links(a, f, total, &v);
    return resp_page(rs, &signing_documents_view, &v);
}

/* --- the bytes --- */

struct file_form {
    struct str id;
    bool look;
};

static const struct param file_params[] = {
    PARAM_TOKEN(struct file_form, id, 1, 64),
    PARAM_FLAG(struct file_form, look),
    PARAM_END,
};

static enum err to_sink(void *sink, struct bytes piece)
{
    return resp_sink_write(sink, piece);
}

static enum err send_file(void *arg, struct resp_sink *sink)
{
    return signing_document_send(arg, to_sink, sink);
}

static enum err file(struct req *rq, struct resp *rs)
{
    const struct file_form *f = req_form(rq);
    struct signing_document *d = ARENA_NEW(req_arena(rq), struct signing_document);

    TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id, d));
    TRY(signing_document_readable(d));
    return resp_stream(rs, "application/pdf", signing_reasons_download(req_arena(rq), d), d->size,
                       send_file, d, f->look ? DISPOSITION_INLINE : DISPOSITION_ATTACHMENT);
}

/* --- delete now --- */

struct delete_form {
    struct str id;
};

static const struct param delete_params[] = {
    PARAM_TOKEN(struct delete_form, id, 1, 64),
    PARAM_END,
};

struct delete_view {
    struct str public_id, filename;
    uint64_t size;
    struct timestamp created, delete_at;
    bool is_signed;
};

static const struct view_field delete_fields[] = {
    VIEW_TEXT(struct delete_view, public_id),
    VIEW_TEXT(struct delete_view, filename),
    VIEW_SIZE(struct delete_view, size),
    VIEW_TIME(struct delete_view, created),
    VIEW_TIME(struct delete_view, delete_at),
    VIEW_FLAG(struct delete_view, is_signed),
    VIEW_END,
};

const struct view signing_delete_view = { "signing/delete.html", "Delete the document",
                                          delete_fields, 0 };

static enum err ask_delete(struct req *rq, struct resp *rs)
{
    const struct delete_form *f = req_form(rq);
    struct signing_document d;

    TRY(signing_document_find(req_tx(rq), signing_reasons_owner(rq), f->id, &d));
    if (d.state == SIGNING_DELETED)
        return resp_seeother_text(rs, "/documents/{id}", d.public_id);
    struct delete_view v = { d.public_id, d.filename,  d.size,
                             d.created,   d.delete_at, d.state == SIGNING_SIGNED };
    return resp_page(rs, &signing_delete_view, &v);
}

static enum err do_delete(struct req *rq, struct resp *rs)
{
    const struct delete_form *f = req_form(rq);
    struct audit_by by = AUDIT_BY(rq);
    enum err e;

    if (req_invalid(rq))
        return FAIL(E_ABSENT, "document-unknown", "malformed id");
    e = signing_document_erase(req_tx(rq), signing_reasons_owner(rq), f->id, &by, req_now(rq));
    if (e == E_STATE) /* gone already: what was asked for is so */
        return resp_seeother_text(rs, "/documents/{id}", f->id);
    TRY(e);
    resp_flash(rs, "success", MSG("The document is deleted. Its signing record stays."),
               STR_ABSENT);
    return resp_seeother(rs, "/documents", 0);
}

const struct route signing_document_routes[] = {
    { GET, "/documents", list, WHO_ACCOUNT, FORM(list_params, struct list_form), 0, 0, NULL, NULL },
    { GET, "/documents/{id}/file", file, WHO_ACCOUNT, FORM(file_params, struct file_form), 0, 0,
      NULL, NULL },
    { GET, "/documents/{id}/delete", ask_delete, WHO_ACCOUNT,
      FORM(delete_params, struct delete_form), 0, 0, NULL, NULL },
    { POST, "/documents/{id}/delete", do_delete, WHO_ACCOUNT,
      FORM(delete_params, struct delete_form), 0, 0, NULL, NULL },
    { 0 },
};
