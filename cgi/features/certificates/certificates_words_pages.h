/* certificates_words_pages.h - the catalogue's words for states, reasons, changes and mails. */
#pragma once

#include "features/certificates/certificates.h"
#include "http/page.h"

/* A certificates_words_fn. */
void certificates_words_pages(struct arena *a, struct str lang, enum certificates_mail which,
                              const struct certificates_values *v, struct str *subject,
                              struct str *text);

/* Valid, suspended, revoked, expired, replaced (and still valid) ... */
struct page_badge certificates_words_state(enum authority_state state, struct timestamp not_after,
                                           bool replaced, struct timestamp now);
struct msg certificates_words_reason(uint32_t reason);
/* What a reason means, for the form. */
struct msg certificates_words_meaning(uint32_t reason);
/* A line of the history, and by which way it came. */
struct msg certificates_words_kind(struct str kind);
struct msg certificates_words_how(struct str how);
/* An extended key usage; id NULL when it is not known. */
struct msg certificates_words_eku(struct str oid);
/* The words for a reason code of the rules; false when there are none. */
bool certificates_words_code(const char *code, struct msg *text);
