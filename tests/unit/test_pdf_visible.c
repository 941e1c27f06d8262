/*
 * test_pdf_visible.c - signatures that can be seen: the seal is the widget's look on its page,
 * further ones are locked stamps, an author's field keeps its place, and earlier signatures are
 * never changed by it (ISO 32000-2 12.5.5, 12.7.5.5).
 */
#include "pdf_kit.h"
#include "tap.h"

#include "sign/pdf_font.h"
#include "sign/pdf_seal.h"

static struct kit *kit;
static struct arena *a;
static struct buf out;
static struct pdf_look look = { .kind = PDF_SEAL_ROUND };

static struct pdf_seal_place at(unsigned page, double x, double y)
{
    return (struct pdf_seal_place){ page, x, y, 60, 60, &look };
}

static struct bytes signed_file(struct pdf_sign_params *p, const char *name)
{
    struct pdf_sign_result r;
    fault_clear();
    enum err rc = pdf_sign(p, a, &out, &r);
    if (!ok(rc == E_OK, "%s", name))
        tap_note("err %d, reason %s, detail %s", rc, fault_current()->reason,
                 fault_current()->detail);
    return bytes_dup(a, buf_bytes(&out));
}

static void refused(struct pdf_sign_params *p, const char *reason, const char *name)
{
    struct pdf_sign_result r;
    fault_clear();
    enum err rc = pdf_sign(p, a, &out, &r);
    if (!ok(rc != E_OK && rc != E_INTERNAL && out.n == 0 &&
                strcmp(fault_current()->reason, reason) == 0,
            "%s: %s", name, reason))
        tap_note("err %d, reason %s, detail %s", rc, fault_current()->reason,
                 fault_current()->detail);
}

static size_t count(struct bytes file, size_t from, const char *what)
{
    size_t n = strlen(what), found = 0;
    for (size_t i = from; i + n <= file.n; i++)
        found += memcmp(file.p + i, what, n) == 0;
    return found;
}

static void passed(struct bytes file, size_t n, const char *name)
{
    struct pdf_source s = pdf_source_memory(file);
    struct pdf_report *r = NULL;
    bool good = pdf_verify(&s, NULL, kit->trust, TIMESTAMP_NONE, a, &r) == E_OK &&
                r->verdict == PDF_TOTAL_PASSED && r->signatures_n == n;
    if (!ok(good, "%s", name)) {
        for (size_t i = 0; r && i < r->signatures_n; i++)
            for (size_t k = 0; k < r->signatures[i].reasons_n; k++)
                tap_note("%zu: %s", i, r->signatures[i].reasons[k].code);
    }
}

static void test_forms(void)
{
    for (int form = 0; form < KIT_FORM__MAX; form++) {
        struct bytes pdf = kit_pdf(a, (enum kit_form)form, 40, 500, form == KIT_TABLE);
        struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES_A, KIT_P256);
        struct pdf_seal_place places[40];
        for (unsigned i = 0; i < 40; i++)
            places[i] = at(i + 1, 400, 50);
        places[0] = at(3, 100, 100);
        p.seals = places;
        p.seals_n = 1;
        struct bytes file = signed_file(&p, "one seal");
        ok(count(file, pdf.n, "/AP<</N ") == 1 && count(file, pdf.n, "/F 132") == 2 &&
               count(file, pdf.n, "/Rect[100.000 100.000 160.000 160.000]") == 1,
           "is the look of the widget, at its place");
        passed(file, 2, "valid");
        p.seals_n = 40;
        file = signed_file(&p, "initials on 40 pages");
        ok(count(file, pdf.n, "/Subtype/Stamp/F 708") == 39, "are locked stamps");
        passed(file, 2, "valid, too");
        p = kit_params(kit, file, PDF_LEVEL_ES, KIT_RSA2048);
        p.seals = places;
        p.seals_n = 1;
        passed(signed_file(&p, "another signs visibly"), 3, "which leaves the first as it was");
        p.seals_n = 2;
        refused(&p, "certified-no-annotations", "stamps beside an earlier signature");
    }
}

static void test_certified(void)
{
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 3, 500, false);
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES, KIT_P256);
    struct pdf_seal_place places[] = { at(1, 10, 10), at(2, 10, 10) };

    p.seals = places;
    p.seals_n = 2;
    p.certify = 3;
    struct bytes file = signed_file(&p, "certified with P=3");
    p = kit_params(kit, file, PDF_LEVEL_ES, KIT_RSA2048);
    p.seals = places;
    p.seals_n = 2;
    refused(&p, "certified-no-seal", "seals could cover what was certified");
    p.seals_n = 1;
    refused(&p, "certified-no-seal", "a new visible field, too");
    p.seals_n = 0;
    passed(signed_file(&p, "an invisible one is allowed"), 2, "and both stay valid");
}

