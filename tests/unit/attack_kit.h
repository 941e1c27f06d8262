/*
 * attack_kit.h - byte surgery on PDFs for the tests of the verifier: updates with parts left out,
 * hand-made signature dictionaries, CMS with other insides. Everything is made on the spot.
 */
#pragma once

#include "pdf_kit.h"

#include <openssl/cms.h>

/* Parts of an incremental update to be left out; bits. */
enum { ATTACK_NO_XREF = 1, ATTACK_NO_TRAILER = 2, ATTACK_NO_STARTXREF = 4, ATTACK_NO_EOF = 8 };

/*
 * The document that is attacked: 1 catalogue, 2 pages, 3 font, 4 content of both pages, 5 form,
 * 6 text field "Empty" with its look 12, 7 and 8 pages, 9 text field "Filled", 10 metadata,
 * 11 empty signature field "Prepared" (visible), 13 a picture that page 1 shows, 14 another one
 * that is not used, 15 a font dictionary. The rest are free.
 */
struct bytes attack_base(struct arena *a);
enum { ATTACK_FREE_ID = 30 };

/* Sign with the kit's P-256 key. certify: 0, or P; field: absent for a new one. */
struct bytes attack_signed(struct kit *k, struct arena *a, struct bytes pdf, enum pdf_level level,
                           int certify, const char *field, bool lock);

/*
 * Append an update: each text is "ID body" (or "" for nothing), ended by NULL; `trailer` is put
 * into the trailer beside /Size, /Root, /Prev. Replaces /Root when it has one.
 */
struct bytes attack_update(struct arena *a, struct bytes file, unsigned leave_out,
                           const char *trailer, const char *const *objects);
/*
 * The same with a cross-reference stream: objects that are no streams go into one object stream, a
 * number that comes twice is listed at the place of its first text. `hybrid`: the stream belongs to
 * a table that lists nothing.
 */
struct bytes attack_update_stream(struct arena *a, struct bytes file, bool hybrid,
                                  const char *const *objects);
/* "<<entries /Length n>>\nstream\n...\nendstream" behind "ID ". */
const char *attack_stream(struct arena *a, int id, const char *entries, const char *data);

/*
 * Fill in the placeholders that `file` holds: the last "/ByteRange[0 ********** ..." and the last
 * "<" with zeros behind it; sign with that key. `cms` (may be NULL) makes another CMS of the
 * digest.
 */
typedef struct bytes attack_cms_fn(struct kit *k, struct arena *a, struct bytes covered);
struct bytes attack_fill(struct kit *k, struct arena *a, struct bytes file, attack_cms_fn *cms);
#define ATTACK_RANGE "[0 ********** ********** **********]"
/* "<000...>" with room for a CMS. */
const char *attack_room(struct arena *a);

/* The last occurrence; SIZE_MAX when there is none. */
size_t attack_find(struct bytes file, const char *what);
/* What stands at the last `old` (same length, or shorter and padded with blanks). */
struct bytes attack_put(struct arena *a, struct bytes file, const char *old, const char *new);
struct bytes attack_insert(struct arena *a, struct bytes file, size_t at, const char *what);
struct bytes attack_cut(struct arena *a, struct bytes file, size_t n);

/* Write DIR/name.pdf when SHOMEI_ATTACKS=DIR is set: for foreign judges. */
void attack_save(const char *name, struct bytes file);
/* Everything that the report says, as notes. */
void attack_explain(const struct pdf_report *r);
/* The first change of that code; NULL when there is none. */
const struct pdf_change *attack_change(const struct pdf_report *r, const char *code);
