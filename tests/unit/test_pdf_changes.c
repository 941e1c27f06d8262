/*
 * test_pdf_changes.c - what may and what may not be changed after a signature (issue of document
 * signing, point 5): each published way to change what is shown, and what has to stay valid. Of
 * every attack in this file pdfsig 22.12 says "Signature is Valid." and "Not total document
 * signed". SHOMEI_ATTACKS=DIR writes the files.
 */
#include "attack_kit.h"
#include "tap.h"

#include <stdlib.h>

static struct kit *kit;
static struct arena *a;

/* How the document was signed before the change. */
enum base { APPROVED, CERTIFIED_1, CERTIFIED_2, CERTIFIED_3, LOCKED, PREPARED, BASE__MAX };

static struct bytes base_file(enum base base)
{
    static struct bytes made[BASE__MAX];
    static const int certify[] = { 0, 1, 2, 3, 0, 0 };
    if (!made[base].n)
        made[base] =
            attack_signed(kit, kit->arena, attack_base(kit->arena), PDF_LEVEL_ES, certify[base],
                          base == PREPARED ? "Prepared" : NULL, base == LOCKED);
    return made[base];
}

/* ---- looking at reports ---- */

static const struct pdf_report *verify(struct bytes file)
{
    static const struct pdf_report none = { .verdict = PDF_TOTAL_FAILED };
    struct pdf_report *r;
    if (kit_verify(file, kit->trust, TIMESTAMP_NONE, a, &r) == E_OK)
        return r;
    tap_note("refused: %s (%s)", fault_current()->reason, fault_current()->detail);
    return &none;
}

/* ---- changes that are no good ---- */

struct attack {
    const char *name;
    enum base base;
    enum pdf_verdict verdict;
    const char *code; /* a change that the report names, not allowed */
    const char *objects[5];
    const char *trailer;
};

#define PAGE_1 "7 <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]"
#define RESOURCES "/Resources<</Font<</F1 3 0 R/F2 15 0 R>>/XObject<</Im1 13 0 R>>>>"
#define ANNOTS "/Annots[6 0 R 9 0 R 11 0 R 17 0 R]"
#define LOOK                                                                                       \
    " <</Type/XObject/Subtype/Form/BBox[0 0 999 999]/Length 16>>\nstream\n0 0 900 900 re "         \
    "f\nendstream"
#define CATALOG "1 <</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Metadata 10 0 R"
#define EXTENSIONS "/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>"

