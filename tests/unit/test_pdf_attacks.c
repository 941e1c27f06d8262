/*
 * test_pdf_attacks.c - forged, wrapped, doubled and broken signatures: none may pass (universal
 * forgery, incremental saving, wrapping, sneaky signature, algorithm confusion, parser
 * differentials, loops). SHOMEI_ATTACKS=DIR writes the files. What pdfsig 22.12 says of them:
 *
 * "Signature is Valid.", "Total document signed": h01 h02 h03 h04 h07 h08, m06 (SHA-1), m08 (RSA
 *     1024), m11, m12 (another certificate), m16 (two signers)
 * "Signature is Valid.", "Not total document signed": e00 h09 i00 to i06 i20 i21 p00 to p08 p10 p11
 *     s00 s01 s02 w01
 * "Signature is Invalid." m03 m04 m09 m10; "Digest Mismatch." f04 h05 m07 m13 m17 w00; "Unknown
 *     Validation Failure." h06 m14 m15; "Signature has not yet been verified." f00 to f03 f05 to
 * f08 h00; nothing: f09 p09
 */
#include "attack_cms.h"
#include "attack_kit.h"
#include "tap.h"

#include <stdlib.h>

static struct kit *kit;
static struct arena *a;

static struct bytes approved(void)
{
    static struct bytes made;
    if (!made.n)
        made =
            attack_signed(kit, kit->arena, attack_base(kit->arena), PDF_LEVEL_ES, 0, NULL, false);
    return made;
}

static struct bytes certified(void)
{
    static struct bytes made;
    if (!made.n)
        made =
            attack_signed(kit, kit->arena, attack_base(kit->arena), PDF_LEVEL_ES, 2, NULL, false);
    return made;
}

/* ---- the judgement ---- */

static void add_signature(struct buf *b, const struct pdf_signature_report *s)
{
    buf_fmt(b, "%s %s", pdf_verify_verdict_name(s->verdict), s->sub_indication);
    for (size_t i = 0; i < s->reasons_n; i++)
        buf_fmt(b, " %s", s->reasons[i].code);
    buf_add_z(b, "; ");
}

/* Verdict, sub-indications, reasons and changes in one line; or "refused" and why. */
static const char *judged(struct bytes file, bool *passed)
{
    struct buf b = buf_init(1 << 20);
    struct pdf_report *r;
    struct str line;

    *passed = false;
    if (kit_verify(file, kit->trust, TIMESTAMP_NONE, a, &r) != E_OK) {
        buf_fmt(&b, "refused %s", fault_current()->reason);
    } else {
        *passed = r->verdict == PDF_TOTAL_PASSED;
        buf_fmt(&b, "%s, %zu: ", pdf_verify_verdict_name(r->verdict), r->signatures_n);
        for (size_t i = 0; i < r->signatures_n; i++)
            add_signature(&b, &r->signatures[i]);
        for (size_t i = 0; i < r->revisions_n; i++)
            for (size_t k = 0; k < r->revisions[i].changes_n; k++)
                buf_fmt(&b, "%c%s ", r->revisions[i].changes[k].allowed ? '+' : '-',
                        r->revisions[i].changes[k].code);
    }
    if (buf_to_str(&b, a, &line) != E_OK)
        line = STR("?");
    buf_free(&b);
    return line.p;
}

static void must_not_pass(const char *id, struct bytes file, const char *expected, const char *name)
{
    bool passed;
    const char *line = judged(file, &passed);

    attack_save(id, file);
    if (!ok(!passed && strstr(line, expected), "%s (%s)", name, id))
        tap_note("%s", line);
}

/* ---- universal forgery: what the dictionary says about itself ---- */

