/*
 * zip_read.h - reads the files of a ZIP archive (APPNOTE 6.3) that somebody uploaded, one after the
 * other, out of memory into memory: nothing is written anywhere. Hostile input is expected: names
 * are never used as paths, and sizes are counted as bytes come out, whatever the archive claims.
 */
#pragma once

#include "base/buf.h"

struct zip_read;

/*
 * Load what names in archives need: text in UTF-8 and in Windows-31J. It is read from files, which
 * a sandboxed process may not, so programs call this before they lock themselves in; later calls
 * do nothing. E_INTERNAL when the C library lacks it.
 */
enum err zip_read_start(void) MUST_CHECK;

/* `zip` is borrowed until zip_read_close(). E_INPUT "zip-damaged" when it is no ZIP archive. */
enum err zip_read_open(struct bytes zip, struct zip_read **out) MUST_CHECK;
void zip_read_close(struct zip_read *z); /* NULL is fine */

/*
 * The next file: its name without control characters in the arena, its bytes in `out` (emptied
 * first; its maximum is the limit for one file). Folders and what macOS adds are passed over.
 * E_ABSENT after the last. E_LIMIT "zip-size" when it is larger than `out` may get, then the next
 * call goes on behind it. E_UNSUPPORTED "zip-encrypted"; E_INPUT "zip-damaged".
 */
enum err zip_read_next(struct zip_read *z, struct arena *a, struct str *name,
                       struct buf *out) MUST_CHECK;
