/*
 * pdf_changes.c - see pdf_changes.h. Each object of the newer revision gets the role in which the
 * document uses it; an object that differs is judged by its role. An object with two roles that
 * differs is never harmless: that is how replaced content would be passed off as validation data.
 */
#include "sign/pdf_changes.h"

#include "sign/pdf_verify.h"

#include <stdlib.h>

#define SPREAD_DEPTH 40 /* appearance, resources, form inside form, font, descriptor, font file */

enum role {
    ROLE_NONE,
    ROLE_ROOT,
    ROLE_META,     /* document information, metadata: not shown */
    ROLE_FORM,     /* AcroForm */
    ROLE_FIELDS,   /* its array of fields */
    ROLE_FIELD,    /* a field or widget that is no signature */
    ROLE_SIGFIELD, /* a signature field */
    ROLE_SIGVALUE, /* a signature dictionary */
    ROLE_STAMP,    /* a document time-stamp dictionary */
    ROLE_LOOK,     /* appearance of a signature field */
    ROLE_PAGE,
    ROLE_ANNOTS, /* array of annotations */
    ROLE_ANNOT,
    ROLE_CONTENT, /* page contents and resources */
    ROLE_DSS,
    ROLE_MIXED,
};

struct compare {
    struct pdf_read *o, *n; /* older, newer */
    struct arena *a;        /* short-lived: emptied for each object */
    uint8_t *roles;
    uint32_t roles_n;
    int budget;
    unsigned kinds;
};

static void set_role(struct compare *c, struct pdf_read_ref r, enum role role)
{
    if (!pdf_objects_is_indirect(c->n->qpdf, r.oh) || r.id <= 0 || (uint32_t)r.id >= c->roles_n)
        return;
    uint8_t *at = &c->roles[r.id];
    *at = (uint8_t)(*at == ROLE_NONE || *at == role ? role : ROLE_MIXED);
}

/* Everything reachable from `r`, not upwards: /P and /Parent are left out. */
static void spread(struct compare *c, struct pdf_read_ref r, enum role role, int depth)
{
    struct pdf_read *d = c->n;

    if (depth > SPREAD_DEPTH || c->budget-- <= 0)
        return;
    if (pdf_objects_is_indirect(d->qpdf, r.oh) && r.id > 0 && (uint32_t)r.id < c->roles_n) {
        if (c->roles[r.id] == role)
            return;
        set_role(c, r, role);
    }
    int n = pdf_read_length(d, r);
    for (int i = 0; i < n; i++)
        spread(c, pdf_read_item(d, r, i), role, depth + 1);
    if (!pdf_read_is_dict(d, r))
        return;
    size_t count;
    struct str *keys = pdf_read_keys(d, r, c->a, &count);
    for (size_t i = 0; i < count && i < PDF_READ_KEYS_MAX; i++) {
        if (!str_eq_z(keys[i], "/P") && !str_eq_z(keys[i], "/Parent"))
            spread(c, pdf_read_get(d, r, keys[i].p), role, depth + 1);
    }
}

static void page_roles(struct compare *c, struct pdf_read_ref page)
{
    struct pdf_read *d = c->n;
    struct pdf_read_ref annots = pdf_read_get(d, page, "/Annots");
    int n = pdf_read_length(d, annots);

    set_role(c, page, ROLE_PAGE);
    set_role(c, pdf_read_get(d, page, "/Resources"), ROLE_CONTENT);
    spread(c, pdf_read_get(d, page, "/Contents"), ROLE_CONTENT, 0);
    set_role(c, annots, ROLE_ANNOTS);
    for (int i = 0; i < n && c->budget-- > 0; i++) {
        struct pdf_read_ref one = pdf_read_item(d, annots, i);
        bool widget = pdf_read_name_is(d, pdf_read_get(d, one, "/Subtype"), "/Widget");
        if (one.id > 0 && (uint32_t)one.id < c->roles_n && c->roles[one.id] == ROLE_SIGFIELD)
            continue;
        set_role(c, one, widget ? ROLE_FIELD : ROLE_ANNOT);
        spread(c, pdf_read_get(d, one, "/AP"), widget ? ROLE_FIELD : ROLE_ANNOT, 1);
    }
}

