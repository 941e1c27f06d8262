/*
 * pdf_seal_mark.h - drawn seals as outlines: a round or square frame, characters in vertical lines
 * from right to left, in the classical order. In a square of 1000, y upwards.
 */
#pragma once

#include "sign/pdf_font.h"
#include "sign/pdf_image.h"
#include "sign/pdf_seal.h"

/* Vermilion (朱), as red, green, blue from 0 to 1. */
#define PDF_SEAL_RED 0.820
#define PDF_SEAL_GREEN 0.165
#define PDF_SEAL_BLUE 0.110
/* Every outline is drawn over with a line of this width: hair lines of the letters survive print.
 */
#define PDF_SEAL_INK 9.0

/* E_INPUT seal-text-length, seal-text-glyph; E_STATE seal-font. */
enum err pdf_seal_mark_check(const struct pdf_look *look) MUST_CHECK;

/* Outlines to `pen`; `fill` after each shape that is filled by itself. */
void pdf_seal_mark_draw(const struct pdf_look *look, const struct pdf_font_pen *pen,
                        void (*fill)(void *arg));
/* Operators of a content stream. */
void pdf_seal_mark_content(const struct pdf_look *look, struct buf *out);
/* Pixels. */
enum err pdf_seal_mark_paint(const struct pdf_look *look, unsigned side,
                             struct pdf_image *out) MUST_CHECK;
