/*
 * pdf_warnings_marks.c - what lies over the pages: annotations, and form fields whose look is not
 * their value (a shadow attack's favourite). Compared is what can be: printable ASCII in fonts that
 * show it as such; other text is left alone rather than called different.
 */
#include "sign/pdf_warnings_inside.h"

#define LOOK_MAX 65536 /* bytes of an appearance */
#define VALUE_MAX 4096
#define ANNOTATIONS_MAX 20000 /* of the document */
#define FLAG_HIDDEN 2
#define FLAG_NO_VIEW 32
#define FIELD_READ_ONLY 1
#define FIELD_PASSWORD (1 << 13)
#define FIELD_PUSH_BUTTON (1 << 16)

struct marks {
    struct pdf_warnings_search *s;
    struct arena *scratch;
    int budget;
};

/* --- text of a field and of its appearance --- */

struct plain {
    char text[VALUE_MAX];
    size_t n;
    bool comparable;
};

/* Letters and digits alone: spaces and line ends are the layout's. */
static void add(struct plain *p, uint8_t c)
{
    if (c > 0x7e || (c < ' ' && c != '\n' && c != '\r' && c != '\t'))
        p->comparable = false;
    else if (c > ' ' && p->n < sizeof p->text)
        p->text[p->n++] = (char)c;
}

static struct plain plain_of(struct str value)
{
    struct plain p = { .comparable = true };
    for (size_t i = 0; i < value.n; i++)
        add(&p, (uint8_t)value.p[i]);
    return p;
}

/* "\(" and "\101" of a literal string (7.3.4.2). */
static size_t escape(struct plain *p, struct bytes t, size_t at)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t  ";
    const char *known;

    if (at >= t.n)
        return at;
    if (t.p[at] >= '0' && t.p[at] <= '7') {
        unsigned v = 0;
        for (int i = 0; i < 3 && at < t.n && t.p[at] >= '0' && t.p[at] <= '7'; i++)
            v = v * 8 + (t.p[at++] - (unsigned)'0');
        add(p, (uint8_t)v);
        return at;
    }
    known = t.p[at] ? strchr(from, t.p[at]) : NULL;
    if (t.p[at] != '\n')
        add(p, known ? (uint8_t)to[known - from] : t.p[at]);
    return at + 1;
}

static size_t literal(struct plain *p, struct bytes t, size_t at)
{
    int open = 1;

    while (at < t.n && open > 0) {
        uint8_t c = t.p[at++];
        if (c == '\\') {
            at = escape(p, t, at);
            continue;
        }
        open += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (open > 0)
            add(p, c);
    }
    return at;
}

/* All strings of a content stream; a hexadecimal one is of a font that we cannot read. */
static struct plain plain_of_content(struct bytes t)
{
    struct plain p = { .comparable = t.p != NULL };

    for (size_t at = 0; t.p && at < t.n;) {
        uint8_t c = t.p[at++];
        if (c == '(')
            at = literal(&p, t, at);
        else if (c == '%')
            while (at < t.n && t.p[at] != '\n' && t.p[at] != '\r')
                at++;
        else if (c == '<' && at < t.n && t.p[at] != '<')
            p.comparable = false;
        else if (c == '<')
            at++;
    }
    return p;
}

/* --- fields --- */

