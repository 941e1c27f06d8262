/*
 * cms_der.h - composes DER (X.690) in an arena, inside out, as CMS needs it where parts are sorted
 * and reused. Reading, and writing of what is known from outside in, is pki/der.h's.
 */
#pragma once

#include "pki/der.h"

/* Tag, length and the concatenation of `n` parts; absent parts add nothing. */
struct bytes cms_der_wrap(struct arena *a, unsigned tag, const struct bytes *parts, size_t n);
#define CMS_DER(a, tag, ...)                                                                       \
    cms_der_wrap((a), (tag), (const struct bytes[]){ __VA_ARGS__ },                                \
                 sizeof((const struct bytes[]){ __VA_ARGS__ }) / sizeof(struct bytes))

/* A SET OF in DER order (X.690 11.6): `parts` is sorted in place. */
struct bytes cms_der_set_of(struct arena *a, unsigned tag, struct bytes *parts, size_t n);

/* INTEGER of a small non-negative number. */
struct bytes cms_der_integer(struct arena *a, uint64_t v);
