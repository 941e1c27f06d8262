/*
 * zip_write.h - a ZIP archive written as a stream: entries one after the other, their bytes as they
 * come, nothing kept and nothing on a disk. Stored, not compressed (signed PDFs hardly shrink);
 * names in UTF-8; ZIP64 where sizes need it.
 */
#pragma once

#include "base/clock.h"
#include "base/str.h"

struct zip_write;

/* `write` takes the archive's bytes in order; its error is what the functions below return. */
enum err zip_write_new(enum err (*write)(void *arg, struct bytes piece), void *arg,
                       struct zip_write **out) MUST_CHECK;
/* The next entry; its `size` bytes follow. */
enum err zip_write_begin(struct zip_write *z, struct str name, uint64_t size,
                         struct timestamp modified) MUST_CHECK;
enum err zip_write_add(struct zip_write *z, struct bytes data) MUST_CHECK;
/* The directory: without it no reader opens the archive. */
enum err zip_write_end(struct zip_write *z) MUST_CHECK;
/* Safe at any point; NULL is fine. */
void zip_write_free(struct zip_write *z);
