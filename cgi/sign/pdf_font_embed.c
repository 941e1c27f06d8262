/*
 * pdf_font_embed.c - see pdf_font.h: a subset as PDF objects (ISO 32000-2 9.7.4, 9.9, 9.10.3). The
 * characters are numbered in the order of their use, so that content streams can be written before
 * the subset is made; /CIDToGIDMap leads from there to the glyphs of the subset.
 */
#include "sign/pdf_font_inside.h"

#include "base/crypto.h"
#include "sign/pdf_flate.h"

#include <hb-subset.h>

#define FONT_MAX (4u << 20)

static const char *const names[PDF_FONT__FACES] = { "IPAexMincho", "IPAexGothic" };

struct pdf_font_use pdf_font_use_init(enum pdf_font_face face, struct arena *a)
{
    return (struct pdf_font_use){ .face = face, .arena = a };
}

uint16_t pdf_font_use_add(struct pdf_font_use *u, uint32_t glyph, uint32_t code)
{
    if (u->cid == NULL) {
        hb_face_t *f = pdf_font_face_of(u->face);
        u->cid_n = f ? hb_face_get_glyph_count(f) : 0;
        u->cid = ARENA_ARRAY(u->arena, u->cid_n, uint16_t);
    }
    if (glyph >= u->cid_n || u->n >= UINT16_MAX)
        return 0;
    if (u->cid[glyph])
        return u->cid[glyph];
    if (u->n == u->cap) {
        size_t cap = u->cap ? u->cap * 2 : 64;
        struct pdf_font_used *grown = ARENA_ARRAY(u->arena, cap, struct pdf_font_used);
        if (u->n)
            memcpy(grown, u->used, u->n * sizeof *grown);
        u->used = grown;
        u->cap = cap;
    }
    u->used[u->n++] = (struct pdf_font_used){ glyph, code };
    return u->cid[glyph] = (uint16_t)u->n;
}

/* "ABCDEF+Name": the tag follows from what is in the subset (9.9.2). */
static struct str font_name(const struct pdf_font_use *u)
{
    struct bytes32 d = sha256((struct bytes){ (const uint8_t *)u->used, u->n * sizeof *u->used });
    char tag[7] = "";
    for (int i = 0; i < 6; i++)
        tag[i] = (char)('A' + d.b[i] % 26);
    return str_fmt(u->arena, "%s+%s", tag, names[u->face]);
}

/* Tables that a PDF does not use, and that would only make the file larger. */
static void drop_tables(hb_subset_input_t *in)
{
    static const char *const drop[] = { "GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx",
                                        "name", "post", "OS/2", "cmap", "gasp", "VDMX", "DSIG" };
    hb_set_t *set = hb_subset_input_set(in, HB_SUBSET_SETS_DROP_TABLE_TAG);
    for (size_t i = 0; i < sizeof drop / sizeof *drop; i++)
        hb_set_add(set, hb_tag_from_string(drop[i], -1));
}

/* The font program, and by CID the two bytes of its glyph in it. */
static enum err make_subset(const struct pdf_font_use *u, struct buf *program, struct buf *map)
{
    hb_subset_input_t *in = hb_subset_input_create_or_fail();
    hb_subset_plan_t *plan = NULL;
    hb_face_t *face = NULL;
    hb_blob_t *blob = NULL;
    enum err e = FAIL(E_INTERNAL, "", "subset of %s", names[u->face]);
    unsigned n = 0;

