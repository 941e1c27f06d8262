/*
 * test_pdf_extend.c - signed files gain time-stamps and validation data without any key: level by
 * level, again at renewal, and not at all when the evidence cannot be had (P3-10, P3-26).
 */
#include "pdf_kit.h"
#include "tap.h"

#include "sign/pdf_extend.h"

static struct kit *kit;
static struct arena *a;
static struct buf out;

static enum err extend(struct bytes pdf, enum pdf_extend_kind kind, struct pdf_sign_result *r)
{
    struct pdf_extend_params p = {
        .source = pdf_source_memory(pdf), .kind = kind, .tsa = &kit->authority, .trust = kit->trust
    };
    fault_clear();
    return pdf_extend(&p, a, &out, r);
}

static struct bytes extended(struct bytes pdf, enum pdf_extend_kind kind, const char *name)
{
    struct pdf_sign_result r;
    enum err rc = extend(pdf, kind, &r);
    struct bytes file = bytes_dup(a, buf_bytes(&out));
    struct bytes32 before = sha256(pdf), after = sha256(file);
    bool good = rc == E_OK && file.n > pdf.n && memcmp(file.p, pdf.p, pdf.n) == 0 &&
                bytes32_eq(&before, &r.digest_in) && bytes32_eq(&after, &r.digest_out) &&
                r.size_out == file.n && (r.archive.der.n > 0) == (kind != PDF_EXTEND_VALIDATION);
    if (!ok(good, "%s", name))
        tap_note("err %d, reason %s, detail %s", rc, fault_current()->reason,
                 fault_current()->detail);
    return file;
}

static void refused(struct bytes pdf, enum pdf_extend_kind kind, const char *reason,
                    const char *name)
{
    struct pdf_sign_result r;
    enum err rc = extend(pdf, kind, &r);
    if (!ok(rc != E_OK && rc != E_INTERNAL && out.n == 0 &&
                strcmp(fault_current()->reason, reason) == 0,
            "%s: %s", name, reason))
        tap_note("err %d, reason %s, detail %s", rc, fault_current()->reason,
                 fault_current()->detail);
}

static struct bytes made(enum kit_form form, enum pdf_level level, enum kit_key key)
{
    struct pdf_sign_params p = kit_params(kit, kit_pdf(a, form, 1, 500, false), level, key);
    struct pdf_sign_result r;
    is_err(pdf_sign(&p, a, &out, &r), E_OK, pdf_sign_level_name(level));
    return bytes_dup(a, buf_bytes(&out));
}

/* All pass, the first has this level. */
static void reached(struct bytes file, size_t n, enum pdf_level level, const char *name)
{
    struct pdf_source s = pdf_source_memory(file);
    struct pdf_report *r = NULL;
    bool good = pdf_verify(&s, NULL, kit->trust, TIMESTAMP_NONE, a, &r) == E_OK &&
                r->verdict == PDF_TOTAL_PASSED && r->signatures_n == n &&
                r->signatures[0].level == level;
    if (!ok(good, "%s: %s", name, pdf_sign_level_name(level))) {
        for (size_t i = 0; r && i < r->signatures_n; i++) {
            tap_note("%zu: level %d, verdict %d", i, r->signatures[i].level,
                     r->signatures[i].verdict);
            for (size_t k = 0; k < r->signatures[i].reasons_n; k++)
                tap_note("%zu: %s", i, r->signatures[i].reasons[k].code);
        }
    }
}

static void test_levels(void)
{
    for (int form = 0; form < KIT_FORM__MAX; form++) {
        struct bytes file = made((enum kit_form)form, PDF_LEVEL_ES, KIT_P256);
        file = extended(file, PDF_EXTEND_TIMESTAMP, "a timestamp is added");
        file = extended(file, PDF_EXTEND_VALIDATION, "then validation data");
        reached(file, 2, PDF_LEVEL_ES_LT, "stamped before the evidence was there");
        refused(file, PDF_EXTEND_VALIDATION, "extend-nothing", "the same again");
        file = extended(file, PDF_EXTEND_ARCHIVE, "then archived");
        reached(file, 3, PDF_LEVEL_ES_A, "archived");
        file = extended(file, PDF_EXTEND_ARCHIVE, "the archive is renewed");
        reached(file, 4, PDF_LEVEL_ES_A, "renewed");
    }
    struct bytes file = made(KIT_TABLE, PDF_LEVEL_ES_T, KIT_P384);
    reached(extended(file, PDF_EXTEND_VALIDATION, "validation data of ES-T"), 1, PDF_LEVEL_ES_LT,
            "it is");
    reached(extended(file, PDF_EXTEND_ARCHIVE, "archive of ES-T"), 2, PDF_LEVEL_ES_A, "it is");
    file = kit_pdf(a, KIT_STREAM, 1, 100, true);
    file = extended(file, PDF_EXTEND_TIMESTAMP, "an unsigned file gets a timestamp only");
    reached(extended(file, PDF_EXTEND_ARCHIVE, "which is archived in turn"), 2, PDF_LEVEL_ES,
            "two timestamps");
}

