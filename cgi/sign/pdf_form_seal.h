/*
 * pdf_form_seal.h - visible signatures, a part of pdf_form_write.c: the look of a signature's
 * widget, and stamps on further pages. Nothing is drawn into the content of a page.
 */
#pragma once

#include "sign/pdf_form.h"
#include "sign/pdf_seal.h"

/* Page `number` (from 1), an object of its own. E_INPUT "seal-page", "pdf-damaged". */
enum err pdf_form_seal_page(struct pdf_read *d, unsigned number,
                            struct pdf_read_ref *page) MUST_CHECK;
/* The page that the widget of an empty field is on; E_ABSENT when none shows it. */
enum err pdf_form_seal_widget_page(struct pdf_read *d, struct pdf_read_ref widget,
                                   struct pdf_read_ref *page) MUST_CHECK;
/* Where on its page, as displayed, a rectangle of a widget is, to be filled with that look. */
struct pdf_seal_place pdf_form_seal_place(struct pdf_read *d, struct pdf_read_ref page,
                                          const double rect[4], const struct pdf_look *look);

/* "/Rect[...]/AP<</N n 0 R>>" for a place, written in the update. */
enum err pdf_form_seal_entries(struct pdf_append *w, const struct pdf_seal_place *place,
                               struct pdf_read_ref page, struct pdf_seal_shared *shared,
                               struct buf *b) MUST_CHECK;
/* Stamps (12.5.6.12): printed, locked, with that look, on their pages. */
enum err pdf_form_seal_stamps(struct pdf_append *w, const struct pdf_seal_place *places, size_t n,
                              struct pdf_seal_shared *shared) MUST_CHECK;
