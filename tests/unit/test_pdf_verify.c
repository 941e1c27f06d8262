/* test_pdf_verify.c - the verifier judges signatures of each level, and sees through attacks
 * (P3-06). */
#include "pdf_kit.h"
#include "tap.h"

#include "sign/pdf_append.h"

#include <stdlib.h>

static struct kit *kit;
static struct arena *a;

static struct bytes signed_file(struct bytes pdf, enum pdf_level level, enum kit_key key)
{
    struct buf out = buf_init((size_t)64 << 20);
    struct pdf_sign_result result;
    struct bytes copy = BYTES_ABSENT;
    struct pdf_sign_params p = kit_params(kit, pdf, level, key);

    p.name = STR("山田 太郎");
    p.reason = STR("承認");
    if (pdf_sign(&p, a, &out, &result) == E_OK)
        copy = bytes_dup(a, buf_bytes(&out));
    else
        tap_note("pdf_sign: %s (%s)", fault_current()->reason, fault_current()->detail);
    buf_free(&out);
    return copy;
}

static const struct pdf_report *verify_with(struct bytes pdf, const struct pdf_trust *trust)
{
    static const struct pdf_report none = { .verdict = PDF_TOTAL_FAILED };
    struct pdf_report *r;
    if (kit_verify(pdf, trust, TIMESTAMP_NONE, a, &r) == E_OK)
        return r;
    tap_note("pdf_verify: %s (%s)", fault_current()->reason, fault_current()->detail);
    return &none;
}

static const struct pdf_report *verify(struct bytes pdf)
{
    return verify_with(pdf, kit->trust);
}

static void explain(const struct pdf_report *r)
{
    for (size_t i = 0; i < r->signatures_n; i++) {
        const struct pdf_signature_report *s = &r->signatures[i];
        tap_note("  %s: %s %s level %s later %u", s->field.p, pdf_verify_verdict_name(s->verdict),
                 s->sub_indication, pdf_sign_level_name(s->level), s->later);
        for (size_t k = 0; k < s->reasons_n; k++)
            tap_note("    %s", s->reasons[k].code);
    }
}

static bool has_reason(const struct pdf_signature_report *s, const char *code)
{
    for (size_t i = 0; i < s->reasons_n; i++) {
        if (strcmp(s->reasons[i].code, code) == 0)
            return true;
    }
    return false;
}

/* One signature with this verdict, sub-indication and reason. */
static void expect(struct bytes pdf, size_t i, enum pdf_verdict verdict, const char *sub,
                   const char *reason, const char *name)
{
    const struct pdf_report *r = verify(pdf);
    bool good = i < r->signatures_n && r->signatures[i].verdict == verdict &&
                strcmp(r->signatures[i].sub_indication, sub) == 0 &&
                (!reason || has_reason(&r->signatures[i], reason));
    if (!ok(good, "%s", name))
        explain(r);
}

static void test_levels(void)
{
    static const char *const forms[] = { "table", "stream", "object streams" };

    for (int form = 0; form < KIT_FORM__MAX; form++) {
        for (int level = 0; level < PDF_LEVEL__MAX; level++) {
            struct bytes pdf = kit_pdf(a, (enum kit_form)form, 2, 2000, level % 2);
            enum kit_key key = (enum kit_key)((form + level) % KIT_KEY__MAX);
            struct bytes file = signed_file(pdf, (enum pdf_level)level, key);
            const struct pdf_report *r = verify(file);
            const struct pdf_signature_report *s = r->signatures;
            size_t n = level == PDF_LEVEL_ES_A ? 2 : 1;
            bool good = r->signatures_n == n && r->verdict == PDF_TOTAL_PASSED && s->intact &&
                        s->baseline && s->level == (enum pdf_level)level && s->chain_n == 3 &&
                        s->chain[2].anchor && str_eq_z(s->name, "山田 太郎");
            if (!ok(good, "%s, %s: passes at its level", forms[form],
                    pdf_sign_level_name((enum pdf_level)level)))
                explain(r);
        }
    }
}

