/*
 * pdf_repair.h - rewrites a damaged PDF, so that it can be signed: only what is unsigned, and only
 * on the person's word, as the file is another one afterwards.
 */
#pragma once

#include "sign/pdf_read.h"

/*
 * The document as qpdf can recover it, written anew from the first byte into `out` (its max is the
 * limit); encryption and password stay. Readable afterwards, with at least one page. Refused:
 * E_STATE "repair-signed" (a signature would break), "repair-needless" (it can be signed as it is);
 * E_INPUT "repair-failed" (nothing to be recovered), pdf-truncated (part of it is missing),
 * pdf-empty, pdf-not, pdf-password-*; E_UNSUPPORTED pdf-encrypted; E_LIMIT pdf-too-large,
 * pdf-too-complex; and what the source fails with.
 */
enum err pdf_repair(const struct pdf_source *source, const struct secret *password, struct arena *a,
                    struct buf *out) MUST_CHECK;

/* Is that the reason of a refusal that pdf_repair() may help with? */
bool pdf_repair_helps(const char *reason);
