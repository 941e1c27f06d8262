/*
 * pdf_font.h - the packaged Japanese fonts (IPAex Mincho and Gothic) and their embedding: subset by
 * HarfBuzz, as CIDFontType2 with Identity-H, ToUnicode and widths. Fonts are read once per process.
 */
#pragma once

#include "base/buf.h"

enum pdf_font_face { PDF_FONT_MINCHO, PDF_FONT_GOTHIC, PDF_FONT__FACES };

/*
 * Where the font files are: settings font.mincho and font.gothic. Maps them, so call it before the
 * sandbox closes. Without a call, or where a file is missing, Debian's paths are tried at first
 * use; where that fails too, what needs a font is refused with E_STATE seal-font.
 */
void pdf_font_setup(struct str mincho, struct str gothic);

/* Are the fonts there? E_STATE seal-font with the path in the detail. */
enum err pdf_font_ready(enum pdf_font_face face) MUST_CHECK;

/* --- measuring; 0 for everything while a font is missing --- */

/* The next character of text with its variation selector, as the glyph for it; *at moves behind
 * both. *code is 0 at the end; a glyph of 0 means that the font has none. */
uint32_t pdf_font_next(enum pdf_font_face face, struct str text, size_t *at, uint32_t *code);
/* Advance of a glyph, in thousandths of the size. */
double pdf_font_advance(enum pdf_font_face face, uint32_t glyph);
/* The form that a glyph has in vertical text (brackets, the long vowel mark). */
uint32_t pdf_font_vertical(enum pdf_font_face face, uint32_t code, uint32_t glyph);

/* --- outlines, in thousandths of the size, the base line at 0 --- */

struct pdf_font_pen {
    void (*move)(void *arg, double x, double y);
    void (*line)(void *arg, double x, double y);
    void (*curve)(void *arg, const double xy[6]);
    void (*close)(void *arg);
    void *arg;
};
void pdf_font_outline(enum pdf_font_face face, uint32_t glyph, const struct pdf_font_pen *pen);

/* --- embedding --- */

/* One embedded font in the making: the characters used so far get numbers from 1 (its CIDs). */
struct pdf_font_use {
    enum pdf_font_face face;
    struct arena *arena;
    struct pdf_font_used {
        uint32_t glyph, code;
    } * used;
    size_t n, cap;
    uint16_t *cid; /* by glyph */
    size_t cid_n;
};

struct pdf_font_use pdf_font_use_init(enum pdf_font_face face, struct arena *a);
/* The number to show in a content stream (two bytes, big endian) for that character. */
uint16_t pdf_font_use_add(struct pdf_font_use *u, uint32_t glyph, uint32_t code);

/* Where the objects go: an update, or a new file. */
struct pdf_font_sink {
    uint32_t (*new_id)(void *arg);
    void (*object)(void *arg, uint32_t id, struct str body);
    void (*stream)(void *arg, uint32_t id, struct str entries, struct bytes data);
    void *arg;
};

/* Write the font with what was used, as object `id`. */
enum err pdf_font_write(const struct pdf_font_use *u, const struct pdf_font_sink *sink,
                        uint32_t id) MUST_CHECK;
