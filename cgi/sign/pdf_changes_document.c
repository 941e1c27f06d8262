/* pdf_changes_document.c - catalogue, form, pages: the frame that every change has to touch. */
#include "sign/pdf_changes_inside.h"

static bool one_of(const char *key, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(key, *list) == 0)
            return true;
    }
    return false;
}

/* ---- the form ---- */

/* Items may only be added to the fields; what they are is judged object by object. */
static void fields_grown(struct pdf_changes_compare *c, struct pdf_read_ref o,
                         struct pdf_read_ref n)
{
    int on = pdf_read_length(c->o, o), nn = pdf_read_length(c->n, n);
    bool kept = nn >= on;

    for (int i = 0; kept && i < on; i++)
        kept =
            pdf_read_same_value(c->o, pdf_read_item(c->o, o, i), c->n, pdf_read_item(c->n, n, i));
    if (!kept)
        pdf_changes_note_other(c, "form-changed", n, 0, "/Fields");
    for (int i = on; i < nn; i++) {
        struct pdf_read_ref one = pdf_read_item(c->n, n, i);
        struct pdf_changes_place *p = pdf_changes_roles_place(c, one);
        bool ready = p && !pdf_read_is_null(c->o, pdf_read_object_newest(c->o, one.id));
        /* new objects are told as such; what lay ready, or stands here itself, is told here */
        if (kept && (!p || (ready && p->role != ROLE_SIGFIELD)))
            pdf_changes_note_other(c, "form-changed", n, 0, "/Fields");
    }
}

/* Entries may be added to a dictionary and to those directly in it; none may change. */
static bool extended(struct pdf_changes_compare *c, struct pdf_read_ref o, struct pdf_read_ref n,
                     int depth)
{
    size_t count;
    struct str *keys = pdf_read_keys(c->o, o, c->a, &count);

    if (depth > 3 || count > PDF_READ_KEYS_MAX || !pdf_read_is_dict(c->n, n))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct pdf_read_ref l = pdf_read_get(c->o, o, keys[i].p);
        struct pdf_read_ref r = pdf_read_get(c->n, n, keys[i].p);
        if (!pdf_read_same_value(c->o, l, c->n, r) &&
            (pdf_changes_indirect(c->o, l) || !pdf_read_is_dict(c->o, l) ||
             !extended(c, l, r, depth + 1)))
            return false;
    }
    return true;
}

static void form_key(struct pdf_changes_compare *c, const char *key, struct pdf_read_ref o,
                     struct pdf_read_ref n, void *arg)
{
    static const char *const filling[] = { "/DA", "/NeedAppearances", NULL };
    struct pdf_read_ref *form = arg;
    struct pdf_changes_finding f = { .code = "form-changed",
                                     .later = PDF_LATER_FORM,
                                     .id = form->id,
                                     .gen = form->gen,
                                     .what = str_z(key) };

    if (strcmp(key, "/Fields") == 0) {
        fields_grown(c, o, n);
    } else if (strcmp(key, "/DR") == 0 && extended(c, o, n, 0)) { /* Acrobat adds a seal's font */
        f.code = "form-resources";
        f.rule = "not-shown";
        f.later = PDF_LATER_METADATA;
        f.allowed = true;
        pdf_changes_note(c, &f);
    } else if (one_of(key, filling) || strcmp(key, "/DR") == 0) {
        pdf_changes_note_permit(c, &f, ACT_CHANGE);
        pdf_changes_note(c, &f);
    } else if (strcmp(key, "/SigFlags") != 0) {
        pdf_changes_note_other(c, "form-changed", *form, 0, key);
    }
}

void pdf_changes_document_form(struct pdf_changes_compare *c, struct pdf_read_ref o,
                               struct pdf_read_ref n)
{
    pdf_changes_note_keys(c, o, n, form_key, &n);
}

void pdf_changes_document_fields(struct pdf_changes_compare *c, struct pdf_read_ref o,
                                 struct pdf_read_ref n)
{
    fields_grown(c, o, n);
}

