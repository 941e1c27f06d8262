/*
 * pdf_changes.c - see pdf_changes.h. Each object of the newer revision gets the role in which the
 * document uses it; an object that differs is judged by its role. An object with two roles that
 * differs is never harmless: that is how replaced content would be passed off as validation data.
 */
#include "sign/pdf_changes.h"

#include "sign/pdf_changes_inside.h"

#include <stdlib.h>

/* Objects that differ, before they are judged. */
struct changed {
    uint32_t *ids;
    size_t n, cap;
};

static void remember(struct changed *l, uint32_t id)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 256;
        uint32_t *grown = realloc(l->ids, cap * sizeof *grown);
        if (!grown)
            abort();
        l->ids = grown;
        l->cap = cap;
    }
    l->ids[l->n++] = id;
}

/* Cross-reference and object streams are how objects are stored, not objects of the document. */
static bool is_storage(struct pdf_read *d, struct pdf_read_ref r)
{
    struct pdf_read_ref type = pdf_read_get(d, r, "/Type");
    return pdf_changes_stream(d, r) &&
           (pdf_read_name_is(d, type, "/XRef") || pdf_read_name_is(d, type, "/ObjStm"));
}

static bool frame(enum pdf_changes_role role)
{
    return role == ROLE_ROOT || role == ROLE_FORM || role == ROLE_FIELDS || role == ROLE_PAGES ||
           role == ROLE_PAGE || role == ROLE_ANNOTS;
}

/*
 * Where nothing was written anew nothing can differ: the same place in the part that both revisions
 * share. (A length that stands elsewhere is an object that differs.)
 */
static bool untouched(const struct pdf_changes_compare *c, const struct pdf_objects_place *o,
                      const struct pdf_objects_place *n, uint32_t id)
{
    const struct pdf_objects_place *l = &o[id], *r = &n[id];

    if (l->where != r->where || l->generation != r->generation || l->offset != r->offset ||
        l->index != r->index)
        return false;
    if (l->where != PDF_OBJECTS_IN_STREAM)
        return l->where == PDF_OBJECTS_NOWHERE || l->offset < c->out->from;
    return l->offset < c->places_n && o[l->offset].where == PDF_OBJECTS_AT_OFFSET &&
           untouched(c, o, n, (uint32_t)l->offset);
}

/* Object streams that this revision brought: each is looked at once. */
static void check_stream(struct pdf_changes_compare *c, const struct pdf_objects_place *before,
                         const struct pdf_objects_place *after, uint32_t id, uint8_t *checked)
{
    uint64_t stream = after[id].offset;

    if (after[id].where != PDF_OBJECTS_IN_STREAM)
        return;
    if (stream < c->places_n && (checked[stream] || untouched(c, before, after, (uint32_t)stream)))
        return;
    if (stream >= c->places_n || !pdf_changes_streams(c, after, (uint32_t)stream))
        pdf_changes_note_other(c, "object-doubled",
                               pdf_read_object_newest(c->n, stream < c->places_n ? (int)stream : 0),
                               0, NULL);
    if (stream < c->places_n)
        checked[stream] = 1;
}

static enum err find_changed(struct pdf_changes_compare *c, struct changed *list, bool *walk)
{
    struct pdf_objects_place *places = calloc(2 * (size_t)c->places_n, sizeof *places);
    struct pdf_objects_place *before = places, *after = places ? places + c->places_n : NULL;
    uint8_t *checked = calloc(c->places_n, 1);
    enum err rc = E_OK;

