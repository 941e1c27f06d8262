/*
 * pdf_read.h - opens a PDF for an incremental update or for judging: what libqpdf reads, and what
 * it does not tell (where the newest cross-reference section is and of which form). Refuses what
 * cannot be continued safely. The source must outlive the reader.
 *
 * Objects are handles of pdf_objects.h: small numbers that live until pdf_read_close(). Each
 * accessor here yields a null object instead of an error where something is missing or of another
 * type.
 */
#pragma once

#include "sign/pdf_xref.h"

/* Bounds: a file that asks for more is refused as pdf-too-complex or pdf-too-large. */
enum {
    PDF_READ_OBJECTS_MAX = 8388607, /* ISO 32000-1 annex C: indirect objects */
    PDF_READ_DEPTH_MAX = 64,        /* page tree and form field tree */
    PDF_READ_NODES_MAX = 20000,     /* nodes visited in one walk */
    PDF_READ_TEXT_MAX = 4096,       /* a text string that is shown */
    PDF_READ_KEYS_MAX = 20000,      /* of one dictionary */
};
#define PDF_READ_SIZE_MAX ((uint64_t)INT32_MAX) /* offsets that every reader can hold */

struct pdf_read {
    struct pdf_source source;
    struct pdf_objects *qpdf;
    bool encrypted; /* opened with the password given, or the empty one: */
    struct pdf_objects_encryption encryption;
    struct pdf_xref xref;
    uint32_t next_id; /* first object number that is free */
    pdf_object trailer, root;
    int root_id, root_gen;
};

/* An indirect object, or a direct one inside it: the number of what has to be written again. */
struct pdf_read_ref {
    pdf_object oh;
    int id, gen; /* of the nearest indirect object around it */
};

/*
 * Open; `password` is a user's or an owner's, NULL means the empty one. E_INPUT with pdf-empty,
 * pdf-not, pdf-offset-header, pdf-truncated, pdf-damaged, pdf-damaged-startxref,
 * pdf-damaged-catalog, pdf-ambiguous-startxref, pdf-password-needed, pdf-password-wrong; E_LIMIT
 * pdf-too-large, pdf-too-complex; and what the source fails with. On failure *out needs no closing.
 */
enum err pdf_read_open(const struct pdf_source *source, const struct secret *password,
                       struct pdf_read *out) MUST_CHECK;
/* May it be continued by an update? E_INPUT pdf-damaged-xref, pdf-ambiguous-startxref. */
enum err pdf_read_continuable(const struct pdf_read *d) MUST_CHECK;
void pdf_read_close(struct pdf_read *d); /* safe after a failed or no open (all zero) */

/* What failed since the last call, as pdf_objects_check(); forgets it. */
enum err pdf_read_check(struct pdf_read *d) MUST_CHECK;

/* Was an object met that is not the one listed for its place? Forgets all warnings. */
bool pdf_read_misplaced(struct pdf_read *d);

/* Member of a dictionary (or of a stream's), with the indirect object that holds it. */
struct pdf_read_ref pdf_read_get(struct pdf_read *d, struct pdf_read_ref dict, const char *key);
/* Item of an array. */
struct pdf_read_ref pdf_read_item(struct pdf_read *d, struct pdf_read_ref array, int i);
/* The catalogue, and the object of a number. */
struct pdf_read_ref pdf_read_root(struct pdf_read *d);
struct pdf_read_ref pdf_read_object(struct pdf_read *d, int id, int gen);

bool pdf_read_is_dict(struct pdf_read *d, struct pdf_read_ref r); /* dictionary or stream */
bool pdf_read_is_array(struct pdf_read *d, struct pdf_read_ref r);
bool pdf_read_is_null(struct pdf_read *d, struct pdf_read_ref r);
/* Length of an array; 0 for anything else. */
int pdf_read_length(struct pdf_read *d, struct pdf_read_ref array);
/* A name without its slash; absent when it is none. Copied. */
struct str pdf_read_name(struct pdf_read *d, struct pdf_read_ref r, struct arena *a);
bool pdf_read_name_is(struct pdf_read *d, struct pdf_read_ref r, const char *name); /* "/Sig" */
/* A string's bytes; absent when it is none. Copied. */
struct bytes pdf_read_string(struct pdf_read *d, struct pdf_read_ref r, struct arena *a);
/* A text string as valid UTF-8 without NUL; absent when it is none, "?" when it is too long. */
struct str pdf_read_text(struct pdf_read *d, struct pdf_read_ref r, struct arena *a);
/* An integer, or `otherwise`. */
int64_t pdf_read_int(struct pdf_read *d, struct pdf_read_ref r, int64_t otherwise);
/* A number, integer or not, or `otherwise`; and is it the boolean true? */
double pdf_read_real(struct pdf_read *d, struct pdf_read_ref r, double otherwise);
bool pdf_read_is_true(struct pdf_read *d, struct pdf_read_ref r);
/* Contents of a stream, decoded, of at most `max` bytes; absent otherwise. Copied. */
struct bytes pdf_read_stream(struct pdf_read *d, struct pdf_read_ref r, size_t max,
                             struct arena *a);
/* Written out as PDF text, references inside kept; valid until the next call. Absent on an error.
 */
struct bytes pdf_read_unparse(struct pdf_read *d, struct pdf_read_ref r);

/* Is it a string of exactly these bytes? */
bool pdf_read_string_is(struct pdf_read *d, struct pdf_read_ref r, struct bytes s);
/*
 * Keys of a dictionary, with their slash, copied. At most PDF_READ_KEYS_MAX: *n is one more when
 * there are more.
 */
struct str *pdf_read_keys(struct pdf_read *d, struct pdf_read_ref r, struct arena *a, size_t *n);
/* The object of that number, of the lowest generation (at most 3) that exists. */
struct pdf_read_ref pdf_read_object_newest(struct pdf_read *d, int id);
/* Do two values, of two readers, read the same? Indirect objects inside by their number only. */
bool pdf_read_same_value(struct pdf_read *d, struct pdf_read_ref r, struct pdf_read *other,
                         struct pdf_read_ref s);
/* The same for two objects themselves, streams with their data; in one reader: is it the same one?
 */
bool pdf_read_same_object(struct pdf_read *d, struct pdf_read_ref r, struct pdf_read *other,
                          struct pdf_read_ref s);

/* The first page. E_INPUT pdf-no-pages, pdf-damaged (a loop), E_LIMIT pdf-too-complex. */
enum err pdf_read_first_page(struct pdf_read *d, struct pdf_read_ref *page) MUST_CHECK;