/* Signers who follow each other need evidence each; what is there already is not fetched again. */
static void test_several(void)
{
    struct bytes file = made(KIT_OBJSTM, PDF_LEVEL_ES_T, KIT_P256);
    struct pdf_sign_params p = kit_params(kit, file, PDF_LEVEL_ES_T, KIT_RSA2048);
    struct pdf_sign_result r;

    is_err(pdf_sign(&p, a, &out, &r), E_OK, "a second signer");
    file = bytes_dup(a, buf_bytes(&out));
    file = extended(file, PDF_EXTEND_ARCHIVE, "both are archived in one go");
    reached(file, 3, PDF_LEVEL_ES_A, "the first");
    int before = kit->fetch_calls;
    extended(file, PDF_EXTEND_ARCHIVE, "renewal");
    ok(kit->fetch_calls - before <= 2, "asks only about the last timestamp (%d)",
       kit->fetch_calls - before);
    p = kit_params(kit, kit_pdf(a, KIT_TABLE, 1, 100, false), PDF_LEVEL_ES, KIT_P256);
    p.certify = 1;
    is_err(pdf_sign(&p, a, &out, &r), E_OK, "a certification without any change");
    file = extended(bytes_dup(a, buf_bytes(&out)), PDF_EXTEND_ARCHIVE, "may be archived");
    reached(file, 2, PDF_LEVEL_ES_A, "which is allowed under P=1");
}

static void test_refusals(void)
{
    struct bytes plain = kit_pdf(a, KIT_TABLE, 1, 100, false);
    struct bytes file = made(KIT_TABLE, PDF_LEVEL_ES_T, KIT_P256);
    struct bytes flipped = bytes_dup(a, file);

    ((uint8_t *)(uintptr_t)flipped.p)[20] ^= 1;
    refused(plain, PDF_EXTEND_VALIDATION, "extend-unsigned", "validation data of nothing");
    refused(plain, PDF_EXTEND_ARCHIVE, "extend-unsigned", "an archive of nothing");
    refused(flipped, PDF_EXTEND_ARCHIVE, "extend-broken", "a file that was changed");
    kit->revocation_down = true;
    refused(file, PDF_EXTEND_VALIDATION, "revocation-unavailable", "no evidence to be had");
    refused(file, PDF_EXTEND_ARCHIVE, "revocation-unavailable", "nor for an archive");
    kit->revocation_down = false;
    kit->tsa_mode = KIT_TSA_DOWN;
    refused(file, PDF_EXTEND_ARCHIVE, "tsa-unavailable", "no timestamp to be had");
    kit->tsa_mode = KIT_TSA_HUGE;
    refused(file, PDF_EXTEND_ARCHIVE, "signature-too-large", "a token that does not fit");
    kit->tsa_mode = KIT_TSA_GOOD;
    kit->revoked = kit->signer[KIT_P256].cert;
    kit->revoked_before_us = HOUR_US;
    refused(file, PDF_EXTEND_ARCHIVE, "certificate-revoked", "revoked before it was used");
    kit->revoked = NULL;
    extended(file, PDF_EXTEND_ARCHIVE, "as it was");
}

/* A token that outgrew its room tells how large it is: with that room it fits. */
static void test_room(void)
{
    struct bytes file = made(KIT_TABLE, PDF_LEVEL_ES_T, KIT_P256);
    struct pdf_sign_params p =
        kit_params(kit, kit_pdf(a, KIT_TABLE, 1, 100, false), PDF_LEVEL_ES_A, KIT_P256);
    struct pdf_sign_result r;

    kit->tsa_mode = KIT_TSA_HUGE;
    is_err(extend(file, PDF_EXTEND_TIMESTAMP, &r), E_LIMIT, "a huge chain of the TSA");
    ok(r.archive.der.n > 12288, "its token has %zu bytes", r.archive.der.n);
    kit->authority.token_room = r.archive.der.n + 1024;
    reached(extended(file, PDF_EXTEND_TIMESTAMP, "with room for it"), 2, PDF_LEVEL_ES_T, "fits");
    is_err(pdf_sign(&p, a, &out, &r), E_OK, "so does a signature at ES-A");
    reached(bytes_dup(a, buf_bytes(&out)), 2, PDF_LEVEL_ES_A, "which is valid");
    kit->tsa_mode = KIT_TSA_GOOD;
    kit->authority.token_room = 0;
    p = kit_params(kit, kit_pdf(a, KIT_TABLE, 1, 100, false), PDF_LEVEL_ES_T, KIT_P256);
    is_err(pdf_sign(&p, a, &out, &r), E_OK, "an ordinary one");
    size_t before = out.n;
    kit->authority.token_room = r.token.der.n + 256;
    is_err(pdf_sign(&p, a, &out, &r), E_OK, "with the room that it needs");
    ok(out.n < before, "takes %zu bytes less", before - out.n);
    kit->authority.token_room = 0;
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)512 << 20);
    out = buf_init(64 << 20);
    test_levels();
    test_several();
    test_refusals();
    test_room();
    buf_free(&out);
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
