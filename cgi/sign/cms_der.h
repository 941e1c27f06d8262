/*
 * cms_der.h - the little DER (X.690) that CMS needs: compose values in an arena, walk over them.
 * Only low tag numbers, only definite lengths.
 */
#pragma once

#include "base/str.h"

enum cms_der_tag {
    DER_INTEGER = 0x02,
    DER_OCTETS = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT_0 = 0xa0, /* constructed [0] */
    DER_CONTEXT_1 = 0xa1,
    DER_CONTEXT_4 = 0xa4,
};

/* One value of a DER encoding; slices of what was read. */
struct cms_der_item {
    unsigned tag;
    struct bytes body;  /* the contents */
    struct bytes whole; /* with tag and length */
};

/* Tag, length and the concatenation of `n` parts; absent parts add nothing. */
struct bytes cms_der_wrap(struct arena *a, unsigned tag, const struct bytes *parts, size_t n);
#define CMS_DER(a, tag, ...)                                                                       \
    cms_der_wrap((a), (tag), (const struct bytes[]){ __VA_ARGS__ },                                \
                 sizeof((const struct bytes[]){ __VA_ARGS__ }) / sizeof(struct bytes))

/* A SET OF in DER order (X.690 11.6): `parts` is sorted in place. */
struct bytes cms_der_set_of(struct arena *a, unsigned tag, struct bytes *parts, size_t n);

/* INTEGER of a small non-negative number. */
struct bytes cms_der_integer(struct arena *a, uint64_t v);

/*
 * Take the next value off `in`. False, nothing taken, at the end or when it is not DER: high tag
 * number, indefinite or non-minimal length, past the end.
 */
bool cms_der_next(struct bytes *in, struct cms_der_item *out);