    if (!places || !checked) {
        rc = FAIL(E_LIMIT, "pdf-too-complex", "memory");
        goto out;
    }
    pdf_objects_places(c->o->qpdf, before, c->places_n);
    pdf_objects_places(c->n->qpdf, after, c->places_n);
    for (uint32_t id = 1; rc == E_OK && id < c->places_n; id++) {
        if (untouched(c, before, after, id))
            continue;
        check_stream(c, before, after, id, checked);
        struct pdf_read_ref o = pdf_read_object_newest(c->o, (int)id);
        struct pdf_read_ref n = pdf_read_object_newest(c->n, (int)id);
        bool was = !pdf_read_is_null(c->o, o), is = !pdf_read_is_null(c->n, n);
        enum pdf_changes_role role = (enum pdf_changes_role)c->places[id].role;
        if (pdf_objects_doubled(c->n->qpdf, (int)id) || (after[id].several && !before[id].several))
            pdf_changes_note_other(c, "object-doubled", n, 0, NULL);
        if ((!was && !is) || (!was && role == ROLE_NONE && is_storage(c->n, n)) ||
            (was && is && pdf_read_same_object(c->o, o, c->n, n)))
            continue;
        remember(list, id);
        *walk |= (was && !frame(role)) || role == ROLE_NONE;
        rc = pdf_read_check(c->o) == E_OK ? pdf_read_check(c->n) : E_INPUT;
    }
out:
    free(checked);
    free(places);
    return rc;
}

/* ---- judging ---- */

static void allowed(struct pdf_changes_compare *c, const char *code, const char *rule,
                    enum pdf_later later, struct pdf_read_ref n)
{
    pdf_changes_note(c, &(struct pdf_changes_finding){ .code = code,
                                                       .rule = rule,
                                                       .allowed = true,
                                                       .later = later,
                                                       .id = n.id,
                                                       .gen = n.gen });
}

/* A dictionary or an array may grow; a stream that was there is evidence, and stays. */
static void judge_dss(struct pdf_changes_compare *c, struct pdf_read_ref o, struct pdf_read_ref n)
{
    bool was = !pdf_read_is_null(c->o, o);

    if (was && (pdf_changes_stream(c->o, o) || pdf_changes_stream(c->n, n)))
        pdf_changes_note_other(c, "dss-changed", n, 0, NULL);
    else
        allowed(c, "dss-added", "always", PDF_LATER_DSS, n);
}

/* What is shown, or what nothing is known about. */
static void judge_rest(struct pdf_changes_compare *c, const struct pdf_changes_place *p,
                       struct pdf_read_ref o, struct pdf_read_ref n)
{
    const char *code = "object-other";

    if (p->role == ROLE_MIXED)
        code = "object-shared";
    else if (p->role == ROLE_CONTENT || (p->content && p->page))
        code = "content-changed";
    else if (pdf_read_is_null(c->n, n))
        code = "object-removed";
    else if (!p->content && p->role == ROLE_NONE)
        code = "object-unused";
    (void)o;
    pdf_changes_note_other(c, code, n, strcmp(code, "content-changed") == 0 ? p->page : 0, NULL);
}

/* The parts that every update touches, each entry by itself. */
static bool judge_frame(struct pdf_changes_compare *c, const struct pdf_changes_place *p,
                        struct pdf_read_ref o, struct pdf_read_ref n)
{
    bool was = !pdf_read_is_null(c->o, o);

    switch (p->role) {
    case ROLE_ROOT:
        pdf_changes_document_root(c, o, n);
        return true;
    case ROLE_FORM: /* a new one is judged where the catalogue refers to it */
        if (was)
            pdf_changes_document_form(c, o, n);
        return true;
    case ROLE_FIELDS:
        if (was)
            pdf_changes_document_fields(c, o, n);
        return true;
    case ROLE_ANNOTS:
        if (was)
            pdf_changes_annot_list(c, o, n, p->page);
        return true;
    case ROLE_PAGES:
        pdf_changes_document_pages(c, o, n);
        return true;
    case ROLE_PAGE:
        if (was)
            pdf_changes_document_page(c, o, n, p->page);
        else
            pdf_changes_note_other(c, "pages-changed", n, 0, NULL);
        return true;
    default:
        return false;
    }
}

static void judge_part(struct pdf_changes_compare *c, const struct pdf_changes_place *p,
                       struct pdf_read_ref o, struct pdf_read_ref n)
{
    bool was = !pdf_read_is_null(c->o, o);

