/*
 * pdf_pages.h - the pages of a document as people see them: how many, how large, turned how.
 */
#pragma once

#include "sign/pdf_read.h"

/* Crop box (cut to the media box), turned by /Rotate, times UserUnit (ISO 32000-2 7.7.3.3). */
struct pdf_pages_size {
    double width, height; /* points as displayed */
    double unit;          /* UserUnit: 1 nearly always */
    int rotate;           /* 0, 90, 180, 270, clockwise */
};

/*
 * Sizes of at most `max` pages from number `first` (1 is the first), in the arena, and how many
 * pages there are. A page without a usable box is taken as A4. E_INPUT pdf-no-pages, pdf-damaged (a
 * loop); E_LIMIT pdf-too-complex.
 */
enum err pdf_pages_sizes(struct pdf_read *d, unsigned first, unsigned max, struct arena *a,
                         struct pdf_pages_size **out, size_t *n, unsigned *count) MUST_CHECK;

/* Visit all pages in order; `number` from 1. A visitor's error ends the walk and is returned. */
enum err pdf_pages_each(struct pdf_read *d,
                        enum err (*visit)(void *arg, unsigned number, struct pdf_read_ref page),
                        void *arg) MUST_CHECK;

/* An inheritable entry of a page: its own, else that of the nearest ancestor (7.7.3.4). */
struct pdf_read_ref pdf_pages_inherited(struct pdf_read *d, struct pdf_read_ref page,
                                        const char *key);

/* Size of one page. */
struct pdf_pages_size pdf_pages_size(struct pdf_read *d, struct pdf_read_ref page);
/* A rectangle, its corners in order; false when it is none. */
bool pdf_pages_rectangle(struct pdf_read *d, struct pdf_read_ref r, double out[4]);
/* A rectangle of the page's own space as it is displayed: points from the lower left. */
void pdf_pages_displayed(struct pdf_read *d, struct pdf_read_ref page, const double in[4],
                         double out[4]);
