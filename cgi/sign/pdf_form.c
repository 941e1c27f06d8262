/* pdf_form.c - see pdf_form.h. */
#include "sign/pdf_form.h"

struct walk {
    struct pdf_read *d;
    struct arena *a;
    struct pdf_form_field *fields;
    size_t n, cap;
    int budget;
};

static struct pdf_read_ref acroform(struct pdf_read *d)
{
    return pdf_read_get(d, pdf_read_root(d), "/AcroForm");
}

static void found(struct walk *k, struct str name, struct pdf_read_ref field)
{
    if (k->n == k->cap) {
        size_t cap = k->cap ? k->cap * 2 : 16;
        struct pdf_form_field *grown = ARENA_ARRAY(k->a, cap, struct pdf_form_field);
        if (k->n)
            memcpy(grown, k->fields, k->n * sizeof *grown);
        k->fields = grown;
        k->cap = cap;
    }
    struct pdf_read_ref value = pdf_read_get(k->d, field, "/V");
    k->fields[k->n++] = (struct pdf_form_field){
        .name = name, .field = field, .value = value, .filled = pdf_read_is_dict(k->d, value)
    };
}

/* A child without /T is a widget of its parent, not a field (12.7.4.2). */
static enum err visit(struct walk *k, struct pdf_read_ref node, struct str parent, bool signature,
                      int depth)
{
    struct pdf_read *d = k->d;

    if (depth > PDF_READ_DEPTH_MAX)
        return FAIL(E_INPUT, "pdf-damaged", "ISO 32000-2 12.7.4: fields deeper than %d",
                    PDF_READ_DEPTH_MAX);
    if (k->budget-- <= 0)
        return FAIL(E_LIMIT, "pdf-too-complex", "too many form fields");
    if (!pdf_read_is_dict(d, node))
        return E_OK;
    struct pdf_read_ref type = pdf_read_get(d, node, "/FT");
    struct str name = pdf_read_text(d, pdf_read_get(d, node, "/T"), k->a);
    if (str_absent(name) && depth > 0)
        return E_OK;
    if (!pdf_read_is_null(d, type))
        signature = pdf_read_name_is(d, type, "/Sig");
    if (!str_empty(parent))
        name = str_fmt(k->a, "%s.%s", parent.p, str_absent(name) ? "" : name.p);
    if (name.n > PDF_READ_TEXT_MAX)
        return FAIL(E_LIMIT, "pdf-too-complex", "field name of %zu bytes", name.n);
    struct pdf_read_ref kids = pdf_read_get(d, node, "/Kids");
    int n = pdf_read_length(d, kids);
    for (int i = 0; i < n; i++) {
        enum err rc = visit(k, pdf_read_item(d, kids, i), name, signature, depth + 1);
        if (rc != E_OK)
            return rc;
    }
    if (signature && (n == 0 || pdf_read_is_dict(d, pdf_read_get(d, node, "/V"))))
        found(k, str_absent(name) ? STR("") : name, node);
    return E_OK;
}

enum err pdf_form_signatures(struct pdf_read *d, struct arena *a, struct pdf_form_field **out,
                             size_t *n)
{
    struct walk k = { .d = d, .a = a, .budget = PDF_READ_NODES_MAX };
    struct pdf_read_ref fields = pdf_read_get(d, acroform(d), "/Fields");
    int count = pdf_read_length(d, fields);

    for (int i = 0; i < count; i++) {
        enum err rc = visit(&k, pdf_read_item(d, fields, i), STR_ABSENT, false, 0);
        if (rc != E_OK)
            return rc;
    }
    *out = k.fields;
    *n = k.n;
    return pdf_read_check(d);
}

/* The TransformParams of the first reference with that method; null when there is none. */
static struct pdf_read_ref transform(struct pdf_read *d, struct pdf_read_ref signature,
                                     const char *method)
{
    struct pdf_read_ref list = pdf_read_get(d, signature, "/Reference");
    int n = pdf_read_length(d, list);
    for (int i = 0; i < n && i < 16; i++) {
        struct pdf_read_ref one = pdf_read_item(d, list, i);
        if (pdf_read_name_is(d, pdf_read_get(d, one, "/TransformMethod"), method))
            return pdf_read_get(d, one, "/TransformParams");
    }
    return pdf_read_item(d, list, -1);
}