static const struct attack attacks[] = {
    /* incremental saving, shadow: replace, hide, hide and replace */
    { "replaced page content",
      APPROVED,
      PDF_INDETERMINATE,
      "content-changed",
      { "4 <</Length 8>>\nstream\n0 0 m S \nendstream" },
      "" },
    { "replaced page content, certified",
      CERTIFIED_2,
      PDF_TOTAL_FAILED,
      "content-changed",
      { "4 <</Length 8>>\nstream\n0 0 m S \nendstream" },
      "" },
    { "another content for the page",
      APPROVED,
      PDF_INDETERMINATE,
      "content-changed",
      { PAGE_1 "/Contents 30 0 R" RESOURCES ANNOTS ">>",
        "30 <</Length 8>>\nstream\n0 0 m S \nendstream" },
      "" },
    { "shadow: a picture that hid is taken away",
      APPROVED,
      PDF_INDETERMINATE,
      "page-changed",
      { PAGE_1 "/Contents 4 0 R/Resources<</Font<</F1 3 0 R/F2 15 0 R>>>>" ANNOTS ">>" },
      "" },
    { "shadow: the picture is emptied",
      CERTIFIED_3,
      PDF_TOTAL_FAILED,
      "content-changed",
      { "13" LOOK },
      "" },
    { "shadow: a picture that lay ready is shown",
      APPROVED,
      PDF_INDETERMINATE,
      "page-changed",
      { PAGE_1
        "/Contents 4 0 R/Resources<</Font<</F1 3 0 R/F2 15 0 R>>/XObject<</Im1 14 0 R>>>>" ANNOTS
        ">>" },
      "" },
    { "shadow: the font is another",
      APPROVED,
      PDF_INDETERMINATE,
      "content-changed",
      { "15 <</Type/Font/Subtype/Type1/BaseFont/Symbol>>" },
      "" },
    { "shadow: the look of a filled field",
      CERTIFIED_2,
      PDF_TOTAL_FAILED,
      "field-look",
      { "9 <</Type/Annot/Subtype/Widget/FT/Tx/T(Filled)/V(100)/Rect[150 50 190 90]/P 7 0 R/F 4"
        "/AP<</N 30 0 R>>>>",
        "30" LOOK },
      "" },
    { "shadow: the stream of a field's look",
      CERTIFIED_2,
      PDF_TOTAL_FAILED,
      "field-look",
      { "12" LOOK },
      "" },
    { "shadow: a field is made larger",
      CERTIFIED_2,
      PDF_TOTAL_FAILED,
      "field-altered",
      { "6 <</Type/Annot/Subtype/Widget/FT/Tx/T(Empty)/V(x)/Rect[0 0 595 842]/P 7 "
        "0 R/F 4/AP<</N 12"
        " 0 R>>>>" },
      "" },
    { "another catalogue",
      APPROVED,
      PDF_INDETERMINATE,
      "catalogue-changed",
      { "30 <</Type/Catalog/Pages 31 0 R/AcroForm 5 0 R>>",
        "31 <</Type/Pages/Count 1/Kids[32 0 R]>>",
        "32 <</Type/Page/Parent 31 0 R/MediaBox[0 0 9 9]/Contents 14 0 R>>" },
      "/Root 30 0 R" },
    { "a page more",
      CERTIFIED_3,
      PDF_TOTAL_FAILED,
      "pages-changed",
      { "2 <</Type/Pages/Count 3/Kids[7 0 R 8 0 R 32 0 R]>>",
        "32 <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 14 0 R>>" },
      "" },
    { "pages in another order",
      APPROVED,
      PDF_INDETERMINATE,
      "pages-changed",
      { "2 <</Type/Pages/Count 2/Kids[8 0 R 7 0 R]>>" },
      "" },
    { "a layer over all pages",
      APPROVED,
      PDF_INDETERMINATE,
      "catalogue-changed",
      { CATALOG EXTENSIONS "/OCProperties<</OCGs[]>>>>" },
      "" },
    { "a script on opening",
      CERTIFIED_3,
      PDF_TOTAL_FAILED,
      "catalogue-changed",
      { CATALOG EXTENSIONS "/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>" },
      "" },
    /* content under a false flag */
    { "a picture listed as metadata",
      APPROVED,
      PDF_INDETERMINATE,
      "content-changed",
      { "1 <</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Metadata 13 0 R>>", "13" LOOK },
      "" },
    { "a picture as the document information",
      APPROVED,
      PDF_INDETERMINATE,
      "content-changed",
      { "13" LOOK },
      "/Info 13 0 R" },
    { "content listed as validation data",
      APPROVED,
      PDF_INDETERMINATE,
      "object-shared",
      { CATALOG EXTENSIONS "/DSS<</Certs[4 0 R]>>>>", "4 <</Length 4>>\nstream\n0 g \nendstream" },
      "" },
    { "a picture listed as validation data",
      APPROVED,
      PDF_INDETERMINATE,
      "content-changed",
      { CATALOG EXTENSIONS "/DSS<</Certs[13 0 R]>>>>", "13" LOOK },
      "" },
    { "a picture that calls itself storage",
      APPROVED,
      PDF_INDETERMINATE,
      "content-changed",
      { "13 <</Type/XRef/Subtype/Form/BBox[0 0 9 9]/Length 4>>\nstream\n0 g \nendstream" },
      "" },
    { "an object that nobody uses",
      APPROVED,
      PDF_INDETERMINATE,
      "object-unused",
      { "40 (nothing)" },
      "" },
    /* forms */
    { "a value is changed",
      APPROVED,
      PDF_INDETERMINATE,
      "field-changed",
      { "9 <</Type/Annot/Subtype/Widget/FT/Tx/T(Filled)/V(999)/Rect[150 50 190 "
        "90]/P 7 0 R/F 4>>" },
      "" },
    { "a value is filled in, P = 1",
      CERTIFIED_1,
      PDF_TOTAL_FAILED,
      "field-filled",
      { "6 <</Type/Annot/Subtype/Widget/FT/Tx/T(Empty)/V(x)/Rect[50 50 90 90]/P 7 0 "
        "R/F 4/AP<</N 12"
        " 0 R>>>>" },
      "" },
    { "a locked field is filled in",
      LOCKED,
      PDF_TOTAL_FAILED,
      "field-filled",
      { "6 <</Type/Annot/Subtype/Widget/FT/Tx/T(Empty)/V(x)/Rect[50 50 90 90]/P 7 0 "
        "R/F 4/AP<</N 12"
        " 0 R>>>>" },
      "" },
    { "a field is added, P = 2",
      CERTIFIED_2,
      PDF_TOTAL_FAILED,
      "field-added",
      { "5 <</Fields[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]/DA(/Helv 0 Tf 0 g)/SigFlags 3>>",
        "30 <</Type/Annot/Subtype/Widget/FT/Tx/T(New)/V(x)/Rect[0 0 500 500]/P 7 0 R/F 4>>" },
      "" },
    { "a field is taken out of the form",
      CERTIFIED_2,
      PDF_TOTAL_FAILED,
      "form-changed",
      { "5 <</Fields[9 0 R 11 0 R 17 0 R]/DA(/Helv 0 Tf 0 g)/SigFlags 3>>" },
      "" },
    { "an XFA form is put over it",
      CERTIFIED_2,
      PDF_TOTAL_FAILED,
      "form-changed",
      { "5 <</Fields[6 0 R 9 0 R 11 0 R 17 0 R]/DA(/Helv 0 Tf 0 g)/SigFlags 3/XFA(x)>>" },
      "" },
    /* annotations */
    { "an annotation without a certification",
      APPROVED,
      PDF_INDETERMINATE,
      "annotation-added",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]>>",
        "30 <</Type/Annot/Subtype/Text/Rect[0 0 20 20]/Contents(hm)>>" },
      "" },
    { "an annotation, P = 2",
      CERTIFIED_2,
      PDF_TOTAL_FAILED,
      "annotation-added",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]>>",
        "30 <</Type/Annot/Subtype/Text/Rect[0 0 20 20]/Contents(hm)>>" },
      "" },
    { "evil annotation: text over content, P = 3",
      CERTIFIED_3,
      PDF_INDETERMINATE,
      "annotation-covers",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]>>",
        "30 <</Type/Annot/Subtype/FreeText/Rect[0 0 500 800]/DA(/F1 24 "
        "Tf)/Contents(1,000,000)>>" },
      "" },
    { "evil annotation: a stamp, P = 3",
      CERTIFIED_3,
      PDF_INDETERMINATE,
      "annotation-covers",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]>>",
        "30 <</Type/Annot/Subtype/Stamp/Rect[0 0 500 800]/AP<</N 31 0 R>>>>", "31" LOOK },
      "" },
    { "evil annotation: a mark with a look of its own, P = 3",
      CERTIFIED_3,
      PDF_INDETERMINATE,
      "annotation-covers",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]>>",
        "30 <</Type/Annot/Subtype/Highlight/Rect[0 0 500 800]/AP<</N 31 0 R>>>>", "31" LOOK },
      "" },
    { "evil annotation: directly in the list, P = 3",
      CERTIFIED_3,
      PDF_INDETERMINATE,
      "annotation-covers",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R <</Type/Annot/Subtype"
               "/FreeText/Rect[0 0 500 800]/DA(/F1 24 Tf)/Contents(1,000,000)>>]>>" },
      "" },
    { "an annotation that starts a program, P = 3",
      CERTIFIED_3,
      PDF_INDETERMINATE,
      "annotation-action",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]>>",
        "30 <</Type/Annot/Subtype/Link/Rect[0 0 20 20]/A<</S/Launch/F(x)>>>>" },
      "" },
    { "a widget is taken from the page",
      CERTIFIED_3,
      PDF_TOTAL_FAILED,
      "annotation-removed",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 11 0 R 17 0 R]>>" },
      "" },
    /* signatures */
    { "the look of a signature",
      PREPARED,
      PDF_INDETERMINATE,
      "signature-look",
      { "11 <</Type/Annot/Subtype/Widget/FT/Sig/T(Prepared)/Rect[300 50 400 90]/P "
        "7 0 R/F 4/V 16 0 "
        "R"
        "/AP<</N 30 0 R>>>>",
        "30" LOOK },
      "" },
    { "a signature is moved over content",
      PREPARED,
      PDF_INDETERMINATE,
      "signature-field-changed",
      { "11 <</Type/Annot/Subtype/Widget/FT/Sig/T(Prepared)/Rect[0 0 595 "
        "842]/P 7 0 R/F 4/V 16 0 R"
        ">>" },
      "" },
    { "an empty signature field that covers",
      CERTIFIED_2,
      PDF_INDETERMINATE,
      "signature-shown",
      { "5 <</Fields[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]/DA(/Helv 0 Tf 0 g)/SigFlags 3>>",
        PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]>>",
        "30 <</Type/Annot/Subtype/Widget/FT/Sig/T(New)/Rect[0 0 595 842]/P 7 0 R/F 4/AP<</N 31 0 "
        "R>>"
        ">>",
        "31" LOOK },
      "" },
};

