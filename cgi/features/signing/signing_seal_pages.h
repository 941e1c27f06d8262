/* signing_seal_pages.h - what the pages of seals and of placements share. */
#pragma once

#include "features/signing/signing_reasons_pages.h"
#include "features/signing/signing_seal.h"

/* Whose seals a page is about; the organisation's only for its administrators. */
enum signing_seal_of { SIGNING_SEAL_MINE, SIGNING_SEAL_ORGANISATIONS };
extern const struct choice signing_seal_of_words[];

/* E_DENIED when the organisation's are asked for by somebody else. */
enum err signing_seal_owner(struct req *rq, int of, struct signing_owner *out) MUST_CHECK;
/* A path of these pages, "?of=organisation" behind it where that is the case. */
struct str signing_seal_path(struct req *rq, int of, const char *path);

extern const struct view signing_seals_view, signing_seal_new_view, signing_seal_view,
    signing_seal_delete_view, signing_templates_view, signing_template_view;
