/*
 * pdf_seal.h - visible seals (印影): an uploaded picture, or a red seal drawn from a name, with
 * optional captions. Everything is in the form XObject of the widget's or stamp's /AP /N; the
 * page's own content is never touched. Captions are real text in an embedded subset of the fonts of
 * pdf_font.h; drawn seals are outlines.
 *
 * Reasons, all E_INPUT unless said: seal-kind, seal-image-absent, seal-image-kind (neither PNG nor
 * JPEG), seal-image-damaged, seal-image-color (CMYK, 12 bits, arithmetic
 * coding), seal-image-blank (nothing in it is visible), seal-text-length, seal-text-glyph,
 * seal-caption (too long), seal-caption-room, seal-place (not a rectangle on the page),
 * seal-place-large; E_LIMIT
 * seal-image-bytes, seal-image-pixels, seal-image-complex; E_STATE seal-font (fonts are missing).
 */
#pragma once

#include "sign/pdf_append.h"
#include "sign/pdf_font.h"

enum pdf_seal_kind {
    PDF_SEAL_IMAGE,
    PDF_SEAL_ROUND,  /* drawn: 1 to 4 characters */
    PDF_SEAL_SQUARE, /* drawn: 1 to 9 characters */
    PDF_SEAL_TEXT    /* captions alone */
};

enum {
    PDF_SEAL_ROUND_MAX = 4,
    PDF_SEAL_SQUARE_MAX = 9,    /* characters */
    PDF_SEAL_CAPTION_MAX = 200, /* characters of each caption */
};

/* What a seal looks like. Strings and bytes are borrowed. */
struct pdf_look {
    enum pdf_seal_kind kind;
    struct bytes image;            /* PNG or JPEG */
    struct str text;               /* of a drawn seal */
    struct str name, reason, date; /* captions, each left out when absent */
};

/*
 * Where: points (1/72 inch) of the page as it is displayed, that is after /Rotate, origin at the
 * lower left of the crop box, UserUnit applied.
 */
struct pdf_seal_place {
    unsigned page; /* 1-based */
    double x, y, width, height;
    const struct pdf_look *look;
};

/* Is it a look that can be drawn? Decodes the image in full. */
enum err pdf_seal_check(const struct pdf_look *look) MUST_CHECK;

/* What places with one look share within one update; all zero to begin with. */
struct pdf_seal_shared {
    const struct pdf_look *look;
    uint32_t image, font; /* objects, 0: not written */
    double aspect;        /* width of the mark by its height */
    struct str mark;      /* operators of a drawn seal, in a square of 1000 */
    struct pdf_font_use use;
};

/*
 * In the update being written: the appearance (a form XObject, its number in *appearance) for that
 * place on `page`, and the /Rect to write for the annotation. `shared` (NULL: nothing is shared)
 * carries image and font from place to place while they have the same look. The picture keeps its
 * proportions; captions wrap and shrink until they fit, and are refused (seal-caption-room) when
 * they would be unreadably small. A seal covers at most a quarter of the page (seal-place-large).
 */
enum err pdf_seal_write(struct pdf_append *w, const struct pdf_seal_place *place,
                        struct pdf_read_ref page, struct pdf_seal_shared *shared,
                        uint32_t *appearance, double rect[4]) MUST_CHECK;

/*
 * The mark without captions as a PNG with transparency, at most `side` (16 to 1024) pixels wide and
 * high: for lists, for placing by hand, and as the live result while a seal is being designed.
 */
enum err pdf_seal_preview(const struct pdf_look *look, unsigned side, struct buf *png) MUST_CHECK;
