/* pdf_changes_inside.h - shared by the files that compare revisions, and by nobody else. */
#pragma once
#include "sign/pdf_changes.h"

/* In which way the newer revision uses an object. */
enum pdf_changes_role {
    ROLE_NONE,
    ROLE_ROOT,
    ROLE_META,   /* document information, metadata: not shown */
    ROLE_DSS,    /* validation data */
    ROLE_FORM,   /* AcroForm */
    ROLE_FIELDS, /* its array of fields */
    ROLE_FIELD,  /* a field or widget that is no signature, and its value */
    ROLE_FIELD_LOOK,
    ROLE_SIGFIELD, /* a signature field or its widget */
    ROLE_SIGVALUE, /* a signature dictionary */
    ROLE_STAMP,    /* a document time-stamp dictionary */
    ROLE_LOOK,     /* appearance of a signature field */
    ROLE_LOOKS,    /* used by appearances of several kinds, or listed for them */
    ROLE_PAGES,    /* a node of the page tree */
    ROLE_PAGE,
    ROLE_ANNOTS, /* array of annotations */
    ROLE_ANNOT,
    ROLE_ANNOT_LOOK,
    ROLE_CONTENT, /* what pages show */
    ROLE_MIXED,   /* two of these */
};

struct pdf_changes_place {
    uint8_t role;   /* enum pdf_changes_role */
    bool content;   /* the document uses it beside that role (pdf_changes_walk) */
    unsigned page;  /* from 1, 0: none */
    uint32_t owner; /* the field or annotation that an appearance or a value belongs to */
};

struct pdf_changes_compare {
    struct pdf_read *o, *n; /* older, newer */
    struct arena *a;        /* short-lived: emptied for each object */
    struct arena *keep;     /* of the report */
    const struct pdf_changes_rules *rules;
    struct pdf_revision *out;
    struct pdf_changes_place *places;
    uint32_t places_n;
    uint32_t *pages; /* objects of the pages, in order */
    unsigned pages_n, pages_cap;
    int budget;
};

/* What is about to be said about one change. */
struct pdf_changes_finding {
    const char *code, *rule;
    bool allowed;
    enum pdf_later later;
    int id, gen;
    unsigned page;
    struct str field, what, old, new;
};

static inline bool pdf_changes_indirect(struct pdf_read *d, struct pdf_read_ref r)
{
    return pdf_objects_is_indirect(d->qpdf, r.oh);
}

static inline bool pdf_changes_stream(struct pdf_read *d, struct pdf_read_ref r)
{
    return pdf_objects_is_stream(d->qpdf, r.oh);
}

/* ---- pdf_changes_roles.c ---- */

/* The place of an indirect object; NULL for a direct one. */
struct pdf_changes_place *pdf_changes_roles_place(struct pdf_changes_compare *c,
                                                  struct pdf_read_ref r);
/* Give each object that is no plain content its role. E_LIMIT pdf-too-complex. */
enum err pdf_changes_roles(struct pdf_changes_compare *c) MUST_CHECK;

/* ---- pdf_changes_walk.c ---- */

/*
 * Mark what the newer revision uses for other things than validation data, metadata, forms and
 * annotations: with it the page where it is used first. E_LIMIT pdf-too-complex.
 */
enum err pdf_changes_walk(struct pdf_changes_compare *c) MUST_CHECK;

/* ---- pdf_changes_streams.c ---- */

/* Do all readers find the same objects in that object stream of the newer revision? */
bool pdf_changes_streams(struct pdf_changes_compare *c, const struct pdf_objects_place *places,
                         uint32_t stream);

/* ---- pdf_changes_note.c ---- */

void pdf_changes_note(struct pdf_changes_compare *c, const struct pdf_changes_finding *f);
/* A finding that is not allowed, as nothing is known that would allow it. */
void pdf_changes_note_other(struct pdf_changes_compare *c, const char *code, struct pdf_read_ref r,
                            unsigned page, const char *what);

enum pdf_changes_act { ACT_SIGN, ACT_FILL, ACT_CHANGE, ACT_ANNOTATE };
/* Allowed or not, and the rule, by what earlier signatures permit. */
void pdf_changes_note_permit(struct pdf_changes_compare *c, struct pdf_changes_finding *f,
                             enum pdf_changes_act act);

typedef void pdf_changes_key_fn(struct pdf_changes_compare *c, const char *key,
                                struct pdf_read_ref o, struct pdf_read_ref n, void *arg);
/* Call `judge` for each key whose value differs between two dictionaries. */
void pdf_changes_note_keys(struct pdf_changes_compare *c, struct pdf_read_ref o,
                           struct pdf_read_ref n, pdf_changes_key_fn *judge, void *arg);

/* ---- pdf_changes_field.c ---- */

/* A field, widget or value that is new or differs (`o` null: new); an object of its appearance. */
void pdf_changes_field(struct pdf_changes_compare *c, struct pdf_read_ref o, struct pdf_read_ref n);
void pdf_changes_field_look(struct pdf_changes_compare *c, struct pdf_read_ref n, uint32_t owner);
/* Full name of the field that a field or widget is. */
struct str pdf_changes_field_name(struct pdf_read *d, struct pdf_read_ref field, struct arena *a);

/* ---- pdf_changes_sigfield.c ---- */

void pdf_changes_sigfield(struct pdf_changes_compare *c, struct pdf_read_ref o,
                          struct pdf_read_ref n);
/* Its dictionary that is new or differs; an object of its appearance. */
void pdf_changes_sigfield_value(struct pdf_changes_compare *c, struct pdf_read_ref o,
                                struct pdf_read_ref n, bool stamp);
void pdf_changes_sigfield_look(struct pdf_changes_compare *c, struct pdf_read_ref n,
                               uint32_t owner);

/* ---- pdf_changes_annot.c ---- */

void pdf_changes_annot(struct pdf_changes_compare *c, struct pdf_read_ref o, struct pdf_read_ref n,
                       unsigned page);
/* The two lists of annotations of a page. */
void pdf_changes_annot_list(struct pdf_changes_compare *c, struct pdf_read_ref o,
                            struct pdf_read_ref n, unsigned page);
/* Share of a page's area that a rectangle takes, in thousandths. */
int pdf_changes_annot_share(struct pdf_read *d, struct pdf_read_ref annot,
                            struct pdf_read_ref page);

/* ---- pdf_changes_document.c ---- */

void pdf_changes_document_root(struct pdf_changes_compare *c, struct pdf_read_ref o,
                               struct pdf_read_ref n);
void pdf_changes_document_form(struct pdf_changes_compare *c, struct pdf_read_ref o,
                               struct pdf_read_ref n);
void pdf_changes_document_fields(struct pdf_changes_compare *c, struct pdf_read_ref o,
                                 struct pdf_read_ref n);
void pdf_changes_document_page(struct pdf_changes_compare *c, struct pdf_read_ref o,
                               struct pdf_read_ref n, unsigned page);
void pdf_changes_document_pages(struct pdf_changes_compare *c, struct pdf_read_ref o,
                                struct pdf_read_ref n);
void pdf_changes_document_trailer(struct pdf_changes_compare *c);
