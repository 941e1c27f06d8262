/*
 * pdf_append.h - writes incremental updates (ISO 32000-2 7.5.6) behind a PDF: objects, then a
 * cross-reference section of the same form as the newest one in the file, then the trailer. Several
 * updates may follow each other; the reader's objects are kept in step, so nothing is read again.
 * What is written goes to `tail`; offsets count from the start of the file. Into an encrypted
 * document strings and streams are written encrypted; callers give them plain.
 */
#pragma once

#include "base/buf.h"
#include "sign/pdf_read.h"

struct pdf_append_entry {
    uint32_t id, gen;
    uint64_t offset;
};

struct pdf_append {
    struct pdf_read *doc;
    struct arena *arena;
    struct buf *tail;
    uint64_t prev; /* offset of the newest cross-reference section */
    uint32_t next_id;
    struct pdf_append_entry *entries; /* of the update being written */
    size_t entries_n, entries_cap;
    struct pdf_read_ref *touched;
    size_t touched_n, touched_cap;
    bool touched_direct; /* something that cannot be written by itself */
    uint8_t id[16]; /* first half of /ID where the original has none: the same in each update */
    bool id_made;
    enum err rc; /* sticky: told by pdf_append_end() */
};

/* Where a signature's value and its ByteRange are to be filled in; offsets in `tail`. */
struct pdf_append_slot {
    size_t byte_range; /* behind "[0 " */
    size_t contents;   /* of '<' */
    size_t room;       /* bytes of DER that fit: the hex string has twice as many digits */
};

void pdf_append_init(struct pdf_append *w, struct pdf_read *doc, struct arena *a, struct buf *tail);

/* Start an update: on a line of its own. */
void pdf_append_begin(struct pdf_append *w);
/* A number for a new object (generation 0). */
uint32_t pdf_append_new_id(struct pdf_append *w);
/* A reference to an object, existing or new, as something to put into qpdf's arrays. */
pdf_object pdf_append_reference(struct pdf_append *w, uint32_t id);
/* Write an object; `body` is its text. */
void pdf_append_object(struct pdf_append *w, uint32_t id, struct str body);
/* Write a stream of these bytes, without a filter. */
void pdf_append_stream(struct pdf_append *w, uint32_t id, struct bytes data);
/* The same with more entries in its dictionary: "/Filter/FlateDecode ...", no strings among them.
 */
void pdf_append_stream_with(struct pdf_append *w, uint32_t id, struct str entries,
                            struct bytes data);
/*
 * Write a signature dictionary: `entries` (text of all but these two), then /ByteRange and
 * /Contents with room for `room` bytes, both filled in later. ISO 32000-2 12.8.1.
 */
struct pdf_append_slot pdf_append_signature(struct pdf_append *w, uint32_t id, struct str entries,
                                            size_t room);
/* The object around `r` was changed in qpdf's memory: it is written again at the end of the update.
 */
void pdf_append_touch(struct pdf_append *w, struct pdf_read_ref r);
/* Touched objects, cross-reference section, trailer. E_LIMIT when `tail` is full. */
enum err pdf_append_end(struct pdf_append *w) MUST_CHECK;

/* After pdf_append_end(): the numbers of ByteRange, the second range reaching the end of the file.
 */
void pdf_append_fill_range(struct pdf_append *w, const struct pdf_append_slot *slot);
/* Put `der` in, zero digits behind it. E_LIMIT "signature-too-large" when it does not fit. */
enum err pdf_append_fill(struct pdf_append *w, const struct pdf_append_slot *slot,
                         struct bytes der) MUST_CHECK;

/* "(text)", or "<FEFF...>" (UTF-16BE) when it is not ASCII (ISO 32000-2 7.9.2.2). */
void pdf_append_text(struct buf *b, struct str text);
