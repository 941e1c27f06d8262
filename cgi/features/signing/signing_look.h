/*
 * signing_look.h - what a person sees of a document before signing it: pages, their pictures,
 * warnings, empty signature fields, and the exact result. Part of signing.h; works after
 * signing_setup(). Nothing here changes a document.
 */
#pragma once

#include "features/signing/signing_service.h"

struct signing_request;

enum { SIGNING_LOOK_PAGES = 500 }; /* pages whose pictures are offered */
/* A picture of a larger document is drawn one at a time: the renderer has a copy of it in memory.
 */
enum { SIGNING_LOOK_LARGE = 32 << 20 };

struct signing_look_page {
    unsigned number;
    double width, height; /* points as displayed */
};

struct signing_look_warning {
    const char *code, *text; /* of pdf_warnings_known; the text is one of the catalogue */
    unsigned page, found;
    struct str detail;
};

/* An empty signature field that can be filled in. */
struct signing_look_field {
    struct str name;
    bool visible; /* it has a place on a page of its own */
};

struct signing_look {
    unsigned pages;  /* of the document */
    bool encrypted;  /* opened with a password, empty or not */
    bool certified;  /* by an earlier signature */
    bool signatures; /* there are some */
    bool damaged;    /* refused, and signing_look_repair() may help */
    /* reason code why it cannot be signed as it is: a pdf-* reason when it could not be opened
     * (then the rest is empty), else certified-no-changes ...; empty: it can */
    struct str refused;
    struct signing_look_page *page; /* at most SIGNING_LOOK_PAGES */
    size_t page_n;
    struct signing_look_warning *warning;
    size_t warning_n;
    struct signing_look_field *field;
    size_t field_n;
};

/*
 * Look into the current version. `password` NULL: none. Only what is our own fault is an error; a
 * document that cannot be read is E_OK with out->refused.
 */
enum err signing_look_document(struct tx *tx, const struct signing_document *d,
                               const struct secret *password, struct signing_look *out) MUST_CHECK;

/* Its pages alone: nothing is searched. Errors of pdf_read_open(). */
enum err signing_look_pages(struct tx *tx, const struct signing_document *d,
                            const struct secret *password, struct signing_look *out) MUST_CHECK;

/*
 * Repair a damaged, unsigned document: what can be read of it becomes a new document of the same
 * name, and the damaged one is erased. The person said so. Errors of pdf_repair(), and those of
 * storing. Writes its audit rows.
 */
enum err signing_look_repair(struct tx *tx, struct signing_owner owner,
                             const struct signing_document *d, const struct secret *password,
                             const struct audit_by *by, struct timestamp now,
                             struct signing_document *out) MUST_CHECK;

/* The picture of a page as PNG. Errors of render_client_page(). */
enum err signing_look_picture(struct tx *tx, const struct signing_document *d,
                              const struct secret *password, unsigned page, unsigned width,
                              struct buf *png) MUST_CHECK;

/* The same of what signing as `rq` says would make of it. Refusals as for signing. */
enum err signing_look_preview(struct tx *tx, const struct signing_document *d,
                              const struct signing_request *rq, unsigned page, unsigned width,
                              struct buf *png) MUST_CHECK;

/*
 * A document's password on its way through the pages of one signature: sealed under the document's
 * own key, as text for a cookie. It opens nothing without the document, nor after its end.
 */
enum err signing_look_keep(struct tx *tx, const struct signing_document *d,
                           const struct secret *password, struct str *sealed) MUST_CHECK;
/* NULL where `sealed` is absent, of another document, or not ours: that is E_OK. */
enum err signing_look_kept(struct tx *tx, const struct signing_document *d, struct str sealed,
                           struct secret **password) MUST_CHECK;

/* --- placing --- */

/* Where on a page: a corner, an edge's middle, the middle; or exactly there. */
enum signing_anchor {
    SIGNING_AT_TOP_LEFT,
    SIGNING_AT_TOP,
    SIGNING_AT_TOP_RIGHT,
    SIGNING_AT_LEFT,
    SIGNING_AT_MIDDLE,
    SIGNING_AT_RIGHT,
    SIGNING_AT_BOTTOM_LEFT,
    SIGNING_AT_BOTTOM,
    SIGNING_AT_BOTTOM_RIGHT,
    SIGNING_AT_PLACE, /* x and y */
};

/* What is to be seen, and where; lengths in tenths of a millimetre of the page as displayed. */
struct signing_placement {
    struct str seal; /* public id; empty: captions alone */
    bool show_name, show_date, show_reason;
    bool japanese;        /* language of the date */
    unsigned first, last; /* pages from 1; first 0: nothing is to be seen */
    enum signing_anchor anchor;
    uint32_t x, y;          /* of its upper left corner from the page's; SIGNING_AT_PLACE alone */
    uint32_t width, height; /* 0: as large as such a seal usually is */
};

/* Width and height as they will be, those that are 0 filled in. */
void signing_look_size(struct signing_placement *p);

/*
 * Put the seal of ask->owner on each of the pages into ask->seals, its captions from `name`,
 * ask->reason and ask->now; lives as long as the transaction. E_ABSENT "seal-unknown"; E_INPUT
 * "seal-place", "seal-page", "seal-nothing" (neither a picture nor a caption), and those of seals.
 */
enum err signing_look_place(struct tx *tx, const struct signing_look *look, struct str name,
                            const struct signing_placement *p,
                            struct signing_request *ask) MUST_CHECK;