static const struct {
    const char *old, *new, *expected, *name;
} forged[] = {
    { "/ByteRange[", "/ByteRangX[", "byte-range-malformed", "no ByteRange" },
    { "/ByteRange[0 ", "/ByteRange null/X[", "byte-range-malformed", "ByteRange null" },
    { "/Contents<", "/Contentz<", "byte-range-gap", "no Contents" },
    { "/ByteRange[0 ", "/ByteRange[-0 -", "byte-range", "negative ranges" },
    { "/ByteRange[0 ", "/ByteRange[1 ", "byte-range-malformed", "a range that starts late" },
    { "/ByteRange[0 ", "/ByteRange[] ", "byte-range-malformed", "no ranges" },
    { "/SubFilter/ETSI.CAdES.detached", "/SubFilter/adbe.x509.rsa_sha1", "sub-filter-unsupported",
      "another SubFilter" },
    { "/SubFilter/ETSI.CAdES.detached", "/SubFilter/ETSI.RFC3161", "timestamp",
      "a signature that calls itself a time-stamp" },
    { "/Type/Sig/Filter", "/Type/Sig%Filter", "indeterminate, 0", "a comment within" },
    { "/FT/Sig", "/FT/Tx ", "indeterminate, 0", "the field is none of signatures" },
};

static void test_forged(void)
{
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        /* "null%" and the like are longer by what they comment out */
        size_t n = strlen(forged[i].old), m = strlen(forged[i].new);
        const char *old =
            m > n ? str_fmt(a, "%s%.*s", forged[i].old, (int)(m - n),
                            (const char *)approved().p + attack_find(approved(), forged[i].old) + n)
                        .p
                  : forged[i].old;
        must_not_pass(str_fmt(kit->arena, "f%02zu", i).p,
                      attack_put(a, approved(), old, forged[i].new), forged[i].expected,
                      str_fmt(kit->arena, "forgery: %s", forged[i].name).p);
    }
}

/* ---- incremental saving ---- */

static void test_saving(void)
{
    static const struct {
        unsigned leave_out;
        const char *expected, *name;
    } cases[] = {
        { 0, "content-changed", "a whole update" },
        { ATTACK_NO_XREF, "bytes-unreachable", "no cross-reference" },
        { ATTACK_NO_XREF | ATTACK_NO_TRAILER, "bytes-unreachable",
          "no cross-reference, no trailer" },
        { ATTACK_NO_STARTXREF, "refused pdf-truncated", "no startxref" },
        { ATTACK_NO_XREF | ATTACK_NO_TRAILER | ATTACK_NO_STARTXREF, "refused pdf-truncated",
          "objects and %%EOF" },
        { ATTACK_NO_XREF | ATTACK_NO_TRAILER | ATTACK_NO_STARTXREF | ATTACK_NO_EOF,
          "refused pdf-truncated", "only objects" },
        { ATTACK_NO_EOF, "refused pdf-truncated", "no %%EOF" },
    };
    const char *objects[] = { attack_stream(kit->arena, 4, "", "0 0 m S"), NULL };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        must_not_pass(str_fmt(kit->arena, "i%02zu", i).p,
                      attack_update(a, approved(), cases[i].leave_out, "", objects),
                      cases[i].expected,
                      str_fmt(kit->arena, "incremental saving: %s", cases[i].name).p);
    /* something harmless is listed, and beside it lies what only repairing readers find */
    const char *harmless[] = {
        "10 <</Type/Metadata/Subtype/XML/Length 4>>\nstream\n<x/>\nendstream", NULL
    };
    struct bytes hidden = attack_update(
        a, approved(), ATTACK_NO_XREF | ATTACK_NO_TRAILER | ATTACK_NO_STARTXREF | ATTACK_NO_EOF, "",
        objects);
    must_not_pass("i20", attack_update(a, hidden, 0, "", harmless), "bytes-unreachable",
                  "incremental saving: an object that is not listed");
    /* the signature itself is written again, as it is */
    size_t from = attack_find(approved(), "16 0 obj\n") + 9,
           to = from +
                attack_find((struct bytes){ approved().p + from, approved().n - from }, ">>>");
    (void)to;
    struct str body = str_of(a, (const char *)approved().p + from,
                             attack_find(approved(), "endobj\n1 0 obj") - from);
    const char *again[] = { str_fmt(a, "16 %s", body.p).p, objects[0], NULL };
    must_not_pass("i21", attack_update(a, approved(), 0, "", again), "content-changed",
                  "incremental saving: with a copy of the signature");
}

