/*
 * test_pdf_sign.c - PDFs of each kind are signed by an update of their own form; what cannot be
 * signed is refused with its reason; a TSA or key that fails leaves nothing half signed (P3-09,
 * P3-10, P3-26).
 */
#include "pdf_kit.h"
#include "tap.h"

#include "sign/pdf_read.h"

#include <stdlib.h>

static struct kit *kit;
static struct arena *a;
static struct buf out;

static enum err sign(struct bytes pdf, enum pdf_level level, struct pdf_sign_result *result)
{
    struct pdf_sign_params p = kit_params(kit, pdf, level, KIT_P256);
    return pdf_sign(&p, a, &out, result);
}

/* E_OK for reason "". */
static void refused(struct bytes pdf, const char *reason, const char *name)
{
    struct pdf_sign_result result;
    fault_clear();
    enum err rc = sign(pdf, PDF_LEVEL_ES, &result);
    bool good = rc != E_OK && rc != E_INTERNAL && out.n == 0 &&
                strcmp(fault_current()->reason, reason) == 0;
    if (!ok(good, "%s: %s", name, reason))
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

static void test_forms(void)
{
    static const char *const names[] = { "table", "stream", "object streams" };

    for (int form = 0; form < KIT_FORM__MAX; form++) {
        for (int acroform = 0; acroform < 2; acroform++) {
            struct pdf_sign_result r;
            struct pdf_read d;
            struct bytes pdf = kit_pdf(a, (enum kit_form)form, 3, 5000, acroform);
            ok(sign(pdf, PDF_LEVEL_ES, &r) == E_OK, "%s%s is signed", names[form],
               acroform ? " with a form" : "");
            struct bytes file = bytes_dup(a, buf_bytes(&out));
            ok(file.n > pdf.n && memcmp(file.p, pdf.p, pdf.n) == 0,
               "the document is continued, not rewritten");
            ok(file.n - pdf.n <= 12288, "it grows by %zu bytes", file.n - pdf.n);
            ok(count(file, pdf.n, "\nxref\n") == (form == KIT_TABLE) &&
                   count(file, pdf.n, "/Type/XRef") == (form != KIT_TABLE),
               "the update has the cross-reference form of the file");
            struct bytes32 in = sha256(pdf), after = sha256(file);
            ok(bytes32_eq(&in, &r.digest_in) && bytes32_eq(&after, &r.digest_out) &&
                   r.size_out == file.n,
               "both digests are told");
            is_err(kit_open(file, &d), E_OK, "the result can be read");
            pdf_read_close(&d);
        }
    }
}

static void test_growth(void)
{
    struct pdf_sign_result r;
    struct bytes pdf = kit_pdf(a, KIT_STREAM, 1, 100000, true);
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES_T, KIT_RSA3072);

    is_err(pdf_sign(&p, a, &out, &r), E_OK, "ES-T with RSA-3072");
    ok(out.n - pdf.n <= 40960, "ES-T grows by %zu bytes", out.n - pdf.n);
    ok(r.token.der.n > 0 && !str_empty(r.token.serial) && r.token.trusted, "its token is told");
    ok(count(buf_bytes(&out), pdf.n, "1.2.840") == 0, "nothing textual of the CMS leaks");
    struct bytes file = bytes_dup(a, buf_bytes(&out));
    p.tail_only = true;
    p.level = PDF_LEVEL_ES;
    is_err(pdf_sign(&p, a, &out, &r), E_OK, "only the tail can be asked for");
    ok(r.size_out == pdf.n + out.n && out.n < file.n - pdf.n, "it is the rest of the file");
    struct digest *d = digest_new(DIGEST_SHA256);
    struct bytes32 all;
    uint8_t value[64];
    digest_add(d, pdf.p, pdf.n);
    digest_add(d, out.p, out.n);
    digest_end(d, value);
    memcpy(all.b, value, 32);
    ok(bytes32_eq(&all, &r.digest_out), "document and tail have the digest that is told");
}

static void test_text(void)
{
    struct pdf_sign_result r;
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 100, false);
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES, KIT_P256);

    p.name = STR("山田 太郎");
    p.reason = STR("a (b) \\ c");
    p.field = STR("承認者1");
    p.when = timestamp_from_unix(clock_now().us / SECOND_US);
    is_err(pdf_sign(&p, a, &out, &r), E_OK, "Japanese names are written");
    struct bytes file = bytes_dup(a, buf_bytes(&out));
    ok(count(file, pdf.n, "/Name<FEFF5C717530002059") == 1, "as UTF-16BE with its mark");
    ok(count(file, pdf.n, "/Reason(a \\(b\\) \\\\ c)") == 1, "and ASCII escaped");
    ok(count(file, pdf.n, timestamp_pdf(a, p.when).p) == 1, "/M is the time asked for, as UTC");
    ok(count(file, pdf.n, "/SubFilter/ETSI.CAdES.detached") == 1, "PAdES");
    p.source = pdf_source_memory(file);
    is_err(pdf_sign(&p, a, &out, &r), E_INPUT, "a field name is used once");
    is_str(str_z(fault_current()->reason), "field-name-used", "and the reason is told");
}