static void test_attacks(void)
{
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        const struct attack *t = &attacks[i];
        struct bytes file = attack_update(a, base_file(t->base), 0, t->trailer, t->objects);
        const struct pdf_report *r = verify(file);
        const struct pdf_change *c = attack_change(r, t->code);
        const char *name = str_fmt(a, "c%02zu", i).p;

        attack_save(name, file);
        bool good = r->signatures_n == 1 && r->verdict == t->verdict && c && !c->allowed &&
                    c->text[0] && c->rule_text[0] && !r->signatures[0].later_allowed;
        if (!ok(good, "%s (%s)", t->name, name))
            attack_explain(r);
        arena_reset(a);
    }
}

/* ---- changes that are fine ---- */

static const struct attack benign[] = {
    { "an empty field is filled in",
      APPROVED,
      PDF_TOTAL_PASSED,
      "field-filled",
      { "6 <</Type/Annot/Subtype/Widget/FT/Tx/T(Empty)/V(x)/Rect[50 50 90 90]/P 7 0 R/F 4/AP<</N 30"
        " 0 R>>>>",
        "30" LOOK },
      "" },
    { "a field is filled in, P = 2",
      CERTIFIED_2,
      PDF_TOTAL_PASSED,
      "field-filled",
      { "6 <</Type/Annot/Subtype/Widget/FT/Tx/T(Empty)/V(x)/Rect[50 50 90 90]/P 7 0 R/F 4/AP<</N 12"
        " 0 R>>>>",
        "12" LOOK },
      "" },
    { "a field is changed, P = 2",
      CERTIFIED_2,
      PDF_TOTAL_PASSED,
      "field-changed",
      { "9 <</Type/Annot/Subtype/Widget/FT/Tx/T(Filled)/V(999)/Rect[150 50 190 90]/P 7 0 R/F 4>>" },
      "" },
    { "a note, P = 3",
      CERTIFIED_3,
      PDF_TOTAL_PASSED,
      "annotation-added",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]>>",
        "30 <</Type/Annot/Subtype/Text/Rect[0 0 20 20]/Contents(hm)>>" },
      "" },
    { "words are marked, P = 3",
      CERTIFIED_3,
      PDF_TOTAL_PASSED,
      "annotation-added",
      { PAGE_1 "/Contents 4 0 R" RESOURCES "/Annots[6 0 R 9 0 R 11 0 R 17 0 R 30 0 R]>>",
        "30 <</Type/Annot/Subtype/Highlight/Rect[0 0 200 20]/QuadPoints[0 0 9 0 9 9 0 9]>>" },
      "" },
    { "the metadata, P = 1",
      CERTIFIED_1,
      PDF_TOTAL_PASSED,
      "metadata-changed",
      { "10 <</Type/Metadata/Subtype/XML/Length 4>>\nstream\n<x/>\nendstream" },
      "" },
    { "validation data, P = 1",
      CERTIFIED_1,
      PDF_TOTAL_PASSED,
      "dss-added",
      { CATALOG EXTENSIONS "/DSS 30 0 R/Perms<</DocMDP 16 0 R>>>>",
        "30 <</Type/DSS/Certs[31 0 R]>>", "31 <</Length 4>>\nstream\nabcd\nendstream" },
      "" },
};

