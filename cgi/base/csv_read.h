/*
 * csv_read.h - reads comma- or tab-separated values (RFC 4180) as spreadsheets in Japan write them:
 * UTF-8 with or without a byte order mark, or Windows-31J; lines ended by CR LF, LF or CR. What
 * base/csv.h has written reads back as it was.
 */
#pragma once

#include "base/str.h"

#define CSV_CELLS_MAX 64

struct csv_read_row {
    size_t line; /* of the file, from 1, where the row begins */
    struct str *cells;
    size_t n;
};

struct csv_read_table {
    struct csv_read_row *rows; /* empty lines are left out */
    size_t n;
    bool tabs;
};

/* The file's text, without mark. E_INPUT "csv-encoding": neither UTF-8 nor Windows-31J. */
enum err csv_read_decode(struct arena *a, struct bytes file, struct str *out) MUST_CHECK;

/*
 * Split into rows. Tabs separate when the first line has one, else commas. Cells are trimmed.
 * E_INPUT "csv-quote" (a quotation mark that is not closed, or text behind a closed one; the line
 * is in *line), E_LIMIT "csv-rows" when there are more than `rows_max`, "csv-cells" when a row has
 * more than CSV_CELLS_MAX cells.
 */
enum err csv_read_parse(struct arena *a, struct str text, size_t rows_max,
                        struct csv_read_table *out, size_t *line) MUST_CHECK;
