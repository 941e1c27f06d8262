/*
 * csv_stream.h - reads comma- or tab-separated values (RFC 4180, and what spreadsheets make of it)
 * one record after the other: nothing is kept but the record at hand, and a file may come in
 * pieces. For large files; csv_read.h takes small ones as a whole.
 *
 * It works on bytes, before any decoding: in UTF-8 and in Windows-31J no byte of a character is a
 * quote, a comma, a tab or a line end. A quote inside an unquoted cell is a character like others;
 * lines end with CR LF, LF or CR; empty lines are passed over.
 */
#pragma once

#include "base/str.h"

enum {
    CSV_STREAM_CELLS = 100,         /* of one record */
    CSV_STREAM_CELL = 32 * 1024,    /* bytes of one cell */
    CSV_STREAM_RECORD = 128 * 1024, /* bytes of one record as it stands in the file */
};

/* Set up by the caller; `at` and `line` move with each record. */
struct csv_stream {
    struct bytes data; /* the file, or a piece that begins with a record */
    bool last;         /* `data` reaches to the end of the file */
    char separator;    /* ',' or '\t' */
    size_t at;         /* where the next record begins */
    uint64_t line;     /* its line in the file, from 1 */
};

struct csv_record {
    struct bytes *cells; /* unquoted; in the arena */
    size_t n;
    uint64_t line; /* where it begins */
};

/*
 * The next record. E_ABSENT: no more of them, or, unless `last`, the rest of the piece holds no
 * whole one (ask again with more behind `at`; a piece of CSV_STREAM_RECORD bytes always holds one).
 * E_INPUT "csv-nul", "csv-open" (a quote is not closed), "csv-quote" (something behind the closing
 * quote); E_LIMIT "csv-cells", "csv-cell", "csv-record". After these `line` says where.
 */
enum err csv_stream_next(struct csv_stream *r, struct arena *a, struct csv_record *out) MUST_CHECK;

/* A tab if the first line holds one, else a comma. */
char csv_stream_separator(struct bytes data);

/* Without the apostrophe that csv_cell() puts before what would be a formula. */
struct str csv_stream_plain(struct arena *a, struct str cell);