static void test_report(void)
{
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 100, false);
    struct bytes file = signed_file(pdf, PDF_LEVEL_ES_A, KIT_P256);
    const struct pdf_report *r = verify(file);
    const struct pdf_signature_report *s = r->signatures;

    if (r->signatures_n != 2) {
        ok(false, "ES-A has a signature and a document time-stamp");
        return;
    }
    is_str(s[0].field, "Signature1", "the field is named");
    is_str(s[0].signature_algorithm, "ECDSA P-256", "the algorithm is named");
    is_str(s[0].digest_algorithm, "SHA-256", "the digest is named");
    is_str(s[0].chain[0].common_name, "P-256", "the signer is named");
    ok(s[0].later == (PDF_LATER_DSS | PDF_LATER_TIMESTAMP), "only validation data and a time-stamp "
                                                            "follow");
    ok(s[0].chain[0].revocation_known && s[0].chain[0].revocation.status == REVOCATION_GOOD,
       "revocation is known from the document");
    ok(s[0].has_token && s[0].best_time.us == s[0].token.time.us, "the time-stamp proves the time");
    ok(s[1].kind == PDF_KIND_DOCUMENT_TIMESTAMP && s[1].later == PDF_LATER_NOTHING,
       "the document time-stamp covers the file");
    kit->revocation_down = true;
    int before = kit->fetch_calls;
    r = verify(file);
    ok(r->signatures[0].level == PDF_LEVEL_ES_A && r->signatures[0].verdict == PDF_TOTAL_PASSED,
       "the signature passes with nothing to be fetched");
    tap_note("%d fetches", kit->fetch_calls - before);
    kit->revocation_down = false;
}

static void test_sequence(void)
{
    struct bytes pdf = kit_pdf(a, KIT_OBJSTM, 1, 500, true);
    struct bytes one = signed_file(pdf, PDF_LEVEL_ES, KIT_RSA2048);
    struct bytes two = signed_file(one, PDF_LEVEL_ES_A, KIT_P256);
    struct bytes three = signed_file(two, PDF_LEVEL_ES_T, KIT_P384);
    const struct pdf_report *r = verify(three);

    ok(r->signatures_n == 4 && r->verdict == PDF_TOTAL_PASSED, "three people sign in sequence");
    ok(r->signatures_n == 4 && r->signatures[0].level == PDF_LEVEL_ES_T,
       "a later document time-stamp lifts the first signature");
    ok(r->signatures_n == 4 && r->signatures[3].later == PDF_LATER_NOTHING &&
           (r->signatures[0].later & PDF_LATER_SIGNATURE),
       "each knows what came later");
    if (r->verdict != PDF_TOTAL_PASSED)
        explain(r);
}

static struct bytes changed(struct bytes file, size_t at, uint8_t x)
{
    struct bytes out = bytes_dup(a, file);
    uint8_t *p = (uint8_t *)(uintptr_t)out.p;
    p[at] ^= x;
    return out;
}

static size_t find(struct bytes file, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = file.n - n;; i--) {
        if (memcmp(file.p + i, what, n) == 0)
            return i;
        if (i == 0)
            return 0;
    }
}

static void test_changes(void)
{
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 3000, false);
    struct bytes file = signed_file(pdf, PDF_LEVEL_ES, KIT_P256);

    expect(changed(file, 1000, 1), 0, PDF_TOTAL_FAILED, "HASH_FAILURE", "digest-mismatch",
           "a flipped bit in the content is a digest mismatch");
    expect(changed(file, find(file, "/Reason") + 20, 1), 0, PDF_TOTAL_FAILED, "HASH_FAILURE",
           "digest-mismatch", "a flipped bit in the reason is a digest mismatch");
    size_t at = find(file, "/Contents<") + 10;
    expect(changed(file, at, 1), 0, PDF_TOTAL_FAILED, "FORMAT_FAILURE", "cms-malformed",
           "a damaged CMS is told as such");
    size_t cms = file.n;
    for (size_t i = at; file.p[i] != '>'; i++) {
        if (file.p[i] != '0')
            cms = i;
    }
    expect(changed(file, cms - 8, file.p[cms - 8] == '1' ? 1 : file.p[cms - 8] ^ '1'), 0,
           PDF_TOTAL_FAILED, "SIG_CRYPTO_FAILURE", "signature-invalid",
           "a changed signature value does not fit");
    int unnoticed = 0;
    for (size_t i = 0; i < file.n; i += 97) {
        struct pdf_report *r;
        if (kit_verify(changed(file, i, 0x10), kit->trust, TIMESTAMP_NONE, a, &r) == E_OK &&
            r->signatures_n == 1 && r->verdict != PDF_TOTAL_FAILED)
            unnoticed++;
    }
    is_int(unnoticed, 0, "no changed byte goes unnoticed");
}