/* ---- wrapping ---- */

/*
 * The second range is moved back; in between stand other objects and a cross-reference of their own
 * at the very offset that the end of the file points to.
 */
static struct bytes wrapped(bool own_range)
{
    struct bytes file = approved();
    size_t resume = attack_find(file, ">>\nendobj\n1 0 obj"),
           gap = attack_find(file, "/Contents<") + 9;
    size_t startxref = attack_find(file, "xref\n1 1");
    struct buf b = buf_init((size_t)64 << 20), table = buf_init(65536);
    size_t content, field = attack_find(file, "17 0 obj"), value = attack_find(file, "16 0 obj");

    buf_add_bytes(&b, (struct bytes){ file.p, resume });
    if (own_range)
        buf_fmt(&b, "/ByteRange[0 %zu %010zu %zu]", gap, startxref + 4096, file.n - resume);
    buf_add_z(&b, ">>\nendobj\n");
    content = b.n;
    buf_add_z(&b, "4 0 obj\n<</Length 8>>\nstream\n0 0 m S \nendstream\nendobj\n");
    size_t root = b.n;
    buf_add_z(&b, "1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>\nendobj\n");
    size_t form = b.n;
    buf_add_z(&b, "5 0 obj\n<</Fields[17 0 R]/SigFlags 3>>\nendobj\n");
    while (b.n < startxref)
        buf_add_char(&b, ' ');
    buf_fmt(&table,
            "xref\n1 1\n%010zu 00000 n\r\n4 2\n%010zu 00000 n\r\n%010zu 00000 n\r\n"
            "16 2\n%010zu 00000 n\r\n%010zu 00000 n\r\ntrailer\n<</Size 18/Root 1 0 R/Prev "
            "%llu>>\n999 0 obj\n<<",
            root, content, form, value, field,
            (unsigned long long)strtoull((const char *)file.p + attack_find(file, "/Prev ") + 6,
                                         NULL, 10));
    buf_add_bytes(&b, buf_bytes(&table));
    while (b.n < startxref + 4096)
        buf_add_char(&b, ' ');
    buf_add_bytes(&b, (struct bytes){ file.p + resume, file.n - resume });
    struct bytes out = bytes_dup(a, buf_bytes(&b));
    buf_free(&b);
    buf_free(&table);
    return out;
}

static void test_wrapping(void)
{
    must_not_pass("w00", wrapped(false), "total-failed", "wrapping: other objects in between");
    must_not_pass("w01", wrapped(true), "total-failed", "wrapping: with a second ByteRange");
}

/* ---- dictionaries by hand ---- */

#define FORM "5 <</Fields[6 0 R 9 0 R 11 0 R 31 0 R]/DA(/Helv 0 Tf 0 g)/SigFlags 3>>"
#define PAGE                                                                                       \
    "7 <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 3 0 R" \
    "/F2 15 0 R>>/XObject<</Im1 13 0 R>>>>/Annots[6 0 R 9 0 R 11 0 R 31 0 R]>>"
#define FIELD                                                                                      \
    "31 <</Type/Annot/Subtype/Widget/FT/Sig/T(Hand)/V 30 0 R/F 132/Rect[0 0 0 0]/P 7 0 R>>"
#define DATE "/M(D:20260102030405Z)"
#define SIG "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached" DATE

static struct bytes by_hand(struct bytes base, const char *const *objects, attack_cms_fn *cms)
{
    return attack_fill(kit, a, attack_update(a, base, 0, "", objects), cms);
}

/* The dictionary 30 of this text, `%s` the room for the value. */
static struct bytes with_value(const char *before, const char *behind, attack_cms_fn *cms)
{
    const char *objects[] = { FORM, PAGE, FIELD,
                              str_fmt(a, "30 <<%s%s%s>>", before, attack_room(a), behind).p, NULL };
    return by_hand(attack_base(a), objects, cms);
}

