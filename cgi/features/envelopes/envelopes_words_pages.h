/* envelopes_words_pages.h - the catalogue's side of envelopes_words.h, for the programs that write
 * mails and reports. */
#pragma once

#include "features/envelopes/envelopes_words.h"
#include "http/message.h"

struct str envelopes_words_pages(struct arena *a, struct str lang, enum envelopes_word word,
                                 const struct envelopes_values *v);
struct str envelopes_words_event(struct str lang, struct str what);
/* "sent" ... as a text of the catalogue. */
struct msg envelopes_words_what(struct str what);
