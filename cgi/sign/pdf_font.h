/*
 * pdf_font.h - the packaged Japanese fonts (IPAex Mincho and Gothic) and their embedding: subset by
 * HarfBuzz, as CIDFontType2 with Identity-H, ToUnicode and widths. Fonts are read once per process.
 */
#pragma once

#include "base/str.h"

enum pdf_font_face { PDF_FONT_MINCHO, PDF_FONT_GOTHIC };

/*
 * Where the font files are: settings font.mincho and font.gothic. Maps them, so call it before the
 * sandbox closes. Without a call, or where a file is missing, Debian's paths are tried at first
 * use; where that fails too, what needs a font is refused with E_STATE seal-font.
 */
void pdf_font_setup(struct str mincho, struct str gothic);

/* Are the fonts there? E_STATE seal-font with the path in the detail. */
enum err pdf_font_ready(enum pdf_font_face face) MUST_CHECK;
