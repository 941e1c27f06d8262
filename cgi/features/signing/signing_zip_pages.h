/* signing_zip_pages.h - one ZIP of several documents, for the pages of this slice. */
#pragma once

#include "base/str.h"

struct req;
struct resp;

/* Answer with the owner's documents of those public ids. E_ABSENT, E_STATE as for a single one. */
enum err signing_zip_answer(struct req *rq, struct resp *rs, const struct str *ids,
                            size_t n) MUST_CHECK;
