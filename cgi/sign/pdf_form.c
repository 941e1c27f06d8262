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
        return FAIL(E_INPUT, "pdf-damaged-form", "ISO 32000-2 12.7.4: fields deeper than %d",
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

/* Is it that field, or one below it (12.7.4.2)? */
static bool is_or_holds(struct str upper, struct str name)
{
    return !str_absent(upper) && str_starts(name, upper) &&
           (name.n == upper.n || name.p[upper.n] == '.');
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
        listed = is_or_holds(pdf_read_text(d, pdf_read_item(d, list, i), a), name);
    if (pdf_read_name_is(d, action, "/Include"))
        return listed;
    return pdf_read_name_is(d, action, "/All") ||
           (pdf_read_name_is(d, action, "/Exclude") && !listed);
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

/* Does a filled field, or what its signature says, forbid every further change (12.7.5.5 /P)? */
static bool forbids(struct pdf_read *d, const struct pdf_form_field *f)
{
    struct pdf_read_ref lock = pdf_read_get(d, f->field, "/Lock");
    struct pdf_read_ref mdp = transform(d, f->value, "/FieldMDP");
    return pdf_read_int(d, pdf_read_get(d, lock, "/P"), 3) == 1 ||
           pdf_read_int(d, pdf_read_get(d, mdp, "/P"), 3) == 1;
}

/* Two fields of one name are no fields that a signature could be told apart in (12.7.4.2). */
static enum err check_only(const struct pdf_form_field *fields, size_t n, struct str name)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++)
        found += str_eq(fields[i].name, name);
    return found == 1 ? E_OK : FAIL(E_INPUT, "field-name-used", "%zu fields of that name", found);
}

bool pdf_form_locked(struct pdf_read *d, const struct pdf_form_field *fields, size_t n,
                     struct str name, struct arena *a)
{
    for (size_t i = 0; i < n; i++) {
        if (fields[i].filled && (locks(d, pdf_read_get(d, fields[i].field, "/Lock"), name, a) ||
                                 locks(d, transform(d, fields[i].value, "/FieldMDP"), name, a)))
            return true;
    }
    return false;
}

/* An XFA form is rendered from a template of its own; dynamic ones have no pages but a notice. */
enum err pdf_form_kind_check(struct pdf_read *d)
{
    struct pdf_read_ref root = pdf_read_root(d), perms = pdf_read_get(d, root, "/Perms");

    if (!pdf_read_is_null(d, pdf_read_get(d, acroform(d), "/XFA"))) {
        if (pdf_read_is_true(d, pdf_read_get(d, root, "/NeedsRendering")))
            return FAIL(E_UNSUPPORTED, "pdf-xfa-dynamic",
                        "ISO 32000-2 annex K: no pages of its own");
        return FAIL(E_UNSUPPORTED, "pdf-xfa", "an XFA form shows other content than its pages");
    }
    if (!pdf_read_is_null(d, pdf_read_get(d, perms, "/UR3")) ||
        !pdf_read_is_null(d, pdf_read_get(d, perms, "/UR")))
        return FAIL(E_UNSUPPORTED, "pdf-usage-rights", "ISO 32000-1 12.8.2.3: /UR3");
    return E_OK;
}

enum err pdf_form_permit(struct pdf_read *d, const struct pdf_form_field *fields, size_t n,
                         struct str name, struct arena *a)
{
    struct pdf_read_ref perms = pdf_read_get(d, pdf_read_root(d), "/Perms");
    const struct pdf_form_field *empty = pdf_form_find(fields, n, name);
    enum err rc = pdf_form_kind_check(d);

    if (rc != E_OK)
        return rc;
    if (pdf_form_certification(d, pdf_read_get(d, perms, "/DocMDP")) == 1)
        return FAIL(E_INPUT, "certified-no-changes", "ISO 32000-2 12.8.2.2: DocMDP P=1");
    for (size_t i = 0; i < n; i++) {
        if (fields[i].filled && forbids(d, &fields[i]))
            return FAIL(E_INPUT, "certified-no-changes", "ISO 32000-2 12.7.5.5: lock with P=1");
    }
    rc = empty ? check_only(fields, n, name) : check_name(d, name, a);
    if (rc != E_OK)
        return rc;
    if (pdf_form_locked(d, fields, n, name, a))
        return FAIL(E_INPUT, "signature-locked", "ISO 32000-2 12.8.2.4: FieldMDP");
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