int pdf_form_certification(struct pdf_read *d, struct pdf_read_ref signature)
{
    struct pdf_read_ref params = transform(d, signature, "/DocMDP");
    if (!pdf_read_is_dict(d, params))
        return 0;
    int64_t p = pdf_read_int(d, pdf_read_get(d, params, "/P"), 2); /* 12.8.2.2: 2 by default */
    return p >= 1 && p <= 3 ? (int)p : 2;
}

/* Does a FieldMDP dictionary or a /Lock (12.8.2.4) lock the field of that name? */
static bool locks(struct pdf_read *d, struct pdf_read_ref lock, struct str name, struct arena *a)
{
    if (!pdf_read_is_dict(d, lock))
        return false;
    struct pdf_read_ref action = pdf_read_get(d, lock, "/Action");
    struct pdf_read_ref list = pdf_read_get(d, lock, "/Fields");
    bool listed = false;
    int n = pdf_read_length(d, list);
    for (int i = 0; i < n && i < PDF_READ_NODES_MAX && !listed; i++)
        listed = str_eq(pdf_read_text(d, pdf_read_item(d, list, i), a), name);
    if (pdf_read_name_is(d, action, "/Include"))
        return listed;
    return pdf_read_name_is(d, action, "/Exclude") && !listed;
}

const struct pdf_form_field *pdf_form_find(const struct pdf_form_field *fields, size_t n,
                                           struct str name)
{
    for (size_t i = 0; i < n; i++) {
        if (!fields[i].filled && str_eq(fields[i].name, name))
            return &fields[i];
    }
    return NULL;
}

bool pdf_form_locks(struct pdf_read *d, const struct pdf_form_field *field)
{
    return pdf_read_is_dict(d, transform(d, field->value, "/FieldMDP")) ||
           pdf_read_is_dict(d, pdf_read_get(d, field->field, "/Lock"));
}

/* A name for a field of our own at the top: not used there by a field of another type either. */
static enum err check_name(struct pdf_read *d, struct str name, struct arena *a)
{
    struct pdf_read_ref fields = pdf_read_get(d, acroform(d), "/Fields");
    int n = pdf_read_length(d, fields);

    if (str_empty(name) || name.n > 200 || str_find(name, '.', 0) != SIZE_MAX)
        return FAIL(E_INPUT, "field-name-malformed", "ISO 32000-2 12.7.4.2: %zu bytes", name.n);
    for (int i = 0; i < n && i < PDF_READ_NODES_MAX; i++) {
        if (str_eq(pdf_read_text(d, pdf_read_get(d, pdf_read_item(d, fields, i), "/T"), a), name))
            return FAIL(E_INPUT, "field-name-used", "field %d", i);
    }
    return E_OK;
}

/* 12.7.5.5: what the field's author demands of a signature; flags say which of it is required. */
static enum err check_seed(struct pdf_read *d, struct pdf_read_ref field)
{
    struct pdf_read_ref seed = pdf_read_get(d, field, "/SV");
    if (pdf_read_int(d, pdf_read_get(d, seed, "/Ff"), 0) != 0)
        return FAIL(E_UNSUPPORTED, "field-seed-values", "ISO 32000-2 12.7.5.5: /SV /Ff");
    return E_OK;
}

enum err pdf_form_permit(struct pdf_read *d, const struct pdf_form_field *fields, size_t n,
                         struct str name, struct arena *a)
{
    struct pdf_read_ref perms = pdf_read_get(d, pdf_read_root(d), "/Perms");
    enum err rc;

    if (!pdf_read_is_null(d, pdf_read_get(d, acroform(d), "/XFA")))
        return FAIL(E_UNSUPPORTED, "pdf-xfa", "an XFA form shows other content than its pages");
    if (!pdf_read_is_null(d, pdf_read_get(d, perms, "/UR3")))
        return FAIL(E_UNSUPPORTED, "pdf-usage-rights", "ISO 32000-1 12.8.2.3: /UR3");
    if (pdf_form_certification(d, pdf_read_get(d, perms, "/DocMDP")) == 1)
        return FAIL(E_INPUT, "certified-no-changes", "ISO 32000-2 12.8.2.2: DocMDP P=1");
    const struct pdf_form_field *empty = pdf_form_find(fields, n, name);
    rc = empty ? check_seed(d, empty->field) : check_name(d, name, a);
    if (rc != E_OK)
        return rc;
    for (size_t i = 0; i < n; i++) {
        if (!fields[i].filled)
            continue;
        struct pdf_read_ref lock = pdf_read_get(d, fields[i].field, "/Lock");
        if (pdf_read_int(d, pdf_read_get(d, lock, "/P"), 3) == 1)
            return FAIL(E_INPUT, "certified-no-changes", "ISO 32000-2 12.7.5.5: lock with P=1");
        if (locks(d, lock, name, a) ||
            locks(d, transform(d, fields[i].value, "/FieldMDP"), name, a))
            return FAIL(E_INPUT, "signature-locked", "ISO 32000-2 12.8.2.4: FieldMDP");
    }
    return pdf_read_check(d);
}