static void test_by_hand(void)
{
    bool passed;
    const char *line =
        judged(with_value(SIG "/ByteRange" ATTACK_RANGE "/Contents", "", NULL), &passed);

    if (!ok(passed, "a signature by hand passes when nothing is wrong with it"))
        tap_note("%s", line);
    must_not_pass("h00", with_value(SIG "/ByteRange 32 0 R/Contents", "", NULL),
                  "byte-range-malformed", "ByteRange that is nowhere");
    const char *range[] = {
        FORM,
        PAGE,
        FIELD,
        "32 " ATTACK_RANGE,
        str_fmt(a, "30 <<" SIG "/ByteRange 32 0 R/Contents%s>>", attack_room(a)).p,
        NULL
    };
    must_not_pass("h01", by_hand(attack_base(a), range, NULL), "byte-range-malformed",
                  "ByteRange as an object of its own");
    const char *contents[] = { FORM,
                               PAGE,
                               FIELD,
                               "30 <<" SIG "/Contents 32 0 R/ByteRange" ATTACK_RANGE ">>",
                               str_fmt(a, "32 %s", attack_room(a)).p,
                               NULL };
    must_not_pass("h02", by_hand(attack_base(a), contents, NULL), "byte-range-gap",
                  "Contents as an object of its own");
    must_not_pass(
        "h03", with_value(SIG "/ByteRange[0 1 2 3]/ByteRange" ATTACK_RANGE "/Contents", "", NULL),
        "signature-doubled", "two ByteRanges");
    must_not_pass("h04",
                  with_value(SIG "/ByteRange" ATTACK_RANGE "/Contents(x)/Contents", "", NULL),
                  "signature-doubled", "two Contents");
    must_not_pass(
        "h05", with_value(SIG "/ByteRange" ATTACK_RANGE "/Contents", "/Byte#52ange[0 1 2 3]", NULL),
        "byte-range-gap", "a second ByteRange under an escaped name");
    must_not_pass("h06",
                  with_value(SIG "/ByteRange" ATTACK_RANGE "/Contents", "/Conten#74s(x)", NULL),
                  "byte-range-gap", "a second Contents under an escaped name");
    must_not_pass("h07",
                  with_value("/Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.sha1" DATE
                             "/ByteRange" ATTACK_RANGE "/Contents",
                             "", NULL),
                  "sub-filter-unsupported", "an old kind of signature");
    const char *two[] = {
        "5 <</Fields[31 0 R 33 0 R]/SigFlags 3>>",
        PAGE,
        FIELD,
        "33 <</FT/Sig/T(Other)/V 30 0 R/F 132/Rect[0 0 0 0]>>",
        str_fmt(a, "30 <<" SIG "/ByteRange" ATTACK_RANGE "/Contents%s>>", attack_room(a)).p,
        NULL
    };
    must_not_pass("h08", by_hand(attack_base(a), two, NULL), "signature-shared",
                  "one signature in two fields");
    /* what follows the value in its string is no padding */
    struct bytes file = with_value(SIG "/ByteRange" ATTACK_RANGE "/Contents", "", NULL);
    must_not_pass("h09", attack_put(a, file, "000000000>", "00000000f>"), "cms-malformed",
                  "something behind the value");
}

/* ---- ends ---- */

static void test_ends(void)
{
    /* a signature that ends at a %%EOF which is no end of a revision */
    const char *fake[] = {
        FORM,
        PAGE,
        FIELD,
        str_fmt(a, "30 <<" SIG "/ByteRange" ATTACK_RANGE "/Contents%s>>\n%%%%EOF\n%%",
                attack_room(a))
            .p,
        "40 (later)",
        NULL
    };
    struct bytes file = attack_update(a, attack_base(a), 0, "", fake);
    size_t end = attack_find(attack_cut(a, file, file.n - 10), "%%EOF\n%") + 6;
    struct bytes head = attack_fill(kit, a, attack_cut(a, file, end), NULL);
    struct buf b = buf_init((size_t)64 << 20);
    buf_add_bytes(&b, head);
    buf_add_bytes(&b, (struct bytes){ file.p + end, file.n - end });
    must_not_pass("e00", bytes_dup(a, buf_bytes(&b)), "revision-unreadable", "an end that is none");
    buf_free(&b);
}

/* ---- cryptography ---- */