    if (in == NULL)
        return e;
    for (size_t i = 0; i < u->n; i++)
        hb_set_add(hb_subset_input_glyph_set(in), u->used[i].glyph);
    drop_tables(in);
    hb_subset_input_set_flags(in, HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
    plan = hb_subset_plan_create_or_fail(pdf_font_face_of(u->face), in);
    face = plan ? hb_subset_plan_execute_or_fail(plan) : NULL;
    if (face) {
        blob = hb_face_reference_blob(face);
        const char *p = hb_blob_get_data(blob, &n);
        buf_add(program, p, n);
        const hb_map_t *to = hb_subset_plan_old_to_new_glyph_mapping(plan);
        buf_add(map, "\0\0", 2);
        for (size_t i = 0; i < u->n; i++) {
            hb_codepoint_t g = hb_map_get(to, u->used[i].glyph);
            buf_add(map, (uint8_t[]){ (uint8_t)(g >> 8), (uint8_t)g }, 2);
        }
        if (n > 0 && buf_ok(program) && buf_ok(map))
            e = E_OK;
    }
    hb_blob_destroy(blob);
    hb_face_destroy(face);
    hb_subset_plan_destroy(plan);
    hb_subset_input_destroy(in);
    return e;
}

static void utf16_hex(struct buf *b, uint32_t c)
{
    if (c >= 0x10000)
        buf_fmt(b, "%04X%04X", 0xd800 | ((c - 0x10000) >> 10), 0xdc00 | ((c - 0x10000) & 0x3ff));
    else
        buf_fmt(b, "%04X", c);
}

/* 9.10.3; at most 100 lines in a block. */
static void to_unicode(const struct pdf_font_use *u, struct buf *b)
{
    buf_add_z(b, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                 "/CIDSystemInfo <</Registry (Adobe)/Ordering (UCS)/Supplement 0>> def\n"
                 "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                 "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    for (size_t i = 0; i < u->n; i++) {
        size_t left = u->n - i;
        if (i % 100 == 0)
            buf_fmt(b, "%zu beginbfchar\n", left < 100 ? left : 100);
        buf_fmt(b, "<%04zX> <", i + 1);
        utf16_hex(b, u->used[i].code);
        buf_add_z(b, ">\n");
        if (i % 100 == 99 || left == 1)
            buf_add_z(b, "endbfchar\n");
    }
    buf_add_z(b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
}

static void widths(const struct pdf_font_use *u, struct buf *b)
{
    buf_add_z(b, "/DW 1000/W[1[");
    for (size_t i = 0; i < u->n; i++)
        buf_fmt(b, "%s%.0f", i ? " " : "", pdf_font_advance(u->face, u->used[i].glyph));
    buf_add_z(b, "]]");
}

static enum err put_stream(const struct pdf_font_sink *sink, uint32_t id, const char *entries,
                           struct bytes data)
{
    struct buf packed = buf_init(FONT_MAX);
    char head[80];
    enum err e = pdf_flate(data, &packed);

    (void)snprintf(head, sizeof head, "/Filter/FlateDecode%s", entries);
    if (e == E_OK)
        sink->stream(sink->arg, id, str_z(head), buf_bytes(&packed));
    buf_free(&packed);
    return e;
}

/* 9.8: the figures of the face, symbolic as no standard encoding is used. */
static struct str descriptor(const struct pdf_font_use *u, struct str name, uint32_t file)
{
    double k = pdf_font_scale(u->face);
    hb_font_extents_t x = { 0 };
    hb_font_get_h_extents(pdf_font_font_of(u->face), &x);
    return str_fmt(u->arena,
                   "<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[-1000 -400 2000 1100]"
                   "/ItalicAngle 0/Ascent %.0f/Descent %.0f/CapHeight 740/StemV %d/FontFile2 %u 0 "
                   "R>>",
                   name.p, x.ascender * k, x.descender * k, u->face == PDF_FONT_GOTHIC ? 90 : 60,
                   file);
}

enum err pdf_font_write(const struct pdf_font_use *u, const struct pdf_font_sink *sink, uint32_t id)
{
    struct buf program = buf_init(FONT_MAX), map = buf_init(FONT_MAX), text = buf_init(FONT_MAX),
               body = buf_init(FONT_MAX);
    uint32_t file = 0, about = 0, cid = 0, to = 0, unicode = 0;
    uint32_t *const numbers[] = { &file, &about, &cid, &to, &unicode };
    struct str name = font_name(u);
    char length[40];
    enum err e = pdf_font_ready(u->face);

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = sink->new_id(sink->arg);
    if (e == E_OK)
        e = make_subset(u, &program, &map);
    if (e != E_OK)
        goto out;
    to_unicode(u, &text);
    (void)snprintf(length, sizeof length, "/Length1 %zu", program.n);
    if ((e = put_stream(sink, file, length, buf_bytes(&program))) != E_OK ||
        (e = put_stream(sink, to, "", buf_bytes(&map))) != E_OK ||
        (e = put_stream(sink, unicode, "", buf_bytes(&text))) != E_OK)
        goto out;
    sink->object(sink->arg, about, descriptor(u, name, file));
    buf_fmt(&body,
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)"
            "/Ordering(Identity)/Supplement 0>>/FontDescriptor %u 0 R/CIDToGIDMap %u 0 R",
            name.p, about, to);
    widths(u, &body);
    buf_add_z(&body, ">>");
    sink->object(sink->arg, cid, buf_str(&body));
    sink->object(sink->arg, id,
                 str_fmt(u->arena,
                         "<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H"
                         "/DescendantFonts[%u 0 R]/ToUnicode %u 0 R>>",
                         name.p, cid, unicode));
    e = buf_ok(&body) && buf_ok(&text) ? E_OK : FAIL(E_LIMIT, "", "font of %zu glyphs", u->n);
out:
    buf_free(&program);
    buf_free(&map);
    buf_free(&text);
    buf_free(&body);
    return e;
}
