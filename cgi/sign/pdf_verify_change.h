/*
 * pdf_verify_change.h - what was changed after a signature, object by object, in words. A report
 * holds one list for each later version of the document; each change names what it is about and
 * says which rule allows or forbids it.
 */
#pragma once

#include "base/clock.h"

/* What was appended after the revision that a signature covers; bits. */
enum pdf_later {
    PDF_LATER_NOTHING = 0,     /* the signature covers the whole file */
    PDF_LATER_DSS = 1,         /* validation material */
    PDF_LATER_TIMESTAMP = 2,   /* a document time-stamp */
    PDF_LATER_SIGNATURE = 4,   /* another signature */
    PDF_LATER_FORM = 8,        /* values of form fields, or their appearance */
    PDF_LATER_ANNOTATION = 16, /* annotations */
    PDF_LATER_OTHER = 32,      /* anything else, so possibly the content */
    PDF_LATER_METADATA = 64,   /* a description of the document: nothing that is shown */
};

/* Changes kept of one revision; what is beyond only counts (`left_out`). */
enum { PDF_VERIFY_CHANGES_MAX = 200 };

/*
 * One changed object (or one changed entry of it). `text` is a text of the message catalogue in
 * which {page}, {field}, {object}, {what}, {old} and {new} stand for the members below.
 */
struct pdf_change {
    const char *code; /* stable: a code of pdf_verify_changes[] */
    const char *text;
    const char *rule; /* stable: a code of pdf_verify_change_rules[] */
    const char *rule_text;
    bool allowed;           /* by that rule */
    enum pdf_later later;   /* the kind */
    int object, generation; /* the object in the file; 0: bytes that are no object */
    unsigned page;          /* from 1; 0: belongs to no page */
    struct str field;       /* {field}: full name of a form field, or absent */
    struct str what;        /* {what}: an entry ("/Contents") or a type ("FreeText"), or absent */
    struct str path;        /* "page 3 / annotation 2 / FreeText": for JSON and experts, English */
    struct str old, new;    /* {old}, {new}: values of a field, shortened; absent otherwise */
};

/* The bytes from one end of a covered part to the next, or to the end of the file. */
struct pdf_revision {
    uint64_t from, to;
    struct pdf_change *changes;
    size_t changes_n, left_out;
    unsigned later;     /* enum pdf_later bits */
    unsigned forbidden; /* those of the changes that are not allowed */
    bool allowed;       /* all changes are */
    bool locked;        /* a locked field is among those that are not */
    bool covers;        /* what the certification permits, and yet can cover content, is */
    bool breaks;        /* anything else is */
};

/* A stable code and its English sentence for the message catalogue. */
struct pdf_verify_text {
    const char *code, *text;
};

/* Every kind of change and every rule, for the message catalogue; end with a NULL code. */
extern const struct pdf_verify_text pdf_verify_changes[];
extern const struct pdf_verify_text pdf_verify_change_rules[];
