/*
 * test_pdf_warnings.c - one generated file for each warning, clean files that give none, and the
 * sizes of pages that are turned, cut or scaled.
 */
#include "pdf_kit.h"
#include "sign/pdf_append.h"
#include "sign/pdf_pages.h"
#include "sign/pdf_warnings.h"
#include "tap.h"

#include <stdlib.h>

static struct arena *arena;

/* Codes of the warnings, joined by spaces. */
static struct str codes(struct bytes pdf)
{
    struct pdf_read d;
    struct pdf_warning *w;
    size_t n;
    struct str out = STR("");

    if (kit_open(pdf, &d) != E_OK)
        return STR("unreadable");
    if (pdf_warnings(&d, NULL, arena, &w, &n) != E_OK)
        out = STR("failed");
    else
        for (size_t i = 0; i < n; i++)
            out = str_fmt(arena, "%s%s%s", out.p, i ? " " : "", w[i].code);
    pdf_read_close(&d);
    return out;
}

/* --- one file for each --- */

#define PAGES "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>"
#define PAGE "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>"
#define DRAW "<</Length 12>>\nstream\n0 0 9 9 re f\nendstream"
#define CATALOG(more) "<</Type/Catalog/Pages 2 0 R" more ">>"
#define ANNOTS(annotation) "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Annots[" annotation "]>>"

struct shape {
    const char *name, *want;
    const char *objects[8];
};

#define FORM CATALOG("/AcroForm<</Fields[5 0 R]>>")
#define WIDGET "/Type/Annot/Subtype/Widget/P 3 0 R/Rect[50 50 150 80]/T(amount)/Ff 1"
#define LOOK(text, n)                                                                              \
    "<</Type/XObject/Subtype/Form/BBox[0 0 100 30]/Length " n ">>\nstream\n" text "\nendstream"

