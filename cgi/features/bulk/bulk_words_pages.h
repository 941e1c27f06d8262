/* bulk_words_pages.h - the catalogue's side of bulk_words.h. */
#pragma once

#include "features/bulk/bulk_words.h"

struct str bulk_words_pages(struct arena *a, struct str lang, enum bulk_word word,
                            const struct bulk_values *v);