enum err pdf_form_fresh_name(struct pdf_read *d, const char *stem, struct arena *a,
                             struct str *name)
{
    struct pdf_read_ref fields = pdf_read_get(d, acroform(d), "/Fields");
    int n = pdf_read_length(d, fields);
    uint64_t highest = 0, number;

    if (n > PDF_READ_NODES_MAX)
        return FAIL(E_LIMIT, "pdf-too-complex", "%d form fields", n);
    for (int i = 0; i < n; i++) {
        struct str t = pdf_read_text(d, pdf_read_get(d, pdf_read_item(d, fields, i), "/T"), a);
        if (str_starts(t, str_z(stem)) &&
            str_to_u64(str_sub(a, t, strlen(stem), t.n), 1000000, &number) == E_OK &&
            number > highest)
            highest = number;
    }
    fault_clear();
    *name = str_fmt(a, "%s%llu", stem, (unsigned long long)highest + 1);
    return pdf_read_check(d);
}

/* An array to be extended; made inside `dict` under `key` when there is none. */
static enum err array_in(struct pdf_append *w, struct pdf_read_ref dict, const char *key,
                         struct pdf_read_ref *array)
{
    *array = pdf_read_get(w->doc, dict, key);
    if (pdf_read_is_null(w->doc, *array)) {
        qpdf_oh_replace_key(w->doc->qpdf, dict.oh, key, qpdf_oh_new_array(w->doc->qpdf));
        *array = pdf_read_get(w->doc, dict, key);
        array->id = dict.id; /* direct, whatever dangling reference stood there */
        array->gen = dict.gen;
    }
    if (!pdf_read_is_array(w->doc, *array))
        return FAIL(E_INPUT, "pdf-damaged", "%s is no array", key);
    return E_OK;
}

/* The form, made as an object of its own when there is none (12.7.3). */
static enum err form_of(struct pdf_append *w, struct pdf_read_ref *form)
{
    struct pdf_read *d = w->doc;

    *form = acroform(d);
    if (pdf_read_is_null(d, *form)) {
        uint32_t id = pdf_append_new_id(w);
        qpdf_replace_object(d->qpdf, (int)id, 0, qpdf_oh_new_dictionary(d->qpdf));
        *form = pdf_read_object(d, (int)id, 0);
        qpdf_oh_replace_key(d->qpdf, d->root, "/AcroForm", form->oh);
        pdf_append_touch(w, pdf_read_root(d));
        pdf_append_touch(w, *form);
    }
    if (!pdf_read_is_dict(d, *form))
        return FAIL(E_INPUT, "pdf-damaged", "ISO 32000-2 12.7.3: AcroForm is no dictionary");
    return E_OK;
}

/* Append a reference to `id` to the array under `key` of `dict`. */
static enum err list_in(struct pdf_append *w, struct pdf_read_ref dict, const char *key,
                        uint32_t id)
{
    struct pdf_read_ref array;
    enum err rc = array_in(w, dict, key, &array);
    if (rc != E_OK)
        return rc;
    qpdf_oh_append_item(w->doc->qpdf, array.oh, pdf_append_reference(w, id));
    pdf_append_touch(w, array);
    return E_OK;
}

/* 12.7.3: SignaturesExist and AppendOnly. */
static void set_flags(struct pdf_append *w, struct pdf_read_ref form)
{
    struct pdf_read *d = w->doc;
    if ((pdf_read_int(d, pdf_read_get(d, form, "/SigFlags"), 0) & 3) == 3)
        return;
    qpdf_oh_replace_key(d->qpdf, form.oh, "/SigFlags", qpdf_oh_new_integer(d->qpdf, 3));
    pdf_append_touch(w, form);
}

