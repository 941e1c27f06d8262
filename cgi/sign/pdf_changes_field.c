/* pdf_changes_field.c - form fields that are no signatures (ISO 32000-2 12.7.4, 12.7.5). */
#include "sign/pdf_changes_inside.h"

#define SHOWN_MAX 80  /* bytes of a value that is quoted */
#define SHARE_MAX 400 /* thousandths of a page: a larger look can replace its content */

struct str pdf_changes_field_name(struct pdf_read *d, struct pdf_read_ref field, struct arena *a)
{
    struct str name = STR_ABSENT;

    for (int i = 0; i < PDF_READ_DEPTH_MAX && pdf_read_is_dict(d, field); i++) {
        struct str part = pdf_read_text(d, pdf_read_get(d, field, "/T"), a);
        if (!str_absent(part))
            name = str_absent(name) ? part : str_fmt(a, "%s.%s", part.p, name.p);
        if (name.n > PDF_READ_TEXT_MAX)
            return STR("?");
        field = pdf_read_get(d, field, "/Parent");
    }
    return name;
}

/* An entry that fields inherit (12.7.4.1). */
static struct pdf_read_ref inherited(struct pdf_read *d, struct pdf_read_ref field, const char *key)
{
    struct pdf_read_ref value = pdf_read_get(d, field, key);

    for (int i = 0; i < PDF_READ_DEPTH_MAX && pdf_read_is_null(d, value); i++) {
        field = pdf_read_get(d, field, "/Parent");
        if (!pdf_read_is_dict(d, field))
            break;
        value = pdf_read_get(d, field, key);
    }
    return value;
}

static struct str shortened(struct str s, struct arena *a)
{
    size_t n = SHOWN_MAX;

    if (s.n <= n)
        return s;
    while (n > 0 && ((uint8_t)s.p[n] & 0xc0) == 0x80) /* not within a character */
        n--;
    return str_fmt(a, "%.*s...", (int)n, s.p);
}

/* As people read it; absent when the field is empty. */
static struct str shown(struct pdf_read *d, struct pdf_read_ref value, struct arena *a)
{
    struct str text = pdf_read_text(d, value, a), name = pdf_read_name(d, value, a);

    if (!str_absent(name))
        return str_eq_z(name, "Off") ? STR_ABSENT : shortened(name, a);
    if (str_absent(text) && !pdf_read_is_null(d, value)) {
        struct bytes raw = pdf_read_unparse(d, value);
        text = raw.n && utf8_valid((const char *)raw.p, raw.n) && !memchr(raw.p, 0, raw.n)
                   ? str_of(a, (const char *)raw.p, raw.n)
                   : STR("?");
    }
    return str_empty(text) ? STR_ABSENT : shortened(text, a);
}

/* The effective value, written out whole, so that two of them can be compared. */
static struct bytes whole(struct pdf_read *d, struct pdf_read_ref field, struct arena *a)
{
    struct pdf_read_ref value = inherited(d, field, "/V");
    struct bytes raw = pdf_read_is_null(d, value) ? BYTES_ABSENT : pdf_read_unparse(d, value);
    return raw.n ? bytes_dup(a, raw) : BYTES_ABSENT;
}

static bool value_changed(struct pdf_changes_compare *c, struct pdf_read_ref o,
                          struct pdf_read_ref n)
{
    return !bytes_eq(whole(c->o, o, c->a), whole(c->n, n, c->a));
}

static unsigned page_of(struct pdf_changes_compare *c, struct pdf_read_ref n)
{
    const struct pdf_changes_place *p = pdf_changes_roles_place(c, n);
    return p ? p->page : 0;
}

static struct pdf_changes_finding about(struct pdf_changes_compare *c, struct pdf_read_ref n,
                                        const char *code)
{
    return (struct pdf_changes_finding){ .code = code,
                                         .rule = "harmless-only",
                                         .later = PDF_LATER_FORM,
                                         .id = n.id,
                                         .gen = n.gen,
                                         .page = page_of(c, n),
                                         .field = pdf_changes_field_name(c->n, n, c->a) };
}