static void tree_roles(struct compare *c, struct pdf_read_ref node, int depth)
{
    struct pdf_read_ref kids = pdf_read_get(c->n, node, "/Kids");
    int n = pdf_read_length(c->n, kids);

    if (depth > PDF_READ_DEPTH_MAX || c->budget-- <= 0)
        return;
    if (pdf_read_is_null(c->n, kids)) {
        page_roles(c, node);
        return;
    }
    for (int i = 0; i < n; i++)
        tree_roles(c, pdf_read_item(c->n, kids, i), depth + 1);
}

static enum err form_roles(struct compare *c)
{
    struct pdf_read *d = c->n;
    struct pdf_read_ref form = pdf_read_get(d, pdf_read_root(d), "/AcroForm");
    struct pdf_form_field *fields;
    size_t n;
    enum err rc = pdf_form_signatures(d, c->a, &fields, &n);

    set_role(c, form, ROLE_FORM);
    set_role(c, pdf_read_get(d, form, "/Fields"), ROLE_FIELDS);
    spread(c, pdf_read_get(d, form, "/DR"), ROLE_LOOK, 1);
    for (size_t i = 0; rc == E_OK && i < n; i++) {
        bool stamp =
            pdf_read_name_is(d, pdf_read_get(d, fields[i].value, "/Type"), "/DocTimeStamp");
        set_role(c, fields[i].field, ROLE_SIGFIELD);
        set_role(c, fields[i].value, stamp ? ROLE_STAMP : ROLE_SIGVALUE);
        spread(c, pdf_read_get(d, fields[i].field, "/AP"), ROLE_LOOK, 1);
    }
    return rc;
}

static enum err assign_roles(struct compare *c)
{
    struct pdf_read *d = c->n;
    struct pdf_read_ref root = pdf_read_root(d);
    struct pdf_read_ref trailer = { d->trailer, 0, 0 };
    enum err rc = form_roles(c);

    set_role(c, root, ROLE_ROOT);
    set_role(c, pdf_read_get(d, trailer, "/Info"), ROLE_META);
    set_role(c, pdf_read_get(d, root, "/Metadata"), ROLE_META);
    spread(c, pdf_read_get(d, root, "/Extensions"), ROLE_META, 0);
    spread(c, pdf_read_get(d, root, "/DSS"), ROLE_DSS, 0);
    tree_roles(c, pdf_read_get(d, root, "/Pages"), 0);
    return rc == E_OK && c->budget <= 0 ? FAIL(E_LIMIT, "pdf-too-complex", "revisions") : rc;
}

/* ---- differences ---- */

/* Call `judge` for each key whose value differs between two dictionaries. */
static void each_key(struct compare *c, struct pdf_read_ref o, struct pdf_read_ref n,
                     void (*judge)(struct compare *, const char *, struct pdf_read_ref,
                                   struct pdf_read_ref))
{
    size_t on, nn;
    struct str *old = pdf_read_keys(c->o, o, c->a, &on), *new = pdf_read_keys(c->n, n, c->a, &nn);

    if (on > PDF_READ_KEYS_MAX || nn > PDF_READ_KEYS_MAX) {
        c->kinds |= PDF_LATER_OTHER;
        return;
    }
    for (size_t i = 0; i < nn; i++) {
        struct pdf_read_ref l = pdf_read_get(c->o, o, new[i].p),
                            r = pdf_read_get(c->n, n, new[i].p);
        if (!pdf_read_same_value(c->o, l, c->n, r))
            judge(c, new[i].p, l, r);
    }
    for (size_t i = 0; i < on; i++) {
        if (!pdf_objects_has(c->n->qpdf, n.oh, old[i].p))
            judge(c, old[i].p, pdf_read_get(c->o, o, old[i].p), pdf_read_get(c->n, n, old[i].p));
    }
}

/* Items may only be added, each with one of two roles; `otherwise` when it is anything else. */
static void grown(struct compare *c, struct pdf_read_ref o, struct pdf_read_ref n, bool fields,
                  unsigned otherwise)
{
    int on = pdf_read_length(c->o, o), nn = pdf_read_length(c->n, n);

    if (nn < on)
        c->kinds |= otherwise;
    for (int i = 0; i < on && i < nn; i++) {
        if (!pdf_read_same_value(c->o, pdf_read_item(c->o, o, i), c->n, pdf_read_item(c->n, n, i)))
            c->kinds |= otherwise;
    }
    for (int i = on; i < nn; i++) {
        struct pdf_read_ref one = pdf_read_item(c->n, n, i);
        bool known = pdf_objects_is_indirect(c->n->qpdf, one.oh) && one.id > 0 &&
                     (uint32_t)one.id < c->roles_n;
        if (!known || c->roles[one.id] != ROLE_SIGFIELD)
            c->kinds |= fields ? PDF_LATER_FORM : otherwise;
    }
}

