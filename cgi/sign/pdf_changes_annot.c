/* pdf_changes_annot.c - annotations (ISO 32000-2 12.5): comments, and what can cover content. */
#include "sign/pdf_changes_inside.h"

#define SMALL 10        /* thousandths of the page: an icon */
#define UNLIKE_MAX 1000 /* annotations that differ on one page */

static double number(struct pdf_read *d, struct pdf_read_ref r)
{
    return pdf_objects_is_number(d->qpdf, r.oh) ? pdf_objects_number(d->qpdf, r.oh) : 0;
}

static double area(struct pdf_read *d, struct pdf_read_ref rect)
{
    double v[4] = { 0 };

    if (pdf_read_length(d, rect) != 4)
        return 0;
    for (int i = 0; i < 4; i++)
        v[i] = number(d, pdf_read_item(d, rect, i));
    double w = v[2] > v[0] ? v[2] - v[0] : v[0] - v[2], h = v[3] > v[1] ? v[3] - v[1] : v[1] - v[3];
    return w * h;
}

/* CropBox, else MediaBox, each inherited (7.7.3.4). */
static double page_area(struct pdf_read *d, struct pdf_read_ref page)
{
    static const char *const boxes[] = { "/CropBox", "/MediaBox" };

    for (size_t k = 0; k < 2; k++) {
        struct pdf_read_ref node = page;
        for (int i = 0; i < PDF_READ_DEPTH_MAX && pdf_read_is_dict(d, node); i++) {
            double found = area(d, pdf_read_get(d, node, boxes[k]));
            if (found > 0)
                return found;
            node = pdf_read_get(d, node, "/Parent");
        }
    }
    return 0;
}

int pdf_changes_annot_share(struct pdf_read *d, struct pdf_read_ref annot, struct pdf_read_ref page)
{
    double own = area(d, pdf_read_get(d, annot, "/Rect")), all = page_area(d, page);

    if (!(own > 0))
        return 0;
    if (!(all > 0) || own >= all)
        return 1000;
    return (int)(own / all * 1000) + 1;
}

/* Types that mark or comment; without an appearance of their own they cannot imitate content. */
static bool comments(struct pdf_read *d, struct pdf_read_ref annot)
{
    static const char *const types[] = { "/Text",     "/Popup",     "/Highlight", "/Underline",
                                         "/Squiggly", "/StrikeOut", "/Caret",     "/Link" };
    struct pdf_read_ref type = pdf_read_get(d, annot, "/Subtype");

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (pdf_read_name_is(d, type, types[i]))
            return true;
    }
    return false;
}

static bool can_cover(struct pdf_changes_compare *c, struct pdf_read *d, struct pdf_read_ref annot,
                      unsigned page)
{
    struct pdf_read_ref on =
        pdf_read_object_newest(d, page && page <= c->pages_n ? (int)c->pages[page - 1] : 0);

    if (!comments(d, annot))
        return true;
    return pdf_read_is_dict(d, pdf_read_get(d, annot, "/AP")) &&
           pdf_changes_annot_share(d, annot, on) > SMALL;
}

static struct str type_of(struct pdf_read *d, struct pdf_read_ref annot, struct arena *a)
{
    struct str type = pdf_read_name(d, pdf_read_get(d, annot, "/Subtype"), a);
    return str_absent(type) ? STR("?") : type;
}

/* A link within the document does no harm; whatever runs or opens something else might. */
static const char *action_in(struct pdf_read *d, struct pdf_read_ref annot)
{
    struct pdf_read_ref action = pdf_read_get(d, annot, "/A");

    if (!pdf_read_is_null(d, pdf_read_get(d, annot, "/AA")))
        return "/AA";
    if (pdf_read_is_null(d, action) ||
        pdf_read_name_is(d, pdf_read_get(d, action, "/S"), "/GoTo") ||
        pdf_read_name_is(d, pdf_read_get(d, action, "/S"), "/URI"))
        return NULL;
    return "/A";
}