/* Put other numbers into the ByteRange, of the same width. */
static struct bytes with_range(struct bytes file, const char *text)
{
    struct bytes out = bytes_dup(a, file);
    uint8_t *p = (uint8_t *)(uintptr_t)out.p + find(file, "/ByteRange[") + 11;
    memset(p, ' ', 34);
    memcpy(p, text, strlen(text));
    return out;
}

static void test_ranges(void)
{
    struct bytes file = signed_file(kit_pdf(a, KIT_TABLE, 1, 100, false), PDF_LEVEL_ES, KIT_P256);
    size_t gap = find(file, "/Contents<") + 9, resume = find(file, ">>>") + 1;
    struct {
        const char *range, *reason, *name;
    } cases[] = {
        { "0 0 0 0", "byte-range-malformed", "all zero" },
        { "0 -1 5 6", "byte-range-malformed", "negative" },
        { "0 9 9999999 1", "byte-range-malformed", "behind the end" },
        { "null", "byte-range-malformed", "null" },
        { str_fmt(a, "1 %zu %zu %zu", gap - 1, resume, file.n - resume).p, "byte-range-malformed",
          "not from byte 0" },
        { str_fmt(a, "0 %zu %zu %zu", gap - 40, resume, file.n - resume).p, "byte-range-gap",
          "a gap that is too wide" },
        { str_fmt(a, "0 %zu %zu %zu", gap + 2, resume, file.n - resume).p, "byte-range-gap",
          "a gap that is too narrow" },
        { str_fmt(a, "0 %zu %zu %zu", gap, resume, file.n - resume - 30).p, "byte-range-end",
          "an end before the end" },
        { "0 9223372036854775807 2 3", "byte-range-malformed", "numbers that overflow" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(with_range(file, cases[i].range), 0, PDF_TOTAL_FAILED, "FORMAT_FAILURE",
               cases[i].reason, str_fmt(a, "ByteRange: %s is refused", cases[i].name).p);
}

/* Append an update in which `edit` changes what it likes. */
static struct bytes updated(struct bytes file, void (*edit)(struct pdf_append *))
{
    struct pdf_read d;
    struct pdf_append w;
    struct buf tail = buf_init(1 << 20), all = buf_init((size_t)64 << 20);
    struct bytes out = file;

    if (kit_open(file, &d) != E_OK)
        return file;
    pdf_append_init(&w, &d, a, &tail);
    pdf_append_begin(&w);
    edit(&w);
    if (pdf_append_end(&w) == E_OK) {
        buf_add_bytes(&all, file);
        buf_add_bytes(&all, buf_bytes(&tail));
        out = bytes_dup(a, buf_bytes(&all));
    }
    pdf_read_close(&d);
    buf_free(&tail);
    buf_free(&all);
    return out;
}

static void edit_content(struct pdf_append *w)
{
    struct pdf_read_ref page;
    if (pdf_read_first_page(w->doc, &page) != E_OK)
        return;
    uint32_t id = pdf_append_new_id(w);
    pdf_append_stream(w, id, bytes_of_str(STR("BT /F1 24 Tf 72 600 Td (1,000,000 yen) Tj ET")));
    pdf_objects_set(w->doc->qpdf, page.oh, "/Contents", pdf_append_reference(w, id));
    pdf_append_touch(w, page);
}

static void edit_field(struct pdf_append *w)
{
    struct pdf_read_ref f = pdf_read_object(w->doc, 6, 0);
    pdf_objects_set(w->doc->qpdf, f.oh, "/V",
                    pdf_objects_new_string(w->doc->qpdf, bytes_of_str(STR("other"))));
    pdf_append_touch(w, f);
}

static void edit_annotation(struct pdf_append *w)
{
    struct pdf_read_ref page;
    if (pdf_read_first_page(w->doc, &page) != E_OK)
        return;
    uint32_t id = pdf_append_new_id(w);
    pdf_append_object(w, id,
                      STR("<</Type/Annot/Subtype/FreeText/Rect[0 0 500 500]/DA(/H 9 Tf)"
                          "/Contents(evil)>>"));
    struct pdf_read_ref annots = pdf_read_get(w->doc, page, "/Annots");
    pdf_objects_append(w->doc->qpdf, annots.oh, pdf_append_reference(w, id));
    pdf_append_touch(w, annots);
}

/* Page content that is passed off as validation data: the stream is listed in the DSS as well. */
static void edit_as_evidence(struct pdf_append *w)
{
    pdf_append_stream(w, 4, bytes_of_str(STR("BT /F1 24 Tf 72 600 Td (replaced) Tj ET")));
    pdf_object certs = pdf_objects_new_array(w->doc->qpdf),
               dss = pdf_objects_new_dictionary(w->doc->qpdf);
    pdf_objects_append(w->doc->qpdf, certs, pdf_append_reference(w, 4));
    pdf_objects_set(w->doc->qpdf, dss, "/Certs", certs);
    pdf_objects_set(w->doc->qpdf, w->doc->root, "/DSS", dss);
    pdf_append_touch(w, pdf_read_root(w->doc));
}

static void edit_nothing(struct pdf_append *w)
{
    pdf_append_object(w, pdf_append_new_id(w), STR("(an object that nobody uses)"));
}

static void edit_signature(struct pdf_append *w)
{
    struct pdf_read_ref fields =
        pdf_read_get(w->doc, pdf_read_get(w->doc, pdf_read_root(w->doc), "/AcroForm"), "/Fields");
    struct pdf_read_ref last = pdf_read_item(w->doc, fields, pdf_read_length(w->doc, fields) - 1);
    struct pdf_read_ref value = pdf_read_get(w->doc, last, "/V");
    pdf_objects_set(w->doc->qpdf, value.oh, "/Reason",
                    pdf_objects_new_string(w->doc->qpdf, bytes_of_str(STR("no"))));
    pdf_append_touch(w, value);
}

static void test_attacks(void)
{
    static const struct {
        void (*edit)(struct pdf_append *);
        unsigned later;
        const char *reason, *name;
    } cases[] = {
        { edit_content, PDF_LATER_OTHER, "later-other", "replaced page content" },
        { edit_field, PDF_LATER_FORM, "later-form", "a changed form field" },
        { edit_annotation, PDF_LATER_ANNOTATION, "later-annotation", "an added annotation" },
        { edit_as_evidence, PDF_LATER_OTHER, "later-other", "content disguised as evidence" },
        { edit_nothing, PDF_LATER_OTHER, "later-other", "an object out of nowhere" },
    };
    struct bytes file = signed_file(kit_pdf(a, KIT_TABLE, 1, 100, true), PDF_LEVEL_ES, KIT_P256);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes bad = updated(file, cases[i].edit);
        const struct pdf_report *r = verify(bad);
        bool good = bad.n > file.n && r->signatures_n == 1 && r->signatures[0].intact &&
                    r->signatures[0].later == cases[i].later && r->verdict == PDF_INDETERMINATE &&
                    has_reason(r->signatures, cases[i].reason);
        if (!ok(good, "%s after the signature is seen", cases[i].name))
            explain(r);
    }
    const struct pdf_report *r = verify(updated(file, edit_signature));
    ok(r->verdict == PDF_TOTAL_FAILED, "a replaced signature dictionary is refused");
    struct buf b = buf_init((size_t)8 << 20);
    buf_add_bytes(&b, file);
    buf_fmt(&b, "\n%% no cross-reference leads here\n");
    r = verify(buf_bytes(&b));
    ok(r->signatures_n == 1 && r->signatures[0].later == PDF_LATER_OTHER,
       "bytes behind the end are seen");
    buf_free(&b);
}

static void test_trust(void)
{
    struct bytes file = signed_file(kit_pdf(a, KIT_TABLE, 1, 100, false), PDF_LEVEL_ES_T, KIT_P256);
    struct pdf_trust *nobody = pdf_trust_new();
    const struct pdf_report *r = verify_with(file, nobody);

    ok(r->signatures_n == 1 && r->signatures[0].intact &&
           r->signatures[0].verdict == PDF_INDETERMINATE &&
           strcmp(r->signatures[0].sub_indication, "NO_CERTIFICATE_CHAIN_FOUND") == 0,
       "without an anchor the signature is intact and indeterminate");
    pdf_trust_free(nobody);
    kit->revocation_down = true;
    expect(file, 0, PDF_INDETERMINATE, "TRY_LATER", "revocation-unknown",
           "without revocation data the signature is indeterminate");
    kit->revocation_down = false;
    kit->ocsp_down = true;
    expect(file, 0, PDF_TOTAL_PASSED, "", NULL, "a CRL is enough");
    kit->ocsp_down = false;
}

/* Many responders sign their answers hours ahead: then the CRL has to prove it. */
static void test_stale(void)
{
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 100, false);
    kit->ocsp_age_us = HOUR_US;
    struct bytes file = signed_file(pdf, PDF_LEVEL_ES_LT, KIT_P256);
    expect(file, 0, PDF_TOTAL_PASSED, "", NULL, "beside an older answer a CRL proves enough");
    kit->revocation_down = true;
    expect(file, 0, PDF_TOTAL_PASSED, "", NULL, "and it is in the document");
    kit->revocation_down = false;
    kit->ocsp_age_us = 0;
}