static void test_cms(void)
{
    for (size_t i = 0; attack_cms[i].make; i++) {
        struct bytes file =
            with_value(SIG "/ByteRange" ATTACK_RANGE "/Contents", "", attack_cms[i].make);
        const char *id = str_fmt(kit->arena, "m%02zu", i).p;
        if (attack_cms[i].good) {
            bool passed;
            const char *line = judged(file, &passed);
            if (!ok(passed, "passes: %s (%s)", attack_cms[i].name, id))
                tap_note("%s", line);
            attack_save(id, file);
            continue;
        }
        must_not_pass(id, file, attack_cms[i].expected, attack_cms[i].name);
    }
}

/* ---- certified documents ---- */

static void test_sneaky(void)
{
    const char *look = attack_stream(kit->arena, 34, "/Type/XObject/Subtype/Form/BBox[0 0 595 842]",
                                     "1 g 0 0 595 842 re f");
    const char *field =
        "31 <</Type/Annot/Subtype/Widget/FT/Sig/T(Hand)/V 30 0 R/F 132/Rect[0 0 300 99]"
        "/P 7 0 R/AP<</N 34 0 R>>>>";
    const char *form =
        "5 <</Fields[6 0 R 9 0 R 11 0 R 17 0 R 31 0 R]/DA(/Helv 0 Tf 0 g)/SigFlags 3>>";
    const char *page =
        "7 <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<"
        "/Font<</F1 3 0 R/F2 15 0 R>>/XObject<</Im1 13 0 R>>>>/Annots[6 0 R 9 0 R 11 0 "
        "R 17 0 R 31 0 R]>>";
    const char *value = str_fmt(kit->arena, "30 <<" SIG "/ByteRange" ATTACK_RANGE "/Contents%s>>",
                                attack_room(kit->arena))
                            .p;
    const char *small[] = { form, page, field, look, value, NULL };
    must_not_pass("s00", by_hand(certified(), small, NULL), "-signature-shown",
                  "sneaky signature: a visible one in a new field, P = 2");
    bool passed;
    const char *line = judged(by_hand(approved(), small, NULL), &passed);
    if (!ok(passed && strstr(line, "+signature-shown"), "the same is fine without a certification"))
        tap_note("%s", line);
    const char *large[] = {
        form,
        page,
        "31 <</Type/Annot/Subtype/Widget/FT/Sig/T(Hand)/V 30 0 R/F 132/Rect[0 0 "
        "595 500]/P 7 0 R/AP<</N 34 0 R>>>>",
        look,
        value,
        NULL
    };
    must_not_pass("s01", by_hand(approved(), large, NULL), "-signature-covers",
                  "sneaky signature: a seal over the page");
    struct bytes first = attack_signed(kit, a, attack_base(a), PDF_LEVEL_ES, 1, NULL, false);
    const char *third[] = {
        form, page,
        "31 <</Type/Annot/Subtype/Widget/FT/Sig/T(Hand)/V 30 0 R/F 132/Rect[0 0 0 "
        "0]/P 7 0 R>>",
        value, NULL
    };
    must_not_pass("s02", by_hand(first, third, NULL), "-signature-added",
                  "a signature after a certification that forbids it");
}

/* ---- parser differentials ---- */

