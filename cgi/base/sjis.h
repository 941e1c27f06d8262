/*
 * sjis.h - text of Windows in Japan (Windows-31J, code page 932) as UTF-8: names in ZIP archives,
 * CSV files of spreadsheets. The C library converts; it loads its tables from files, which a
 * sandboxed process may not, so programs that need this call sjis_start() before they lock
 * themselves in.
 */
#pragma once

#include "base/str.h"

/* Load the tables; may be called again. E_INTERNAL when the C library lacks them. */
enum err sjis_start(void) MUST_CHECK;
/* Decode into the arena. E_INPUT "encoding" when it is no Windows-31J text. */
enum err sjis_decode(struct arena *a, struct bytes text, struct str *out) MUST_CHECK;
/* The other way round, for files that go back to where they came from; a character that Windows-31J
 * does not have becomes 〓. */
struct bytes sjis_encode(struct arena *a, struct str text);