/* What is in `file` with `old` replaced by `new` of the same length, `n`th occurrence. */
static struct bytes replaced(struct bytes file, const char *old, const char *new)
{
    struct bytes copy = bytes_dup(a, file);
    size_t n = strlen(old);
    for (size_t i = 0; i + n <= copy.n; i++) {
        if (memcmp(copy.p + i, old, n) == 0) {
            memcpy((uint8_t *)(uintptr_t)copy.p + i, new, n);
            break;
        }
    }
    return copy;
}

static struct bytes joined(const char *before, struct bytes file, const char *after)
{
    struct buf b = buf_init(1 << 24);
    buf_add_z(&b, before);
    buf_add_bytes(&b, file);
    buf_add_z(&b, after);
    struct bytes copy = bytes_dup(a, buf_bytes(&b));
    buf_free(&b);
    return copy;
}

#define CATALOG "<</Type/Catalog/Pages 2 0 R"
#define PAGE "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"

static struct bytes three(const char *catalog, const char *pages, const char *page)
{
    const char *objects[] = { catalog, pages, page };
    return kit_pdf_of(a, KIT_TABLE, objects, 3);
}

static void test_refusals(void)
{
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 100, false);
    const char *pages = "<</Type/Pages/Count 1/Kids[3 0 R]>>";

    refused(BYTES_ABSENT, "pdf-empty", "nothing");
    refused(bytes_of_str(STR("PK\003\004 not a PDF")), "pdf-not", "another kind of file");
    refused(joined("junk\n", pdf, ""), "pdf-offset-header", "junk before the header");
    refused((struct bytes){ pdf.p, pdf.n - 8 }, "pdf-truncated", "cut before %%EOF");
    refused(joined("", pdf, "7 0 obj\n<</Type/Pa"), "pdf-truncated", "an update cut off");
    refused(replaced(pdf, "\nxref\n", "\nxrfe\n"), "pdf-damaged-startxref", "startxref elsewhere");
    refused(replaced(pdf, "/Root 1 0 R", "/Root 3 0 R"), "pdf-no-pages", "no page tree");
    refused(replaced(pdf, "/Root 1 0 R", "/Root 9 0 R"), "pdf-damaged-catalog", "no catalogue");
    refused(three(CATALOG ">>", "<</Type/Pages/Count 0/Kids[]>>", PAGE), "pdf-no-pages",
            "no pages");
    refused(three(CATALOG ">>", "<</Type/Pages/Count 1/Kids[2 0 R]>>", PAGE), "pdf-damaged-pages",
            "a page tree that is its own child");
    refused(three(CATALOG ">>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
                  "<</Type/Pages/Count 1/Kids[2 0 R 2 0 R 2 0 R]>>"),
            "pdf-damaged-pages", "a page tree in a circle");
    refused(three(CATALOG "/AcroForm<</Fields[]/XFA(x)>>>>", pages, PAGE), "pdf-xfa", "XFA");
    refused(three(CATALOG "/Perms<</UR3<</Type/Sig>>>>>>", pages, PAGE), "pdf-usage-rights",
            "usage rights");
    refused(three(CATALOG "/Perms<</DocMDP<</Type/Sig/Reference[<</TransformMethod/DocMDP"
                          "/TransformParams<</P 1>>>>]>>>>>>",
                  pages, PAGE),
            "certified-no-changes", "a certification that forbids changes");
    refused(three(CATALOG "/AcroForm<</Fields[<</FT/Sig/T(x)/V<</Type/Sig>>/Lock<</Action/All/P 1>>"
                          ">>]>>>>",
                  pages, PAGE),
            "certified-no-changes", "a lock that forbids changes");
    refused(three(CATALOG "/AcroForm<</Fields[<</FT/Sig/T(x)/V<</Type/Sig/Reference["
                          "<</TransformMethod/FieldMDP/TransformParams<</Action/Include/Fields"
                          "[(Signature1)]>>>>]>>>>]>>>>",
                  pages, PAGE),
            "signature-locked", "a lock of this field");
    refused(three(CATALOG "/AcroForm[]>>", pages, PAGE), "pdf-damaged-form",
            "a form of another type");
    refused(three(CATALOG ">>", pages, "<</Type/Page/Annots 7>>"), "pdf-damaged-form",
            "annotations of another type");
}

