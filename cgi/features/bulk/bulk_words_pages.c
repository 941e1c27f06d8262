/* bulk_words_pages.c - words of mails; see bulk_words.h. */
#include "features/bulk/bulk_words_pages.h"

#include "http/message.h"

static const struct msg words[BULK_WORD__MAX] = {
    [BULK_WORD_SUBJECT] = MSG_INIT("Your file is done"),
    [BULK_WORD_TEXT] = MSG_INIT(
        "The file that you uploaded is done.\n\nRows done: {done}\nRows not done: {failed}\nRows "
        "waiting for another person: {waiting}\n\n{link}\n\nBehind the link are the outcome of "
        "each row and the result file. Rows that failed can be tried again there.\n\nThis mail was "
        "sent by {provider}.\n"),
};

struct str bulk_words_pages(struct arena *a, struct str lang, enum bulk_word word,
                            const struct bulk_values *v)
{
    enum lang l = str_eq_z(lang, "en") ? LANG_EN : LANG_JA;

    return message_fmt(a, l, words[word],
                       MESSAGE_ARGS({ "done", v->done }, { "failed", v->failed },
                                    { "waiting", v->waiting }, { "link", v->link },
                                    { "provider", v->provider }));
}
