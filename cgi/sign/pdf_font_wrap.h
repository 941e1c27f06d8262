/* pdf_font_wrap.h - lines of a given width: between words, and in Japanese between characters but
 * for what may not begin or end a line (禁則処理, JIS X 4051 in its basics). */
#pragma once

#include "sign/pdf_font.h"

struct pdf_font_line {
    size_t from, to; /* of the text, without spaces at the end */
    double width;    /* thousandths of the size */
};

/* Break at '\n' and where `width` (thousandths of the size) is reached; a word that is wider is
 * cut. At least one line, in the arena. */
struct pdf_font_line *pdf_font_wrap(enum pdf_font_face face, struct str text, double width,
                                    struct arena *a, size_t *n);