void pdf_changes_annot(struct pdf_changes_compare *c, struct pdf_read_ref o, struct pdf_read_ref n,
                       unsigned page)
{
    bool added = pdf_read_is_null(c->o, o);
    const char *action = action_in(c->n, n);
    struct pdf_changes_finding f = { .code = added ? "annotation-added" : "annotation-changed",
                                     .later = PDF_LATER_ANNOTATION,
                                     .id = n.id,
                                     .gen = n.gen,
                                     .page = page,
                                     .what = type_of(c->n, n, c->a) };

    pdf_changes_note_permit(c, &f, ACT_ANNOTATE);
    if (action) {
        f.code = "annotation-action";
        f.what = str_z(action);
    }
    if (f.allowed &&
        (action || can_cover(c, c->n, n, page) || (!added && can_cover(c, c->o, o, page)))) {
        f.allowed = false;
        f.rule = "covers";
        f.code = action ? f.code : "annotation-covers";
    }
    pdf_changes_note(c, &f);
}

static bool lists(struct pdf_read *d, struct pdf_read_ref list, int id)
{
    int n = pdf_read_length(d, list);
    for (int i = 0; i < n; i++) {
        struct pdf_read_ref one = pdf_read_item(d, list, i);
        if (pdf_changes_indirect(d, one) && one.id == id)
            return true;
    }
    return false;
}

/* One that was listed and is not any more, or stands elsewhere: order is what covers what. */
static void note_removed(struct pdf_changes_compare *c, struct pdf_read_ref gone, unsigned page)
{
    bool widget = pdf_read_name_is(c->o, pdf_read_get(c->o, gone, "/Subtype"), "/Widget");
    struct pdf_changes_finding f = { .code = "annotation-removed",
                                     .rule = "harmless-only",
                                     .later = PDF_LATER_ANNOTATION,
                                     .id = gone.id,
                                     .gen = gone.gen,
                                     .page = page };

    if (widget)
        f.later = PDF_LATER_OTHER;
    else
        pdf_changes_note_permit(c, &f, ACT_ANNOTATE);
    pdf_changes_note(c, &f);
}

/* One that is listed now: new objects are judged as objects, the others here. */
static void note_listed(struct pdf_changes_compare *c, struct pdf_read_ref one, unsigned page)
{
    struct pdf_read_ref before = pdf_read_object_newest(c->o, one.id);

    if (!pdf_changes_indirect(c->n, one)) {
        pdf_changes_annot(c, pdf_read_item(c->o, pdf_read_root(c->o), -1), one, page);
    } else if (!pdf_read_is_null(c->o, before)) { /* something that lay ready appears */
        struct pdf_changes_finding f = { .code = "annotation-covers",
                                         .rule = "harmless-only",
                                         .later = PDF_LATER_OTHER,
                                         .id = one.id,
                                         .gen = one.gen,
                                         .page = page,
                                         .what = type_of(c->n, one, c->a) };
        pdf_changes_note(c, &f);
    }
}

/* The old one at k has gone, unless the new list has it further on. */
static bool has_gone(struct pdf_changes_compare *c, struct pdf_read_ref old, struct pdf_read_ref n)
{
    return !pdf_changes_indirect(c->o, old) || !lists(c->n, n, old.id);
}

void pdf_changes_annot_list(struct pdf_changes_compare *c, struct pdf_read_ref o,
                            struct pdf_read_ref n, unsigned page)
{
    int on = pdf_read_length(c->o, o), nn = pdf_read_length(c->n, n), k = 0, unlike = 0;

    /* walk both lists: what is old must stay in its order, what is new may stand anywhere */
    for (int i = 0; i < nn && unlike < UNLIKE_MAX; i++) {
        struct pdf_read_ref one = pdf_read_item(c->n, n, i);
        while (k < on && unlike < UNLIKE_MAX) {
            struct pdf_read_ref old = pdf_read_item(c->o, o, k);
            if (pdf_read_same_value(c->o, old, c->n, one) || !has_gone(c, old, n))
                break;
            note_removed(c, old, page);
            unlike++;
            k++;
        }
        if (k < on && pdf_read_same_value(c->o, pdf_read_item(c->o, o, k), c->n, one)) {
            k++;
        } else {
            note_listed(c, one, page);
            unlike++;
        }
    }
    for (; k < on && unlike < UNLIKE_MAX; k++, unlike++)
        note_removed(c, pdf_read_item(c->o, o, k), page);
    if (unlike == UNLIKE_MAX)
        pdf_changes_note_other(c, "revision-too-large", n, page, NULL);
}
