/*
 * pdf_xref.h - how a file hangs together (ISO 32000-2 7.5): header, last startxref, the chain of
 * cross-reference sections. qpdf reads all that too; this looks where readers differ, so that what
 * we sign or judge is what every reader sees. What is wrong is told by the reason.
 */
#pragma once

#include "sign/pdf_objects.h"

enum { PDF_XREF_SECTIONS_MAX = 4096 };

struct pdf_xref {
    uint64_t keyword;     /* offset of the last "startxref" */
    uint64_t startxref;   /* what it says: the newest section */
    bool stream;          /* its form: a stream, else a table */
    bool hybrid;          /* a table of the chain has /XRefStm (ISO 32000-1 7.5.8.4) */
    bool line_ended;      /* the last byte of the file ends a line */
    int major;            /* of the version in the header: 1 or 2 */
    size_t sections;      /* in the chain */
    struct fault trouble; /* why nothing may be appended; err E_OK: nothing */
};

/*
 * Header and end. E_INPUT "pdf-empty", "pdf-not", "pdf-offset-header" (something before the
 * header), "pdf-truncated" (no startxref or %%EOF at the end, an update cut off),
 * "pdf-damaged-startxref" (it leads to no section), "pdf-ambiguous-startxref" (in a comment).
 */
enum err pdf_xref_find(const struct pdf_source *s, struct pdf_xref *out) MUST_CHECK;

/*
 * The chain, from the newest section to the first. What it finds wrong is kept in `trouble`, as
 * such a file can still be judged: E_INPUT "pdf-damaged-xref" (/Prev or a section is wrong, a
 * loop), "pdf-ambiguous-startxref" (what stands right before startxref is no section of the chain:
 * another reader would take that one); E_LIMIT "pdf-too-complex". Fails only with what the source
 * does.
 */
enum err pdf_xref_walk(struct pdf_objects *o, const struct pdf_source *s,
                       struct pdf_xref *x) MUST_CHECK;
