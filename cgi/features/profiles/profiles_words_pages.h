/* profiles_words_pages.h - what a profile says, in words; for the pages of this slice. */
#pragma once

#include "features/profiles/profiles.h"
#include "http/page.h"
#include "http/req.h"

struct msg profiles_words_class(enum profiles_class class);
struct msg profiles_words_service(struct str service);
struct msg profiles_words_kind(enum profiles_kind kind);
/* Whether it takes applications. */
struct page_badge profiles_words_state(const struct profile *p);
/* Lists in one line, in the language of the page. */
struct str profiles_words_sources(struct req *rq, const struct profile *p);
struct str profiles_words_appliers(struct req *rq, const struct profile *p);
struct str profiles_words_purposes(struct req *rq, const struct profile *p);
struct str profiles_words_usages(struct req *rq, const struct profile *p);
struct str profiles_words_algs(struct req *rq, const struct profile *p);
struct str profiles_words_notices(struct req *rq, const struct profile *p);
/* Title, description, label: of the page's language. */
struct str profiles_words_of(struct req *rq, struct str ja, struct str en);
