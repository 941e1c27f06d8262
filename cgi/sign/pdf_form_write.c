/* pdf_form_write.c - see pdf_form.h: fields written into an update. */
#include "sign/pdf_form_seal.h"

/* An array to be extended; made inside `dict` under `key` when there is none. */
static enum err array_in(struct pdf_append *w, struct pdf_read_ref dict, const char *key,
                         struct pdf_read_ref *array)
{
    *array = pdf_read_get(w->doc, dict, key);
    if (pdf_read_is_null(w->doc, *array)) {
        pdf_objects_set(w->doc->qpdf, dict.oh, key, pdf_objects_new_array(w->doc->qpdf));
        *array = pdf_read_get(w->doc, dict, key);
        array->id = dict.id; /* direct, whatever dangling reference stood there */
        array->gen = dict.gen;
    }
    if (!pdf_read_is_array(w->doc, *array))
        return FAIL(E_INPUT, "pdf-damaged-form", "%s is no array", key);
    return E_OK;
}

/* The form, made as an object of its own when there is none (12.7.3). */
static enum err form_of(struct pdf_append *w, struct pdf_read_ref *form)
{
    struct pdf_read *d = w->doc;

    *form = pdf_read_get(d, pdf_read_root(d), "/AcroForm");
    if (pdf_read_is_null(d, *form)) {
        uint32_t id = pdf_append_new_id(w);
        pdf_objects_replace(d->qpdf, (int)id, 0, pdf_objects_new_dictionary(d->qpdf));
        *form = pdf_read_object(d, (int)id, 0);
        pdf_objects_set(d->qpdf, d->root, "/AcroForm", form->oh);
        pdf_append_touch(w, pdf_read_root(d));
        pdf_append_touch(w, *form);
    }
    if (!pdf_read_is_dict(d, *form))
        return FAIL(E_INPUT, "pdf-damaged-form", "ISO 32000-2 12.7.3: AcroForm is no dictionary");
    return E_OK;
}

enum err pdf_form_list(struct pdf_append *w, struct pdf_read_ref dict, const char *key, uint32_t id)
{
    struct pdf_read_ref array;
    enum err rc = array_in(w, dict, key, &array);
    if (rc != E_OK)
        return rc;
    pdf_objects_append(w->doc->qpdf, array.oh, pdf_append_reference(w, id));
    pdf_append_touch(w, array);
    return E_OK;
}

/* 12.7.3: SignaturesExist and AppendOnly. */
static void set_flags(struct pdf_append *w, struct pdf_read_ref form)
{
    struct pdf_read *d = w->doc;
    if ((pdf_read_int(d, pdf_read_get(d, form, "/SigFlags"), 0) & 3) == 3)
        return;
    pdf_objects_set(d->qpdf, form.oh, "/SigFlags", pdf_objects_new_integer(d->qpdf, 3));
    pdf_append_touch(w, form);
}

/* The widget of a field: the field itself, or its first kid (12.7.4.1). */
static struct pdf_read_ref widget_of(struct pdf_read *d, const struct pdf_form_field *field)
{
    struct pdf_read_ref kids = pdf_read_get(d, field->field, "/Kids");
    return pdf_read_length(d, kids) > 0 ? pdf_read_item(d, kids, 0) : field->field;
}

bool pdf_form_rect(struct pdf_read *d, const struct pdf_form_field *field, double rect[4])
{
    struct pdf_read_ref list = pdf_read_get(d, widget_of(d, field), "/Rect");
    double v[4];

    if (pdf_read_length(d, list) != 4)
        return false;
    for (int i = 0; i < 4; i++)
        v[i] = pdf_read_real(d, pdf_read_item(d, list, i), 0.0);
    rect[0] = v[0] < v[2] ? v[0] : v[2];
    rect[1] = v[1] < v[3] ? v[1] : v[3];
    rect[2] = v[0] < v[2] ? v[2] : v[0];
    rect[3] = v[1] < v[3] ? v[3] : v[1];
    return rect[2] - rect[0] >= 1 && rect[3] - rect[1] >= 1;
}

/* What a lock says, as entries of TransformParams or of /Lock itself. */
static void lock_entries(struct pdf_read *d, struct pdf_read_ref lock, struct buf *b)
{
    static const char *const keys[] = { "/Action", "/Fields", "/P" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct pdf_read_ref value = pdf_read_get(d, lock, keys[i]);
        if (pdf_read_is_null(d, value))
            continue;
        buf_add_z(b, keys[i]);
        buf_add_char(b, ' ');
        buf_add_bytes(b, pdf_read_unparse(d, value));
    }
}