static bool same(const struct plain *a, const struct plain *b)
{
    return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

/* 12.7.5.3: the value of a text field against what its widget draws. */
static bool text_differs(struct marks *m, struct pdf_read_ref widget, struct pdf_read_ref look,
                         bool *redrawn)
{
    struct pdf_read *d = m->s->d;
    struct str value = pdf_read_text(d, pdf_pages_inherited(d, widget, "/V"), m->scratch);
    struct plain want = plain_of(value), got;

    *redrawn = !pdf_read_is_dict(d, look) && !str_empty(value);
    if (!pdf_read_is_dict(d, look) || str_eq_z(value, "?"))
        return false;
    got = plain_of_content(pdf_read_stream(d, look, LOOK_MAX, m->scratch));
    return want.comparable && got.comparable && !same(&want, &got);
}

/* 12.7.5.2.3: the state that is drawn (/AS) against the field's value. */
static bool button_differs(struct marks *m, struct pdf_read_ref widget, struct pdf_read_ref looks)
{
    struct pdf_read *d = m->s->d;
    struct str value = pdf_read_name(d, pdf_pages_inherited(d, widget, "/V"), m->scratch);
    struct str state = pdf_read_name(d, pdf_read_get(d, widget, "/AS"), m->scratch);
    bool on = !str_empty(state) && !str_eq_z(state, "Off");
    bool wanted = !str_empty(value) && !str_eq_z(value, "Off");

    if (!wanted)
        return on;
    /* of a group of buttons, the one with that state is on */
    struct str key = str_fmt(m->scratch, "/%.*s", STR_ARG(value));
    bool mine = !pdf_read_is_null(d, pdf_read_get(d, looks, key.p));
    return mine ? !str_eq(state, value) : on;
}

static void search_field(struct marks *m, struct pdf_read_ref widget, unsigned page)
{
    struct pdf_read *d = m->s->d;
    struct pdf_read_ref type = pdf_pages_inherited(d, widget, "/FT");
    struct pdf_read_ref look = pdf_read_get(d, pdf_read_get(d, widget, "/AP"), "/N");
    int64_t flags = pdf_read_int(d, pdf_pages_inherited(d, widget, "/Ff"), 0);
    bool text = pdf_read_name_is(d, type, "/Tx"), button = pdf_read_name_is(d, type, "/Btn");
    bool differs = false, redrawn = false;
    struct str name;

    if (pdf_read_name_is(d, type, "/Sig") || (button && (flags & FIELD_PUSH_BUTTON)))
        return;
    name = pdf_read_text(d, pdf_pages_inherited(d, widget, "/T"), m->s->a);
    if (text && !(flags & FIELD_PASSWORD))
        differs = text_differs(m, widget, look, &redrawn);
    else if (button)
        differs = button_differs(m, widget, look);
    if (differs)
        pdf_warnings_note(m->s, PDF_WARNINGS_FIELD_LOOK, page, name);
    if (redrawn)
        pdf_warnings_note(m->s, PDF_WARNINGS_FIELDS_REDRAWN, page, name);
    if (!(flags & FIELD_READ_ONLY))
        pdf_warnings_note(m->s, PDF_WARNINGS_FIELDS, page, name);
}

/* --- annotations --- */

static bool covers(struct pdf_read *d, struct pdf_read_ref annotation)
{
    double r[4];
    int64_t flags = pdf_read_int(d, pdf_read_get(d, annotation, "/F"), 0);

    return (flags & (FLAG_HIDDEN | FLAG_NO_VIEW)) == 0 &&
           pdf_pages_rectangle(d, pdf_read_get(d, annotation, "/Rect"), r) && r[2] - r[0] > 1 &&
           r[3] - r[1] > 1;
}

static void search_annotation(struct marks *m, struct pdf_read_ref one, unsigned page)
{
    static const char *const harmless[] = { "/Link", "/Popup", "/PrinterMark", "/TrapNet" };
    struct pdf_read *d = m->s->d;
    struct pdf_read_ref kind = pdf_read_get(d, one, "/Subtype");

    if (pdf_read_name_is(d, kind, "/Widget")) {
        search_field(m, one, page);
        return;
    }
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (pdf_read_name_is(d, kind, harmless[i]))
            return;
    if (covers(d, one))
        pdf_warnings_note(m->s, PDF_WARNINGS_ANNOTATIONS, page, STR_ABSENT);
}

static enum err search_page(void *arg, unsigned number, struct pdf_read_ref page)
{
    struct marks *m = arg;
    struct pdf_read *d = m->s->d;
    struct pdf_read_ref list = pdf_read_get(d, page, "/Annots");
    int n = pdf_read_length(d, list);

    for (int i = 0; i < n; i++) {
        if (m->budget-- <= 0) {
            pdf_warnings_note(m->s, PDF_WARNINGS_UNSEARCHED, number, STR_ABSENT);
            return E_OK;
        }
        search_annotation(m, pdf_read_item(d, list, i), number);
        arena_reset(m->scratch);
    }
    return E_OK;
}

enum err pdf_warnings_marks(struct pdf_warnings_search *s)
{
    struct marks m = { .s = s, .scratch = arena_new(1 << 20), .budget = ANNOTATIONS_MAX };
    enum err e = pdf_pages_each(s->d, search_page, &m);

    arena_free(m.scratch);
    return e;
}
