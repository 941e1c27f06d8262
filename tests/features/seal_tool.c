/*
 * seal_tool.c - files with seals for foreign judges.
 *
 *   seal_tool place DIR NAME ROTATE UNIT X Y W H KIND [TEXT [NAME REASON DATE]]
 *     writes DIR/NAME-before.pdf (two pages, displayed 400 x 600 points whatever ROTATE and UNIT)
 *     and DIR/NAME-after.pdf, with the seal on both pages; KIND is round, square, text, png (four
 *     quarters: red, green, blue, nothing), or a picture's path.
 *   seal_tool over IN OUT X Y W H KIND [TEXT [NAME REASON DATE]]
 *     the same with a file that is there: each page with an indirect /Annots gets the seal.
 *   seal_tool preview OUT SIDE KIND TEXT
 */
#include "pdf_kit.h"

#include "sign/pdf_image.h"
#include "sign/pdf_pages.h"
#include "sign/pdf_seal.h"

#include <stdlib.h>

static bool save(const char *path, struct bytes data)
{
    FILE *f = fopen(path, "wb");
    return f && fwrite(data.p, 1, data.n, f) == data.n && fclose(f) == 0;
}

static bool load(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    uint8_t part[4096];
    size_t n;
    if (!f)
        return false;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        buf_add(out, part, n);
    return fclose(f) == 0;
}

/* Quarters: red, green, blue, and nothing, so that every turn can be told. */
static void quarters(struct buf *png)
{
    static uint8_t pixels[40 * 40 * 4];
    static const uint8_t colour[4][4] = {
        { 255, 0, 0, 255 }, { 0, 255, 0, 255 }, { 0, 0, 255, 255 }, { 0, 0, 0, 0 }
    };
    struct pdf_image m = { .width = 40, .height = 40, .rgba = pixels };
    for (int i = 0; i < 1600; i++)
        memcpy(pixels + 4 * i, colour[(i / 800) * 2 + (i % 40) / 20], 4);
    if (pdf_image_png(&m, png) != E_OK)
        exit(1);
}

static struct pdf_look look_of(int argc, char **argv, struct buf *image)
{
    const char *kind = argv[0];
    struct pdf_look look = { .kind = PDF_SEAL_IMAGE };

    if (!strcmp(kind, "round"))
        look.kind = PDF_SEAL_ROUND;
    else if (!strcmp(kind, "square"))
        look.kind = PDF_SEAL_SQUARE;
    else if (!strcmp(kind, "text"))
        look.kind = PDF_SEAL_TEXT;
    else if (!strcmp(kind, "png"))
        quarters(image);
    else if (!load(kind, image))
        exit(1);
    look.image = buf_bytes(image);
    if (argc > 1)
        look.text = str_z(argv[1]);
    if (argc > 4) {
        look.name = str_z(argv[2]);
        look.reason = str_z(argv[3]);
        look.date = str_z(argv[4]);
    }
    return look;
}

/* Objects 1 catalogue, 2 pages, 3 and 4 pages, 5 content, 6 and 7 annotations of each page. */
static struct bytes make(struct arena *a, int rotate, double unit)
{
    struct buf b = buf_init(1u << 20), content = buf_init(1u << 20);
    size_t at[8] = { 0 };
    double w = (rotate % 180 ? 600 : 400) / unit, h = (rotate % 180 ? 400 : 600) / unit;