void pdf_form_lock_params(struct pdf_read *d, const struct pdf_form_field *field, struct buf *b)
{
    struct pdf_read_ref lock = pdf_read_get(d, field->field, "/Lock");
    if (pdf_read_is_dict(d, lock))
        lock_entries(d, lock, b);
}

/* /Lock of a field that has none yet: what the signature's FieldMDP says (12.7.5.5). */
static void set_lock(struct pdf_append *w, struct pdf_read_ref field)
{
    struct pdf_objects *q = w->doc->qpdf;
    pdf_objects_set(q, field.oh, "/Lock",
                    pdf_objects_parse(q, str_z("<</Type/SigFieldLock" PDF_FORM_LOCK_ALL ">>")));
}

/* The look that its author's rectangle is filled with. */
static enum err dress(struct pdf_append *w, const struct pdf_form_field *field,
                      const double rect[4], const struct pdf_form_look *look,
                      struct pdf_seal_shared *shared)
{
    struct pdf_read *d = w->doc;
    struct pdf_read_ref widget = widget_of(d, field), page;
    uint32_t appearance;
    double at[4];
    enum err rc = pdf_form_seal_widget_page(d, widget, &page);

    if (rc != E_OK)
        return rc == E_ABSENT ? FAIL(E_INPUT, "seal-page", "no page shows the field") : rc;
    struct pdf_seal_place place = pdf_form_seal_place(d, page, rect, look->seals[0].look);
    if ((rc = pdf_seal_write(w, &place, page, shared, &appearance, at)) != E_OK)
        return rc;
    pdf_object looks = pdf_objects_new_dictionary(d->qpdf);
    pdf_objects_set(d->qpdf, looks, "/N", pdf_append_reference(w, appearance));
    pdf_objects_set(d->qpdf, widget.oh, "/AP", looks);
    pdf_append_touch(w, widget);
    return E_OK;
}

size_t pdf_form_stamps(struct pdf_read *d, const struct pdf_form_field *empty, size_t seals_n)
{
    double rect[4];
    return seals_n == 0 || (empty && !pdf_form_rect(d, empty, rect)) ? seals_n : seals_n - 1;
}

enum err pdf_form_fill(struct pdf_append *w, const struct pdf_form_field *field, uint32_t value_id,
                       const struct pdf_form_look *look)
{
    struct pdf_read_ref form = pdf_read_get(w->doc, pdf_read_root(w->doc), "/AcroForm");
    bool locked = pdf_read_is_dict(w->doc, pdf_read_get(w->doc, field->field, "/Lock"));
    struct pdf_seal_shared shared = { .look = NULL };
    double rect[4];
    enum err rc = E_OK;

    set_flags(w, form);
    pdf_objects_set(w->doc->qpdf, field->field.oh, "/V", pdf_append_reference(w, value_id));
    if (look->lock && !locked)
        set_lock(w, field->field);
    pdf_append_touch(w, field->field);
    if (look->seals_n && pdf_form_rect(w->doc, field, rect))
        rc = dress(w, field, rect, look, &shared);
    size_t stamps = pdf_form_stamps(w->doc, field, look->seals_n);
    if (rc == E_OK && stamps)
        rc = pdf_form_seal_stamps(w, look->seals + (look->seals_n - stamps), stamps, &shared);
    return rc == E_OK ? pdf_read_check(w->doc) : rc;
}

/* Text of the widget, with the first seal as its look. */
static enum err widget_text(struct pdf_append *w, struct str name, uint32_t value_id,
                            const struct pdf_form_look *look, struct pdf_read_ref page,
                            struct pdf_seal_shared *shared, struct buf *text)
{
    enum err rc = E_OK;

    buf_add_z(text, "<</Type/Annot/Subtype/Widget/FT/Sig/T");
    pdf_append_text(text, name);
    buf_fmt(text, "/V %u 0 R/F 132/P %d %d R", value_id, page.id, page.gen);
    if (look->seals_n)
        rc = pdf_form_seal_entries(w, look->seals, page, shared, text);
    else
        buf_add_z(text, "/Rect[0 0 0 0]");
    if (look->lock)
        buf_add_z(text, "/Lock<</Type/SigFieldLock" PDF_FORM_LOCK_ALL ">>");
    buf_add_z(text, ">>");
    return rc;
}

