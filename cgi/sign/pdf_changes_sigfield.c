/* pdf_changes_sigfield.c - signature fields and what is in them (ISO 32000-2 12.7.5.5, 12.8). */
#include "sign/pdf_changes_inside.h"

/* A seal larger than this share of its page can cover what others signed. */
#define SHARE_MAX 150 /* thousandths */

static unsigned page_of(struct pdf_changes_compare *c, struct pdf_read_ref n)
{
    const struct pdf_changes_place *p = pdf_changes_roles_place(c, n);
    return p ? p->page : 0;
}

static struct pdf_changes_finding about(struct pdf_changes_compare *c, struct pdf_read_ref n,
                                        const char *code)
{
    return (struct pdf_changes_finding){ .code = code,
                                         .rule = "signed-stays",
                                         .later = PDF_LATER_OTHER,
                                         .id = n.id,
                                         .gen = n.gen,
                                         .page = page_of(c, n),
                                         .field = pdf_changes_field_name(c->n, n, c->a) };
}

/* ---- fields ---- */

static struct pdf_read_ref page_object(struct pdf_changes_compare *c, unsigned page)
{
    return pdf_read_object_newest(c->n, page && page <= c->pages_n ? (int)c->pages[page - 1] : 0);
}

/* A widget that draws something, new in this revision. */
static void note_shown(struct pdf_changes_compare *c, struct pdf_read_ref n)
{
    struct pdf_changes_finding f = about(c, n, "signature-shown");
    int share = pdf_changes_annot_share(c->n, n, page_object(c, f.page));

    if (share == 0 || !pdf_read_is_dict(c->n, pdf_read_get(c->n, n, "/AP")))
        return;
    f.later = PDF_LATER_SIGNATURE;
    pdf_changes_note_permit(c, &f, ACT_SIGN);
    if (f.allowed && c->rules->certified) {
        f.allowed = false;
        f.rule = "visible-certified";
    } else if (f.allowed && (share > SHARE_MAX || f.page == 0)) {
        f.allowed = false;
        f.code = "signature-covers";
        f.rule = "covers";
    }
    pdf_changes_note(c, &f);
}

static void note_new(struct pdf_changes_compare *c, struct pdf_read_ref n)
{
    struct pdf_changes_finding f = about(c, n, "signature-field-added");

    note_shown(c, n);
    if (pdf_changes_stream(c->n,
                           n)) { /* a field is a dictionary: as a stream it is something else */
        pdf_changes_note_other(c, "object-shared", n, f.page, NULL);
        return;
    }
    if (pdf_read_is_dict(c->n, pdf_read_get(c->n, n, "/V")) ||
        pdf_read_is_null(c->n, pdf_read_get(c->n, n, "/T")))
        return; /* told at the value, or at the field that the widget belongs to */
    f.later = PDF_LATER_SIGNATURE;
    pdf_changes_note_permit(c, &f, ACT_SIGN);
    pdf_changes_note(c, &f);
}

struct sigfield {
    struct pdf_read_ref field;
    bool filled; /* it was empty, and is signed now */
};

/* Filling an empty signature field in is the use it was made for; all else is not. */
static void judge_key(struct pdf_changes_compare *c, const char *key, struct pdf_read_ref o,
                      struct pdf_read_ref n, void *arg)
{
    static const char *const with_value[] = { "/V", "/AP", "/AS", "/M", "/F", "/MK" };
    struct sigfield *s = arg;

    (void)o;
    (void)n;
    for (size_t i = 0; s->filled && i < sizeof with_value / sizeof *with_value; i++) {
        if (strcmp(key, with_value[i]) == 0)
            return;
    }
    struct pdf_changes_finding f =
        about(c, s->field, strcmp(key, "/AP") == 0 ? "signature-look" : "signature-field-changed");
    f.what = str_z(key);
    pdf_changes_note(c, &f);
}

/* The value of the field or, for a widget, of the field above it. */
static bool signed_in(struct pdf_read *d, struct pdf_read_ref field)
{
    for (int i = 0; i < PDF_READ_DEPTH_MAX && pdf_read_is_dict(d, field); i++) {
        if (pdf_read_is_dict(d, pdf_read_get(d, field, "/V")))
            return true;
        field = pdf_read_get(d, field, "/Parent");
    }
    return false;
}

void pdf_changes_sigfield(struct pdf_changes_compare *c, struct pdf_read_ref o,
                          struct pdf_read_ref n)
{
    struct sigfield s = { .field = n };

    if (pdf_read_is_null(c->o, o)) {
        note_new(c, n);
        return;
    }
    s.filled = !signed_in(c->o, o) && signed_in(c->n, n) && !pdf_changes_stream(c->n, n);
    if (s.filled && pdf_read_is_dict(c->n, pdf_read_get(c->n, n, "/AP")) &&
        pdf_changes_annot_share(c->n, n, page_object(c, page_of(c, n))) > SHARE_MAX) {
        struct pdf_changes_finding f = about(c, n, "signature-covers");
        f.rule = "covers";
        f.later = PDF_LATER_SIGNATURE;
        pdf_changes_note(c, &f);
    }
    pdf_changes_note_keys(c, o, n, judge_key, &s);
}

void pdf_changes_sigfield_look(struct pdf_changes_compare *c, struct pdf_read_ref n, uint32_t owner)
{
    struct pdf_read_ref before = pdf_read_object_newest(c->o, (int)owner);
    struct pdf_read_ref after = pdf_read_object_newest(c->n, (int)owner);

    if (owner &&
        (pdf_read_is_null(c->o, before) || (!signed_in(c->o, before) && signed_in(c->n, after))))
        return; /* came with the field, or with the signature */
    struct pdf_changes_finding f = about(c, owner ? after : n, "signature-look");
    f.id = n.id;
    f.gen = n.gen;
    pdf_changes_note(c, &f);
}

/* ---- values ---- */

void pdf_changes_sigfield_value(struct pdf_changes_compare *c, struct pdf_read_ref o,
                                struct pdf_read_ref n, bool stamp)
{
    const struct pdf_changes_place *p = pdf_changes_roles_place(c, n);
    struct pdf_read_ref field = pdf_read_object_newest(c->n, p ? (int)p->owner : 0);
    struct pdf_changes_finding f = about(c, field, stamp ? "timestamp-added" : "signature-added");

    f.id = n.id;
    f.gen = n.gen;
    if (!pdf_read_is_null(c->o, o)) {
        f.code = "signature-changed";
        pdf_changes_note(c, &f);
        return;
    }
    f.later = stamp ? PDF_LATER_TIMESTAMP : PDF_LATER_SIGNATURE;
    if (stamp) { /* EN 319 142-1 5.4.3 */
        f.allowed = true;
        f.rule = "always";
    } else {
        pdf_changes_note_permit(c, &f, ACT_SIGN);
    }
    if (p && p->owner && !pdf_read_is_null(c->o, pdf_read_object_newest(c->o, (int)p->owner)) &&
        !stamp)
        f.code = "signature-field-filled";
    pdf_changes_note(c, &f);
}
