/* pdf_font.c - see pdf_font.h: reading and measuring. */
#include "sign/pdf_font.h"

#include "sign/pdf_font_inside.h"

#define DEBIAN "/usr/share/fonts/opentype/"
#define PATH_SIZE 512

/* One per process; programs are single-threaded. */
static struct {
    char path[PATH_SIZE];
    hb_face_t *face;
    hb_font_t *font;
} fonts[PDF_FONT__FACES] = { { .path = DEBIAN "ipaexfont-mincho/ipaexm.ttf" },
                             { .path = DEBIAN "ipaexfont-gothic/ipaexg.ttf" } };

static void set_path(enum pdf_font_face face, struct str path)
{
    if (str_empty(path) || path.n >= PATH_SIZE || str_eq_z(path, fonts[face].path))
        return;
    memcpy(fonts[face].path, path.p, path.n + 1);
    hb_font_destroy(fonts[face].font);
    hb_face_destroy(fonts[face].face);
    fonts[face].font = NULL;
    fonts[face].face = NULL;
}

void pdf_font_setup(struct str mincho, struct str gothic)
{
    set_path(PDF_FONT_MINCHO, mincho);
    set_path(PDF_FONT_GOTHIC, gothic);
    for (int i = 0; i < PDF_FONT__FACES; i++)
        if (pdf_font_ready((enum pdf_font_face)i) != E_OK)
            fault_clear(); /* told when a seal is asked for */
}

enum err pdf_font_ready(enum pdf_font_face face)
{
    hb_blob_t *blob;

    if (fonts[face].font)
        return E_OK;
    blob = hb_blob_create_from_file_or_fail(fonts[face].path);
    if (blob == NULL)
        return FAIL(E_STATE, "seal-font", "%s cannot be read", fonts[face].path);
    hb_face_t *f = hb_face_create(blob, 0);
    hb_blob_destroy(blob);
    if (hb_face_get_glyph_count(f) == 0 || hb_face_get_upem(f) == 0) {
        hb_face_destroy(f);
        return FAIL(E_STATE, "seal-font", "%s is not a font", fonts[face].path);
    }
    fonts[face].face = f;
    fonts[face].font = hb_font_create(f);
    return E_OK;
}

hb_face_t *pdf_font_face_of(enum pdf_font_face face)
{
    return pdf_font_ready(face) == E_OK ? fonts[face].face : NULL;
}

hb_font_t *pdf_font_font_of(enum pdf_font_face face)
{
    return pdf_font_ready(face) == E_OK ? fonts[face].font : NULL;
}

double pdf_font_scale(enum pdf_font_face face)
{
    return 1000.0 / hb_face_get_upem(fonts[face].face);
}

static bool is_selector(uint32_t c)
{
    return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

uint32_t pdf_font_next(enum pdf_font_face face, struct str text, size_t *at, uint32_t *code)
{
    hb_font_t *font = pdf_font_font_of(face);
    hb_codepoint_t glyph = 0;
    uint32_t selector = 0;
    size_t behind;

    *code = utf8_next(text, at);
    behind = *at;
    if (*code && *at < text.n && is_selector(selector = utf8_next(text, &behind)))
        *at = behind;
    else
        selector = 0;
    if (font == NULL || *code == 0)
        return 0;
    if (selector && hb_font_get_variation_glyph(font, *code, selector, &glyph))
        return glyph;
    return hb_font_get_nominal_glyph(font, *code, &glyph) ? glyph : 0;
}

double pdf_font_advance(enum pdf_font_face face, uint32_t glyph)
{
    hb_font_t *font = pdf_font_font_of(face);
    return font ? hb_font_get_glyph_h_advance(font, glyph) * pdf_font_scale(face) : 0;
}

uint32_t pdf_font_vertical(enum pdf_font_face face, uint32_t code, uint32_t glyph)
{
    hb_font_t *font = pdf_font_font_of(face);
    hb_buffer_t *b;
    unsigned n = 0;

    if (font == NULL)
        return glyph;
    b = hb_buffer_create();
    hb_buffer_add_utf32(b, &code, 1, 0, 1);
    hb_buffer_set_direction(b, HB_DIRECTION_TTB);
    hb_buffer_set_script(b, HB_SCRIPT_HAN);
    hb_buffer_set_language(b, hb_language_from_string("ja", -1));
    hb_shape(font, b, NULL, 0);
    hb_codepoint_t plain = 0;
    const hb_glyph_info_t *info = hb_buffer_get_glyph_infos(b, &n);
    /* a variation selector chose another glyph: that one has no vertical form of its own */
    if (n == 1 && hb_font_get_nominal_glyph(font, code, &plain) && plain == glyph)
        glyph = info[0].codepoint;
    hb_buffer_destroy(b);
    return glyph;
}

/* HarfBuzz's pen to ours, scaled. */
struct drawing {
    const struct pdf_font_pen *pen;
    double k;
};

static void on_move(hb_draw_funcs_t *f, void *data, hb_draw_state_t *st, float x, float y,
                    void *user)
{
    const struct drawing *d = data;
    (void)f, (void)st, (void)user;
    d->pen->move(d->pen->arg, (double)x * d->k, (double)y * d->k);
}

static void on_line(hb_draw_funcs_t *f, void *data, hb_draw_state_t *st, float x, float y,
                    void *user)
{
    const struct drawing *d = data;
    (void)f, (void)st, (void)user;
    d->pen->line(d->pen->arg, (double)x * d->k, (double)y * d->k);
}

static void on_curve(hb_draw_funcs_t *f, void *data, hb_draw_state_t *st, float x1, float y1,
                     float x2, float y2, float x, float y, void *user)
{
    const struct drawing *d = data;
    double k = d->k;
    (void)f, (void)st, (void)user;
    d->pen->curve(d->pen->arg, (double[]){ (double)x1 * k, (double)y1 * k, (double)x2 * k,
                                           (double)y2 * k, (double)x * k, (double)y * k });
}

static void on_close(hb_draw_funcs_t *f, void *data, hb_draw_state_t *st, void *user)
{
    const struct drawing *d = data;
    (void)f, (void)st, (void)user;
    d->pen->close(d->pen->arg);
}

void pdf_font_outline(enum pdf_font_face face, uint32_t glyph, const struct pdf_font_pen *pen)
{
    hb_font_t *font = pdf_font_font_of(face);
    static hb_draw_funcs_t *funcs; /* quadratic curves become cubic ones by themselves */

    if (font == NULL)
        return;
    if (funcs == NULL) {
        funcs = hb_draw_funcs_create();
        hb_draw_funcs_set_move_to_func(funcs, on_move, NULL, NULL);
        hb_draw_funcs_set_line_to_func(funcs, on_line, NULL, NULL);
        hb_draw_funcs_set_cubic_to_func(funcs, on_curve, NULL, NULL);
        hb_draw_funcs_set_close_path_func(funcs, on_close, NULL, NULL);
        hb_draw_funcs_make_immutable(funcs);
    }
    struct drawing d = { pen, pdf_font_scale(face) };
    hb_font_get_glyph_shape(font, glyph, funcs, &d);
}
