/* message_po.h - reads gettext .po files: msgctxt, msgid, msgstr; no plurals. */
#pragma once

#include "base/str.h"

/* One translated entry; `id` has "context\004" in front when there is a msgctxt. */
struct message_po_entry {
    struct str id, text; /* text empty: not translated (or marked fuzzy) */
    const char *file;
    uint32_t line;
};

/*
 * Call `take` for each entry but the header. E_INPUT with file:line in the detail on bad syntax or
 * invalid UTF-8, and whatever `take` returns.
 */
enum err message_po_read(struct arena *a, const char *file, struct str contents,
                         enum err (*take)(void *arg, const struct message_po_entry *entry),
                         void *arg) MUST_CHECK;
