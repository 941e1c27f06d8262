/*
 * test_pdf_kinds.c - certifications, locks and the demands of a field's author: what is allowed is
 * signed as it should be, what is forbidden is refused with its reason (ISO 32000-2 12.7.5.5,
 * 12.8.2).
 */
#include "pdf_kit.h"
#include "tap.h"

#include "sign/pdf_field.h"

static struct kit *kit;
static struct arena *a;
static struct buf out;

static struct bytes sign_as(struct pdf_sign_params *p, const char *name)
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

static bool holds(struct bytes file, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = 0; i + n <= file.n; i++) {
        if (memcmp(file.p + i, what, n) == 0)
            return true;
    }
    return false;
}

static struct pdf_report *judged(struct bytes file)
{
    struct pdf_report *report = NULL;
    struct pdf_source s = pdf_source_memory(file);
    is_err(pdf_verify(&s, NULL, kit->trust, TIMESTAMP_NONE, a, &report), E_OK, "it can be judged");
    return report;
}

static void passed(struct bytes file, size_t signatures, const char *name)
{
    struct pdf_report *r = judged(file);
    bool good = r && r->signatures_n == signatures && r->verdict == PDF_TOTAL_PASSED;
    if (!ok(good, "%s", name)) {
        for (size_t i = 0; r && i < r->signatures_n; i++) {
            for (size_t k = 0; k < r->signatures[i].reasons_n; k++)
                tap_note("signature %zu: %s", i, r->signatures[i].reasons[k].code);
        }
    }
}

static void test_certify(void)
{
    for (int p = 1; p <= 3; p++) {
        for (int form = 0; form < KIT_FORM__MAX; form++) {
            struct bytes pdf = kit_pdf(a, (enum kit_form)form, 2, 500, form == KIT_TABLE);
            struct pdf_sign_params sp = kit_params(kit, pdf, PDF_LEVEL_ES_A, KIT_P256);
            sp.certify = p;
            struct bytes file = sign_as(&sp, "certified");
            ok(holds(file, str_fmt(a, "/TransformParams<</Type/TransformParams/P %d/V/1.2>>", p).p),
               "P=%d is in the signature", p);
            struct pdf_report *r = judged(file);
            ok(r->verdict == PDF_TOTAL_PASSED && r->signatures_n == 2 &&
                   r->signatures[0].certification == p,
               "P=%d at ES-A passes: validation data and timestamp are always allowed", p);
            sp = kit_params(kit, file, PDF_LEVEL_ES_T, KIT_RSA2048);
            if (p == 1)
                refused(&sp, "certified-no-changes", "a second signature under P=1");
            else
                passed(sign_as(&sp, "signed again"), 3, "an approval after a certification");
            sp.certify = 2;
            refused(&sp, p == 1 ? "certified-no-changes" : "certified-already",
                    "a second certification");
        }
    }
    struct bytes pdf = kit_pdf(a, KIT_STREAM, 1, 100, false);
    struct pdf_sign_params sp = kit_params(kit, pdf, PDF_LEVEL_ES, KIT_P256);
    sp = kit_params(kit, sign_as(&sp, "an approval"), PDF_LEVEL_ES, KIT_P256);
    sp.certify = 2;
    refused(&sp, "certify-not-first", "a certification of a signed document");
}

static void test_lock(void)
{
    struct bytes pdf = kit_pdf(a, KIT_OBJSTM, 1, 100, true);
    struct pdf_sign_params sp = kit_params(kit, pdf, PDF_LEVEL_ES_A, KIT_P256);

    sp.lock = true;
    struct bytes file = sign_as(&sp, "the last signature locks");
    ok(holds(file, "/TransformMethod/FieldMDP") && holds(file, "/Lock<</Type/SigFieldLock"),
       "in the signature and in its field");
    passed(file, 2, "and is valid");
    sp = kit_params(kit, file, PDF_LEVEL_ES, KIT_P256);
    refused(&sp, "certified-no-changes", "a signature after it");
    sp = kit_params(kit, pdf, PDF_LEVEL_ES_LT, KIT_P256);
    sp.lock = true;
    sp.certify = 2;
    passed(sign_as(&sp, "a certification that locks"), 1, "is valid");
}