    switch (p->role) {
    case ROLE_META:
        allowed(c, "metadata-changed", "not-shown", PDF_LATER_METADATA, n);
        break;
    case ROLE_DSS:
        judge_dss(c, o, n);
        break;
    case ROLE_FIELD:
        pdf_changes_field(c, o, n);
        break;
    case ROLE_FIELD_LOOK:
        pdf_changes_field_look(c, n, p->owner);
        break;
    case ROLE_SIGFIELD:
        pdf_changes_sigfield(c, o, n);
        break;
    case ROLE_SIGVALUE:
    case ROLE_STAMP:
        pdf_changes_sigfield_value(c, o, n, p->role == ROLE_STAMP);
        break;
    case ROLE_LOOK:
        pdf_changes_sigfield_look(c, n, p->owner);
        break;
    case ROLE_ANNOT:
        pdf_changes_annot(c, o, n, p->page);
        break;
    case ROLE_ANNOT_LOOK: /* new: told at the annotation that has it */
        if (was)
            pdf_changes_annot(c, pdf_read_object_newest(c->o, (int)p->owner),
                              pdf_read_object_newest(c->n, (int)p->owner), p->page);
        break;
    case ROLE_LOOKS: /* new: whoever uses it is told */
        if (was)
            judge_rest(c, p, o, n);
        break;
    default:
        judge_rest(c, p, o, n);
    }
}

static void judge(struct pdf_changes_compare *c, uint32_t id)
{
    const struct pdf_changes_place *p = &c->places[id];
    struct pdf_read_ref o = pdf_read_object_newest(c->o, (int)id);
    struct pdf_read_ref n = pdf_read_object_newest(c->n, (int)id);
    bool was = !pdf_read_is_null(c->o, o), is = !pdf_read_is_null(c->n, n);

    if (p->role == ROLE_NONE && !p->content && is && is_storage(c->n, n) && is_storage(c->o, o))
        return; /* it was storage and is; what it holds is compared by itself */
    if (was && is && judge_frame(c, p, o, n))
        return;
    if (!was && judge_frame(c, p, o, n))
        return;
    if ((was && p->content) || !is)
        judge_rest(c, p, o, n);
    else
        judge_part(c, p, o, n);
}

/* ---- the whole ---- */

static enum err compare(struct pdf_changes_compare *c, struct changed *list)
{
    bool walk = false;
    enum err rc = pdf_changes_roles(c);

    if (rc == E_OK)
        rc = find_changed(c, list, &walk);
    if (rc == E_OK && walk)
        rc = pdf_changes_walk(c);
    if (rc != E_OK)
        return rc;
    pdf_changes_document_trailer(c);
    for (size_t i = 0; rc == E_OK && i < list->n; i++) {
        arena_reset(c->a);
        judge(c, list->ids[i]);
        rc = pdf_read_check(c->o) == E_OK ? pdf_read_check(c->n) : E_INPUT;
    }
    return rc;
}

enum err pdf_changes_between(struct pdf_read *before, struct pdf_read *after,
                             const struct pdf_changes_rules *rules, struct arena *keep,
                             struct pdf_revision *out)
{
    struct pdf_changes_compare c = { .o = before,
                                     .n = after,
                                     .keep = keep,
                                     .rules = rules,
                                     .out = out,
                                     .budget = 20 * PDF_READ_NODES_MAX };
    struct changed list = { 0 };
    enum err rc;

    out->allowed = true;
    c.places_n = after->next_id > before->next_id ? after->next_id : before->next_id;
    if (c.places_n > PDF_CHANGES_OBJECTS_MAX || before->root_id != after->root_id ||
        (uint32_t)after->root_id >= c.places_n) {
        pdf_changes_whole(out, keep,
                          before->root_id != after->root_id ? "catalogue-changed"
                                                            : "revision-too-large");
        return E_OK;
    }
    c.places = calloc(c.places_n, sizeof *c.places);
    if (!c.places)
        return FAIL(E_LIMIT, "pdf-too-complex", "memory");
    c.a = arena_new((size_t)512 << 20); /* keys of dictionaries, names of fields: all bounded */
    rc = compare(&c, &list);
    if (rc != E_OK)
        pdf_changes_whole(out, keep, rc == E_LIMIT ? "revision-too-large" : "revision-unreadable");
    arena_free(c.a);
    free(c.places);
    free(c.pages);
    free(list.ids);
    return rc;
}
