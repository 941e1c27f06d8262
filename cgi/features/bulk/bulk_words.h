/* bulk_words.h - words of mails, that the pages' side has and the worker needs. */
#pragma once

#include "base/str.h"

enum bulk_word { BULK_WORD_SUBJECT, BULK_WORD_TEXT, BULK_WORD__MAX };

struct bulk_values {
    struct str provider, done, failed, waiting, link;
};

/* The words in a language, "ja" or "en". */
typedef struct str (*bulk_words_fn)(struct arena *a, struct str lang, enum bulk_word word,
                                    const struct bulk_values *v);