#define FORM(seed)                                                                                 \
    {                                                                                              \
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",                                \
            "<</Type/Pages/Count 1/Kids[3 0 R]>>",                                                 \
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Annots[4 0 R]>>",                       \
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Boss)/Rect[9 9 60 30]/F 4/P 3 0 R" seed ">>"    \
    }

static struct pdf_sign_params with(const char *const *objects)
{
    struct bytes pdf = kit_pdf_of(a, KIT_STREAM, objects, 4);
    return kit_params(kit, pdf, PDF_LEVEL_ES, KIT_P256);
}
#define WITH(seed) with((const char *const[])FORM(seed))
#define SEED(text) WITH("/SV<</Type/SV" text ">>")

static void test_choice(void)
{
    struct pdf_sign_params sp = WITH("");
    struct pdf_sign_result r;

    is_err(pdf_sign(&sp, a, &out, &r), E_OK, "the only empty field");
    is_str(r.field, "Boss", "is filled without being named");
    sp.field = STR("Extra");
    is_err(pdf_sign(&sp, a, &out, &r), E_OK, "another name");
    is_str(r.field, "Extra", "makes a field");
    sp = WITH("/Lock<</Type/SigFieldLock/Action/Exclude/Fields[(Second)]>>");
    struct bytes file = sign_as(&sp, "a field with a lock");
    ok(holds(file, "/Action /Exclude"), "writes what it locks into the signature");
    sp = kit_params(kit, file, PDF_LEVEL_ES, KIT_P256);
    refused(&sp, "signature-locked", "a field that is locked now");
    sp.field = STR("Second");
    passed(sign_as(&sp, "the one that is left out"), 2, "both are valid");
}

static void test_seeds(void)
{
    struct pdf_sign_params sp = SEED("/Ff 1/Filter/Adobe.PPKLite");
    passed(sign_as(&sp, "a filter that is ours"), 1, "is obeyed");
    sp = SEED("/Ff 2/SubFilter[/adbe.pkcs7.detached]");
    refused(&sp, "seed-subfilter", "another format");
    sp = SEED("/SubFilter[/adbe.pkcs7.detached]");
    sign_as(&sp, "another format that is only proposed");
    sp = SEED("/Ff 64/DigestMethod[/SHA1/SHA512]");
    refused(&sp, "seed-digest", "other digests");
    sp = SEED("/Ff 64/DigestMethod[/SHA1/SHA256]");
    sign_as(&sp, "a digest among others");
    sp = SEED("/Ff 4/V 9");
    refused(&sp, "seed-version", "a later version of seed values");
    sp = SEED("/Ff 8/Reasons[(I agree)(I do not)]");
    refused(&sp, "seed-reason", "no reason where one is demanded");
    sp.reason = STR("I agree");
    sign_as(&sp, "one of the reasons");
    sp.reason = STR("Because");
    refused(&sp, "seed-reason", "another reason");
    sp = SEED("/Ff 8/Reasons[(Only one)]");
    ok(holds(sign_as(&sp, "a single reason"), "/Reason(Only one)"), "is written");
    sp = SEED("/Ff 8/Reasons[(.)]");
    sp.reason = STR("I agree");
    refused(&sp, "seed-reason", "a reason where none is allowed");
    sp = SEED("/Ff 16/LegalAttestation[(nothing hidden)]");
    refused(&sp, "seed-legal-attestation", "an attestation");
    sp = SEED("/TimeStamp<</Ff 1/URL(http://tsa.example/)>>");
    refused(&sp, "seed-timestamp", "ES where a timestamp is demanded");
    sp.level = PDF_LEVEL_ES_T;
    sign_as(&sp, "ES-T there");
    sp = SEED("/Ff 32/AddRevInfo true");
    refused(&sp, "seed-revocation", "ES where revocation data is demanded");
    sp.level = PDF_LEVEL_ES_LT;
    sign_as(&sp, "ES-LT there");
    sp = SEED("/Ff 256/AppearanceFilter(Standard)");
    refused(&sp, "seed-appearance", "a viewer's own look");
    sp = SEED("/Ff 1024");
    refused(&sp, "seed-unknown", "a flag that is not known");
}

