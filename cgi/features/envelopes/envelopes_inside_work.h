/*
 * envelopes_inside_work.h - what the work files of this slice share. Not for anybody else.
 */
#pragma once

#include "features/envelopes/envelopes_inside.h"
#include "features/envelopes/envelopes_work.h"

struct pdf_seal_place;

/*
 * Where the seals of a party go in one document, drawn from its name, in the transaction's arena;
 * none is fine. E_INPUT "place-page" when the document has no such page.
 */
enum err envelopes_place_seals(struct tx *tx, const struct envelopes_party *p,
                               const struct signing_document *file, struct paper_id paper,
                               struct pdf_seal_place **out, size_t *n) MUST_CHECK;
/* The characters of a seal: the family name, at most four; initials of a Latin name. */
struct str envelopes_place_text(struct arena *a, struct str name);

/* The words that envelopes_work_init() was given. */
struct str envelopes_work_word(struct arena *a, struct str lang, enum envelopes_word word,
                               const struct envelopes_values *v);
struct str envelopes_work_event(struct str lang, struct str what);

/* The report of an envelope whose documents are completed. */
enum err envelopes_report_make(struct tx *tx, const struct envelopes_envelope *e,
                               struct timestamp now, struct str lang, struct buf *pdf) MUST_CHECK;
