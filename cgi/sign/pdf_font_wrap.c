/* pdf_font_wrap.c - see pdf_font_wrap.h. */
#include "sign/pdf_font_wrap.h"

/* JIS X 4051 classes, as far as business text has them. */
static const char no_start[] = "、。，．・：；？！゛゜ヽヾゝゞ々ー）〕］｝〉》」』】’”〟…‥％"
                               "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ),.:;?!]}%";
static const char no_end[] = "（〔［｛〈《「『【‘“〝([{￥＄$#＃";

static bool in_set(struct str set, uint32_t c)
{
    for (size_t at = 0; at < set.n;)
        if (utf8_next(set, &at) == c)
            return true;
    return false;
}

/* Characters between which a line may end without a space. */
static bool wide(uint32_t c)
{
    return (c >= 0x2e80 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xfe30 && c <= 0xfe4f) || (c >= 0xff00 && c <= 0xffef) || c >= 0x20000;
}

static bool may_break(uint32_t before, uint32_t behind)
{
    if (before == ' ' || before == 0x3000)
        return behind != ' ';
    if (behind == ' ' || before == 0)
        return false;
    if (before == '/' || before == '@' || before == '_' || before == '&')
        return !in_set(str_z(no_start), behind);
    if (!wide(before) && !wide(behind))
        return before == '-' && behind != '-' && !(behind >= '0' && behind <= '9');
    return !in_set(str_z(no_start), behind) && !in_set(str_z(no_end), before);
}

struct wrapping {
    struct arena *arena;
    struct pdf_font_line *lines;
    size_t n, cap;
};

static void add_line(struct wrapping *w, size_t from, size_t to, double width)
{
    if (w->n == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 8;
        struct pdf_font_line *grown = ARENA_ARRAY(w->arena, cap, struct pdf_font_line);
        if (w->n)
            memcpy(grown, w->lines, w->n * sizeof *grown);
        w->lines = grown;
        w->cap = cap;
    }
    w->lines[w->n++] = (struct pdf_font_line){ from, to, width };
}

/* One line from `from`; yields where the next one begins. */
static size_t take_line(struct wrapping *w, enum pdf_font_face face, struct str text, size_t from,
                        double width)
{
    size_t at = from, ink = from, good = 0, good_ink = 0;
    double x = 0, ink_x = 0, good_x = 0;
    uint32_t before = 0, code;

    while (at < text.n) {
        size_t here = at;
        uint32_t glyph = pdf_font_next(face, text, &at, &code);
        if (code == '\n') {
            add_line(w, from, ink, ink_x);
            return at;
        }
        if (may_break(before, code)) {
            good = here;
            good_ink = ink;
            good_x = ink_x;
        }
        x += pdf_font_advance(face, glyph);
        if (x > width + 0.01 && here > from && code != ' ') {
            if (good <= from) { /* nowhere to break: cut */
                add_line(w, from, ink, ink_x);
                return here;
            }
            add_line(w, from, good_ink, good_x);
            return good;
        }
        if (code != ' ' && code != 0x3000) {
            ink = at;
            ink_x = x;
        }
        before = code;
    }
    add_line(w, from, ink, ink_x);
    return at;
}

struct pdf_font_line *pdf_font_wrap(enum pdf_font_face face, struct str text, double width,
                                    struct arena *a, size_t *n)
{
    struct wrapping w = { .arena = a };

    for (size_t at = 0; at < text.n;)
        at = take_line(&w, face, text, at, width);
    if (w.n == 0)
        add_line(&w, 0, 0, 0);
    *n = w.n;
    return w.lines;
}