static void test_parsers(void)
{
    const char *twice[] = {
        "7 <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 14 0 R/Contents 4 0 "
        "R/Resources<<"
        "/Font<</F1 3 0 R/F2 15 0 R>>/XObject<</Im1 13 0 R>>>>/Annots[6 0 R 9 0 R 11 0 R 17 0 R]>>",
        NULL
    };
    must_not_pass("p00", attack_update(a, approved(), 0, "", twice), "object-doubled",
                  "a key twice in a page");
    const char *objects[] = { attack_stream(kit->arena, 4, "", "0 0 m S"), NULL };
    struct bytes update = attack_update(a, approved(), 0, "", objects);
    must_not_pass(
        "p01",
        attack_insert(a, update, attack_find(update, "%%EOF"),
                      str_fmt(a, "startxref\n%zu\n", attack_find(approved(), "xref\n1 1")).p),
        "bytes-unreachable", "two startxref");
    must_not_pass("p02", attack_put(a, update, "4 0 obj", "6 0 obj"), "",
                  "a number that is not listed");
    struct bytes loop = attack_update(a, approved(), 0, "", objects);
    const char *prev = str_fmt(a, "/Prev %zu", attack_find(approved(), "xref\n1 1")).p;
    must_not_pass(
        "p04", attack_put(a, loop, prev, str_fmt(a, "/Prev %zu", attack_find(loop, "xref\n4 1")).p),
        "refused", "a chain of updates that loops");
    const char *tree[] = { "2 <</Type/Pages/Count 2/Kids[2 0 R 7 0 R]>>", NULL };
    must_not_pass("p05", attack_update(a, approved(), 0, "", tree), "revision-",
                  "a page tree that loops");
    const char *nested[] = { "7 <</Type/Page/Parent 7 0 R/Kids[7 0 R]>>", NULL };
    must_not_pass("p06", attack_update(a, approved(), 0, "", nested), "",
                  "a page that is its own parent");
    const char *fields[] = { "5 <</Fields[6 0 R 17 0 R]/SigFlags 3>>", "6 <</T(x)/Kids[6 0 R]>>",
                             NULL };
    must_not_pass("p07", attack_update(a, approved(), 0, "", fields), "refused",
                  "a field that is its own child");
    must_not_pass("p08", attack_put(a, update, "xref\n4 1\n", "xref\n9 1\n"), "",
                  "a cross-reference that names another number");
    const char *huge[] = { "2147483648 (x)", "2147483647 (x)", "10 (x)", NULL };
    must_not_pass("p09", attack_update(a, approved(), 0, "", huge), "", "object number 2^31");
    must_not_pass("p10", attack_put(a, update, "/Size 201", "/Size 2e9"), "",
                  "a size that is none");
    struct bytes gen = attack_put(a, update, "4 0 obj", "4 1 obj");
    size_t row = attack_find(gen, "00000 n\r\ntrailer");
    ((uint8_t *)(uintptr_t)gen.p)[row + 4] = '1';
    must_not_pass("p11", gen, "object-doubled", "another generation of the content");
}

/* What is said in object streams, and in cross-reference streams that only some readers follow. */
static void test_streams(void)
{
#define PAGE_WITH(contents)                                                                        \
    "7 <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents " contents                         \
    " 0 R/Resources<</Font<</F1 3 0 R/F2 15 0 R>>/XObject<</Im1 13 0 R>>>>"                        \
    "/Annots[6 0 R 9 0 R 11 0 R 17 0 R]>>"
    const char *twice[] = { PAGE_WITH("4"), PAGE_WITH("14"), NULL };
    const char *other[] = { PAGE_WITH("14"), PAGE_WITH("4"), NULL };
    const char *content[] = { attack_stream(kit->arena, 4, "", "0 0 m S"), "10 (x)", NULL };
    const char *harmless[] = { "10 <</Type/Metadata>>", NULL };
    bool passed;

    must_not_pass("o00", attack_update_stream(a, approved(), false, twice), "object-doubled",
                  "an object twice in an object stream");
    must_not_pass("o01", attack_update_stream(a, approved(), false, other), "object-doubled",
                  "the other of them first");
    must_not_pass("o02", attack_update_stream(a, approved(), false, content), "content-changed",
                  "content by a cross-reference stream");
    must_not_pass("o03", attack_update_stream(a, approved(), true, content), "content-changed",
                  "content by the stream of a hybrid file");
    const char *line = judged(attack_update_stream(a, approved(), false, harmless), &passed);
    if (!ok(passed && strstr(line, "+metadata-changed"), "metadata in an object stream pass"))
        tap_note("%s", line);
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)1 << 30);
    test_forged();
    arena_reset(a);
    test_saving();
    arena_reset(a);
    test_wrapping();
    arena_reset(a);
    test_by_hand();
    arena_reset(a);
    test_ends();
    arena_reset(a);
    test_cms();
    arena_reset(a);
    test_sneaky();
    arena_reset(a);
    test_parsers();
    arena_reset(a);
    test_streams();
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