    buf_fmt(&content, "0.97 0.95 0.85 rg 30 40 %.2f %.2f re f 0.6 0.7 0.9 RG %.2f w\n", w, h,
            2 / unit);
    for (int i = 0; i < 40; i++)
        buf_fmt(&content, "%.2f %.2f m %.2f %.2f l S\n", 30.0, 40 + h * i / 40, 30 + w,
                40 + h * (39 - i) / 40);
    buf_add_z(&b, "%PDF-1.7\n%\xe3\xe3\xe3\xe3\n");
    at[1] = b.n;
    buf_add_z(&b, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    at[2] = b.n;
    buf_fmt(&b,
            "2 0 obj\n<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/Rotate %d/MediaBox[0 0 %.2f %.2f]"
            "/CropBox[30 40 %.4f %.4f]>>\nendobj\n",
            rotate, w + 90, h + 100, w + 30, h + 40);
    for (int i = 3; i <= 4; i++) {
        at[i] = b.n;
        buf_fmt(&b,
                "%d 0 obj\n<</Type/Page/Parent 2 0 R/Resources<<>>/Contents 5 0 R/Annots %d 0 R"
                "/UserUnit %.2f>>\nendobj\n",
                i, i + 3, unit);
    }
    at[5] = b.n;
    buf_fmt(&b, "5 0 obj\n<</Length %zu>>\nstream\n", content.n);
    buf_add_bytes(&b, buf_bytes(&content));
    buf_add_z(&b, "endstream\nendobj\n");
    for (int i = 6; i <= 7; i++) {
        at[i] = b.n;
        buf_fmt(&b, "%d 0 obj\n[]\nendobj\n", i);
    }
    size_t xref = b.n;
    buf_add_z(&b, "xref\n0 8\n0000000000 65535 f\r\n");
    for (int i = 1; i < 8; i++)
        buf_fmt(&b, "%010zu 00000 n\r\n", at[i]);
    buf_fmt(&b, "trailer\n<</Size 8/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
    struct bytes out = bytes_dup(a, buf_bytes(&b));
    buf_free(&b);
    buf_free(&content);
    return out;
}

/* One update with the seal on all pages as stamps. */
struct stamping {
    struct pdf_append w;
    struct pdf_seal_place place;
    struct pdf_seal_shared shared;
};

static enum err stamp_page(void *arg, unsigned number, struct pdf_read_ref page)
{
    struct stamping *s = arg;
    struct arena *a = s->w.arena;
    struct pdf_read_ref annots = pdf_read_get(s->w.doc, page, "/Annots");
    uint32_t form, id;
    double r[4];
    enum err e = pdf_seal_write(&s->w, &s->place, page, &s->shared, &form, r);

    (void)number;
    if (e != E_OK)
        return e;
    id = pdf_append_new_id(&s->w);
    pdf_append_object(&s->w, id,
                      str_fmt(a,
                              "<</Type/Annot/Subtype/Stamp/F 132/Rect[%.4f %.4f %.4f %.4f]"
                              "/AP<</N %u 0 R>>>>",
                              r[0], r[1], r[2], r[3], form));
    pdf_append_object(&s->w, (uint32_t)annots.id, str_fmt(a, "[%u 0 R]", id));
    return E_OK;
}

static enum err stamp(struct pdf_read *d, struct pdf_seal_place place, struct arena *a,
                      struct buf *tail)
{
    struct stamping s = { .place = place };
    enum err e;

    pdf_append_init(&s.w, d, a, tail);
    pdf_append_begin(&s.w);
    e = pdf_pages_each(d, stamp_page, &s);
    return e == E_OK ? pdf_append_end(&s.w) : e;
}

/* `pdf` with the seal, as a file; says what refused it. */
static bool stamped(struct bytes pdf, const struct pdf_seal_place *p, struct arena *a,
                    const char *to)
{
    struct buf tail = buf_init(64u << 20), all = buf_init(64u << 20);
    struct pdf_read d;
    enum err e = kit_open(pdf, &d);
    bool good = e == E_OK && (e = stamp(&d, *p, a, &tail)) == E_OK;

    if (good) {
        pdf_read_close(&d);
        buf_add_bytes(&all, pdf);
        buf_add_bytes(&all, buf_bytes(&tail));
        good = save(to, buf_bytes(&all));
    } else {
        printf("%s (%s)\n", fault_current()->reason, fault_current()->detail);
    }
    buf_free(&tail);
    buf_free(&all);
    return good;
}

static struct pdf_seal_place place_of(char **argv, const struct pdf_look *look)
{
    return (struct pdf_seal_place){ 1,
                                    strtod(argv[0], NULL),
                                    strtod(argv[1], NULL),
                                    strtod(argv[2], NULL),
                                    strtod(argv[3], NULL),
                                    look };
}

static int place(int argc, char **argv)
{
    struct arena *a = arena_new((size_t)64 << 20);
    struct buf image = buf_init(8u << 20);
    struct pdf_look look = look_of(argc - 8, argv + 8, &image);
    struct pdf_seal_place p = place_of(argv + 4, &look);
    struct bytes pdf = make(a, (int)strtol(argv[2], NULL, 10), strtod(argv[3], NULL));
    bool good = save(str_fmt(a, "%s/%s-before.pdf", argv[0], argv[1]).p, pdf) &&
                stamped(pdf, &p, a, str_fmt(a, "%s/%s-after.pdf", argv[0], argv[1]).p);

    buf_free(&image);
    arena_free(a);
    return good ? 0 : 1;
}

static int over(int argc, char **argv)
{
    struct arena *a = arena_new((size_t)64 << 20);
    struct buf image = buf_init(8u << 20), pdf = buf_init(64u << 20);
    struct pdf_look look = look_of(argc - 6, argv + 6, &image);
    struct pdf_seal_place p = place_of(argv + 2, &look);
    bool good = load(argv[0], &pdf) && stamped(buf_bytes(&pdf), &p, a, argv[1]);

    buf_free(&image);
    buf_free(&pdf);
    arena_free(a);
    return good ? 0 : 1;
}

static int preview(int argc, char **argv)
{
    struct buf image = buf_init(8u << 20), png = buf_init(8u << 20);
    struct pdf_look look = look_of(argc - 2, argv + 2, &image);
    enum err e = pdf_seal_preview(&look, (unsigned)strtoul(argv[1], NULL, 10), &png);
    bool good = e == E_OK && save(argv[0], buf_bytes(&png));
    if (!good)
        printf("%s (%s)\n", fault_current()->reason, fault_current()->detail);
    buf_free(&image);
    buf_free(&png);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc >= 11 && !strcmp(argv[1], "place"))
        return place(argc - 2, argv + 2);
    if (argc >= 9 && !strcmp(argv[1], "over"))
        return over(argc - 2, argv + 2);
    if (argc >= 5 && !strcmp(argv[1], "preview"))
        return preview(argc - 2, argv + 2);
    fprintf(stderr, "usage: see seal_tool.c\n");
    return 2;
}