static void test_revoked(void)
{
    struct bytes pdf = kit_pdf(a, KIT_TABLE, 1, 100, false);
    struct bytes plain = signed_file(pdf, PDF_LEVEL_ES, KIT_P256);
    struct bytes stamped = signed_file(pdf, PDF_LEVEL_ES_T, KIT_P256);

    kit->revoked = kit->signer[KIT_P256].cert;
    kit->revoked_reason = 4;
    kit->revoked_before_us = HOUR_US;
    expect(plain, 0, PDF_INDETERMINATE, "REVOKED_NO_POE", "revoked-no-proof",
           "a revoked signer without proof of time is indeterminate");
    expect(stamped, 0, PDF_TOTAL_FAILED, "REVOKED", "revoked",
           "a signer revoked before the time-stamp fails");
    kit->revoked_before_us = -2 * SECOND_US; /* a moment later than the time-stamp */
    expect(stamped, 0, PDF_TOTAL_PASSED, "", "revoked-later",
           "a time-stamp before the revocation saves the signature");
    kit->revoked = kit->tsa.cert;
    kit->revoked_reason = 1;
    expect(stamped, 0, PDF_TOTAL_PASSED, "", "timestamp-revoked",
           "a time-stamp of a compromised TSA proves nothing");
    kit->revoked = NULL;
}

