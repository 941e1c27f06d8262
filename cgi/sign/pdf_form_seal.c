/* pdf_form_seal.c - see pdf_form_seal.h. ISO 32000-2 12.5.2, 12.5.6.12. */
#include "sign/pdf_form_seal.h"

#include "sign/pdf_pages.h"

/* Print, ReadOnly, Locked, LockedContents (table 167). */
#define STAMP_FLAGS 708

struct search {
    struct pdf_read *d;
    unsigned number;            /* wanted; 0: the page with the widget */
    struct pdf_read_ref widget; /* wanted */
    struct pdf_read_ref page;
    bool found;
};

static bool shows(struct pdf_read *d, struct pdf_read_ref page, struct pdf_read_ref widget)
{
    struct pdf_read_ref annots = pdf_read_get(d, page, "/Annots");
    int n = pdf_read_length(d, annots);

    for (int i = 0; i < n && i < PDF_READ_NODES_MAX; i++) {
        struct pdf_read_ref one = pdf_read_item(d, annots, i);
        if (one.id == widget.id && one.gen == widget.gen)
            return true;
    }
    return false;
}

/* E_STATE ends the walk: found. */
static enum err visit(void *arg, unsigned number, struct pdf_read_ref page)
{
    struct search *s = arg;

    if (s->number ? number != s->number : !shows(s->d, page, s->widget))
        return E_OK;
    s->page = page;
    s->found = true;
    return E_STATE;
}

static enum err search(struct search *s)
{
    enum err rc = pdf_pages_each(s->d, visit, s);

    if (rc != E_OK && !(rc == E_STATE && s->found))
        return rc;
    if (!s->found)
        return E_ABSENT;
    if (!pdf_objects_is_indirect(s->d->qpdf, s->page.oh))
        return FAIL(E_INPUT, "pdf-damaged", "ISO 32000-2 7.7.3: a page that is no object");
    return E_OK;
}

enum err pdf_form_seal_page(struct pdf_read *d, unsigned number, struct pdf_read_ref *page)
{
    struct search s = { .d = d, .number = number };
    enum err rc = number ? search(&s) : E_ABSENT;

    *page = s.page;
    return rc == E_ABSENT ? FAIL(E_INPUT, "seal-page", "there is no page %u", number) : rc;
}

enum err pdf_form_seal_widget_page(struct pdf_read *d, struct pdf_read_ref widget,
                                   struct pdf_read_ref *page)
{
    struct search s = { .d = d, .widget = widget };
    enum err rc = search(&s);

    *page = s.page;
    return rc;
}

struct pdf_seal_place pdf_form_seal_place(struct pdf_read *d, struct pdf_read_ref page,
                                          const double rect[4], const struct pdf_look *look)
{
    double at[4];

    pdf_pages_displayed(d, page, rect, at);
    return (struct pdf_seal_place){ .page = 1,
                                    .x = at[0],
                                    .y = at[1],
                                    .width = at[2] - at[0],
                                    .height = at[3] - at[1],
                                    .look = look };
}

enum err pdf_form_seal_entries(struct pdf_append *w, const struct pdf_seal_place *place,
                               struct pdf_read_ref page, struct pdf_seal_shared *shared,
                               struct buf *b)
{
    uint32_t appearance;
    double rect[4];
    enum err rc = pdf_seal_write(w, place, page, shared, &appearance, rect);

    if (rc == E_OK)
        buf_fmt(b, "/Rect[%.3f %.3f %.3f %.3f]/AP<</N %u 0 R>>", rect[0], rect[1], rect[2], rect[3],
                appearance);
    return rc;
}

static enum err stamp(struct pdf_append *w, const struct pdf_seal_place *place,
                      struct pdf_seal_shared *shared)
{
    struct buf text = buf_init(4096);
    struct pdf_read_ref page;
    struct str body;
    uint32_t id = pdf_append_new_id(w);
    enum err rc = pdf_form_seal_page(w->doc, place->page, &page);

    if (rc == E_OK)
        rc = pdf_form_list(w, page, "/Annots", id);
    buf_fmt(&text, "<</Type/Annot/Subtype/Stamp/F %d/P %d %d R", STAMP_FLAGS, page.id, page.gen);
    if (rc == E_OK)
        rc = pdf_form_seal_entries(w, place, page, shared, &text);
    buf_add_z(&text, ">>");
    if (rc == E_OK)
        rc = buf_to_str(&text, w->arena, &body);
    buf_free(&text);
    if (rc == E_OK)
        pdf_append_object(w, id, body);
    return rc;
}

enum err pdf_form_seal_stamps(struct pdf_append *w, const struct pdf_seal_place *places, size_t n,
                              struct pdf_seal_shared *shared)
{
    for (size_t i = 0; i < n; i++) {
        enum err rc = stamp(w, &places[i], shared);
        if (rc != E_OK)
            return rc;
    }
    return E_OK;
}
