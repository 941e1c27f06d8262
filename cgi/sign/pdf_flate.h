/* pdf_flate.h - FlateDecode (zlib) for streams that are written; always the same bytes for the same
 * input. */
#pragma once

#include "base/buf.h"

/* Append `data`, compressed. E_INTERNAL when memory ends. */
enum err pdf_flate(struct bytes data, struct buf *out) MUST_CHECK;
