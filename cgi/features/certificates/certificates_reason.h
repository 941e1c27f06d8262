/* certificates_reason.h - reasons of a revocation (RFC 5280 5.3.1), as far as people give them. */
#pragma once

#include "base/str.h"

enum certificates_reason {
    CERTIFICATES_UNSPECIFIED = 0, /* the default: written as no reason at all */
    CERTIFICATES_KEY_COMPROMISE = 1,
    CERTIFICATES_AFFILIATION = 3,
    CERTIFICATES_SUPERSEDED = 4,
    CERTIFICATES_CESSATION = 5,
    CERTIFICATES_HOLD = 6,      /* suspended */
    CERTIFICATES_WITHDRAWN = 9, /* of registration authority and provider, not of subscribers */
};

/* "keyCompromise" ..., NULL when there is no such reason. */
const char *certificates_reason_name(uint32_t reason);
/* May a subscriber give it (BR 7.2.2)? */
bool certificates_reason_own(uint32_t reason);
/* The reason of that name, of those that may be given on a page or in a file; false: none. */
bool certificates_reason_from(struct str name, uint32_t *out);