/* Entries may be added to a dictionary and to those directly in it; none may change. */
static bool extended(struct compare *c, struct pdf_read_ref o, struct pdf_read_ref n, int depth)
{
    size_t count;
    struct str *keys = pdf_read_keys(c->o, o, c->a, &count);

    if (depth > 3 || count > PDF_READ_KEYS_MAX || !pdf_read_is_dict(c->n, n))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct pdf_read_ref l = pdf_read_get(c->o, o, keys[i].p);
        struct pdf_read_ref r = pdf_read_get(c->n, n, keys[i].p);
        if (!pdf_read_same_value(c->o, l, c->n, r) &&
            (pdf_objects_is_indirect(c->o->qpdf, l.oh) || !pdf_read_is_dict(c->o, l) ||
             !extended(c, l, r, depth + 1)))
            return false;
    }
    return true;
}

static void judge_form_key(struct compare *c, const char *key, struct pdf_read_ref o,
                           struct pdf_read_ref n)
{
    if (strcmp(key, "/Fields") == 0)
        grown(c, o, n, true, PDF_LATER_OTHER);
    else if (strcmp(key, "/DR") == 0) /* Acrobat adds the font of its seal */
        c->kinds |= extended(c, o, n, 0) ? PDF_LATER_NOTHING : PDF_LATER_FORM;
    else if (strcmp(key, "/DA") == 0 || strcmp(key, "/NeedAppearances") == 0)
        c->kinds |= PDF_LATER_FORM;
    else if (strcmp(key, "/SigFlags") != 0)
        c->kinds |= PDF_LATER_OTHER;
}

static void judge_root_key(struct compare *c, const char *key, struct pdf_read_ref o,
                           struct pdf_read_ref n)
{
    static const char *const harmless[] = { "/DSS", "/Extensions", "/Metadata", "/Version" };
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        if (strcmp(key, harmless[i]) == 0)
            return;
    }
    if (strcmp(key, "/AcroForm") != 0)
        c->kinds |= PDF_LATER_OTHER;
    else if (pdf_read_is_null(c->o, o) || pdf_read_is_dict(c->o, o))
        each_key(c, o, n, judge_form_key);
    else
        c->kinds |= PDF_LATER_OTHER;
}

static void judge_page_key(struct compare *c, const char *key, struct pdf_read_ref o,
                           struct pdf_read_ref n)
{
    if (strcmp(key, "/Annots") == 0)
        grown(c, o, n, false, PDF_LATER_ANNOTATION);
    else
        c->kinds |= PDF_LATER_OTHER;
}

/* Filling an empty signature field in is the use it was made for; all else is not. */
static void judge_sigfield_key(struct compare *c, const char *key, struct pdf_read_ref o,
                               struct pdf_read_ref n)
{
    (void)n;
    if (strcmp(key, "/V") == 0 && pdf_read_is_null(c->o, o))
        return;
    if (strcmp(key, "/AP") == 0 || strcmp(key, "/M") == 0 || strcmp(key, "/F") == 0 ||
        strcmp(key, "/MK") == 0 || strcmp(key, "/AS") == 0)
        return;
    c->kinds |= PDF_LATER_OTHER;
}

/* An object that was there before and differs. */
static void judge_changed(struct compare *c, enum role role, struct pdf_read_ref o,
                          struct pdf_read_ref n)
{
    bool stream =
        pdf_objects_is_stream(c->o->qpdf, o.oh) || pdf_objects_is_stream(c->n->qpdf, n.oh);

