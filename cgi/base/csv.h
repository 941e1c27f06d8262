/*
 * csv.h - writes comma-separated values (RFC 4180) that spreadsheets open safely: what would be a
 * formula gets an apostrophe, also in the full width of Japanese programs.
 */
#pragma once

#include "base/buf.h"

/* Put first: a byte order mark, or Excel reads Japanese as Shift_JIS. */
#define CSV_MARK "\xef\xbb\xbf"

/* One quoted cell; `last` ends the line instead of writing a comma. */
void csv_cell(struct buf *b, struct str s, bool last);
/* The same with another separator: ',' or '\t'. */
void csv_cell_with(struct buf *b, struct str s, char separator, bool last);
/* Would a spreadsheet compute it? */
bool csv_formula(struct str s);
