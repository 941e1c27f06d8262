/*
 * pdf_compose.h - makes a whole PDF of text: A4, title, headings, paragraphs with Japanese line
 * breaking, tables, page numbers; tagged (PDF/UA in spirit), fonts embedded as subsets. For reports
 * that people keep: verification, evidence of an envelope. The same input gives the same bytes.
 *
 * Text is UTF-8, '\n' a forced line break. What a font has no glyph for becomes U+3013 (〓).
 * Failures are kept and reported by pdf_compose_finish(): E_STATE seal-font, E_LIMIT
 * compose-too-long.
 */
#pragma once

#include "base/buf.h"
#include "base/clock.h"

struct pdf_compose;

enum { PDF_COMPOSE_PAGES_MAX = 2000, PDF_COMPOSE_COLUMNS_MAX = 8 };

struct pdf_compose_info {
    struct str title;         /* large on page 1, /Title */
    struct str lang;          /* "ja" or "en": /Lang, words of the page numbers */
    struct str author;        /* absent: none */
    struct str header;        /* small, top of each page; absent: the title from page 2 on */
    struct str footer;        /* small, bottom left of each page; absent: none */
    struct timestamp created; /* /CreationDate; TIMESTAMP_NONE: none */
};

/* A row of label and value. */
struct pdf_compose_row {
    struct str label, value;
};

/* How a verdict or a value stands out: by colour and weight, never by colour alone. */
enum pdf_compose_tone { PDF_COMPOSE_PLAIN, PDF_COMPOSE_GOOD, PDF_COMPOSE_CAUTION, PDF_COMPOSE_BAD };

/* Begin; everything lives in the arena. Strings are copied. */
struct pdf_compose *pdf_compose_new(struct arena *a, const struct pdf_compose_info *info);

void pdf_compose_heading(struct pdf_compose *c, int level /* 1 to 3 */, struct str text);
void pdf_compose_paragraph(struct pdf_compose *c, struct str text);
/* A paragraph in a frame, with a bar of that tone: the verdict. */
void pdf_compose_notice(struct pdf_compose *c, enum pdf_compose_tone tone, struct str text);
/* One item of a list. */
void pdf_compose_item(struct pdf_compose *c, struct str text);
/* Label beside value; rows wrap and break over pages. An absent value leaves the row out. */
void pdf_compose_table(struct pdf_compose *c, const struct pdf_compose_row *rows, size_t n);
/*
 * A table with a head row that is repeated on each page: `cells` row after row, the head first;
 * `widths` are shares of the line, NULL: equal.
 */
void pdf_compose_grid(struct pdf_compose *c, const struct str *cells, size_t rows, size_t columns,
                      const unsigned *widths);
void pdf_compose_rule(struct pdf_compose *c);
/* Vertical space in points. */
void pdf_compose_space(struct pdf_compose *c, double points);
void pdf_compose_new_page(struct pdf_compose *c);

/* The file. Nothing may be added afterwards. */
enum err pdf_compose_finish(struct pdf_compose *c, struct buf *out) MUST_CHECK;
