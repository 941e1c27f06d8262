/* signing_verify_view_pages.h - the verifier's findings in words, for the page and the report. */
#pragma once

#include "features/signing/signing_reasons_pages.h"

/* The page: with what was found about that file, or with the form alone when `v` is NULL. */
enum err signing_verify_view_show(struct req *rq, struct resp *rs, struct str filename,
                                  const struct signing_verification *v) MUST_CHECK;

/* LOOK section 5: valid, cannot be judged, invalid; a verdict never says more than is proven. */
struct page_badge signing_verify_badge(struct str verdict);

/* A verdict on a whole file: tone of the page ("valid", "unknown", "invalid"), and two sentences.
 */
struct signing_verdict_words {
    const char *tone;
    struct msg verdict, meaning;
};
struct signing_verdict_words signing_verify_words(struct str verdict);
/* "good", "revoked" ... of a certificate in words. */
struct msg signing_verify_revocation(struct str word);
/* What a service list says, in words; id NULL when it says nothing. */
struct msg signing_verify_mark_words(const struct signing_verify_mark *m);
/* One change after a signature as a sentence. */
struct str signing_verify_change_words(struct arena *a, enum lang lang,
                                       const struct signing_verify_change *c);
/* What a signature covers, as a sentence. */
struct msg signing_verify_coverage(const struct signing_verify_signature *s);