static void note_value(struct pdf_changes_compare *c, struct pdf_read_ref o, struct pdf_read_ref n)
{
    struct pdf_changes_finding f = about(c, n, "field-changed");

    f.old = shown(c->o, inherited(c->o, o, "/V"), c->a);
    f.new = shown(c->n, inherited(c->n, n, "/V"), c->a);
    if (str_absent(f.old))
        f.code = "field-filled";
    if (str_absent(f.new))
        f.new = STR("-");
    pdf_changes_note_permit(c, &f, str_absent(f.old) ? ACT_FILL : ACT_CHANGE);
    pdf_changes_note(c, &f);
}

/* A new look that is as large as the page: prepared before signing, filled in behind it. */
static void note_size(struct pdf_changes_compare *c, struct pdf_read_ref n)
{
    struct pdf_changes_finding f = about(c, n, "field-covers");
    struct pdf_read_ref page = pdf_read_object_newest(
        c->n, f.page && f.page <= c->pages_n ? (int)c->pages[f.page - 1] : 0);

    f.rule = "covers";
    if (pdf_read_is_dict(c->n, pdf_read_get(c->n, n, "/AP")) &&
        pdf_changes_annot_share(c->n, n, page) > SHARE_MAX)
        pdf_changes_note(c, &f);
}

static void note_look(struct pdf_changes_compare *c, struct pdf_read_ref n)
{
    struct pdf_changes_finding f = about(c, n, "field-look");
    f.rule = "look-and-value";
    pdf_changes_note(c, &f);
}

struct field_keys {
    struct pdf_read_ref field;
    bool value, look;
};

static void judge_key(struct pdf_changes_compare *c, const char *key, struct pdf_read_ref o,
                      struct pdf_read_ref n, void *arg)
{
    static const char *const value[] = { "/V", "/RV", "/I", "/TI" };
    static const char *const look[] = { "/AP", "/AS" };
    struct field_keys *k = arg;

    (void)o;
    (void)n;
    for (size_t i = 0; i < sizeof value / sizeof *value; i++) {
        if (strcmp(key, value[i]) == 0) {
            k->value = true;
            return;
        }
    }
    for (size_t i = 0; i < sizeof look / sizeof *look; i++) {
        if (strcmp(key, look[i]) == 0) {
            k->look = true;
            return;
        }
    }
    if (strcmp(key, "/M") == 0) /* when it was changed */
        return;
    struct pdf_changes_finding f = about(c, k->field, "field-altered");
    f.what = str_z(key);
    pdf_changes_note(c, &f);
}

void pdf_changes_field(struct pdf_changes_compare *c, struct pdf_read_ref o, struct pdf_read_ref n)
{
    struct field_keys k = { .field = n };
    const struct pdf_changes_place *p = pdf_changes_roles_place(c, n);

    if (p && p->owner && p->owner != (uint32_t)n.id) { /* an indirect value: told at its field */
        struct pdf_read_ref before = pdf_read_object_newest(c->o, (int)p->owner);
        struct pdf_read_ref after = pdf_read_object_newest(c->n, (int)p->owner);
        note_value(c, before, after);
        return;
    }
    if (pdf_read_is_null(c->o, o)) {
        struct pdf_changes_finding f = about(c, n, "field-added");
        pdf_changes_note(c, &f);
        return;
    }
    pdf_changes_note_keys(c, o, n, judge_key, &k);
    if (k.value || k.look)
        note_size(c, n);
    if (k.value)
        note_value(c, o, n);
    else if (k.look && !value_changed(c, o, n))
        note_look(c, n);
}

void pdf_changes_field_look(struct pdf_changes_compare *c, struct pdf_read_ref n, uint32_t owner)
{
    struct pdf_read_ref before = pdf_read_object_newest(c->o, (int)owner);
    struct pdf_read_ref after = pdf_read_object_newest(c->n, (int)owner);

    /* a new field is told at the field; a look that came with a value, at the value */
    if (owner && (pdf_read_is_null(c->o, before) || value_changed(c, before, after)))
        return;
    note_look(c, owner ? after : n);
}
