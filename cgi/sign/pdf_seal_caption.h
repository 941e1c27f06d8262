/* pdf_seal_caption.h - name, reason and date beside a seal: sizes and lines that fit their box. */
#pragma once

#include "sign/pdf_font_wrap.h"
#include "sign/pdf_seal.h"

enum { PDF_SEAL_LINES_MAX = 60 };

struct pdf_seal_box {
    double x, y, width, height;
};

struct pdf_seal_captions {
    double size, x, y; /* of the letters; the first base line's beginning */
    double leading;
    struct pdf_seal_caption_line {
        struct str text;
        size_t from, to;
    } line[PDF_SEAL_LINES_MAX];
    size_t n;
};

/* Captions that are there. E_INPUT seal-caption: too long, or line ends in it. */
enum err pdf_seal_caption_check(const struct pdf_look *look, size_t *n) MUST_CHECK;
/* The largest size at which all fit; in the middle of the box's height. E_INPUT seal-caption-room.
 */
enum err pdf_seal_caption_layout(const struct pdf_look *look, const struct pdf_seal_box *box,
                                 struct arena *a, struct pdf_seal_captions *out) MUST_CHECK;
