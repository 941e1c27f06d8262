/* certificates_notice.h - notices before a certificate's end: who wants none. */
#pragma once

#include "features/certificates/certificates.h"

/* Stop, or begin again, notices about a certificate (0: all) to this person. */
enum err certificates_mute(struct tx *tx, const struct audit_by *by,
                           const struct certificates_who *who, struct certificate_id id, bool mute,
                           struct timestamp now) MUST_CHECK;
enum err certificates_muted(struct tx *tx, struct account_id account, struct certificate_id id,
                            bool *this_one, bool *all) MUST_CHECK;