static void test_benign(void)
{
    for (size_t i = 0; i < sizeof benign / sizeof *benign; i++) {
        const struct attack *t = &benign[i];
        struct bytes file = attack_update(a, base_file(t->base), 0, t->trailer, t->objects);
        const struct pdf_report *r = verify(file);
        const struct pdf_change *c = attack_change(r, t->code);

        attack_save(str_fmt(a, "b%02zu", i).p, file);
        if (!ok(r->verdict == PDF_TOTAL_PASSED && c && c->allowed &&
                    r->signatures[0].later_allowed && r->signatures[0].later,
                "passes: %s", t->name))
            attack_explain(r);
        arena_reset(a);
    }
}

/* Our own sequence of steps leaves what was before it valid, whatever the certification says. */
static void test_own(void)
{
    static const int certify[] = { 0, 2, 3 };

    for (size_t i = 0; i < 3; i++) {
        struct bytes one =
            attack_signed(kit, a, attack_base(a), PDF_LEVEL_ES_A, certify[i], NULL, false);
        struct bytes two = attack_signed(kit, a, one, PDF_LEVEL_ES_A, 0, "Prepared", false);
        struct bytes three = attack_signed(kit, a, two, PDF_LEVEL_ES_A, 0, "Third", false);
        const struct pdf_report *r = verify(three);
        bool good = r->signatures_n == 6 && r->verdict == PDF_TOTAL_PASSED &&
                    attack_change(r, "signature-field-filled") &&
                    attack_change(r, "signature-added") && attack_change(r, "timestamp-added") &&
                    attack_change(r, "dss-added");
        if (!ok(good, "three archive signatures in sequence pass, certified %d", certify[i]))
            attack_explain(r);
        arena_reset(a);
    }
    struct bytes file = attack_signed(kit, a, attack_base(a), PDF_LEVEL_ES_A, 1, NULL, false);
    const struct pdf_report *r = verify(file);
    if (!ok(r->signatures_n == 2 && r->verdict == PDF_TOTAL_PASSED, "P = 1 allows our own archive"))
        attack_explain(r);
}