/* Where the certifier made a place for it, another may sign visibly. */
static void test_certified_field(void)
{
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R]>>>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 400 600]>>",
        "<</Type/Page/Parent 2 0 R/Annots[4 0 R 5 0 R]>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Author)/Rect[50 60 150 100]/F 4/P 3 0 R>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Reader)/Rect[250 60 350 100]/F 4/P 3 0 R>>",
    };
    struct bytes pdf = kit_pdf_of(a, KIT_STREAM, objects, 5);
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES_A, KIT_P256);
    struct pdf_seal_place places[] = { at(1, 10, 10) };

    p.seals = places;
    p.seals_n = 1;
    p.certify = 2;
    p.field = STR("Author");
    p = kit_params(kit, signed_file(&p, "the author certifies, visibly"), PDF_LEVEL_ES_T,
                   KIT_RSA2048);
    p.seals = places;
    p.seals_n = 1;
    passed(signed_file(&p, "a reader signs in the field left"), 3, "all stay valid");
}

static void test_refusals(void)
{
    struct bytes pdf = kit_pdf(a, KIT_STREAM, 2, 500, false);
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES, KIT_P256);
    struct pdf_seal_place places[] = { at(1, 10, 10), at(3, 10, 10) };

    p.seals = places;
    p.seals_n = 2;
    refused(&p, "seal-page", "a page that is not there");
    places[1] = at(2, 9000, 10);
    refused(&p, "seal-place", "a place beside the page");
    places[1] = at(0, 10, 10);
    refused(&p, "seal-page", "page 0");
    p.seals_n = PDF_SIGN_SEALS_MAX + 1;
    refused(&p, "seal-too-many", "too many");
}

/* An author's field is filled where it is, whatever was asked for; one without an area is not seen.
 */
static void test_fields(void)
{
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R 6 0 R]>>>>",
        "<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/MediaBox[0 0 400 600]/Rotate 90>>",
        "<</Type/Page/Parent 2 0 R>>",
        "<</Type/Page/Parent 2 0 R/Annots[5 0 R 6 0 R]>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Boss)/Rect[50 60 150 100]/F 4/P 4 0 R>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Unseen)/Rect[0 0 0 0]/F 4/P 4 0 R>>",
    };
    struct bytes pdf = kit_pdf_of(a, KIT_OBJSTM, objects, 6);
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES, KIT_P256);
    struct pdf_seal_place places[] = { at(1, 10, 10) };

    p.seals = places;
    p.seals_n = 1;
    p.field = STR("Boss");
    struct bytes file = signed_file(&p, "a field with a place of its own");
    ok(count(file, pdf.n, "/AP") == 1 && count(file, pdf.n, "[ 50 60 150 100 ]") == 1 &&
           count(file, pdf.n, "/Stamp") == 0,
       "gets the seal there");
    passed(file, 1, "valid");
    p.field = STR("Unseen");
    file = signed_file(&p, "a field without a place");
    ok(count(file, pdf.n, "/Stamp") == 1, "the seal is a stamp beside it");
    passed(file, 1, "valid");
}

static void test_preview(void)
{
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 500, false);
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES_A, KIT_P256);
    struct pdf_seal_place places[] = { at(1, 100, 100) };
    struct pdf_sign_result r;
    int signs = kit->sign_calls, stamps = kit->tsa_calls;

    p.seals = places;
    p.seals_n = 1;
    p.preview = true;
    p.sign = NULL;
    is_err(pdf_sign(&p, a, &out, &r), E_OK, "a preview");
    ok(kit->sign_calls == signs && kit->tsa_calls == stamps, "uses neither key nor TSA");
    struct bytes file = bytes_dup(a, buf_bytes(&out));
    ok(count(file, pdf.n, "/AP<</N ") == 1 && count(file, pdf.n, "%%EOF") == 1,
       "shows the seal, in one update");
    struct pdf_source s = pdf_source_memory(file);
    struct pdf_report *report;
    is_err(pdf_verify(&s, NULL, kit->trust, TIMESTAMP_NONE, a, &report), E_OK, "can be read");
    ok(report->verdict == PDF_TOTAL_FAILED, "and is no signature");
}

/* 500 pages: the last one is found, and sealed alone. */
static void test_many_pages(void)
{
    for (int form = 0; form < KIT_FORM__MAX; form++) {
        struct bytes pdf = kit_pdf(a, (enum kit_form)form, 500, 500, false);
        struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES_A, KIT_RSA2048);
        struct pdf_seal_place place = at(500, 100, 100);

        p.seals = &place;
        p.seals_n = 1;
        passed(signed_file(&p, "a seal on the last of 500 pages"), 2, "valid");
        place.page = 501;
        refused(&p, "seal-page", "on the page after it");
    }
}

int main(void)
{
    if (pdf_font_ready(PDF_FONT_MINCHO) != E_OK || pdf_font_ready(PDF_FONT_GOTHIC) != E_OK) {
        tap_skip("the fonts are not installed");
        return tap_done();
    }
    kit = kit_new();
    a = arena_new((size_t)1 << 30);
    out = buf_init(64 << 20);
    look.text = STR("山田");
    test_forms();
    test_certified();
    test_certified_field();
    test_refusals();
    test_fields();
    test_preview();
    test_many_pages();
    buf_free(&out);
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
