/* pdf_font_inside.h - what the two halves of pdf_font share. Not for anybody else. */
#pragma once

#include "sign/pdf_font.h"

#include <hb.h>

/* NULL while the font is missing. */
hb_face_t *pdf_font_face_of(enum pdf_font_face face);
hb_font_t *pdf_font_font_of(enum pdf_font_face face);
/* Font units to thousandths; only when the font is there. */
double pdf_font_scale(enum pdf_font_face face);
