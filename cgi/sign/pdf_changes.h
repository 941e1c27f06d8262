/*
 * pdf_changes.h - compares two revisions of a document object by object and says what kinds of
 * change lie between them (bits of enum pdf_later). What it does not know to be harmless is
 * PDF_LATER_OTHER.
 */
#pragma once

#include "sign/pdf_form.h"

/* More objects than this are not compared: PDF_LATER_OTHER. */
enum { PDF_CHANGES_OBJECTS_MAX = 400000 };

/*
 * `before` and `after` are readers of the same file, cut at the end of the older revision and of
 * the newer. E_INPUT pdf-damaged when an object cannot be read.
 */
enum err pdf_changes_between(struct pdf_read *before, struct pdf_read *after,
                             unsigned *kinds) MUST_CHECK;
