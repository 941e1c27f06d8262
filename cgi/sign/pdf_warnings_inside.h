/* pdf_warnings_inside.h - private to pdf_warnings*.c: what is collected while a file is searched.
 */
#pragma once

#include "sign/pdf_pages.h"
#include "sign/pdf_warnings.h"

/* In the order of pdf_warnings_known: the heaviest first. */
enum pdf_warnings_kind {
    PDF_WARNINGS_CHANGED,      /* after a signature */
    PDF_WARNINGS_LAUNCH,       /* starts programs */
    PDF_WARNINGS_SCRIPT,       /* JavaScript */
    PDF_WARNINGS_AUTOMATIC,    /* acts on its own */
    PDF_WARNINGS_SUBMIT,       /* sends or takes data */
    PDF_WARNINGS_HIDDEN_LAYER, /* layers that are off, or differ on paper */
    PDF_WARNINGS_FIELD_LOOK,   /* value and look of a field differ */
    PDF_WARNINGS_EXTERNAL,     /* content in other files */
    PDF_WARNINGS_XFA,
    PDF_WARNINGS_UNREFERENCED, /* pages or content that nothing refers to */
    PDF_WARNINGS_LAYERS,
    PDF_WARNINGS_FIELDS_REDRAWN,
    PDF_WARNINGS_ANNOTATIONS,
    PDF_WARNINGS_REVISIONS,
    PDF_WARNINGS_ELSEWHERE, /* actions that open other files */
    PDF_WARNINGS_MEDIA,
    PDF_WARNINGS_ATTACHMENTS,
    PDF_WARNINGS_FIELDS,
    PDF_WARNINGS_FONTS,
    PDF_WARNINGS_UNSEARCHED, /* too large */
    PDF_WARNINGS__MAX
};

struct pdf_warnings_search {
    struct pdf_read *d;
    const struct secret *password; /* NULL: none */
    struct arena *a;
    struct pdf_warning found[PDF_WARNINGS__MAX]; /* .found 0: not met */
};

/* Met once more; the first page and the first detail are kept. */
void pdf_warnings_note(struct pdf_warnings_search *s, enum pdf_warnings_kind kind, unsigned page,
                       struct str detail);

/* All objects: actions, streams, fonts; and what nothing refers to. */
enum err pdf_warnings_objects(struct pdf_warnings_search *s) MUST_CHECK;
/* Annotations and form fields, page by page. */
enum err pdf_warnings_marks(struct pdf_warnings_search *s) MUST_CHECK;
/* Updates in the file, and what they changed after a signature. */
enum err pdf_warnings_updates(struct pdf_warnings_search *s) MUST_CHECK;
