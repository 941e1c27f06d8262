/*
 * pdf_range.h - what a signature covers (ISO 32000-2 12.8.1): two ranges that start at byte 0,
 * leave out the hexadecimal string of /Contents and nothing else, and end with a revision of the
 * file. Anything else is how signatures are forged.
 */
#pragma once

#include "sign/pdf_read.h"

enum { PDF_RANGE_CONTENTS_MAX = 1 << 20 }; /* a CMS with revocation data inside */

struct pdf_range {
    uint64_t gap, resume; /* the first range is [0, gap), the second [resume, end) */
    uint64_t end;
    struct bytes contents; /* decoded, with its padding */
};

/*
 * Read and check the ranges of a signature dictionary. E_INPUT "byte-range-malformed",
 * "byte-range-gap", "byte-range-end".
 */
enum err pdf_range_read(struct pdf_read *d, struct pdf_read_ref signature, struct arena *a,
                        struct pdf_range *out) MUST_CHECK;

/* Digest of both ranges, in the arena; the source is read once, piece by piece. */
enum err pdf_range_digest(const struct pdf_source *s, const struct pdf_range *r, const EVP_MD *md,
                          struct arena *a, struct bytes *out) MUST_CHECK;
