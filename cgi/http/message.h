/*
 * message.h - the message catalogue: English is the source text, po/ja/<area>.po holds the
 * Japanese.
 *
 * Loaded once at start, constant afterwards. Texts are plain text: whoever puts them on a page
 * escapes them (templates do). A missing translation is a build error (tools/check-messages); at
 * run time the English text stands in.
 */
#pragma once

#include "base/str.h"

enum lang { LANG_JA, LANG_EN, LANG__MAX };

/* A text of the catalogue: the English words as written in the source. id NULL: no text. */
struct msg {
    const char *id;
};

/* Mark a literal for the catalogue. MSG() in expressions, MSG_INIT() in static initialisers. */
#define MSG(text) ((struct msg){ "" text })
#define MSG_INIT(text)                                                                             \
    {                                                                                              \
        "" text                                                                                    \
    }
/* The same word with two meanings: the context tells them apart (msgctxt in the .po file). */
#define MSG_CONTEXT(context, text) ((struct msg){ context "\004" text })

/* A value for {name} in a text. */
struct message_arg {
    const char *name;
    struct str value;
};
/* MESSAGE_ARGS({ "n", n }, { "max", m }): a list for message_fmt. */
#define MESSAGE_ARGS(...) ((const struct message_arg[]){ __VA_ARGS__, { NULL, { NULL, 0 } } })

/*
 * Read every .po file below `dir`/ja, replacing what was loaded. E_INPUT with file and line in the
 * detail: bad syntax, the same id twice with different texts, invalid UTF-8, {name}s that differ.
 */
enum err message_load(const char *dir) MUST_CHECK;
/* Release the catalogue (tests, end of program). */
void message_unload(void);

/* The text in that language; the English one when there is no translation. Lives as the catalogue.
 */
struct str message_text(enum lang lang, struct msg m);
/* The same for an id that is not NUL-terminated or comes from a template. */
struct str message_lookup(enum lang lang, struct str id);
/* With {name} replaced by the values; an unknown {name} stays as it is. In the arena. */
struct str message_fmt(struct arena *a, enum lang lang, struct msg m,
                       const struct message_arg *args);

/* "ja", "en": the lang attribute. */
const char *message_lang_code(enum lang lang);
/* The language for a code ("ja", "en"); false when it is neither. */
bool message_lang_from_code(struct str code, enum lang *out);
