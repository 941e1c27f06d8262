/*
 * pdf_warnings.h - what a person should know about a file before signing it: parts that act, hide,
 * come from elsewhere or may look different later (shadow attacks). A warning refuses nothing; it
 * says in a sentence what was found. Files as word processors write them give none.
 */
#pragma once

#include "base/secret.h"
#include "sign/pdf_read.h"

struct pdf_warning {
    const char *code;  /* stable: "script", "hidden-layers" ...; see pdf_warnings_known */
    const char *text;  /* English sentence, a catalogue text */
    unsigned page;     /* from 1; 0: the document as a whole */
    unsigned found;    /* how many of the kind */
    struct str detail; /* what it names (a URI, a field), cut; absent where there is nothing */
};

/* All that can be said, the heaviest first; ends with a NULL code. */
struct pdf_warnings_text {
    const char *code, *text;
};
extern const struct pdf_warnings_text pdf_warnings_known[];

/*
 * Warnings of an open document (`password` as it was opened with), each code at most once, in the
 * arena. E_INPUT pdf-damaged, E_LIMIT
 * pdf-too-complex when the document cannot be gone through.
 */
enum err pdf_warnings(struct pdf_read *d, const struct secret *password, struct arena *a,
                      struct pdf_warning **out, size_t *n) MUST_CHECK;
