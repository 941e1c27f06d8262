/*
 * pdf_form.h - the interactive form as far as signatures need it (ISO 32000-2 12.7, 12.8): find
 * signature fields, find out what earlier signatures forbid, add a field with its widget.
 */
#pragma once

#include "sign/pdf_append.h"

/* One signature field, filled or not. */
struct pdf_form_field {
    struct str name; /* full name, partial names joined by '.' */
    struct pdf_read_ref field;
    struct pdf_read_ref value; /* /V: the signature dictionary; null when not signed */
    bool filled;
};

/*
 * All signature fields below AcroForm /Fields, in document order, each once. E_INPUT pdf-damaged (a
 * loop), E_LIMIT pdf-too-complex.
 */
enum err pdf_form_signatures(struct pdf_read *d, struct arena *a, struct pdf_form_field **out,
                             size_t *n) MUST_CHECK;

/* DocMDP permission of a signature dictionary (12.8.2.2): 1..3, 0 when it is no certification. */
int pdf_form_certification(struct pdf_read *d, struct pdf_read_ref signature);

/* Does a filled field lock others: FieldMDP in its signature, or /Lock (12.7.5.5, 12.8.2.4)? */
bool pdf_form_locks(struct pdf_read *d, const struct pdf_form_field *field);

/* The empty signature field of that full name; NULL when there is none. */
const struct pdf_form_field *pdf_form_find(const struct pdf_form_field *fields, size_t n,
                                           struct str name);

/* E_UNSUPPORTED "pdf-xfa", "pdf-xfa-dynamic", "pdf-usage-rights": what no update may be added to.
 */
enum err pdf_form_kind_check(struct pdf_read *d) MUST_CHECK;

/* Does a signature lock the field of that name (FieldMDP, or /Lock of its field)? */
bool pdf_form_locked(struct pdf_read *d, const struct pdf_form_field *fields, size_t n,
                     struct str name, struct arena *a);

/*
 * May another signature be added in the empty field of that name, or under that name in a new one?
 * E_INPUT "certified-no-changes" (DocMDP or a lock with P = 1), "signature-locked" (FieldMDP),
 * "field-name-used", "field-name-malformed"; E_UNSUPPORTED "pdf-xfa", "pdf-xfa-dynamic",
 * "pdf-usage-rights". Document time-stamps and the DSS are allowed in any case (EN 319 142-1 5.4).
 */
enum err pdf_form_permit(struct pdf_read *d, const struct pdf_form_field *fields, size_t n,
                         struct str name, struct arena *a) MUST_CHECK;

/* `stem` with the first number from 1 that no top-level field bears: "Signature1". */
enum err pdf_form_fresh_name(struct pdf_read *d, const char *stem, struct arena *a,
                             struct str *name) MUST_CHECK;

/* How a field is written. */
struct pdf_form_look {
    const struct pdf_seal_place *seals; /* the first is the widget's, further ones are stamps */
    size_t seals_n;
    bool lock; /* /Lock over all fields, as PDF_FORM_LOCK_ALL */
};
#define PDF_FORM_LOCK_ALL "/Action/All/P 1"

/*
 * In the update being written, add a signature field with a widget (invisible, on the first page,
 * when `look` is NULL or has no seal), its value the object `value_id`; the AcroForm is made where
 * there is none, /SigFlags become 3.
 */
enum err pdf_form_add(struct pdf_append *w, struct str name, uint32_t value_id,
                      const struct pdf_form_look *look) MUST_CHECK;

/* How many of the seals become stamps: an empty field without an area takes none as its look. */
size_t pdf_form_stamps(struct pdf_read *d, const struct pdf_form_field *empty, size_t seals_n);
/* In the update: append a reference to `id` to the array under `key` of `dict`. */
enum err pdf_form_list(struct pdf_append *w, struct pdf_read_ref dict, const char *key,
                       uint32_t id) MUST_CHECK;

/* The same with an empty field that is there (12.7.5.5); its widget stays where it is. */
enum err pdf_form_fill(struct pdf_append *w, const struct pdf_form_field *field, uint32_t value_id,
                       const struct pdf_form_look *look) MUST_CHECK;
/* /Perms /DocMDP: the document is certified by that signature (12.8.2.2). */
enum err pdf_form_certify(struct pdf_append *w, uint32_t value_id) MUST_CHECK;
/* What the /Lock of a field says, as entries of FieldMDP's parameters (12.8.2.4); nothing without.
 */
void pdf_form_lock_params(struct pdf_read *d, const struct pdf_form_field *field, struct buf *b);
/* Rectangle of its widget, in order; false when it has no area. */
bool pdf_form_rect(struct pdf_read *d, const struct pdf_form_field *field, double rect[4]);

/* Declare the ESIC extension in the catalogue of a PDF before 2.0 (EN 319 142-1 5.1). */
enum err pdf_form_declare(struct pdf_append *w) MUST_CHECK;