static void test_allowed(void)
{
    const char *pages = "<</Type/Pages/Count 1/Kids[3 0 R]>>";
    struct pdf_sign_result r;
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 100, false);

    is_err(sign(three(CATALOG "/Perms<</DocMDP<</Type/Sig/Reference[<</TransformMethod/DocMDP"
                              "/TransformParams<</P 2>>>>]>>>>>>",
                      pages, PAGE),
                PDF_LEVEL_ES, &r),
           E_OK, "a certification that allows signatures");
    is_err(sign(three(CATALOG "/AcroForm<</Fields 4 0 R>>>>", pages, PAGE), PDF_LEVEL_ES, &r), E_OK,
           "a form whose fields do not exist");
    is_err(sign(joined("", pdf, "\n\n  "), PDF_LEVEL_ES, &r), E_OK, "white space behind the end");
    is_err(sign(joined("", pdf, "<!-- mail footer -->"), PDF_LEVEL_ES, &r), E_OK,
           "a little junk behind the end");
    is_err(sign(replaced(pdf, "/Size 8", "/Size 3"), PDF_LEVEL_ES, &r), E_OK,
           "a /Size that is too small");
    ok(count(buf_bytes(&out), pdf.n, "\n3 0 obj") == 0, "no object is overwritten by it");
}

/* An empty field is filled rather than doubled; what it locks is said in the signature. */
static void test_fill(void)
{
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R 6 0 R]>>>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Annots[4 0 R 5 0 R 6 0 R]>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Boss)/Rect[9 9 60 30]/F 4/P 3 0 R"
        "/Lock<</Type/SigFieldLock/Action/Include/Fields[(Sum)]>>>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Picky)/Rect[9 9 60 30]/P 3 0 R"
        "/SV<</Ff 1/Filter/Entrust.PPKEF>>>>",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(Sum)/Rect[9 60 60 90]/P 3 0 R>>",
    };
    struct bytes pdf = kit_pdf_of(a, KIT_STREAM, objects, 6);
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES, KIT_P256);
    struct pdf_sign_result r;
    struct pdf_report *report;

    p.field = STR("Boss");
    is_err(pdf_sign(&p, a, &out, &r), E_OK, "an empty field is filled");
    struct bytes file = bytes_dup(a, buf_bytes(&out));
    ok(count(file, pdf.n, "/FT") == 1, "and none is added");
    ok(count(file, pdf.n, "/TransformMethod/FieldMDP") == 1, "its lock is in the signature");
    is_err(kit_verify(file, kit->trust, TIMESTAMP_NONE, a, &report), E_OK, "it can be judged");
    ok(report->verdict == PDF_TOTAL_PASSED && str_eq_z(report->signatures[0].field, "Boss"),
       "and passes");
    p.source = pdf_source_memory(file);
    is_err(pdf_sign(&p, a, &out, &r), E_INPUT, "a filled field is not filled again");
    is_str(str_z(fault_current()->reason), "field-name-used", "field-name-used");
    p.field = STR("Sum");
    is_err(pdf_sign(&p, a, &out, &r), E_INPUT, "a text field is no signature field");
    p.field = STR("a.b");
    is_err(pdf_sign(&p, a, &out, &r), E_INPUT, "a name with a point is refused");
    p.field = STR("Picky");
    is_err(pdf_sign(&p, a, &out, &r), E_UNSUPPORTED, "what the field demands is refused");
    is_str(str_z(fault_current()->reason), "seed-filter", "seed-filter");
    p.field = STR("Extra");
    is_err(pdf_sign(&p, a, &out, &r), E_OK, "another field may be added beside");
}

static void test_truncated(void)
{
    for (int form = 0; form < KIT_FORM__MAX; form++) {
        struct bytes pdf = kit_pdf(a, (enum kit_form)form, 2, 3000, true);
        int unclean = 0, tried = 0, accepted = 0;
        for (size_t n = 0; n < pdf.n - 1; n += 10, tried++) { /* the last newline may go */
            struct pdf_sign_result r;
            enum err rc = sign((struct bytes){ pdf.p, n }, PDF_LEVEL_ES, &r);
            accepted += rc == E_OK;
            unclean += rc == E_INTERNAL || (rc != E_OK && out.n);
        }
        ok(accepted == 0 && unclean == 0, "cut at every tenth byte (%d) it is refused cleanly",
           tried);
    }
}