/* ---- the catalogue ---- */

static void root_key(struct pdf_changes_compare *c, const char *key, struct pdf_read_ref o,
                     struct pdf_read_ref n, void *arg)
{
    static const char *const declared[] = { "/Extensions", "/Version", NULL };
    struct pdf_read_ref *root = arg;
    struct pdf_changes_finding f = { .code = "extensions-changed",
                                     .rule = "not-shown",
                                     .allowed = true,
                                     .later = PDF_LATER_METADATA,
                                     .id = root->id,
                                     .gen = root->gen,
                                     .what = str_z(key) };

    if (strcmp(key, "/DSS") == 0)
        return; /* its objects are told */
    if (strcmp(key, "/Metadata") == 0)
        f.code = "metadata-changed";
    if (one_of(key, declared) || strcmp(key, "/Metadata") == 0)
        pdf_changes_note(c, &f);
    else if (strcmp(key, "/AcroForm") == 0 &&
             (pdf_read_is_null(c->o, o) || pdf_read_is_dict(c->o, o)) && pdf_read_is_dict(c->n, n))
        pdf_changes_document_form(c, o, n);
    else
        pdf_changes_note_other(c, "catalogue-changed", *root, 0, key);
}

void pdf_changes_document_root(struct pdf_changes_compare *c, struct pdf_read_ref o,
                               struct pdf_read_ref n)
{
    pdf_changes_note_keys(c, o, n, root_key, &n);
}

void pdf_changes_document_trailer(struct pdf_changes_compare *c)
{
    struct pdf_read_ref o = { c->o->trailer, 0, 0 }, n = { c->n->trailer, 0, 0 };
    struct pdf_read_ref l = pdf_read_get(c->o, o, "/Encrypt"),
                        r = pdf_read_get(c->n, n, "/Encrypt");

    if (!pdf_read_same_value(c->o, l, c->n, r))
        pdf_changes_note_other(c, "catalogue-changed", r, 0, "/Encrypt");
}

/* ---- pages ---- */

struct page {
    struct pdf_read_ref ref;
    unsigned number;
};

static void page_key(struct pdf_changes_compare *c, const char *key, struct pdf_read_ref o,
                     struct pdf_read_ref n, void *arg)
{
    static const char *const unseen[] = { "/LastModified", "/Tabs", "/StructParents", NULL };
    struct page *p = arg;

    if (strcmp(key, "/Annots") == 0 && (pdf_read_is_null(c->o, o) || pdf_read_is_array(c->o, o)) &&
        pdf_read_is_array(c->n, n))
        pdf_changes_annot_list(c, o, n, p->number);
    else if (strcmp(key, "/Contents") == 0)
        pdf_changes_note_other(c, "content-changed", p->ref, p->number, key);
    else if (!one_of(key, unseen))
        pdf_changes_note_other(c, "page-changed", p->ref, p->number, key);
}

void pdf_changes_document_page(struct pdf_changes_compare *c, struct pdf_read_ref o,
                               struct pdf_read_ref n, unsigned page)
{
    struct page p = { n, page };
    pdf_changes_note_keys(c, o, n, page_key, &p);
}

static void pages_key(struct pdf_changes_compare *c, const char *key, struct pdf_read_ref o,
                      struct pdf_read_ref n, void *arg)
{
    struct pdf_read_ref *node = arg;
    (void)o;
    (void)n;
    pdf_changes_note_other(c, "pages-changed", *node, 0, key);
}

void pdf_changes_document_pages(struct pdf_changes_compare *c, struct pdf_read_ref o,
                                struct pdf_read_ref n)
{
    if (pdf_read_is_dict(c->o, o) && pdf_read_is_dict(c->n, n))
        pdf_changes_note_keys(c, o, n, pages_key, &n);
    else
        pdf_changes_note_other(c, "pages-changed", n, 0, NULL);
}
