/*
 * signing_look.h - what a person sees of a document before signing it: pages, their pictures,
 * warnings, empty signature fields, and the exact result. Part of signing.h; works after
 * signing_setup(). Nothing here changes a document.
 */
#pragma once

#include "features/signing/signing_service.h"

enum { SIGNING_LOOK_PAGES = 500 }; /* pages whose pictures are offered */

struct signing_look_page {
    unsigned number;
    double width, height; /* points as displayed */
};

struct signing_look_warning {
    const char *code, *text; /* of pdf_warnings_known; the text is a catalogue text */
    unsigned page, found;
    struct str detail;
};

struct signing_look_field {
    struct str name;
    unsigned page;              /* 0: nowhere to be seen */
    double x, y, width, height; /* points as displayed, from the lower left */
};

struct signing_look {
    unsigned pages;      /* of the document */
    bool encrypted;      /* opened with a password, empty or not */
    int certified;       /* DocMDP permission of a certification that is there; 0: none */
    unsigned signatures; /* filled signature fields */
    struct str refused;  /* reason code why nothing can be signed; empty: it can */
    struct signing_look_page *page;
    size_t page_n;
    struct signing_look_warning *warning;
    size_t warning_n;
    struct signing_look_field *field; /* empty signature fields */
    size_t field_n;
};

/*
 * Look into the current version; pages from number `first`, at most `max`. `password` NULL: none.
 * Errors of pdf_read_open(): "pdf-encrypted" when the password is missing or wrong,
 * "pdf-damaged"...
 */
enum err signing_look_document(struct tx *tx, const struct signing_document *d,
                               const struct secret *password, unsigned first, unsigned max,
                               struct signing_look *out) MUST_CHECK;

/* The picture of a page as PNG. Errors of render_client_page(). */
enum err signing_look_picture(struct tx *tx, const struct signing_document *d,
                              const struct secret *password, unsigned page, unsigned width,
                              struct buf *png) MUST_CHECK;