enum err pdf_form_fill(struct pdf_append *w, const struct pdf_form_field *field, uint32_t value_id)
{
    struct pdf_read_ref form = acroform(w->doc);

    set_flags(w, form);
    qpdf_oh_replace_key(w->doc->qpdf, field->field.oh, "/V", pdf_append_reference(w, value_id));
    pdf_append_touch(w, field->field);
    return pdf_read_check(w->doc);
}

void pdf_form_lock_entry(struct pdf_read *d, const struct pdf_form_field *field, struct buf *b)
{
    struct pdf_read_ref lock = pdf_read_get(d, field->field, "/Lock");

    if (!pdf_read_is_dict(d, lock))
        return;
    buf_add_z(b, "/Reference[<</Type/SigRef/TransformMethod/FieldMDP/DigestMethod/SHA256"
                 "/TransformParams<</Type/TransformParams/V/1.2/Action");
    buf_add_bytes(b, pdf_read_unparse(d, pdf_read_get(d, lock, "/Action")));
    if (pdf_read_length(d, pdf_read_get(d, lock, "/Fields")) > 0) {
        buf_add_z(b, "/Fields");
        buf_add_bytes(b, pdf_read_unparse(d, pdf_read_get(d, lock, "/Fields")));
    }
    buf_add_z(b, ">>>>]");
}

enum err pdf_form_add(struct pdf_append *w, struct str name, uint32_t value_id)
{
    struct pdf_read *d = w->doc;
    struct pdf_read_ref form, page;
    struct buf text = buf_init(65536);
    struct str body;
    enum err rc;

    if ((rc = pdf_read_first_page(d, &page)) != E_OK)
        return rc;
    if (!qpdf_oh_is_indirect(d->qpdf, page.oh))
        return FAIL(E_INPUT, "pdf-damaged", "ISO 32000-2 7.7.3: a page that is no object");
    if ((rc = form_of(w, &form)) != E_OK)
        return rc;
    uint32_t id = pdf_append_new_id(w);
    if ((rc = list_in(w, form, "/Fields", id)) != E_OK ||
        (rc = list_in(w, page, "/Annots", id)) != E_OK)
        return rc;
    set_flags(w, form);
    buf_add_z(&text, "<</Type/Annot/Subtype/Widget/FT/Sig/T");
    pdf_append_text(&text, name);
    buf_fmt(&text, "/V %u 0 R/F 132/Rect[0 0 0 0]/P %d %d R>>", value_id, page.id, page.gen);
    rc = buf_to_str(&text, w->arena, &body);
    buf_free(&text);
    if (rc == E_OK)
        pdf_append_object(w, id, body);
    return rc == E_OK ? pdf_read_check(d) : rc;
}

enum err pdf_form_declare(struct pdf_append *w)
{
    struct pdf_read *d = w->doc;
    qpdf_data q = d->qpdf;
    struct pdf_read_ref root = pdf_read_root(d), esic;
    struct str version = pdf_read_name(d, pdf_read_get(d, root, "/Version"), w->arena);
    struct pdf_read_ref all = pdf_read_get(d, root, "/Extensions");

    if (d->major >= 2 || str_starts(version, STR("2")))
        return E_OK;
    if (pdf_read_is_null(d, all)) {
        qpdf_oh_replace_key(q, root.oh, "/Extensions", qpdf_oh_new_dictionary(q));
        all = pdf_read_get(d, root, "/Extensions");
        all.id = root.id;
        all.gen = root.gen;
    }
    esic = pdf_read_get(d, all, "/ESIC");
    if (!pdf_read_is_dict(d, all) || !pdf_read_is_null(d, esic))
        return E_OK; /* declared already, or not ours to repair */
    qpdf_oh made = qpdf_oh_new_dictionary(q);
    qpdf_oh_replace_key(q, made, "/BaseVersion", qpdf_oh_new_name(q, "/1.7"));
    qpdf_oh_replace_key(q, made, "/ExtensionLevel", qpdf_oh_new_integer(q, 1));
    qpdf_oh_replace_key(q, all.oh, "/ESIC", made);
    pdf_append_touch(w, all);
    return pdf_read_check(d);
}