static void test_tsa(void)
{
    static const struct {
        enum kit_tsa mode;
        const char *reason, *name;
    } cases[] = {
        { KIT_TSA_DOWN, "tsa-unavailable", "the TSA is down" },
        { KIT_TSA_REFUSES, "tsa-refused", "the TSA refuses" },
        { KIT_TSA_GARBAGE, "tsa-reply-malformed", "the TSA answers nonsense" },
        { KIT_TSA_WRONG_NONCE, "tsa-reply-mismatch", "the token has another nonce" },
        { KIT_TSA_WRONG_IMPRINT, "tsa-reply-mismatch", "the token is over other data" },
        { KIT_TSA_LATE, "tsa-clock", "the TSA's clock is a day off" },
        { KIT_TSA_HUGE, "signature-too-large", "the token does not fit" },
    };
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 100, false);
    struct pdf_sign_result r;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kit->tsa_mode = cases[i].mode;
        enum err rc = sign(pdf, PDF_LEVEL_ES_T, &r);
        bool good =
            rc != E_OK && out.n == 0 && strcmp(fault_current()->reason, cases[i].reason) == 0;
        if (!ok(good, "%s: %s, nothing is delivered", cases[i].name, cases[i].reason))
            tap_note("%d %s %s", rc, fault_current()->reason, fault_current()->detail);
    }
    kit->tsa_mode = KIT_TSA_GOOD;
    is_err(sign(pdf, PDF_LEVEL_ES_T, &r), E_OK, "and when it works again, it works");
    struct pdf_trust *nobody = pdf_trust_new();
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES_T, KIT_P256);
    p.trust = nobody;
    is_err(pdf_sign(&p, a, &out, &r), E_BACKEND, "a TSA without an anchor is not believed");
    is_str(str_z(fault_current()->reason), "tsa-untrusted", "and the reason is told");
    pdf_trust_free(nobody);
    kit->authority.policy = STR("1.2.3.4.9");
    is_err(sign(pdf, PDF_LEVEL_ES_T, &r), E_BACKEND, "a policy that the TSA does not have");
    kit->authority.policy = STR_ABSENT;
}

static enum err no_key(void *arg, struct bytes digest, struct arena *arena, struct bytes *signature)
{
    (void)arg;
    (void)digest;
    (void)arena;
    (void)signature;
    return FAIL(E_AUTH, "pin-wrong", "test");
}

static void test_signer(void)
{
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 100, false);
    struct pdf_sign_result r;
    struct pdf_sign_params p = kit_params(kit, pdf, PDF_LEVEL_ES_A, KIT_P256);
    struct cms_signer *signer;

    p.sign = no_key;
    is_err(pdf_sign(&p, a, &out, &r), E_AUTH, "the key's error passes through");
    is_str(str_z(fault_current()->reason), "pin-wrong", "with its reason");
    ok(out.n == 0, "nothing is delivered");
    p = kit_params(kit, pdf, PDF_LEVEL_ES, KIT_P256);
    p.when = timestamp_from_unix(0x7fffffffff);
    is_err(pdf_sign(&p, a, &out, &r), E_STATE, "an expired certificate signs nothing");
    is_str(str_z(fault_current()->reason), "certificate-not-valid", "with its reason");
    is_err(cms_signer_new(pdf, NULL, 0, &signer), E_INPUT, "a certificate that is none");
    kit->revocation_down = true;
    is_err(sign(pdf, PDF_LEVEL_ES_LT, &r), E_BACKEND, "ES-LT needs revocation data");
    is_str(str_z(fault_current()->reason), "revocation-unavailable", "with its reason");
    kit->revocation_down = false;
    kit->revoked = kit->signer[KIT_P256].cert;
    is_err(sign(pdf, PDF_LEVEL_ES_LT, &r), E_STATE, "a revoked certificate gives no ES-LT");
    is_str(str_z(fault_current()->reason), "certificate-revoked", "with its reason");
    kit->revoked = NULL;
    enum pdf_level level;
    is_err(pdf_sign_level_parse(STR("ES-A"), &level), E_OK, "levels have names");
    is_err(pdf_sign_level_parse(STR("ES-X"), &level), E_INPUT, "others do not");
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)2 << 30);
    out = buf_init((size_t)64 << 20);
    test_forms();
    test_growth();
    test_text();
    arena_reset(a);
    test_refusals();
    test_allowed();
    test_tsa();
    test_signer();
    test_fill();
    arena_reset(a);
    test_truncated();
    buf_free(&out);
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