static const struct shape shapes[] = {
    { "a plain page", "", { CATALOG(""), PAGES, PAGE, DRAW } },
    { "opening at a place", "", { CATALOG("/OpenAction[3 0 R/Fit]"), PAGES, PAGE, DRAW } },
    { "opening at a place, as an action",
      "",
      { CATALOG("/OpenAction<</S/GoTo/D[3 0 R/Fit]>>"), PAGES, PAGE, DRAW } },
    { "a link to a page of the web",
      "",
      { CATALOG(""), PAGES,
        ANNOTS("<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://a.example/)>>>>"),
        DRAW } },
    { "a script on opening",
      "script automatic-action",
      { CATALOG("/OpenAction<</S/JavaScript/JS(app.alert)>>"), PAGES, PAGE, DRAW } },
    { "a script by name, its key disguised",
      "script",
      { CATALOG("/Names<</JavaScript<</Names[(a) 5 0 R]>>>>"), PAGES, PAGE, DRAW,
        "<</S/JavaScript/#4aS(app.alert)>>" } },
    { "a program",
      "launch",
      { CATALOG(""), PAGES,
        ANNOTS("<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(cmd.exe)>>>>"), DRAW } },
    { "data that are sent",
      "submit",
      { CATALOG(""), PAGES,
        ANNOTS("<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/SubmitForm/F(https://a)>>>>"),
        DRAW } },
    { "an action of a page",
      "automatic-action",
      { CATALOG(""), PAGES,
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/AA<</O<</S/Named/N/Print>>>>>>", DRAW } },
    { "a layer",
      "layers",
      { CATALOG("/OCProperties<</OCGs[5 0 R]/D<<>>>>"), PAGES, PAGE, DRAW,
        "<</Type/OCG/Name(Notes)>>" } },
    { "a layer that is off",
      "hidden-layers",
      { CATALOG("/OCProperties<</OCGs[5 0 R]/D<</OFF[5 0 R]>>>>"), PAGES, PAGE, DRAW,
        "<</Type/OCG/Name(Notes)>>" } },
    { "a field that shows its value",
      "",
      { FORM, PAGES, ANNOTS("5 0 R"), DRAW, "<<" WIDGET "/FT/Tx/V(1000)/AP<</N 6 0 R>>>>",
        LOOK("BT (10) Tj (00) Tj ET", "21") } },
    { "a field that shows another value",
      "field-look",
      { FORM, PAGES, ANNOTS("5 0 R"), DRAW, "<<" WIDGET "/FT/Tx/V(9000)/AP<</N 6 0 R>>>>",
        LOOK("BT (1000) Tj ET", "15") } },
    { "a field that shows what it does not hold",
      "field-look",
      { FORM, PAGES, ANNOTS("5 0 R"), DRAW, "<<" WIDGET "/FT/Tx/AP<</N 6 0 R>>>>",
        LOOK("BT (1000) Tj ET", "15") } },
    { "a field in a font that cannot be read",
      "",
      { FORM, PAGES, ANNOTS("5 0 R"), DRAW, "<<" WIDGET "/FT/Tx/V(9000)/AP<</N 6 0 R>>>>",
        LOOK("BT <00120013> Tj ET", "19") } },
    { "a box that is ticked and is not",
      "field-look",
      { FORM, PAGES, ANNOTS("5 0 R"), DRAW,
        "<<" WIDGET "/FT/Btn/V/Off/AS/Yes/AP<</N<</Yes 6 0 R>>>>>>", LOOK("0 0 9 9 re f", "12") } },
    { "a box that is ticked",
      "",
      { FORM, PAGES, ANNOTS("5 0 R"), DRAW,
        "<<" WIDGET "/FT/Btn/V/Yes/AS/Yes/AP<</N<</Yes 6 0 R>>>>>>", LOOK("0 0 9 9 re f", "12") } },
    { "a field without a look",
      "fields-redrawn",
      { FORM, PAGES, ANNOTS("5 0 R"), DRAW, "<<" WIDGET "/FT/Tx/V(1000)>>" } },
    { "a field that is open",
      "open-fields",
      { FORM, PAGES, ANNOTS("5 0 R"), DRAW,
        "<</Type/Annot/Subtype/Widget/P 3 0 R/Rect[50 50 150 80]/T(amount)/FT/Tx>>" } },
    { "an empty signature field",
      "",
      { FORM, PAGES, ANNOTS("5 0 R"), DRAW,
        "<</Type/Annot/Subtype/Widget/P 3 0 R/Rect[50 50 150 80]/T(me)/FT/Sig>>" } },
    { "a dynamic form",
      "xfa",
      { CATALOG("/AcroForm<</Fields[]/XFA 5 0 R>>"), PAGES, PAGE, DRAW,
        "<</Length 7>>\nstream\n<xdp/> \nendstream" } },
    { "a stream in another file",
      "external-content",
      { CATALOG(""), PAGES, "<</Type/Page/Parent 2 0 R/Contents[4 0 R 5 0 R]>>", DRAW,
        "<</Length 0/F(other.bin)>>\nstream\n\nendstream" } },
    { "a page of another file",
      "external-content",
      { CATALOG(""), PAGES,
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>", DRAW,
        "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Ref<</F(o.pdf)/Page 0>>/Length 0>>\n"
        "stream\n\nendstream" } },
    { "a page that waits",
      "unreferenced-content",
      { CATALOG(""), PAGES, PAGE, DRAW, "<</Type/Page/Contents 4 0 R>>" } },
    { "content that waits",
      "unreferenced-content",
      { CATALOG(""), PAGES, PAGE, DRAW, "<</Length 15>>\nstream\nBT (9000) Tj ET\nendstream" } },
    { "a stamp over the page",
      "annotations",
      { CATALOG(""), PAGES, ANNOTS("<</Type/Annot/Subtype/Stamp/Rect[0 0 99 99]/F 4>>"), DRAW } },
    { "a hidden stamp",
      "",
      { CATALOG(""), PAGES, ANNOTS("<</Type/Annot/Subtype/Stamp/Rect[0 0 99 99]/F 2>>"), DRAW } },
    { "a link to another file",
      "other-files",
      { CATALOG(""), PAGES,
        ANNOTS("<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/GoToR/F(o.pdf)/D[0/Fit]>>>>"),
        DRAW } },
    { "a film",
      "annotations media",
      { CATALOG(""), PAGES, ANNOTS("<</Type/Annot/Subtype/RichMedia/Rect[0 0 99 99]>>"), DRAW } },
    { "an attachment",
      "attachments",
      { CATALOG("/Names<</EmbeddedFiles<</Names[(a) 5 0 R]>>>>"), PAGES, PAGE, DRAW,
        "<</Type/Filespec/F(a)/EF<</F 6 0 R>>>>",
        "<</Type/EmbeddedFile/Length 1>>\nstream\na\nendstream" } },
    { "a font of one's own that is not there",
      "fonts-missing",
      { CATALOG(""), PAGES,
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>", DRAW,
        "<</Type/Font/Subtype/TrueType/BaseFont/MS-Mincho/FontDescriptor 6 0 R>>",
        "<</Type/FontDescriptor/FontName/MS-Mincho/Flags 32>>" } },
    { "a standard font",
      "",
      { CATALOG(""), PAGES,
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>", DRAW,
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>" } },
};

static void test_shapes(void)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int form = 0; form < KIT_FORM__MAX; form++) {
            size_t n = 0;
            while (n < 8 && shapes[i].objects[n])
                n++;
            struct bytes pdf = kit_pdf_of(arena, (enum kit_form)form, shapes[i].objects, n);
            struct str got = codes(pdf);
            ok(str_eq_z(got, shapes[i].want), "%s, form %d: \"%s\"", shapes[i].name, form, got.p);
        }
    for (size_t i = 0; pdf_warnings_known[i].code; i++)
        ok(strlen(pdf_warnings_known[i].text) > 20, "%s has a sentence",
           pdf_warnings_known[i].code);
}

/* --- updates --- */

static struct bytes with_update(struct bytes pdf, uint32_t id, const char *object)
{
    struct pdf_read d;
    struct pdf_append w;
    struct buf tail = buf_init(1 << 20), all = buf_init(2 << 20);
    struct bytes out = BYTES_ABSENT;

    if (kit_open(pdf, &d) != E_OK)
        exit(1);
    pdf_append_init(&w, &d, arena, &tail);
    pdf_append_begin(&w);
    pdf_append_object(&w, id, str_z(object));
    if (pdf_append_end(&w) != E_OK)
        exit(1);
    buf_add_bytes(&all, pdf);
    buf_add_bytes(&all, buf_bytes(&tail));
    if (buf_to_bytes(&all, arena, &out) != E_OK)
        exit(1);
    pdf_read_close(&d);
    buf_free(&tail);
    buf_free(&all);
    return out;
}

static struct bytes signed_by(struct kit *k, struct bytes pdf, enum pdf_level level)
{
    struct pdf_sign_params p = kit_params(k, pdf, level, KIT_P256);
    struct pdf_sign_result r;
    struct buf out = buf_init(8 << 20);
    struct bytes file = BYTES_ABSENT;

    if (pdf_sign(&p, arena, &out, &r) != E_OK || buf_to_bytes(&out, arena, &file) != E_OK)
        exit(1);
    buf_free(&out);
    return file;
}

static void test_updates(void)
{
    const char *const plain[] = { CATALOG(""), PAGES, PAGE, DRAW };
    static const char other[] = "<</Length 12>>\nstream\n9 9 9 9 re f\nendstream";
    struct bytes pdf = kit_pdf_of(arena, KIT_TABLE, plain, 4);
    struct kit *k = kit_new();

    is_str(codes(with_update(pdf, 4, other)), "earlier-versions", "an earlier version is told");
    struct bytes es = signed_by(k, pdf, PDF_LEVEL_ES), lt = signed_by(k, pdf, PDF_LEVEL_ES_LT);
    is_str(codes(es), "", "a signed file");
    is_str(codes(lt), "", "a signed file with validation data behind");
    is_str(codes(signed_by(k, es, PDF_LEVEL_ES_A)), "",
           "a file signed twice, with an archive timestamp");
    is_str(codes(with_update(es, 4, other)), "changed-after-signature",
           "another content after the signature");
    is_str(codes(with_update(lt, 3, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Rotate 90>>")),
           "changed-after-signature", "another page after the validation data");
    is_str(codes(signed_by(k, with_update(pdf, 4, other), PDF_LEVEL_ES)), "earlier-versions",
           "an earlier version under a signature");
    kit_free(k);
}

/* Files of other people's programs: none fails, and a plain one gives nothing. */
static void test_clean(void)
{
    static const char *const names[] = { "019-qpdf-deterministic-id-in",
                                         "012-safedocs-FontinsideType3insideType3",
                                         "017-pypdf-imagemagick-images" };
    const char *top = getenv("SHOMEI_SRCDIR");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str path = str_fmt(arena, "%s/../shared/pdfs/%s.pdf", top ? top : ".", names[i]);
        FILE *f = fopen(path.p, "rb");
        uint8_t *p = arena_alloc(arena, 8 << 20);
        if (!f) {
            tap_skip("%s is not here", names[i]);
            continue;
        }
        size_t n = fread(p, 1, 8 << 20, f);
        (void)fclose(f);
        is_str(codes((struct bytes){ p, n }), "", names[i]);
    }
    for (int form = 0; form < KIT_FORM__MAX; form++)
        is_str(codes(kit_pdf(arena, (enum kit_form)form, 30, 200000, false)), "",
               "thirty pages of the kit");
}

/* --- pages --- */

static void test_pages(void)
{
    const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R 6 0 R]/Count 4/MediaBox[0 0 600 800]/Rotate 90>>",
        "<</Type/Page/Parent 2 0 R>>",
        "<</Type/Page/Parent 2 0 R/Rotate 0/CropBox[100 100 400 500]>>",
        "<</Type/Page/Parent 2 0 R/Rotate 180/UserUnit 2.5>>",
        "<</Type/Page/Parent 2 0 R/Rotate -90/MediaBox[600 800 0 0]/CropBox[900 900 901 901]>>",
    };
    struct bytes pdf = kit_pdf_of(arena, KIT_TABLE, objects, 6);
    struct pdf_pages_size *s;
    struct pdf_read d;
    size_t n;
    unsigned count;
    double in[4] = { 10, 20, 110, 70 }, out[4];

    if (kit_open(pdf, &d) != E_OK)
        exit(1);
    is_err(pdf_pages_sizes(&d, 1, 10, arena, &s, &n, &count), E_OK, "sizes of pages");
    ok(n == 4 && count == 4, "four pages");
    ok(s[0].width == 800 && s[0].height == 600 && s[0].rotate == 90, "turned by its parent");
    ok(s[1].width == 300 && s[1].height == 400 && s[1].rotate == 0, "cut");
    ok(s[2].width == 1500 && s[2].height == 2000 && s[2].rotate == 180, "scaled");
    ok(s[3].width == 800 && s[3].height == 600 && s[3].rotate == 270,
       "a crop box beside the page is none");
    is_err(pdf_pages_sizes(&d, 3, 1, arena, &s, &n, &count), E_OK, "some sizes");
    ok(n == 1 && count == 4 && s[0].rotate == 180, "the one asked for, and how many there are");
    pdf_pages_displayed(&d, pdf_read_object(&d, 3, 0), in, out);
    ok(out[0] == 20 && out[1] == 490 && out[2] == 70 && out[3] == 590, "a place on a turned page");
    pdf_pages_displayed(&d, pdf_read_object(&d, 6, 0), in, out);
    ok(out[0] == 730 && out[1] == 10 && out[2] == 780 && out[3] == 110, "turned the other way");
    pdf_pages_displayed(&d, pdf_read_object(&d, 5, 0), in, out);
    ok(out[0] == 1225 && out[1] == 1825 && out[2] == 1475 && out[3] == 1950, "upside down");
    pdf_read_close(&d);
}

int main(void)
{
    arena = arena_new(512u << 20);
    test_shapes();
    test_updates();
    test_clean();
    test_pages();
    arena_free(arena);
    return tap_done();
}
