/* certificates_show.h - lists and histories, for the pages of the slice. */
#pragma once

#include "features/certificates/certificates.h"

struct certificates_row {
    struct certificate_id id;
    struct str common_name, subject, profile;
    uint32_t profile_version;
    enum authority_state state;
    struct timestamp not_after; /* NONE before signing */
    bool replaced;
};
/* Those in the scope of `who`, newest first, and how many there are. */
enum err certificates_list(struct tx *tx, const struct certificates_who *who, uint32_t offset,
                           uint32_t limit, struct certificates_row **rows, size_t *n,
                           uint64_t *total) MUST_CHECK;

struct certificates_event {
    struct timestamp at, dated; /* dated: the revocation date when it is another one */
    struct str kind; /* "issued", "revoked", "compromised", "suspended", "released", "replaced" */
    struct str how, actor, receipt; /* actor absent: a program, or nobody signed in */
    uint32_t reason;
};
enum err certificates_history(struct tx *tx, const struct certificates_certificate *c,
                              struct certificates_event **out, size_t *n) MUST_CHECK;