static void test_seed_permissions(void)
{
    struct pdf_sign_params sp = SEED("/MDP<</P 2>>");
    struct pdf_report *r = judged(sign_as(&sp, "a field for a certification"));

    ok(r->signatures[0].certification == 2, "certifies");
    sp = SEED("/MDP<</P 0>>");
    sp.certify = 1;
    refused(&sp, "seed-certification", "a certification in a field for an approval");
    sp = SEED("/Ff 128/LockDocument/true");
    ok(holds(sign_as(&sp, "a field that locks the document"), "/FieldMDP"), "locks it");
}

static struct str hex_of(struct bytes der)
{
    struct buf b = buf_init(1 << 20);
    struct str s;
    for (size_t i = 0; i < der.n; i++)
        buf_fmt(&b, "%02x", der.p[i]);
    (void)!buf_to_str(&b, a, &s);
    buf_free(&b);
    return s;
}

static struct pdf_sign_params seed_cert(const char *entries)
{
    const char *field = str_fmt(a,
                                "<</Type/Annot/Subtype/Widget/FT/Sig/T(Boss)/Rect[9 9 60 30]"
                                "/SV<</Type/SV/Cert<</Type/SVCert%s>>>>>>",
                                entries)
                            .p;
    const char *const objects[] = FORM("");
    const char *all[] = { objects[0], objects[1], objects[2], field };
    return with(all);
}

static void test_seed_certificates(void)
{
    struct str mine = hex_of(kit->signer[KIT_P256].der), other = hex_of(kit->stranger.der);
    struct str ca = hex_of(kit->ca.der);
    struct pdf_sign_params sp = seed_cert(str_fmt(a, "/Ff 1/Subject[<%s><%s>]", other.p, mine.p).p);

    sign_as(&sp, "the certificate that is demanded");
    sp = seed_cert(str_fmt(a, "/Ff 1/Subject[<%s>]", other.p).p);
    refused(&sp, "seed-certificate", "another's certificate");
    sp = seed_cert(str_fmt(a, "/Ff 2/Issuer[<%s>]", ca.p).p);
    sign_as(&sp, "the issuer that is demanded");
    sp = seed_cert(str_fmt(a, "/Ff 2/Issuer[<%s>]", other.p).p);
    refused(&sp, "seed-certificate", "another issuer");
    sp = seed_cert("/Ff 8/SubjectDN[<</CN(Nobody)>>]");
    refused(&sp, "seed-certificate", "another name");
    sp = seed_cert("/Ff 4/OID[(1.2.3.4)]");
    refused(&sp, "seed-certificate", "a policy that it has not");
    sp = seed_cert("/Ff 32/KeyUsage[(XXXXX1)]");
    refused(&sp, "seed-certificate", "a usage that it has not");
    sp = seed_cert("/Ff 32/KeyUsage[(0)(XXXXX0)]");
    sign_as(&sp, "a usage that it has");
    sp = seed_cert("/Ff 64/URL(https://a.example/)/URLType/ASSP");
    refused(&sp, "seed-service", "a signing service elsewhere");
    sp = seed_cert("/Ff 4096");
    refused(&sp, "seed-unknown", "a flag that is not known");
    sp = seed_cert("/Ff 0/Subject[(x)]");
    sign_as(&sp, "what is only proposed");
}

static void test_offers(void)
{
    struct pdf_sign_params sp = SEED("/Ff 8/Reasons[(Yes)(No)]/MDP<</P 2>>");
    struct pdf_field_offer *offers;
    struct pdf_read d;
    size_t n;

    is_err(pdf_read_open(&sp.source, NULL, &d), E_OK, "opened");
    is_err(pdf_field_offers(&d, a, &offers, &n), E_OK, "empty fields are listed");
    ok(n == 1 && str_eq_z(offers[0].name, "Boss") && offers[0].visible && offers[0].certify == 2 &&
           offers[0].reasons_n == 2 && !offers[0].locks,
       "with what they demand");
    pdf_read_close(&d);
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)512 << 20);
    out = buf_init(64 << 20);
    test_certify();
    test_lock();
    test_choice();
    test_seeds();
    test_seed_permissions();
    test_seed_certificates();
    test_offers();
    buf_free(&out);
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