/* Signers are certified for one year, TSA and responder for ten. */
static void test_expired(void)
{
    static const struct {
        enum pdf_level level;
        int64_t days;
        enum pdf_verdict verdict;
        const char *sub, *reason, *name;
    } cases[] = {
        { PDF_LEVEL_ES, 500, PDF_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", "chain-expired",
          "ES does not outlive the signer's certificate" },
        { PDF_LEVEL_ES_LT, 500, PDF_TOTAL_PASSED, "", NULL,
          "ES-LT outlives the signer's certificate by its time-stamp" },
        { PDF_LEVEL_ES_A, 500, PDF_TOTAL_PASSED, "", NULL,
          "ES-A outlives the signer's certificate" },
        { PDF_LEVEL_ES_A, 4000, PDF_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", "chain-expired",
          "nothing outlives the TSA's certificate without renewal" },
        { PDF_LEVEL_ES, -30, PDF_TOTAL_FAILED, "NOT_YET_VALID", "chain-not-yet-valid",
          "a certificate of the future is refused" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pdf_report *r;
        struct bytes file =
            signed_file(kit_pdf(a, KIT_STREAM, 1, 100, false), cases[i].level, KIT_P256);
        struct timestamp at = timestamp_add(clock_now(), cases[i].days * DAY_US);
        bool good = kit_verify(file, kit->trust, at, a, &r) == E_OK &&
                    r->signatures[0].verdict == cases[i].verdict &&
                    strcmp(r->signatures[0].sub_indication, cases[i].sub) == 0 &&
                    (!cases[i].reason || has_reason(r->signatures, cases[i].reason));
        if (!ok(good, "%s", cases[i].name))
            explain(r);
    }
}

static void test_rest(void)
{
    struct pdf_report *r;
    is_err(kit_verify(kit_pdf(a, KIT_STREAM, 1, 10, true), kit->trust, TIMESTAMP_NONE, a, &r), E_OK,
           "a PDF without signatures can be looked at");
    ok(r->signatures_n == 0 && r->verdict == PDF_INDETERMINATE, "it has none");
    is_err(kit_verify(bytes_of_str(STR("hello")), kit->trust, TIMESTAMP_NONE, a, &r), E_INPUT,
           "what is no PDF is refused");
    is_str(str_z(fault_current()->reason), "pdf-not", "and the reason is told");
    for (const struct pdf_reason *p = pdf_verify_reasons; p->code; p++) {
        if (!p->text || strlen(p->text) < 10)
            ok(false, "%s has a text", p->code);
    }
    is_str(str_z(pdf_verify_verdict_name(PDF_INDETERMINATE)), "indeterminate",
           "verdicts have names");
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)1 << 30);
    test_levels();
    test_report();
    test_sequence();
    arena_reset(a);
    test_changes();
    arena_reset(a);
    test_ranges();
    test_attacks();
    test_trust();
    test_stale();
    test_revoked();
    test_expired();
    test_rest();
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
