/* certificates_show.h - histories, for the pages of the slice. */
#pragma once

#include "features/certificates/certificates.h"

struct certificates_event {
    struct timestamp at, dated; /* dated: the revocation date when it is another one */
    struct str kind; /* "issued", "revoked", "compromised", "suspended", "released", "replaced" */
    struct str how, actor, receipt; /* actor absent: a program, or nobody signed in */
    uint32_t reason;
};
enum err certificates_history(struct tx *tx, const struct certificates_certificate *c,
                              struct certificates_event **out, size_t *n) MUST_CHECK;