/* A field as large as the page lay ready; what fills it replaces what was signed. */
static void test_large(void)
{
    const char *fill[] = {
        "6 <</Type/Annot/Subtype/Widget/FT/Tx/T(Empty)/V(x)/Rect[0 0 900 900]/P 7 0 R/F 4/AP<</N 30"
        " 0 R>>>>",
        "30" LOOK, NULL
    };
    struct bytes base = attack_put(a, attack_base(a), "50 50 90 90", "0 0 900 900");
    const struct pdf_report *r = verify(
        attack_update(a, attack_signed(kit, a, base, PDF_LEVEL_ES, 0, NULL, false), 0, "", fill));
    const struct pdf_change *c = attack_change(r, "field-covers");

    if (!ok(r->verdict == PDF_INDETERMINATE && c && !c->allowed, "shadow: a field over the page"))
        attack_explain(r);
}

/* The sentences name page, field and values. */
static void test_words(void)
{
    const char *filled[] = { attacks[21].objects[0], NULL };
    const struct pdf_report *r = verify(attack_update(a, base_file(CERTIFIED_2), 0, "", filled));
    const struct pdf_change *c = attack_change(r, "field-changed");

    if (!c) {
        ok(false, "a changed field is told");
        return;
    }
    is_str(c->field, "Filled", "the field is named");
    is_str(c->old, "100", "with its old value");
    is_str(c->new, "999", "and the new one");
    is_int((int)c->page, 1, "and its page");
    is_int(c->object, 9, "and its object");
    is_str(str_z(c->rule), "certified-2", "and the rule");
    is_int((int)r->revisions_n, 1, "one later version is told");
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)1 << 30);
    test_attacks();
    test_benign();
    test_own();
    test_large();
    test_words();
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
