/*
 * test_pdf_past.c - validation of the past (ETSI EN 319 102-1 5.6): what a proof of existence
 * saves, what it does not, and what the report says about where its evidence came from.
 */
#include "attack_kit.h"
#include "tap.h"

#include "sign/pdf_extend.h"

#include <stdlib.h>

#define YEAR_US (365 * DAY_US)

static struct kit *kit;
static struct arena *a;

static const struct pdf_report *verify_at(struct bytes file, int64_t later_us)
{
    static const struct pdf_report none = { .verdict = PDF_TOTAL_FAILED };
    struct pdf_report *r;
    if (kit_verify(file, kit->trust, timestamp_add(clock_now(), later_us), a, &r) == E_OK)
        return r;
    tap_note("refused: %s (%s)", fault_current()->reason, fault_current()->detail);
    return &none;
}

static bool has_reason(const struct pdf_signature_report *s, const char *code)
{
    for (size_t i = 0; i < s->reasons_n; i++) {
        if (strcmp(s->reasons[i].code, code) == 0)
            return true;
    }
    return false;
}

static void expect(const struct pdf_report *r, enum pdf_verdict verdict, const char *sub,
                   const char *reason, const char *name)
{
    bool good = r->signatures_n > 0 && r->signatures[0].verdict == verdict &&
                strcmp(r->signatures[0].sub_indication, sub) == 0 &&
                (!reason[0] || has_reason(&r->signatures[0], reason));
    if (!ok(good, "%s", name))
        attack_explain(r);
}

static struct bytes make(enum pdf_level level)
{
    return attack_signed(kit, a, kit_pdf(a, KIT_TABLE, 1, 100, false), level, 0, NULL, false);
}

static struct bytes renewed(struct bytes file, int64_t later_us)
{
    struct buf out = buf_init((size_t)64 << 20);
    struct pdf_extend_params p = { .source = pdf_source_memory(file),
                                   .kind = PDF_EXTEND_ARCHIVE,
                                   .tsa = &kit->authority,
                                   .trust = kit->trust,
                                   .when = timestamp_add(clock_now(), later_us) };
    struct pdf_sign_result result;

    kit->shift_us = later_us;
    kit->authority.now = p.when;
    if (pdf_extend(&p, a, &out, &result) != E_OK)
        tap_note("pdf_extend: %s (%s)", fault_current()->reason, fault_current()->detail);
    kit->shift_us = 0;
    kit->authority.now = TIMESTAMP_NONE;
    struct bytes copy = bytes_dup(a, buf_bytes(&out));
    buf_free(&out);
    return copy;
}

static void test_renewal(void)
{
    struct bytes file = renewed(make(PDF_LEVEL_ES_A), 9 * YEAR_US);

    kit->revocation_down = true;
    const struct pdf_report *r = verify_at(file, 9 * YEAR_US + HOUR_US);
    const struct pdf_signature_report *s = r->signatures;
    if (r->signatures_n != 3) {
        ok(false, "the renewed file has three");
        attack_explain(r);
        return;
    }
    expect(r, PDF_TOTAL_PASSED, "", "", "an archive signature passes years after the signer's end");
    ok(s->past && s->control_time.us < timestamp_add(clock_now(), DAY_US).us,
       "by what was true at the proven time");
    is_str(str_z(s->etsi_level), "PAdES-B-LTA", "the level has its ETSI name");
    ok(s->chain[0].source == PDF_EVIDENCE_DOCUMENT &&
           !timestamp_is_none(s->chain[0].evidence_proven),
       "the evidence about the signer is in the document, and proven");
    ok(s->chain[s->chain_n - 1].source == PDF_EVIDENCE_EXEMPT, "an anchor needs none");
    ok(s->token_believed && s->tsa_chain_n > 1 && s->tsa_chain[0].source == PDF_EVIDENCE_DOCUMENT,
       "the chain of the time-stamp is told as well");
    kit->revocation_down = false;
}

static void test_levels(void)
{
    static const char *const names[] = { "PAdES-B-B", "PAdES-B-T", "PAdES-B-LT", "PAdES-B-LTA" };
    for (int level = 0; level < PDF_LEVEL__MAX; level++) {
        const struct pdf_report *r = verify_at(make((enum pdf_level)level), 0);
        is_str(str_z(r->signatures_n ? r->signatures[0].etsi_level : "none"), names[level],
               "each level has its ETSI name");
    }
}

/* What was said after the certificate's end says nothing: lists need not keep the ended ones. */
static void test_late_evidence(void)
{
    struct bytes file = make(PDF_LEVEL_ES_T);

    expect(verify_at(file, 0), PDF_TOTAL_PASSED, "", "", "ES-T passes by what is fetched in time");
    is_int(verify_at(file, 0)->signatures[0].chain[0].source, PDF_EVIDENCE_FETCHED,
           "which is told as fetched");
    kit->shift_us = 2 * YEAR_US;
    expect(verify_at(file, 2 * YEAR_US), PDF_INDETERMINATE, "REVOCATION_OUT_OF_BOUNDS_NO_POE",
           "revocation-unproven", "evidence from after the signer's end does not count");
    kit->shift_us = 0;
    struct bytes lasting = make(PDF_LEVEL_ES_LT);
    kit->shift_us = 2 * YEAR_US;
    expect(verify_at(lasting, 2 * YEAR_US), PDF_TOTAL_PASSED, "", "",
           "evidence that the document carries from then does");
    kit->shift_us = 0;
}

static void test_revoked_issuer(void)
{
    struct bytes plain = make(PDF_LEVEL_ES), stamped = make(PDF_LEVEL_ES_A);

    kit->revoked = kit->ca.cert;
    kit->revoked_reason = 4;
    kit->revoked_before_us = HOUR_US;
    expect(verify_at(plain, 0), PDF_INDETERMINATE, "REVOKED_CA_NO_POE", "issuer-revoked",
           "an issuer that is revoked leaves a signature without proof open");
    kit->revoked = NULL;
    kit->revocation_down = true;
    expect(verify_at(stamped, DAY_US), PDF_TOTAL_PASSED, "", "",
           "an archive signature needs nothing from outside");
    kit->revocation_down = false;
}

/* The last time-stamp's authority is revoked: it proves nothing, the one before it still does. */
static void test_revoked_authority(void)
{
    struct bytes file = make(PDF_LEVEL_ES_A);

    kit->revoked = kit->tsa.cert;
    kit->revoked_reason = 1;
    kit->revoked_before_us = -HOUR_US;
    const struct pdf_report *r = verify_at(file, 0);
    ok(r->signatures_n == 2 && r->signatures[1].verdict == PDF_INDETERMINATE &&
           has_reason(&r->signatures[1], "timestamp-revoked"),
       "a document time-stamp of a compromised authority proves nothing");
    kit->revoked_reason = 4;
    r = verify_at(file, 0);
    ok(r->signatures_n == 2 && r->verdict == PDF_TOTAL_PASSED,
       "one of an authority that has merely closed since still does");
    kit->revoked = NULL;
}

int main(void)
{
    kit = kit_new();
    a = arena_new((size_t)1 << 30);
    test_levels();
    test_renewal();
    test_late_evidence();
    test_revoked_issuer();
    test_revoked_authority();
    arena_free(a);
    kit_free(kit);
    return tap_done();
}