static enum err page_of(struct pdf_read *d, const struct pdf_form_look *look,
                        struct pdf_read_ref *page)
{
    enum err rc;

    if (look->seals_n)
        return pdf_form_seal_page(d, look->seals[0].page, page);
    if ((rc = pdf_read_first_page(d, page)) != E_OK)
        return rc;
    if (!pdf_objects_is_indirect(d->qpdf, page->oh))
        return FAIL(E_INPUT, "pdf-damaged", "ISO 32000-2 7.7.3: a page that is no object");
    return E_OK;
}

enum err pdf_form_add(struct pdf_append *w, struct str name, uint32_t value_id,
                      const struct pdf_form_look *look)
{
    static const struct pdf_form_look invisible;
    struct pdf_read *d = w->doc;
    struct pdf_read_ref form, page;
    struct pdf_seal_shared shared = { .look = NULL };
    struct buf text = buf_init(65536);
    struct str body;
    enum err rc;

    look = look ? look : &invisible;
    if ((rc = page_of(d, look, &page)) != E_OK)
        return rc;
    if (!pdf_objects_is_indirect(d->qpdf, page.oh))
        return FAIL(E_INPUT, "pdf-damaged-pages", "ISO 32000-2 7.7.3: a page that is no object");
    if ((rc = form_of(w, &form)) != E_OK)
        return rc;
    uint32_t id = pdf_append_new_id(w);
    if ((rc = pdf_form_list(w, form, "/Fields", id)) != E_OK ||
        (rc = pdf_form_list(w, page, "/Annots", id)) != E_OK)
        return rc;
    set_flags(w, form);
    rc = widget_text(w, name, value_id, look, page, &shared, &text);
    if (rc == E_OK)
        rc = buf_to_str(&text, w->arena, &body);
    buf_free(&text);
    if (rc != E_OK)
        return rc;
    pdf_append_object(w, id, body);
    if (look->seals_n > 1)
        rc = pdf_form_seal_stamps(w, look->seals + 1, look->seals_n - 1, &shared);
    return rc == E_OK ? pdf_read_check(d) : rc;
}

enum err pdf_form_certify(struct pdf_append *w, uint32_t value_id)
{
    struct pdf_read *d = w->doc;
    struct pdf_read_ref root = pdf_read_root(d), perms = pdf_read_get(d, root, "/Perms");

    if (!pdf_read_is_dict(d, perms)) {
        pdf_objects_set(d->qpdf, root.oh, "/Perms", pdf_objects_new_dictionary(d->qpdf));
        perms = pdf_read_get(d, root, "/Perms");
        perms.id = root.id;
        perms.gen = root.gen;
    }
    pdf_objects_set(d->qpdf, perms.oh, "/DocMDP", pdf_append_reference(w, value_id));
    pdf_append_touch(w, perms);
    return pdf_read_check(d);
}

enum err pdf_form_declare(struct pdf_append *w)
{
    struct pdf_read *d = w->doc;
    struct pdf_objects *q = d->qpdf;
    struct pdf_read_ref root = pdf_read_root(d), esic;
    struct str version = pdf_read_name(d, pdf_read_get(d, root, "/Version"), w->arena);
    struct pdf_read_ref all = pdf_read_get(d, root, "/Extensions");

    if (d->xref.major >= 2 || str_starts(version, STR("2")))
        return E_OK;
    if (pdf_read_is_null(d, all)) {
        pdf_objects_set(q, root.oh, "/Extensions", pdf_objects_new_dictionary(q));
        all = pdf_read_get(d, root, "/Extensions");
        all.id = root.id;
        all.gen = root.gen;
    }
    esic = pdf_read_get(d, all, "/ESIC");
    if (!pdf_read_is_dict(d, all) || !pdf_read_is_null(d, esic))
        return E_OK; /* declared already, or not ours to repair */
    pdf_object made = pdf_objects_new_dictionary(q);
    pdf_objects_set(q, made, "/BaseVersion", pdf_objects_new_name(q, "/1.7"));
    pdf_objects_set(q, made, "/ExtensionLevel", pdf_objects_new_integer(q, 1));
    pdf_objects_set(q, all.oh, "/ESIC", made);
    pdf_append_touch(w, all);
    return pdf_read_check(d);
}