    switch (role) {
    case ROLE_ROOT:
        each_key(c, o, n, judge_root_key);
        return;
    case ROLE_FORM:
        each_key(c, o, n, judge_form_key);
        return;
    case ROLE_FIELDS:
        grown(c, o, n, true, PDF_LATER_OTHER);
        return;
    case ROLE_PAGE:
        each_key(c, o, n, judge_page_key);
        return;
    case ROLE_ANNOTS:
        grown(c, o, n, false, PDF_LATER_ANNOTATION);
        return;
    case ROLE_SIGFIELD:
        each_key(c, o, n, judge_sigfield_key);
        return;
    case ROLE_META:
        return;
    case ROLE_DSS: /* a dictionary or array that grew; a changed stream is no evidence */
        c->kinds |= stream ? PDF_LATER_OTHER : PDF_LATER_DSS;
        return;
    case ROLE_FIELD:
        c->kinds |= PDF_LATER_FORM;
        return;
    case ROLE_ANNOT:
        c->kinds |= PDF_LATER_ANNOTATION;
        return;
    case ROLE_NONE:
    case ROLE_SIGVALUE:
    case ROLE_STAMP:
    case ROLE_LOOK:
    case ROLE_CONTENT:
    case ROLE_MIXED:
        break;
    }
    c->kinds |= PDF_LATER_OTHER;
}

/* An object that was not there before. */
static void judge_new(struct compare *c, enum role role)
{
    switch (role) {
    case ROLE_SIGVALUE:
        c->kinds |= PDF_LATER_SIGNATURE;
        return;
    case ROLE_STAMP:
        c->kinds |= PDF_LATER_TIMESTAMP;
        return;
    case ROLE_DSS:
        c->kinds |= PDF_LATER_DSS;
        return;
    case ROLE_FIELD:
        c->kinds |= PDF_LATER_FORM;
        return;
    case ROLE_ANNOT:
        c->kinds |= PDF_LATER_ANNOTATION;
        return;
    case ROLE_META:
    case ROLE_FORM:   /* judged where the catalogue refers to it */
    case ROLE_FIELDS: /* judged by what it lists */
    case ROLE_ANNOTS:
    case ROLE_SIGFIELD:
    case ROLE_LOOK:
        return;
    case ROLE_NONE:
    case ROLE_ROOT:
    case ROLE_PAGE:
    case ROLE_CONTENT:
    case ROLE_MIXED:
        break;
    }
    c->kinds |= PDF_LATER_OTHER;
}

/* Cross-reference and object streams are how objects are stored, not objects of the document. */
static bool is_storage(struct pdf_read *d, struct pdf_read_ref r)
{
    struct pdf_read_ref type = pdf_read_get(d, r, "/Type");
    return pdf_objects_is_stream(d->qpdf, r.oh) &&
           (pdf_read_name_is(d, type, "/XRef") || pdf_read_name_is(d, type, "/ObjStm"));
}

static void compare_object(struct compare *c, uint32_t id)
{
    struct pdf_read_ref o = pdf_read_object_newest(c->o, (int)id);
    struct pdf_read_ref n = pdf_read_object_newest(c->n, (int)id);

    if (pdf_read_is_null(c->o, o) && pdf_read_is_null(c->n, n))
        return;
    if (is_storage(c->n, n) && (pdf_read_is_null(c->o, o) || is_storage(c->o, o)))
        return;
    if (pdf_read_is_null(c->o, o))
        judge_new(c, (enum role)c->roles[id]);
    else if (!pdf_read_same_object(c->o, o, c->n, n))
        judge_changed(c, (enum role)c->roles[id], o, n);
}

enum err pdf_changes_between(struct pdf_read *before, struct pdf_read *after, unsigned *kinds)
{
    struct compare c = { .o = before, .n = after, .budget = 20 * PDF_READ_NODES_MAX };
    enum err rc;

    *kinds = PDF_LATER_OTHER;
    if (after->next_id > PDF_CHANGES_OBJECTS_MAX || before->root_id != after->root_id)
        return E_OK;
    c.roles_n = after->next_id > before->next_id ? after->next_id : before->next_id;
    c.roles = calloc(c.roles_n, 1);
    if (!c.roles)
        return FAIL(E_LIMIT, "pdf-too-complex", "memory");
    c.a = arena_new((size_t)512 << 20); /* keys of dictionaries, names of fields: all bounded */
    rc = assign_roles(&c);
    for (uint32_t id = 1; rc == E_OK && id < c.roles_n && !(c.kinds & PDF_LATER_OTHER); id++) {
        arena_reset(c.a);
        compare_object(&c, id);
        rc = pdf_read_check(before) == E_OK ? pdf_read_check(after) : E_INPUT;
    }
    if (rc == E_OK)
        *kinds = c.kinds;
    arena_free(c.a);
    free(c.roles);
    return rc;
}
